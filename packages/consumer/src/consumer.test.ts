import { json, string } from '@samsa/client'
import { BatchBuilder } from '@samsa/protocol'
import {
  AuthenticationError,
  ConcurrentModificationError,
  KafkaError,
  NetworkError,
  NoOffsetForPartitionError,
  OffsetOutOfRangeError,
  WakeupError,
} from '@samsa/runtime'
import { describe, expect, test } from 'vitest'
import type { Consumer } from './consumer.js'
import type { ConsumerOptions } from './consumer-options.js'
import { RecordDeserializationError } from './record-deserialization-error.js'
import { batchOf, errorOfPromise, TestCluster } from './test-cluster.js'

const place = (partition: number) => ({ topic: 't', partition })
const upTo = (count: number): number[] => Array.from({ length: count }, (_, index) => index)

type Options = Partial<ConsumerOptions<string, string>>

interface Setup {
  readonly cluster: TestCluster
  readonly consumer: Consumer<string, string>
}

/** Partitions of topic t, each from offset 0 on; nothing is asked of brokers but fetches. */
async function setUp(leaders: readonly number[] = [1], options: Options = {}): Promise<Setup> {
  const cluster = new TestCluster(leaders)
  const consumer = cluster.consumer<string, string>({ value: string, key: string, ...options })
  consumer.assign(leaders.map((_, partition) => place(partition)))
  for (const partition of leaders.keys()) consumer.seek(place(partition), 0n)
  await consumer.poll(0)
  await cluster.settle()
  return { cluster, consumer }
}

/** What a poll that does not wait gives, as `t0@5=value`. */
async function polled({ consumer, cluster }: Setup): Promise<string[]> {
  await cluster.settle()
  const records = await consumer.poll(0)
  return [...records].map(({ partition, offset, value }) => `${partition}@${offset}=${value}`)
}

const answer = (baseOffset: number, ...values: string[]) => ({ records: batchOf(baseOffset, values) })

describe('fetching', () => {
  test('nothing is asked of anyone before records are wanted', async () => {
    const cluster = new TestCluster()
    const consumer = cluster.consumer()
    consumer.assign([place(0)])
    await cluster.advance(1000)
    expect(cluster.waiting() + cluster.lookups.length).toBe(0)
    await consumer.close()
  })

  test('one request is under way to each broker, for all partitions that it leads', async () => {
    const setup = await setUp([1, 2, 1])
    const { cluster } = setup
    expect([cluster.waiting(1), cluster.waiting(2)]).toEqual([1, 1])
    expect(cluster.next(1).asked.toSorted()).toEqual(['t-0@0', 't-2@0'])
    expect(cluster.next(2).asked).toEqual(['t-1@0'])
  })

  test('the next request goes when the answer is there, polled or not, and names what is new', async () => {
    const setup = await setUp([1, 1])
    const { cluster } = setup
    cluster.next().answer({ 0: answer(0, 'a', 'b') })
    await cluster.settle()
    const next = cluster.next()
    expect(next.asked).toEqual(['t-0@2'])
    expect(next.body.sessionEpoch).toBe(1)
    next.answer({ 0: answer(2, 'c') })
    expect(await polled(setup)).toEqual(['0@0=a', '0@1=b', '0@2=c'])
  })

  test('a partition that has enough is left out, and the broker waits shortly while it is', async () => {
    const setup = await setUp([1, 1], { maxPartitionFetchBytes: 100 })
    const { cluster } = setup
    cluster.next().answer({ 0: answer(0, 'x'.repeat(200)) })
    await cluster.settle()
    const first = cluster.next()
    expect([first.forgotten, first.asked]).toEqual([['t-0'], []])
    first.answer()
    await cluster.settle()
    const second = cluster.next()
    second.answer()
    await cluster.settle()
    expect([first, second, cluster.next()].map(({ body }) => body.maxWaitMs)).toEqual([5, 10, 20])
  })

  test('what is fetched ahead stays within fetchBufferBytes, over all brokers', async () => {
    const leaders = upTo(12).map(partition => (partition % 3) + 1)
    const options = { fetchBufferBytes: 30_000, maxPartitionFetchBytes: 2000 }
    const setup = await setUp(leaders, options)
    const { cluster, consumer } = setup
    let most = 0
    for (let offset = 0; offset < 50; offset++) {
      for (const node of [1, 2, 3]) {
        const request = cluster.link(node).sent.shift()
        if (request === undefined) continue
        let left = request.body.maxBytes ?? 0
        const parts: Record<number, { records: Buffer }> = {}
        for (const { partitions } of request.body.topics) {
          for (const { partition, fetchOffset } of partitions) {
            const { records } = answer(Number(fetchOffset), 'x'.repeat(1800))
            if (left < records.length) continue
            left -= records.length
            parts[partition] = { records }
          }
        }
        request.answer(parts)
      }
      await cluster.settle()
      most = Math.max(most, consumer.metrics().bufferedBytes)
    }
    expect(most).toBeGreaterThan(20_000)
    expect(most).toBeLessThanOrEqual(30_000)
    expect([1, 2, 3].map(node => cluster.waiting(node))).toEqual([0, 0, 0])
    // It goes on as soon as there is room.
    for (const _ of upTo(10)) await polled(setup)
    expect(cluster.waiting(1)).toBe(1)
  })

  test('brokers without topic ids are asked by name, older ones without sessions', async () => {
    const { cluster } = await setUp()
    expect(cluster.next().version).toBe(16)
    const named = new TestCluster()
    named.topicId = 'AAAAAAAAAAAAAAAAAAAAAA'
    named.topic([1])
    named.link(1).newest = 6
    const consumer = named.consumer({ value: string })
    consumer.assign([place(0)])
    consumer.seek(place(0), 7n)
    await consumer.poll(0)
    await named.settle()
    const request = named.next()
    expect(request.version).toBe(6)
    expect(request.body).not.toHaveProperty('sessionId')
    request.answer({ 0: answer(7, 'a') }, { sessionId: 0 })
    await named.settle()
    expect(named.next().asked).toEqual(['t-0@8'])
  })
})

