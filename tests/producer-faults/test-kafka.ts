/**
 * The broker of one seed: several nodes in memory on a clock that stands still, which can end, or crash, and come back with
 * what its disk has. Counts the streams to it that are open, and drives whatever takes time.
 */
import { setImmediate } from 'node:timers/promises'
import type { BrokerOptions } from '@samsa/broker'
import { type CrashKind, FaultyFileSystem } from '@samsa/broker/internal'
import { createTestBroker, MemoryListener, type TestBroker } from '@samsa/broker/testing'
import { type Address, Connection } from '@samsa/client'
import { batchesIn, createPartitions, errorByCode, fetch, MessageSet, metadata } from '@samsa/protocol'
import { ManualClock, type SeededRandom } from '@samsa/runtime'
import type { ByteStream, ByteStreamSink } from '@samsa/runtime/internal'
import type { TopicDraft } from './script.js'

export interface StoredRecord {
  readonly offset: number
  readonly key: string | null
  readonly value: string | null
}

const FIRST_PORT = 9001
const FETCH_BYTES = 8 * 1024 * 1024
/** Turns of the event loop in which a request is answered and everything that follows from the answer is done. */
export const CALM_TURNS = 40
/** A small part of the shortest time limit: a request that is on its way has several steps to be answered. */
const LONGEST_STEP_MS = 20
const MOST_CALM_MS = 600_000
const MOST_TURNS_OF_A_SYNC = 3

/** What of a script its broker is made from. */
export interface KafkaDraft {
  readonly nodes: number
  readonly replicas: number
  readonly topics: Readonly<Record<string, TopicDraft>>
  /** Turns of the event loop between two moments of the clock. */
  readonly turnsPerMoment: number
  readonly properties?: Readonly<Record<string, string>>
  /** What the broker serves besides topics. */
  readonly options?: Pick<BrokerOptions, 'flush' | 'release'>
}

export class TestKafka {
  readonly clock: ManualClock
  readonly #script: KafkaDraft
  readonly #random: SeededRandom
  #disk: FaultyFileSystem
  readonly #streams = new Set<CountedStream>()
  readonly #listeners = new Map<number, MemoryListener>()
  #broker: TestBroker | undefined
  #starts = 0

