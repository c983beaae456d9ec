/**
 * What a transactional id may do next, by its state, its epoch and who asks: the step to take, or Kafka's error. Pure: the
 * rules of the coordinator without its log. Order of the checks is Kafka's, since clients see which one fails.
 */
import {
  completed,
  fenced,
  holds,
  initialized,
  isEnding,
  isExhausted,
  MAX_EPOCH,
  NO_EPOCH,
  NO_ID,
  type PartitionsOfTopic,
  prepared,
  type Transaction,
  type TransactionVersion,
  withPartitions,
} from './transaction.js'

/** A producer as it names itself. */
export interface ProducerIdentity {
  readonly producerId: number
  readonly producerEpoch: number
}

/** What to do: nothing but an answer, where there is no `next`. */
export type Ruling =
  | { readonly error: string }
  | { readonly error?: undefined; readonly next?: Transaction; readonly answer: ProducerIdentity }

export interface RuleContext {
  readonly nowMs: number
  /** The generation that the cluster has agreed on: what ends without its producer ends in it. */
  readonly serverVersion: TransactionVersion
  readonly nextProducerId: () => number
}

/**
 * A producer starts (`expected` undefined), or wants to go on under a new epoch. An open transaction is to be aborted
 * first, which the next step does: the producer is told to ask again, and gets its epoch then.
 */
export function ruleInit(
  transaction: Transaction,
  { timeoutMs, expected }: { readonly timeoutMs: number; readonly expected: ProducerIdentity | undefined },
  context: RuleContext,
): Ruling {
  if (isEnding(transaction)) return wait
  if (expected !== undefined && !mayGoOn(transaction, expected)) return { error: 'PRODUCER_FENCED' }
  if (transaction.state === 'Ongoing') {
    const next = abortedByCoordinator(transaction, context)
    return { next, answer: identityOf(next) }
  }
  const { producerEpoch, lastProducerEpoch } = transaction
  const { nowMs } = context
  const isExpectedNow = expected === undefined || expected.producerEpoch === producerEpoch
  if (isExhausted(producerEpoch) && isExpectedNow) {
    const producerId = context.nextProducerId()
    const last = expected === undefined ? NO_EPOCH : producerEpoch
    return taken(initialized(transaction, { producerId, producerEpoch: 0, lastProducerEpoch: last, timeoutMs, nowMs }))
  }
  if (expected === undefined) {
    return taken(
      initialized(transaction, { producerEpoch: producerEpoch + 1, lastProducerEpoch: NO_EPOCH, timeoutMs, nowMs }),
    )
  }
  if (producerEpoch === NO_EPOCH || isExpectedNow) {
    return taken(
      initialized(transaction, {
        producerEpoch: producerEpoch + 1,
        lastProducerEpoch: producerEpoch,
        timeoutMs,
        nowMs,
      }),
    )
  }
  // The answer to this very request was lost; nobody else has started since, or the last epoch would not be known.
  if (expected.producerEpoch === lastProducerEpoch) {
    return taken(initialized(transaction, { producerEpoch, lastProducerEpoch, timeoutMs, nowMs }))
  }
  return { error: 'PRODUCER_FENCED' }
}

function mayGoOn({ producerId, previousProducerId, producerEpoch }: Transaction, expected: ProducerIdentity): boolean {
  if (producerEpoch === NO_EPOCH || expected.producerId === producerId) return true
  return expected.producerId === previousProducerId && isExhausted(expected.producerEpoch)
}

export function ruleAdd(
  transaction: Transaction,
  producer: ProducerIdentity,
  {
    partitions,
    clientVersion,
  }: { readonly partitions: readonly PartitionsOfTopic[]; readonly clientVersion: TransactionVersion },
  { nowMs }: RuleContext,
): Ruling {
  // Before anything else: the producer may have been told already what it is when this transaction is complete.
  if (isEnding(transaction)) return wait
  const fault = memberFault(transaction, producer)
  if (fault !== undefined) return { error: fault }
  const answer = identityOf(transaction)
  if (transaction.state === 'Ongoing' && holdsAll(transaction, partitions)) return { answer }
  return { next: withPartitions(transaction, partitions, clientVersion, nowMs), answer }
}

/** Whether a partition is in the open transaction of that producer; why not otherwise. */
export function ruleVerify(
  transaction: Transaction,
  producer: ProducerIdentity,
  topic: string,
  partition: number,
): string | undefined {
  return (
    memberFault(transaction, producer) ?? (holds(transaction, topic, partition) ? undefined : 'TRANSACTION_ABORTABLE')
  )
}

