/**
 * Producer: what users have of all this. Checks a record, lets interceptors and serdes at it, finds its partition, and puts
 * it into a batch or in line; the outcome comes by a promise or a callback. No networking in here: that is the sender's.
 *
 * Any number of callers may use one producer at once. Records of one topic keep the order of the calls.
 */
import { Client, clientOptionsOf, type Serde, type TopicInfo } from '@samsa/client/internal'
import type { WritableHeader } from '@samsa/protocol'
import {
  BufferExhaustedError,
  type FlushPayload,
  KafkaError,
  RecordTooLargeError,
  TimeoutError,
  type WaitOptions,
} from '@samsa/runtime'
import { Deadline, observedOperations, parseOptions, settleWithin } from '@samsa/runtime/internal'
import { Accumulator } from './accumulator.js'
import type { ProducerCluster } from './cluster.js'
import {
  type DeliveryCallback,
  ObservedRecipient,
  type Recipient,
  type RecordMetadata,
  SentPromise,
  tellFailure,
} from './delivery.js'
import { asKafkaError } from './idempotence.js'
import { Interceptors } from './interceptors.js'
import { type ChoosePartition, onBatchFullOf, partitionerOf } from './partitioner.js'
import { ProducerMetrics, type ProducerMetricsSnapshot } from './producer-metrics.js'
import { type ProducerConfig, type ProducerOptions, producerOptions } from './producer-options.js'
import { type Bytes, checkRecord, checkTopicName, type ProducerRecord, writableHeaders } from './record.js'
import { Transaction } from './running-transaction.js'
import { observeSend } from './send-observation.js'
import { Sender } from './sender.js'
import { emptyRecord, exactBytes, likelyBytes, type SerializedRecord, serialized } from './serialized-record.js'
import type { TopicQueues } from './topic-queues.js'
import type { GroupMetadata, TransactionOffsets } from './transaction-offsets.js'
import type { TransactionCall } from './transaction-states.js'
import { notTransactional, type Transactions, transactionsOf } from './transactions.js'
import type { WaitingRoom, WaitingSend } from './waiting-sends.js'

const NOTHING_ADDED: readonly WritableHeader[] = []

/** One for all, without a place where it happened: it is made for every send that does not wait for its turn. */
const lineIsFull = new BufferExhaustedError(
  'Too many sends wait for memory, or for their topic to be known, already. Await send(), or use enqueue().',
)

/** A place in line, a copy of the record, and who waits. */
const WAITING_BYTES = 600

/** Text may take three bytes for each of its units. */
const MOST_BYTES_PER_UNIT = 3

/** For sibling packages: how a producer was set up that the application has made; undefined if it is none of this copy's. */
export let producerSetup: (producer: object) => ProducerConfig | undefined

export class Producer<Key = Bytes, Value = Bytes> implements AsyncDisposable {
  readonly #config: ProducerConfig
  readonly #cluster: ProducerCluster
  readonly #accumulator: Accumulator
  readonly #sender: Sender
  readonly #metrics = new ProducerMetrics()
  readonly #interceptors: Interceptors
  readonly #transactions: Transactions | undefined
  /** Told of every record's outcome, before whoever sent it. */
  readonly #observer: DeliveryCallback | undefined
  readonly #choosePartition: ChoosePartition
  readonly #keySerde: Serde<unknown> | undefined
  readonly #valueSerde: Serde<unknown> | undefined
  /** For the record that is being looked at. It goes into a batch at once, or a copy of it waits: so one is enough. */
  #scratch: SerializedRecord | undefined = emptyRecord()
  #refused: Promise<RecordMetadata> | undefined
  #closed: KafkaError | undefined
  #closing: Promise<void> | undefined

