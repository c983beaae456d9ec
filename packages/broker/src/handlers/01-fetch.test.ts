/**
 * Fetch as clients see it: every version, what ends a wait, limits, epochs and sessions. Time passes only where a test says
 * so.
 */
import { deleteRecords, deleteTopics, type FetchRequest, fetch, produce, type Uuid, ZERO_UUID } from '@samsa/protocol'
import { describe, expect, test, vi } from 'vitest'
import { codeOf } from '../cluster/partitions.js'
import { PartitionLog } from '../log/partition-log.js'
import { faulty } from '../log/test-log.js'
import { MemoryFileSystem } from '../storage/memory.js'
import { batchOf, startBroker, type TestBroker, type TestClient, valuesIn, versionsOf } from './test-broker.js'

type Wanted = Partial<FetchRequest['topics'][number]['partitions'][number]>

/** Of the topic `events`, partition 0, as long as nothing else is said. */
function wanting(partitions: readonly Wanted[], rest: Partial<FetchRequest> = {}, topicId?: Uuid): FetchRequest {
  const wanted = partitions.map(each => ({ partition: 0, fetchOffset: 0n, partitionMaxBytes: 1_000_000, ...each }))
  const by = topicId === undefined ? { topic: 'events' } : { topicId }
  return { maxWaitMs: 0, minBytes: 1, topics: [{ ...by, partitions: wanted }], rackId: '', ...rest }
}

async function ask(client: TestClient, partitions: readonly Wanted[], rest: Partial<FetchRequest> = {}) {
  return (await client.request(fetch, 12, wanting(partitions, rest))).responses.flatMap(topic => topic.partitions)
}

async function append(client: TestClient, values: readonly string[], index = 0, name = 'events'): Promise<void> {
  const { responses } = await client.request(produce, 12, {
    acks: -1,
    timeoutMs: 1000,
    topicData: [{ name, partitionData: [{ index, records: batchOf(values) }] }],
  })
  expect(responses[0]?.partitionResponses[0]?.errorCode).toBe(0)
}

async function brokerWithTopic(partitions = 1, options = {}): Promise<TestBroker & { topicId: Uuid }> {
  const started = await startBroker(options)
  return { ...started, topicId: await started.createTopic('events', partitions) }
}

/** A fetch that waits: it has arrived, and nothing has come of it. */
async function parked(started: TestBroker, rest: Partial<FetchRequest> = {}) {
  const client = started.connect()
  const answer = client.request(fetch, 12, wanting([{}], { maxWaitMs: 60_000, ...rest }))
  answer.catch(() => undefined)
  await started.clock.settle()
  expect(client.waiting).toBe(1)
  return { client, first: async () => (await answer).responses[0]?.partitions[0], answer }
}

describe('fetch, as Kafka takes it', () => {
  test('an epoch below zero is none', async () => {
    const { client, broker } = await brokerWithTopic()
    await append(client, ['a'])
    const [answer] = await ask(client, [{ currentLeaderEpoch: -2, lastFetchedEpoch: -7 }])
    expect([answer?.errorCode, valuesIn(answer?.records ?? null)]).toEqual([0, ['0=a']])
    await broker.close()
  })

  test('of a partition that is not there no transactions are told; of one that cannot be read, nothing', async () => {
    const { client, broker } = await brokerWithTopic()
    const [missing, beyond] = await ask(client, [{ partition: 7 }, { fetchOffset: 9n }])
    expect([missing?.abortedTransactions, beyond?.abortedTransactions]).toEqual([[], null])
    await broker.close()
  })
})