function memberFault(transaction: Transaction, { producerId, producerEpoch }: ProducerIdentity): string | undefined {
  if (transaction.producerId !== producerId) return 'INVALID_PRODUCER_ID_MAPPING'
  if (transaction.producerEpoch !== producerEpoch) return 'PRODUCER_FENCED'
  return isEnding(transaction) ? 'CONCURRENT_TRANSACTIONS' : undefined
}

function holdsAll(transaction: Transaction, added: readonly PartitionsOfTopic[]): boolean {
  return added.every(({ topic, partitions }) =>
    [...partitions].every(partition => holds(transaction, topic, partition)),
  )
}

interface End {
  readonly isCommit: boolean
  readonly clientVersion: TransactionVersion
}

export function ruleEnd(transaction: Transaction, producer: ProducerIdentity, end: End, context: RuleContext): Ruling {
  return end.clientVersion === 2
    ? ruleEndWithBump(transaction, producer, end, context)
    : ruleEndAsBefore(transaction, producer, end, context)
}

/** The first generation: the epoch stays, and so a request that comes again cannot be told from the next one. */
function ruleEndAsBefore(
  transaction: Transaction,
  { producerId, producerEpoch }: ProducerIdentity,
  end: End,
  context: RuleContext,
): Ruling {
  if (transaction.producerId !== producerId) return { error: 'INVALID_PRODUCER_ID_MAPPING' }
  if (transaction.producerEpoch !== producerEpoch) return { error: 'PRODUCER_FENCED' }
  if (transaction.state === 'Ongoing') return prepare(transaction, end, NO_ID, context)
  if (isEnding(transaction)) return wait
  const isSame = transaction.state !== 'Empty' && isEndedSo(transaction, end)
  return isSame ? { answer: NOBODY } : wrongState
}

/** The second: the producer's epoch tells a request that comes again, and an abort without a transaction has a meaning. */
function ruleEndWithBump(
  transaction: Transaction,
  { producerId, producerEpoch }: ProducerIdentity,
  end: End,
  context: RuleContext,
): Ruling {
  if (isEnding(transaction)) return wait
  const current = transaction.producerEpoch
  const isRetryOnOverflow =
    transaction.previousProducerId === producerId && producerEpoch === MAX_EPOCH - 1 && current === 0
  const isRetry = isRetryOnOverflow || current === producerEpoch + 1
  if (transaction.producerId !== producerId && !isRetryOnOverflow) return { error: 'INVALID_PRODUCER_ID_MAPPING' }
  const { state } = transaction
  const isComplete = state === 'CompleteCommit' || state === 'CompleteAbort'
  const isNow = producerEpoch === current
  if (!(isNow || (isComplete && isRetry))) return { error: 'PRODUCER_FENCED' }
  if (isComplete && isRetry) return isEndedSo(transaction, end) ? { answer: identityOf(transaction) } : wrongState
  if (state !== 'Ongoing' && end.isCommit) return wrongState
  const nextProducerId = isExhausted(current) ? context.nextProducerId() : NO_ID
  return prepare(transaction, end, nextProducerId, context)
}

/** An abort that nobody asked for: the producer took too long, or another one has taken its place. */
export function abortedByCoordinator(transaction: Transaction, context: RuleContext): Transaction {
  const { serverVersion, nowMs } = context
  if (serverVersion < 2) {
    return prepared(fenced(transaction), { isCommit: false, clientVersion: 0, nextProducerId: NO_ID }, nowMs)
  }
  const nextProducerId = isExhausted(transaction.producerEpoch) ? context.nextProducerId() : NO_ID
  return prepared(transaction, { isCommit: false, clientVersion: 2, nextProducerId }, nowMs)
}

function prepare(transaction: Transaction, end: End, nextProducerId: number, { nowMs }: RuleContext): Ruling {
  const next = prepared(transaction, { ...end, nextProducerId }, nowMs)
  if (end.clientVersion !== 2) return { next, answer: NOBODY }
  // What the producer goes on with once the transaction is complete; until then it is told to wait.
  return { next, answer: identityOf(completed(next, nowMs)) }
}

function isEndedSo({ state }: Transaction, { isCommit }: End): boolean {
  return isCommit === (state === 'PrepareCommit' || state === 'CompleteCommit')
}

function taken(next: Transaction): Ruling {
  return { next, answer: identityOf(next) }
}

function identityOf({ producerId, producerEpoch }: Transaction): ProducerIdentity {
  return { producerId, producerEpoch }
}

/** What answers of the first generation carry in the place of a producer. */
export const NOBODY: ProducerIdentity = { producerId: NO_ID, producerEpoch: NO_EPOCH }

const wait: Ruling = { error: 'CONCURRENT_TRANSACTIONS' }
const wrongState: Ruling = { error: 'INVALID_TXN_STATE' }
