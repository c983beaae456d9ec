/**
 * Offsets in the transaction of the results, against a broker: the bundled one, or any running Kafka that SAMSA_KAFKA=host:port
 * names.
 */
import { randomUUID } from 'node:crypto'
import { Admin } from '@samsa/client'
import { Consumer, type ConsumerOptions, RecordDeserializationError, type Serde, string } from '@samsa/consumer'
import {
  eosMetrics,
  type MemoryStore,
  type MemoryTx,
  memoryStore,
  type OffsetsInTransactionOptions,
  type OffsetsWork,
  offsetsInTransaction,
} from '@samsa/eos'
import { armFailpoint, disarmFailpoint, type FailpointName } from '@samsa/eos/internal'
import { KafkaError, NoOffsetForPartitionError, OffsetOutOfRangeError } from '@samsa/runtime'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { alteredStore } from './altered-store.js'
import { eventually } from './eventually.js'
import { RunningKafka } from './running-kafka.js'

let kafka: RunningKafka

beforeAll(async () => {
  kafka = await RunningKafka.start()
}, 60_000)

afterAll(() => kafka[Symbol.asyncDispose]())
afterEach(disarmFailpoint)

type Work = OffsetsWork<MemoryTx, string, string>
type Options = OffsetsInTransactionOptions<MemoryTx, string, string>

const crash = new KafkaError('on purpose', { code: 'CRASH', fatal: true })
const upTo = (count: number): string[] => Array.from({ length: count }, (_, index) => String(index))
const newGroup = (): string => `samsa-behaviour-${randomUUID()}`

function member(groupId: string, options: Partial<ConsumerOptions<string, string>> = {}): Consumer<string, string> {
  return new Consumer({
    bootstrapServers: kafka.bootstrapServers,
    groupId,
    key: string,
    value: string,
    enableAutoCommit: false,
    autoOffsetReset: 'none',
    fetchMaxWaitMs: 50,
    heartbeatIntervalMs: 100,
    ...options,
  })
}

const isOrCause =
  (cause: unknown) =>
  (error: unknown): boolean =>
    error === cause || (error instanceof Error && error.cause === cause)

/** Each value counted under its own name: a repetition and a loss both show. */
const count: Work = (records, { tx }) => {
  for (const { value } of records) tx.set(`n${value}`, (tx.get<number>(`n${value}`) ?? 0) + 1)
}

function counts(store: MemoryStore, values: readonly string[]): Promise<(number | undefined)[]> {
  return store.transaction(async tx => values.map(value => tx.get<number>(`n${value}`)))
}

const once = (count: number): number[] => Array<number>(count).fill(1)

/** What work on a store was ever given, rolled back or not: no transaction that asks comes to the steps at which others die. */
const given = new WeakMap<MemoryStore, Set<string | null>>()

/** Works until it was given each of so many numbers, and the transaction that was under way then is over. */
async function countAll(
  topic: string,
  numbers: number,
  options: Partial<Options> & { readonly store: MemoryStore; readonly groupId: string },
  work: Work = count,
): Promise<void> {
  const { groupId, store, ...more } = options
  const seen = given.get(store) ?? new Set()
  given.set(store, seen)
  await using consumer = member(groupId)
  const end = new AbortController()
  const run = offsetsInTransaction<MemoryTx, string, string>(
    { consumer, store, topics: [topic], onMissing: 'earliest', retryBackoffMs: 5, ...more },
    async (records, context) => {
      for (const { value } of records) seen.add(value)
      await work(records, context)
    },
  )
  const running = run.run({ signal: end.signal })
  await Promise.race([eventually(async () => (seen.size >= numbers ? true : undefined)), running])
  end.abort()
  await running
}

