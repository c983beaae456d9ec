/**
 * TransactionalCourier: exactly once, for those who read committed records. A batch is one Kafka transaction, and in the same
 * transaction the places of its records are written to the progress topic. Whatever becomes of a commit, the last progress that
 * is committed tells which batch was the last; and since each batch is removed before the next one begins, that batch is all that
 * can have been sent and not removed.
 *
 * So nothing depends on sequences being seen in order: a record that is committed late, with a smaller sequence than others that
 * were sent, is simply still there. There is no cursor that could have passed it.
 */
import { Producer, type ProducerOptions } from '@samsa/producer'
import { FencedError } from '@samsa/runtime'
import { reach } from '../failpoint.js'
import type { OutboxLane, OutboxPlace, WaitingRecord } from '../store/outbox-store.js'
import { type Courier, type Delivery, recordToSend } from './courier.js'
import type { RelayProgress } from './relay-progress.js'

export class TransactionalCourier implements Courier {
  readonly #lane: OutboxLane
  readonly #producer: Producer
  readonly #progress: RelayProgress

  constructor(lane: OutboxLane, options: ProducerOptions, progress: RelayProgress) {
    this.#lane = lane
    this.#producer = new Producer({ ...options, transactionalId: `outbox.${lane.box}.${lane.lane}` })
    this.#progress = progress
  }

  /** An earlier courier can commit nothing from here on, and what it had begun has its outcome. Only then is progress read. */
  async begin(): Promise<readonly OutboxPlace[]> {
    await this.#progress.ensureTopic()
    await this.#producer.initTransactions()
    return await this.#progress.last(this.#lane)
  }

  async deliver(records: readonly WaitingRecord[]): Promise<Delivery> {
    const producer = this.#producer
    producer.beginTransaction()
    try {
      for (const record of records) await producer.enqueue(recordToSend(record))
      await producer.enqueue(this.#progress.record(this.#lane, records))
      reach('relay.afterSend')
      await producer.commitTransaction()
    } catch (error) {
      throw await this.#abandoned(error)
    }
    reach('relay.afterCommit')
    return { delivered: records }
  }

  /** What it has failed with: the end of a transaction is where a producer learns that it was replaced. */
  async #abandoned(error: unknown): Promise<unknown> {
    try {
      await this.#producer.abortTransaction()
      return error
    } catch (failure) {
      return failure instanceof FencedError ? failure : error
    }
  }

  /** At once: whoever closes it has either nothing open, or lets the next courier find out what became of it. */
  close(): Promise<void> {
    return this.#producer.close({ timeoutMs: CLOSE_TIMEOUT_MS })
  }
}

const CLOSE_TIMEOUT_MS = 1_000
