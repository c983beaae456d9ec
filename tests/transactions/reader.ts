/**
 * Reader: reads all partitions from their beginning on, what is committed only, while everything happens.
 */
import { Consumer, string } from '@samsa/consumer'
import { KafkaError, type SeededRandom } from '@samsa/runtime'
import type { TestKafka } from '../producer-faults/test-kafka.js'
import { type History, nameOf, type Place, type Remains } from './history.js'
import { consumerOptions } from './script.js'
import { textOf } from './worker.js'

export interface ReaderParts {
  readonly name: string
  readonly places: readonly Place[]
  readonly maxPollRecords: number
  readonly kafka: TestKafka
  readonly history: History
  readonly random: SeededRandom
}

const POLL_MS = 500
const PAUSE_BEHIND_FAILURE_MS = 100

export class Reader {
  readonly #parts: ReaderParts
  readonly #consumer: Consumer<string, string>
  /** By partition: the offset of the last record that was handed out. */
  readonly #last = new Map<string, number>()
  #isStopping = false
  readonly #done: Promise<void>

  constructor(parts: ReaderParts) {
    const { name, places, maxPollRecords, kafka, history, random } = parts
    this.#parts = parts
    this.#consumer = new Consumer<string, string>({
      ...consumerOptions,
      clientId: name,
      maxPollRecords,
      bootstrapServers: kafka.bootstrapServers,
      transport: kafka.transport,
      clock: kafka.clock,
      random,
      key: string,
      value: string,
    })
    this.#consumer.assign(places)
    history.moved(name, places, 0)
    this.#done = this.#read().catch(error => history.problem(`${name} ended with ${textOf(error)}`))
  }

  /** Whether it was handed everything of that. */
  hasAll(records: Remains['records']): boolean {
    return [...records].every(([name, stored]) => (stored.at(-1)?.offset ?? -1) <= (this.#last.get(name) ?? -1))
  }

  /** It is to have come to the end. */
  async stop(): Promise<void> {
    this.#isStopping = true
    await this.#done
    this.#parts.history.caughtUp(this.#parts.name)
    await this.#consumer.close()
  }

  async #read(): Promise<void> {
    const { name, kafka, history } = this.#parts
    while (!this.#isStopping) {
      try {
        for (const { topic, partition, offset, value } of await this.#consumer.poll(POLL_MS)) {
          const place = { topic, partition }
          history.read(name, place, Number(offset), value ?? '')
          this.#last.set(nameOf(place), Number(offset))
        }
      } catch (error) {
        history.note(`${name}: ${textOf(error)}`)
        if (!(error instanceof KafkaError && error.retriable)) throw error
        await kafka.clock.sleep(PAUSE_BEHIND_FAILURE_MS)
      }
    }
  }
}