describe('a group whose offsets are in the database', { timeout: 60_000 }, () => {
  test.each<FailpointName>([
    'offsets.afterAcquire',
    'offsets.afterWork',
    'offsets.afterAdvance',
    'tx.beforeCommit',
    'tx.afterCommit',
  ])('a process that dies at %s and another one after it count each record once', async name => {
    const [topic, groupId, store] = [await kafka.topic(2), newGroup(), memoryStore()]
    await kafka.write(topic, 2, 60)
    armFailpoint(name, 2, () => {
      throw crash
    })
    await expect(countAll(topic, 60, { groupId, store, batch: 7 })).rejects.toSatisfy(isOrCause(crash))
    await countAll(topic, 60, { groupId, store, batch: 7 })
    expect(await counts(store, upTo(60))).toEqual(once(60))
  })

  test('it goes on where the results end, not where the group has committed', async () => {
    const [topic, groupId, store] = [await kafka.topic(1), newGroup(), memoryStore()]
    await kafka.write(topic, 1, 10)
    await countAll(topic, 10, { groupId, store })
    {
      await using other = member(groupId)
      await other.commitSync([{ topic, partition: 0, offset: 3n }])
    }
    await kafka.write(topic, 1, 10, 10)
    await countAll(topic, 20, { groupId, store })
    expect(await counts(store, upTo(20))).toEqual(once(20))
  })

  test('work that fails is rolled back, and done again from where it began', async () => {
    const [topic, groupId, store] = [await kafka.topic(2), newGroup(), memoryStore()]
    await kafka.write(topic, 2, 40)
    const attempts: number[] = []
    const work: Work = async (records, context) => {
      await count(records, context)
      if (context.partition === 0) attempts.push(context.attempt)
      if (context.partition === 0 && attempts.length < 3) throw new Error('on purpose')
    }
    await countAll(topic, 40, { groupId, store, batch: 5 }, work)
    expect(attempts.slice(0, 4)).toEqual([1, 2, 3, 1])
    expect(await counts(store, upTo(40))).toEqual(once(40))
  })

  test('work that goes on failing ends the run, and says where', async () => {
    const [topic, groupId, store] = [await kafka.topic(1), newGroup(), memoryStore()]
    await kafka.write(topic, 1, 5)
    const failing = countAll(topic, 6, { groupId, store, maxAttempts: 2 }, () => {
      throw new Error('no such account')
    })
    await expect(failing).rejects.toMatchObject({ code: 'HANDLER_FAILED', topic, partition: 0 })
    await expect(failing).rejects.toThrow(`offsets 0 to 4 of ${topic}-0 has failed 2 times`)
    expect(await counts(store, ['0'])).toEqual([undefined])
  })

  test('a record that cannot be read fails where the work looks at it, and what was before it counts', async () => {
    const [topic, groupId, store] = [await kafka.topic(1), newGroup(), memoryStore()]
    await kafka.write(topic, 1, 5)
    const value: Serde<string> = {
      ...string,
      deserialize: (bytes, context) => {
        const text = string.deserialize(bytes, context)
        if (text === '3') throw new Error('on purpose')
        return text
      },
    }
    await using consumer = member(groupId, { value })
    const options = { consumer, store, topics: [topic], onMissing: 'earliest', batch: 1, retryBackoffMs: 1 } as const
    const run = offsetsInTransaction(options, count).run()
    await expect(run).rejects.toMatchObject({
      code: 'HANDLER_FAILED',
      cause: expect.any(RecordDeserializationError),
      ...{ topic, partition: 0 },
    })
    expect(await counts(store, upTo(5))).toEqual([1, 1, 1, undefined, undefined])
  })

  test('a commit whose outcome nobody knows is learned from the store, and not done again', async () => {
    const [topic, groupId, store] = [await kafka.topic(1), newGroup(), memoryStore()]
    await kafka.write(topic, 1, 20)
    armFailpoint('tx.afterCommit', 3, () => {
      throw new KafkaError('the connection was lost', { code: 'STORE_FAILED', retriable: true })
    })
    await countAll(topic, 20, { groupId, store, batch: 5 })
    expect(await counts(store, upTo(20))).toEqual(once(20))
  })

  test('an owner that was replaced changes nothing any more, and leaves the partition to the other', async () => {
    const [topic, groupId, store] = [await kafka.topic(1), newGroup(), memoryStore()]
    await kafka.write(topic, 1, 10)
    const place = { group: groupId, topic, partition: 0 }
    const end = new AbortController()
    const before = eosMetrics().offsetsInTransaction?.fenced ?? 0
    {
      await using consumer = member(groupId)
      let transactions = 0
      const transaction: MemoryStore['transaction'] = async work => {
        // The first one stores where reading begins; then another process takes over.
        if (++transactions === 2) await store.acquire(place)
        return await store.transaction(work)
      }
      const run = offsetsInTransaction<MemoryTx, string, string>(
        { consumer, store: alteredStore(store, { transaction }), topics: [topic], onMissing: 'earliest' },
        count,
      ).run({ signal: end.signal })
      const isFenced = eventually(async () =>
        (eosMetrics().offsetsInTransaction?.fenced ?? 0) > before ? true : undefined,
      )
      await Promise.race([isFenced, run])
      expect(await counts(store, upTo(10))).toEqual(Array(10).fill(undefined))
      end.abort()
      await run
    }
    await countAll(topic, 10, { groupId, store })
    expect(await counts(store, upTo(10))).toEqual(once(10))
  })

  test('two members share the partitions, and what one has begun the other goes on with', async () => {
    const [topic, groupId, store] = [await kafka.topic(4), newGroup(), memoryStore()]
    await kafka.write(topic, 4, 200)
    const first = countAll(topic, 400, { groupId, store, batch: 3 })
    const second = countAll(topic, 400, { groupId, store, batch: 3 })
    await kafka.write(topic, 4, 200, 200)
    await Promise.all([first, second])
    expect(await counts(store, upTo(400))).toEqual(once(400))
  })

  test('offsets are mirrored to the group for those who ask it', async () => {
    const [topic, groupId, store] = [await kafka.topic(1), newGroup(), memoryStore()]
    await kafka.write(topic, 1, 10)
    await countAll(topic, 10, { groupId, store, mirrorToKafka: true })
    await using asker = member(groupId)
    const committed = await eventually(async () => {
      const [found] = await asker.committed([{ topic, partition: 0 }])
      return found === null ? undefined : found?.offset
    })
    expect(committed).toBe(10n)
  })
})

