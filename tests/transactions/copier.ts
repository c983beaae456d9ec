/**
 * Copier: a member of a group that reads, writes a copy of each record and commits its offsets, all in transactions. When
 * one has not been committed it goes on where the group is, as the coordinator says.
 */
import { Consumer, string } from '@samsa/consumer'
import { KafkaError } from '@samsa/runtime'
import type { Place } from './history.js'
import {
  consumerOptions,
  INPUT_TOPIC,
  MAX_POLL_INTERVAL_MS,
  OUTPUT_TOPIC,
  type Script,
  SESSION_TIMEOUT_MS,
} from './script.js'
import { textOf, Worker, type WorkerParts } from './worker.js'

export const GROUP = 'copiers'
const POLL_MS = 500
const PAUSE_BEHIND_FAILURE_MS = 100

export class Copier extends Worker {
  readonly #consumer: Consumer<string, string>
  #mustRewind = false

  constructor(parts: WorkerParts) {
    super(parts)
    const { name, kafka, random, script, history, draft } = parts
    const ofProtocol =
      script.groupProtocol === 'classic' ? { sessionTimeoutMs: SESSION_TIMEOUT_MS, heartbeatIntervalMs: 1000 } : {}
    this.#consumer = new Consumer<string, string>({
      ...consumerOptions,
      ...ofProtocol,
      groupProtocol: script.groupProtocol,
      groupId: GROUP,
      clientId: name,
      maxPollIntervalMs: MAX_POLL_INTERVAL_MS,
      maxPollRecords: draft.mostRecords,
      bootstrapServers: kafka.bootstrapServers,
      transport: this.link.transport,
      clock: kafka.clock,
      random: random.fork('consumer'),
      key: string,
      value: string,
    })
    this.#consumer.subscribe([INPUT_TOPIC], {
      onPartitionsAssigned: places => {
        history.note(`${name} is assigned ${places.map(({ partition }) => partition).join(' ')}`)
        history.moved(name, inputPlaces(script))
      },
    })
  }

  protected async step(): Promise<void> {
    if (this.#mustRewind && !(await this.#rewind())) return
    const { history, script, random } = this.parts
    const records = await this.#poll()
    if (records.length === 0) return
    for (const { topic, partition, offset, value } of records) {
      history.read(this.name, { topic, partition }, Number(offset), value ?? '')
    }
    const end = await this.transaction(async story => {
      const next = new Map<number, bigint>()
      for (const { partition, offset, value } of records) {
        const place = { topic: OUTPUT_TOPIC, partition: random.integer(0, script.partitions[OUTPUT_TOPIC] ?? 1) }
        this.send(story, place, value ?? '')
        next.set(partition, BigInt(offset) + 1n)
      }
      await this.sleep(0)
      const offsets = [...next].map(([partition, offset]) => ({ topic: INPUT_TOPIC, partition, offset }))
      await this.sendOffsets(offsets, this.#consumer.groupMetadata())
    })
    this.#mustRewind = end !== 'committed'
  }

  protected closeRest(timeoutMs: number | undefined): Promise<void> {
    return this.#consumer.close(timeoutMs === undefined ? {} : { timeoutMs })
  }

  async #poll() {
    try {
      return [...(await this.#consumer.poll(POLL_MS))]
    } catch (error) {
      await this.#judge(error)
      return []
    }
  }

  /** False where the coordinator could not be asked. */
  async #rewind(): Promise<boolean> {
    try {
      const places = this.#consumer.assignment()
      const committed = places.length === 0 ? [] : await this.#consumer.committed(places)
      this.parts.history.moved(this.name, inputPlaces(this.parts.script))
      for (const [index, place] of places.entries()) this.#consumer.seek(place, committed[index]?.offset ?? 0n)
      this.#mustRewind = false
      return true
    } catch (error) {
      await this.#judge(error)
      return false
    }
  }

  async #judge(error: unknown): Promise<void> {
    await this.sleep(PAUSE_BEHIND_FAILURE_MS)
    this.parts.history.note(`${this.name}: ${textOf(error)}`)
    if (!(error instanceof KafkaError && error.retriable)) throw error
  }
}

/** All of them: a rebalance ends what is known of every partition's order. */
function inputPlaces({ partitions }: Script): readonly Place[] {
  return Array.from({ length: partitions[INPUT_TOPIC] ?? 0 }, (_, partition) => ({ topic: INPUT_TOPIC, partition }))
}
