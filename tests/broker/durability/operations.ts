/**
 * The operations of a workload, as data: drawn from a seed, printed as text, left out one by one when a failing scenario
 * is made smaller. What each means when its turn comes, the scenario decides: a topic that is not there is passed over.
 * The cleaner needs no operation: it runs by its own timer while time passes.
 */
import type { CrashKind, DiskFault, EntryFate } from '@samsa/broker/internal'
import type { Random } from '@samsa/runtime'

export const TOPICS = 3
export const MAX_PARTITIONS = 3

export interface DrawnRecord {
  /** One of few, so that records supersede each other. */
  readonly key: string
  readonly isTombstone: boolean
}

export interface Produce {
  readonly kind: 'produce'
  readonly topic: number
  readonly partition: number
  readonly records: readonly DrawnRecord[]
  /** Of the padding of each value. */
  readonly bytes: number
  readonly acks: -1 | 0 | 1
  readonly isIdempotent: boolean
}

export type Operation =
  | Produce
  | { readonly kind: 'burst'; readonly batches: readonly Produce[] }
  | { readonly kind: 'resend'; readonly topic: number; readonly partition: number }
  | {
      readonly kind: 'create'
      readonly topic: number
      readonly partitions: number
      readonly configs: Readonly<Record<string, string>>
      /** Records are sent to it before there is an answer. */
      readonly isHasty: boolean
    }
  | { readonly kind: 'delete'; readonly topic: number }
  | { readonly kind: 'grow'; readonly topic: number }
  | { readonly kind: 'configure'; readonly topic: number; readonly name: string; readonly value: string | null }
  | { readonly kind: 'delete records'; readonly topic: number; readonly partition: number; readonly share: number }
  | { readonly kind: 'advance'; readonly ms: number }
  | { readonly kind: 'read' }
  | { readonly kind: 'fault'; readonly fault: DiskFault }
  /** Room for so many bytes is left on the disk. */
  | { readonly kind: 'fill'; readonly bytes: number }
  /** The disk works again, and has room. */
  | { readonly kind: 'heal' }
  | {
      readonly kind: 'restart'
      /** Between the clean stop and the start. */
      readonly isPowerLost: boolean
    }
  | {
      readonly kind: 'crash'
      readonly how: CrashKind
      readonly entries: EntryFate
      /** After so many operations of the disk, or at the next crash or restart. */
      readonly after: number
      /** The next starts crash as well, each after so many operations of the disk. */
      readonly inRecovery: readonly number[]
    }

/** Kafka takes no small `segment.bytes`; an index that is full rolls as well. */
const SMALL_SEGMENTS = { 'segment.index.bytes': '48', 'index.interval.bytes': '100' }

const KEYS = ['a', 'b', 'c', 'd', 'e', 'f']

const CONFIGS: readonly Readonly<Record<string, string>>[] = [
  SMALL_SEGMENTS,
  { ...SMALL_SEGMENTS, 'index.interval.bytes': '0' },
  { ...SMALL_SEGMENTS, 'retention.ms': '3000', 'file.delete.delay.ms': '500' },
  { ...SMALL_SEGMENTS, 'flush.messages': '1' },
  {},
]

/** A batch or two roll, so that there is something to compact: the active segment is not. */
const TINY_SEGMENTS = { 'segment.index.bytes': '24', 'index.interval.bytes': '0', 'cleanup.policy': 'compact' }

const COMPACTED: readonly Readonly<Record<string, string>>[] = [
  TINY_SEGMENTS,
  { ...TINY_SEGMENTS, 'segment.ms': '100', 'file.delete.delay.ms': '500' },
  { ...TINY_SEGMENTS, 'cleanup.policy': 'compact,delete', 'retention.ms': '3000' },
]

const CHANGES: readonly (readonly [name: string, value: string | null])[] = [
  ['retention.ms', '2000'],
  ['retention.ms', null],
  ['segment.index.bytes', '36'],
  ['segment.ms', '1000'],
  ['flush.messages', '1'],
  ['cleanup.policy', 'compact'],
  ['cleanup.policy', 'compact,delete'],
  ['cleanup.policy', null],
]

/** All that a workload sets. */
export const CONFIG_NAMES: readonly string[] = [
  ...new Set([
    ...[...CONFIGS, ...COMPACTED].flatMap(configs => Object.keys(configs)),
    ...CHANGES.map(([name]) => name),
  ]),
]

