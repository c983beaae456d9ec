/**
 * What happens to producers and consumers of transactions in one seed, written out before any of it happens: what each is
 * like, and steps. A seed draws which kinds of trouble it has, so that many have few.
 */
import type { FaultRule } from '@samsa/broker/testing'
import type { ConsumerOptions } from '@samsa/consumer'
import type { ProducerOptions } from '@samsa/producer'
import type { SeededRandom } from '@samsa/runtime'
import { chance, pick } from '../producer-faults/draw.js'

export const troubles = [
  'replace',
  'crash',
  'stall',
  'cut',
  'faults',
  'restart',
  'broker crash',
  'coordinator',
  'leader',
] as const
export type Trouble = (typeof troubles)[number]

export interface WorkerDraft {
  readonly role: 'writer' | 'copier'
  readonly transactionalId: string
  /** Of a writer: how many records a transaction has at most. Of a copier: how many it reads for one. */
  readonly mostRecords: number
  readonly abortChance: number
  /** Between the last record and the end. */
  readonly waitMs: number
  readonly pauseMs: number
  readonly lingerMs: number
}

export type Step =
  /** Another process takes the transactional id; the one that had it does not know. */
  | { readonly kind: 'replace'; readonly worker: number }
  /** The process ends, and another one comes. */
  | { readonly kind: 'crash'; readonly worker: number }
  | { readonly kind: 'stall'; readonly worker: number; readonly ms: number }
  | { readonly kind: 'cut'; readonly worker: number; readonly ms: number; readonly isReplaced: boolean }
  | { readonly kind: 'faults'; readonly rules: readonly FaultRule[] }
  | { readonly kind: 'restart'; readonly downMs: number }
  | {
      readonly kind: 'broker crash'
      readonly operations: number
      readonly downMs: number
      /** The next start crashes too, behind so many operations. */
      readonly again: number | undefined
    }
  | { readonly kind: 'coordinator'; readonly of: 'transactions' | 'group' }
  /** To the next node, or to none until the next such step. */
  | { readonly kind: 'leader'; readonly topic: string; readonly partition: number; readonly isGone: boolean }
  | { readonly kind: 'pause'; readonly ms: number }

export interface Script {
  readonly seed: string
  /** Of the protocol between producers and coordinator (KIP-890). */
  readonly generation: 1 | 2
  readonly crashes: 'end of process' | 'loss of power'
  readonly flush: 'os' | 'always'
  readonly nodes: number
  readonly groupProtocol: 'classic' | 'consumer'
  readonly partitions: Readonly<Record<string, number>>
  readonly workers: readonly WorkerDraft[]
  readonly turnsPerMoment: number
  readonly trouble: readonly Trouble[]
  readonly steps: readonly Step[]
}

export const INPUT_TOPIC = 'orders'
export const OUTPUT_TOPIC = 'copies'
export const SESSION_TIMEOUT_MS = 6000
export const MAX_POLL_INTERVAL_MS = 4000
export const TRANSACTION_TIMEOUT_MS = 8000
/** Who stalls for so long has lost its partitions, and its transaction is still open. */
const STALL_BETWEEN_MS = 6500
const REQUEST_TIMEOUT_MS = 2500
const LONGEST_DELAY_MS = 4000

const clientOptions = {
  requestTimeoutMs: REQUEST_TIMEOUT_MS,
  metadataMaxAgeMs: 2000,
  retryBackoffMs: 50,
  reconnectBackoffMs: 50,
} as const

export const producerOptions = {
  ...clientOptions,
  transactionTimeoutMs: TRANSACTION_TIMEOUT_MS,
  maxBlockMs: 5000,
  deliveryTimeoutMs: 6000,
} as const satisfies Partial<ProducerOptions<string, string>>

export const consumerOptions = {
  ...clientOptions,
  defaultApiTimeoutMs: 5000,
  autoOffsetReset: 'earliest',
  enableAutoCommit: false,
  isolationLevel: 'readCommitted',
  fetchMaxWaitMs: 400,
} as const satisfies Partial<ConsumerOptions<string, string>>

export function drawScript(random: SeededRandom): Script {
  const kinds = random.fork('kinds')
  const trouble = troubles.filter(() => chance(kinds, 0.3))
  const options = random.fork('options')
  const steps = random.fork('steps')
  const crashes = pick(options, ['end of process', 'loss of power'] as const)
  // A directory is one node's: several nodes live in memory, and once.
  const nodes = trouble.includes('broker crash') || trouble.includes('restart') ? 1 : pick(options, [1, 1, 2])
  const partitions = { [INPUT_TOPIC]: options.integer(1, 4), [OUTPUT_TOPIC]: options.integer(1, 3) }
  return {
    seed: random.seed,
    generation: pick(options, [1, 2, 2]),
    crashes,
    // What a loss of power leaves of the rest is another promise.
    flush: crashes === 'loss of power' || chance(options, 0.3) ? 'always' : 'os',
    nodes,
    groupProtocol: pick(options, ['classic', 'consumer']),
    partitions,
    workers: drawWorkers(options),
    turnsPerMoment: pick(options, [6, 10]),
    trouble,
    steps: Array.from({ length: steps.integer(8, 20) }, () => drawStep(steps, trouble, partitions)),
  }
}