describe('every version of fetch', () => {
  test.each(versionsOf(4, 18))('%d tells of records, of their end, and of errors', async version => {
    const { client, broker, topicId } = await brokerWithTopic(2)
    await append(client, ['a', 'b'])
    const id = version >= 13 ? topicId : undefined
    const partitions = [{}, { partition: 1 }, { partition: 1, fetchOffset: 9n }, { partition: 7 }]
    for (const isolationLevel of [0, 1]) {
      for (const partition of partitions) {
        const request = wanting([partition], { isolationLevel }, id)
        const { responses } = await client.request(fetch, version, request)
        const [answer] = responses[0]?.partitions ?? []
        if (partition.partition === undefined) {
          expect(valuesIn(answer?.records ?? null)).toEqual(['0=a', '1=b'])
          expect(answer).toMatchObject({ errorCode: 0, highWatermark: 2n, lastStableOffset: 2n })
          expect(answer?.abortedTransactions).toEqual(isolationLevel === 1 ? [] : null)
        } else if (partition.partition === 7) expect(answer?.errorCode).toBe(codeOf('UNKNOWN_TOPIC_OR_PARTITION'))
        else expect(answer?.errorCode).toBe(partition.fetchOffset === 9n ? codeOf('OFFSET_OUT_OF_RANGE') : 0)
      }
    }
    await broker.close()
  })

  test.each(versionsOf(13, 18))('%d does not know a topic by another id', async version => {
    const { client, broker } = await brokerWithTopic()
    for (const topicId of [ZERO_UUID, 'AAAAAAAAAAAAAAAAAAAAAg']) {
      const { responses } = await client.request(fetch, version, wanting([{}], {}, topicId))
      expect(responses[0]).toMatchObject({ topicId, partitions: [{ errorCode: codeOf('UNKNOWN_TOPIC_ID') }] })
    }
    await broker.close()
  })

  test.each(versionsOf(12, 18))('%d tells where the log of a client parts from the log here', async version => {
    const { client, broker, topicId } = await brokerWithTopic()
    await append(client, ['a', 'b'])
    const request = wanting([{ fetchOffset: 5n, lastFetchedEpoch: 0 }], {}, version >= 13 ? topicId : undefined)
    const { responses } = await client.request(fetch, version, request)
    expect(responses[0]?.partitions[0]).toMatchObject({ errorCode: 0, divergingEpoch: { epoch: 0, endOffset: 2n } })
    await broker.close()
  })
})