describe('partitions', () => {
  test('take turns, so many records each', async () => {
    const setup = await setUp([1, 1], { maxPollRecords: 2 })
    setup.cluster.next().answer({ 0: answer(0, 'a', 'b', 'c'), 1: answer(0, 'x', 'y', 'z') })
    const turns = [await polled(setup), await polled(setup), await polled(setup)]
    expect(turns.map(turn => turn.map(record => record[0]).join(''))).toEqual(['00', '11', '01'])
  })

  test('that are paused keep what they have, give nothing, and hold up nobody', async () => {
    const setup = await setUp([1, 1])
    const { cluster, consumer } = setup
    cluster.next().answer({ 0: answer(0, 'a'), 1: answer(0, 'x') })
    await cluster.settle()
    consumer.pause([place(0)])
    expect(await polled(setup)).toEqual(['1@0=x'])
    cluster.next().answer({ 1: answer(1, 'y') })
    await cluster.settle()
    const { forgotten, asked } = cluster.next()
    expect([forgotten, asked]).toEqual([['t-0'], ['t-1@2']])
    expect(await polled(setup)).toEqual(['1@1=y'])
    consumer.resume([place(0)])
    expect(await polled(setup)).toEqual(['0@0=a'])
  })

  test('that are paused give up what they have when others have no room', async () => {
    const setup = await setUp([1, 1], { fetchBufferBytes: 1000, maxPartitionFetchBytes: 500 })
    const { cluster, consumer } = setup
    consumer.pause([place(0)])
    cluster.next().answer({ 0: answer(0, 'x'.repeat(900)) })
    await cluster.settle()
    expect(consumer.metrics().bufferedBytes).toBe(0)
    cluster.next().answer({ 1: answer(0, 'y') })
    consumer.resume([place(0)])
    await cluster.settle()
    expect(cluster.next().asked).toContain('t-0@0')
  })

  test('that are taken away, or sought elsewhere, give nothing of what was fetched or is under way', async () => {
    const setup = await setUp([1, 1])
    const { cluster, consumer } = setup
    cluster.next().answer({ 0: answer(0, 'a'), 1: answer(0, 'x') })
    await cluster.settle()
    const late = cluster.next()
    consumer.seek(place(0), 50n)
    consumer.assign([place(0)])
    late.answer({ 0: answer(1, 'b'), 1: answer(1, 'y') })
    expect(await polled(setup)).toEqual([])
    cluster.next().answer({ 0: answer(50, 'c') })
    expect(await polled(setup)).toEqual(['0@50=c'])
    expect(consumer.metrics().staleAnswers).toBe(2)
    expect(() => consumer.seek(place(1), 0n)).toThrow('t-1 is not assigned')
  })
})

