/**
 * OffsetsLoop: polls, and hands the records of each partition to the work in transactions of their own, which move the offset
 * too. Owns what is known of each partition, the pauses of those on which work has failed, and the end.
 *
 * A transaction has records of one partition. So one that was taken over undoes nothing of others, work that fails holds up
 * nothing else, and transactions stay short. Partitions come and go inside polls only, when no transaction is under way.
 */
import type { Consumer, ConsumerRecord, ConsumerRecords, TopicPartition } from '@samsa/consumer'
import { FencedError, KafkaError, OffsetOutOfRangeError } from '@samsa/runtime'
import { Backoff } from '@samsa/runtime/internal'
import { reach } from '../failpoint.js'
import { found } from '../observation.js'
import type { OffsetStore } from '../store/offset-store.js'
import { OffsetOwner } from './offset-owner.js'
import type { OffsetsConfig } from './offsets-options.js'
import { nameOf, type OwnedPartition } from './owned-partition.js'

export interface OffsetsContext<Tx> {
  /** What is done through it is committed together with the offset, or not at all. */
  readonly tx: Tx
  readonly topic: string
  readonly partition: number
  /** How often these records are tried, this time included. */
  readonly attempt: number
  /** Aborted when the loop is to end; what is done until then is committed all the same. */
  readonly signal: AbortSignal
}

/** Records of one partition, in their order. */
export type OffsetsWork<Tx, Key, Value> = (
  records: readonly ConsumerRecord<Key, Value>[],
  context: OffsetsContext<Tx>,
) => unknown

export interface OffsetsLoopParts<Tx, Key, Value> {
  readonly consumer: Consumer<Key, Value>
  readonly store: OffsetStore<Tx>
  readonly config: OffsetsConfig
  readonly work: OffsetsWork<Tx, Key, Value>
  readonly signal: AbortSignal
}

export class OffsetsLoop<Tx, Key, Value> {
  readonly #parts: OffsetsLoopParts<Tx, Key, Value>
  readonly #owner: OffsetOwner<Tx>
  readonly #backoff: Backoff
  readonly #owned = new Map<string, OwnedPartition>()
  /** What a listener has failed with: a poll only says that one has. */
  #failure: unknown