  static {
    producerSetup = producer => (#config in producer ? producer.#config : undefined)
  }

  /** Checks the options. Nothing is connected before the first call that needs it. */
  constructor(options: ProducerOptions<Key, Value>, parts: { readonly cluster?: ProducerCluster } = {}) {
    const config = parseOptions(producerOptions, options)
    const cluster = parts.cluster ?? new Client(clientOptionsOf(config))
    this.#config = config
    this.#cluster = cluster
    this.#keySerde = config.key
    this.#valueSerde = config.value
    this.#interceptors = new Interceptors(config.interceptors, cluster.logger)
    this.#choosePartition = partitionerOf(config.partitioner, {
      random: cluster.random,
      ignoreKeys: config.partitionerIgnoreKeys,
    })
    this.#accumulator = new Accumulator({
      config,
      clock: cluster.clock,
      random: cluster.random,
      onWork: () => this.#sender.wake(),
      isStalled: node => this.#sender.isStalled(node),
      onCallbackError: error => this.#functionThrew(error),
      onBatchFull: onBatchFullOf(config.partitioner, error => this.#functionThrew(error)),
      timeoutError: (send, waitsFor) => this.#blockedError(send, waitsFor),
    })
    this.#transactions = transactionsOf(config, cluster, {
      drained: () => this.#flush(),
      onChange: () => this.#sender.wake(),
    })
    this.#observer = this.#makeObserver()
    this.#sender = new Sender({
      config,
      cluster,
      accumulator: this.#accumulator,
      metrics: this.#metrics,
      transactions: this.#transactions?.manager,
    })
  }

  /**
   * Sends a record. The promise resolves when the broker has acknowledged it, and rejects when it cannot be delivered; one
   * that nobody looks at does no harm. With a callback there is no promise.
   */
  send(record: ProducerRecord<Key, Value>, options?: WaitOptions): Promise<RecordMetadata>
  send(record: ProducerRecord<Key, Value>, callback: DeliveryCallback): void
  send(record: ProducerRecord<Key, Value>, how?: WaitOptions | DeliveryCallback): Promise<RecordMetadata> | undefined {
    if (typeof how === 'function') {
      this.#accept(record, how)
      return undefined
    }
    if (this.#accumulator.refusesAll && this.#closed === undefined && this.#observer === undefined) {
      return this.#refusedSend()
    }
    const sent = new SentPromise()
    const waiting = this.#accept(record, sent)
    const { promise } = sent
    if (how === undefined) return promise
    return this.#within(promise, how, waiting)
  }

  /**
   * The fastest way in: undefined when the record has its place in a batch, otherwise a promise that resolves when it has
   * one, or has failed: await it before the next record. The callback, if there is one, is told the outcome.
   */
  enqueue(record: ProducerRecord<Key, Value>, onDelivery?: DeliveryCallback): Promise<void> | undefined {
    const waiting = this.#accept(record, onDelivery)
    if (waiting === undefined || waiting.isGone) return undefined
    return new Promise(resolve => {
      waiting.onLeave = resolve
    })
  }

  /**
   * Sends records in order, no faster than there is room for them, and resolves with where each of them went. Rejects with
   * the first failure, when all that were sent have their outcome.
   */
  async sendAll(
    records: Iterable<ProducerRecord<Key, Value>> | AsyncIterable<ProducerRecord<Key, Value>>,
    options: WaitOptions = {},
  ): Promise<RecordMetadata[]> {
    // Whoever does not wait any more does not want the rest to be sent either.
    const stop = new AbortController()
    try {
      return await settleWithin(this.#cluster.clock, this.#sendAll(records, stop.signal), options)
    } finally {
      stop.abort()
    }
  }

  /** Resolves when everything that was sent before has its outcome, good or bad. */
  flush(options: WaitOptions = {}): Promise<void> {
    const { clientId, clock } = this.#cluster
    const payload = (): FlushPayload => ({ clientId, records: this.#accumulator.recordCount })
    const flushed = observedOperations.flush.run(payload, () => this.#flush())
    return settleWithin(clock, flushed, {
      ...options,
      timeoutError: timeoutMs => new TimeoutError(`Not everything was acknowledged within ${timeoutMs} ms.`),
    })
  }

  /**
   * To be called once, before the first transaction: ends what an earlier producer of the same `transactionalId` has left
   * open, and keeps it from going on. Where it was not done in time, the same call waits further.
   */
  async initTransactions(options: WaitOptions = {}): Promise<void> {
    await this.#mustBeTransactional('initTransactions').init(options)
  }

  /** What is sent from now on is seen by `readCommitted` consumers together, when it is committed, or never. */
  beginTransaction(): void {
    this.#mustBeTransactional('beginTransaction').begin()
  }

  /** The group goes on at these offsets if the transaction is committed. Each is the next one to read. */
  async sendOffsetsToTransaction(
    offsets: TransactionOffsets,
    groupMetadata: GroupMetadata,
    options: WaitOptions = {},
  ): Promise<void> {
    await this.#mustBeTransactional('sendOffsetsToTransaction').sendOffsets(offsets, groupMetadata, options)
  }

  /**
   * Waits for all records, and makes them visible. Rejects with an error that is `abortable` when one of them failed. When
   * the time (default: `maxBlockMs`) is over nobody knows the outcome: the same call waits for it further.
   */
  async commitTransaction(options: WaitOptions = {}): Promise<void> {
    await this.#mustBeTransactional('commitTransaction').commit(options)
  }

  /** Drops what was not sent, and makes the broker drop the rest. The producer can go on. */
  async abortTransaction(options: WaitOptions = {}): Promise<void> {
    await this.#mustBeTransactional('abortTransaction').abort(options)
  }

  /**
   * A transaction around a function: committed when it has ended, aborted when it or one of its records fails; the error
   * is then the function's own. Initializes transactions at the first use. The function runs once. A `TimeoutError` of the
   * commit means that its outcome is not known yet: `commitTransaction()` waits for it.
   */
  async transaction<T>(
    work: (transaction: Transaction<Key, Value>) => T | Promise<T>,
    options: WaitOptions = {},
  ): Promise<T> {
    const transactions = this.#mustBeTransactional('transaction')
    const transaction = new Transaction<Key, Value>(this)
    return await transactions.run(async () => {
      try {
        return await work(transaction)
      } finally {
        transaction.end()
      }
    }, options)
  }

  /** What is known of a topic's partitions: looked up when it is not known yet. */
  async partitionsFor(topic: string, options: WaitOptions = {}): Promise<TopicInfo['partitions']> {
    this.#mustBeOpen()
    checkTopicName(topic)
    const info = await this.#cluster.metadata.topicOf(topic, { timeoutMs: this.#config.maxBlockMs, ...options })
    return info.partitions
  }

  metrics(): ProducerMetricsSnapshot {
    const { recordsSent, failed, batchesSent, batchRetries, requestsSent, bytesSent } = this.#metrics
    const { memory, waitingForMemory, incomplete, topics } = this.#accumulator
    return {
      recordsSent,
      recordsFailed: failed,
      batchesSent,
      batchRetries,
      requestsSent,
      bytesSent,
      batchSizeAvg: batchesSent === 0 ? 0 : bytesSent / batchesSent,
      recordsPerBatchAvg: batchesSent === 0 ? 0 : recordsSent / batchesSent,
      bufferUsedBytes: memory.used,
      bufferLimitBytes: this.#config.bufferMemory,
      waitingSends: waitingForMemory.size + [...topics].reduce((sum, { waiting }) => sum + waiting.size, 0),
      incompleteBatches: incomplete.size,
    }
  }

  /**
   * Sends what is waiting, for no longer than `timeoutMs` (default: as long as it takes, which `deliveryTimeoutMs` bounds),
   * fails the rest, and ends all connections. An open transaction is aborted. Twice is harmless.
   */
  close(options: { readonly timeoutMs?: number } = {}): Promise<void> {
    this.#closing ??= this.#close(options.timeoutMs)
    return this.#closing
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  async #close(timeoutMs: number | undefined): Promise<void> {
    this.#closed = new KafkaError('The producer is closed: make a new one to send more.', { code: 'PRODUCER_CLOSED' })
    const deadline = new Deadline(this.#cluster.clock, timeoutMs ?? Number.POSITIVE_INFINITY)
    await this.#transactions?.close({ timeoutMs })
    await this.flush({ timeoutMs: deadline.remainingMs }).catch(() => {})
    const error = new KafkaError(
      'The producer was closed before the record was acknowledged. Whether the broker has it, nobody knows.',
      {
        code: 'PRODUCER_CLOSED',
      },
    )
    this.#transactions?.manager.close(error)
    for (const topic of this.#accumulator.topics) topic.waiting.failAll(() => error)
    this.#accumulator.waitingForMemory.failAll(() => error)
    this.#sender.close(error)
    this.#interceptors.close()
    const { partitioner } = this.#config
    if (typeof partitioner === 'object') this.#guarded(() => partitioner.close?.())
    await this.#cluster.close(timeoutMs === undefined ? {} : { timeoutMs })
  }

  async #flush(): Promise<void> {
    this.#sender.beginFlush()
    try {
      // Those in line first: they become batches, or wait for memory.
      await Promise.all(Array.from(this.#accumulator.topics, ({ waiting }) => waiting.leftByAll()))
      await this.#accumulator.waitingForMemory.leftByAll()
      const batches = [...this.#accumulator.incomplete]
      await Promise.all(batches.map(batch => new Promise<void>(resolve => batch.onSettled(resolve))))
    } finally {
      this.#sender.endFlush()
    }
  }

  async #sendAll(
    records: Iterable<ProducerRecord<Key, Value>> | AsyncIterable<ProducerRecord<Key, Value>>,
    signal: AbortSignal | undefined,
  ): Promise<RecordMetadata[]> {
    const sent: (RecordMetadata | undefined)[] = []
    let failure: { readonly index: number; readonly error: KafkaError } | undefined
    let unsettled = 0
    let whenSettled: (() => void) | undefined
    for await (const record of records) {
      if (failure !== undefined || signal?.aborted === true) break
      const index = sent.push(undefined) - 1
      unsettled++
      const room = this.enqueue(record, (error, metadata) => {
        unsettled--
        sent[index] = metadata
        if (error !== undefined && (failure === undefined || index < failure.index)) failure = { index, error }
        if (unsettled === 0) whenSettled?.()
      })
      if (room !== undefined) await room
    }
    if (unsettled > 0) {
      await new Promise<void>(resolve => {
        whenSettled = resolve
      })
    }
    if (failure !== undefined) throw failure.error
    return sent.filter(metadata => metadata !== undefined)
  }

  /** Gives the record a place in a batch or in line; then that is returned. What is wrong with it, its recipient is told. */
  #accept(record: ProducerRecord<Key, Value>, recipient: Recipient): WaitingSend | undefined {
    let source: ProducerRecord<unknown, unknown> = record
    try {
      this.#mustBeOpen()
      this.#transactions?.manager.checkSend()
      // From here on, whatever becomes of the record is its transaction's business too.
      if (this.#observer !== undefined) recipient = new ObservedRecipient(this.#observer, recipient)
      checkRecord(source)
      if (!this.#interceptors.isEmpty) {
        source = this.#interceptors.onSend(source)
        checkRecord(source)
      }
      if (!observedOperations.send.observed) return this.#admit(source, recipient, NOTHING_ADDED)
      const { clientId } = this.#cluster
      const { transactionalId } = this.#config
      return observeSend({ record: source, recipient, clientId, transactionalId }, (added, observed) =>
        this.#admit(source, observed, added),
      )
    } catch (error) {
      this.#refuse(recipient, asKafkaError(error))
      return undefined
    }
  }

  #admit(
    source: ProducerRecord<unknown, unknown>,
    recipient: Recipient,
    added: readonly WritableHeader[],
  ): WaitingSend | undefined {
    // A serde or partitioner that sends records itself gets another one.
    const record = this.#scratch ?? emptyRecord()
    this.#scratch = undefined
    try {
      this.#serialize(source, added, record)
      this.#mustFit(record)
      const topic = this.#accumulator.topic(source.topic)
      if (topic.info === undefined) {
        checkTopicName(source.topic)
        topic.info = this.#cluster.metadata.topic(source.topic)
      }
      if (topic.info === undefined || topic.waiting.size > 0) {
        return this.#waitForTopic(topic, record, source, recipient)
      }
      return this.#place(topic, record, source, recipient, undefined)
    } finally {
      this.#scratch = record
    }
  }

  #refuse(recipient: Recipient, error: KafkaError): void {
    this.#metrics.recordsFailed(1)
    this.#cluster.logger.warn({ err: error }, 'a record was refused')
    this.#guarded(() => tellFailure(recipient, error))
  }

  #place(
    topic: TopicQueues,
    record: SerializedRecord,
    source: ProducerRecord<unknown, unknown>,
    recipient: Recipient,
    waited: WaitingSend | undefined,
  ): WaitingSend | undefined {
    if (record.partition < 0) record.partition = this.#choosePartition(record.key, source, topic) ?? -1
    else this.#mustHave(topic, record.partition)
    if (this.#accumulator.hasRoomFor(record)) {
      this.#accumulator.append(topic, record, recipient)
      return undefined
    }
    const { waitingForMemory, overflow } = this.#accumulator
    const send = waited ?? this.#waitingSend(record, source, recipient, overflow)
    // Who has waited for the topic is not turned away any more.
    if (waited === undefined && !overflow.hasRoomFor(send.bytes)) throw lineIsFull
    send.room = overflow
    waitingForMemory.push(send)
    this.#sender.wake()
    return send
  }

  /** It may have been added since the topic was looked at, and be there for the next record if not for this one. */
  #mustHave(topic: TopicQueues, partition: number): void {
    if (partition < topic.partitionCount) return
    topic.info = this.#cluster.metadata.topic(topic.name)
    if (partition >= topic.partitionCount) this.#cluster.metadata.refresh(`${topic.name}-${partition} is not known`)
    topic.mustHave(partition)
  }

  #waitForTopic(
    topic: TopicQueues,
    record: SerializedRecord,
    source: ProducerRecord<unknown, unknown>,
    recipient: Recipient,
  ): WaitingSend {
    const room = this.#accumulator.roomFor(record.bytes + WAITING_BYTES)
    if (room === undefined) throw lineIsFull
    const send = this.#waitingSend(record, source, recipient, room)
    topic.waiting.push(send)
    if (!topic.isLookedUp) this.#lookUp(topic)
    return send
  }

  #lookUp(topic: TopicQueues): void {
    topic.isLookedUp = true
    this.#cluster.metadata.topicOf(topic.name, { timeoutMs: this.#config.maxBlockMs }).then(
      info => {
        topic.isLookedUp = false
        topic.info = info
        for (let send = topic.waiting.shift(); send !== undefined; send = topic.waiting.shift())
          this.#topicIsKnown(topic, send)
      },
      (cause: unknown) => {
        topic.isLookedUp = false
        const error = asKafkaError(cause)
        topic.lookupError = error
        // Those who came later have more time; who has none left is told so by the line itself.
        if (error instanceof TimeoutError && this.#closed === undefined && topic.waiting.size > 0) this.#lookUp(topic)
        else topic.waiting.failAll(() => error)
        // One that was known has sequence numbers, which must not begin anew.
        if (topic.info === undefined && topic.waiting.size === 0) this.#accumulator.forget(topic)
      },
    )
  }

  #topicIsKnown(topic: TopicQueues, send: WaitingSend): void {
    try {
      const next = this.#place(topic, send.record, send.source, send.recipient, send)
      if (next !== undefined) return
    } catch (error) {
      this.#refuse(send.recipient, asKafkaError(error))
    }
    send.isGone = true
    send.onLeave?.()
  }

  #waitingSend(
    record: SerializedRecord,
    source: ProducerRecord<unknown, unknown>,
    recipient: Recipient,
    room: WaitingRoom,
  ): WaitingSend {
    const deadline = this.#cluster.clock.monotonic() + this.#config.maxBlockMs
    return {
      record: { ...record },
      source,
      recipient,
      deadline,
      bytes: record.bytes + WAITING_BYTES,
      room,
      isGone: false,
      onLeave: undefined,
      line: undefined,
      place: 0,
    }
  }

  #serialize(
    source: ProducerRecord<unknown, unknown>,
    added: readonly WritableHeader[],
    record: SerializedRecord,
  ): void {
    const { topic, partition = -1, timestamp = -1, key = null, value, headers } = source
    record.topic = topic
    record.partition = partition
    record.timestamp = timestamp
    record.key = key === null ? null : serialized(this.#keySerde, key, topic, true)
    record.value = value === null ? null : serialized(this.#valueSerde, value, topic, false)
    record.headers = added.length === 0 ? writableHeaders(headers) : [...writableHeaders(headers), ...added]
    record.bytes = likelyBytes(record.key, record.value, record.headers)
  }

  #mustFit(record: SerializedRecord): void {
    const { maxRequestSize, bufferMemory } = this.#config
    const limit = Math.min(maxRequestSize, bufferMemory)
    if (record.bytes * MOST_BYTES_PER_UNIT <= limit) return
    const bytes = exactBytes(record)
    if (bytes <= limit) return
    const option = maxRequestSize <= bufferMemory ? 'maxRequestSize' : 'bufferMemory'
    throw new RecordTooLargeError(`The record takes ${bytes} bytes, more than ${option} (${limit}) allows.`, {
      topic: record.topic,
    })
  }

  #mustBeOpen(): void {
    if (this.#closed !== undefined) throw this.#closed
  }

  #mustBeTransactional(call: TransactionCall | 'transaction'): Transactions {
    this.#mustBeOpen()
    if (this.#transactions === undefined) throw notTransactional(call)
    return this.#transactions
  }

  #makeObserver(): DeliveryCallback | undefined {
    const interceptors = this.#interceptors
    const manager = this.#transactions?.manager
    if (manager === undefined) return interceptors.isEmpty ? undefined : interceptors.onAcknowledgement
    return (error, metadata) => {
      if (error !== undefined) manager.recordFailed(error)
      interceptors.onAcknowledgement(error, metadata)
    }
  }

  #within(
    promise: Promise<RecordMetadata>,
    options: WaitOptions,
    waiting: WaitingSend | undefined,
  ): Promise<RecordMetadata> {
    const bounded = settleWithin(this.#cluster.clock, promise, {
      ...options,
      timeoutError: timeoutMs =>
        new TimeoutError(`The record was not acknowledged within ${timeoutMs} ms. Whether it will be, nobody knows.`),
    })
    // Still in line, it is taken out: then it is certain that it was not sent.
    bounded.catch((error: unknown) => waiting?.line?.abandon(waiting, asKafkaError(error)))
    return bounded
  }

  /** One promise for all that are refused for this: an application that does not wait makes millions of them. */
  #refusedSend(): Promise<RecordMetadata> {
    this.#metrics.recordsFailed(1)
    if (this.#refused === undefined) {
      this.#refused = Promise.reject(lineIsFull)
      this.#refused.catch(() => {})
    }
    return this.#refused
  }

  #blockedError({ record }: WaitingSend, waitsFor: 'memory' | 'topic'): KafkaError {
    const { maxBlockMs, bufferMemory } = this.#config
    const { topic } = record
    if (waitsFor === 'topic') {
      const cause = this.#accumulator.topic(topic).lookupError
      const why = cause === undefined ? 'No broker has told anything about it.' : cause.message
      return new TimeoutError(`${topic} did not become known within maxBlockMs (${maxBlockMs} ms). ${why}`, {
        topic,
        cause,
      })
    }
    return new BufferExhaustedError(
      `bufferMemory (${bufferMemory} bytes) stayed full for maxBlockMs (${maxBlockMs} ms): records are sent faster than the brokers take them.`,
      { topic },
    )
  }

  #guarded(call: () => void): void {
    try {
      call()
    } catch (error) {
      this.#functionThrew(error)
    }
  }

  #functionThrew(error: unknown): void {
    this.#cluster.logger.warn({ err: error }, "the application's function threw")
  }
}
