/**
 * IdScreen: leaves out of a transaction what was handled before, by the ids of `kafkaStore`, and has the ids of the rest
 * written along. What it has found counts when the transaction is committed, and is forgotten when it is aborted.
 */
import type { ConsumerRecord, TopicPartition } from '@samsa/consumer'
import type { ProducerRecord } from '@samsa/producer'
import { AsIs } from '@samsa/producer/internal'
import { invariant } from '@samsa/runtime/internal'
import type { Changelog, IdRecord } from '../kafka-store/changelog.js'
import type { SeenIds } from '../kafka-store/seen-ids.js'
import { found } from '../observation.js'
import { fingerprintOf, idOf, payloadMismatch } from '../record-id.js'
import type { LoopDedupOptions } from './loop-options.js'
import { placeName } from './place-name.js'

interface Screening {
  readonly place: TopicPartition
  readonly ids: SeenIds
  /** With the fingerprint of each. */
  readonly fresh: Map<string, string>
  outgoing: readonly string[]
}

export class IdScreen<Key, Value> {
  readonly #options: Omit<LoopDedupOptions<Key, Value>, 'store'>
  readonly #changelog: Pick<Changelog, 'restore' | 'recordOf' | 'clock'>
  readonly #seen = new Map<string, SeenIds>()
  /** Of the transaction under way. */
  readonly #screenings = new Map<string, Screening>()
  #duplicates: ConsumerRecord<Key, Value>[] = []
  #at = 0

  constructor(
    options: Omit<LoopDedupOptions<Key, Value>, 'store'>,
    changelog: Pick<Changelog, 'restore' | 'recordOf' | 'clock'>,
  ) {
    this.#options = options
    this.#changelog = changelog
  }

  /** Before anything of these partitions is handled. */
  async restore(places: readonly TopicPartition[], signal: AbortSignal): Promise<void> {
    const missing = places.filter(place => !this.#seen.has(placeName(place)))
    if (missing.length === 0) return
    for (const [name, ids] of await this.#changelog.restore(missing, signal)) this.#seen.set(name, ids)
  }

  /** Those that were not handled before. Throws for a record without an id, or with another content than its id had before. */
  screen(
    records: readonly ConsumerRecord<Key, Value>[],
    output: { send(record: ProducerRecord<never, never>): unknown },
  ): readonly ConsumerRecord<Key, Value>[] {
    this.aborted()
    this.#at = this.#changelog.clock.now()
    const fresh = records.filter(record => this.#isFresh(record))
    for (const screening of this.#screenings.values()) {
      const { place, ids, fresh: adding } = screening
      screening.outgoing = ids.outgoing(adding, this.#at)
      for (const [id, fingerprint] of adding) {
        output.send(asIs(this.#changelog.recordOf(place, id, fingerprint, this.#at)))
      }
      for (const id of screening.outgoing) output.send(asIs(this.#changelog.recordOf(place, id, null, this.#at)))
    }
    return fresh
  }

  /** Tells of the duplicates, and how many there were. */
  committed(): number {
    for (const { ids, fresh, outgoing } of this.#screenings.values()) {
      for (const [id, fingerprint] of fresh) ids.add(id, this.#at, fingerprint)
      for (const id of outgoing) ids.remove(id)
    }
    const duplicates = this.#duplicates
    this.aborted()
    for (const record of duplicates) {
      found('transactionalLoop', 'duplicate', record)
      this.#options.onDuplicate?.(record)
    }
    return duplicates.length
  }

  aborted(): void {
    this.#screenings.clear()
    this.#duplicates = []
  }

  /** Others write their ids from now on. */
  forget(places: readonly TopicPartition[]): void {
    for (const place of places) this.#seen.delete(placeName(place))
  }

  forgetAll(): void {
    this.#seen.clear()
  }

  #isFresh(record: ConsumerRecord<Key, Value>): boolean {
    const id = idOf(record, this.#options.key)
    const { ids, fresh } = this.#screeningOf(record)
    const fingerprint = textOf(fingerprintOf(record, this.#options.fingerprint))
    const known = fresh.get(id) ?? ids.fingerprint(id, this.#at)
    if (known !== undefined) {
      // What was not fingerprinted then or is not now is taken for the same.
      if (known !== '' && fingerprint !== '' && known !== fingerprint) throw payloadMismatch(record, id)
      this.#duplicates.push(record)
      return false
    }
    fresh.set(id, fingerprint)
    return true
  }

  #screeningOf({ topic, partition }: TopicPartition): Screening {
    const name = placeName({ topic, partition })
    const known = this.#screenings.get(name)
    if (known !== undefined) return known
    const ids = this.#seen.get(name)
    invariant(ids !== undefined, () => `the ids of ${name} are there before its records are handled`)
    const screening: Screening = { place: { topic, partition }, ids, fresh: new Map(), outgoing: [] }
    this.#screenings.set(name, screening)
    return screening
  }
}

function textOf(fingerprint: Uint8Array | undefined): string {
  return fingerprint === undefined ? '' : Buffer.from(fingerprint).toString('base64url')
}

/** No serde is to touch it: the producer's are for what the work sends. */
function asIs({ key, value, ...rest }: IdRecord): ProducerRecord<never, never> {
  return { ...rest, key: new AsIs(key) as never, value: value === null ? null : (new AsIs(value) as never) }
}