  constructor(script: KafkaDraft, random: SeededRandom) {
    this.#script = script
    this.#random = random
    this.clock = new ManualClock({ settleTurns: script.turnsPerMoment })
    const syncs = random.fork('syncs')
    this.#disk = new FaultyFileSystem({
      random: random.fork('disk'),
      syncing: () => turns(syncs.integer(0, MOST_TURNS_OF_A_SYNC)),
    })
  }

  get broker(): TestBroker {
    if (this.#broker === undefined) throw new Error('the broker is down')
    return this.#broker
  }

  /** Streams that clients have opened and that are not over. */
  get openStreams(): number {
    return this.#streams.size
  }

  get hasCrashed(): boolean {
    return this.#disk.hasCrashed
  }

  get bootstrapServers(): string {
    return Array.from({ length: this.#script.nodes }, (_, index) => `memory:${FIRST_PORT + index}`).join()
  }

  /** The way to a node, for clients. */
  readonly transport = async ({ port }: Address): Promise<ByteStream> => {
    const listener = this.#listeners.get(port)
    if (listener === undefined) throw new Error(`nothing is at port ${port}`)
    if (this.#disk.hasCrashed) throw new Error('the machine has stopped')
    const stream = new CountedStream(listener.connect(), this.#disk, over => this.#streams.delete(over))
    this.#streams.add(stream)
    return stream
  }

  async start(): Promise<void> {
    this.#starts++
    this.#broker = await createTestBroker({
      nodes: this.#script.nodes,
      clock: this.clock,
      random: this.#random.fork(`start ${this.#starts}`),
      ...this.#script.options,
      fileSystem: this.#disk,
      topics: this.#script.topics,
      properties: {
        'default.replication.factor': String(this.#script.replicas),
        'num.partitions': '2',
        ...this.#script.properties,
      },
      // Requests that are under way are cut off.
      closeTimeoutMs: 0,
      listener: nodeId => {
        const port = FIRST_PORT - 1 + nodeId
        const listener = new MemoryListener({ advertised: { host: 'memory', port } })
        this.#listeners.set(port, listener)
        return listener
      },
    })
  }

  stop(): Promise<void> {
    return this.broker.close()
  }

  /** The machine is to stop at the operation of the disk that comes after so many others. */
  crashAfter(operations: number): void {
    this.#disk.crashAfter(operations)
  }

  /** A start in the middle of which the machine may stop. */
  async tryToStart(): Promise<void> {
    const { crashed } = this.#disk
    await Promise.race([this.start().catch(() => undefined), crashed])
    await turns(CALM_TURNS)
  }

  /** It stops now, if it has not stopped before. Nobody hears anything of it any more; the next start finds what is left. */
  async crash(kind: CrashKind): Promise<void> {
    const dead = this.broker
    this.#listeners.clear()
    this.#disk = this.#disk.survivor(kind)
    for (const stream of [...this.#streams]) stream.destroy(new Error('the machine has stopped'))
    // Only for its timers: it reaches neither the disk nor a client.
    await dead.close().catch(() => undefined)
  }

  /** No faults, all nodes run, every partition has a leader. */
  async heal(): Promise<void> {
    const { broker } = this
    const { nodes, topics } = this.#script
    broker.faults.clear()
    for (const { nodeId } of broker.nodes) await broker.startNode(nodeId)
    for (const [topic, { partitions }] of Object.entries(topics)) {
      for (let partition = 0; partition < partitions; partition++) {
        if (broker.leaderOf(topic, partition).nodeId < 0) broker.moveLeader(topic, partition, 1 + (partition % nodes))
      }
    }
  }

  /** Lets time pass, one timer after the other, each with all turns that the script has for a moment. */
  async pass(durationMs: number): Promise<void> {
    const { clock } = this
    const end = clock.now() + durationMs
    for (;;) {
      await turns(this.#script.turnsPerMoment)
      const next = Math.min(clock.nextTimerAt ?? end, clock.now() + LONGEST_STEP_MS, end)
      await clock.advance(next - clock.now())
      if (next === end) return
    }
  }

  /** The outcome of something that needs time to pass; throws when it does not come in any sensible time. */
  async drive<T>(promise: Promise<T>, what: string): Promise<T> {
    let isOver = false
    const over = (): void => {
      isOver = true
    }
    promise.then(over, over)
    const latest = this.clock.now() + MOST_CALM_MS
    for (;;) {
      await turns(CALM_TURNS)
      if (isOver) return promise
      if (this.clock.now() > latest) throw new Error(`${what}: not done after ${MOST_CALM_MS} ms of calm`)
      await this.pass(LONGEST_STEP_MS)
    }
  }

  /** Gives a topic so many partitions in all. */
  async grow(name: string, count: number): Promise<void> {
    const listener = this.#listeners.get(FIRST_PORT)
    if (listener === undefined) throw new Error('the broker is down')
    const connection = new Connection(listener.connect(), { clientId: 'grower', clock: this.clock, nodeId: 1 })
    try {
      const topics = [{ name, count, assignments: null }]
      const asked = connection.request(createPartitions, 3, { topics, timeoutMs: 1000, validateOnly: false })
      const { name: error } = errorByCode((await this.drive(asked, 'growing')).results[0]?.errorCode ?? -1)
      if (error !== 'NONE') throw new Error(`${name} does not grow: ${error}`)
    } finally {
      connection.close()
    }
  }

  /** Everything in every partition of all topics. Needs a cluster that is healthy. */
  async readAll(): Promise<Map<string, StoredRecord[]>> {
    const connections = this.broker.nodes.map(({ nodeId, port }) => {
      const listener = this.#listeners.get(port)
      if (listener === undefined) throw new Error(`node ${nodeId} does not listen`)
      return new Connection(listener.connect(), { clientId: 'reader', clock: this.clock, nodeId })
    })
    const found = new Map<string, StoredRecord[]>()
    try {
      const image = await connections[0]?.request(metadata, 9, { topics: null })
      for (const { name, partitions } of image?.topics ?? []) {
        for (const { partitionIndex, leaderId } of partitions) {
          const leader = connections[leaderId - 1]
          if (leader === undefined) throw new Error(`${name}-${partitionIndex} has no leader`)
          found.set(`${name}-${partitionIndex}`, await readPartition(leader, name ?? '', partitionIndex))
        }
      }
    } finally {
      for (const connection of connections) connection.close()
      await turns(CALM_TURNS)
    }
    return found
  }
}

/** Lets the event loop go around, while no time passes. */
export async function turns(count: number): Promise<void> {
  for (let turn = 0; turn < count; turn++) await setImmediate()
}

async function readPartition(leader: Connection, topic: string, partition: number): Promise<StoredRecord[]> {
  const records: StoredRecord[] = []
  for (let offset = 0; ; ) {
    const answer = await leader.request(fetch, 12, {
      maxWaitMs: 0,
      minBytes: 0,
      topics: [{ topic, partitions: [{ partition, fetchOffset: BigInt(offset), partitionMaxBytes: FETCH_BYTES }] }],
      rackId: '',
    })
    const found = answer.responses[0]?.partitions[0]
    const { name: error } = errorByCode(found?.errorCode ?? -1)
    if (found === undefined || error !== 'NONE') throw new Error(`${topic}-${partition} cannot be read: ${error}`)
    for (const batch of batchesIn(found.records ?? new Uint8Array(0))) {
      batch.checkCrc()
      offset = batch.lastOffset + 1
      if (batch instanceof MessageSet) throw new Error(`${topic}-${partition} has records of an old format`)
      for (const cursor = batch.records(); cursor.next(); ) {
        records.push({ offset: cursor.offset, key: cursor.keyText(), value: cursor.valueText() })
      }
    }
    if (offset >= Number(found.highWatermark)) return records
  }
}

/** A stream that says when it is over, and brings nothing from a machine that has stopped. */
class CountedStream implements ByteStream {
  readonly peer: string
  readonly peerHost: string
  readonly local: ByteStream['local']
  readonly #stream: ByteStream
  readonly #disk: FaultyFileSystem
  readonly #onOver: (self: CountedStream) => void

  constructor(stream: ByteStream, disk: FaultyFileSystem, onOver: (self: CountedStream) => void) {
    this.peer = stream.peer
    this.peerHost = stream.peerHost
    this.local = stream.local
    this.#stream = stream
    this.#disk = disk
    this.#onOver = onOver
  }

  get bufferedBytes(): number {
    return this.#stream.bufferedBytes
  }

  start(sink: ByteStreamSink): void {
    this.#stream.start({
      onData: chunk => {
        if (!this.#disk.hasCrashed) sink.onData(chunk)
      },
      onDrain: () => sink.onDrain(),
      onEnd: () => sink.onEnd(),
      onClose: error => {
        this.#onOver(this)
        sink.onClose(error)
      },
    })
  }

  write(chunks: readonly Uint8Array[]): void {
    this.#stream.write(chunks)
  }

  pause(): void {
    this.#stream.pause()
  }

  resume(): void {
    this.#stream.resume()
  }

  end(): void {
    this.#stream.end()
  }

  destroy(error?: Error): void {
    this.#stream.destroy(error)
  }
}
