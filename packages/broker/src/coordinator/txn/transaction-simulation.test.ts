/**
 * Lives of transactional producers from seeds: some of either generation, who write, commit, abort, are replaced in the
 * middle, take too long, and lose their broker. A ledger keeps what each was told, and judges what a reader of committed
 * records sees at the end: nothing aborted, nothing lost, nothing twice, nothing in part, all in order.
 */
import { SeededRandom } from '@samsa/runtime'
import { expect, test } from 'vitest'
import { startBroker, type TestBroker } from '../../handlers/test-broker.js'
import { MemoryFileSystem } from '../../storage/memory.js'
import { committedIn, FEW_PARTITIONS, findCoordinators, type Seen, TransactionalClient } from './test-transactions.js'

const SEEDS = 40
const STEPS = 120
const IDS = ['first', 'second', 'third']
const PARTITIONS = [0, 1]
const DATA = '/data'
const TIMEOUT_MS = 30_000

/** A transaction: what was written to which partition, and what its producer was told of its end. */
interface Entry {
  readonly written: Map<number, string[]>
  outcome: 'open' | 'committed' | 'given up'
}

interface Life {
  client: TransactionalClient
  entry: Entry | undefined
}

class Simulation {
  readonly ledger: Entry[] = []
  readonly #random: SeededRandom
  readonly #lives = new Map<string, Life>()
  #kafka: TestBroker
  #values = 0

  private constructor(random: SeededRandom, kafka: TestBroker) {
    this.#random = random
    this.#kafka = kafka
  }

  static async run(seed: number): Promise<{ readonly ledger: readonly Entry[]; readonly seen: readonly Seen[] }> {
    const fileSystem = new MemoryFileSystem()
    const kafka = await startBroker({ dataDir: DATA, fileSystem, properties: FEW_PARTITIONS })
    await findCoordinators(kafka.client)
    await kafka.createTopic('t', PARTITIONS.length)
    const simulation = new Simulation(new SeededRandom(seed), kafka)
    for (const id of IDS) await simulation.#replace(id)
    for (let step = 0; step < STEPS; step++) await simulation.#step()
    return { ledger: simulation.ledger, seen: await simulation.#end() }
  }

  async #step(): Promise<void> {
    const id = IDS[this.#random.integer(0, IDS.length)] ?? ''
    const roll = this.#random.integer(0, 100)
    if (roll < 55) await this.#write(id)
    else if (roll < 75) await this.#finish(id, true)
    else if (roll < 85) await this.#finish(id, false)
    else if (roll < 92) await this.#replace(id)
    else if (roll < 96) await this.#kafka.clock.advance(TIMEOUT_MS)
    else await this.#restart()
  }

  async #write(id: string): Promise<void> {
    const life = this.#lives.get(id)
    if (life === undefined) return
    if (life.entry === undefined) {
      life.entry = { written: new Map(), outcome: 'open' }
      this.ledger.push(life.entry)
    }
    const partition = this.#random.integer(0, PARTITIONS.length)
    const value = `${id} ${this.#values++}`
    const code = await life.client.send(partition, value)
    // Shut out, by the clock or by a successor: whatever was open is given up.
    if (code !== 0) await this.#replace(id)
    else life.entry.written.set(partition, [...(life.entry.written.get(partition) ?? []), value])
  }

  async #finish(id: string, isCommit: boolean): Promise<void> {
    const life = this.#lives.get(id)
    if (life?.entry === undefined || life.entry.written.size === 0) return
    const { entry } = life
    const code = await life.client.end(isCommit)
    life.entry = undefined
    entry.outcome = code === 0 && isCommit ? 'committed' : 'given up'
    if (code !== 0) await this.#replace(id)
  }

  /** Another producer takes the place of the one that has the id; now and then the old one tries once more. */
  async #replace(id: string, isHaunted = true): Promise<void> {
    const old = this.#lives.get(id)
    if (old?.entry !== undefined) old.entry.outcome = 'given up'
    const client = new TransactionalClient(this.#kafka, this.#random.integer(0, 2) === 0 ? 1 : 2, id)
    expect(await client.init(TIMEOUT_MS / 2)).toBe(0)
    this.#lives.set(id, { client, entry: undefined })
    if (!isHaunted || old?.entry === undefined || this.#random.integer(0, 2) === 0) return
    expect(await old.client.send(0, 'of a zombie')).not.toBe(0)
    expect(await old.client.end(true)).not.toBe(0)
  }

  /** What is open stays open, and is ended by who comes next. */
  async #restart(): Promise<void> {
    const { fileSystem, clock } = this.#kafka
    await this.#kafka.broker.close()
    this.#kafka = await startBroker({ dataDir: DATA, fileSystem, clock, properties: FEW_PARTITIONS })
    for (const id of IDS) await this.#replace(id, false)
  }

  async #end(): Promise<Seen[]> {
    for (const id of IDS) await this.#replace(id)
    const seen = await Promise.all(PARTITIONS.map(partition => committedIn(this.#kafka.client, partition)))
    await this.#kafka.broker.close()
    return seen
  }
}

test.each(Array.from({ length: SEEDS }, (_, seed) => seed))('seed %d', async seed => {
  const { ledger, seen } = await Simulation.run(seed)
  const committed = ledger.filter(({ outcome }) => outcome === 'committed')
  for (const [partition, { values, lastStableOffset, highWatermark }] of seen.entries()) {
    expect(lastStableOffset).toBe(highWatermark)
    const expected = committed.flatMap(({ written }) => written.get(partition) ?? [])
    expect(values.toSorted()).toEqual(expected.toSorted())
    for (const id of IDS) {
      const ofOne = values.filter(value => value.startsWith(`${id} `)).map(value => Number(value.slice(id.length)))
      expect(ofOne).toEqual(ofOne.toSorted((one, other) => one - other))
    }
  }
  expect(committed.length).toBeGreaterThan(0)
})
