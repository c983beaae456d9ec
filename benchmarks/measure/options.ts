/**
 * The command line of a benchmark.
 */
import { parseArgs } from 'node:util'
import type { RoundOptions } from './rounds.ts'

export interface Options extends RoundOptions {
  /** Only benchmarks whose name has this in it. */
  readonly only: string
  readonly json: boolean
  /** Show where our time goes instead of timing anyone. */
  readonly profile: boolean
  readonly help: boolean
}

export const USAGE = `node benchmarks/run.mjs [--only NAME] [--rounds N] [--quick] [--json] [--profile]

  --only NAME   only benchmarks whose name has NAME in it; names are the first column of the table
  --rounds N    rounds of at least 100 ms for each contender; 7 when left out
  --quick       3 rounds of 30 ms: whether it runs, not how fast
  --json        one JSON document instead of the table
  --profile     where the time of our side goes, by function, instead of the comparison`

const FULL = { rounds: 7, roundMs: 120, warmUpMs: 300 } as const
const QUICK = { rounds: 3, roundMs: 30, warmUpMs: 60 } as const

export function readOptions(args: readonly string[]): Options {
  const { values } = parseArgs({
    args: [...args],
    options: {
      only: { type: 'string', default: '' },
      rounds: { type: 'string' },
      quick: { type: 'boolean', default: false },
      json: { type: 'boolean', default: false },
      profile: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  })
  const timing = values.quick ? QUICK : FULL
  const rounds = values.rounds === undefined ? timing.rounds : Number(values.rounds)
  if (!Number.isInteger(rounds) || rounds < 1 || rounds > 1000)
    throw new RangeError(`--rounds takes a whole number from 1 to 1000, not ${values.rounds}`)
  return { ...timing, rounds, only: values.only, json: values.json, profile: values.profile, help: values.help }
}
