/**
 * SIGKILL in the middle of transactions, round after round on one data directory. What was told to be committed is seen, in
 * both partitions and in the group's offset; what was aborted or left open is not; what was on its way is there as a whole or
 * not at all, and stays so. The next producer of the same transactional id goes on.
 */
import { Consumer } from '@samsa/consumer'
import { Producer } from '@samsa/producer'
import { type Random, SeededRandom, silentLogger } from '@samsa/runtime'
import { expect, test } from 'vitest'
import { BrokerProcess } from '../interop/broker-process.js'
import { temporaryFolder } from '../interop/temporary-folder.js'
import { proofSize } from '../proof-size.js'

const ROUNDS = proofSize('SAMSA_TRANSACTION_KILL_ROUNDS', 4)
const SEED = process.env['SAMSA_TRANSACTION_KILL_SEED'] ?? 'kill in the middle of a transaction'
const IDS = ['first', 'second']
const PARTITIONS = [0, 1]
const TOPIC = 't'
const MS_PER_ROUND = 20_000

/** `ending` is a commit whose answer never came; everything else that was cut off can only be aborted. */
type Outcome = 'open' | 'ending' | 'committed' | 'aborted'

interface Entry {
  /** By partition. */
  readonly values: readonly (readonly string[])[]
  outcome: Outcome
}

/** What a reader of committed records sees, by partition, in the order of the log. */
type Seen = readonly (readonly string[])[]

/** Of one transactional id, through all rounds; its transactions are numbered, and commit their number to its own group. */
class Writer {
  readonly id: string
  readonly ledger: Entry[] = []
  readonly #random: Random
  #producer: Producer | undefined

  constructor(id: string, random: Random) {
    this.id = id
    this.#random = random
  }

  /** Takes the place of the producer of the round before. */
  async begin(bootstrapServers: string): Promise<void> {
    this.#producer = new Producer({ bootstrapServers, transactionalId: this.id, logger: silentLogger })
    await this.#producer.initTransactions()
  }

  /** One transaction after the other, until one fails. */
  async write(onStep: () => void): Promise<never> {
    for (;;) await this.#transaction(this.#started, onStep)
  }

  async close(): Promise<void> {
    await this.#producer?.close({ timeoutMs: 0 })
  }

  get #started(): Producer {
    if (this.#producer === undefined) throw new Error(`${this.id} has no producer`)
    return this.#producer
  }

  async #transaction(producer: Producer, onStep: () => void): Promise<void> {
    const number = this.ledger.length
    const values = PARTITIONS.map(() => this.#values(number))
    const entry: Entry = { values, outcome: 'open' }
    this.ledger.push(entry)
    producer.beginTransaction()
    for (const partition of PARTITIONS) {
      for (const value of values[partition] ?? []) void producer.send({ topic: TOPIC, partition, value })
      // In more than one batch, and written even where the transaction is aborted then.
      if (this.#random.integer(0, 2) === 0) await producer.flush()
      onStep()
    }
    const offsets = [{ topic: TOPIC, partition: 0, offset: BigInt(number + 1) }]
    await producer.sendOffsetsToTransaction(offsets, { groupId: this.id })
    onStep()
    const isCommit = this.#random.integer(0, 4) > 0
    if (isCommit) entry.outcome = 'ending'
    const ended = isCommit ? producer.commitTransaction() : producer.abortTransaction()
    onStep()
    await ended
    entry.outcome = isCommit ? 'committed' : 'aborted'
    onStep()
  }

  #values(number: number): string[] {
    const count = this.#random.integer(1, 6)
    return Array.from(
      { length: count },
      (_, at) => `${this.id} ${number} ${at} ${'.'.repeat(this.#random.integer(0, 999))}`,
    )
  }

