/**
 * Streams into a producer: whatever is written to one is sent, no faster than there is room for it. The stream ends when
 * all of it is acknowledged, and fails with the first record that is not.
 */
import { Writable } from 'node:stream'
import { WritableStream } from 'node:stream/web'
import type { KafkaError } from '@samsa/runtime'
import type { Producer } from './producer.js'
import type { ProducerRecord } from './record.js'

/** A Web stream of records. Closing it leaves the producer open. */
export function webWritable<Key, Value>(producer: Producer<Key, Value>): WritableStream<ProducerRecord<Key, Value>> {
  const outcome = new StreamOutcome()
  return new WritableStream<ProducerRecord<Key, Value>>({
    write: async record => {
      outcome.check()
      await producer.enqueue(record, outcome.note)
    },
    close: async () => {
      await producer.flush()
      outcome.check()
    },
  })
}

/** A Node stream of records, in object mode. Ending it leaves the producer open. */
export function nodeWritable<Key, Value>(producer: Producer<Key, Value>): Writable {
  const outcome = new StreamOutcome()
  return new Writable({
    objectMode: true,
    write(record: ProducerRecord<Key, Value>, _encoding, done) {
      const room = producer.enqueue(record, outcome.note)
      if (room === undefined) done(outcome.failure)
      else room.then(() => done(outcome.failure), done)
    },
    final(done) {
      producer.flush().then(() => done(outcome.failure), done)
    },
  })
}

class StreamOutcome {
  failure: KafkaError | undefined

  readonly note = (error: KafkaError | undefined): void => {
    this.failure ??= error
  }

  check(): void {
    if (this.failure !== undefined) throw this.failure
  }
}
