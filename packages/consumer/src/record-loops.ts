/**
 * RecordLoops: `for await` over a consumer, one by one or by batches. What a loop has in hand is not done with until it asks
 * for more; a record that is there already costs one resolved promise.
 */
import type { ConsumerRecord } from './consumer-record.js'
import type { ConsumerRecords } from './consumer-records.js'
import type { Interruption } from './interruption.js'
import type { LoopHolder } from './loop-holder.js'

/** Asking for the time at every record would cost more than the record. */
const RECORDS_PER_LOOK_AT_CLOCK = 64

export interface RecordLoopsParts<Key, Value> {
  readonly interruption: Interruption
  readonly hand: LoopHolder
  /** Throws when the caller may not have records now. */
  readonly check: () => void
  /** The group has nothing to do within a poll. */
  readonly isQuiet: () => boolean
  /** Others in the process have waited for long. */
  readonly isTurnDue: () => boolean
  /** One that is there. */
  readonly takeRecord: () => ConsumerRecord<Key, Value> | undefined
  /** One that may have to be waited for. */
  readonly awaitRecord: () => Promise<ConsumerRecord<Key, Value> | undefined>
}

export class RecordLoops<Key, Value> {
  readonly #parts: RecordLoopsParts<Key, Value>

  constructor(parts: RecordLoopsParts<Key, Value>) {
    this.#parts = parts
  }

  iterator(): AsyncIterator<ConsumerRecord<Key, Value>, undefined> {
    const { interruption, hand, check, isQuiet, isTurnDue, takeRecord, awaitRecord } = this.#parts
    const mayGoOn = (): boolean => ++count % RECORDS_PER_LOOK_AT_CLOCK !== 0 || !isTurnDue()
    let count = 0
    return {
      next: () => {
        check()
        hand.release()
        const record = interruption.isQuiet && isQuiet() && mayGoOn() ? takeRecord() : undefined
        if (record !== undefined) return Promise.resolve({ done: false, value: hand.take(record) })
        return this.#untilClosed(async () => {
          const next = await awaitRecord()
          return next === undefined ? undefined : hand.take(next)
        })
      },
      return: () => Promise.resolve({ done: true, value: undefined }),
    }
  }

  batches(poll: () => Promise<ConsumerRecords<Key, Value>>): AsyncIterable<ConsumerRecords<Key, Value>> {
    const { hand } = this.#parts
    const next = async (): Promise<ConsumerRecords<Key, Value>> => hand.takeAll(await poll())
    return {
      [Symbol.asyncIterator]: () => ({
        next: () => this.#untilClosed(next),
        return: () => Promise.resolve({ done: true, value: undefined }),
      }),
    }
  }

  async #untilClosed<T>(next: () => Promise<T | undefined>): Promise<IteratorResult<T, undefined>> {
    const { interruption } = this.#parts
    try {
      const value = await next()
      return value === undefined ? { done: true, value: undefined } : { done: false, value }
    } catch (error) {
      if (error === interruption.closed) return { done: true, value: undefined }
      throw error
    }
  }
}
