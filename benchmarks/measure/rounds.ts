/**
 * Times contenders round by round, each once a round and in turning order, so that a slow minute of the machine hits all
 * of them. Rates are medians over the rounds; ratios are taken within a round and their median is reported.
 */
import { performance } from 'node:perf_hooks'
import type { Benchmark, Contender } from './benchmark.ts'

export interface RoundOptions {
  readonly rounds: number
  readonly roundMs: number
  readonly warmUpMs: number
}

export interface Spread {
  readonly median: number
  readonly least: number
  readonly most: number
}

export interface Timing {
  readonly name: string
  readonly perSecond: Spread
  /** How many times as fast the first contender is, per round. */
  readonly firstIsTimes: Spread
}

interface Lane {
  readonly contender: Contender
  readonly runs: number
  readonly rates: number[]
}

/** Keeps results alive, so that no run can be optimized away. */
export const kept: { last: unknown } = { last: undefined }

export async function timeRounds(benchmark: Benchmark, options: RoundOptions): Promise<Timing[]> {
  const lanes: Lane[] = []
  for (const contender of benchmark.contenders) {
    lanes.push({ contender, runs: await runsPerRound(contender, options), rates: [] })
  }
  for (let round = 0; round < options.rounds; round++) {
    for (let step = 0; step < lanes.length; step++) {
      const lane = lanes[(round + step) % lanes.length]
      if (lane === undefined) continue
      // What the one before left behind is not for this one to sweep up.
      globalThis.gc?.()
      const elapsedMs = await timeRuns(lane.contender, lane.runs)
      lane.rates.push((lane.runs * benchmark.unitsPerRun * 1000) / elapsedMs)
    }
  }
  const [first] = lanes
  return lanes.map(({ contender, rates }) => ({
    name: contender.name,
    perSecond: spreadOf(rates),
    firstIsTimes: spreadOf(rates.map((rate, round) => (first?.rates[round] ?? Number.NaN) / rate)),
  }))
}

export function spreadOf(values: readonly number[]): Spread {
  const sorted = [...values].sort((left, right) => left - right)
  const middle = (sorted.length - 1) / 2
  const low = sorted[Math.floor(middle)] ?? Number.NaN
  const high = sorted[Math.ceil(middle)] ?? Number.NaN
  return { median: (low + high) / 2, least: sorted[0] ?? Number.NaN, most: sorted.at(-1) ?? Number.NaN }
}

/** Warms up, in growing steps, and tells how many runs fill a round. */
async function runsPerRound(contender: Contender, options: RoundOptions): Promise<number> {
  let runs = 1
  let warmMs = 0
  for (;;) {
    const elapsedMs = Math.max(await timeRuns(contender, runs), 0.001)
    warmMs += elapsedMs
    if (warmMs >= options.warmUpMs && elapsedMs >= options.roundMs / 4)
      return Math.max(1, Math.ceil((runs * options.roundMs) / elapsedMs))
    if (elapsedMs < options.roundMs) runs *= 2
  }
}

async function timeRuns(contender: Contender, runs: number): Promise<number> {
  const { run } = contender
  const start = performance.now()
  if (contender.isAsync) for (let left = runs; left > 0; left--) kept.last = await run()
  else for (let left = runs; left > 0; left--) kept.last = run()
  return performance.now() - start
}
