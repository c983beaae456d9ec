/**
 * Transaction: what is known of one transactional id, and how each step of its life changes that. Pure: a step is a new
 * value, and whoever decides on it writes it down first. Which step is allowed when is for `transaction-rules.ts`.
 *
 * A transaction of the second generation (KIP-890) ends under an epoch of its own: the marker carries the next one, and so
 * does the producer afterwards. In the first, the epoch rises when a producer starts anew or is fenced.
 */

/** By their numbers in the log. The last two are only ever passed through. */
export const transactionStates = [
  'Empty',
  'Ongoing',
  'PrepareCommit',
  'PrepareAbort',
  'CompleteCommit',
  'CompleteAbort',
  'Dead',
  'PrepareEpochFence',
] as const

export type TransactionState = (typeof transactionStates)[number]

/** Of the protocol between producers and coordinator; 0 and 1 differ in what is written alone. */
export type TransactionVersion = 0 | 1 | 2

export const NO_EPOCH = -1
export const NO_ID = -1
const NEVER_MS = -1
export const MAX_EPOCH = 0x7fff

/** Topic → partitions. Never changed: a step makes a new one. */
export type TransactionPartitions = ReadonlyMap<string, ReadonlySet<number>>

export interface PartitionsOfTopic {
  readonly topic: string
  readonly partitions: Iterable<number>
}

export interface Transaction {
  readonly transactionalId: string
  readonly producerId: number
  /** The one before this step; another only where the epochs of that had run out. */
  readonly previousProducerId: number
  /** Taken by the producer when the transaction that ends is complete; -1 unless the epochs have run out. */
  readonly nextProducerId: number
  readonly producerEpoch: number
  /** The epoch that the producer had before it asked for a new one by itself; -1 where nobody may ask again. Not written. */
  readonly lastProducerEpoch: number
  readonly timeoutMs: number
  readonly state: TransactionState
  /** Of an open transaction all; of one that ends those whose marker is not known to be written. */
  readonly partitions: TransactionPartitions
  /** -1 before there was one. */
  readonly startMs: number
  readonly lastUpdateMs: number
  /** In which generation the producer spoke last. */
  readonly clientVersion: TransactionVersion
}

export const NO_PARTITIONS: TransactionPartitions = new Map()

export function newTransaction(
  transactionalId: string,
  producerId: number,
  timeoutMs: number,
  nowMs: number,
): Transaction {
  return {
    transactionalId,
    producerId,
    previousProducerId: NO_ID,
    nextProducerId: NO_ID,
    producerEpoch: NO_EPOCH,
    lastProducerEpoch: NO_EPOCH,
    timeoutMs,
    state: 'Empty',
    partitions: NO_PARTITIONS,
    startMs: NEVER_MS,
    lastUpdateMs: nowMs,
    clientVersion: 0,
  }
}

/** The last epoch of an id is for fencing alone, so the one before is the last that a producer gets. */
export function isExhausted(producerEpoch: number): boolean {
  return producerEpoch >= MAX_EPOCH - 1
}

interface Initialization {
  readonly producerId?: number
  readonly producerEpoch: number
  readonly lastProducerEpoch: number
  readonly timeoutMs: number
  readonly nowMs: number
}

/** A producer begins, or goes on, under that epoch. */
export function initialized(transaction: Transaction, to: Initialization): Transaction {
  const { nowMs, ...next } = to
  return {
    ...transaction,
    previousProducerId: transaction.producerId,
    ...next,
    state: 'Empty',
    partitions: NO_PARTITIONS,
    startMs: NEVER_MS,
    lastUpdateMs: nowMs,
  }
}