describe('what a broker answers in place of records', () => {
  test.each([
    'NOT_LEADER_OR_FOLLOWER',
    'FENCED_LEADER_EPOCH',
    'UNKNOWN_TOPIC_ID',
    'KAFKA_STORAGE_ERROR',
    'OFFSET_NOT_AVAILABLE',
  ])('%s: asked again after a pause, and metadata before', async error => {
    const setup = await setUp()
    const { cluster } = setup
    cluster.next().answer({ 0: { error } })
    await cluster.settle()
    expect(cluster.waiting()).toBe(0)
    expect(cluster.refreshes).toHaveLength(1)
    await cluster.advance(130)
    cluster.next().answer({ 0: answer(0, 'a') })
    expect(await polled(setup)).toEqual(['0@0=a'])
  })

  test('with a word on who leads now, that one is asked at once', async () => {
    const { cluster } = await setUp()
    cluster.next().answer({ 0: { error: 'NOT_LEADER_OR_FOLLOWER', currentLeader: { leaderId: 2, leaderEpoch: 1 } } })
    await cluster.settle()
    expect(cluster.next(2).asked).toEqual(['t-0@0'])
  })

  test.each(['TOPIC_AUTHORIZATION_FAILED', 'CORRUPT_MESSAGE'])('%s reaches poll, and others go on', async error => {
    const setup = await setUp([1, 1])
    const { cluster, consumer } = setup
    cluster.next().answer({ 0: { error }, 1: answer(0, 'x') })
    expect(await polled(setup)).toEqual(['1@0=x'])
    expect(await errorOfPromise(consumer.poll(1000))).toMatchObject({ code: error, topic: 't', partition: 0 })
    await cluster.advance(200)
    cluster.next().answer()
    await cluster.settle()
    expect(cluster.next().asked).toEqual(['t-0@0'])
  })

  test('an error comes behind the records before it', async () => {
    const setup = await setUp()
    const { cluster, consumer } = setup
    cluster.next().answer({ 0: answer(0, 'a') })
    await cluster.settle()
    cluster.next().answer({ 0: { error: 'TOPIC_AUTHORIZATION_FAILED' } })
    expect(await polled(setup)).toEqual(['0@0=a'])
    expect((await errorOfPromise(consumer.poll(0))).code).toBe('TOPIC_AUTHORIZATION_FAILED')
  })

  test('a session that is gone begins anew, without a pause', async () => {
    const { cluster } = await setUp()
    cluster.next().answer()
    await cluster.settle()
    cluster.next().answer({}, { errorCode: 70 })
    await cluster.settle()
    const { body, asked } = cluster.next()
    expect([body.sessionId, body.sessionEpoch, asked]).toEqual([0, 0, ['t-0@0']])
  })

  test('a connection that breaks costs a pause and a new session', async () => {
    const setup = await setUp()
    const { cluster } = setup
    cluster.next().answer({ 0: answer(0, 'a') })
    await cluster.settle()
    cluster.next().lose()
    await cluster.settle()
    expect(cluster.refreshes).toHaveLength(1)
    await cluster.advance(130)
    const { body, asked } = cluster.next()
    expect([body.sessionId, body.sessionEpoch, asked]).toEqual([77, 0, ['t-0@1']])
    expect(await polled(setup)).toEqual(['0@0=a'])
  })

  test('who may not log in is told so by poll', async () => {
    const cluster = new TestCluster()
    const link = cluster.link(1)
    link.isReady = false
    link.failure = new AuthenticationError('wrong password')
    const consumer = cluster.consumer()
    consumer.assign([place(0)])
    consumer.seek(place(0), 0n)
    await expect(consumer.poll(1000)).rejects.toThrow('wrong password')
  })

  test('a topic that may not be seen is told of by poll, each time it is asked for', async () => {
    const cluster = new TestCluster()
    cluster.refuseTopic('secret', new KafkaError('no', { code: 'TOPIC_AUTHORIZATION_FAILED', topic: 'secret' }))
    const consumer = cluster.consumer()
    consumer.assign([{ topic: 'secret', partition: 0 }])
    for (const _ of upTo(2)) {
      expect((await errorOfPromise(consumer.poll(1000))).code).toBe('TOPIC_AUTHORIZATION_FAILED')
    }
  })
})

