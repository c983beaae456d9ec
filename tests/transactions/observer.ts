/**
 * Observer: looks at what there is, over a link that nothing happens to, as somebody who was not there before.
 */
import { Consumer, string } from '@samsa/consumer'
import type { SeededRandom } from '@samsa/runtime'
import type { TestKafka } from '../producer-faults/test-kafka.js'
import { GROUP } from './copier.js'
import { nameOf, type Place, type Remains, type Stored } from './history.js'
import { consumerOptions } from './script.js'

const POLL_MS = 500

export class Observer {
  readonly #kafka: TestKafka
  readonly #places: readonly Place[]
  readonly #committed: Consumer<string, string>
  readonly #uncommitted: Consumer<string, string>

  constructor(kafka: TestKafka, places: readonly Place[], random: SeededRandom) {
    this.#kafka = kafka
    this.#places = places
    this.#committed = this.#consumer('readCommitted', random)
    this.#uncommitted = this.#consumer('readUncommitted', random)
  }

  async ends(): Promise<Remains['ends']> {
    const stable = await this.#committed.endOffsets(this.#places)
    const all = await this.#uncommitted.endOffsets(this.#places)
    return new Map(
      this.#places.map((place, index) => {
        const lastStableOffset = Number(stable[index]?.offset ?? -1)
        return [nameOf(place), { lastStableOffset, highWatermark: Number(all[index]?.offset ?? -1) }]
      }),
    )
  }

  /** Of the group that copies, in each of the partitions of that topic. Nobody may be at it. */
  async committed(topic: string): Promise<Remains['committed']> {
    const places = this.#places.filter(place => place.topic === topic)
    const found = await this.#committed.committed(places)
    return new Map(places.map((place, index) => [nameOf(place), Number(found[index]?.offset ?? 0n)]))
  }

  /** What readers of committed records find now. */
  async records(): Promise<Remains['records']> {
    const ends = await this.#committed.endOffsets(this.#places)
    const found = new Map(this.#places.map(place => [nameOf(place), [] as Stored[]]))
    this.#committed.assign(this.#places)
    this.#committed.seekToBeginning()
    for (let isThere = false; !isThere; ) {
      for (const { topic, partition, offset, value } of await this.#committed.poll(POLL_MS)) {
        found.get(nameOf({ topic, partition }))?.push({ offset: Number(offset), value: value ?? '' })
      }
      isThere = true
      for (const end of ends) isThere &&= (await this.#committed.position(end)) >= end.offset
    }
    this.#committed.assign([])
    return found
  }

  async close(): Promise<void> {
    await Promise.all([this.#committed.close(), this.#uncommitted.close()])
  }

  #consumer(isolationLevel: 'readCommitted' | 'readUncommitted', random: SeededRandom): Consumer<string, string> {
    const { clock, bootstrapServers, transport } = this.#kafka
    return new Consumer<string, string>({
      ...consumerOptions,
      isolationLevel,
      groupId: GROUP,
      clientId: 'observer',
      clock,
      random: random.fork(isolationLevel),
      bootstrapServers,
      transport,
      key: string,
      value: string,
    })
  }
}
