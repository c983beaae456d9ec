/**
 * Schedules: what several workers do to a store in turn, drawn from a seed: claims that are completed, given back, renewed too
 * late or taken over, workers that crash, time that passes, and transactions that commit or do not. A schedule is plain data,
 * so that it can be printed and made shorter.
 */
import type { Random } from '@samsa/runtime'
import type { Contract } from './store-case.js'

export type ScheduleStep =
  | {
      readonly kind: 'claim'
      readonly worker: number
      readonly key: string
      readonly mark: number
      readonly again: boolean
    }
  | { readonly kind: 'renew' | 'complete' | 'release'; readonly worker: number; readonly key: string }
  | { readonly kind: 'crash'; readonly worker: number }
  | { readonly kind: 'pass'; readonly units: number }
  | { readonly kind: 'prune' }
  | { readonly kind: 'once'; readonly keys: readonly string[]; readonly mark: number; readonly commits: boolean }
  | { readonly kind: 'acquire'; readonly worker: number; readonly partition: number }
  | { readonly kind: 'advance'; readonly worker: number; readonly partition: number; readonly commits: boolean }
  | { readonly kind: 'put'; readonly lane: number; readonly count: number; readonly commits: boolean }
  | { readonly kind: 'send'; readonly lane: number; readonly limit: number; readonly removes: boolean }

type Kind = ScheduleStep['kind']

const WORKERS = 3
const KEYS = ['a', 'b', 'c']
const LONGEST_PASS = 4

/** How often each kind comes, for stores that keep the contract. */
const weights: Readonly<Record<Kind, readonly [weight: number, contract: Contract]>> = {
  claim: [6, 'leases'],
  renew: [3, 'leases'],
  complete: [3, 'leases'],
  release: [2, 'leases'],
  crash: [1, 'leases'],
  pass: [4, 'leases'],
  prune: [1, 'leases'],
  once: [4, 'transactions'],
  acquire: [2, 'offsets'],
  advance: [4, 'offsets'],
  put: [2, 'outbox'],
  send: [2, 'outbox'],
}

export function drawSchedule(random: Random, steps: number, contracts: readonly Contract[]): readonly ScheduleStep[] {
  const kinds = Object.entries(weights).flatMap(([kind, [weight, contract]]) =>
    contracts.includes(contract) ? Array.from({ length: weight }, () => kind as Kind) : [],
  )
  return Array.from({ length: steps }, () => drawStep(oneOf(random, kinds), random))
}

function drawStep(kind: Kind, random: Random): ScheduleStep {
  const worker = random.integer(0, WORKERS)
  const key = oneOf(random, KEYS)
  const mark = random.integer(0, 2)
  const commits = random.integer(0, 4) > 0
  const partition = random.integer(0, 2)
  const lane = random.integer(0, 2)
  switch (kind) {
    case 'claim':
      return { kind, worker, key, mark, again: random.integer(0, 4) === 0 }
    case 'renew':
    case 'complete':
    case 'release':
      return { kind, worker, key }
    case 'crash':
      return { kind, worker }
    case 'pass':
      return { kind, units: random.integer(1, LONGEST_PASS + 1) }
    case 'prune':
      return { kind }
    case 'once':
      return { kind, keys: KEYS.filter(() => random.integer(0, 2) === 0).concat(key), mark, commits }
    case 'acquire':
      return { kind, worker, partition }
    case 'advance':
      return { kind, worker, partition, commits }
    case 'put':
      return { kind, lane, count: random.integer(1, 4), commits }
    case 'send':
      return { kind, lane, limit: random.integer(1, 5), removes: random.integer(0, 3) > 0 }
  }
}

function oneOf<T>(random: Random, choices: readonly T[]): T {
  const choice = choices[random.integer(0, choices.length)]
  if (choice === undefined) throw new RangeError('there is nothing to choose from')
  return choice
}
