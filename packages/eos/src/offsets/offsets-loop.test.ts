import { Consumer, type ConsumerRecord, type RebalanceListener, type TopicPartition } from '@samsa/consumer'
import { ConfigError, FencedError, ManualClock, SeededRandom, silentLogger } from '@samsa/runtime'
import { describe, expect, test } from 'vitest'
import { memoryStore } from '../memory/memory-store.js'
import type { MemoryTx } from '../memory/memory-tx.js'
import { offsetsInTransaction } from './offsets-in-transaction.js'
import { OffsetsLoop, type OffsetsWork } from './offsets-loop.js'

const place = { topic: 'orders', partition: 0 }
const SESSION_MS = 45_000

type Work = OffsetsWork<MemoryTx, string, string>

/** A log of five records, one consumer, and a clock in the hands of the test. */
function scene(work: Work) {
  const clock = new ManualClock()
  const store = memoryStore({ clock })
  const end = new AbortController()
  const topicIds = { orders: 'one' }
  const metadata = { isKnown: false }
  const consumer = new ScriptedConsumer(clock)
  const config = {
    topics: ['orders'],
    group: 'billing',
    batch: 2,
    onMissing: 'earliest' as const,
    mirrorToKafka: false,
    maxAttempts: 3,
    retryBackoffMs: 1_000,
    retryBackoffMaxMs: 10_000,
    insight: {
      config: { sessionTimeoutMs: SESSION_MS },
      cluster: {
        clock,
        random: new SeededRandom('offsets'),
        logger: silentLogger,
        metadata: {
          topic: (name: 'orders') => (metadata.isKnown ? { id: topicIds[name] } : undefined),
          topicOf: async (name: 'orders') => {
            metadata.isKnown = true
            return { id: topicIds[name] }
          },
        },
      },
    } as never,
  }
  const loop = new OffsetsLoop<MemoryTx, string, string>({
    consumer: consumer as never,
    store,
    config,
    work,
    signal: end.signal,
  })
  return { clock, store, end, consumer, loop, topicIds }
}

const RECORDS = [0n, 1n, 4n, 5n, 6n].map(offset => ({ ...place, offset })) as ConsumerRecord<string, string>[]

/** As much of a consumer as the loop asks for; gives all that is behind the position at once. */
class ScriptedConsumer {
  position = -1n
  isPaused = false
  readonly trace: string[] = []
  readonly #clock: ManualClock
  #listener: RebalanceListener = {}
  #isAssigned = false

  constructor(clock: ManualClock) {
    this.#clock = clock
  }

  subscribe(_: unknown, listener: RebalanceListener): void {
    this.#listener = listener
  }

  async unsubscribe(): Promise<void> {
    this.trace.push('unsubscribe')
  }

  seek(_: TopicPartition, offset: bigint): void {
    this.trace.push(`seek ${offset}`)
    this.position = offset
  }

  pause(): void {
    this.isPaused = true
  }

  resume(): void {
    this.isPaused = false
  }

  async beginningOffsets(): Promise<readonly { offset: bigint }[]> {
    return [{ offset: 0n }]
  }

  async poll({ timeoutMs, signal }: { timeoutMs: number; signal: AbortSignal }) {
    if (!this.#isAssigned) {
      this.#isAssigned = true
      await this.#listener.onPartitionsAssigned?.([place])
    }
    const records = this.isPaused ? [] : RECORDS.filter(({ offset }) => offset >= this.position)
    if (records.length === 0) await this.#clock.sleep(timeoutMs, { signal })
    else this.position = 7n
    return { partitions: () => (records.length > 0 ? [place] : []), of: () => records }
  }
}

const offsetsOf = (records: readonly ConsumerRecord<string, string>[]): string =>
  records.map(({ offset }) => offset).join(' ')

test('a transaction has no more records than a batch, and offsets go on behind gaps', async () => {
  const batches: string[] = []
  const { clock, store, end, consumer, loop } = scene(records => batches.push(offsetsOf(records)))
  const running = loop.run()
  await clock.advance({ ms: 1 })
  end.abort()
  await running
  expect(batches).toEqual(['0 1', '4 5', '6'])
  expect(await store.acquire({ group: 'billing', ...place })).toMatchObject({ next: 7n })
  expect(consumer.trace).toEqual(['seek 0', 'unsubscribe'])
})

test('behind a failure nothing more of the partition is done until its pause is over, and then again from there', async () => {
  const batches: string[] = []
  const { clock, end, consumer, loop } = scene((records, { attempt }) => {
    batches.push(`${offsetsOf(records)} (${attempt})`)
    if (batches.length === 2) throw new Error('on purpose')
  })
  const running = loop.run()
  await clock.advance({ ms: 700 })
  expect(batches).toEqual(['0 1 (1)', '4 5 (1)'])
  expect(consumer.trace).toEqual(['seek 0', 'seek 2'])
  expect(consumer.isPaused).toBe(true)
  await clock.advance({ ms: 600 })
  expect(batches.slice(2)).toEqual(['4 5 (2)', '6 (1)'])
  end.abort()
  await running
})

