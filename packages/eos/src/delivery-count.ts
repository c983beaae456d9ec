/**
 * DeliveryCount: how often a record was handed to its handler, counted before the handler has it, where a crash does not take the
 * count along. Each delivery is a claim in a LeaseStore, so short that nobody waits for it: what counts is how many there were.
 */
import { randomUUID } from 'node:crypto'
import type { ConsumerRecord, HandlerContext } from '@samsa/consumer'
import { type Clock, KafkaError } from '@samsa/runtime'
import { placeOf, scopeOf } from './record-id.js'
import { idText } from './store/id-text.js'
import type { Claim, LeaseStore } from './store/lease-store.js'

const SHORTEST_MS = 1
/** Whoever claims the same record at the same moment has it for a millisecond. */
const MOST_LOOKS = 100
const BURIED = Buffer.from('buried')

export interface Delivery {
  /** With this one. */
  readonly deliveries: number
  /** The record is among the dead letters already, and came again because its offset was not committed. */
  readonly isBuried: boolean
  readonly claim: Claim | undefined
}

export interface DeliveryCountParts {
  readonly store: LeaseStore
  readonly scope: string | undefined
  readonly ttlMs: number
  readonly clock: Clock
}

export class DeliveryCount {
  readonly #parts: DeliveryCountParts

  constructor(parts: DeliveryCountParts) {
    this.#parts = parts
  }

  /** `record` is the original, so that a copy of it in a delay topic has the same count. */
  async begin(record: ConsumerRecord<unknown, unknown>, context: HandlerContext): Promise<Delivery> {
    const { store, ttlMs, clock } = this.#parts
    const { topic, partition, offset, timestamp } = record
    const id = {
      scope: idText('deliveries', scopeOf(this.#parts.scope, context, 'deadLetter')),
      // By its time a record is not taken for one of an earlier topic of that name, which may be buried.
      key: idText(topic, partition, offset, timestamp),
      owner: randomUUID(),
    }
    for (let looks = 1; looks <= MOST_LOOKS; looks++) {
      const outcome = await store.claim({ ...id, leaseMs: SHORTEST_MS, ttlMs })
      if (outcome.status === 'done') {
        const isBuried = outcome.result !== undefined && Buffer.compare(outcome.result, BURIED) === 0
        return { deliveries: 1, isBuried, claim: undefined }
      }
      if (outcome.status === 'claimed') {
        const { epoch, attempts } = outcome
        return { deliveries: attempts, isBuried: false, claim: { ...id, epoch } }
      }
      await clock.sleep(outcome.retryAfterMs, { signal: context.signal })
    }
    throw new KafkaError(
      `The deliveries of the record at ${placeOf(record)} could not be counted: others count them all the time.`,
      {
        code: 'DELIVERIES_BUSY',
        retriable: true,
      },
    )
  }

  /** It was handled: should it come again, it is counted from one. */
  async forget({ claim }: Delivery): Promise<void> {
    await this.#end(claim, SHORTEST_MS)
  }

  async bury({ claim }: Delivery): Promise<void> {
    await this.#end(claim, this.#parts.ttlMs, BURIED)
  }

  /** What cannot be written is no harm: the count goes on from where it was, and a buried record is buried once more. */
  async #end(claim: Claim | undefined, ttlMs: number, result?: Uint8Array): Promise<void> {
    if (claim !== undefined) await this.#parts.store.complete(claim, ttlMs, result).catch(() => false)
  }
}
