/**
 * Consumers that share the partitions of their topics, against a broker: the bundled one, or any running Kafka that
 * SAMSA_KAFKA=host:port names.
 */
import { randomUUID } from 'node:crypto'
import {
  type Assignor,
  Consumer,
  type ConsumerOptions,
  type RebalanceListener,
  string,
  type TopicPartition,
} from '@samsa/consumer'
import { CommitFailedError, FencedError, KafkaError } from '@samsa/runtime'
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

const countOf = (each: Consumer<string, string>): number => each.assignment().length
const names = (places: readonly TopicPartition[]): string => places.map(({ partition }) => partition).join()

/** Writes down what it is told, as `revoked 0,1`. */
class Diary implements RebalanceListener {
  readonly entries: string[] = []
  onPartitionsRevoked = (places: readonly TopicPartition[]): void => void this.entries.push(`revoked ${names(places)}`)
  onPartitionsAssigned = (places: readonly TopicPartition[]): void =>
    void this.entries.push(`assigned ${names(places)}`)
  onPartitionsLost = (places: readonly TopicPartition[]): void => void this.entries.push(`lost ${names(places)}`)
}

/** What a promise is rejected with. */
async function errorOf(promise: Promise<unknown>): Promise<KafkaError> {
  const error = await promise.then(
    () => undefined,
    (reason: unknown) => reason,
  )
  if (error instanceof KafkaError) return error
  throw new Error(`a KafkaError was expected, not ${String(error)}`)
}