export function withPartitions(
  transaction: Transaction,
  added: Iterable<PartitionsOfTopic>,
  clientVersion: TransactionVersion,
  nowMs: number,
): Transaction {
  const partitions = new Map(transaction.partitions)
  for (const { topic, partitions: more } of added) {
    partitions.set(topic, new Set([...(partitions.get(topic) ?? []), ...more]))
  }
  return {
    ...transaction,
    previousProducerId: transaction.producerId,
    state: 'Ongoing',
    partitions,
    startMs: transaction.state === 'Ongoing' ? transaction.startMs : nowMs,
    lastUpdateMs: nowMs,
    clientVersion,
  }
}

/** The outcome stands with this step; markers follow. */
export function prepared(
  transaction: Transaction,
  to: { readonly isCommit: boolean; readonly clientVersion: TransactionVersion; readonly nextProducerId: number },
  nowMs: number,
): Transaction {
  const { producerEpoch, state } = transaction
  const isBumped = to.clientVersion === 2
  return {
    ...transaction,
    previousProducerId: transaction.producerId,
    nextProducerId: to.nextProducerId,
    producerEpoch: isBumped ? Math.min(producerEpoch + 1, MAX_EPOCH) : producerEpoch,
    lastProducerEpoch: isBumped ? producerEpoch : transaction.lastProducerEpoch,
    state: to.isCommit ? 'PrepareCommit' : 'PrepareAbort',
    startMs: state === 'Ongoing' ? transaction.startMs : nowMs,
    lastUpdateMs: nowMs,
    clientVersion: to.clientVersion,
  }
}

/** The same under a higher epoch: whoever has the old one is shut out. Part of a step, never one of its own. */
export function fenced(transaction: Transaction): Transaction {
  const producerEpoch = Math.min(transaction.producerEpoch + 1, MAX_EPOCH)
  return { ...transaction, producerEpoch, lastProducerEpoch: NO_EPOCH }
}

/** A marker is in each of these. */
export function withoutPartitions(transaction: Transaction, marked: Iterable<PartitionsOfTopic>): Transaction {
  const partitions = new Map(transaction.partitions)
  for (const { topic, partitions: gone } of marked) {
    const left = new Set(partitions.get(topic))
    for (const partition of gone) left.delete(partition)
    if (left.size === 0) partitions.delete(topic)
    else partitions.set(topic, left)
  }
  return { ...transaction, partitions }
}

export function completed(transaction: Transaction, nowMs: number): Transaction {
  const { nextProducerId, clientVersion } = transaction
  const isRotated = clientVersion === 2 && nextProducerId !== NO_ID
  return {
    ...transaction,
    previousProducerId: transaction.producerId,
    nextProducerId: NO_ID,
    ...(isRotated && { producerId: nextProducerId, producerEpoch: 0 }),
    state: transaction.state === 'PrepareCommit' ? 'CompleteCommit' : 'CompleteAbort',
    partitions: NO_PARTITIONS,
    lastUpdateMs: nowMs,
  }
}

export function holds({ partitions }: Transaction, topic: string, partition: number): boolean {
  return partitions.get(topic)?.has(partition) === true
}

export function isEnding({ state }: Transaction): boolean {
  return state === 'PrepareCommit' || state === 'PrepareAbort'
}

const BYTES_OF_ID = 400
const BYTES_OF_TOPIC = 200
const BYTES_OF_PARTITION = 40
const BYTES_OF_UNIT = 2

/** About as much memory as it takes, not less: what limits count. */
export function heldBytes({ transactionalId, partitions }: Transaction): number {
  let bytes = BYTES_OF_ID + transactionalId.length * BYTES_OF_UNIT
  for (const [topic, numbers] of partitions) {
    bytes += BYTES_OF_TOPIC + topic.length * BYTES_OF_UNIT + numbers.size * BYTES_OF_PARTITION
  }
  return bytes
}

/** As lists, for messages and records. */
export function partitionLists(partitions: TransactionPartitions): { topic: string; partitions: number[] }[] {
  return Array.from(partitions, ([topic, numbers]) => ({ topic, partitions: [...numbers] }))
}
