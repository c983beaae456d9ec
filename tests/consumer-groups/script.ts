/**
 * What happens to one group in one seed, written out before any of it happens: how its members read, and steps. A seed
 * draws which kinds of trouble it has, so that many have few, and are held to all that is promised without trouble.
 */
import type { FaultRule } from '@samsa/broker/testing'
import type { ConsumerOptions } from '@samsa/consumer'
import type { SeededRandom } from '@samsa/runtime'
import { chance, pick } from '../producer-faults/draw.js'

export const troubles = ['stall', 'crash', 'cut', 'faults', 'restart', 'grow'] as const
export type Trouble = (typeof troubles)[number]

export interface MemberDraft {
  readonly how: 'commitSync' | 'autoCommit' | 'run'
  readonly maxPollRecords: number
  /** How long a batch, or with `run` a record, takes. */
  readonly handlingMs: number
  readonly concurrency: number
}

export type Step =
  | { readonly kind: 'start' }
  /** Which of those that are there, counted round. */
  | { readonly kind: 'stop'; readonly member: number }
  | { readonly kind: 'stall'; readonly member: number; readonly ms: number }
  | { readonly kind: 'crash'; readonly member: number }
  | { readonly kind: 'cut'; readonly member: number; readonly ms: number }
  | { readonly kind: 'faults'; readonly member: number | undefined; readonly rules: readonly FaultRule[] }
  | { readonly kind: 'restart'; readonly downMs: number }
  | { readonly kind: 'grow' }
  | { readonly kind: 'write'; readonly count: number }
  | { readonly kind: 'pause'; readonly ms: number }

export interface Script {
  readonly seed: string
  readonly protocol: 'classic' | 'consumer'
  readonly assignor: 'range' | 'roundRobin' | 'sticky' | 'cooperativeSticky'
  readonly remoteAssignor: 'uniform' | 'range'
  readonly topics: Readonly<Record<string, number>>
  /** The first of these are there from the beginning. */
  readonly members: readonly MemberDraft[]
  readonly membersAtFirst: number
  readonly turnsPerMoment: number
  readonly trouble: readonly Trouble[]
  readonly steps: readonly Step[]
}

export const MAX_POLL_INTERVAL_MS = 9000
export const SESSION_TIMEOUT_MS = 6000
export const REQUEST_TIMEOUT_MS = 2500
export const LONGEST_DELAY_MS = 4000
const MOST_PARTITIONS = 8

export const memberOptions = {
  maxPollIntervalMs: MAX_POLL_INTERVAL_MS,
  requestTimeoutMs: REQUEST_TIMEOUT_MS,
  defaultApiTimeoutMs: 5000,
  autoOffsetReset: 'earliest',
  autoCommitIntervalMs: 700,
  fetchMaxWaitMs: 400,
  metadataMaxAgeMs: 2000,
  retryBackoffMs: 50,
  reconnectBackoffMs: 50,
} as const satisfies Partial<ConsumerOptions<string, string>>

export function drawScript(random: SeededRandom): Script {
  const kinds = random.fork('kinds')
  const trouble = troubles.filter(() => chance(kinds, 0.3))
  const options = random.fork('options')
  const steps = random.fork('steps')
  return {
    seed: random.seed,
    protocol: pick(options, ['classic', 'consumer']),
    assignor: pick(options, ['range', 'roundRobin', 'sticky', 'cooperativeSticky', 'cooperativeSticky']),
    remoteAssignor: pick(options, ['uniform', 'range']),
    topics: { orders: options.integer(1, 5), events: options.integer(1, 3) },
    members: Array.from({ length: 12 }, () => drawMember(options)),
    membersAtFirst: options.integer(1, 4),
    turnsPerMoment: pick(options, [6, 10]),
    trouble,
    steps: Array.from({ length: steps.integer(10, 30) }, () => drawStep(steps, trouble)),
  }
}

export function describeScript({ seed, steps, ...rest }: Script): string {
  const lines = steps.map((step, index) => `  ${index}: ${JSON.stringify(step)}`)
  return [`seed '${seed}'`, JSON.stringify(rest), ...lines].join('\n')
}

/** How many partitions a topic has when it has grown. */
export function grown(partitions: number): number {
  return Math.min(MOST_PARTITIONS, partitions + 2)
}

function drawMember(random: SeededRandom): MemberDraft {
  return {
    how: pick(random, ['commitSync', 'autoCommit', 'run']),
    maxPollRecords: pick(random, [1, 5, 50]),
    handlingMs: pick(random, [0, 0, 20, 150]),
    concurrency: pick(random, [1, 4, 16]),
  }
}

function drawStep(random: SeededRandom, trouble: readonly Trouble[]): Step {
  const draw = random.next()
  const member = random.integer(0, 8)
  if (draw < 0.3) return { kind: 'write', count: pick(random, [1, 5, 20, 60]) }
  if (draw < 0.5) return { kind: 'pause', ms: pick(random, [20, 100, 400, 1500, 4000]) }
  if (draw < 0.62) return { kind: 'start' }
  if (draw < 0.72) return { kind: 'stop', member }
  if (trouble.length === 0) return { kind: 'pause', ms: pick(random, [20, 300, 1000]) }
  const kind = pick(random, trouble)
  switch (kind) {
    case 'stall':
      return { kind, member, ms: pick(random, [3000, MAX_POLL_INTERVAL_MS + 1000, MAX_POLL_INTERVAL_MS * 2]) }
    case 'cut':
      return { kind, member, ms: pick(random, [100, 2000, SESSION_TIMEOUT_MS + 3000]) }
    case 'crash':
      return { kind, member }
    case 'grow':
      return { kind }
    case 'restart':
      return { kind, downMs: pick(random, [0, 500, 3000]) }
    case 'faults': {
      const rules = Array.from({ length: random.integer(1, 4) }, () => drawRule(random))
      return { kind, member: chance(random, 0.5) ? member : undefined, rules }
    }
  }
}

const groupApis = ['JoinGroup', 'SyncGroup', 'Heartbeat', 'ConsumerGroupHeartbeat', 'OffsetCommit', 'OffsetFetch']
/** What some of them may be answered with; those of groups can only be kept from being answered. */
const errors: Readonly<Record<string, string>> = {
  FindCoordinator: 'COORDINATOR_NOT_AVAILABLE',
  Fetch: 'NOT_LEADER_OR_FOLLOWER',
  ListOffsets: 'NOT_LEADER_OR_FOLLOWER',
}
const otherApis = ['LeaveGroup', 'FindCoordinator', 'Fetch', 'ListOffsets', 'Metadata']

function drawRule(random: SeededRandom): FaultRule {
  const api = pick(random, chance(random, 0.75) ? groupApis : otherApis)
  const at = { api, times: pick(random, [1, 1, 2, 4]) }
  const error = errors[api]
  if (error !== undefined && chance(random, 0.35)) return { ...at, error }
  return pick<FaultRule>(random, [
    { ...at, disconnect: 'before' },
    { ...at, disconnect: 'after' },
    { ...at, delayMs: pick(random, [30, 600, 2000, LONGEST_DELAY_MS]) },
    { ...at, drop: true },
    { ...at, duplicate: true },
  ])
}
