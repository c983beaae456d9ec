/**
 * The broker that behaviour tests talk to: any running Kafka that SAMSA_KAFKA=host:port names, otherwise the bundled one.
 * Topics have a name that no other run uses.
 */
import { randomUUID } from 'node:crypto'
import { type Broker, createBroker } from '@samsa/broker'
import { Connection, connectTcp, parseAddress } from '@samsa/client'
import { Producer } from '@samsa/producer'
import {
  apiVersions,
  batchesIn,
  consumerGroupHeartbeat,
  createPartitions,
  createTopics,
  deleteRecords,
  deleteTopics,
  describeConfigs,
  errorByCode,
  fetch,
  MessageSet,
  type RecordHeader,
} from '@samsa/protocol'
import { committedRecords } from './committed-records.js'
import { eventually } from './eventually.js'

export interface ReadRecord {
  readonly offset: number
  readonly timestamp: number
  readonly key: string | null
  readonly value: string | null
  readonly headers: readonly RecordHeader[]
  readonly codec: number
  readonly producerId: number
}

const TOPIC_RESOURCE = 2
const FETCH_BYTES = 8 * 1024 * 1024

export class RunningKafka implements AsyncDisposable {
  readonly bootstrapServers: string
  /** It shares out partitions by itself where a group asks for it (KIP-848). */
  readonly sharesOut: boolean
  readonly #broker: Broker | undefined
  readonly #connection: Connection
  readonly #topics: string[] = []

  private constructor(
    bootstrapServers: string,
    broker: Broker | undefined,
    connection: Connection,
    sharesOut: boolean,
  ) {
    this.bootstrapServers = bootstrapServers
    this.sharesOut = sharesOut
    this.#broker = broker
    this.#connection = connection
  }

  static async start(): Promise<RunningKafka> {
    const address = process.env['SAMSA_KAFKA']
    // As tests start a real one: a group's first member need not wait for others.
    const properties = { 'group.initial.rebalance.delay.ms': '0' }
    const broker = address === undefined ? await createBroker({ port: 0, properties }) : undefined
    const bootstrapServers = address ?? broker?.bootstrapServers ?? ''
    const connection = new Connection(await connectTcp(parseAddress(bootstrapServers)), { clientId: 'behaviour' })
    const { apiKeys } = await connection.request(apiVersions, 3, {
      clientSoftwareName: 'samsa',
      clientSoftwareVersion: '0',
    })
    const sharesOut = apiKeys.some(({ apiKey }) => apiKey === consumerGroupHeartbeat.key)
    return new RunningKafka(bootstrapServers, broker, connection, sharesOut)
  }

