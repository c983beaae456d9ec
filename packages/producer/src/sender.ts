/**
 * Sender: takes batches out of the queues and sends them, at most one of a partition in a request and one request for all
 * partitions of a broker; then does with each batch what the answer says. Owns when that happens: once in a turn of the
 * event loop in which something changed, and by one timer when batches wait for their time.
 *
 * Nothing in here awaits: a run looks at the state, sends what may go, and ends. Answers change the state and bring about
 * the next run.
 */
import type { BrokerLink } from '@samsa/client'
import {
  BATCH_HEADER_BYTES,
  type Decoded,
  type ProduceResponse,
  type ProduceResponsePartitionResponse,
  produce,
} from '@samsa/protocol'
import { type KafkaError, NetworkError, OutOfOrderSequenceError, TimeoutError } from '@samsa/runtime'
import { Backoff, type Timer } from '@samsa/runtime/internal'
import type { Accumulator } from './accumulator.js'
import { splitBatch } from './batch-split.js'
import type { ProducerCluster } from './cluster.js'
import { asKafkaError, ProducerIdentity } from './idempotence.js'
import type { Identity, PartitionQueue } from './partition-queue.js'
import { type ProduceOutcome, produceOutcome } from './produce-outcome.js'
import { produceRequest, responsesByBatch } from './produce-request.js'
import type { ProducerBatch } from './producer-batch.js'
import type { ProducerMetrics } from './producer-metrics.js'
import type { ProducerConfig } from './producer-options.js'
import { soonBackoff } from './soon-backoff.js'
import type { TopicQueues } from './topic-queues.js'
import type { Doom, TransactionGate } from './transaction-gate.js'

export interface SenderOptions {
  readonly config: ProducerConfig
  readonly cluster: ProducerCluster
  readonly accumulator: Accumulator
  readonly metrics: ProducerMetrics
  /** Without it, batches belong to no transaction. */
  readonly transactions?: TransactionGate | undefined
}

/** A batch on its way, with the queue that it belongs to. */
export interface SentBatch {
  readonly queue: PartitionQueue
  readonly batch: ProducerBatch
}

const PRODUCE_WITH_IDS = 13
const NO_ID = 'AAAAAAAAAAAAAAAAAAAAAA'

export class Sender {
  readonly #config: ProducerConfig
  readonly #cluster: ProducerCluster
  readonly #accumulator: Accumulator
  readonly #metrics: ProducerMetrics
  readonly #identity: ProducerIdentity | undefined
  readonly #transactions: TransactionGate | undefined
  readonly #backoff: Backoff
  /** For what is in the way for milliseconds. */
  readonly #shortBackoff: Backoff
  readonly #limits: { readonly ordered: boolean; readonly mostInFlight: number }
  readonly #unsubscribe: () => void
  /** Since when a node has taken nothing although there was something for it. */
  readonly #blockedSince = new Map<number, number>()
  #isPlanned = false
  #isClosed = false
  #flushes = 0
  #timer: Timer | undefined
  #timerAt = Number.POSITIVE_INFINITY
  #turn = 0

