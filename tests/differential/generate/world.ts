/**
 * What a sequence is about while it is made: its topics, producers and sessions, as far as the requests made so far allow
 * to guess. A guess decides how likely a request is to mean something, never what an answer should be.
 */
import type { SeededRandom } from '@samsa/runtime'

export interface Topic {
  readonly name: string
  partitions: number
  isLive: boolean
  /** The broker writes batches anew, so that their sizes need not be the same. */
  isRecompressed: boolean
  /** Records by partition. */
  readonly ends: number[]
}

export interface Producer {
  readonly label: string
  /** By topic and partition, the sequence that comes next. */
  readonly next: Map<string, number>
}

export interface Session {
  readonly label: string
  usesIds: boolean
  /** What the next incremental fetch has to say. */
  epoch: number
  topic: Topic
}

export class World {
  readonly draw: Draw
  /** What all names begin with; no other sequence's names do. */
  readonly prefix: string
  readonly topics: Topic[] = []
  readonly producers: Producer[] = []
  readonly sessions: Session[] = []
  /** Whether the sequence runs alone, and may change what belongs to all. */
  readonly isAlone: boolean

  constructor(draw: Draw, prefix: string, isAlone: boolean) {
    this.draw = draw
    this.prefix = prefix
    this.isAlone = isAlone
  }

  get live(): Topic[] {
    return this.topics.filter(topic => topic.isLive)
  }

  added(name: string, partitions: number, isRecompressed = false): Topic {
    const known = this.topics.find(topic => topic.name === name)
    if (known?.isLive) return known
    if (known !== undefined) this.topics.splice(this.topics.indexOf(known), 1)
    const topic = { name, partitions, isLive: true, isRecompressed, ends: Array.from({ length: partitions }, () => 0) }
    this.topics.push(topic)
    return topic
  }

  /** Mostly a topic that is there. */
  someTopic(): Topic {
    const { draw, live } = this
    if (live.length > 0 && !draw.percent(8)) return draw.one(live)
    if (this.topics.length > 0 && draw.percent(50)) return draw.one(this.topics)
    const ends: number[] = []
    return { name: `${this.prefix}nowhere`, partitions: 0, isLive: false, isRecompressed: false, ends }
  }

  /** Mostly the name of a topic that is there; now and then one that cannot be. */
  someName(): string {
    return this.draw.percent(6) ? this.badName() : this.someTopic().name
  }

  freshName(): string {
    return `${this.prefix}t${this.topics.length}${this.draw.one(['', '', '.x', '_x', '.x', '_x', '-x'])}`
  }

  badName(): string {
    return this.draw.one(['', '.', '..', `${this.prefix}a b`, `${this.prefix}ä`, 'x'.repeat(250), `${this.prefix}a/b`])
  }

  /** Mostly a partition that is there. */
  somePartition(topic: Topic): number {
    const { draw } = this
    if (topic.partitions > 0 && !draw.percent(7)) return draw.integer(0, topic.partitions)
    return draw.one([topic.partitions, topic.partitions + 1, -1, 99, 2 ** 31 - 1])
  }

  someOffset(topic: Topic, partition: number): bigint {
    const { draw } = this
    const end = topic.ends[partition] ?? 0
    if (draw.percent(70)) return BigInt(draw.integer(0, end + 1))
    return draw.one([BigInt(end), BigInt(end + 1), -1n, -2n, 1000n, 2n ** 53n, 2n ** 63n - 1n, -(2n ** 63n)])
  }

  /** Mostly one of those that there can be: topics here only ever had their first leader. */
  someLeaderEpoch(): number {
    const { draw } = this
    return draw.percent(85) ? draw.one([-1, 0]) : draw.one([1, 5, 2 ** 31 - 1, -2])
  }
}

/** Choices. */
export class Draw {
  readonly #random: SeededRandom

  constructor(random: SeededRandom) {
    this.#random = random
  }

  /** From `least` up to but not including `end`. */
  integer(least: number, end: number): number {
    return this.#random.integer(least, end)
  }

  between(least: number, most: number): number {
    return this.#random.integer(least, most + 1)
  }

  percent(chance: number): boolean {
    return this.#random.integer(0, 100) < chance
  }

  one<T>(values: readonly T[]): T {
    const [first] = values
    if (first === undefined) throw new RangeError('there is nothing to choose from')
    return values[this.#random.integer(0, values.length)] ?? first
  }

  /** As many as drawn, each made anew. */
  several<T>(least: number, most: number, make: (index: number) => T): T[] {
    return Array.from({ length: this.between(least, most) }, (_, index) => make(index))
  }

  bytes(count: number): Uint8Array {
    return this.#random.bytes(count)
  }
}
