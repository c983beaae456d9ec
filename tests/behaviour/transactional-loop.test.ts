/**
 * Loops that consume, transform and produce in transactions, against a broker: the bundled one, or any running Kafka that
 * SAMSA_KAFKA=host:port names.
 */
import { randomUUID } from 'node:crypto'
import { Admin } from '@samsa/client'
import { Consumer, type ConsumerOptions, type ConsumerRecord, deadLetterHeaders, string } from '@samsa/consumer'
import { kafkaStore, type LoopOptions, type LoopWork, transactionalLoop } from '@samsa/eos'
import { Producer, type ProducerOptions } from '@samsa/producer'
import { FencedError } from '@samsa/runtime'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { eventually } from './eventually.js'
import { RunningKafka } from './running-kafka.js'

let kafka: RunningKafka

beforeAll(async () => {
  kafka = await RunningKafka.start()
}, 60_000)

afterAll(() => kafka[Symbol.asyncDispose]())

type Work = LoopWork<string, string, string, string>

const upTo = (count: number): number[] => Array.from({ length: count }, (_, index) => index)
const newName = (): string => `samsa-behaviour-${randomUUID()}`
const until = (holds: () => boolean): Promise<true> => eventually(async () => (holds() ? true : undefined))
const sorted = (values: Iterable<unknown>): number[] => [...values].map(Number).sort((a, b) => a - b)

/** Nothing more comes out, and that is what came. */
async function allOutputOf(topic: string, partitions: number, count: number): Promise<number[]> {
  // Offsets may be told of before the markers of the same transaction have reached the output.
  await eventually(async () => (await outputOf(topic, partitions)).length >= count || undefined)
  return await outputOf(topic, partitions)
}

/** The committed output of all partitions, by number. */
async function outputOf(topic: string, partitions: number): Promise<number[]> {
  const all = await Promise.all(upTo(partitions).map(partition => kafka.readCommitted(topic, partition)))
  return sorted(all.flat())
}

interface Loop {
  readonly done: Promise<void>
  readonly consumer: Consumer<string, string>
  stop(): Promise<void>
}

interface Setup {
  readonly input: string
  readonly group: string
  readonly transactionalId?: string
  readonly consumer?: Partial<ConsumerOptions<string, string>>
  readonly producer?: Partial<ProducerOptions<string, string>>
  readonly loop?: Partial<LoopOptions<string, string, string, string>>
}

const open: Loop[] = []
const madeByStores: string[] = []

/** A topic that does not exist yet. */
function newIds(): string {
  const name = newName()
  madeByStores.push(name)
  return name
}

/** One process, as it were: a loop with a consumer and a producer of its own. */
function start({ input, group, transactionalId = newName(), ...more }: Setup, work: Work): Loop {
  const { bootstrapServers } = kafka
  const consumer = new Consumer<string, string>({
    ...{ bootstrapServers, groupId: group, key: string, value: string, autoOffsetReset: 'earliest' },
    ...{ isolationLevel: 'readCommitted', enableAutoCommit: false, fetchMaxWaitMs: 100 },
    ...(more.consumer?.groupProtocol === 'consumer' ? {} : { heartbeatIntervalMs: 100 }),
    ...more.consumer,
  })
  const producer = new Producer<string, string>({
    ...{ bootstrapServers, transactionalId, key: string, value: string },
    ...more.producer,
  })
  const end = new AbortController()
  const options = { consumer, producer, topics: [input], maxDelayMs: 20, ...more.loop }
  const done = transactionalLoop(options, work).run({ signal: end.signal })
  done.catch(() => {})
  const loop = {
    done,
    consumer,
    stop: async () => {
      end.abort()
      try {
        await done
      } finally {
        await Promise.all([consumer.close(), producer.close()])
      }
    },
  }
  open.push(loop)
  return loop
}

const copyTo =
  (topic: string, partitions: number): Work =>
  (records, out) => {
    for (const { key, value } of records) void out.send({ topic, partition: Number(value) % partitions, key, value })
  }

async function committed(group: string, topic: string, partitions: number): Promise<(bigint | undefined)[]> {
  await using reader = new Consumer({ bootstrapServers: kafka.bootstrapServers, groupId: group })
  const offsets = await reader.committed(upTo(partitions).map(partition => ({ topic, partition })))
  return offsets.map(each => each?.offset)
}

afterAll(async () => {
  for (const loop of open) await loop.stop().catch(() => {})
  await using admin = new Admin({ bootstrapServers: kafka.bootstrapServers })
  await admin.deleteTopics(madeByStores).catch(() => {})
})