/** A workload of so many operations, crashes of all kinds among them. Every other one is about compaction. */
export function drawOperations(random: Random, count: number): Operation[] {
  if (random.integer(0, 2) === 0) return drawCompaction(random, count)
  const operations: Operation[] = [createTopic(random, 0), createTopic(random, 1)]
  while (operations.length < count) operations.push(drawOperation(random))
  return operations
}

/** Crashes come while the cleaner runs on what was written before. */
function drawCompaction(random: Random, count: number): Operation[] {
  const operations: Operation[] = [createCompacted(random, 0), createCompacted(random, 1)]
  while (operations.length < count) {
    const operation = drawOperation(random)
    if (operation.kind === 'crash') operations.push(...crashInPass(random, operation))
    else operations.push(operation)
  }
  return operations
}

function crashInPass(random: Random, crash: Extract<Operation, { kind: 'crash' }>): Operation[] {
  const entries = random.integer(0, 2) === 0 ? 'independent' : 'in order'
  const fill = Array.from({ length: 3 }, () => drawProduce(random, 0, 0))
  return [
    { kind: 'burst', batches: fill },
    { ...crash, entries, after: random.integer(1, 80) },
    { kind: 'advance', ms: 150 },
  ]
}

/**
 * The same with a disk that fails while the broker runs. What a failed sync leaves is in the page cache, and nobody can
 * tell that it is not on disk: where syncs fail, power is not lost.
 */
export function drawFaultyOperations(random: Random, count: number): Operation[] {
  const canSyncFail = random.integer(0, 2) === 0
  return drawOperations(random, count).flatMap((operation): Operation[] => {
    const faults = random.integer(0, 6) === 0 ? [drawFault(random, canSyncFail)] : []
    if (!canSyncFail) return [...faults, operation]
    if (operation.kind === 'crash') return [...faults, { ...operation, how: 'end of process' }]
    return [...faults, operation.kind === 'restart' ? { ...operation, isPowerLost: false } : operation]
  })
}

function drawFault(random: Random, canSyncFail: boolean): Operation {
  const dice = random.integer(0, 10)
  if (dice < 2) return { kind: 'fill', bytes: random.integer(0, 3000) }
  if (dice < 4) return { kind: 'heal' }
  const partition = `/t${random.integer(0, TOPICS)}-${random.integer(0, MAX_PARTITIONS)}/`
  const path = dice < 9 ? partition : '/__cluster_metadata-0/'
  const usual = ['append', 'append', 'create', 'rename', 'open', 'truncate'] as const
  const operation = canSyncFail && dice < 7 ? 'sync' : (usual[random.integer(0, usual.length)] ?? 'append')
  const systemCode =
    operation === 'open' || operation === 'create' ? 'EMFILE' : random.integer(0, 2) === 0 ? 'EIO' : 'ENOSPC'
  const leavesPart = operation === 'append' && random.integer(0, 3) === 0
  const [after, times] = [random.integer(0, 4), random.integer(1, 4)]
  return { kind: 'fault', fault: { operation, path, after, times, systemCode, leavesPart } }
}

function drawOperation(random: Random): Operation {
  const topic = random.integer(0, TOPICS)
  const partition = random.integer(0, MAX_PARTITIONS)
  const dice = random.integer(0, 100)
  if (dice < 40) return drawProduce(random, topic, partition)
  if (dice < 52) return drawBurst(random)
  if (dice < 57) return { kind: 'resend', topic, partition }
  if (dice < 60) return createTopic(random, topic)
  if (dice < 62) return createCompacted(random, topic)
  if (dice < 64) return { kind: 'delete', topic }
  if (dice < 66) return { kind: 'grow', topic }
  if (dice < 69) return configure(random, topic)
  if (dice < 74) return { kind: 'delete records', topic, partition, share: random.integer(0, 101) / 100 }
  if (dice < 85) return { kind: 'advance', ms: [5, 60, 150, 1100, 4000][random.integer(0, 5)] ?? 0 }
  if (dice < 88) return { kind: 'read' }
  return dice < 91 ? { kind: 'restart', isPowerLost: random.integer(0, 2) === 0 } : drawCrash(random)
}

