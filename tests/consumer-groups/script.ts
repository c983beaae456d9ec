/**
 * What happens to one group in one seed, written out before any of it happens: how its members read, and steps. A seed
 * draws which kinds of trouble it has, so that many have few, and are held to all that is promised without trouble.
 */
import type { FaultRule } from '@samsa/broker/testing'
import type { ConsumerOptions } from '@samsa/consumer'
import type { SeededRandom } from '@samsa/runtime'
import { chance, pick } from '../producer-faults/draw.js'

export const troubles = ['stall', 'crash', 'cut', 'slow', 'faults', 'restart', 'grow', 'move', 'static'] as const
export type Trouble = (typeof troubles)[number]

type Protocol = 'classic' | 'consumer'

export interface MemberDraft {
  readonly how: 'commitSync' | 'autoCommit' | 'run'
  readonly maxPollRecords: number
  /** How long a batch, or with `run` a record, takes. */
  readonly handlingMs: number
  readonly concurrency: number
  /** It has a name of its own (`groupInstanceId`). */
  readonly isStatic: boolean
}

export type Step =
  | { readonly kind: 'start' }
  /** Which of those that are there, counted round. */
  | { readonly kind: 'stop'; readonly member: number }
  | { readonly kind: 'stall'; readonly member: number; readonly ms: number }
  | { readonly kind: 'crash'; readonly member: number }
  /** Of those that are not there any more; under its name, if it had one. */
  | { readonly kind: 'return'; readonly member: number }
  | { readonly kind: 'cut'; readonly member: number; readonly ms: number; readonly isSilent: boolean }
  | { readonly kind: 'slow'; readonly member: number; readonly ms: number; readonly delayMs: number }
  | { readonly kind: 'faults'; readonly member: number | undefined; readonly rules: readonly FaultRule[] }
  | { readonly kind: 'restart'; readonly downMs: number }
  /** The coordinator's partition is led by another node; or its node is gone for a while. */
  | { readonly kind: 'move'; readonly downMs: number | undefined }
  | { readonly kind: 'grow' }
  | { readonly kind: 'write'; readonly count: number }
  | { readonly kind: 'pause'; readonly ms: number }

export interface Script {
  readonly seed: string
  readonly protocol: Protocol
  readonly assignor: 'range' | 'roundRobin' | 'sticky' | 'cooperativeSticky'
  readonly remoteAssignor: 'uniform' | 'range'
  readonly nodes: number
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
export const HEARTBEAT_INTERVAL_MS = 1000
export const REQUEST_TIMEOUT_MS = 2500
export const LONGEST_DELAY_MS = 4000
/** Slower than that, heartbeats do not come through in time for certain. */
export const SLOW_MS = 300
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
  const protocol = pick<Protocol>(options, ['classic', 'consumer'])
  return {
    seed: random.seed,
    protocol,
    assignor: pick(options, ['range', 'roundRobin', 'sticky', 'cooperativeSticky', 'cooperativeSticky']),
    remoteAssignor: pick(options, ['uniform', 'range']),
    nodes: trouble.includes('move') ? 3 : 1,
    topics: { orders: options.integer(1, 5), events: options.integer(1, 3) },
    members: Array.from({ length: 12 }, () => drawMember(options, trouble.includes('static'))),
    membersAtFirst: options.integer(1, 4),
    turnsPerMoment: pick(options, [6, 10]),
    trouble,
    steps: Array.from({ length: steps.integer(10, 30) }, () => drawStep(steps, trouble, protocol)),
  }
}

/** How many partitions a topic has when it has grown. */
export function grown(partitions: number): number {
  return Math.min(MOST_PARTITIONS, partitions + 2)
}

function drawMember(random: SeededRandom, mayBeStatic: boolean): MemberDraft {
  return {
    how: pick(random, ['commitSync', 'autoCommit', 'run']),
    maxPollRecords: pick(random, [1, 5, 50]),
    handlingMs: pick(random, [0, 0, 20, 150]),
    concurrency: pick(random, [1, 4, 16]),
    isStatic: mayBeStatic && chance(random, 0.6),
  }
}

