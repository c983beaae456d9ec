/**
 * Consumers that share the partitions of their topics, against a broker: the bundled one, or any running Kafka that
 * SAMSA_KAFKA=host:port names.
 */
import { randomUUID } from 'node:crypto'
import { Consumer, type ConsumerOptions, string } from '@samsa/consumer'
import { Producer } from '@samsa/producer'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { RunningKafka } from './running-kafka.js'

let kafka: RunningKafka

beforeAll(async () => {
  kafka = await RunningKafka.start()
}, 60_000)

afterAll(() => kafka[Symbol.asyncDispose]())

const upTo = (count: number): number[] => Array.from({ length: count }, (_, index) => index)
const newGroup = (): string => `samsa-behaviour-${randomUUID()}`

function member(groupId: string, options: Partial<ConsumerOptions<string, string>> = {}): Consumer<string, string> {
  return new Consumer({
    bootstrapServers: kafka.bootstrapServers,
    groupId,
    key: string,
    value: string,
    autoOffsetReset: 'earliest',
    heartbeatIntervalMs: 100,
    fetchMaxWaitMs: 100,
    ...options,
  })
}

/** Record n goes to partition n modulo the number of partitions. */
async function write(topic: string, partitions: number, count: number, from = 0): Promise<void> {
  await using producer = new Producer({ bootstrapServers: kafka.bootstrapServers })
  await producer.sendAll(upTo(count).map(n => ({ topic, partition: (from + n) % partitions, value: String(from + n) })))
}

/** Polls all of them, one after the other, until that holds. What came is handed to `seen`. */
async function pollUntil(
  members: readonly Consumer<string, string>[],
  holds: () => boolean,
  seen: (n: number, member: number) => void = () => {},
): Promise<void> {
  for (let polls = 0; !holds(); polls++) {
    if (polls > 2000) throw new Error('the members did not get there')
    await Promise.all(
      members.map(async (each, index) => {
        for (const { value } of await each.poll(20)) seen(Number(value), index)
      }),
    )
  }
}

describe('one member', () => {
  test('gets all partitions, and the next one goes on where it was', async () => {
    const topic = await kafka.topic(3)
    await write(topic, 3, 30)
    const group = newGroup()
    const found: number[] = []
    {
      await using first = member(group)
      first.subscribe([topic])
      await pollUntil(
        [first],
        () => found.length === 30,
        n => found.push(n),
      )
      expect(first.assignment()).toEqual(upTo(3).map(partition => ({ topic, partition })))
    }
    await write(topic, 3, 6, 30)
    await using second = member(group)
    second.subscribe([topic])
    const later: number[] = []
    await pollUntil(
      [second],
      () => later.length >= 6,
      n => later.push(n),
    )
    expect(later.toSorted((a, b) => a - b)).toEqual([30, 31, 32, 33, 34, 35])
  })
})
