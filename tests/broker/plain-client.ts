/**
 * What tests of a broker in trouble ask of it, with the error code as the answer: one connection, one request at a time.
 */
import type { Connection } from '@samsa/client'
import {
  BatchBuilder,
  batchesIn,
  createTopics,
  deleteRecords,
  deleteTopics,
  errorByCode,
  fetch,
  produce,
} from '@samsa/protocol'
import { connectTo } from '../interop/stored-batches.js'

const FETCH_BYTES = 1024 * 1024

export class PlainClient implements AsyncDisposable {
  readonly #connection: Connection
  /** Of today: what is older than its retention goes, and what lies in the future is refused. */
  readonly #startedAt = Date.now()

  private constructor(connection: Connection) {
    this.#connection = connection
  }

  static async connect(address: string): Promise<PlainClient> {
    return new PlainClient(await connectTo(address))
  }

  /** `NONE`, or the name of the error. */
  async produce(topic: string, partition: number, value: string): Promise<string> {
    const builder = new BatchBuilder()
    builder.append(this.#startedAt, null, value)
    const { responses } = await this.#connection.request(produce, 12, {
      acks: -1,
      timeoutMs: 30_000,
      topicData: [{ name: topic, partitionData: [{ index: partition, records: builder.close() }] }],
    })
    return nameOf(responses[0]?.partitionResponses[0]?.errorCode)
  }

  /** The values of a partition from its start, or the name of the error. */
  async fetchAll(topic: string, partition: number, from = 0): Promise<string[] | string> {
    const values: string[] = []
    for (let offset = from; ; ) {
      const answer = await this.#connection.request(fetch, 12, {
        maxWaitMs: 0,
        minBytes: 0,
        topics: [{ topic, partitions: [{ partition, fetchOffset: BigInt(offset), partitionMaxBytes: FETCH_BYTES }] }],
        rackId: '',
      })
      const found = answer.responses[0]?.partitions[0]
      if (found === undefined || found.errorCode !== 0) return nameOf(found?.errorCode ?? answer.errorCode)
      for (const batch of batchesIn(found.records ?? new Uint8Array(0))) {
        batch.checkCrc()
        for (const cursor = batch.records(); cursor.next(); ) values.push(cursor.valueText() ?? '')
        offset = batch.lastOffset + 1
      }
      if (offset >= Number(found.highWatermark)) return values
    }
  }

  async createTopic(
    name: string,
    numPartitions: number,
    configs: Readonly<Record<string, string>> = {},
  ): Promise<string> {
    const topic = {
      name,
      numPartitions,
      replicationFactor: 1,
      assignments: [],
      configs: Object.entries(configs).map(([config, value]) => ({ name: config, value })),
    }
    const { topics } = await this.#connection.request(createTopics, 5, {
      topics: [topic],
      timeoutMs: 30_000,
      validateOnly: false,
    })
    return nameOf(topics[0]?.errorCode)
  }

  async deleteTopic(name: string): Promise<string> {
    const { responses } = await this.#connection.request(deleteTopics, 5, { topicNames: [name], timeoutMs: 30_000 })
    return nameOf(responses[0]?.errorCode)
  }

  /** Records of the partition below that offset. */
  async deleteRecords(name: string, partitionIndex: number, offset: bigint): Promise<string> {
    const { topics } = await this.#connection.request(deleteRecords, 2, {
      topics: [{ name, partitions: [{ partitionIndex, offset }] }],
      timeoutMs: 30_000,
    })
    return nameOf(topics[0]?.partitions[0]?.errorCode)
  }

  close(): void {
    this.#connection.close()
  }

  [Symbol.asyncDispose](): Promise<void> {
    this.close()
    return Promise.resolve()
  }
}

function nameOf(code: number | undefined): string {
  return errorByCode(code ?? -1).name
}
