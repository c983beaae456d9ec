/**
 * A writer that owns one partition: sends batch after batch, five at once, until the broker is gone, and keeps the ledger of
 * what it sent. An idempotent one sends again, under the same sequence numbers, what had no answer.
 */
import type { Connection } from '@samsa/client'
import { BatchBuilder, errorByCode, initProducerId, produce } from '@samsa/protocol'
import type { Random } from '@samsa/runtime'
import type { SentBatch } from './ledger.js'

const PRODUCE_VERSION = 12
const MAX_IN_FLIGHT = 5
const MAX_RECORDS = 20
const MAX_PADDING_BYTES = 3000
/** Between the id and the padding of a value. */
const ID_END = ' '

export interface WriterOptions {
  readonly topic: string
  readonly partition: number
  readonly isIdempotent: boolean
  readonly random: Random
}

export class Writer {
  readonly topic: string
  readonly partition: number
  /** In the order of sending. */
  readonly sent: SentBatch[] = []
  readonly #isIdempotent: boolean
  readonly #random: Random
  #producer: { readonly producerId: number; readonly producerEpoch: number } | undefined
  #nextRecord = 0
  /** Of today: a producer whose newest record is more than a day old is forgotten, and its sequence numbers with it. */
  readonly #startedAt = Date.now()

  constructor({ topic, partition, isIdempotent, random }: WriterOptions) {
    this.topic = topic
    this.partition = partition
    this.#isIdempotent = isIdempotent
    this.#random = random
  }

  /** The id in a value that a writer made. */
  static idOf(value: Buffer | null): string {
    return value?.toString('latin1', 0, value.indexOf(ID_END)) ?? ''
  }

  /**
   * Writes until the connection breaks, which is the only way to end it, and calls back after every answer. Rejects on an
   * answer that is an error.
   */
  async write(connection: Connection, onAcknowledged: () => void): Promise<void> {
    const inFlight = new Set<Promise<void>>()
    const send = (batch: SentBatch): void => {
      const sending = this.#send(connection, batch, onAcknowledged).finally(() => inFlight.delete(sending))
      inFlight.add(sending)
    }
    try {
      if (this.#isIdempotent) await this.#identify(connection)
      for (const batch of this.sent.filter(({ acknowledgedAt }) => acknowledgedAt === undefined)) send(batch)
      while (connection.closed === undefined) {
        if (inFlight.size >= MAX_IN_FLIGHT) await Promise.race(inFlight)
        else send(this.#nextBatch())
      }
      await Promise.all(inFlight)
    } catch (error) {
      if (connection.closed === undefined || error instanceof RefusedError) throw error
    } finally {
      connection.close()
      await Promise.allSettled(inFlight)
    }
  }

  /** What a plain writer cannot know from answers, it takes from what was found; it sends nothing twice. */
  settle(foundInDoubt: ReadonlyMap<SentBatch, number>): void {
    if (this.#isIdempotent) return
    for (const batch of this.sent) batch.acknowledgedAt ??= foundInDoubt.get(batch)
    const kept = this.sent.filter(({ acknowledgedAt }) => acknowledgedAt !== undefined)
    this.sent.splice(0, this.sent.length, ...kept)
  }

  async #identify(connection: Connection): Promise<void> {
    if (this.#producer !== undefined) return
    const request = { transactionalId: null, transactionTimeoutMs: 60_000 }
    const { errorCode, producerId, producerEpoch } = await connection.request(initProducerId, 4, request)
    if (errorCode !== 0) throw new RefusedError(`InitProducerId: ${errorByCode(errorCode).name}`)
    this.#producer = { producerId: Number(producerId), producerEpoch }
  }

  #nextBatch(): SentBatch {
    const builder = new BatchBuilder()
    const baseSequence = this.#nextRecord
    const ids: string[] = []
    for (let left = this.#random.integer(1, MAX_RECORDS + 1); left > 0; left--) {
      const id = `${this.topic}-${this.partition}-${this.#nextRecord++}`
      ids.push(id)
      const padding = this.#random.integer(0, MAX_PADDING_BYTES)
      builder.append(this.#startedAt + this.#nextRecord, null, `${id}${ID_END}${'.'.repeat(padding)}`)
    }
    const records = builder.close(this.#producer === undefined ? {} : { producer: { ...this.#producer, baseSequence } })
    const batch = { ids, records, acknowledgedAt: undefined }
    this.sent.push(batch)
    return batch
  }

  /** Resolves also when the connection breaks: then there was no answer. */
  async #send(connection: Connection, batch: SentBatch, onAcknowledged: () => void): Promise<void> {
    const { records } = batch
    if (records === undefined) return
    const answer = await connection
      .request(produce, PRODUCE_VERSION, {
        acks: -1,
        timeoutMs: 30_000,
        topicData: [{ name: this.topic, partitionData: [{ index: this.partition, records }] }],
      })
      .catch(() => undefined)
    if (answer === undefined) return
    const { errorCode = -1, baseOffset = -1n } = answer.responses[0]?.partitionResponses[0] ?? {}
    if (errorCode !== 0) {
      connection.close()
      throw new RefusedError(`${batch.ids[0]}: ${errorByCode(errorCode).name}`)
    }
    batch.acknowledgedAt = Number(baseOffset)
    batch.records = undefined
    onAcknowledged()
  }
}

class RefusedError extends Error {}