describe('where to begin', { timeout: 60_000 }, () => {
  test('with nothing stored it fails unless it is told where to begin', async () => {
    const [topic, groupId, store] = [await kafka.topic(1), newGroup(), memoryStore()]
    await kafka.write(topic, 1, 3)
    await expect(countAll(topic, 3, { groupId, store, onMissing: 'fail' })).rejects.toThrow(NoOffsetForPartitionError)
  })

  test('an end of the log is stored at once, so that a second start does not skip what came between', async () => {
    const [topic, groupId, store] = [await kafka.topic(1), newGroup(), memoryStore()]
    await kafka.write(topic, 1, 3)
    armFailpoint('tx.afterCommit', 1, () => {
      throw crash
    })
    await expect(countAll(topic, 3, { groupId, store, onMissing: 'latest' })).rejects.toBe(crash)
    await kafka.write(topic, 1, 3, 3)
    const tail = offsetsOf(await counts(store, upTo(6)))
    expect(tail).toEqual([])
    await using consumer = member(groupId)
    const end = new AbortController()
    const work: Work = async (records, context) => {
      await count(records, context)
      if (records.at(-1)?.value === '5') end.abort()
    }
    await offsetsInTransaction({ consumer, store, topics: [topic], onMissing: 'latest' }, work).run({
      signal: end.signal,
    })
    expect(offsetsOf(await counts(store, upTo(6)))).toEqual([3, 4, 5])
  })

  test.each(['fail', 'earliest'] as const)('what was removed from the log is missing: %s', async onMissing => {
    const [topic, groupId, store] = [await kafka.topic(1), newGroup(), memoryStore()]
    await kafka.write(topic, 1, 4)
    await countAll(topic, 4, { groupId, store })
    await kafka.write(topic, 1, 4, 4)
    await kafka.removeBefore(topic, 0, 6n)
    await using consumer = member(groupId)
    const end = new AbortController()
    const work: Work = async (records, context) => {
      await count(records, context)
      if (records.at(-1)?.value === '7') end.abort()
    }
    const run = offsetsInTransaction({ consumer, store, topics: [topic], onMissing }, work).run({ signal: end.signal })
    if (onMissing === 'fail') await expect(run).rejects.toThrow(OffsetOutOfRangeError)
    else await run
    expect(offsetsOf(await counts(store, upTo(8)))).toEqual(onMissing === 'fail' ? [0, 1, 2, 3] : [0, 1, 2, 3, 6, 7])
  })

  test('a topic that was made anew under its name is refused', async () => {
    const [topic, groupId, store] = [await kafka.topic(1), newGroup(), memoryStore()]
    await kafka.write(topic, 1, 5)
    await countAll(topic, 5, { groupId, store })
    await using admin = new Admin({ bootstrapServers: kafka.bootstrapServers })
    await admin.deleteTopics([topic])
    await eventually(async () => ((await admin.listTopics()).every(({ name }) => name !== topic) ? true : undefined))
    await kafka.topic(1, {}, topic)
    await kafka.write(topic, 1, 8, 10)
    const again = countAll(topic, 13, { groupId, store })
    await expect(again).rejects.toMatchObject({ code: 'INCONSISTENT_TOPIC_ID', topic, partition: 0 })
  })
})

/** Which were counted; fails when one was counted twice. */
function offsetsOf(counted: readonly (number | undefined)[]): number[] {
  expect(counted.filter(n => n !== undefined && n !== 1)).toEqual([])
  return counted.flatMap((n, index) => (n === undefined ? [] : [index]))
}