describe('damaged records', () => {
  test('are an error with their place, after those before; a seek goes on behind them', async () => {
    const setup = await setUp()
    const { cluster, consumer } = setup
    const damaged = batchOf(1, ['b'])
    damaged[damaged.length - 2] = (damaged[damaged.length - 2] ?? 0) ^ 1
    cluster.next().answer({ 0: { records: Buffer.concat([batchOf(0, ['a']), damaged, batchOf(2, ['c'])]) } })
    expect(await polled(setup)).toEqual(['0@0=a'])
    const error = await errorOfPromise(consumer.poll(0))
    expect(error).toMatchObject({ code: 'CORRUPT_MESSAGE', topic: 't', partition: 0 })
    expect(error.message).toContain('t-0 cannot be read at offset 1')
    expect(await consumer.position(place(0))).toBe(1n)
    consumer.seek(place(0), 2n)
    await cluster.settle()
    cluster.next().answer()
    await cluster.settle()
    cluster.next().answer({ 0: { records: Buffer.concat([damaged, batchOf(2, ['c'])]) } })
    expect(await polled(setup)).toEqual(['0@2=c'])
  })

  test('are not looked for without checkCrcs', async () => {
    const setup = await setUp([1], { checkCrcs: false })
    const batch = batchOf(0, ['a'])
    batch.writeUInt32BE(0, 17)
    setup.cluster.next().answer({ 0: { records: batch } })
    expect(await polled(setup)).toEqual(['0@0=a'])
  })
})

