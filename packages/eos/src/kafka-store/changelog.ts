/**
 * Changelog: the topic that has the ids of `kafkaStore`. Makes it when it is missing, says how ids are written, and reads them
 * back. Ids of a partition of the input are in the changelog's partition of the same number, so that whoever is given one
 * reads the other, and no more.
 */
import { Admin, Client, type ClientOptions, string, TopicsError } from '@samsa/client'
import { Consumer, type TopicPartition } from '@samsa/consumer'
import { type Clock, ConfigError, TimeoutError } from '@samsa/runtime'
import { Deadline } from '@samsa/runtime/internal'
import { placeName } from '../loop/place-name.js'
import { SeenIds } from './seen-ids.js'

export interface ChangelogOptions {
  readonly topic: string
  readonly maxIds: number
  readonly ttlMs: number
  readonly replicationFactor: number | undefined
  readonly restoreTimeoutMs: number
  readonly client: ClientOptions
  readonly clock: Clock
  readonly topics: readonly string[]
}

/** What is written of an id: the fingerprint of what came under it, or null to forget it. */
export interface IdRecord {
  readonly topic: string
  readonly partition: number
  readonly key: string
  readonly value: string | null
  readonly timestamp: number
}

const POLL_MS = 100

export class Changelog {
  readonly clock: Clock
  readonly #options: ChangelogOptions
  /** How many partitions it is known to have. */
  #partitions = 0

  constructor(options: ChangelogOptions) {
    this.#options = options
    this.clock = options.clock
  }

  /** The name of a topic has no slash. */
  recordOf({ topic, partition }: TopicPartition, id: string, value: string | null, timestamp: number): IdRecord {
    return { topic: this.#options.topic, partition, key: `${topic}/${id}`, value, timestamp }
  }

  /**
   * The ids of these partitions. To be asked for only when records of them have been polled: the coordinator gives no offset
   * as long as a transaction of the consumer before is open, so whatever that one has committed lies before the end of the
   * log as it is now. That end, and not that of committed records, is what is read up to: the transaction's marker may
   * still be on its way.
   */
  async restore(places: readonly TopicPartition[], signal: AbortSignal): Promise<ReadonlyMap<string, SeenIds>> {
    const { client, topic, restoreTimeoutMs, clock } = this.#options
    await this.#prepare(places)
    const logs = [...new Set(places.map(({ partition }) => partition))].map(partition => ({ topic, partition }))
    const found = new Map(places.map(place => [placeName(place), new SeenIds(this.#options)]))
    const deadline = new Deadline(clock, restoreTimeoutMs)
    const ends = await this.#ends(logs, signal)
    await using reader = new Consumer({
      ...client,
      isolationLevel: 'readCommitted',
      autoOffsetReset: 'earliest',
      key: string,
      value: string,
    })
    reader.assign(logs)
    reader.seekToBeginning()
    for (const { partition, offset } of ends) {
      const log = { topic, partition }
      while ((await reader.position(log, { signal })) < offset) {
        if (deadline.passed) throw restoreTimeout(log, restoreTimeoutMs)
        for (const record of await reader.poll({ timeoutMs: POLL_MS, signal })) {
          enter(found, record.partition, record)
        }
      }
    }
    return found
  }

  async #ends(logs: readonly TopicPartition[], signal: AbortSignal) {
    await using reader = new Consumer({ ...this.#options.client, isolationLevel: 'readUncommitted' })
    return await reader.endOffsets(logs, { signal })
  }

  /** Also later on: the input may have been given more partitions. */
  async #prepare(places: readonly TopicPartition[]): Promise<void> {
    const { topic, topics } = this.#options
    const most = Math.max(...places.map(({ partition }) => partition))
    if (most < this.#partitions) return
    this.#partitions = await this.#make()
    if (most < this.#partitions) return
    throw new ConfigError(
      `The topic ${topic} of kafkaStore has ${this.#partitions} partitions, fewer than ${topics.join(', ')}: give it as many, and it goes on.`,
    )
  }

  /** How many partitions it has. */
  async #make(): Promise<number> {
    const { client, topic, topics, replicationFactor, restoreTimeoutMs: timeoutMs } = this.#options
    await using connection = new Client(client, { allowAutoTopicCreation: false })
    const infos = await Promise.all(topics.map(name => connection.metadata.topicOf(name, { timeoutMs })))
    const partitions = Math.max(...infos.map(info => info.partitions.length))
    const configs = { 'cleanup.policy': 'compact' }
    const admin = new Admin({ client: connection })
    await admin.createTopics([{ name: topic, partitions, replicationFactor, configs }]).catch((error: unknown) => {
      const isThere = error instanceof TopicsError && error.code === 'TOPIC_ALREADY_EXISTS'
      if (!isThere) throw error
    })
    const info = await connection.metadata.topicOf(topic, { timeoutMs })
    return info.partitions.length
  }
}

interface ReadId {
  readonly key: string | null
  readonly value: string | null
  readonly timestamp: number
}

function enter(found: ReadonlyMap<string, SeenIds>, partition: number, { key, value, timestamp }: ReadId): void {
  const slash = key?.indexOf('/') ?? -1
  if (key === null || slash < 0) return
  const ids = found.get(placeName({ topic: key.slice(0, slash), partition }))
  const id = key.slice(slash + 1)
  if (value === null) ids?.remove(id)
  else ids?.add(id, timestamp, value)
}

function restoreTimeout(log: TopicPartition, timeoutMs: number): TimeoutError {
  return new TimeoutError(
    `The ids in ${placeName(log)} were not read within restoreTimeoutMs (${timeoutMs} ms): a transaction may still be open there.`,
    log,
  )
}
