/**
 * Times contenders round by round, each once a round and in turning order, so that a slow minute of the machine hits all
 * of them. Rates are medians over the rounds; ratios are taken within a round and their median is reported.
 *
 * What counts is the CPU time of the whole process, collector and thread pool with it: a second of it is a second of one
 * core, whatever else the machine is doing. Time by the clock is kept beside it.
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
  /** Per second of CPU time. */
  readonly perSecond: Spread
  readonly perSecondByTheClock: Spread
  /** How many times as fast the first contender is, per round. */
  readonly firstIsTimes: Spread
}

interface Lane {
  readonly contender: Contender
  readonly runs: number
  readonly rates: number[]
  readonly clockRates: number[]
}

interface Elapsed {
  readonly cpuMs: number
  readonly clockMs: number
}

/** A fourth of a round is run untimed in front of it. */
const LEAD_IN_PART = 4

/** Keeps results alive, so that no run can be optimized away. */
export const kept: { last: unknown } = { last: undefined }

export async function timeRounds(benchmark: Benchmark, options: RoundOptions): Promise<Timing[]> {
  const lanes: Lane[] = []
  for (const contender of benchmark.contenders) {
    lanes.push({ contender, runs: await runsPerRound(contender, options), rates: [], clockRates: [] })
  }
  for (let round = 0; round < options.rounds; round++) {
    for (let step = 0; step < lanes.length; step++) {
      const lane = lanes[(round + step) % lanes.length]
      if (lane === undefined) continue
      // What the one before left behind is not for this one to sweep up; and right after a full collection memory comes
      // fresh from the system, which is not how a process runs.
      globalThis.gc?.()
      await timeRuns(lane.contender, Math.ceil(lane.runs / LEAD_IN_PART))
      const { cpuMs, clockMs } = await timeRuns(lane.contender, lane.runs)
      const units = lane.runs * benchmark.unitsPerRun
      lane.rates.push((units * 1000) / cpuMs)
      lane.clockRates.push((units * 1000) / clockMs)
    }
  }
  const [first] = lanes
  return lanes.map(({ contender, rates, clockRates }) => ({
    name: contender.name,
    perSecond: spreadOf(rates),
    perSecondByTheClock: spreadOf(clockRates),
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
    const { cpuMs } = await timeRuns(contender, runs)
    warmMs += cpuMs
    if (warmMs >= options.warmUpMs && cpuMs >= options.roundMs / 4)
      return Math.max(1, Math.ceil((runs * options.roundMs) / cpuMs))
    if (cpuMs < options.roundMs) runs *= 2
  }
}

async function timeRuns(contender: Contender, runs: number): Promise<Elapsed> {
  const { run } = contender
  const cpuStart = process.cpuUsage()
  const clockStart = performance.now()
  if (contender.isAsync) for (let left = runs; left > 0; left--) kept.last = await run()
  else for (let left = runs; left > 0; left--) kept.last = run()
  const clockMs = performance.now() - clockStart
  const { user, system } = process.cpuUsage(cpuStart)
  return { cpuMs: Math.max((user + system) / 1000, 0.001), clockMs }
}