  /** Makes a topic and gives its name, when it can be written to. */
  async topic(
    partitions: number,
    configs: Readonly<Record<string, string>> = {},
    name: string = `samsa-behaviour-${randomUUID()}`,
  ): Promise<string> {
    const topic = {
      name,
      numPartitions: partitions,
      replicationFactor: 1,
      assignments: [],
      configs: Object.entries(configs).map(([config, value]) => ({ name: config, value })),
    }
    const { topics } = await this.#connection.request(createTopics, 5, {
      topics: [topic],
      timeoutMs: 30_000,
      validateOnly: false,
    })
    const { name: error } = errorByCode(topics[0]?.errorCode ?? -1)
    if (error !== 'NONE') throw new Error(`${name} was not made: ${error}`)
    this.#topics.push(name)
    await eventually(async () => {
      const found = await Promise.all(Array.from({ length: partitions }, (_, index) => this.#fetch(name, index, 0)))
      return found.every(({ errorCode }) => errorCode === 0) ? true : undefined
    })
    return name
  }

  /** Numbered records from there on: n goes to partition n modulo the number of partitions. */
  async write(topic: string, partitions: number, count: number, from = 0): Promise<void> {
    await using producer = new Producer({ bootstrapServers: this.bootstrapServers })
    const numbers = Array.from({ length: count }, (_, index) => from + index)
    await producer.sendAll(numbers.map(n => ({ topic, partition: n % partitions, value: String(n) })))
  }

  /** Gives a topic so many partitions in all. */
  async grow(name: string, count: number): Promise<void> {
    const { results } = await this.#connection.request(createPartitions, 3, {
      topics: [{ name, count, assignments: null }],
      timeoutMs: 30_000,
      validateOnly: false,
    })
    const { name: error } = errorByCode(results[0]?.errorCode ?? -1)
    if (error !== 'NONE') throw new Error(`${name} did not grow: ${error}`)
  }

  /** What a setting of a topic is. */
  async config(name: string, config: string): Promise<string | null | undefined> {
    const { results } = await this.#connection.request(describeConfigs, 4, {
      resources: [{ resourceType: TOPIC_RESOURCE, resourceName: name, configurationKeys: [config] }],
      includeSynonyms: false,
    })
    return results[0]?.configs[0]?.value
  }

  /** Removes what is before that offset, as retention would. */
  async removeBefore(name: string, partition: number, offset: bigint): Promise<void> {
    const { topics } = await this.#connection.request(deleteRecords, 2, {
      topics: [{ name, partitions: [{ partitionIndex: partition, offset }] }],
      timeoutMs: 30_000,
    })
    const { name: error } = errorByCode(topics[0]?.partitions[0]?.errorCode ?? -1)
    if (error !== 'NONE') throw new Error(`${name}-${partition} was not cut off: ${error}`)
  }

  /** Everything in a partition, in order. */
  async read(topic: string, partition: number): Promise<ReadRecord[]> {
    const records: ReadRecord[] = []
    for (let offset = 0; ; ) {
      const found = await this.#fetch(topic, partition, offset)
      const { name: error } = errorByCode(found.errorCode)
      if (error !== 'NONE') throw new Error(`${topic}-${partition} cannot be read: ${error}`)
      for (const batch of batchesIn(found.records ?? new Uint8Array(0))) {
        batch.checkCrc()
        offset = batch.lastOffset + 1
        if (batch instanceof MessageSet || batch.isControl) continue
        const { compression: codec, producerId } = batch
        for (const cursor = batch.records(); cursor.next(); ) {
          records.push({
            offset: cursor.offset,
            timestamp: cursor.timestamp,
            key: cursor.keyText(),
            value: cursor.valueText(),
            headers: cursor.headers(),
            codec,
            producerId,
          })
        }
      }
      if (offset >= Number(found.highWatermark)) return records
    }
  }

  /** The same as below when every transaction has its end there: a commit is answered before its markers are written. */
  readSettled(topic: string, partition: number): Promise<readonly (string | null)[]> {
    return eventually(async () => {
      const { values, lastStableOffset, highWatermark } = await committedRecords(this.#connection, topic, partition)
      return lastStableOffset === highWatermark ? values : undefined
    })
  }

  /** The values that a consumer of committed records sees. */
  async readCommitted(topic: string, partition: number): Promise<readonly (string | null)[]> {
    return (await committedRecords(this.#connection, topic, partition)).values
  }

  async readAll(topic: string, partitions: number): Promise<ReadRecord[][]> {
    const all: ReadRecord[][] = []
    for (let partition = 0; partition < partitions; partition++) all.push(await this.read(topic, partition))
    return all
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#topics.length > 0) {
      await this.#connection.request(deleteTopics, 5, { topicNames: this.#topics, timeoutMs: 30_000 })
    }
    this.#connection.close()
    await this.#broker?.close()
  }

  async #fetch(topic: string, partition: number, offset: number) {
    const answer = await this.#connection.request(fetch, 12, {
      maxWaitMs: 0,
      minBytes: 0,
      topics: [{ topic, partitions: [{ partition, fetchOffset: BigInt(offset), partitionMaxBytes: FETCH_BYTES }] }],
      rackId: '',
    })
    const found = answer.responses[0]?.partitions[0]
    if (found === undefined) throw new Error('the answer lacks the partition')
    return found
  }
}
