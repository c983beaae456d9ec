/**
 * Streams out of a consumer: records are taken no faster than the stream is read. They read nothing ahead, so that what a
 * commit covers is what was read. Ending one leaves the consumer open.
 */
import { Readable } from 'node:stream'
import { ReadableStream } from 'node:stream/web'
import type { Consumer } from './consumer.js'
import type { ConsumerRecord } from './consumer-record.js'

/** A Web stream of records; it ends when the consumer is closed. */
export function webReadable<Key, Value>(consumer: Consumer<Key, Value>): ReadableStream<ConsumerRecord<Key, Value>> {
  const records = consumer[Symbol.asyncIterator]()
  let isReading = false
  return new ReadableStream<ConsumerRecord<Key, Value>>(
    {
      pull: async controller => {
        isReading = true
        const { done, value } = await records.next().finally(() => {
          isReading = false
        })
        if (done === true) controller.close()
        else controller.enqueue(value)
      },
      // The read under way would take a record that nobody gets.
      cancel: () => {
        if (isReading) consumer.wakeup()
      },
    },
    { highWaterMark: 0 },
  )
}

/** A Node stream of records, in object mode; it ends when the consumer is closed. */
export function nodeReadable<Key, Value>(consumer: Consumer<Key, Value>): Readable {
  const records = consumer[Symbol.asyncIterator]()
  let isReading = false
  return new Readable({
    objectMode: true,
    highWaterMark: 0,
    read() {
      isReading = true
      records.next().then(
        ({ done, value }) => {
          isReading = false
          this.push(done === true ? null : value)
        },
        (error: unknown) => {
          isReading = false
          this.destroy(error instanceof Error ? error : new Error(String(error)))
        },
      )
    },
    destroy(error, done) {
      if (isReading) consumer.wakeup()
      done(error)
    },
  })
}