function drawStep(random: SeededRandom, trouble: readonly Trouble[], protocol: Protocol): Step {
  const draw = random.next()
  const member = random.integer(0, 8)
  if (draw < 0.22) return { kind: 'write', count: pick(random, [1, 5, 20, 60]) }
  if (draw < 0.42) return { kind: 'pause', ms: pick(random, [20, 100, 400, 1500, 4000]) }
  if (draw < 0.52) return { kind: 'start' }
  if (draw < 0.58) return { kind: 'stop', member }
  if (trouble.length === 0) return { kind: 'pause', ms: pick(random, [20, 300, 1000]) }
  // Of faults there are many kinds.
  const kind = trouble.includes('faults') && chance(random, 0.3) ? 'faults' : pick(random, trouble)
  switch (kind) {
    case 'stall':
      return { kind, member, ms: pick(random, [3000, MAX_POLL_INTERVAL_MS + 1000, MAX_POLL_INTERVAL_MS * 2]) }
    case 'cut':
      return { kind, member, ms: pick(random, [100, 2000, SESSION_TIMEOUT_MS + 3000]), isSilent: chance(random, 0.5) }
    case 'slow':
      return { kind, member, ms: pick(random, [1000, 5000, 12_000]), delayMs: pick(random, [5, 100, SLOW_MS, 900]) }
    case 'crash':
      return { kind, member }
    case 'static':
      return { kind: 'return', member }
    case 'move':
      return { kind, downMs: chance(random, 0.5) ? undefined : pick(random, [500, 4000]) }
    case 'grow':
      return { kind }
    case 'restart':
      return { kind, downMs: pick(random, [0, 500, 3000]) }
    case 'faults': {
      const rules = Array.from({ length: random.integer(1, 4) }, () => drawRule(random, protocol))
      return { kind, member: chance(random, 0.5) ? member : undefined, rules }
    }
  }
}

const groupApis: Readonly<Record<Protocol, readonly string[]>> = {
  classic: ['JoinGroup', 'SyncGroup', 'Heartbeat', 'LeaveGroup', 'OffsetCommit', 'OffsetFetch'],
  consumer: ['ConsumerGroupHeartbeat', 'ConsumerGroupHeartbeat', 'OffsetCommit', 'OffsetFetch'],
}
const otherApis = ['FindCoordinator', 'Fetch', 'ListOffsets', 'Metadata']

/** Of whoever coordinates. The first two may come when the work is done, and its outcome could not be written down. */
const coordinatorErrors = ['COORDINATOR_NOT_AVAILABLE', 'NOT_COORDINATOR', 'COORDINATOR_LOAD_IN_PROGRESS'] as const
const outOfGeneration = ['REBALANCE_IN_PROGRESS', 'UNKNOWN_MEMBER_ID', 'ILLEGAL_GENERATION']
/** What a member may be told of itself. */
const memberErrors: Readonly<Record<Protocol, Readonly<Record<string, readonly string[]>>>> = {
  classic: {
    JoinGroup: ['REBALANCE_IN_PROGRESS', 'UNKNOWN_MEMBER_ID'],
    SyncGroup: outOfGeneration,
    Heartbeat: outOfGeneration,
    LeaveGroup: ['UNKNOWN_MEMBER_ID'],
    OffsetCommit: outOfGeneration,
  },
  consumer: {
    ConsumerGroupHeartbeat: ['FENCED_MEMBER_EPOCH', 'UNKNOWN_MEMBER_ID'],
    OffsetCommit: ['STALE_MEMBER_EPOCH', 'UNKNOWN_MEMBER_ID'],
    OffsetFetch: ['STALE_MEMBER_EPOCH', 'UNKNOWN_MEMBER_ID'],
  },
}
const otherErrors: Readonly<Record<string, string>> = {
  FindCoordinator: 'COORDINATOR_NOT_AVAILABLE',
  Fetch: 'NOT_LEADER_OR_FOLLOWER',
  ListOffsets: 'NOT_LEADER_OR_FOLLOWER',
}

function drawRule(random: SeededRandom, protocol: Protocol): FaultRule {
  const isOfGroup = chance(random, 0.75)
  const api = pick(random, isOfGroup ? groupApis[protocol] : otherApis)
  const at = { api, times: pick(random, [1, 1, 2, 4]) }
  const error = otherErrors[api]
  if (isOfGroup && chance(random, 0.5)) return { ...at, ...drawGroupError(random, memberErrors[protocol][api]) }
  if (error !== undefined && chance(random, 0.35)) return { ...at, error }
  return pick<FaultRule>(random, [
    { ...at, disconnect: 'before' },
    { ...at, disconnect: 'after' },
    { ...at, delayMs: pick(random, [30, 600, 2000, LONGEST_DELAY_MS]) },
    { ...at, drop: true },
    { ...at, duplicate: true },
  ])
}

function drawGroupError(
  random: SeededRandom,
  ofMember: readonly string[] | undefined,
): { error: string; after: boolean } {
  if (ofMember !== undefined && chance(random, 0.5)) return { error: pick(random, ofMember), after: false }
  const error = pick(random, coordinatorErrors)
  return { error, after: error !== 'COORDINATOR_LOAD_IN_PROGRESS' && chance(random, 0.4) }
}