function drawProduce(random: Random, topic: number, partition: number): Produce {
  return {
    kind: 'produce',
    topic,
    partition,
    records: Array.from({ length: random.integer(1, 6) }, () => drawRecord(random)),
    bytes: random.integer(0, 4) === 0 ? random.integer(400, 900) : random.integer(0, 120),
    acks: ([-1, -1, -1, 1, 0] as const)[random.integer(0, 5)] ?? -1,
    isIdempotent: random.integer(0, 2) === 0,
  }
}

function drawRecord(random: Random): DrawnRecord {
  return { key: KEYS[random.integer(0, KEYS.length)] ?? '', isTombstone: random.integer(0, 7) === 0 }
}

function drawBurst(random: Random): Operation {
  const isOnOne = random.integer(0, 2) === 0
  const [topic, partition] = [random.integer(0, TOPICS), random.integer(0, MAX_PARTITIONS)]
  const batches = Array.from({ length: random.integer(2, 5) }, () =>
    isOnOne
      ? drawProduce(random, topic, partition)
      : drawProduce(random, random.integer(0, TOPICS), random.integer(0, MAX_PARTITIONS)),
  )
  return { kind: 'burst', batches }
}

function createTopic(random: Random, topic: number): Operation {
  return {
    kind: 'create',
    topic,
    partitions: random.integer(1, MAX_PARTITIONS),
    configs: CONFIGS[random.integer(0, CONFIGS.length)] ?? {},
    isHasty: random.integer(0, 4) === 0,
  }
}

/** One partition takes all records of the topic. */
function createCompacted(random: Random, topic: number): Operation {
  const configs = COMPACTED[random.integer(0, COMPACTED.length)] ?? {}
  return { kind: 'create', topic, partitions: 1, configs, isHasty: false }
}

function configure(random: Random, topic: number): Operation {
  const [name, value] = CHANGES[random.integer(0, CHANGES.length)] ?? ['retention.ms', null]
  return { kind: 'configure', topic, name, value }
}

function drawCrash(random: Random): Operation {
  const inRecovery = random.integer(0, 4) === 0 ? [random.integer(0, 40)] : []
  if (inRecovery.length > 0 && random.integer(0, 3) === 0) inRecovery.push(random.integer(0, 40))
  return {
    kind: 'crash',
    how: random.integer(0, 2) === 0 ? 'end of process' : 'loss of power',
    entries: random.integer(0, 3) === 0 ? 'independent' : 'in order',
    after: random.integer(0, 3) === 0 ? 0 : random.integer(1, 30),
    inRecovery,
  }
}

/** One line an operation. */
export function describeOperation(operation: Operation): string {
  switch (operation.kind) {
    case 'produce':
      return describeProduce(operation)
    case 'burst':
      return `at once: ${operation.batches.map(describeProduce).join('; ')}`
    case 'create': {
      const configs = JSON.stringify(operation.configs)
      const haste = operation.isHasty ? ', and write to it at once' : ''
      return `create t${operation.topic} with ${operation.partitions} partitions and ${configs}${haste}`
    }
    case 'configure':
      return `set ${operation.name} of t${operation.topic} to ${operation.value}`
    case 'delete records':
      return `delete ${operation.share * 100}% of the records of t${operation.topic}-${operation.partition}`
    case 'advance':
      return `let ${operation.ms} ms pass`
    case 'crash': {
      const again = operation.inRecovery.map(after => `, and again after ${after}`).join('')
      return `${operation.how} after ${operation.after} operations${again}, entries ${operation.entries}`
    }
    case 'resend':
      return `send again to t${operation.topic}-${operation.partition}`
    case 'delete':
    case 'grow':
      return `${operation.kind} t${operation.topic}`
    case 'restart':
      return operation.isPowerLost ? 'stop, lose power, start' : 'stop, start'
    case 'fault': {
      const { operation: what, path, after, times, systemCode, leavesPart } = operation.fault
      return `${systemCode} at ${what} of ${path}, ${times} times after ${after}${leavesPart === true ? ', a part is left' : ''}`
    }
    case 'fill':
      return `leave room for ${operation.bytes} bytes`
    case 'read':
    case 'heal':
      return operation.kind
  }
}

function describeProduce({ topic, partition, records, bytes, acks, isIdempotent }: Produce): string {
  const keys = records.map(({ key, isTombstone }) => (isTombstone ? `no ${key}` : key)).join(', ')
  return `${keys} of ${bytes} bytes to t${topic}-${partition}, acks=${acks}${isIdempotent ? ', idempotent' : ''}`
}