describe('positions', () => {
  test('move over what nobody gets: offsets that compaction has emptied', async () => {
    const setup = await setUp()
    const { cluster, consumer } = setup
    cluster.next().answer({ 0: { records: batchOf(0, ['a', 'b'], { lastOffsetDelta: 9 }) } })
    expect(await polled(setup)).toEqual(['0@0=a', '0@1=b'])
    await cluster.settle()
    expect(cluster.next().asked).toEqual(['t-0@10'])
    expect(await polled(setup)).toEqual([])
    expect(await consumer.position(place(0))).toBe(10n)
  })

  test.each([
    ['earliest', 't-0@-2', 0n],
    ['latest', 't-0@-1', 1000n],
  ] as const)('%s is looked up where there is none', async (autoOffsetReset, question, position) => {
    const cluster = new TestCluster()
    const consumer = cluster.consumer({ autoOffsetReset })
    consumer.assign([place(0)])
    expect(await consumer.position(place(0))).toBe(position)
    expect(cluster.lookups).toEqual([`ListOffsets 1 ${question}`])
  })

  test('byDurationMs is looked up by time, and is the end when nothing is that new', async () => {
    const cluster = new TestCluster()
    const at = cluster.clock.now() - 3_600_000
    cluster.offsets.set(`t-0@${at}`, -1)
    const consumer = cluster.consumer({ autoOffsetReset: { byDurationMs: 3_600_000 } })
    consumer.assign([place(0)])
    expect(await consumer.position(place(0))).toBe(1000n)
    expect(cluster.lookups).toEqual([`ListOffsets 1 t-0@${at}`, 'ListOffsets 1 t-0@-1'])
  })

  test('none: poll says which partition has no position, until there is one', async () => {
    const cluster = new TestCluster()
    const consumer = cluster.consumer({ autoOffsetReset: 'none' })
    consumer.assign([place(0)])
    await expect(consumer.poll(0)).rejects.toThrow(NoOffsetForPartitionError)
    consumer.seek(place(0), 3n)
    expect((await consumer.poll(0)).isEmpty).toBe(true)
  })

  test('a lookup that fails is tried again after a pause, and a seek is the last word', async () => {
    const cluster = new TestCluster()
    cluster.offsets.set('t-0@-2', 'NOT_LEADER_OR_FOLLOWER')
    const consumer = cluster.consumer({ autoOffsetReset: 'earliest' })
    consumer.assign([place(0)])
    await consumer.poll(0)
    await cluster.advance(1000)
    expect(cluster.lookups.length).toBeGreaterThan(2)
    expect(cluster.lookups.length).toBeLessThan(8)
    consumer.seek(place(0), 3n)
    await cluster.advance(2000)
    expect(await consumer.position(place(0))).toBe(3n)
  })

  test('out of range: reset by the policy', async () => {
    const setup = await setUp([1], { autoOffsetReset: 'earliest' })
    const { cluster, consumer } = setup
    cluster.offsets.set('t-0@-2', 40)
    cluster.next().answer({ 0: { error: 'OFFSET_OUT_OF_RANGE' } })
    await polled(setup)
    await cluster.settle()
    expect(cluster.next().asked).toEqual(['t-0@40'])
    expect(await consumer.position(place(0))).toBe(40n)
  })

  test('out of range without a policy: thrown, with what the partition holds', async () => {
    const setup = await setUp([1], { autoOffsetReset: 'none' })
    const { cluster, consumer } = setup
    cluster.offsets.set('t-0@-2', 40)
    cluster.next().answer({ 0: { error: 'OFFSET_OUT_OF_RANGE' } })
    const error = await errorOfPromise(consumer.poll(1000))
    expect(error).toBeInstanceOf(OffsetOutOfRangeError)
    expect(error.message).toContain('t-0 has no offset 0: it holds 40 up to 1000')
  })

  test('a new leader that has what was read changes nothing', async () => {
    const setup = await setUp([1])
    const { cluster } = setup
    cluster.next().answer({ 0: answer(0, 'a', 'b') })
    await cluster.settle()
    cluster.lead(0, 2, 3)
    await cluster.settle()
    expect(cluster.lookups).toEqual(['OffsetForLeaderEpoch 2 t-0@0'])
    expect(cluster.next(2).asked).toEqual(['t-0@2'])
    expect(await polled(setup)).toEqual(['0@0=a', '0@1=b'])
  })

  test('a log that was cut off behind the position is read again from there', async () => {
    const setup = await setUp([1])
    const { cluster } = setup
    cluster.next().answer({ 0: answer(0, 'a', 'b') })
    await cluster.settle()
    cluster.epochEnds.set('t-0', [0, 1])
    cluster.lead(0, 2, 3)
    await cluster.settle()
    expect(cluster.next(2).asked).toEqual(['t-0@0'])
    expect(await polled(setup)).toEqual([])
  })

  test('a log that was cut off before the position is gone on with at its end, or told of without a policy', async () => {
    for (const autoOffsetReset of ['earliest', 'none'] as const) {
      const setup = await setUp([1], { autoOffsetReset })
      const { cluster, consumer } = setup
      cluster.next().answer({ 0: answer(0, 'a', 'b') })
      expect(await polled(setup)).toEqual(['0@0=a', '0@1=b'])
      cluster.epochEnds.set('t-0', [0, 1])
      cluster.lead(0, 2, 3)
      await cluster.settle()
      if (autoOffsetReset === 'none') {
        expect(await errorOfPromise(consumer.poll(0))).toMatchObject({ code: 'LOG_TRUNCATION', partition: 0 })
      } else expect(cluster.next(2).asked).toEqual(['t-0@1'])
    }
  })

  test('a replica nearby is read from when the leader says so, until it cannot go on', async () => {
    const setup = await setUp([1], { clientRack: 'here' })
    const { cluster } = setup
    const first = cluster.next()
    expect(first.body.rackId).toBe('here')
    first.answer({ 0: { preferredReadReplica: 2 } })
    await cluster.settle()
    const second = cluster.next(2)
    expect(second.asked).toEqual(['t-0@0'])
    second.answer({ 0: answer(0, 'a') })
    await cluster.settle()
    // It is behind: no reason to reset, the leader knows better.
    cluster.next(2).answer({ 0: { error: 'OFFSET_OUT_OF_RANGE' } })
    await cluster.settle()
    const third = cluster.next(1)
    // Told where we are, the leader would send us there again.
    expect([third.asked, third.body.rackId]).toEqual([['t-0@1'], ''])
    expect(cluster.lookups).toEqual([])
    await cluster.advance(10_000)
    third.answer({ 0: answer(1, 'b') })
    await cluster.settle()
    expect(cluster.next(1).body.rackId).toBe('here')
  })

  test.each([
    ['breaks', (cluster: TestCluster) => cluster.next(2).lose()],
    [
      'cannot be had',
      (cluster: TestCluster) => {
        cluster.next(2).answer()
        Object.assign(cluster.link(2), { isReady: false, failure: new NetworkError('refused') })
      },
    ],
  ])('a replica nearby that %s leaves the leader to read from', async (_, fail) => {
    const { cluster } = await setUp([1], { clientRack: 'here' })
    cluster.next().answer({ 0: { preferredReadReplica: 2 } })
    await cluster.settle()
    fail(cluster)
    await cluster.advance(130)
    // Its session with the leader still has the partition: nothing need be said again.
    const { forgotten, body } = cluster.next(1)
    expect([forgotten, body.rackId]).toEqual([[], ''])
  })

  test('that were looked up late do not undo a seek', async () => {
    const cluster = new TestCluster()
    let open = (): void => {}
    cluster.gate = new Promise(resolve => {
      open = resolve
    })
    const consumer = cluster.consumer({ autoOffsetReset: 'earliest' })
    consumer.assign([place(0)])
    await consumer.poll(0)
    await cluster.settle()
    consumer.seek(place(0), 7n)
    open()
    await cluster.settle()
    expect(await consumer.position(place(0))).toBe(7n)
  })
})

