/**
 * TransactionManager: the transaction of a producer, as the broker knows it. Owns the state, the identity under which
 * batches are numbered, and what is to be told to the coordinators, one request at a time. The sender asks it before it
 * takes a batch (`TransactionGate`), every record's failure is told to it, and the calls of users begin here; how long
 * they wait is not its business.
 *
 * Invariants. The end of a transaction is sent when every record of it has its outcome. Once the transaction has failed,
 * nothing is numbered any more until it was aborted. A call whose caller went away before its end goes on, and its
 * outcome is kept for the next call of the same name; meanwhile no other call is taken.
 */
import {
  type Api,
  addOffsetsToTxn,
  addPartitionsToTxn,
  type Decoded,
  endTxn,
  initProducerId,
  produce,
  txnOffsetCommit,
} from '@samsa/protocol'
import { KafkaError, type TransactionPayload } from '@samsa/runtime'
import { invariant, observedOperations } from '@samsa/runtime/internal'
import type { ProducerCluster } from './cluster.js'
import { CoordinatorExchange, type Exchange } from './coordinator-exchange.js'
import { Deferred } from './deferred.js'
import { asKafkaError } from './idempotence.js'
import type { Identity, PartitionQueue } from './partition-queue.js'
import type { ProducerBatch } from './producer-batch.js'
import { asAbortable, asFatal, type Failure, recordFailure } from './transaction-failures.js'
import type { Doom, TransactionGate } from './transaction-gate.js'
import { checkGroup, type GroupMetadata, offsetsByTopic, type TransactionOffsets } from './transaction-offsets.js'
import {
  addOffsetsRequest,
  addPartitionsFindings,
  addPartitionsRequest,
  endTxnRequest,
  initProducerIdRequest,
  LAST_EXPLICIT,
  type OffsetsToCommit,
  txnOffsetCommitFindings,
  txnOffsetCommitRequest,
} from './transaction-requests.js'
import { TransactionSettling } from './transaction-settling.js'
import {
  allowedIn,
  type Generation,
  nextRequest,
  type TransactionCall,
  type TransactionRequest,
  type TransactionState,
  TransactionStateError,
  transitions,
  wrongState,
} from './transaction-states.js'

export interface TransactionManagerOptions {
  readonly cluster: Pick<ProducerCluster, 'call' | 'clock' | 'random' | 'logger' | 'clientId'>
  readonly transactionalId: string
  readonly transactionTimeoutMs: number
  readonly retryBackoffMaxMs: number
  /** Resolves when every record that was sent before has its outcome. */
  readonly drained: () => Promise<void>
  /** What the sender may do has changed. */
  readonly onChange: () => void
}

/** A call that waits for a coordinator. */
interface PendingCall {
  readonly call: TransactionCall
  readonly outcome: Deferred
}

interface PendingOffsets extends OffsetsToCommit {
  readonly outcome: Deferred
}

/** Of what was not sent because its transaction was aborted. */
const ABORTED = 'TRANSACTION_ABORTED'
/** Most offset commits that may wait in one transaction. */
const MOST_OFFSET_COMMITS = 10_000

export class TransactionManager implements TransactionGate {
  readonly transactionalId: string
  readonly #options: TransactionManagerOptions
  readonly #coordinators: CoordinatorExchange
  readonly #closing = new AbortController()
  readonly #settling: TransactionSettling
  #state: TransactionState = 'uninitialized'
  #identity: Identity | undefined
  /** Of the open transaction; it changes between two. */
  #generation: Generation = 1
  #pending: PendingCall | undefined
  /** Why the transaction, or the producer, has failed. */
  #failure: KafkaError | undefined
  /** Sequence numbers may have gaps that only another epoch closes. */
  #mustRaiseEpoch = false
  /** The transaction that has just ended was committed, whatever becomes of the epoch. */
  #isCommitted = false
  /** The broker may know of the transaction. */
  #isStarted = false
  #isDrained = false
  /** Which end of a transaction waits for its records. */
  #draining: object | undefined
  #isAsking = false
  readonly #toAdd = new Set<PartitionQueue>()
  readonly #added = new Set<PartitionQueue>()
  readonly #offsets: PendingOffsets[] = []
  readonly #addedGroups = new Set<string>()
  #offsetsWanted = new AbortController()
  #observed: TransactionPayload | undefined

