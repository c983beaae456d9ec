/**
 * What Jepsen found in systems that speak Kafka's protocol (Redpanda 21.10.1 in 2022, Bufstream 0.1.0 and Kafka itself in
 * 2024), and what Kafka's and Redpanda's trackers have beside it: each as the shortest history that showed it.
 */
import { Consumer, string } from '@samsa/consumer'
import { Producer } from '@samsa/producer'
import { SeededRandom, TimeoutError } from '@samsa/runtime'
import { describe, expect, test } from 'vitest'
import { TestKafka } from '../producer-faults/test-kafka.js'
import type { Place, Stored } from './history.js'
import { Observer } from './observer.js'
import { type Generation, RawProducer } from './raw-producer.js'
import { consumerOptions, producerOptions } from './script.js'

const GENERATIONS: readonly Generation[] = [1, 2]
const PLACES: readonly Place[] = [0, 1].map(partition => ({ topic: 't', partition }))
const [PLACE = { topic: 't', partition: 0 }] = PLACES
const REFUSED_EPOCH = ['PRODUCER_FENCED', 'INVALID_PRODUCER_EPOCH']
const NOT_IN_IT = [...REFUSED_EPOCH, 'INVALID_TXN_STATE', 'TRANSACTION_ABORTABLE']

class Scene {
  readonly kafka: TestKafka
  readonly #random = new SeededRandom('findings')
  readonly #generation: Generation
  readonly #closing: { close(): Promise<void> }[] = []