  constructor(parts: OffsetsLoopParts<Tx, Key, Value>) {
    const { consumer, store, config } = parts
    this.#parts = parts
    this.#owner = new OffsetOwner(consumer, store, config)
    this.#backoff = new Backoff({
      initialMs: config.retryBackoffMs,
      maxMs: config.retryBackoffMaxMs,
      random: config.insight.cluster.random,
    })
  }

  async run(): Promise<void> {
    const { consumer, config, signal } = this.#parts
    const forget = (places: readonly TopicPartition[]): void => {
      for (const place of places) this.#owned.delete(nameOf(place))
    }
    consumer.subscribe(config.topics, {
      onPartitionsAssigned: places => this.#take(places),
      onPartitionsRevoked: forget,
      onPartitionsLost: forget,
    })
    try {
      while (!signal.aborted) await this.#round()
    } catch (error) {
      if (!signal.aborted || error !== signal.reason) throw error
    } finally {
      this.#owned.clear()
      await consumer.unsubscribe().catch((error: unknown) => {
        this.#logger.warn({ err: error }, 'the consumer could not leave its group')
      })
    }
  }

  get #logger() {
    return this.#parts.config.insight.cluster.logger
  }

  get #now(): number {
    return this.#parts.config.insight.cluster.clock.monotonic()
  }

  async #round(): Promise<void> {
    const timeoutMs = this.#wakeRested()
    const records = await this.#poll(timeoutMs)
    for (const place of records?.partitions() ?? []) {
      const owned = this.#owned.get(nameOf(place))
      if (owned !== undefined) await this.#handle(owned, records?.of(place) ?? [])
    }
  }

  /** Lets partitions go on whose pause is over; for how long none of the others needs anything. */
  #wakeRested(): number {
    const now = this.#now
    // A partition that is found to be another's while this poll brings it is looked at again in time.
    let wakeAt = now + this.#parts.config.insight.config.sessionTimeoutMs
    for (const owned of this.#owned.values()) {
      if (owned.fencedAt !== undefined) wakeAt = Math.min(wakeAt, this.#mustGoBy(owned, owned.fencedAt, now))
      if (owned.restsUntil === undefined) continue
      if (owned.restsUntil <= now) {
        owned.restsUntil = undefined
        this.#parts.consumer.resume([owned.place])
      } else wakeAt = Math.min(wakeAt, owned.restsUntil)
    }
    return Math.max(0, wakeAt - now)
  }

  /** A zombie hears from its group within a session that it is none of it any more. If not, two groups share a name. */
  #mustGoBy({ place }: OwnedPartition, fencedAt: number, now: number): number {
    const goesBy = fencedAt + this.#parts.config.insight.config.sessionTimeoutMs
    if (goesBy > now) return goesBy
    const { topic, partition } = place
    throw new FencedError(
      `${nameOf(place)} is read by this consumer, and another process has taken over its offset: does something else store offsets under the group ${place.group}?`,
      { topic, partition },
    )
  }

  async #poll(timeoutMs: number): Promise<ConsumerRecords<Key, Value> | undefined> {
    const { consumer, signal } = this.#parts
    try {
      return await consumer.poll({ timeoutMs, signal })
    } catch (error) {
      if (this.#failure !== undefined) throw this.#failure
      const owned = error instanceof OffsetOutOfRangeError ? this.#ownedOf(error) : undefined
      if (owned === undefined) throw error
      const isOurs = await this.#owner.goOn(owned, error as OffsetOutOfRangeError)
      consumer.seek(owned.place, owned.next)
      if (!isOurs) this.#leave(owned)
      return undefined
    }
  }

  #ownedOf({ topic, partition }: OffsetOutOfRangeError): OwnedPartition | undefined {
    return topic === undefined || partition === undefined ? undefined : this.#owned.get(nameOf({ topic, partition }))
  }

  async #take(places: readonly TopicPartition[]): Promise<void> {
    try {
      for (const { topic, partition } of places) await this.#takePatiently(topic, partition)
    } catch (error) {
      this.#failure = error
      throw error
    }
  }

  async #takePatiently(topic: string, partition: number): Promise<void> {
    const { consumer, config, signal } = this.#parts
    for (let attempt = 1; ; attempt++) {
      try {
        const { owned, isOurs } = await this.#owner.take(topic, partition)
        this.#owned.set(nameOf(owned.place), owned)
        consumer.seek(owned.place, owned.next)
        if (!isOurs) this.#leave(owned)
        return
      } catch (error) {
        if (!KafkaError.is(error) || !error.retriable || attempt >= config.maxAttempts) throw error
        this.#logger.warn({ err: error, topic, partition }, 'a partition could not be taken over yet')
      }
      await config.insight.cluster.clock.sleep(this.#backoff.delayMs(attempt), { signal })
    }
  }

  async #handle(owned: OwnedPartition, records: readonly ConsumerRecord<Key, Value>[]): Promise<void> {
    const { config, signal } = this.#parts
    const { batch } = config
    for (let from = 0; from < records.length && !signal.aborted; from += batch) {
      if (!(await this.#apply(owned, records.slice(from, from + batch)))) return
    }
  }

  /** False when the rest is not for now: it will be read again, or is another's. */
  async #apply(owned: OwnedPartition, records: readonly ConsumerRecord<Key, Value>[]): Promise<boolean> {
    const { store, work, signal, consumer, config } = this.#parts
    const { topic, partition } = owned.place
    const last = records.at(-1)
    if (last === undefined) return true
    const to = last.offset + 1n
    this.#owner.checkTopic(owned)
    let isAdvanced = false
    try {
      await store.transaction(async tx => {
        isAdvanced = false
        await work(records, { tx, topic, partition, attempt: owned.failures + 1, signal })
        reach('offsets.afterWork')
        await this.#owner.advance(tx, owned, to)
        isAdvanced = true
        reach('offsets.afterAdvance')
      })
    } catch (error) {
      await this.#failed(owned, records, { error, isAdvanced })
      return false
    }
    owned.next = to
    owned.failures = 0
    found('offsetsInTransaction', 'processed', { records: records.length })
    if (config.mirrorToKafka) this.#mirror(consumer, owned)
    return true
  }

  #mirror(consumer: Consumer<Key, Value>, { place: { topic, partition }, next }: OwnedPartition): void {
    consumer.commitAsync([{ topic, partition, offset: next }], (_, error) => {
      if (error !== undefined) this.#logger.debug({ err: error, topic, partition }, 'an offset was not mirrored')
    })
  }

  async #failed(
    owned: OwnedPartition,
    records: readonly ConsumerRecord<Key, Value>[],
    { error, isAdvanced }: { readonly error: unknown; readonly isAdvanced: boolean },
  ): Promise<void> {
    const { consumer, config, signal } = this.#parts
    const { place } = owned
    this.#logger.warn({ err: error, ...place, failures: owned.failures }, 'a batch was rolled back')
    const isFatal = KafkaError.is(error) && error.fatal
    // What comes of the end is no failure: whoever is next does it again.
    if (!isFatal) signal.throwIfAborted()
    const isFenced = error instanceof FencedError && error.code === 'FENCED'
    owned.failures++
    if (isFenced) {
      found('offsetsInTransaction', 'fenced', { records: records.length })
      this.#leave(owned)
      return
    }
    if (owned.failures >= config.maxAttempts || isFatal) {
      throw workFailed(owned, records, error)
    }
    found('offsetsInTransaction', 'retried', { records: records.length })
    owned.restsUntil = this.#now + this.#backoff.delayMs(owned.failures)
    consumer.pause([place])
    // Nobody knows whether a commit that failed took place: the store does, and says where to go on.
    if (isAdvanced) await this.#learn(owned)
    consumer.seek(place, (this.#owned.get(nameOf(place)) ?? owned).next)
  }

  /** It is another's, whatever the group says so far. */
  #leave(owned: OwnedPartition): void {
    owned.fencedAt = this.#now
    this.#parts.consumer.pause([owned.place])
  }

  async #learn(owned: OwnedPartition): Promise<void> {
    const { topic, partition } = owned.place
    await this.#takePatiently(topic, partition)
    const known = this.#owned.get(nameOf(owned.place))
    if (known === undefined) return
    known.restsUntil = owned.restsUntil
    known.failures = known.next === owned.next ? owned.failures : 0
  }
}

function workFailed(
  { place, failures }: OwnedPartition,
  records: readonly ConsumerRecord<unknown, unknown>[],
  cause: unknown,
): KafkaError {
  const { topic, partition } = place
  const reason = cause instanceof Error ? cause.message : String(cause)
  const times = failures === 1 ? 'once' : `${failures} times`
  return new KafkaError(
    `The work on offsets ${records[0]?.offset} to ${records.at(-1)?.offset} of ${nameOf(place)} has failed ${times}, and was rolled back: ${reason}`,
    { code: 'HANDLER_FAILED', topic, partition, cause },
  )
}
