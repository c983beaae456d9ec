/**
 * Records that handlers and loops of a group work on, in groups of either protocol, against a broker: the bundled one, or
 * any running Kafka that SAMSA_KAFKA=host:port names.
 */
import { randomUUID } from 'node:crypto'
import { Consumer, type ConsumerOptions, type ConsumerRecord, int32, string } from '@samsa/consumer'
import { Producer } from '@samsa/producer'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { eventually } from './eventually.js'
import { type ReadRecord, RunningKafka } from './running-kafka.js'

let kafka: RunningKafka

beforeAll(async () => {
  kafka = await RunningKafka.start()
}, 60_000)

afterAll(() => kafka[Symbol.asyncDispose]())

const upTo = (count: number): number[] => Array.from({ length: count }, (_, index) => index)
const newGroup = (): string => `samsa-behaviour-${randomUUID()}`
const sorted = (numbers: Iterable<number>): number[] => [...numbers].sort((a, b) => a - b)

/** When that holds; nothing tells when a broker has shared out. */
const until = (holds: () => boolean): Promise<true> => eventually(async () => (holds() ? true : undefined))

const textOf = (record: ReadRecord | undefined, name: string): string | undefined =>
  record?.headers.find(({ key }) => key === name)?.value?.toString()

describe.each(['classic', 'consumer'] as const)('a group of the protocol %s', { timeout: 60_000 }, protocol => {
  function member(groupId: string, options: Partial<ConsumerOptions<string, string>> = {}): Consumer<string, string> {
    const quick = protocol === 'classic' ? { heartbeatIntervalMs: 100 } : {}
    return new Consumer({
      bootstrapServers: kafka.bootstrapServers,
      groupId,
      groupProtocol: protocol,
      key: string,
      value: string,
      autoOffsetReset: 'earliest',
      fetchMaxWaitMs: 100,
      ...quick,
      ...options,
    })
  }

  /** Of each partition, what the group has committed. */
  async function committed(group: string, topic: string, partitions: number): Promise<(bigint | undefined)[]> {
    await using reader = member(group)
    const offsets = await reader.committed(upTo(partitions).map(partition => ({ topic, partition })))
    return offsets.map(each => each?.offset)
  }

  test('run() commits what is handled, through a rebalance in the middle of handlers', async context => {
    if (protocol === 'consumer' && !kafka.sharesOut) context.skip('the broker has no groups of that protocol')
    const topic = await kafka.topic(4)
    const group = newGroup()
    await kafka.write(topic, 4, 200)
    await using first = member(group)
    await using second = member(group)
    const handled: number[] = []
    const running = new Map<number, number>()
    const beside: string[] = []
    const end = new AbortController()
    const handler =
      (who: number) =>
      async ({ partition, value }: ConsumerRecord<string, string>): Promise<void> => {
        const other = running.get(partition)
        if (other !== undefined) beside.push(`${who} beside ${other} at ${value}`)
        running.set(partition, who)
        await new Promise(resolve => setTimeout(resolve, 2))
        running.delete(partition)
        handled.push(Number(value))
      }
    const options = { concurrency: 4, signal: end.signal }
    first.subscribe([topic])
    const runs = [first.run(handler(1), options)]
    await until(() => handled.length >= 50)
    second.subscribe([topic])
    runs.push(second.run(handler(2), options))
    await until(() => [first, second].every(each => each.metrics().assignedPartitions === 2))
    await kafka.write(topic, 4, 200, 200)
    await until(() => handled.length >= 400)
    end.abort()
    await Promise.all(runs)
    // Handlers of partitions that went had their time: nothing came twice, and no two consumers were at one partition.
    expect(sorted(handled)).toEqual(upTo(400))
    expect(beside).toEqual([])
    expect(second.metrics().recordsHandled).toBeGreaterThan(0)
    expect(await committed(group, topic, 4)).toEqual([100n, 100n, 100n, 100n])
  })

  test('run() gives handlers up that do not end within the time for it, and their record comes again', async context => {
    if (protocol === 'consumer' && !kafka.sharesOut) context.skip('the broker has no groups of that protocol')
    const topic = await kafka.topic(2)
    const group = newGroup()
    await kafka.write(topic, 2, 2)
    await using first = member(group)
    await using second = member(group)
    const end = new AbortController()
    const stuck: AbortSignal[] = []
    const handled: number[] = []
    first.subscribe([topic])
    const runs = [
      first.run(
        (_, { signal }) => {
          stuck.push(signal)
          return new Promise<void>((_resolve, reject) => {
            signal.addEventListener('abort', () => reject(signal.reason))
          })
        },
        { concurrency: 2, drainTimeoutMs: 300, signal: end.signal },
      ),
    ]
    await until(() => stuck.length === 2)
    second.subscribe([topic])
    runs.push(second.run(({ value }) => void handled.push(Number(value)), { signal: end.signal }))
    await until(() => handled.length > 0)
    expect(stuck.some(({ aborted }) => aborted)).toBe(true)
    end.abort()
    await Promise.all(runs)
    expect(handled).toHaveLength(1)
    const offsets = await committed(group, topic, 2)
    expect(offsets.filter(offset => offset === 1n)).toHaveLength(1)
  })

  test('run() buries what no attempt could handle, with where it was from and why', async context => {
    if (protocol === 'consumer' && !kafka.sharesOut) context.skip('the broker has no groups of that protocol')
    const [topic, dead] = [await kafka.topic(1), await kafka.topic(1)]
    const group = newGroup()
    await using producer = new Producer({ bootstrapServers: kafka.bootstrapServers })
    await producer.send({ topic, key: 'good', value: '1' })
    await producer.send({ topic, key: 'bad', value: '2', headers: { source: 'web' }, timestamp: 1_700_000_000_000 })
    await producer.send({ topic, key: 'good', value: '3' })
    await using consumer = member(group)
    consumer.subscribe([topic])
    const end = new AbortController()
    const attempts: number[] = []
    const handled: string[] = []
    const handler = ({ key, value }: ConsumerRecord<string, string>, { attempt }: { attempt: number }): void => {
      if (key === 'bad') {
        attempts.push(attempt)
        throw new RangeError('no such order')
      }
      handled.push(value ?? '')
      if (handled.length === 2) end.abort()
    }
    const retry = { attempts: 3, initialMs: 10 }
    await consumer.run(handler, { retry, deadLetter: { producer, topic: dead }, signal: end.signal })
    expect([attempts, handled]).toEqual([
      [1, 2, 3],
      ['1', '3'],
    ])
    const [letter, ...others] = await kafka.read(dead, 0)
    expect(others).toEqual([])
    expect(letter).toMatchObject({ key: 'bad', value: '2' })
    // As old as the record, it could be removed by retention at once.
    expect(letter?.timestamp).toBeGreaterThan(1_700_000_000_000)
    expect(textOf(letter, 'source')).toBe('web')
    const said = ['topic', 'partition', 'offset', 'timestamp', 'group-id', 'error-name', 'error-message', 'attempts']
    expect(said.map(name => textOf(letter, `dead-letter-${name}`))).toEqual([
      topic,
      '0',
      '1',
      '1700000000000',
      group,
      'RangeError',
      'no such order',
      '3',
    ])
    expect(await committed(group, topic, 1)).toEqual([3n])
  })

  test('run() buries what no serde can read, without asking the handler', async context => {
    if (protocol === 'consumer' && !kafka.sharesOut) context.skip('the broker has no groups of that protocol')
    const [topic, dead] = [await kafka.topic(1), await kafka.topic(1)]
    const group = newGroup()
    await using producer = new Producer({ bootstrapServers: kafka.bootstrapServers })
    const values = [Buffer.of(0, 0, 0, 7), Buffer.from('seven'), Buffer.of(0, 0, 0, 8)]
    for (const value of values) await producer.send({ topic, key: 'k', value })
    await using consumer = new Consumer({
      bootstrapServers: kafka.bootstrapServers,
      groupId: group,
      groupProtocol: protocol,
      value: int32,
      autoOffsetReset: 'earliest',
      deserializationFailure: { producer, topic: dead },
    })
    consumer.subscribe([topic])
    const end = new AbortController()
    const handled: (number | null)[] = []
    const handler = ({ value }: ConsumerRecord<Uint8Array, number>): void => {
      handled.push(value)
      if (value === 8) end.abort()
    }
    await consumer.run(handler, { signal: end.signal })
    expect(handled).toEqual([7, 8])
    const [letter] = await kafka.read(dead, 0)
    expect([letter?.key, letter?.value]).toEqual(['k', 'seven'])
    expect(textOf(letter, 'dead-letter-offset')).toBe('1')
    expect(textOf(letter, 'dead-letter-error-name')).toBe('RecordDeserializationError')
    expect(consumer.metrics().deadLetters).toBe(1)
    expect(await committed(group, topic, 1)).toEqual([3n])
  })

  test.for(['for await', 'batches()'] as const)(
    '%s: what a body has finished is committed, and a member that joins goes on behind it',
    async (way, context) => {
      if (protocol === 'consumer' && !kafka.sharesOut) context.skip('the broker has no groups of that protocol')
      const topic = await kafka.topic(2)
      const group = newGroup()
      await kafka.write(topic, 2, 40)
      const seen: number[] = []
      const first = member(group, { maxPollRecords: 5 })
      const second = member(group, { maxPollRecords: 5 })
      const readOn = async (consumer: Consumer<string, string>): Promise<void> => {
        consumer.subscribe([topic])
        if (way === 'for await') for await (const { value } of consumer) seen.push(Number(value))
        else for await (const records of consumer.batches()) for (const { value } of records) seen.push(Number(value))
      }
      const loops = [readOn(first)]
      await until(() => seen.length >= 40)
      loops.push(readOn(second))
      await until(() => [first, second].every(each => each.metrics().assignedPartitions === 1))
      await kafka.write(topic, 2, 40, 40)
      await until(() => seen.length >= 80)
      await Promise.all([first.close(), second.close()])
      await Promise.all(loops)
      expect(sorted(seen)).toEqual(upTo(80))
      // The loop had the last record of each in hand, and asked for another one: it was finished.
      expect(await committed(group, topic, 2)).toEqual([40n, 40n])
    },
  )
})
