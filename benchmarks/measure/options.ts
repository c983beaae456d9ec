/**
 * The command line of a benchmark.
 */
import { parseArgs } from 'node:util'
import type { RoundOptions } from './rounds.ts'

export interface Options {
  readonly timing: RoundOptions
  /** How often each benchmark is measured, every time in a new process. */
  readonly processes: number
  /** Only benchmarks whose name has this in it. */
  readonly only: string
  readonly json: boolean
  /** Show where our time goes instead of timing anyone. */
  readonly profile: boolean
  readonly help: boolean
  /** The one benchmark of this name, whose row goes to the output as JSON: how the benchmarks start each other. */
  readonly one: string | undefined
}

export const USAGE = `node benchmarks/run.mjs [--only NAME] [--processes N] [--rounds N] [--quick] [--json] [--profile]

  --only NAME   only benchmarks whose name has NAME in it; names are the first column of the table
  --processes N how many processes measure each benchmark, of which the least ratio counts; 3 when left out
  --rounds N    rounds of at least 100 ms for each contender in a process; 7 when left out
  --quick       1 process, 3 rounds of 30 ms: whether it runs, not how fast
  --json        one JSON document instead of the table
  --profile     where the time of our side goes, by function, instead of the comparison`

const FULL = { processes: 3, rounds: 7, roundMs: 120, warmUpMs: 300 } as const
const QUICK = { processes: 1, rounds: 3, roundMs: 30, warmUpMs: 60 } as const

export function readOptions(args: readonly string[]): Options {
  const { values } = parseArgs({
    args: [...args],
    options: {
      only: { type: 'string', default: '' },
      processes: { type: 'string' },
      rounds: { type: 'string' },
      quick: { type: 'boolean', default: false },
      json: { type: 'boolean', default: false },
      profile: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
      one: { type: 'string' },
    },
  })
  const { processes, ...base } = values.quick ? QUICK : FULL
  const { only, json, profile, help, one } = values
  return {
    timing: { ...base, rounds: countOf('--rounds', values.rounds, base.rounds) },
    processes: countOf('--processes', values.processes, processes),
    only,
    json,
    profile,
    help,
    one,
  }
}

function countOf(name: string, text: string | undefined, otherwise: number): number {
  if (text === undefined) return otherwise
  const count = Number(text)
  if (Number.isInteger(count) && count >= 1 && count <= 1000) return count
  throw new RangeError(`${name} takes a whole number from 1 to 1000, not ${text}`)
}