describe('a caller', () => {
  test('that comes while another one polls is refused; wakeup and close are not', async () => {
    const { consumer } = await setUp()
    const polling = consumer.poll()
    expect(() => consumer.seek(place(0), 1n)).toThrow(ConcurrentModificationError)
    await expect(consumer.position(place(0))).rejects.toThrow('position() was called while poll() is under way')
    consumer.wakeup()
    await expect(polling).rejects.toThrow(WakeupError)
    const again = consumer.poll()
    await consumer.close()
    expect((await errorOfPromise(again)).code).toBe('CONSUMER_CLOSED')
    expect((await errorOfPromise(consumer.poll())).code).toBe('CONSUMER_CLOSED')
    expect(() => consumer.assign([])).toThrow('The consumer is closed')
  })

  test('is woken by a wakeup that came before, once', async () => {
    const { consumer } = await setUp()
    consumer.wakeup()
    await expect(consumer.poll(0)).rejects.toThrow(WakeupError)
    expect((await consumer.poll(0)).count).toBe(0)
  })

  test('may give up a poll with a signal, and go on', async () => {
    const setup = await setUp()
    const controller = new AbortController()
    const polling = setup.consumer.poll({ signal: controller.signal })
    controller.abort(new Error('enough'))
    await expect(polling).rejects.toThrow('enough')
    setup.cluster.next().answer({ 0: answer(0, 'a') })
    expect(await polled(setup)).toEqual(['0@0=a'])
  })

  test('that polls without waiting, again and again, gets on all the same', async () => {
    const cluster = new TestCluster()
    const consumer = cluster.consumer({ autoOffsetReset: 'earliest' })
    consumer.assign([place(0)])
    for (const _ of upTo(10)) await consumer.poll(0)
    expect(cluster.waiting()).toBe(1)
  })

  test('waits no longer than it says', async () => {
    const { consumer, cluster } = await setUp()
    const polling = consumer.poll(250)
    await cluster.advance(249)
    let isDone = false
    void polling.then(() => {
      isDone = true
    })
    await cluster.settle()
    expect(isDone).toBe(false)
    await cluster.advance(1)
    expect((await polling).isEmpty).toBe(true)
  })

  test('with nothing assigned, or with what cannot be, is told so', async () => {
    const consumer = new TestCluster().consumer()
    expect((await errorOfPromise(consumer.poll(0))).code).toBe('ILLEGAL_STATE')
    expect(() => consumer.assign([{ topic: '', partition: 0 }])).toThrow('non-empty string')
    consumer.assign([place(0)])
    expect(() => consumer.seek(place(0), -1n)).toThrow('at least 0n')
    expect(() => consumer.seek(place(0), 2n ** 60n)).toThrow('beyond what an offset can be')
  })
})