  private constructor(generation: Generation) {
    this.#generation = generation
    const properties = {
      'offsets.topic.num.partitions': '1',
      'transaction.state.log.num.partitions': '1',
      'transaction.abort.timed.out.transaction.cleanup.interval.ms': '1000',
    }
    const flush = 'always' as const
    const options = generation === 1 ? ({ flush, release: '3.9' } as const) : { flush }
    const topics = { t: { partitions: PLACES.length, configs: {} } }
    const draft = { nodes: 1, replicas: 1, topics, turnsPerMoment: 10, properties, options }
    this.kafka = new TestKafka(draft, this.#random.fork('broker'))
  }

  static async open(generation: Generation): Promise<Scene> {
    const scene = new Scene(generation)
    await scene.kafka.start()
    return scene
  }

  raw(transactionalId?: string): RawProducer {
    return new RawProducer(this.kafka, this.#generation, transactionalId)
  }

  producer(transactionalId = 'x'): Producer<string, string> {
    const producer = new Producer<string, string>({
      ...producerOptions,
      ...this.#way(`producer ${this.#closing.length}`),
      transactionalId,
      key: string,
      value: string,
    })
    this.#closing.push(producer)
    return producer
  }

  reader(groupId = 'g'): Consumer<string, string> {
    const way = this.#way(`reader ${this.#closing.length}`)
    const consumer = new Consumer<string, string>({ ...consumerOptions, ...way, groupId, key: string, value: string })
    this.#closing.push(consumer)
    return consumer
  }

  did<T>(work: Promise<T>): Promise<T> {
    return this.kafka.drive(work, 'what the test does')
  }

  /** The work is done, and nobody hears of it. */
  loseAnswers(api: string, times = 1): void {
    this.kafka.broker.faults.add({ api, disconnect: 'after', times })
  }

  /** What a reader finds that comes now; nothing may hang. */
  async visible(): Promise<readonly string[]> {
    const { records, stable, end } = await this.seen()
    expect(stable).toBe(end)
    return records.map(({ value }) => value)
  }

  async seen(partition = 0) {
    const observer = new Observer(this.kafka, PLACES, this.#random.fork('observer'))
    const records = await this.did(observer.records())
    const ends = await this.did(observer.ends())
    await this.did(observer.close())
    const { lastStableOffset: stable = -1, highWatermark: end = -1 } = ends.get(`t-${partition}`) ?? {}
    return { records: records.get(`t-${partition}`) ?? ([] as readonly Stored[]), stable, end }
  }

  async committed(partition = 0): Promise<number | undefined> {
    const reader = this.reader()
    const [found] = await this.did(reader.committed([{ topic: 't', partition }]))
    return found?.offset === undefined ? undefined : Number(found.offset)
  }

  async losePower(): Promise<void> {
    await this.kafka.crash('loss of power')
    await this.kafka.start()
  }

  async close(): Promise<void> {
    await this.did(Promise.all(this.#closing.map(each => each.close())))
    await this.kafka.stop()
  }

  #way(name: string) {
    const { clock, bootstrapServers, transport } = this.kafka
    return { clock, bootstrapServers, transport, random: this.#random.fork(name), clientId: name }
  }
}

describe.each(GENERATIONS)('generation %d', generation => {
  test('a commit whose answers are lost is a commit, and the next transaction is one of its own', async () => {
    const scene = await Scene.open(generation)
    const producer = scene.producer()
    await scene.did(producer.initTransactions())
    producer.beginTransaction()
    void producer.send({ ...PLACE, value: 'first' })
    scene.loseAnswers('EndTxn', 2)
    await scene.did(producer.commitTransaction())
    producer.beginTransaction()
    void producer.send({ ...PLACE, value: 'second' })
    scene.loseAnswers('EndTxn', 2)
    await scene.did(producer.abortTransaction())
    producer.beginTransaction()
    void producer.send({ ...PLACE, value: 'third' })
    await scene.did(producer.commitTransaction())
    expect(await scene.visible()).toEqual(['first', 'third'])
    await scene.close()
  })

  test('nothing begins on top of a commit whose outcome nobody knows', async () => {
    const scene = await Scene.open(generation)
    const producer = scene.producer()
    await scene.did(producer.initTransactions())
    producer.beginTransaction()
    void producer.send({ ...PLACE, value: 'first' })
    scene.kafka.broker.faults.add({ api: 'EndTxn', drop: true, times: 10 })
    await expect(scene.did(producer.commitTransaction())).rejects.toBeInstanceOf(TimeoutError)
    expect(() => producer.beginTransaction()).toThrow('commitTransaction() again')
    await expect(producer.abortTransaction()).rejects.toThrow('commitTransaction() again')
    scene.kafka.broker.faults.clear()
    await scene.did(producer.commitTransaction())
    producer.beginTransaction()
    void producer.send({ ...PLACE, value: 'second' })
    await scene.did(producer.abortTransaction())
    expect(await scene.visible()).toEqual(['first'])
    await scene.close()
  })

  test('who takes over learns by reading how an unknown commit has ended: as a whole, with its offsets', async () => {
    const scene = await Scene.open(generation)
    const producer = scene.producer()
    await scene.did(producer.initTransactions())
    producer.beginTransaction()
    for (const place of PLACES) void producer.send({ ...place, value: 'of an unknown end' })
    await scene.did(producer.sendOffsetsToTransaction([{ ...PLACE, offset: 7n }], { groupId: 'g' }))
    scene.kafka.broker.faults.add({ api: 'EndTxn', drop: true, times: 10 })
    await expect(scene.did(producer.commitTransaction())).rejects.toBeInstanceOf(TimeoutError)
    await scene.did(scene.producer().initTransactions())
    for (const { partition } of PLACES) expect((await scene.seen(partition)).records).toHaveLength(1)
    expect(await scene.committed()).toBe(7)
    scene.kafka.broker.faults.clear()
    await scene.close()
  })

  test('a batch that comes again when its transaction was aborted is refused, and hangs nobody (G1a)', async () => {
    const scene = await Scene.open(generation)
    const producer = scene.raw()
    await scene.did(producer.init())
    const ghost = producer.ghost()
    await scene.did(producer.send(0, 'aborted'))
    await scene.did(producer.end('abort'))
    const { error } = await scene.did(ghost.produce(0, 'aborted'))
    // The first generation knows the batch again, and does not write it a second time.
    expect(generation === 1 ? [...NOT_IN_IT, 'NONE'] : NOT_IN_IT).toContain(error)
    expect(await scene.visible()).toEqual([])
    await scene.did(producer.send(1, 'next'))
    await scene.did(producer.end('commit'))
    expect(await scene.visible()).toEqual([])
    await scene.close()
  })

  test('a batch that comes late for its transaction is not a part of the next one', async () => {
    const scene = await Scene.open(generation)
    const producer = scene.raw()
    await scene.did(producer.init())
    await scene.did(producer.send(0, 'first'))
    const ghost = producer.ghost()
    await scene.did(producer.end('commit'))
    const { error } = await scene.did(ghost.produce(0, 'late'))
    expect(NOT_IN_IT).toContain(error)
    await scene.did(producer.send(1, 'second'))
    expect(NOT_IN_IT).toContain((await scene.did(ghost.produce(0, 'late'))).error)
    await scene.did(producer.end('commit'))
    expect(await scene.visible()).toEqual(['first'])
    await scene.close()
  })

  test('offsets that come late for their transaction neither count nor wait in the group', async () => {
    const scene = await Scene.open(generation)
    const producer = scene.raw()
    await scene.did(producer.init())
    await scene.did(producer.addOffsets())
    await scene.did(producer.commitOffset(0, 5))
    const ghost = producer.ghost()
    await scene.did(producer.end('commit'))
    expect(NOT_IN_IT).toContain(await scene.did(ghost.commitOffset(0, 9)))
    await scene.did(producer.send(0, 'another'))
    expect(NOT_IN_IT).toContain(await scene.did(ghost.commitOffset(0, 9)))
    expect(await scene.committed()).toBe(5)
    await scene.did(producer.end('commit'))
    expect(await scene.committed()).toBe(5)
    await scene.close()
  })

  test('an aborted offset leaves the one before it, not zero and not nothing', async () => {
    const scene = await Scene.open(generation)
    const producer = scene.raw()
    await scene.did(producer.init())
    for (const [offset, outcome] of [
      [5, 'commit'],
      [9, 'abort'],
    ] as const) {
      await scene.did(producer.addOffsets())
      await scene.did(producer.commitOffset(0, offset))
      await scene.did(producer.end(outcome))
    }
    expect(await scene.committed()).toBe(5)
    await scene.losePower()
    expect(await scene.committed()).toBe(5)
    expect(await scene.committed(1)).toBeUndefined()
    await scene.close()
  })

  test('a batch whose answer was lost is written once, also when the broker has lost its power meanwhile', async () => {
    const scene = await Scene.open(generation)
    const producer = scene.raw()
    await scene.did(producer.init())
    const ghost = producer.ghost()
    const first = await scene.did(producer.send(0, 'once'))
    await scene.losePower()
    expect(await scene.did(ghost.produce(0, 'once'))).toEqual(first)
    await scene.did(producer.end('commit'))
    expect(await scene.visible()).toEqual(['once'])
    await scene.close()
  })

  test('an acknowledged commit is there after a loss of power, at the offsets that were told', async () => {
    const scene = await Scene.open(generation)
    const producer = scene.producer()
    await scene.did(producer.initTransactions())
    const told: Stored[] = []
    for (let round = 0; round < 3; round++) {
      producer.beginTransaction()
      const sent = [0, 1].map(index => producer.send({ ...PLACE, value: `${round}.${index}` }))
      await scene.did(producer.commitTransaction())
      for (const [index, { offset }] of (await Promise.all(sent)).entries()) {
        told.push({ offset: Number(offset), value: `${round}.${index}` })
      }
      await scene.losePower()
    }
    expect((await scene.seen()).records).toEqual(told)
    await scene.close()
  })

  test('the transaction of a producer that is gone hangs until its time is over, and no longer', async () => {
    const scene = await Scene.open(generation)
    const producer = scene.raw()
    await scene.did(producer.init(5000))
    await scene.did(producer.send(0, 'forgotten'))
    const { stable, end } = await scene.seen()
    expect([stable, end]).toEqual([0, 1])
    await scene.losePower()
    await scene.kafka.pass(8000)
    expect(await scene.visible()).toEqual([])
    expect(NOT_IN_IT).toContain((await scene.did(producer.produce(0, 'from the past'))).error)
    expect(NOT_IN_IT).toContain(await scene.did(producer.end('commit')))
    expect(await scene.visible()).toEqual([])
    await scene.close()
  })

  test('a partition without a leader gets its marker when it has one again, so that nothing hangs', async () => {
    const scene = await Scene.open(generation)
    const { broker } = scene.kafka
    const producer = scene.raw()
    await scene.did(producer.init())
    for (const { partition } of PLACES) await scene.did(producer.send(partition, 'committed'))
    broker.setLeaderless('t', 0)
    expect(await scene.did(producer.end('commit'))).toBe('NONE')
    await scene.kafka.pass(30_000)
    broker.moveLeader('t', 0, 1)
    await scene.kafka.pass(30_000)
    expect(await scene.visible()).toEqual(['committed'])
    await scene.close()
  })

  test('a batch without a transaction is refused, so that nothing hangs for ever', async () => {
    const scene = await Scene.open(generation)
    const producer = scene.raw()
    await scene.did(producer.init())
    if (generation === 1) expect(NOT_IN_IT).toContain((await scene.did(producer.produce(0, 'no transaction'))).error)
    const stranger = producer.ghost()
    stranger.identity = { producerId: producer.identity.producerId + 1000n, producerEpoch: 0 }
    const { error } = await scene.did(stranger.produce(0, 'nobody knows me'))
    expect([...NOT_IN_IT, 'INVALID_PRODUCER_ID_MAPPING']).toContain(error)
    expect((await scene.seen()).end).toBe(0)
    await scene.close()
  })

  test('what is committed behind an open transaction is not seen before that has ended, and then in order', async () => {
    const scene = await Scene.open(generation)
    const [slow, fast] = [scene.raw('slow'), scene.raw('fast')]
    await scene.did(slow.init())
    await scene.did(fast.init())
    await scene.did(slow.send(0, 'of the slow one'))
    await scene.did(fast.send(0, 'of the fast one'))
    await scene.did(fast.end('commit'))
    expect((await scene.seen()).records).toEqual([])
    await scene.did(slow.end('commit'))
    expect(await scene.visible()).toEqual(['of the slow one', 'of the fast one'])
    await scene.close()
  })

  test('who polls goes neither back nor past anything while transactions end and the coordinator starts anew', async () => {
    const scene = await Scene.open(generation)
    const reader = scene.reader()
    reader.assign([PLACE])
    const polled: string[] = []
    const poll = async (): Promise<void> => {
      for (const { value } of await scene.did(reader.poll(1000))) polled.push(value ?? '')
    }
    const producer = scene.raw()
    await scene.did(producer.init())
    const values = ['a', 'b', 'c', 'd', 'e', 'f']
    for (const [index, value] of values.entries()) {
      await scene.did(producer.send(0, value))
      await poll()
      if (index % 3 === 2) await scene.losePower()
      await scene.did(producer.end(index % 2 === 0 ? 'commit' : 'abort'))
      await poll()
    }
    await poll()
    expect(polled).toEqual(['a', 'c', 'e'])
    await scene.close()
  })

  test('an abort does not move the consumer: where it goes on is for it to say (KAFKA-17582)', async () => {
    const scene = await Scene.open(generation)
    const source = scene.raw('source')
    await scene.did(source.init())
    await scene.did(source.send(1, 'one', 'two'))
    await scene.did(source.end('commit'))
    const consumer = scene.reader('copiers')
    const input = { topic: 't', partition: 1 }
    consumer.assign([input])
    const producer = scene.producer()
    await scene.did(producer.initTransactions())
    const copy = async (): Promise<readonly (string | null)[]> => {
      producer.beginTransaction()
      const records = [...(await consumer.poll(2000))]
      for (const { value } of records) void producer.send({ ...PLACE, value: `copy of ${value}` })
      const offset = BigInt(records.at(-1)?.offset ?? -1n) + 1n
      await producer.sendOffsetsToTransaction([{ ...input, offset }], { groupId: 'copiers' })
      return records.map(({ value }) => value)
    }
    expect(await scene.did(copy())).toEqual(['one', 'two'])
    await scene.did(producer.abortTransaction())
    // Behind both records and the marker that made them visible.
    expect(await scene.did(consumer.position(input))).toBe(3n)
    expect(await scene.did(consumer.committed([input]))).toEqual([null])
    consumer.seek(input, 0n)
    expect(await scene.did(copy())).toEqual(['one', 'two'])
    await scene.did(producer.commitTransaction())
    expect((await scene.did(consumer.committed([input])))[0]?.offset).toBe(2n)
    expect(await scene.visible()).toEqual(['copy of one', 'copy of two'])
    await scene.close()
  })
})

describe('the end of a transaction that is delayed (KAFKA-17754)', () => {
  test.each([
    { delayed: 'commit', next: 'abort', seen: ['first'] },
    { delayed: 'abort', next: 'commit', seen: ['second'] },
  ] as const)('$delayed: the next transaction is ended by its producer alone', async ({ delayed, next, seen }) => {
    const scene = await Scene.open(2)
    const producer = scene.raw()
    await scene.did(producer.init())
    await scene.did(producer.send(0, 'first'))
    const ghost = producer.ghost()
    await scene.did(producer.end(delayed))
    await scene.did(producer.send(0, 'second'))
    expect(REFUSED_EPOCH).toContain(await scene.did(ghost.end(delayed)))
    expect((await scene.seen()).records.map(({ value }) => value)).toEqual(delayed === 'commit' ? ['first'] : [])
    await scene.did(producer.end(next))
    expect(await scene.visible()).toEqual(seen)
    await scene.close()
  })

  test('it is answered as before as long as nothing has followed, and otherwise where it wants another outcome', async () => {
    const scene = await Scene.open(2)
    const producer = scene.raw()
    await scene.did(producer.init())
    await scene.did(producer.send(0, 'a'))
    const [again, other] = [producer.ghost(), producer.ghost()]
    await scene.did(producer.end('commit'))
    expect(await scene.did(again.end('commit'))).toBe('NONE')
    expect(again.identity).toEqual(producer.identity)
    expect(await scene.did(other.end('abort'))).toBe('INVALID_TXN_STATE')
    expect(await scene.visible()).toEqual(['a'])
    await scene.close()
  })
})

test('every end raises the epoch, so that no two transactions have the same', async () => {
  const scene = await Scene.open(2)
  const producer = scene.raw()
  await scene.did(producer.init(5000))
  const epochs = [producer.identity.producerEpoch]
  const note = (): void => void epochs.push(producer.identity.producerEpoch)
  for (const outcome of ['commit', 'abort'] as const) {
    await scene.did(producer.send(0, outcome))
    expect(await scene.did(producer.end(outcome))).toBe('NONE')
    note()
  }
  // Of nothing: a producer that does not know whether it had begun.
  expect(await scene.did(producer.end('abort'))).toBe('NONE')
  note()
  await scene.did(producer.send(0, 'too slow'))
  await scene.kafka.pass(8000)
  await scene.did(producer.init(5000))
  note()
  expect(epochs).toEqual(epochs.toSorted((one, other) => one - other))
  expect(new Set(epochs).size).toBe(epochs.length)
  await scene.close()
})