function drawWorkers(random: SeededRandom): WorkerDraft[] {
  const writers = random.integer(1, 4)
  const copiers = random.integer(1, 3)
  return [
    ...Array.from({ length: writers }, (_, index) => drawWorker(random, 'writer', `w${index}`)),
    ...Array.from({ length: copiers }, (_, index) => drawWorker(random, 'copier', `c${index}`)),
  ]
}

function drawWorker(random: SeededRandom, role: 'writer' | 'copier', transactionalId: string): WorkerDraft {
  return {
    role,
    transactionalId,
    mostRecords: pick(random, role === 'writer' ? [1, 4, 12] : [2, 10, 50]),
    abortChance: pick(random, [0, 0.2, 0.5]),
    waitMs: pick(random, role === 'writer' ? [0, 0, 30, 400] : [0, 0, 30]),
    pauseMs: pick(random, role === 'writer' ? [100, 300, 1000] : [0, 20]),
    lingerMs: pick(random, [0, 0, 5]),
  }
}

function drawStep(random: SeededRandom, trouble: readonly Trouble[], partitions: Script['partitions']): Step {
  const pause = { kind: 'pause', ms: pick(random, [20, 100, 400, 1500, 3000]) } as const
  if (trouble.length === 0 || chance(random, 0.5)) return pause
  const worker = random.integer(0, 8)
  const kind = pick(random, trouble)
  switch (kind) {
    case 'replace':
    case 'crash':
      return { kind, worker }
    case 'stall':
      return { kind, worker, ms: pick(random, [3000, STALL_BETWEEN_MS, STALL_BETWEEN_MS, 2 * TRANSACTION_TIMEOUT_MS]) }
    case 'cut': {
      const ms = pick(random, [100, 2000, TRANSACTION_TIMEOUT_MS + 3000])
      return { kind, worker, ms, isReplaced: chance(random, 0.4) }
    }
    case 'restart':
      return { kind, downMs: pick(random, [0, 500, 3000]) }
    case 'broker crash': {
      const again = chance(random, 0.2) ? random.integer(1, 40) : undefined
      return { kind, operations: random.integer(0, 60), downMs: pick(random, [0, 300, 2000]), again }
    }
    case 'coordinator':
      return { kind, of: pick(random, ['transactions', 'group']) }
    case 'leader': {
      const topic = pick(random, Object.keys(partitions))
      return { kind, topic, partition: random.integer(0, partitions[topic] ?? 1), isGone: chance(random, 0.4) }
    }
    case 'faults':
      return { kind, rules: Array.from({ length: random.integer(1, 5) }, () => drawRule(random)) }
  }
}

const transactionApis = [
  'InitProducerId',
  'AddPartitionsToTxn',
  'AddOffsetsToTxn',
  'TxnOffsetCommit',
  'EndTxn',
  'EndTxn',
  'Produce',
]
const otherApis = ['FindCoordinator', 'Fetch', 'ListOffsets', 'OffsetFetch', 'JoinGroup', 'Metadata']
/** What each may be answered with that is no lie: a client that hears it asks again, or elsewhere. */
const errors: Readonly<Record<string, readonly string[]>> = {
  InitProducerId: ['CONCURRENT_TRANSACTIONS', 'COORDINATOR_LOAD_IN_PROGRESS', 'NOT_COORDINATOR'],
  Produce: ['NOT_LEADER_OR_FOLLOWER', 'NOT_ENOUGH_REPLICAS', 'CONCURRENT_TRANSACTIONS'],
  FindCoordinator: ['COORDINATOR_NOT_AVAILABLE'],
  Fetch: ['NOT_LEADER_OR_FOLLOWER'],
  ListOffsets: ['NOT_LEADER_OR_FOLLOWER'],
}

function drawRule(random: SeededRandom): FaultRule {
  const api = pick(random, chance(random, 0.8) ? transactionApis : otherApis)
  const at = { api, times: pick(random, [1, 1, 2, 4]) }
  const named = errors[api]
  if (named !== undefined && chance(random, 0.3)) return { ...at, error: pick(random, named) }
  return pick<FaultRule>(random, [
    { ...at, disconnect: 'before' },
    { ...at, disconnect: 'after' },
    { ...at, delayMs: pick(random, [30, 600, 2000, LONGEST_DELAY_MS]) },
    { ...at, drop: true },
    { ...at, duplicate: true },
  ])
}