describe('a fetch that waits', () => {
  test('is answered when enough has come, and not before', async () => {
    const started = await brokerWithTopic()
    const size = batchOf(['a']).length
    const { first, client } = await parked(started, { minBytes: 2 * size })
    await append(started.client, ['a'])
    await started.clock.settle()
    expect(client.waiting).toBe(1)
    await append(started.client, ['b'])
    expect(valuesIn((await first())?.records ?? null)).toEqual(['0=a', '1=b'])
    await started.broker.close()
  })

  test('is answered with what there is when its time is over', async () => {
    const started = await brokerWithTopic()
    const { first, client } = await parked(started, { maxWaitMs: 500 })
    await started.clock.advance(499)
    expect(client.waiting).toBe(1)
    await started.clock.advance(1)
    expect(await first()).toMatchObject({ errorCode: 0, highWatermark: 0n, records: new Uint8Array(0) })
    await started.broker.close()
  })

  test('is told when its topic is deleted', async () => {
    const started = await brokerWithTopic()
    const { first } = await parked(started)
    const topics = [{ name: 'events', topicId: ZERO_UUID }]
    await started.client.request(deleteTopics, 6, { topics, timeoutMs: 1000 })
    expect((await first())?.errorCode).toBe(codeOf('UNKNOWN_TOPIC_OR_PARTITION'))
    await started.broker.close()
  })

  test('is told when the disk of its log fails', async () => {
    let isBroken = false
    const fault = (operation: string, path: string): boolean =>
      isBroken && operation === 'sync' && path.includes('/events-0/')
    const fileSystem = faulty(new MemoryFileSystem(), fault)
    const started = await brokerWithTopic(1, { fileSystem, flush: 'always' })
    const { first } = await parked(started, { minBytes: 100_000 })
    isBroken = true
    await started.client.request(produce, 12, {
      acks: -1,
      timeoutMs: 1000,
      topicData: [{ name: 'events', partitionData: [{ index: 0, records: batchOf(['a']) }] }],
    })
    expect((await first())?.errorCode).toBe(codeOf('KAFKA_STORAGE_ERROR'))
    await started.broker.close()
  })

  test('is told when the records that it wants are deleted', async () => {
    const started = await brokerWithTopic()
    await append(started.client, ['a', 'b'])
    const { first } = await parked(started, { minBytes: 100_000 })
    await started.client.request(deleteRecords, 2, {
      topics: [{ name: 'events', partitions: [{ partitionIndex: 0, offset: -1n }] }],
      timeoutMs: 1000,
    })
    expect((await first())?.errorCode).toBe(codeOf('OFFSET_OUT_OF_RANGE'))
    await started.broker.close()
  })

  test('leaves nothing behind, whether it is answered or its client goes away', async () => {
    const started = await brokerWithTopic()
    const before = started.clock.pendingTimers
    const answered = await parked(started)
    await append(started.client, ['a'])
    await answered.first()
    answered.client.close()
    await started.clock.settle()
    expect(started.clock.pendingTimers).toBe(before)
    const left = await parked(started, { minBytes: 100_000 })
    left.client.close()
    await started.clock.settle()
    expect(started.clock.pendingTimers).toBe(before)
    await started.broker.close()
    expect(started.clock.pendingTimers).toBe(0)
  })

  test('takes its listeners off the log and off the connection', async () => {
    const started = await brokerWithTopic()
    let onLog = 0
    const { onAdvance } = PartitionLog.prototype
    const subscribing = vi.spyOn(PartitionLog.prototype, 'onAdvance').mockImplementation(function (
      this: PartitionLog,
      listener,
    ) {
      const stop = onAdvance.call(this, listener)
      onLog++
      return () => {
        onLog--
        stop()
      }
    })
    const added = vi.spyOn(EventTarget.prototype, 'addEventListener')
    const removed = vi.spyOn(EventTarget.prototype, 'removeEventListener')
    const onAbort = (spy: typeof added | typeof removed): number =>
      spy.mock.calls.filter(([type]) => type === 'abort').length
    const { first } = await parked(started)
    expect([onLog, onAbort(added) - onAbort(removed)]).toEqual([1, 1])
    await append(started.client, ['a'])
    await first()
    expect([onLog, onAbort(added) - onAbort(removed)]).toEqual([0, 0])
    for (const spy of [subscribing, added, removed]) spy.mockRestore()
    await started.broker.close()
  })

  test('is answered when the broker closes, which does not take longer for it', async () => {
    const started = await brokerWithTopic()
    const { first } = await parked(started)
    await Promise.all([started.broker.close(), first().then(answer => expect(answer?.errorCode).toBe(0))])
    expect(started.clock.now()).toBe(Date.UTC(2030, 0, 1))
  })

  test('does not wait for more than an answer may hold', async () => {
    const { client, broker } = await brokerWithTopic()
    await append(client, ['a'])
    const [answer] = await ask(client, [{}], { minBytes: 5000, maxBytes: 50, maxWaitMs: 60_000 })
    expect(valuesIn(answer?.records ?? null)).toEqual(['0=a'])
    await broker.close()
  })

  test.each([
    ['nothing is wanted', []],
    ['one partition is unknown', [{}, { partition: 7 }]],
    ['one offset is out of range', [{ fetchOffset: 3n }]],
    ['one leader epoch is not the one here', [{ currentLeaderEpoch: 9 }]],
  ] as const)('does not wait when %s', async (_what, partitions) => {
    const { client, broker } = await brokerWithTopic()
    const answers = await ask(client, partitions, { maxWaitMs: 60_000 })
    expect(answers).toHaveLength(partitions.length)
    await broker.close()
  })
})