  constructor({ config, cluster, accumulator, metrics, transactions }: SenderOptions) {
    this.#config = config
    this.#cluster = cluster
    this.#accumulator = accumulator
    this.#metrics = metrics
    this.#backoff = new Backoff({
      initialMs: config.retryBackoffMs,
      maxMs: config.retryBackoffMaxMs,
      random: cluster.random,
    })
    this.#shortBackoff = soonBackoff(cluster.random, config.retryBackoffMaxMs)
    this.#limits = { ordered: config.maxInFlightRequests === 1, mostInFlight: config.maxInFlightRequests }
    this.#transactions = transactions
    this.#identity =
      config.enableIdempotence && transactions === undefined
        ? new ProducerIdentity({
            cluster,
            onChange: failure => this.#identityChanged(failure),
          })
        : undefined
    this.#unsubscribe = cluster.onChange(() => {
      if (accumulator.ready.size > 0) this.wake()
    })
  }

  /** Looks for work soon: what is done in this turn of the event loop is seen together. */
  readonly wake = (): void => {
    if (this.#isPlanned || this.#isClosed) return
    this.#isPlanned = true
    setImmediate(this.#run)
  }

  /** For records that have no key: they avoid such a node. */
  isStalled(node: number): boolean {
    const { partitionerAvailabilityTimeoutMs } = this.#config
    const since = this.#blockedSince.get(node)
    if (partitionerAvailabilityTimeoutMs === 0 || since === undefined) return false
    return this.#cluster.clock.monotonic() - since > partitionerAvailabilityTimeoutMs
  }

  /** While a flush goes on no batch waits for more records. */
  beginFlush(): void {
    this.#flushes++
    this.wake()
  }

  endFlush(): void {
    this.#flushes--
  }

  /** Nothing is sent any more, and what is not settled fails. */
  close(error: KafkaError): void {
    if (this.#isClosed) return
    this.#isClosed = true
    this.#unsubscribe()
    this.#timer?.cancel()
    this.#timer = undefined
    for (const batch of [...this.#accumulator.incomplete]) this.#fail(batch, error)
    this.#accumulator.ready.clear()
  }

  readonly #run = (): void => {
    this.#isPlanned = false
    if (this.#isClosed) return
    const doom = this.#transactions?.doom
    if (doom !== undefined) this.#giveUp(doom)
    const now = this.#cluster.clock.monotonic()
    const byNode = this.#sortByNode(now)
    for (const node of this.#blockedSince.keys()) if (!byNode.has(node)) this.#blockedSince.delete(node)
    for (const [node, queues] of byNode) this.#sendTo(node, queues, now)
  }

  /** Queues whose first batch may go now, by the node that it goes to. Sets the timer for those that wait for their time. */
  #sortByNode(now: number): ReadonlyMap<number, PartitionQueue[]> {
    const byNode = new Map<number, PartitionQueue[]>()
    let nextAt = Number.POSITIVE_INFINITY
    const mayNumber = this.#mayNumber
    if (!mayNumber && this.#accumulator.ready.size > 0) this.#identity?.ensure()
    for (const queue of this.#accumulator.ready) {
      nextAt = Math.min(nextAt, this.#expire(queue, now))
      if (queue.mustRenumber && queue.inFlight.length === 0) queue.renumber()
      const [first] = queue.waiting
      if (first === undefined) {
        if (queue.inFlight.length === 0) this.#accumulator.ready.delete(queue)
        continue
      }
      const node = this.#leaderOf(queue)
      const dueAt = this.#dueAt(queue, first, node)
      if (dueAt > now) {
        nextAt = Math.min(nextAt, dueAt)
        continue
      }
      if (node < 0 || !mayNumber) continue
      const queues = byNode.get(node)
      if (queues === undefined) byNode.set(node, [queue])
      else queues.push(queue)
    }
    this.#wakeAt(nextAt, now)
    return byNode
  }

  /** When the first batch may go: at once when it is full, or when it has waited for long enough. */
  #dueAt(queue: PartitionQueue, first: ProducerBatch, node: number): number {
    // The pause is for the broker that failed.
    if (first.attempts > 0) return node === first.sentTo ? first.retryAt : 0
    const isReady =
      first.isFull ||
      queue.waiting.length > 1 ||
      this.#flushes > 0 ||
      this.#accumulator.waitingForMemory.size > 0 ||
      this.#config.lingerMs === 0
    return isReady ? 0 : first.createdAt + this.#config.lingerMs
  }

  get #currentIdentity(): Identity | undefined {
    return (this.#transactions ?? this.#identity)?.current
  }

  get #mayNumber(): boolean {
    return this.#currentIdentity !== undefined || (this.#identity ?? this.#transactions) === undefined
  }

  get #produceVersion(): number {
    return this.#transactions?.produceVersion ?? PRODUCE_WITH_IDS
  }

  #leaderOf(queue: PartitionQueue): number {
    const topic = this.#accumulator.topic(queue.topic)
    topic.info = this.#cluster.metadata.topic(queue.topic) ?? this.#askAgain(topic)
    const leader = topic.leaderOf(queue.partition)
    if (leader < 0) this.#cluster.metadata.refresh(`no leader of ${queue.topic}-${queue.partition} is known`)
    return leader
  }

  /** What was known of the topic has been forgotten: it holds until it is known again, but nobody else would ask. */
  #askAgain(topic: TopicQueues): undefined {
    if (topic.isLookedUp) return
    topic.isLookedUp = true
    const { metadata, clock } = this.#cluster
    const { deliveryTimeoutMs, retryBackoffMaxMs } = this.#config
    metadata
      .topicOf(topic.name, { timeoutMs: deliveryTimeoutMs })
      .then(this.wake, () => clock.sleep(retryBackoffMaxMs, { unref: true }))
      .finally(() => {
        topic.isLookedUp = false
      })
  }

  #sendTo(node: number, queues: readonly PartitionQueue[], now: number): void {
    const link = this.#cluster.link(node, 'produce')
    // Beginning with another queue each time: a request has no room for all when batches are large.
    const start = this.#turn++ % queues.length
    if (!link.isReady) link.wake()
    for (;;) {
      if (!this.#mayTakeMore(link)) {
        if (!this.#blockedSince.has(node)) this.#blockedSince.set(node, now)
        return
      }
      this.#blockedSince.delete(node)
      const batches = this.#drain(node, queues, start, now)
      if (batches.length === 0) return
      this.#send(link, batches)
    }
  }

  /** Without answers it is the socket that says how much is too much. */
  #mayTakeMore(link: BrokerLink): boolean {
    const { acks, maxInFlightRequests, maxRequestSize } = this.#config
    if (!link.isReady || link.inFlight >= maxInFlightRequests) return false
    return acks !== 0 || link.bufferedBytes <= maxRequestSize
  }

  /** At most one batch of each queue, and no more than a request may have. */
  #drain(node: number, queues: readonly PartitionQueue[], start: number, now: number): SentBatch[] {
    const batches: SentBatch[] = []
    const identity = this.#currentIdentity
    let bytes = 0
    for (let index = 0; index < queues.length; index++) {
      const queue = queues[(start + index) % queues.length]
      const first = queue?.waiting[0]
      if (queue === undefined || first === undefined || this.#dueAt(queue, first, node) > now) continue
      if (!queue.maySend(node, identity, this.#limits)) continue
      if (bytes > 0 && bytes + first.size > this.#config.maxRequestSize) break
      if (this.#transactions?.mayDrain(queue, first) === false) continue
      const batch = queue.take(node, identity)
      if (batch === undefined) continue
      bytes += batch.close().length
      batches.push({ queue, batch })
    }
    return batches
  }

  #send(link: BrokerLink, batches: readonly SentBatch[]): void {
    const { acks, requestTimeoutMs } = this.#config
    const { metadata } = this.#cluster
    // As of now: the answer has the ids of its request, whatever becomes known meanwhile.
    const ids = new Map(batches.map(({ batch: { topic } }) => [topic, metadata.topic(topic)?.id ?? NO_ID]))
    const idOf = (topic: string): string => ids.get(topic) ?? NO_ID
    try {
      const withIds = batches.every(({ batch }) => idOf(batch.topic) !== NO_ID)
      const atMost = Math.min(withIds ? PRODUCE_WITH_IDS : PRODUCE_WITH_IDS - 1, this.#produceVersion)
      const version = link.version(produce, atMost)
      const request = produceRequest(batches, {
        acks: acks === 'all' ? -1 : acks,
        timeoutMs: requestTimeoutMs,
        transactionalId: this.#transactions?.transactionalId ?? null,
        idOf,
      })
      this.#metrics.requestSent(batches)
      if (acks === 0) {
        link.send(produce, version, request)
        for (const sent of batches) this.#landed(sent, { kind: 'written', baseOffset: -1, logAppendTimeMs: -1 })
        this.#settledSome()
        return
      }
      link.request(produce, version, request, { timeoutMs: requestTimeoutMs }).then(
        response => this.#answered(link, batches, response, version >= PRODUCE_WITH_IDS, idOf),
        (error: unknown) => {
          // Even where another attempt is pointless: its numbers are not to be given to other records.
          for (const { batch } of batches) batch.mayBeWritten = true
          this.#lost(batches, asKafkaError(error))
        },
      )
    } catch (error) {
      this.#lost(batches, asKafkaError(error))
    }
  }

  #answered(
    link: BrokerLink,
    batches: readonly SentBatch[],
    response: Decoded<ProduceResponse>,
    withIds: boolean,
    idOf: (topic: string) => string,
  ): void {
    const find = responsesByBatch(response, withIds)
    for (const sent of batches) {
      const { batch, queue } = sent
      const answer = find(withIds ? idOf(batch.topic) : batch.topic, batch.partition)
      if (answer === undefined) {
        this.#landed(sent, missing(link.broker, batch))
        continue
      }
      this.#noteLeader(batch, answer, response)
      const outcome = produceOutcome(answer, {
        topic: batch.topic,
        partition: batch.partition,
        broker: link.broker,
        recordCount: batch.recordCount,
        isIdempotent: batch.stamp !== undefined,
      })
      if (outcome.kind === 'again' && outcome.refresh) {
        this.#cluster.metadata.refresh(`${outcome.error.code} for ${queue.topic}-${queue.partition}`)
      }
      this.#landed(sent, outcome)
      if (batch.isSettled) batch.recycle()
    }
    this.#settledSome()
  }

  /** The connection ended before the answer came: nobody knows what was written. */
  #lost(batches: readonly SentBatch[], error: KafkaError): void {
    for (const sent of batches) {
      this.#landed(
        sent,
        error.retriable
          ? { kind: 'again', error, mayBeWritten: true, refresh: true }
          : { kind: 'failed', error, mayBeWritten: true },
      )
    }
    this.#cluster.metadata.refresh(`Produce failed: ${error.code}`)
    this.#settledSome()
  }

  #settledSome(): void {
    if (this.#accumulator.ready.size > 0) this.wake()
  }

  /** What the outcome of one batch makes of it. */
  #landed({ queue, batch }: SentBatch, outcome: ProduceOutcome): void {
    queue.landed(batch)
    this.#accumulator.ready.add(queue)
    if (outcome.kind === 'written') queue.written(batch)
    else if (outcome.kind === 'again' || outcome.kind === 'failed') batch.mayBeWritten ||= outcome.mayBeWritten
    // Its time was over while it was in flight, and its senders have been told.
    if (batch.isSettled) {
      if (outcome.kind !== 'written' && outcome.kind !== 'again') queue.forget(batch)
      return
    }
    switch (outcome.kind) {
      case 'written':
        this.#written(batch, outcome)
        break
      case 'again':
        this.#again(queue, batch, outcome.error)
        break
      case 'renumber':
        this.#refusedForItsNumber(queue, batch, outcome)
        break
      case 'split':
        this.#replace(queue, batch, new Set(), outcome.error)
        break
      case 'without':
        this.#without(queue, batch, outcome.records)
        break
      case 'failed':
        queue.forget(batch)
        this.#fail(batch, outcome.error)
        break
    }
  }

  #written(
    batch: ProducerBatch,
    { baseOffset, logAppendTimeMs }: { baseOffset: number; logAppendTimeMs: number },
  ): void {
    this.#metrics.batchWritten(batch)
    const { topic, partition } = batch
    batch.succeed({ topic, partition, baseOffset, logAppendTimeMs }, this.#cluster.logger)
    this.#accumulator.release(batch)
  }

  #again(queue: PartitionQueue, batch: ProducerBatch, error: KafkaError): void {
    batch.lastError = error
    if (batch.attempts > this.#config.retries) {
      queue.forget(batch)
      this.#fail(batch, error)
      return
    }
    this.#metrics.batchRetried()
    const backoff = error.code === 'CONCURRENT_TRANSACTIONS' ? this.#shortBackoff : this.#backoff
    batch.retryAt = this.#cluster.clock.monotonic() + backoff.delayMs(Math.max(batch.attempts, 1))
    queue.putBack(batch)
  }

  /** Behind a batch without an outcome that is what must happen; otherwise the broker has lost track of us, or we of it. */
  #refusedForItsNumber(
    queue: PartitionQueue,
    batch: ProducerBatch,
    { error, mustHaveNewId }: { error: KafkaError; mustHaveNewId: boolean },
  ): void {
    if (queue.isFirst(batch) || mustHaveNewId) {
      // Within a transaction numbers cannot begin anew.
      if (this.#transactions !== undefined) {
        this.#fail(batch, error)
        return
      }
      // A broker that restarted knows of a producer's last batch only: an earlier one may be there, and is refused.
      if (batch.mayBeWritten && !mustHaveNewId) {
        this.#fail(batch, doubtful(batch, error))
        return
      }
      batch.mayBeWritten = false
      if (!queue.mustRenumber) this.#identity?.moveOn(mustHaveNewId)
      queue.mustRenumber = true
    }
    this.#again(queue, batch, error)
    // It waits for those before it, and for nothing else.
    if (!queue.mustRenumber) batch.retryAt = 0
  }

  #without(queue: PartitionQueue, batch: ProducerBatch, errors: ReadonlyMap<number, KafkaError>): void {
    errors.forEach((error, index) => {
      batch.failRecord(index, error, this.#cluster.logger)
    })
    this.#metrics.recordsFailed(errors.size)
    this.#replace(queue, batch, errors, undefined)
  }

  /** Puts other batches with the same records, or some of them, in the place of one that was refused. */
  #replace(
    queue: PartitionQueue,
    batch: ProducerBatch,
    without: { has(index: number): boolean },
    why: KafkaError | undefined,
  ): void {
    const half = BATCH_HEADER_BYTES + (batch.uncompressedBytes - BATCH_HEADER_BYTES) / 2
    const target =
      why === undefined ? this.#config.maxBatchSize : Math.min(this.#config.batchSize / 2 ** batch.splits, half)
    const splits = why === undefined ? batch.splits : batch.splits + 1
    const capacity = Math.ceil(Math.min(target, this.#config.batchSize))
    let parts: ProducerBatch[]
    try {
      parts = splitBatch(
        batch,
        target,
        () => this.#accumulator.emptyBatch(queue, batch.createdAt, capacity, splits),
        without,
      )
    } catch (error) {
      this.#fail(batch, asKafkaError(error))
      return
    }
    const charge = Math.floor(batch.chargedBytes / Math.max(parts.length, 1))
    for (const part of parts) this.#accumulator.adopt(part, charge)
    batch.replaceBy(parts)
    this.#accumulator.release(batch)
    queue.putParts(batch, parts)
    this.#accumulator.ready.add(queue)
  }

  /** Fails what has waited for too long. Returns when the next one is due. */
  #expire(queue: PartitionQueue, now: number): number {
    let nextAt = Number.POSITIVE_INFINITY
    for (const batch of queue.inFlight) {
      if (batch.isSettled) continue
      const dueAt = batch.createdAt + this.#config.deliveryTimeoutMs
      if (dueAt > now) nextAt = Math.min(nextAt, dueAt)
      else this.#fail(batch, this.#deliveryTimeout(batch))
    }
    while (queue.waiting.length > 0) {
      const [first] = queue.waiting
      if (first === undefined) break
      const dueAt = first.createdAt + this.#config.deliveryTimeoutMs
      if (dueAt > now) return Math.min(nextAt, dueAt)
      queue.waiting.shift()
      queue.forget(first)
      this.#fail(first, this.#deliveryTimeout(first))
    }
    return nextAt
  }

  #fail(batch: ProducerBatch, error: KafkaError): void {
    if (batch.isSettled) return
    const { topic, partition, recordCount } = batch
    this.#metrics.recordsFailed(recordCount)
    this.#cluster.logger.warn({ topic, partition, records: recordCount, err: error }, 'records were not delivered')
    batch.fail(error, this.#cluster.logger)
    this.#accumulator.release(batch)
  }

  /** Fails what the transaction leaves without a chance. */
  #giveUp({ error, isForAll }: Doom): void {
    // Those in line first: they must not come in for the room that others leave.
    this.#accumulator.waitingForMemory.failAll(() => error)
    for (const { waiting, queues } of this.#accumulator.topics) {
      waiting.failAll(() => error)
      for (const queue of queues) {
        const kept = isForAll ? 0 : queue.waiting.filter(({ stamp }) => stamp !== undefined).length
        const doomed = queue.waiting.splice(kept)
        for (const batch of isForAll ? [...queue.inFlight, ...doomed] : doomed) this.#fail(batch, error)
      }
    }
  }

  #deliveryTimeout(batch: ProducerBatch): TimeoutError {
    const { topic, partition, mayBeWritten, lastError, attempts } = batch
    const isUnknown = mayBeWritten || attempts > 0
    const why = lastError === undefined ? '' : ` The last attempt failed: ${lastError.message}`
    const certainty = isUnknown ? 'Whether the broker has it, nobody knows.' : 'It was not sent.'
    return new TimeoutError(
      `The record was not acknowledged within deliveryTimeoutMs (${this.#config.deliveryTimeoutMs} ms). ${certainty}${why}`,
      { topic, partition, api: 'Produce', cause: lastError },
    )
  }

  #identityChanged(failure: KafkaError | undefined): void {
    if (failure === undefined || failure.retriable) {
      this.wake()
      return
    }
    // Later sends ask again: rights may be granted meanwhile.
    for (const queue of this.#accumulator.ready) {
      for (const batch of queue.waiting.splice(0)) this.#fail(batch, failure)
    }
  }

  #noteLeader(
    batch: ProducerBatch,
    answer: Decoded<ProduceResponsePartitionResponse>,
    response: Decoded<ProduceResponse>,
  ): void {
    const { leaderId, leaderEpoch } = answer.currentLeader
    if (leaderId < 0 || leaderEpoch < 0) return
    const endpoint = response.nodeEndpoints.find(({ nodeId }) => nodeId === leaderId)
    const { metadata } = this.#cluster
    metadata.applyLeader(batch.topic, batch.partition, {
      leaderId,
      leaderEpoch,
      ...(endpoint === undefined ? {} : { endpoint: { host: endpoint.host, port: endpoint.port } }),
    })
  }

  #wakeAt(at: number, now: number): void {
    if (at >= this.#timerAt && this.#timer?.active === true) return
    this.#timer?.cancel()
    this.#timer = undefined
    this.#timerAt = at
    if (at === Number.POSITIVE_INFINITY) return
    this.#timer = this.#cluster.clock.timer(
      Math.max(0, at - now),
      () => {
        this.#timerAt = Number.POSITIVE_INFINITY
        this.wake()
      },
      { name: 'batches that wait' },
    )
  }
}

function missing(broker: string, { topic, partition }: ProducerBatch): ProduceOutcome {
  const error = new NetworkError(`The answer of ${broker} has nothing about ${topic}-${partition}.`, {
    topic,
    partition,
    broker,
    api: 'Produce',
  })
  return { kind: 'again', error, mayBeWritten: true, refresh: true }
}

/** Sent again under another number it could be there twice. */
function doubtful({ topic, partition }: ProducerBatch, cause: KafkaError): OutOfOrderSequenceError {
  return new OutOfOrderSequenceError(
    `Whether the broker has the record, nobody knows: the answer to it was lost, and now its number is refused. ${cause.message}`,
    { topic, partition, broker: cause.broker, api: 'Produce', cause },
  )
}