describe('a transactional loop', { timeout: 60_000 }, () => {
  test('has each record come out once, with transactions aborted in the middle', async () => {
    const [input, output, group] = [await kafka.topic(2), await kafka.topic(2), newName()]
    await kafka.write(input, 2, 200)
    const copy = copyTo(output, 2)
    let calls = 0
    const loop = start({ input, group, loop: { maxBatch: 20, poison: { initialMs: 1 } } }, (records, out, context) => {
      copy(records, out, context)
      // The second batch, and of its records two when they go alone.
      if ([2, 4, 9].includes(++calls)) throw new Error('a bad moment')
    })
    await eventually(async () => (await outputOf(output, 2)).length >= 200 || undefined)
    await loop.stop()
    expect(await outputOf(output, 2)).toEqual(upTo(200))
    expect(await committed(group, input, 2)).toEqual([100n, 100n])
  })

  test.each(['classic', 'consumer'] as const)(
    'shares with another one, in a group of the protocol %s',
    async groupProtocol => {
      const [input, output, group] = [await kafka.topic(4), await kafka.topic(2), newName()]
      await kafka.write(input, 4, 400)
      let handled = 0
      const copy = copyTo(output, 2)
      const work: Work = async (records, out, context) => {
        copy(records, out, context)
        await new Promise(resolve => setTimeout(resolve, 5))
        handled += records.length
      }
      const setup = { input, group, consumer: { groupProtocol }, loop: { maxBatch: 10 } }
      const first = start(setup, work)
      await until(() => handled >= 50)
      const second = start(setup, work)
      await until(() => [first, second].every(({ consumer }) => consumer.metrics().assignedPartitions === 2))
      await kafka.write(input, 4, 400, 400)
      await eventually(async () => (await outputOf(output, 2)).length >= 800 || undefined)
      await second.stop()
      await kafka.write(input, 4, 40, 800)
      await eventually(async () => (await outputOf(output, 2)).length >= 840 || undefined)
      await first.stop()
      expect(await outputOf(output, 2)).toEqual(upTo(840))
      expect(await committed(group, input, 4)).toEqual([210n, 210n, 210n, 210n])
    },
  )

  test('sets a record aside that fails whatever is tried, with its offset, and goes on behind it', async () => {
    const [input, output, dead, group] = [await kafka.topic(1), await kafka.topic(1), await kafka.topic(1), newName()]
    await kafka.write(input, 1, 60)
    const copy = copyTo(output, 1)
    const poison = { attempts: 3, initialMs: 1, deadLetter: dead }
    const tried: number[] = []
    const loop = start({ input, group, loop: { poison } }, (records, out, context) => {
      copy(records, out, context)
      if (!records.some(({ value }) => value === '17')) return
      if (records.length === 1) tried.push(context.attempt)
      throw new RangeError('seventeen')
    })
    await eventually(async () => (await outputOf(output, 1)).length >= 59 || undefined)
    await loop.stop()
    expect(await outputOf(output, 1)).toEqual(upTo(60).filter(n => n !== 17))
    expect(tried).toEqual([1, 2, 3])
    expect(await committed(group, input, 1)).toEqual([60n])
    const [letter, ...more] = await kafka.read(dead, 0)
    expect(more).toEqual([])
    expect(letter?.value).toBe('17')
    const headers = new Map(letter?.headers.map(({ key, value }) => [key, value?.toString()]))
    expect(headers.get(deadLetterHeaders.offset)).toBe('17')
    expect(headers.get(deadLetterHeaders.errorName)).toBe('RangeError')
    expect(headers.get(deadLetterHeaders.attempts)).toBe('3')
  })

  test('sets a record aside whose output is too large to be sent', async () => {
    const [input, output, dead, group] = [await kafka.topic(1), await kafka.topic(1), await kafka.topic(1), newName()]
    await kafka.write(input, 1, 10)
    const poison = { attempts: 2, initialMs: 1, deadLetter: dead }
    const setup = { input, group, producer: { maxRequestSize: 10_000 }, loop: { poison } }
    const loop = start(setup, (records, out) => {
      for (const { value } of records) {
        void out.send({ topic: output, value: value === '4' ? '4'.repeat(20_000) : (value ?? '') })
      }
    })
    await eventually(async () => (await outputOf(output, 1)).length >= 9 || undefined)
    await loop.stop()
    expect(await outputOf(output, 1)).toEqual(upTo(10).filter(n => n !== 4))
    const letters = await kafka.read(dead, 0)
    expect(letters.map(({ value }) => value)).toEqual(['4'])
  })

  test('ends with a FencedError when another one has its transactional id', async () => {
    const [input, output, group, transactionalId] = [await kafka.topic(1), await kafka.topic(1), newName(), newName()]
    await kafka.write(input, 1, 20)
    let letGo: () => void = () => {}
    const held = new Promise<void>(resolve => {
      letGo = resolve
    })
    let isHeld = false
    const copy = copyTo(output, 1)
    const zombie = start({ input, group, transactionalId }, async (records, out, context) => {
      copy(records, out, context)
      isHeld = true
      await held
    })
    await until(() => isHeld)
    const heir = start({ input, group, transactionalId }, copy)
    // The zombie's partitions are not free before it polls again, or is taken out.
    await until(() => heir.consumer.metrics().polls > 0)
    letGo()
    await expect(zombie.done).rejects.toBeInstanceOf(FencedError)
    await eventually(async () => (await outputOf(output, 1)).length >= 20 || undefined)
    await heir.stop()
    expect(await outputOf(output, 1)).toEqual(upTo(20))
  })

  test('leaves out what comes again under the same id, also behind a restart', async () => {
    const [input, output, group, ids] = [await kafka.topic(2), await kafka.topic(2), newName(), newIds()]
    const duplicates: string[] = []
    const dedup = {
      store: kafkaStore({ topic: ids }),
      key: ({ value }: ConsumerRecord<string, string>) => value,
      onDuplicate: ({ value }: ConsumerRecord<string, string>) => void duplicates.push(value ?? ''),
    }
    await kafka.write(input, 2, 100)
    // Within one transaction, and in later ones.
    await kafka.write(input, 2, 100)
    const setup = { input, group, loop: { dedup, maxBatch: 30 } }
    const copy = copyTo(output, 2)
    const first = start(setup, copy)
    await eventually(async () => String(await committed(group, input, 2)) === '100,100' || undefined)
    await first.stop()
    expect(await allOutputOf(output, 2, 100)).toEqual(upTo(100))
    expect(sorted(duplicates)).toEqual(upTo(100))
    await kafka.write(input, 2, 110)
    const second = start(setup, copy)
    await eventually(async () => String(await committed(group, input, 2)) === '155,155' || undefined)
    await second.stop()
    expect(await allOutputOf(output, 2, 110)).toEqual(upTo(110))
  })

  test('knows what a transaction has added that was still open when the ids were read', async () => {
    const [input, output, group, ids] = [await kafka.topic(1), await kafka.topic(1), newName(), await kafka.topic(1)]
    const { bootstrapServers } = kafka
    await kafka.write(input, 1, 8)
    await using before = new Producer({ bootstrapServers, transactionalId: newName() })
    await before.initTransactions()
    before.beginTransaction()
    await before.send({ topic: ids, partition: 0, key: `${input}/7`, value: '' })
    const duplicates: (string | null)[] = []
    const dedup = {
      store: kafkaStore({ topic: ids }),
      key: ({ value }: ConsumerRecord<string, string>) => value,
      onDuplicate: ({ value }: ConsumerRecord<string, string>) => void duplicates.push(value),
    }
    const loop = start({ input, group, loop: { dedup } }, copyTo(output, 1))
    await until(() => loop.consumer.metrics().recordsConsumed === 8)
    // It waits, since what is not decided may be a duplicate; one with ids of its own has long finished.
    const other = { input, group: newName(), loop: { dedup: { ...dedup, store: kafkaStore({ topic: newIds() }) } } }
    const unhindered = start(other, () => {})
    await eventually(async () => String(await committed(other.group, input, 1)) === '8' || undefined)
    await unhindered.stop()
    expect(await outputOf(output, 1)).toEqual([])
    await before.commitTransaction()
    await eventually(async () => String(await committed(group, input, 1)) === '8' || undefined)
    await loop.stop()
    expect(await allOutputOf(output, 1, 7)).toEqual(upTo(7))
    expect(duplicates).toEqual(['7'])
  })

  test('makes no more of a topic of ids that has too few partitions, and says so', async () => {
    const [input, output, ids] = [await kafka.topic(2), await kafka.topic(2), await kafka.topic(1)]
    await kafka.write(input, 2, 10)
    const dedup = { store: kafkaStore({ topic: ids }), key: ({ value }: ConsumerRecord<string, string>) => value }
    const loop = start({ input, group: newName(), loop: { dedup } }, copyTo(output, 2))
    await expect(loop.done).rejects.toThrow(`${ids} of kafkaStore has 1 partitions`)
  })

  test('says so too when the input is given more partitions later, and goes on when both have as many', async () => {
    const [input, output, group, ids] = [await kafka.topic(1), await kafka.topic(2), newName(), newIds()]
    await kafka.write(input, 1, 10)
    const dedup = { store: kafkaStore({ topic: ids }), key: ({ value }: ConsumerRecord<string, string>) => value }
    const setup = { input, group, consumer: { metadataMaxAgeMs: 100 }, loop: { dedup } }
    const loop = start(setup, copyTo(output, 2))
    await eventually(async () => String(await committed(group, input, 1)) === '10' || undefined)
    await kafka.grow(input, 2)
    await kafka.write(input, 2, 10, 10)
    await expect(loop.done).rejects.toThrow(`${ids} of kafkaStore has 1 partitions`)
    await loop.stop().catch(() => {})
    await kafka.grow(ids, 2)
    const next = start(setup, copyTo(output, 2))
    await eventually(async () => (await outputOf(output, 2)).length >= 20 || undefined)
    await next.stop()
    expect(await outputOf(output, 2)).toEqual(upTo(20))
  })
})