test('when it is to end, the transaction under way is finished and no other one begun', async () => {
  const batches: string[] = []
  const { store, end, loop } = scene(records => {
    batches.push(offsetsOf(records))
    end.abort()
  })
  await loop.run()
  expect(batches).toEqual(['0 1'])
  expect(await store.acquire({ group: 'billing', ...place })).toMatchObject({ next: 2n })
})

test('work that gives up because the loop ends is no failure, and is rolled back', async () => {
  const { clock, store, end, loop } = scene((_, { tx, signal }) => {
    tx.set('begun', true)
    end.abort(new Error('the process ends'))
    signal.throwIfAborted()
  })
  const running = loop.run()
  await clock.advance({ ms: 1 })
  await running
  expect(await store.transaction(async tx => tx.get('begun'))).toBe(undefined)
  expect(await store.acquire({ group: 'billing', ...place })).toMatchObject({ next: 0n })
})

test('an owner that was replaced rests, and fails when its group has not taken the partition from it in time', async () => {
  let calls = 0
  const { clock, store, loop, consumer } = scene(() => calls++)
  store.advance = async () => calls === 0
  const running = expect(loop.run()).rejects.toThrow(FencedError)
  await clock.advance({ ms: SESSION_MS - 1 })
  expect(calls).toBe(1)
  expect(consumer.isPaused).toBe(true)
  await clock.advance({ ms: 2 })
  await running
  expect(consumer.trace.at(-1)).toBe('unsubscribe')
})

test('one that is replaced before it has stored where to begin rests too, and takes nothing back', async () => {
  let calls = 0
  const { clock, store, loop, consumer } = scene(() => calls++)
  const acquire = store.acquire.bind(store)
  store.acquire = async (...parameters) => {
    const ours = await acquire(...parameters)
    store.acquire = acquire
    await acquire(...parameters)
    return ours
  }
  const running = expect(loop.run()).rejects.toThrow(FencedError)
  await clock.advance({ ms: SESSION_MS - 1 })
  expect(consumer.isPaused).toBe(true)
  await clock.advance({ ms: 2 })
  await running
  expect(calls).toBe(0)
  expect(await acquire({ group: 'billing', ...place })).toMatchObject({ fence: 3n, next: null })
})

test('a topic that was made anew while it was read is noticed before its records are taken for those of the old one', async () => {
  const batches: string[] = []
  const { loop, topicIds } = scene(records => {
    batches.push(offsetsOf(records))
    topicIds.orders = 'two'
  })
  await expect(loop.run()).rejects.toMatchObject({ code: 'INCONSISTENT_TOPIC_ID' })
  expect(batches).toEqual(['0 1'])
})

test('an offset that was stored for an earlier topic of the name is refused, also where metadata is late', async () => {
  const { store, loop } = scene(() => {})
  const { fence } = await store.acquire({ group: 'billing', ...place }, 'zero')
  const move = { group: 'billing', ...place, fence, from: null, to: 3n }
  expect(await store.transaction(tx => store.advance(tx, move))).toBe(true)
  await expect(loop.run()).rejects.toMatchObject({ code: 'INCONSISTENT_TOPIC_ID' })
})

test('a store that is down when a partition comes is asked again, and the run ends when it stays so', async () => {
  const { clock, store, end, loop } = scene(() => {})
  const acquire = store.acquire.bind(store)
  let failures = 2
  store.acquire = async (...parameters) => {
    if (failures-- > 0) throw Object.assign(new ConfigError('down'), { retriable: true })
    return await acquire(...parameters)
  }
  const running = loop.run()
  await clock.advance({ seconds: 5 })
  end.abort()
  await running
  expect(await acquire({ group: 'billing', ...place })).toMatchObject({ next: 7n })
  failures = 9
  const other = scene(() => {})
  other.store.acquire = store.acquire
  const failing = expect(other.loop.run()).rejects.toThrow('down')
  await other.clock.advance({ seconds: 30 })
  await failing
})

describe('a consumer that would not leave offsets to the store is refused, with what to set', () => {
  const bootstrapServers = 'localhost:1'
  const groupId = 'billing'
  test.each([
    ['the consumer needs a groupId', { bootstrapServers }],
    ['enableAutoCommit: false', { bootstrapServers, groupId }],
    ["autoOffsetReset: 'none'", { bootstrapServers, groupId, enableAutoCommit: false }],
  ])('%s', async (message, options) => {
    await using consumer = new Consumer(options)
    const make = () => offsetsInTransaction({ consumer, store: memoryStore(), topics: ['orders'] }, () => {})
    expect(make).toThrow(ConfigError)
    expect(make).toThrow(message)
  })

  test('so are stores without offsets, and what is no consumer', () => {
    const store = memoryStore()
    const options = { consumer: {} as never, store, topics: ['orders'] }
    expect(() => offsetsInTransaction(options, () => {})).toThrow('consumer must be a Consumer')
    const noOffsets = { ...options, store: { transaction() {} } as never }
    expect(() => offsetsInTransaction(noOffsets, () => {})).toThrow('this one keeps no offsets')
  })
})
