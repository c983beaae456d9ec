import { string } from '@samsa/client'
import { AuthenticationError, KafkaError } from '@samsa/runtime'
import { describe, expect, test } from 'vitest'
import { batchOf, errorOfPromise, TestCluster } from './test-cluster.js'
import { answer, place, polled, setUp, upTo } from './test-scene.js'

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

describe('while a request waits for records', () => {
  test('a partition that is resumed is asked for beside it, once it surely waits, for as long as that', async () => {
    const setup = await setUp([1, 1])
    const { cluster, consumer } = setup
    const first = cluster.next()
    consumer.pause([place(0)])
    first.answer({ 1: answer(0, 'x') })
    await polled(setup)
    await cluster.advance(5)
    consumer.resume([place(0)])
    await cluster.advance(4)
    expect(cluster.waiting(1, 'fetch beside')).toBe(0)
    await cluster.advance(1)
    const beside = cluster.next(1, 'fetch beside')
    expect(beside.asked).toEqual(['t-0@0'])
    expect(beside.body).toMatchObject({ sessionId: 0, sessionEpoch: -1, maxWaitMs: 490 })
    beside.answer({ 0: answer(0, 'a') }, { sessionId: 0 })
    expect(await polled(setup)).toEqual(['0@0=a'])
    // What comes next of it is asked for beside again, and nothing is fetched twice.
    const again = cluster.next(1, 'fetch beside')
    expect(again.asked).toEqual(['t-0@1'])
    const waiting = cluster.next()
    expect([waiting.asked, waiting.forgotten]).toEqual([['t-1@1'], ['t-0']])
    waiting.answer({ 1: answer(1, 'y') })
    await cluster.settle()
    const next = cluster.next()
    expect([next.asked, next.body.maxWaitMs]).toEqual([['t-1@2'], 5])
    again.answer({}, { sessionId: 0 })
    next.answer()
    expect(await polled(setup)).toEqual(['1@1=y'])
    const whole = cluster.next()
    expect([whole.asked, whole.body.maxWaitMs, whole.body.sessionEpoch]).toEqual([['t-0@1'], 500, 3])
  })

  test('one that is sought elsewhere is asked for beside it, and the old answer dropped', async () => {
    const setup = await setUp()
    const { cluster, consumer } = setup
    const waiting = cluster.next()
    await cluster.advance(20)
    consumer.seek(place(0), 50n)
    await cluster.settle()
    const beside = cluster.next(1, 'fetch beside')
    expect(beside.asked).toEqual(['t-0@50'])
    waiting.answer({ 0: answer(0, 'old') })
    await cluster.settle()
    expect(cluster.waiting()).toBe(0)
    beside.answer({ 0: answer(50, 'new') }, { sessionId: 0 })
    expect(await polled(setup)).toEqual(['0@50=new'])
    expect(cluster.next().asked).toEqual(['t-0@51'])
  })

  test('a connection beside that breaks costs a pause, and not the session', async () => {
    const { cluster, consumer } = await setUp([1, 1])
    consumer.pause([place(0)])
    cluster.next().answer()
    await cluster.advance(20)
    consumer.resume([place(0)])
    await cluster.settle()
    cluster.next(1, 'fetch beside').lose()
    await cluster.advance(130)
    expect(cluster.next(1, 'fetch beside').asked).toEqual(['t-0@0'])
    cluster.next().answer()
    await cluster.settle()
    expect(cluster.next().body.sessionEpoch).toBe(2)
  })

  test('beside one that should have been answered long ago, a request waits as long as any', async () => {
    const { cluster, consumer } = await setUp([1, 1])
    consumer.pause([place(0)])
    cluster.next().answer()
    await cluster.advance(2000)
    consumer.resume([place(0)])
    await cluster.settle()
    expect(cluster.next(1, 'fetch beside').body.maxWaitMs).toBe(500)
  })

  test('there is room beside it, however many partitions it is for', async () => {
    const many = Array.from({ length: 30 }, () => 1)
    const sizes = { fetchBufferBytes: 20_000, maxPartitionFetchBytes: 1000 }
    const { cluster, consumer } = await setUp(many, sizes)
    expect(cluster.next().body.maxBytes).toBe(19_000)
    await cluster.advance(20)
    consumer.seek(place(0), 50n)
    await cluster.settle()
    expect(cluster.next(1, 'fetch beside').asked).toEqual(['t-0@50'])
  })

  test('nothing is asked for beside one that waits shortly', async () => {
    const { cluster, consumer } = await setUp([1, 1], { fetchMaxWaitMs: 10 })
    consumer.pause([place(0)])
    cluster.next().answer()
    await cluster.settle()
    consumer.resume([place(0)])
    await cluster.advance(20)
    expect(cluster.waiting(1, 'fetch beside')).toBe(0)
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
    expect(cluster.next(1, 'fetch beside').asked).toEqual(['t-0@0'])
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