  constructor(options: TransactionManagerOptions) {
    this.#options = options
    this.transactionalId = options.transactionalId
    this.#coordinators = new CoordinatorExchange({
      cluster: options.cluster,
      retryBackoffMaxMs: options.retryBackoffMaxMs,
      closing: this.#closing.signal,
    })
    this.#settling = new TransactionSettling({
      cluster: options.cluster,
      transactionalId: options.transactionalId,
      closing: this.#closing.signal,
      onSettled: () => {
        options.onChange()
        this.#ask()
      },
    })
  }

  get state(): TransactionState {
    return this.#state
  }

  /** The call that is under way, or whose outcome nobody has seen. */
  get pendingCall(): TransactionCall | undefined {
    return this.#pending?.call
  }

  get current(): Identity | undefined {
    return this.#identity
  }

  get produceVersion(): number {
    return this.#generation === 1 ? LAST_EXPLICIT.produce : produce.versions.latestStable
  }

  get doom(): Doom | undefined {
    if (this.#state === 'fatal' && this.#failure !== undefined) return { error: this.#failure, isForAll: true }
    if (this.#state !== 'abortable' && this.#state !== 'aborting') return undefined
    return { error: this.#abortedError('The record was not sent'), isForAll: false }
  }

  mayDrain(queue: PartitionQueue, batch: Pick<ProducerBatch, 'stamp'>): boolean {
    if (batch.stamp !== undefined) return this.#state !== 'fatal'
    if (this.#state !== 'inTransaction' && this.#state !== 'committing') return false
    if (this.#generation === 1) {
      if (this.#added.has(queue)) return true
      // All partitions that the sender looks at in this turn go in one request.
      if (this.#toAdd.size === 0) queueMicrotask(() => this.#ask())
      this.#toAdd.add(queue)
      return false
    }
    if (this.#isHeldBack) return false
    this.#isStarted = true
    return true
  }

  /** Throws unless a record may be sent now. */
  checkSend(): void {
    if (this.#state !== 'inTransaction' || this.#pending !== undefined) this.#check('send')
  }

  init(): Promise<void> {
    return this.#join('initTransactions', () => {
      this.#become('initializing')
      this.#ask()
    })
  }

  begin(): void {
    this.#check('beginTransaction')
    this.#become('inTransaction')
    this.#failure = undefined
    this.#settling.ask()
    const { transaction } = observedOperations
    if (!transaction.observed) return
    const { producerId = 0, producerEpoch = 0 } = this.#identity ?? {}
    const { clientId } = this.#options.cluster
    const payload = { clientId, transactionalId: this.transactionalId, producerId: BigInt(producerId), producerEpoch }
    transaction.begin(payload, () => {
      this.#observed = payload
    })
  }

  commitOffsets(offsets: TransactionOffsets, group: GroupMetadata): Promise<void> {
    this.#check('sendOffsetsToTransaction')
    checkGroup(group)
    const topics = offsetsByTopic(offsets)
    if (topics.length === 0) return Promise.resolve()
    if (this.#offsets.length >= MOST_OFFSET_COMMITS)
      throw new TransactionStateError('Too many offset commits wait in this transaction: await them.')
    const outcome = new Deferred()
    this.#offsets.push({ group, topics, outcome })
    this.#ask()
    return outcome.promise
  }

  commit(): Promise<void> {
    return this.#join('commitTransaction', () => this.#end('committing'))
  }

  abort(): Promise<void> {
    return this.#join('abortTransaction', () => {
      this.#end('aborting')
      this.#dropWork(this.#abortedError('The offsets were not committed'))
      this.#options.onChange()
    })
  }

  /** A caller has seen the outcome of its call. */
  acknowledge(call: TransactionCall): void {
    if (this.#pending?.call === call && this.#pending.outcome.isSettled) this.#pending = undefined
  }

  /** A record of the transaction was not delivered, whatever the reason. */
  recordFailed(cause: KafkaError): void {
    if (this.#closing.signal.aborted) return
    if (this.#isOpen) this.#failed(recordFailure(cause))
    // It was numbered and is given up: it leaves a gap, or comes late, into a transaction of the same epoch.
    else if (this.#state === 'aborting' && cause.code !== ABORTED) this.#mustRaiseEpoch = true
  }

  /** Nothing is asked any more; who waits is told. */
  close(error: KafkaError): void {
    this.#closing.abort(error)
    this.#pending?.outcome.reject(error)
    this.#dropWork(error)
    this.#observeEnd('unknown', error)
  }

  #check(call: TransactionCall): void {
    if (this.#pending !== undefined) throw pendingError(call, this.#pending)
    if (allowedIn[call].includes(this.#state)) return
    const isStored = this.#state === 'fatal' || this.#state === 'abortable'
    throw isStored && this.#failure !== undefined ? this.#failure : wrongState(call, this.#state)
  }

  #join(call: TransactionCall, begin: () => void): Promise<void> {
    if (this.#pending?.call === call) return this.#pending.outcome.promise
    this.#check(call)
    const outcome = new Deferred()
    this.#pending = { call, outcome }
    begin()
    return outcome.promise
  }

  #become(next: TransactionState): void {
    invariant(transitions[this.#state].includes(next), () => `a transaction goes from ${this.#state} to ${next}`)
    const { logger } = this.#options.cluster
    logger.debug({ transactionalId: this.transactionalId, from: this.#state, to: next }, 'the transaction goes on')
    this.#state = next
  }

  #end(state: 'committing' | 'aborting'): void {
    this.#become(state)
    this.#isDrained = false
    const end = {}
    this.#draining = end
    this.#options.drained().then(
      () => {
        // A commit that has failed meanwhile is over; its abort waits anew.
        if (this.#draining !== end) return
        this.#isDrained = true
        this.#ask()
      },
      (error: unknown) => this.#failed({ verdict: 'fatal', error: asKafkaError(error) }),
    )
  }

  #ask(): void {
    if (this.#isAsking || this.#closing.signal.aborted) return
    const request = nextRequest({
      state: this.#state,
      generation: this.#generation,
      partitionsToAdd: this.#toAdd.size,
      offsets: this.#offsetsView(),
      isDrained: this.#isDrained,
      isHeldBack: this.#isHeldBack,
    })
    if (request === undefined) return
    this.#isAsking = true
    this.#perform(request)
      .catch((error: unknown) => this.#failed({ verdict: 'fatal', error: asKafkaError(error) }))
      .finally(() => {
        this.#isAsking = false
        this.#ask()
      })
  }

  #offsetsView(): 'none' | 'groupNotAdded' | 'groupAdded' {
    const [first] = this.#offsets
    if (first === undefined) return 'none'
    return this.#addedGroups.has(first.group.groupId) ? 'groupAdded' : 'groupNotAdded'
  }

  #perform(request: TransactionRequest): Promise<void> {
    switch (request) {
      case 'InitProducerId':
        return this.#initProducerId()
      case 'AddPartitionsToTxn':
        return this.#addPartitions()
      case 'AddOffsetsToTxn':
        return this.#addOffsets()
      case 'TxnOffsetCommit':
        return this.#commitOffsets()
      case 'EndTxn':
        return this.#endTransaction()
    }
  }

  async #initProducerId(): Promise<void> {
    const { transactionTimeoutMs } = this.#options
    const before = this.#identity
    const answer = await this.#exchange(initProducerId, {
      request: 'InitProducerId',
      body: version => initProducerIdRequest(version, this.transactionalId, transactionTimeoutMs, before),
      to: this.#coordinator,
      findings: ({ errorCode }) => [{ code: errorCode }],
    })
    if ('verdict' in answer) {
      this.#notInitialized(answer)
      return
    }
    this.#identity = { producerId: Number(answer.producerId), producerEpoch: answer.producerEpoch }
    this.#mustRaiseEpoch = false
    this.#generation = this.#coordinators.generation
    this.#become('ready')
    this.#isCommitted = false
    this.#pending?.outcome.resolve()
  }

  /** Where the broker refuses for now, the same can be tried again: by a call to begin with, by an abort later. */
  #notInitialized({ verdict, error }: Failure): void {
    if (verdict === 'fatal' || verdict === 'fenced') {
      this.#failed({ verdict, error })
      return
    }
    if (this.#closing.signal.aborted) return
    const isFirst = this.#identity === undefined
    this.#become(isFirst ? 'uninitialized' : 'abortable')
    this.#failure = isFirst ? error : asAbortable(error)
    this.#endCall(this.#failure)
  }

  async #addPartitions(): Promise<void> {
    const queues = [...this.#toAdd]
    const request = addPartitionsRequest(this.transactionalId, this.#mustHaveIdentity(), queues)
    const answer = await this.#exchange(addPartitionsToTxn, {
      request: 'AddPartitionsToTxn',
      body: () => request,
      to: this.#coordinator,
      maxVersion: LAST_EXPLICIT.addPartitionsToTxn,
      findings: addPartitionsFindings,
    })
    if ('verdict' in answer) {
      this.#failed(answer)
      return
    }
    this.#isStarted = true
    if (!this.#isOpen) return
    for (const queue of queues) {
      this.#toAdd.delete(queue)
      this.#added.add(queue)
    }
    this.#options.onChange()
  }

  async #addOffsets(): Promise<void> {
    const [first] = this.#offsets
    if (first === undefined) return
    const request = addOffsetsRequest(this.transactionalId, this.#mustHaveIdentity(), first.group)
    const answer = await this.#exchange(addOffsetsToTxn, {
      request: 'AddOffsetsToTxn',
      body: () => request,
      to: this.#coordinator,
      findings: ({ errorCode }) => [{ code: errorCode }],
    })
    if ('verdict' in answer) {
      this.#failed(answer)
      return
    }
    this.#isStarted = true
    this.#addedGroups.add(first.group.groupId)
  }

  async #commitOffsets(): Promise<void> {
    const [first] = this.#offsets
    if (first === undefined) return
    const identity = this.#mustHaveIdentity()
    if (this.#generation === 2) this.#isStarted = true
    const answer = await this.#exchange(txnOffsetCommit, {
      request: 'TxnOffsetCommit',
      body: version => txnOffsetCommitRequest(version, this.transactionalId, identity, first),
      to: { group: first.group.groupId },
      maxVersion: this.#generation === 1 ? LAST_EXPLICIT.txnOffsetCommit : undefined,
      findings: txnOffsetCommitFindings,
      // Its coordinator is another one than that of the transaction: an abort must not wait for it.
      signal: this.#offsetsWanted.signal,
    })
    if (this.#offsets[0] !== first) return
    if ('verdict' in answer) {
      this.#failed(answer)
      return
    }
    this.#offsets.shift()
    first.outcome.resolve()
  }

  async #endTransaction(): Promise<void> {
    const committed = this.#state === 'committing'
    if (!this.#isStarted) {
      this.#ended(committed, this.#mustRaiseEpoch && this.#generation === 1)
      return
    }
    const request = endTxnRequest(this.transactionalId, this.#mustHaveIdentity(), committed)
    const answer = await this.#exchange(endTxn, {
      request: 'EndTxn',
      body: () => request,
      to: this.#coordinator,
      maxVersion: this.#generation === 1 ? LAST_EXPLICIT.endTxn : undefined,
      findings: ({ errorCode }) => [{ code: errorCode }],
    })
    if ('verdict' in answer) {
      // What can only be aborted, and cannot be aborted, is lost.
      const isLost = answer.verdict === 'abortable' && !committed
      this.#failed(isLost ? { verdict: 'fatal', error: asFatal(answer.error) } : answer)
      return
    }
    if (this.#generation === 2) this.#settling.begin()
    const isRaised = answer.producerId >= 0n
    if (isRaised) this.#identity = { producerId: Number(answer.producerId), producerEpoch: answer.producerEpoch }
    // What was sent before the switch must not be taken for a part of what comes after it.
    const switches = this.#generation === 1 && this.#coordinators.generation === 2
    this.#ended(committed, !isRaised && (this.#mustRaiseEpoch || switches))
  }

  #ended(committed: boolean, mustRaiseEpoch: boolean): void {
    this.#isStarted = false
    this.#isDrained = false
    this.#draining = undefined
    this.#added.clear()
    this.#addedGroups.clear()
    this.#offsetsWanted = new AbortController()
    this.#observeEnd(committed ? 'committed' : 'aborted')
    if (mustRaiseEpoch) {
      this.#isCommitted = committed
      this.#become('initializing')
      return
    }
    this.#mustRaiseEpoch = false
    if (this.#generation === 2) this.#generation = this.#coordinators.generation
    this.#become('ready')
    this.#pending?.outcome.resolve()
  }

  #endCall(error: KafkaError): void {
    if (this.#isCommitted) this.#pending?.outcome.resolve()
    else this.#pending?.outcome.reject(error)
    this.#isCommitted = false
  }

  #exchange<Request extends object, Response extends object>(
    api: Api<Request, Response>,
    exchange: Omit<Exchange<Request, Response>, 'isWanted'>,
  ): Promise<Decoded<Response> | Failure> {
    const began = this.#state
    return this.#coordinators.ask(api, { ...exchange, isWanted: () => this.#isOpen || this.#state === began })
  }

  #failed({ verdict, error }: Failure): void {
    if (this.#closing.signal.aborted || this.#state === 'fatal') return
    if (verdict === 'abortable' && (this.#state === 'inTransaction' || this.#state === 'committing')) {
      this.#become('abortable')
      this.#mustRaiseEpoch = true
    } else if (verdict === 'fatal' || verdict === 'fenced') {
      this.#become('fatal')
      this.#observeEnd('unknown', error)
    } else {
      // Given up without an answer that says it was not done: where nothing else is to be ended, another epoch ends that.
      if (this.#state === 'aborting' && !this.#isStarted) this.#mustRaiseEpoch = true
      return
    }
    const { logger } = this.#options.cluster
    logger.warn({ transactionalId: this.transactionalId, state: this.#state, err: error }, 'the transaction has failed')
    this.#failure = error
    this.#draining = undefined
    this.#endCall(error)
    this.#dropWork(error)
    this.#options.onChange()
  }

  #dropWork(error: KafkaError): void {
    this.#toAdd.clear()
    this.#offsetsWanted.abort(error)
    for (const { outcome } of this.#offsets.splice(0)) outcome.reject(error)
  }

  #observeEnd(outcome: 'committed' | 'aborted' | 'unknown', error?: KafkaError): void {
    const payload = this.#observed
    if (payload === undefined) return
    this.#observed = undefined
    payload.outcome = outcome
    if (error === undefined) observedOperations.transaction.finish(payload)
    else observedOperations.transaction.fail(payload, error)
  }

  #abortedError(what: string): KafkaError {
    return new KafkaError(`${what}: its transaction was aborted.`, {
      code: ABORTED,
      cause: this.#failure,
    })
  }

  #mustHaveIdentity(): Identity {
    invariant(this.#identity !== undefined, 'a transaction has an identity')
    return this.#identity
  }

  get #isHeldBack(): boolean {
    return this.#generation === 2 && !this.#isStarted && !this.#settling.isOver
  }

  get #isOpen(): boolean {
    return this.#state === 'inTransaction' || this.#state === 'committing'
  }

  get #coordinator(): { readonly transaction: string } {
    return { transaction: this.transactionalId }
  }
}

function pendingError(call: TransactionCall, pending: PendingCall): TransactionStateError {
  const why = pending.outcome.isSettled ? 'nobody has waited for its outcome' : 'it is still under way'
  return new TransactionStateError(
    `${call}() cannot be done now: ${pending.call}() was called and ${why}. Call ${pending.call}() again to learn it.`,
  )
}
