/**
 * HistoryRecorder: makes producers and consumers that write down what they are asked for and what comes of it. Each event is
 * one write to the file, done before the call goes on, so that a process which is killed has told all that it did; and
 * processes that append to one file are in the order in which things happened. Nothing is kept in memory.
 */
import { randomUUID } from 'node:crypto'
import { closeSync, openSync, writeSync } from 'node:fs'
import type { Consumer, ConsumerOptions } from '@samsa/consumer'
import type { Bytes, Producer, ProducerOptions } from '@samsa/producer'
import { type Clock, KafkaError, systemClock } from '@samsa/runtime'
import { type LeftOptions, whatIsLeft } from './history-end.js'
import type { HistoryEvent } from './history-event.js'
import { RecordedConsumer } from './recorded-consumer.js'
import { RecordedProducer } from './recorded-producer.js'

export interface HistoryRecorderOptions {
  /** The file that is appended to, or a function that is given each line. */
  readonly to: string | ((line: string) => void)
  /** What the names of its producers and consumers begin with. Default: something that no other process has. */
  readonly name?: string | undefined
  /** Time, for tests. */
  readonly clock?: Clock | undefined
}

/** Writes down what one producer or consumer does. */
export type Write = (event: HistoryEvent) => void

export function recordHistory(options: HistoryRecorderOptions): HistoryRecorder {
  return new HistoryRecorder(options)
}

export class HistoryRecorder {
  readonly #name: string
  readonly #clock: Clock
  readonly #append: (line: string) => void
  readonly #close: () => void
  #processes = 0
  #failure: unknown
  #isClosed = false

  constructor({ to, name = randomUUID().slice(0, 8), clock = systemClock }: HistoryRecorderOptions) {
    this.#name = name
    this.#clock = clock
    if (typeof to === 'function') {
      this.#append = to
      this.#close = () => {}
      return
    }
    const file = openSync(to, 'a')
    this.#append = line => writeWhole(file, `${line}\n`)
    this.#close = () => closeSync(file)
  }

  /** A producer like any other. What it sends has a header more, by which it is known when it is read. */
  producer<Key = Bytes, Value = Bytes>(options: ProducerOptions<Key, Value>): Producer<Key, Value> {
    return new RecordedProducer<Key, Value>(options, { write: this.#write, process: this.#process('producer') })
  }

  /** A consumer like any other. */
  consumer<Key = Uint8Array, Value = Uint8Array>(options: ConsumerOptions<Key, Value>): Consumer<Key, Value> {
    return new RecordedConsumer<Key, Value>(options, { write: this.#write, process: this.#process('consumer') })
  }

  /**
   * Reads and writes down what is left, for the end of a run, when all producers are closed: only with it can be said that a
   * record is lost which no consumer has passed over, or that a transaction hangs.
   */
  async left(options: LeftOptions): Promise<void> {
    for await (const event of whatIsLeft(options)) this.#write(event)
  }

  /** Throws when something could not be written: from there on nothing was, and the history ends early. */
  close(): void {
    if (!this.#isClosed) this.#close()
    this.#isClosed = true
    if (this.#failure === undefined) return
    const why = this.#failure instanceof Error ? this.#failure.message : String(this.#failure)
    throw new KafkaError(`The history ends early, because it could not be written: ${why}.`, {
      code: 'HISTORY_NOT_WRITTEN',
      cause: this.#failure,
    })
  }

  [Symbol.dispose](): void {
    this.close()
  }

  /** The application goes on when its history cannot be written. A part in the middle must not be missing. */
  readonly #write: Write = event => {
    if (this.#isClosed || this.#failure !== undefined) return
    try {
      this.#append(JSON.stringify({ at: this.#clock.now(), ...event }))
    } catch (error) {
      this.#failure = error ?? 'for no reason'
    }
  }

  #process(kind: string): string {
    return `${this.#name}/${kind}-${++this.#processes}`
  }
}

function writeWhole(file: number, line: string): void {
  const bytes = Buffer.from(line)
  for (let written = 0; written < bytes.length; ) written += writeSync(file, bytes, written)
}