  /** Settles what was cut off by what is seen: from here on it has to stay like that. */
  judge(seen: Seen, committedOffset: bigint): void {
    const own = seen.map(values => values.filter(value => value.startsWith(`${this.id} `)))
    const visible = new Set(own.flat().map(value => Number(value.split(' ')[1])))
    for (const [number, entry] of this.ledger.entries()) {
      if (entry.outcome === 'ending' && visible.has(number)) entry.outcome = 'committed'
      else if (entry.outcome !== 'committed') entry.outcome = 'aborted'
    }
    const committed = this.ledger.filter(({ outcome }) => outcome === 'committed')
    expect(own).toEqual(PARTITIONS.map(partition => committed.flatMap(({ values }) => values[partition] ?? [])))
    expect(committedOffset).toBe(BigInt(this.ledger.findLastIndex(({ outcome }) => outcome === 'committed') + 1))
  }
}

/** Nothing is open any more when this is called, so the end of what is stable is the end of the log. */
async function committedRecords(bootstrapServers: string): Promise<Seen> {
  const partitions = PARTITIONS.map(partition => ({ topic: TOPIC, partition }))
  await using all = new Consumer({ bootstrapServers, logger: silentLogger })
  await using consumer = new Consumer({ bootstrapServers, isolationLevel: 'readCommitted', logger: silentLogger })
  const ends = await consumer.endOffsets(partitions)
  expect(ends).toEqual(await all.endOffsets(partitions))
  consumer.assign(partitions)
  consumer.seekToBeginning(partitions)
  const seen: string[][] = PARTITIONS.map(() => [])
  for (const { topic, partition, offset } of ends) {
    while ((await consumer.position({ topic, partition })) < offset) {
      for (const record of await consumer.poll(100)) seen[record.partition]?.push(String(record.value))
    }
  }
  return seen
}

/** Where the group goes on; 0 before its first commit. */
async function committedOffset(bootstrapServers: string, groupId: string): Promise<bigint> {
  await using consumer = new Consumer({ bootstrapServers, groupId, logger: silentLogger })
  const [committed] = await consumer.committed([{ topic: TOPIC, partition: 0 }])
  return committed?.offset ?? 0n
}

async function check(address: string, writers: readonly Writer[]): Promise<void> {
  const seen = await committedRecords(address)
  for (const writer of writers) writer.judge(seen, await committedOffset(address, writer.id))
}

/** Ends with the kill, at whatever step of a transaction that comes. */
async function writeUntilKilled(broker: BrokerProcess, writers: readonly Writer[], steps: number): Promise<void> {
  let left = steps
  let killed: Promise<unknown> | undefined
  const onStep = (): void => {
    left--
    if (left === 0) killed = broker.kill().then(() => Promise.all(writers.map(writer => writer.close())))
  }
  const writing = writers.map(async writer => {
    try {
      await writer.write(onStep)
    } catch (error) {
      if (killed === undefined) throw error
    }
  })
  await Promise.all(writing)
  await killed
}

test(
  `${ROUNDS} rounds of SIGKILL during transactions lose none that was committed, and show no other`,
  async () => {
    const random = new SeededRandom(SEED)
    const folder = temporaryFolder()
    const options = { dataDir: folder.path, topics: [`${TOPIC}:${PARTITIONS.length}`] }
    const writers = IDS.map(id => new Writer(id, random))
    try {
      for (let round = 0; round <= ROUNDS; round++) {
        const broker = await BrokerProcess.start(options)
        try {
          for (const writer of writers) await writer.begin(broker.address)
          await check(broker.address, writers)
          if (round < ROUNDS) await writeUntilKilled(broker, writers, random.integer(100, 500))
        } finally {
          for (const writer of writers) await writer.close()
          await broker.kill()
        }
      }
      for (const { ledger } of writers) {
        expect(new Set(ledger.map(({ outcome }) => outcome))).toEqual(new Set(['committed', 'aborted']))
      }
    } finally {
      folder.remove()
    }
  },
  (ROUNDS + 1) * MS_PER_ROUND,
)
