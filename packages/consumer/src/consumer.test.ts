import { json } from '@samsa/client'
import { BatchBuilder } from '@samsa/protocol'
import {
  ConcurrentModificationError,
  NetworkError,
  NoOffsetForPartitionError,
  OffsetOutOfRangeError,
  WakeupError,
} from '@samsa/runtime'
import { describe, expect, test } from 'vitest'
import { RecordDeserializationError } from './record-deserialization-error.js'
import { batchOf, errorOfPromise, TestCluster } from './test-cluster.js'
import { answer, place, polled, setUp, upTo } from './test-scene.js'

describe('close()', () => {
  test('has each broker forget what it remembers of our fetches', async () => {
    const setup = await setUp([1, 2])
    const { cluster, consumer } = setup
    cluster.next(1).answer({ 0: answer(0, 'a') })
    await cluster.settle()
    // Node 2 has not answered yet, and so has no session.
    await consumer.close()
    expect([1, 2].map(node => cluster.link(node, 'other').closedSessions)).toEqual([[77], []])
  })

  test('does not wait for that beyond its time, nor for a broker that is away', async () => {
    const setup = await setUp([1, 2])
    const { cluster, consumer } = setup
    for (const node of [1, 2]) cluster.next(node).answer({ [node - 1]: answer(0, 'a') })
    await cluster.settle()
    cluster.link(1, 'other').holdsFarewell = true
    // Over the one for fetches, behind the fetch that waits, it would wait too.
    for (const use of ['other', 'group', 'fetch beside'] as const) cluster.link(2, use).isReady = false
    const closed = consumer.close({ timeoutMs: 700 })
    let isClosed = false
    void closed.then(() => (isClosed = true))
    await cluster.advance(699)
    expect(isClosed).toBe(false)
    await cluster.advance(1)
    await closed
    expect([1, 2].map(node => cluster.link(node).closedSessions)).toEqual([[], []])
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
