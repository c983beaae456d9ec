/**
 * A well-behaved client among hostile ones: writes to a topic of its own and reads it back, one round after the other, and
 * checks every record. What others do must cost it neither a record nor its connection.
 */
import { Connection, connectTcp } from '@samsa/client'
import { BatchBuilder, batchesIn, errorByCode, fetch, produce } from '@samsa/protocol'
import type { Target } from './raw-client.js'

const PRODUCE_VERSION = 12
const FETCH_VERSION = 12
const RECORDS_PER_ROUND = 5
const PADDING = '.'.repeat(500)

export class GoodClient {
  readonly topic: string
  /** Rounds of writing and reading that were right. */
  rounds = 0
  readonly #connection: Connection
  #waiting: (() => void)[] = []
  #isStopping = false
  #nextOffset = 0
  #running: Promise<void> = Promise.resolve()

  private constructor(connection: Connection, topic: string) {
    this.#connection = connection
    this.topic = topic
  }

  /** The topic is there, empty, and nobody else writes to it. */
  static async start(target: Target, topic: string): Promise<GoodClient> {
    const client = new GoodClient(new Connection(await connectTcp(target), { requestTimeoutMs: 60_000 }), topic)
    client.#running = client.#run()
    // Told when it is stopped.
    client.#running.catch(() => {})
    return client
  }

  /** Resolves after so many more rounds; rejects with what went wrong. */
  async served(rounds: number): Promise<void> {
    const wanted = this.rounds + rounds
    while (this.rounds < wanted) await Promise.race([this.#running, this.#nextRound()])
  }

  /** Ends it after its round, and rejects if anything was wrong, ever. */
  async stop(): Promise<void> {
    this.#isStopping = true
    try {
      await this.#running
    } finally {
      this.#connection.close()
    }
  }

  async #run(): Promise<void> {
    while (!this.#isStopping) {
      await this.#round()
      this.rounds++
      for (const resolve of this.#waiting.splice(0)) resolve()
    }
  }

  #nextRound(): Promise<void> {
    return new Promise(resolve => this.#waiting.push(resolve))
  }

  async #round(): Promise<void> {
    const builder = new BatchBuilder()
    const values = Array.from({ length: RECORDS_PER_ROUND }, (_, index) => `${this.#nextOffset + index}${PADDING}`)
    for (const value of values) builder.append(Date.now(), null, value)
    const topicData = [{ name: this.topic, partitionData: [{ index: 0, records: builder.close() }] }]
    const { responses } = await this.#connection.request(produce, PRODUCE_VERSION, {
      acks: -1,
      timeoutMs: 30_000,
      topicData,
    })
    const { errorCode = -1, baseOffset } = responses[0]?.partitionResponses[0] ?? {}
    if (errorCode !== 0) throw new Error(`${this.topic}: ${errorByCode(errorCode).name}`)
    if (baseOffset !== BigInt(this.#nextOffset))
      throw new Error(`${this.topic}: written at ${baseOffset}, not at ${this.#nextOffset}`)
    await this.#readBack(values)
  }

  async #readBack(values: readonly string[]): Promise<void> {
    const fetchOffset = BigInt(this.#nextOffset)
    const topics = [{ topic: this.topic, partitions: [{ partition: 0, fetchOffset, partitionMaxBytes: 1024 * 1024 }] }]
    const request = { maxWaitMs: 1000, minBytes: 1, topics, rackId: '' }
    const { errorCode, responses } = await this.#connection.request(fetch, FETCH_VERSION, request)
    const found = responses[0]?.partitions[0]
    const code = found?.errorCode ?? errorCode
    if (code !== 0) throw new Error(`${this.topic}: ${errorByCode(code).name}`)
    const read: string[] = []
    for (const batch of batchesIn(found?.records ?? new Uint8Array(0))) {
      batch.checkCrc()
      for (const cursor = batch.records(); cursor.next(); ) read.push(cursor.valueText() ?? '')
    }
    if (read.length !== values.length || read.some((value, index) => value !== values[index]))
      throw new Error(`${this.topic}: ${read.length} records at ${fetchOffset} that are not what was written`)
    this.#nextOffset += values.length
  }
}