describe('a record', () => {
  test('that a serde cannot read says which one it is, and the others are read', async () => {
    const cluster = new TestCluster()
    const consumer = cluster.consumer({ value: json<{ n: number }>() })
    consumer.assign([place(0)])
    consumer.seek(place(0), 5n)
    await consumer.poll(0)
    await cluster.settle()
    cluster.next().answer({ 0: answer(5, '{"n":1}', 'not json', '{"n":3}') })
    await cluster.settle()
    const [first, second, third] = await consumer.poll(0)
    expect([first?.value?.n, third?.value?.n]).toEqual([1, 3])
    let thrown: unknown
    try {
      void second?.value
    } catch (error) {
      thrown = error
    }
    expect(thrown).toBeInstanceOf(RecordDeserializationError)
    expect(thrown).toMatchObject({ code: 'SERIALIZATION_FAILED', topic: 't', partition: 0, offset: 6n })
  })

  test('has everything that was written, and says so in JSON', async () => {
    const setup = await setUp()
    const builder = new BatchBuilder({})
    builder.append(1234, null, 'ü', [{ key: 'a', value: 'b' }])
    builder.append(1235, 'k', null, [])
    setup.cluster.next().answer({ 0: { records: builder.close({ baseOffset: 0, leaderEpoch: 7 }) } })
    await setup.cluster.settle()
    const [first, second] = await setup.consumer.poll(0)
    expect([first?.key, first?.value, first?.header('a'), first?.timestamp]).toEqual([null, 'ü', 'b', 1234])
    expect([second?.key, second?.value, second?.headers]).toEqual(['k', null, []])
    expect([first?.leaderEpoch, first?.timestampType, first?.serializedValueSize]).toEqual([7, 'createTime', 2])
    expect(JSON.parse(JSON.stringify(second))).toMatchObject({ topic: 't', partition: 0, offset: '1', key: 'k' })
  })
})

describe('loops', () => {
  test('go record by record, and leave what they have not reached', async () => {
    const setup = await setUp()
    setup.cluster.next().answer({ 0: answer(0, 'a', 'b', 'c') })
    await setup.cluster.settle()
    const seen: (string | null)[] = []
    for await (const { value } of setup.consumer) {
      seen.push(value)
      if (value === 'b') break
    }
    expect(seen).toEqual(['a', 'b'])
    expect(await setup.consumer.position(place(0))).toBe(2n)
    expect(await polled(setup)).toEqual(['0@2=c'])
  })

  test('end when the consumer is closed', async () => {
    const setup = await setUp()
    setup.cluster.next().answer({ 0: answer(0, 'a', 'b') })
    await setup.cluster.settle()
    let count = 0
    for await (const records of setup.consumer.batches()) {
      count += records.count
      void setup.consumer.close()
    }
    expect(count).toBe(2)
    expect(setup.cluster.isClosed).toBe(true)
  })

  test('may pause and seek from their body', async () => {
    const setup = await setUp([1, 1], { maxPollRecords: 1 })
    setup.cluster.next().answer({ 0: answer(0, 'a', 'b'), 1: answer(0, 'x', 'y') })
    await setup.cluster.settle()
    const seen: string[] = []
    for await (const { partition, value } of setup.consumer) {
      seen.push(`${value}`)
      if (partition === 0) setup.consumer.pause([place(0)])
      if (seen.length === 3) break
    }
    expect(seen).toEqual(['a', 'x', 'y'])
  })
})
