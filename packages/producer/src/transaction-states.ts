/**
 * The states of a transactional producer: which follows which, which call is allowed in which, and which request is the
 * next to be sent. Tables and pure functions; `transaction-manager.ts` does what they say.
 */
import { KafkaError, type KafkaErrorDetail } from '@samsa/runtime'
import { brandError } from '@samsa/runtime/internal'

export type TransactionState =
  /** No producer id yet. */
  | 'uninitialized'
  /** Asking for a producer id, or for another epoch of it. */
  | 'initializing'
  /** No transaction is open. */
  | 'ready'
  | 'inTransaction'
  | 'committing'
  | 'aborting'
  /** Something has failed: the transaction can only be aborted. */
  | 'abortable'
  /** The producer can only be closed. */
  | 'fatal'

/** What may follow each state. Back from `initializing`, where the broker refused: to where it can be tried again. */
export const transitions: Readonly<Record<TransactionState, readonly TransactionState[]>> = {
  uninitialized: ['initializing', 'fatal'],
  initializing: ['ready', 'uninitialized', 'abortable', 'fatal'],
  ready: ['inTransaction', 'fatal'],
  inTransaction: ['committing', 'aborting', 'abortable', 'fatal'],
  committing: ['ready', 'initializing', 'abortable', 'fatal'],
  aborting: ['ready', 'initializing', 'fatal'],
  abortable: ['aborting', 'fatal'],
  fatal: [],
}

export type TransactionCall =
  | 'initTransactions'
  | 'beginTransaction'
  | 'send'
  | 'sendOffsetsToTransaction'
  | 'commitTransaction'
  | 'abortTransaction'

/** In which states a call is right. */
export const allowedIn: Readonly<Record<TransactionCall, readonly TransactionState[]>> = {
  initTransactions: ['uninitialized'],
  beginTransaction: ['ready'],
  send: ['inTransaction'],
  sendOffsetsToTransaction: ['inTransaction'],
  commitTransaction: ['inTransaction'],
  abortTransaction: ['inTransaction', 'abortable'],
}

const SITUATIONS: Readonly<Record<TransactionState, string>> = {
  uninitialized: 'transactions are not initialized: await initTransactions() first',
  initializing: 'initTransactions() is under way: await it first',
  ready: 'no transaction is open: beginTransaction() opens one',
  inTransaction: 'a transaction is open: commit or abort it first',
  committing: 'the transaction is being committed: await that first',
  aborting: 'the transaction is being aborted: await that first',
  abortable: 'the transaction has failed: abort it first',
  fatal: 'the producer has failed: close it and make a new one',
}

/** A call that does not fit what the transaction is doing. Nothing has changed: make the call that the message names. */
export class TransactionStateError extends KafkaError {
  static {
    brandError(TransactionStateError, 'TransactionStateError')
  }
  constructor(message: string, detail: KafkaErrorDetail = {}) {
    super(message, { ...detail, code: 'INVALID_TXN_STATE' })
  }
}

export function wrongState(call: TransactionCall, state: TransactionState): TransactionStateError {
  return new TransactionStateError(
    call === 'initTransactions'
      ? 'initTransactions() was called before: once is enough.'
      : `${call}() cannot be done now: ${SITUATIONS[state]}.`,
  )
}

/**
 * 1: the producer adds partitions and groups to its transaction by requests of their own. 2 (KIP-890): the broker adds
 * them with what is written, and the end of each transaction gives the next epoch.
 */
export type Generation = 1 | 2

export type TransactionRequest =
  | 'InitProducerId'
  | 'AddPartitionsToTxn'
  | 'AddOffsetsToTxn'
  | 'TxnOffsetCommit'
  | 'EndTxn'

/** What decides what is sent next. */
export interface TransactionView {
  readonly state: TransactionState
  readonly generation: Generation
  readonly partitionsToAdd: number
  /** Of the first offsets that wait to be committed: whether their group is in the transaction. */
  readonly offsets: 'none' | 'groupNotAdded' | 'groupAdded'
  /** Every record of the transaction has its outcome. */
  readonly isDrained: boolean
  /** The end of the last transaction is still on its way: what comes to the broker now is made to wait, and for longer. */
  readonly isHeldBack: boolean
}

/**
 * The one request that may be under way; undefined when there is nothing to ask. Kafka's order: an identity before
 * everything, what belongs to the transaction before its end.
 */
export function nextRequest(view: TransactionView): TransactionRequest | undefined {
  const { state, generation, partitionsToAdd, offsets, isDrained, isHeldBack } = view
  if (state === 'initializing') return 'InitProducerId'
  if (state === 'inTransaction' || state === 'committing') {
    if (partitionsToAdd > 0) return 'AddPartitionsToTxn'
    if (offsets === 'groupNotAdded' && generation === 1) return 'AddOffsetsToTxn'
    if (offsets !== 'none') return isHeldBack ? undefined : 'TxnOffsetCommit'
  }
  return isDrained && (state === 'committing' || state === 'aborting') ? 'EndTxn' : undefined
}
