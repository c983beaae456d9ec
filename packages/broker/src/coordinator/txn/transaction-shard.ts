/**
 * TransactionShard: the transactional ids that one partition of `__transaction_state` keeps. Decides by the rules of
 * `transaction-rules.ts`, has the step written down, and orders markers once it is. Owner of its transactions.
 *
 * A transaction changes when its record is in the log, and answers and markers leave when that is safe: what a marker says
 * can never be taken back by a loss of power. One that was to be ended when the partition was loaded is ended then.
 */
import { codeOf } from '../../cluster/partitions.js'
import type { Answer, CoordinatorRecord, CoordinatorShard, Moment, Reply, Step, Wake } from '../shard.js'
import {
  completed,
  heldBytes,
  isEnding,
  newTransaction,
  partitionLists,
  type Transaction,
  type TransactionVersion,
  withoutPartitions,
} from './transaction.js'
import {
  type AddRequest,
  type EndRequest,
  type InitRequest,
  type MarkerOrder,
  type MarkerReport,
  type ProducerAnswer,
  producerAnswer,
  refusedAnswer,
} from './transaction-contract.js'
import { transactionOf, transactionRecord, transactionTombstone } from './transaction-records.js'
import {
  abortedByCoordinator,
  type RuleContext,
  type Ruling,
  ruleAdd,
  ruleEnd,
  ruleInit,
  ruleVerify,
} from './transaction-rules.js'

export interface TransactionShardSettings {
  readonly expirationMs: number
  readonly expirationCheckMs: number
  readonly timeoutCheckMs: number
  /** The level of `transaction.version` that the cluster has now. */
  readonly serverVersion: () => TransactionVersion
  readonly nextProducerId: () => number
  /** Whether the broker keeps no more of them: new ids, or partitions of open transactions. */
  readonly isFullOf: (what: 'ids' | 'partitions') => boolean
  /** Has the markers written, and the shard told of it (`marked`). */
  readonly orderMarkers: (order: MarkerOrder) => void
}

/** Producers look for a coordinator that has room, and ask again. */
const FULL = 'COORDINATOR_NOT_AVAILABLE'
const TIMEOUTS = 'timeouts'
const EXPIRATION = 'expiration'
const MARKERS_PREFIX = 'markers '
const FIRST_RETRY_MS = 100
const LONGEST_RETRY_MS = 10_000
/** What is written at once of what time has brought; more follows. */
const MOST_AT_ONCE = 1000
/** How the log's refusal of a batch that is larger than it takes comes here. */
const TOO_LARGE = codeOf('UNKNOWN_SERVER_ERROR')

export class TransactionShard implements CoordinatorShard {
  readonly #settings: TransactionShardSettings
  readonly #coordinatorEpoch: number
  readonly #transactions = new Map<string, Transaction>()
  #heldBytes = 0
  /** Of ids whose markers could not all be written: how long the next try waits. */
  readonly #retries = new Map<string, number>()
  /** Less than the most after the log has found so much too large for one batch; it does not say how much it takes. */
  #atOnce = MOST_AT_ONCE
  #isLive = false

  constructor(settings: TransactionShardSettings, coordinatorEpoch: number) {
    this.#settings = settings
    this.#coordinatorEpoch = coordinatorEpoch
  }

  // What the runtime asks