describe('one member', () => {
  test('gets all partitions, and the next one goes on where it was', async () => {
    const topic = await kafka.topic(3)
    await kafka.write(topic, 3, 30)
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
      expect(first.subscription()).toEqual([topic])
      expect(first.groupMetadata()).toMatchObject({ groupId: group, groupInstanceId: null })
      expect(first.groupMetadata().generationId).toBeGreaterThan(0)
    }
    await kafka.write(topic, 3, 6, 30)
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

  test('is told of partitions that come and go, and may use the consumer meanwhile', async () => {
    const topic = await kafka.topic(2)
    await kafka.write(topic, 2, 4)
    const reader = member(newGroup(), { enableAutoCommit: false })
    const told: string[] = []
    reader.subscribe([topic], {
      onPartitionsAssigned: async places => {
        told.push(`assigned ${names(places)}`)
        reader.seek({ topic, partition: 0 }, 1n)
        expect(await reader.position({ topic, partition: 0 })).toBe(1n)
      },
      onPartitionsRevoked: async places => {
        await reader.commitSync()
        told.push(`revoked ${names(places)}`)
      },
    })
    const found: number[] = []
    await pollUntil(
      [reader],
      () => found.length === 3,
      n => found.push(n),
    )
    expect(found.toSorted()).toEqual([1, 2, 3])
    await reader.unsubscribe()
    expect(told).toEqual(['assigned 0,1', 'revoked 0,1'])
    const committed = await reader.committed(upTo(2).map(partition => ({ topic, partition })))
    expect(committed.map(each => each?.offset)).toEqual([2n, 2n])
    expect([reader.subscription(), reader.assignment()]).toEqual([[], []])
    await reader.close()
    expect(told).toHaveLength(2)
  })

  test('follows topics that grow, and that match its pattern and are made later', async () => {
    const group = newGroup()
    const prefix = (await kafka.topic(1)).slice(0, -6)
    await using reader = member(group, { metadataMaxAgeMs: 200 })
    reader.subscribe(new RegExp(`^${prefix}`))
    await pollUntil([reader], () => countOf(reader) === 1)
    const topic = reader.subscription()[0] ?? ''
    await kafka.grow(topic, 3)
    await pollUntil([reader], () => countOf(reader) === 3)
    await kafka.topic(2, {}, `${prefix}-more`)
    await pollUntil([reader], () => countOf(reader) === 5)
    expect(reader.subscription()).toEqual([`${prefix}-more`, topic].toSorted())
    reader.subscribe([topic])
    await pollUntil([reader], () => countOf(reader) === 3)
    expect(reader.subscription()).toEqual([topic])
  })

  test('waits for a topic that is not there yet', async () => {
    const name = `samsa-behaviour-${randomUUID()}`
    await using reader = member(newGroup(), { allowAutoCreateTopics: false })
    const [there] = [await kafka.topic(1)]
    reader.subscribe([there, name])
    await pollUntil([reader], () => countOf(reader) === 1)
    await kafka.topic(1, {}, name)
    await pollUntil([reader], () => countOf(reader) === 2)
  })
})

describe.each([
  { strategy: 'range' },
  { strategy: 'roundRobin' },
  { strategy: 'sticky' },
  { strategy: 'cooperativeSticky' },
] as const)('members that share by $strategy', ({ strategy }) => {
  test('come and go, and every record comes, those of a partition in order', async () => {
    const topic = await kafka.topic(6)
    const group = newGroup()
    const options = { partitionAssignmentStrategy: [strategy] }
    const members = [member(group, options)]
    const diaries = [new Diary()]
    const found = new Map<number, number>()
    const seen = (n: number): void => void found.set(n, (found.get(n) ?? 0) + 1)
    members[0]?.subscribe([topic], diaries[0])
    await kafka.write(topic, 6, 60)
    await pollUntil(members, () => found.size === 60, seen)
    for (const count of [2, 3]) {
      const next = member(group, options)
      const diary = new Diary()
      members.push(next)
      diaries.push(diary)
      next.subscribe([topic], diary)
      await pollUntil(members, () => members.every(each => countOf(each) === 6 / count), seen)
    }
    await kafka.write(topic, 6, 60, 60)
    await pollUntil(members, () => found.size === 120, seen)
    const [first, ...others] = members
    await first?.close()
    await pollUntil(others, () => others.every(each => countOf(each) === 3), seen)
    await kafka.write(topic, 6, 60, 120)
    await pollUntil(others, () => found.size === 180, seen)
    for (const each of others) await each.close()
    // What was committed before partitions went did not come again.
    expect([...found.values()].every(times => times === 1)).toBe(true)
    const [diary] = diaries
    expect(diary?.entries[0]).toBe('assigned 0,1,2,3,4,5')
    expect(diary?.entries.filter(entry => entry.startsWith('lost'))).toEqual([])
    if (strategy !== 'cooperativeSticky') expect(diary?.entries).toContain('revoked 0,1,2,3,4,5')
  })
})

describe('commits', () => {
  test('keep offset, epoch and metadata, and are called back in order', async () => {
    const topic = await kafka.topic(2)
    await kafka.write(topic, 2, 20)
    const group = newGroup()
    await using reader = member(group, { enableAutoCommit: false })
    reader.subscribe([topic])
    await pollUntil([reader], () => countOf(reader) === 2)
    await reader.commitSync([{ topic, partition: 0, offset: 3n, leaderEpoch: 0, metadata: 'so far' }])
    const told: string[] = []
    for (const offset of [4n, 5n, 6n]) {
      reader.commitAsync([{ topic, partition: 0, offset }], ([first], error) => {
        told.push(`${first?.offset} ${error?.code}`)
      })
    }
    expect(told).toEqual([])
    await reader.commitSync([{ topic, partition: 1, offset: 9n, metadata: 'x' }])
    expect(told).toEqual(['4 undefined', '5 undefined', '6 undefined'])
    expect(await reader.committed([0, 1].map(partition => ({ topic, partition })))).toEqual([
      { topic, partition: 0, offset: 6n, leaderEpoch: undefined, metadata: '' },
      { topic, partition: 1, offset: 9n, leaderEpoch: undefined, metadata: 'x' },
    ])
    const refused = reader.commitSync([{ topic, partition: 0, offset: 1n, metadata: 'x'.repeat(10_000) }])
    expect((await errorOf(refused)).code).toBe('OFFSET_METADATA_TOO_LARGE')
  })

  test('work without members, for partitions given by hand', async () => {
    const topic = await kafka.topic(1)
    await kafka.write(topic, 1, 10)
    const group = newGroup()
    const place = { topic, partition: 0 }
    {
      await using reader = member(group)
      reader.assign([place])
      expect(await reader.committed([place])).toEqual([null])
      expect(() => reader.subscribe([topic])).toThrow('exclude each other')
      expect((await reader.poll(10_000)).count).toBe(10)
    }
    await using next = member(group)
    next.assign([place])
    expect(await next.position(place)).toBe(10n)
  })

  test('of a loop are those of records that its body has finished', async () => {
    const topic = await kafka.topic(1)
    await kafka.write(topic, 1, 10)
    const group = newGroup()
    {
      await using reader = member(group)
      reader.subscribe([topic])
      for await (const { value } of reader) if (value === '4') break
    }
    await using next = member(group)
    next.subscribe([topic])
    const found: number[] = []
    await pollUntil(
      [next],
      () => found.length > 0,
      n => found.push(n),
    )
    expect(found[0]).toBe(4)
  })

  test('of a zombie are refused, and it says what to do', async () => {
    const topic = await kafka.topic(1)
    await kafka.write(topic, 1, 10)
    const group = newGroup()
    const quick = { sessionTimeoutMs: 6000, maxPollIntervalMs: 300, heartbeatIntervalMs: 50 }
    await using zombie = member(group, { ...quick, enableAutoCommit: false })
    const diary = new Diary()
    zombie.subscribe([topic], diary)
    await pollUntil([zombie], () => countOf(zombie) === 1)
    // It does not poll any more, and leaves by itself: the other one gets the partition.
    await using other = member(group)
    other.subscribe([topic])
    await pollUntil([other], () => countOf(other) === 1)
    const error = await errorOf(zombie.commitSync([{ topic, partition: 0, offset: 1n }]))
    expect(error).toBeInstanceOf(CommitFailedError)
    expect(error.message).toContain('maxPollIntervalMs (300 ms)')
    expect(diary.entries).toEqual(['assigned 0'])
    await pollUntil([zombie, other], () => diary.entries.length >= 2)
    expect(diary.entries[1]).toBe('lost 0')
  })
})

describe('a listener', () => {
  test('that throws is told of by the poll, and the partitions are there all the same', async () => {
    const topic = await kafka.topic(1)
    await using reader = member(newGroup())
    const onPartitionsAssigned = (): never => {
      throw new Error('no room')
    }
    reader.subscribe([topic], { onPartitionsAssigned })
    const error = await errorOf(pollUntil([reader], () => false))
    expect([error.code, error.message]).toEqual(['REBALANCE_LISTENER_FAILED', expect.stringContaining('no room')])
    expect(countOf(reader)).toBe(1)
  })

  test('may close the consumer, and is called by a close that ends a poll', async () => {
    const topic = await kafka.topic(1)
    const reader = member(newGroup())
    reader.subscribe([topic], { onPartitionsAssigned: () => reader.close() })
    expect((await errorOf(pollUntil([reader], () => false))).code).toBe('CONSUMER_CLOSED')

    const other = member(newGroup())
    const diary = new Diary()
    other.subscribe([topic], diary)
    await pollUntil([other], () => countOf(other) === 1)
    const polling = errorOf(other.poll())
    await other.close()
    expect((await polling).code).toBe('CONSUMER_CLOSED')
    expect(diary.entries).toEqual(['assigned 0', 'revoked 0'])
  })
})

test('an assignor of the application shares out as it likes', async () => {
  const topic = await kafka.topic(4)
  const group = newGroup()
  // Everything to the member whose id comes first.
  const allToOne: Assignor = {
    name: 'all-to-one',
    supportedProtocols: ['eager'],
    assign: (members, topics) => {
      const [first] = members.map(({ memberId }) => memberId).toSorted()
      const partitions = [...topics].map(([name, layout]) => ({ topic: name, partitions: upTo(layout.partitions) }))
      return new Map([[first ?? '', { partitions, userData: null }]])
    },
  }
  const make = (): Consumer<string, string> => member(group, { partitionAssignmentStrategy: [allToOne] })
  await using one = make()
  await using other = make()
  const diaries = [new Diary(), new Diary()]
  for (const [index, each] of [one, other].entries()) each.subscribe([topic], diaries[index])
  // Both are in the group when each has been told of an assignment of the same generation, which is the first one when
  // the broker waits for the one that has its id and did not join yet.
  const generation = (each: Consumer<string, string>): number => each.groupMetadata().generationId
  await pollUntil([one, other], () => generation(one) > 0 && generation(one) === generation(other))
  await pollUntil([one, other], () => countOf(one) + countOf(other) === 4)
  expect([countOf(one), countOf(other)].toSorted()).toEqual([0, 4])
})

describe('static members', () => {
  test('come back to their partitions without a rebalance of the others', async () => {
    const topic = await kafka.topic(2)
    const group = newGroup()
    const make = (name: string): Consumer<string, string> => member(group, { groupInstanceId: name })
    await using other = make('other')
    const diary = new Diary()
    other.subscribe([topic], diary)
    {
      await using first = make('first')
      first.subscribe([topic])
      await pollUntil([first, other], () => [first, other].every(each => countOf(each) === 1))
    }
    const { length } = diary.entries
    await using again = make('first')
    again.subscribe([topic])
    await pollUntil([again, other], () => countOf(again) === 1)
    expect([countOf(other), diary.entries.length]).toEqual([1, length])
  })

  test('that are displaced by another of their name are told so', async () => {
    const topic = await kafka.topic(1)
    const group = newGroup()
    await using first = member(group, { groupInstanceId: 'same' })
    first.subscribe([topic])
    await pollUntil([first], () => countOf(first) === 1)
    await using second = member(group, { groupInstanceId: 'same' })
    second.subscribe([topic])
    await pollUntil([second], () => countOf(second) === 1)
    const error = await errorOf(pollUntil([first], () => false))
    expect(error).toBeInstanceOf(FencedError)
    expect(error.code).toBe('FENCED_INSTANCE_ID')
  })
})

/** KIP-848: the broker shares out. */
describe('members of a group that the broker shares out', () => {
  const modern = { groupProtocol: 'consumer' } as const
  const make = (group: string, options: Partial<ConsumerOptions<string, string>> = {}): Consumer<string, string> =>
    member(group, { ...modern, heartbeatIntervalMs: undefined, ...options })

  test('come and go, and every record comes', { timeout: 60_000 }, async context => {
    if (!kafka.sharesOut) context.skip('the broker has no groups of that protocol')
    const topic = await kafka.topic(6)
    const group = newGroup()
    const diary = new Diary()
    const found = new Map<number, number>()
    const seen = (n: number): void => void found.set(n, (found.get(n) ?? 0) + 1)
    await kafka.write(topic, 6, 60)
    await using first = make(group)
    first.subscribe([topic], diary)
    await pollUntil([first], () => found.size === 60, seen)
    expect(first.groupMetadata().generationId).toBeGreaterThan(0)
    const second = make(group)
    second.subscribe([topic])
    await pollUntil([first, second], () => [first, second].every(each => countOf(each) === 3), seen)
    await kafka.write(topic, 6, 60, 60)
    await pollUntil([first, second], () => found.size === 120, seen)
    await second.close()
    await pollUntil([first], () => countOf(first) === 6, seen)
    await kafka.write(topic, 6, 60, 120)
    await pollUntil([first], () => found.size === 180, seen)
    expect([...found.values()].every(times => times === 1)).toBe(true)
    expect(diary.entries.filter(entry => entry.startsWith('lost'))).toEqual([])
    await first.commitSync()
    const committed = await first.committed([{ topic, partition: 0 }])
    expect(committed[0]?.offset).toBe(30n)
  })

  test('may leave a pattern to the broker', { timeout: 60_000 }, async context => {
    if (!kafka.sharesOut) context.skip('the broker has no groups of that protocol')
    const topic = await kafka.topic(2)
    await using reader = make(newGroup())
    reader.subscribe({ serverPattern: `${topic.slice(0, -4)}.*` })
    await pollUntil([reader], () => countOf(reader) === 2)
    expect(reader.assignment()[0]?.topic).toBe(topic)
  })

  test('that stopped polling are told that they lost everything, and come back', { timeout: 60_000 }, async context => {
    if (!kafka.sharesOut) context.skip('the broker has no groups of that protocol')
    const topic = await kafka.topic(1)
    const group = newGroup()
    const diary = new Diary()
    await using zombie = make(group, { maxPollIntervalMs: 500 })
    zombie.subscribe([topic], diary)
    await pollUntil([zombie], () => countOf(zombie) === 1)
    await using other = make(group)
    other.subscribe([topic])
    await pollUntil([other], () => countOf(other) === 1)
    await pollUntil([zombie, other], () => diary.entries.includes('lost 0'))
  })

  test('that are static come back to their partitions', { timeout: 60_000 }, async context => {
    if (!kafka.sharesOut) context.skip('the broker has no groups of that protocol')
    const topic = await kafka.topic(2)
    const group = newGroup()
    const diary = new Diary()
    await using other = make(group, { groupInstanceId: 'other' })
    other.subscribe([topic], diary)
    {
      await using first = make(group, { groupInstanceId: 'first' })
      first.subscribe([topic])
      await pollUntil([first, other], () => [first, other].every(each => countOf(each) === 1))
    }
    const { length } = diary.entries
    await using again = make(group, { groupInstanceId: 'first' })
    again.subscribe([topic])
    await pollUntil([again, other], () => countOf(again) === 1)
    expect([countOf(other), diary.entries.length]).toEqual([1, length])
  })
})
