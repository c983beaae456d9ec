/**
 * RelayProgress: which batch of each lane was the last to be committed, in a compacted topic that has a partition for each lane.
 * A lane's partition is written by the lane's transactional id alone. Once a producer has taken that id over, everything in the
 * partition has its outcome, and its end is where the last word is.
 */
import { Admin, Client, type ClientOptions, TopicsError } from '@samsa/client'
import { Consumer, type ConsumerRecord } from '@samsa/consumer'
import type { ProducerRecord } from '@samsa/producer'
import { ConfigError, KafkaError, TimeoutError } from '@samsa/runtime'
import { Deadline } from '@samsa/runtime/internal'
import type { OutboxLane, OutboxPlace } from '../store/outbox-store.js'

/** How many offsets of the end are read at first; eight times as many each time that no word of the lane was in them. */
const FIRST_SPAN = 16n
const SPAN_GROWTH = 8n

const CREATES_NOTHING = { allowAutoTopicCreation: false }

export interface RelayProgressParts {
  readonly client: ClientOptions
  readonly topic: string
  readonly lanes: number
  readonly timeoutMs: number
}

export class RelayProgress {
  readonly #parts: RelayProgressParts
  #ensuring: Promise<void> | undefined

  constructor(parts: RelayProgressParts) {
    this.#parts = parts
  }

  /** Part of the transaction that sends these records. */
  record({ box, lane }: OutboxLane, places: readonly OutboxPlace[]): ProducerRecord {
    return { topic: this.#parts.topic, partition: lane, key: keyOf({ box, lane }), value: placesToText(places) }
  }

  /** Once for all lanes; again when it has failed, or when progress could not be read: the topic may be gone. */
  ensureTopic(): Promise<void> {
    this.#ensuring ??= this.#ensureTopic().catch((error: unknown) => {
      this.#ensuring = undefined
      throw error
    })
    return this.#ensuring
  }

  /** What the last committed batch of the lane consisted of; nothing when there was none. */
  async last(lane: OutboxLane): Promise<readonly OutboxPlace[]> {
    try {
      return await this.#last(lane)
    } catch (error) {
      this.#ensuring = undefined
      throw error
    }
  }

  async #last({ box, lane }: OutboxLane): Promise<readonly OutboxPlace[]> {
    const { topic, timeoutMs, client: options } = this.#parts
    await using client = new Client(options, CREATES_NOTHING)
    const place = { topic, partition: lane }
    const consumer = (isolationLevel: 'readUncommitted' | 'readCommitted'): Consumer =>
      new Consumer({ ...options, autoOffsetReset: 'none', isolationLevel }, { cluster: client })
    await using all = consumer('readUncommitted')
    await using reader = consumer('readCommitted')
    const [begin] = await all.beginningOffsets([place], { timeoutMs })
    const [end] = await all.endOffsets([place], { timeoutMs })
    if (begin === undefined || end === undefined) return []
    reader.assign([place])
    for (let span = FIRST_SPAN; ; span *= SPAN_GROWTH) {
      const isWhole = end.offset - span <= begin.offset
      reader.seek(place, isWhole ? begin.offset : end.offset - span)
      const deadline = new Deadline(client.clock, timeoutMs)
      const word = await lastOf(reader, { ...place, key: keyOf({ box, lane }), end: end.offset }, deadline)
      if (word !== undefined) return placesFromText(Buffer.from(word.value ?? []).toString())
      if (isWhole) return []
    }
  }

  async #ensureTopic(): Promise<void> {
    await using client = new Client(this.#parts.client, CREATES_NOTHING)
    const admin = new Admin({ client })
    const { topic, lanes, timeoutMs } = this.#parts
    const configs = { 'cleanup.policy': 'compact' }
    try {
      await admin.createTopics([{ name: topic, partitions: lanes, configs }], { timeoutMs })
    } catch (error) {
      if (!(error instanceof TopicsError) || error.code !== 'TOPIC_ALREADY_EXISTS') throw error
      const [known] = await admin.describeTopics([topic], { timeoutMs })
      const count = known?.partitions.length ?? 0
      if (count < lanes) {
        throw new ConfigError(
          `relay: ${topic} has ${count} partitions, and each of ${lanes} lanes needs its own: add partitions to it.`,
          { topic },
        )
      }
    }
  }
}

/** The last record with that key before that end, when everything up to there was read. */
async function lastOf(
  reader: Consumer,
  { topic, partition, key, end }: { topic: string; partition: number; key: string; end: bigint },
  deadline: Deadline,
): Promise<ConsumerRecord<Uint8Array, Uint8Array> | undefined> {
  const place = { topic, partition }
  let last: ConsumerRecord<Uint8Array, Uint8Array> | undefined
  while ((await reader.position(place, { timeoutMs: deadline.remainingMs })) < end) {
    if (deadline.remainingMs <= 0) {
      throw new TimeoutError(
        `${topic}-${partition} could not be read up to ${end}: does anyone but the relay have a transaction open there?`,
        { topic, partition },
      )
    }
    for (const record of await reader.poll(Math.min(POLL_MS, deadline.remainingMs))) {
      if (Buffer.from(record.key ?? []).toString() === key) last = record
    }
  }
  return last
}

const POLL_MS = 50

function keyOf({ box, lane }: OutboxLane): string {
  return `${box}/${lane}`
}

/** Sequences and ids, as JSON: `[["17","9f…"], …]`. */
export function placesToText(places: readonly OutboxPlace[]): string {
  return JSON.stringify(places.map(({ sequence, id }) => [String(sequence), id]))
}

export function placesFromText(text: string): readonly OutboxPlace[] {
  try {
    const pairs: unknown = JSON.parse(text)
    if (Array.isArray(pairs)) return pairs.map(placeOf)
  } catch (cause) {
    throw unreadable(cause)
  }
  throw unreadable(undefined)
}

function placeOf(pair: unknown): OutboxPlace {
  const [sequence, id] = Array.isArray(pair) ? (pair as readonly unknown[]) : []
  if (typeof sequence !== 'string' || typeof id !== 'string') throw unreadable(undefined)
  return { sequence: BigInt(sequence), id }
}

function unreadable(cause: unknown): KafkaError {
  return new KafkaError(
    'The progress of the relay cannot be read: something else has written to its topic. Nothing is sent, since what was sent already is not known.',
    { code: 'CORRUPT_PROGRESS', fatal: true, cause },
  )
}