describe('what fits into an answer', () => {
  test('the first batch comes whole over every limit; after it the limits bind', async () => {
    const { client, broker } = await brokerWithTopic(2)
    for (const index of [0, 1]) for (const value of ['a', 'b']) await append(client, [value], index)
    const wanted = [{}, { partition: 1 }]
    const texts = async (partitionMaxBytes: number, maxBytes: number): Promise<string[][]> =>
      (
        await ask(
          client,
          wanted.map(each => ({ ...each, partitionMaxBytes })),
          { maxBytes },
        )
      ).map(each => valuesIn(each.records))
    const size = batchOf(['a']).length
    expect(await texts(1, 1_000_000)).toEqual([['0=a'], []])
    expect(await texts(0, 0)).toEqual([['0=a'], []])
    expect(await texts(-1, -1)).toEqual([['0=a'], []])
    expect(await texts(1_000_000, 3 * size)).toEqual([['0=a', '1=b'], ['0=a']])
    expect(await texts(size, 1_000_000)).toEqual([['0=a'], ['0=a']])
    await broker.close()
  })

  test('a partition without records leaves the exception to the next', async () => {
    const { client, broker } = await brokerWithTopic(2)
    await append(client, ['a'], 1)
    const answers = await ask(client, [{ partitionMaxBytes: 1 }, { partition: 1, partitionMaxBytes: 1 }])
    expect(answers.map(each => valuesIn(each.records))).toEqual([[], ['0=a']])
    await broker.close()
  })

  test('an offset inside of a batch brings the whole batch', async () => {
    const { client, broker } = await brokerWithTopic()
    await append(client, ['a', 'b', 'c'])
    const [answer] = await ask(client, [{ fetchOffset: 2n }])
    expect(valuesIn(answer?.records ?? null)).toEqual(['0=a', '1=b', '2=c'])
    await broker.close()
  })

  test('a partition that is named twice is answered once, as it was named last', async () => {
    const { client, broker } = await brokerWithTopic()
    await append(client, ['a'])
    const answers = await ask(client, [{ fetchOffset: 99n }, { fetchOffset: 1n }])
    expect(answers).toMatchObject([{ partitionIndex: 0, errorCode: 0, highWatermark: 1n }])
    await broker.close()
  })
})

describe('epochs', () => {
  test('a client that knows another leader epoch is told which way', async () => {
    const { client, broker } = await brokerWithTopic()
    const [ahead] = await ask(client, [{ currentLeaderEpoch: 1 }])
    expect(ahead?.errorCode).toBe(codeOf('UNKNOWN_LEADER_EPOCH'))
    const [same] = await ask(client, [{ currentLeaderEpoch: 0 }])
    expect(same?.errorCode).toBe(0)
    await broker.close()
  })

  test('a client that last saw an epoch of which nothing is known has no place to go back to', async () => {
    const { client, broker } = await brokerWithTopic()
    await append(client, ['a'])
    const [answer] = await ask(client, [{ fetchOffset: 1n, lastFetchedEpoch: 9 }])
    const none = { epoch: -1, endOffset: -1n }
    expect(answer).toMatchObject({ errorCode: codeOf('OFFSET_OUT_OF_RANGE'), divergingEpoch: none, highWatermark: -1n })
    await broker.close()
  })
})

describe('sessions', () => {
  test('a topic that is unknown at first is answered when it is there', async () => {
    const { client, broker, createTopic } = await startBroker()
    const full = await client.request(fetch, 12, wanting([{}], { sessionId: 0, sessionEpoch: 0 }))
    const { sessionId } = full
    const codes = (answer: typeof full): (number | undefined)[] =>
      answer.responses.map(each => each.partitions[0]?.errorCode)
    expect(sessionId).toBeGreaterThan(0)
    expect(codes(full)).toEqual([codeOf('UNKNOWN_TOPIC_OR_PARTITION')])
    const next = async (sessionEpoch: number) =>
      codes(await client.request(fetch, 12, { ...wanting([]), topics: [], sessionId, sessionEpoch }))
    expect(await next(1)).toEqual([codeOf('UNKNOWN_TOPIC_OR_PARTITION')])
    await createTopic('events')
    expect(await next(2)).toEqual([0])
    expect(await next(3)).toEqual([])
    await append(client, ['a'])
    expect(await next(4)).toEqual([0])
    await broker.close()
  })

  test('a session that is not known, or in another epoch, is told so', async () => {
    const { client, broker } = await brokerWithTopic()
    const { sessionId } = await client.request(fetch, 12, wanting([{}], { sessionId: 0, sessionEpoch: 0 }))
    const code = async (id: number, sessionEpoch: number): Promise<number> =>
      (await client.request(fetch, 12, wanting([{}], { sessionId: id, sessionEpoch }))).errorCode
    expect(await code(sessionId, 3)).toBe(codeOf('INVALID_FETCH_SESSION_EPOCH'))
    expect(await code(sessionId + 1, 1)).toBe(codeOf('FETCH_SESSION_ID_NOT_FOUND'))
    await broker.close()
  })
})