  /** Only when loading: what is appended now was decided from the state that it leads to. */
  replay(record: CoordinatorRecord): void {
    if (this.#isLive) return
    const said = transactionOf(record)
    if (said === undefined) return
    const { transactionalId, transaction } = said
    if (transaction === undefined) this.#forget(transactionalId)
    else this.#keep(transaction)
  }

  loaded(at: Moment): Step {
    this.#isLive = true
    const all = [...this.#transactions.values()]
    const isAnyOpen = all.some(({ state }) => state === 'Ongoing')
    return {
      answers: all.filter(isEnding).map(transaction => this.#markersOf(transaction)),
      wakes: [this.#expirationWake(at), ...(isAnyOpen ? [this.#timeoutWake(at)] : [])],
    }
  }

  wake(key: string, at: Moment): Step {
    if (key === TIMEOUTS) return this.#abortTimedOut(at)
    if (key === EXPIRATION) return this.#forgetExpired(at)
    const transaction = this.#transactions.get(key.slice(MARKERS_PREFIX.length))
    return transaction === undefined || !isEnding(transaction) ? {} : this.#orderAgain(transaction, at)
  }

  unloaded(): readonly Answer[] {
    return []
  }

  // Producers

  init(transactionalId: string, request: InitRequest, reply: Reply<ProducerAnswer>, at: Moment): Step {
    const context = this.#context(at)
    let transaction = this.#transactions.get(transactionalId)
    if (transaction === undefined) {
      if (this.#settings.isFullOf('ids')) return refusal(reply, FULL)
      transaction = newTransaction(transactionalId, context.nextProducerId(), request.timeoutMs, at.nowMs)
    }
    const ruling = ruleInit(transaction, request, context)
    if (ruling.error === undefined && ruling.next !== undefined && isEnding(ruling.next)) {
      return this.#end(ruling.next, [refusedAnswer(reply, 'CONCURRENT_TRANSACTIONS')])
    }
    return this.#ruled(ruling, reply, at)
  }

  add(transactionalId: string, request: AddRequest, reply: Reply<ProducerAnswer>, at: Moment): Step {
    const transaction = this.#transactions.get(transactionalId)
    if (transaction === undefined) return refusal(reply, 'INVALID_PRODUCER_ID_MAPPING')
    const ruling = ruleAdd(transaction, request, request, this.#context(at))
    const isMore = ruling.error === undefined && ruling.next !== undefined
    if (isMore && this.#settings.isFullOf('partitions')) return refusal(reply, FULL)
    return this.#ruled(ruling, reply, at)
  }

  end(transactionalId: string, request: EndRequest, reply: Reply<ProducerAnswer>, at: Moment): Step {
    const transaction = this.#transactions.get(transactionalId)
    if (transaction === undefined) return refusal(reply, 'INVALID_PRODUCER_ID_MAPPING')
    return this.#ruled(ruleEnd(transaction, request, request, this.#context(at)), reply, at)
  }

  /** Of each partition in the order of naming why it is not in that producer's open transaction, 0 where it is. */
  verify(transactionalId: string, request: AddRequest): number[][] {
    const transaction = this.#transactions.get(transactionalId)
    return request.partitions.map(({ topic, partitions }) =>
      Array.from(partitions, partition => {
        const fault =
          transaction === undefined ? 'INVALID_PRODUCER_ID_MAPPING' : ruleVerify(transaction, request, topic, partition)
        return fault === undefined ? 0 : codeOf(fault)
      }),
    )
  }

  get size(): number {
    return this.#transactions.size
  }

  /** About as much memory as its ids take. */
  get heldBytes(): number {
    return this.#heldBytes
  }

  get(transactionalId: string): Transaction | undefined {
    return this.#transactions.get(transactionalId)
  }

  transactions(): Iterable<Transaction> {
    return this.#transactions.values()
  }

  // Markers

  /** Markers are in their logs. With the last of them the transaction is complete. */
  marked({ transactionalId, producerId, producerEpoch, written, areLeft }: MarkerReport, at: Moment): Step {
    const transaction = this.#transactions.get(transactionalId)
    if (transaction === undefined || !isEnding(transaction)) return {}
    // The answer to an order that a load or another try has made void.
    if (transaction.producerId !== producerId || transaction.producerEpoch !== producerEpoch) return {}
    const left = withoutPartitions(transaction, written)
    this.#keep(left)
    if (areLeft) return { wakes: [this.#retryWake(transactionalId, at)] }
    return left.partitions.size > 0 ? {} : this.#complete(left, at)
  }

  #complete(transaction: Transaction, at: Moment): Step {
    const { transactionalId } = transaction
    this.#retries.delete(transactionalId)
    return {
      ...this.#change(completed(transaction, at.nowMs)),
      refused: () => ({ wakes: [this.#retryWake(transactionalId, at)] }),
    }
  }

  #orderAgain(transaction: Transaction, at: Moment): Step {
    return transaction.partitions.size === 0
      ? this.#complete(transaction, at)
      : { answers: [this.#markersOf(transaction)] }
  }

  /** Not an answer to anyone, but it leaves like one: when what it follows from is safe. */
  #markersOf(transaction: Transaction): Answer {
    const { transactionalId, producerId, producerEpoch, clientVersion, partitions, state } = transaction
    const order: MarkerOrder = {
      transactionalId,
      producerId,
      producerEpoch,
      isCommit: state === 'PrepareCommit',
      coordinatorEpoch: this.#coordinatorEpoch,
      transactionVersion: clientVersion,
      partitions: partitionLists(partitions),
    }
    return { give: () => this.#settings.orderMarkers(order), refuse: () => undefined }
  }

  // What time brings

  #abortTimedOut(at: Moment): Step {
    const context = this.#context(at)
    const open = [...this.#transactions.values()].filter(({ state }) => state === 'Ongoing')
    const timedOut = open.filter(({ startMs, timeoutMs }) => startMs + timeoutMs < at.nowMs)
    const later = open.length > 0 ? [this.#timeoutWake(at)] : []
    return this.#inPortions(timedOut, { key: TIMEOUTS, atMs: at.monotonicMs }, later, portion => {
      const ended = portion.map(each => abortedByCoordinator(each, context))
      return {
        records: ended.map(each => transactionRecord(each, context.serverVersion)),
        answers: ended.map(each => this.#markersOf(each)),
        written: () => this.#take(ended),
      }
    })
  }

  #forgetExpired(at: Moment): Step {
    const { expirationMs } = this.#settings
    const expired = [...this.#transactions.values()]
      .filter(({ state }) => state === 'Empty' || state === 'CompleteCommit' || state === 'CompleteAbort')
      .filter(({ lastUpdateMs }) => lastUpdateMs <= at.nowMs - expirationMs)
      .map(({ transactionalId }) => transactionalId)
    const later = [this.#expirationWake(at)]
    return this.#inPortions(expired, { key: EXPIRATION, atMs: at.monotonicMs }, later, portion => ({
      records: portion.map(transactionTombstone),
      written: () => {
        for (const id of portion) this.#forget(id)
        return {}
      },
    }))
  }

  /** Writes the first of all; the rest follows with the next wake, and all of it in smaller portions where the log says so. */
  #inPortions<Each>(
    all: readonly Each[],
    next: Wake,
    later: readonly Wake[],
    write: (portion: readonly Each[]) => Step,
  ): Step {
    const portion = all.slice(0, this.#atOnce)
    const isRest = portion.length === all.length
    if (isRest) this.#atOnce = MOST_AT_ONCE
    const refused = (code: number): Step => {
      if (code !== TOO_LARGE || portion.length <= 1) return { wakes: later }
      this.#atOnce = Math.ceil(portion.length / 2)
      return { wakes: [next] }
    }
    return { ...write(portion), wakes: isRest ? later : [next], refused }
  }

  #timeoutWake({ monotonicMs }: Moment): Wake {
    return { key: TIMEOUTS, atMs: monotonicMs + this.#settings.timeoutCheckMs }
  }

  #expirationWake({ monotonicMs }: Moment): Wake {
    return { key: EXPIRATION, atMs: monotonicMs + this.#settings.expirationCheckMs }
  }

  #retryWake(transactionalId: string, { monotonicMs }: Moment): Wake {
    const waitMs = this.#retries.get(transactionalId) ?? FIRST_RETRY_MS
    this.#retries.set(transactionalId, Math.min(waitMs * 2, LONGEST_RETRY_MS))
    return { key: MARKERS_PREFIX + transactionalId, atMs: monotonicMs + waitMs }
  }

  // Steps

  #ruled(ruling: Ruling, reply: Reply<ProducerAnswer>, at: Moment): Step {
    if (ruling.error !== undefined) return refusal(reply, ruling.error)
    const { next, answer } = ruling
    const answers = [producerAnswer(reply, { errorCode: 0, ...answer })]
    if (next === undefined) return { answers }
    if (isEnding(next)) return this.#end(next, answers)
    const wakes = next.state === 'Ongoing' ? [this.#timeoutWake(at)] : []
    return { ...this.#change(next), answers, wakes }
  }

  /** Markers first: where nothing has to wait for a disk, the transaction is complete when its producer is answered. */
  #end(next: Transaction, answers: readonly Answer[]): Step {
    return { ...this.#change(next), answers: [this.#markersOf(next), ...answers] }
  }

  #change(next: Transaction): Step {
    return {
      records: [transactionRecord(next, this.#settings.serverVersion())],
      written: () => this.#take([next]),
    }
  }

  #take(changed: readonly Transaction[]): Step {
    for (const each of changed) this.#keep(each)
    return {}
  }

  #keep(transaction: Transaction): void {
    const known = this.#transactions.get(transaction.transactionalId)
    this.#heldBytes += heldBytes(transaction) - (known === undefined ? 0 : heldBytes(known))
    this.#transactions.set(transaction.transactionalId, transaction)
  }

  #forget(transactionalId: string): void {
    const known = this.#transactions.get(transactionalId)
    if (known === undefined) return
    this.#transactions.delete(transactionalId)
    this.#heldBytes -= heldBytes(known)
  }

  #context({ nowMs }: Moment): RuleContext {
    const { serverVersion, nextProducerId } = this.#settings
    return { nowMs, serverVersion: serverVersion(), nextProducerId }
  }
}

function refusal(reply: Reply<ProducerAnswer>, error: string): Step {
  return { answers: [refusedAnswer(reply, error)] }
}
