/**
 * What other clients for Node have become known for, each against the bundled broker in memory, while time passes when the
 * test says so: none of it happens here.
 */
import { Consumer, type ConsumerOptions, string } from '@samsa/consumer'
import { Producer } from '@samsa/producer'
import { CommitFailedError, type KafkaError, SeededRandom } from '@samsa/runtime'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { TestKafka } from '../producer-faults/test-kafka.js'

const PARTITIONS = 4
const MINUTE_MS = 60_000
const SESSION_MS = 10_000
const POLL_MS = 30_000
const protocols = ['classic', 'consumer'] as const
type GroupProtocol = (typeof protocols)[number]

let kafka: TestKafka
/** Whatever is open at the end of a test. */
let closing: (() => Promise<void>)[]

beforeEach(async () => {
  closing = []
  const properties = {
    'group.initial.rebalance.delay.ms': '0',
    'group.consumer.session.timeout.ms': String(SESSION_MS),
    'group.consumer.min.session.timeout.ms': '1000',
    'group.consumer.heartbeat.interval.ms': '1000',
    'group.consumer.min.heartbeat.interval.ms': '500',
  }
  const topics = { orders: { partitions: PARTITIONS, configs: {} } }
  kafka = new TestKafka({ nodes: 1, replicas: 1, topics, turnsPerMoment: 4, properties }, new SeededRandom(7))
  await kafka.start()
})

afterEach(async () => {
  await kafka.drive(Promise.all(closing.map(close => close())), 'closing')
  await kafka.stop()
})

const place = (partition: number) => ({ topic: 'orders', partition })
const upTo = (count: number): number[] => Array.from({ length: count }, (_, index) => index)
const sorted = (numbers: readonly number[]): number[] => numbers.toSorted((a, b) => a - b)

function member(protocol: GroupProtocol, options: Partial<ConsumerOptions<string, string>> = {}) {
  const ofProtocol = protocol === 'classic' ? { sessionTimeoutMs: SESSION_MS, heartbeatIntervalMs: 1000 } : {}
  const consumer = new Consumer<string, string>({
    bootstrapServers: kafka.bootstrapServers,
    transport: kafka.transport,
    clock: kafka.clock,
    groupId: 'billing',
    groupProtocol: protocol,
    key: string,
    value: string,
    autoOffsetReset: 'earliest',
    maxPollIntervalMs: POLL_MS,
    autoCommitIntervalMs: 1000,
    ...ofProtocol,
    ...options,
  })
  closing.push(() => consumer.close({ timeoutMs: 5000 }))
  return consumer
}

/** Record n goes to partition n % PARTITIONS, or to the one that is given. */
async function write(
  from: number,
  count: number,
  { partition, bytes = 0 }: { partition?: number; bytes?: number } = {},
) {
  const { bootstrapServers, transport, clock } = kafka
  // No batch is larger than what a partition may have of an answer: one that is comes whole.
  const producer = new Producer({ bootstrapServers, transport, clock, maxBatchSize: 16_384 })
  const value = (n: number): string => String(n).padEnd(bytes, ' ')
  const records = upTo(count).map(n => ({ ...place(partition ?? (from + n) % PARTITIONS), value: value(from + n) }))
  await kafka.drive(producer.sendAll(records), 'writing')
  await kafka.drive(producer.close(), 'closing the producer')
}

/** Lets time pass until that holds. */
async function until(holds: () => boolean, what: string): Promise<void> {
  for (let passedMs = 0; !holds(); passedMs += 100) {
    if (passedMs > 10 * MINUTE_MS) throw new Error(`${what}: not within ten minutes`)
    await kafka.pass(100)
  }
}

/** Reads on until the consumer is closed; what went wrong is thrown then. */
function readOn(consumer: Consumer<string, string>, seen: number[]): void {
  consumer.subscribe(['orders'])
  const loop = (async (): Promise<void> => {
    for await (const records of consumer.batches()) for (const { value } of records) seen.push(Number(value))
  })()
  loop.catch(() => {})
  closing.push(() => loop)
}

async function committed(): Promise<number[]> {
  const reader = member('classic')
  const offsets = await kafka.drive(reader.committed(upTo(PARTITIONS).map(place)), 'reading what is committed')
  return offsets.map(each => Number(each?.offset ?? 0n))
}

const countOf = (consumer: Consumer<string, string>): number => consumer.metrics().assignedPartitions

describe.each(protocols)('in a %s group', protocol => {
  test('stall after a rebalance: who stays and who comes read on, again and again', async () => {
    const seen: number[] = []
    const stays = member(protocol)
    readOn(stays, seen)
    await until(() => countOf(stays) === PARTITIONS, 'the first member has everything')
    for (const round of upTo(4)) {
      const guest = member(protocol)
      readOn(guest, seen)
      await until(() => countOf(stays) === 2 && countOf(guest) === 2, 'both have a share')
      await write(round * 80, 40)
      await until(() => seen.length >= round * 80 + 40, 'both have read')
      await kafka.drive(guest.close(), 'closing the guest')
      await until(() => countOf(stays) === PARTITIONS, 'the first member has everything again')
      await write(round * 80 + 40, 40)
      await until(() => seen.length >= round * 80 + 80, 'the first member has read')
    }
    expect(sorted(seen)).toEqual(upTo(320))
  })

  test('commit before processing: a crash in the middle of a handler loses nothing', async () => {
    await write(0, 40)
    const crashes = member(protocol)
    crashes.subscribe(['orders'])
    const begun: number[] = []
    // It never ends: as if the process died with it. Everything else in the process goes on, commits too.
    const running = crashes.run(
      ({ value }) => {
        begun.push(Number(value))
        return begun.length > 10 ? new Promise<void>(() => {}) : undefined
      },
      { drainTimeoutMs: 100 },
    )
    running.catch(() => {})
    await until(() => begun.length === 11, 'the handler is stuck')
    await kafka.pass(3000)
    expect((await committed()).reduce((sum, offset) => sum + offset, 0)).toBe(10)
    await kafka.drive(crashes.close({ timeoutMs: 1000 }), 'closing')
    const seen: number[] = []
    readOn(member(protocol), seen)
    await until(() => seen.length >= 30, 'the next one has read')
    expect(sorted([...begun.slice(0, 10), ...seen])).toEqual(upTo(40))
  })

  test('commit before processing: what a loop was handed and has not come back for is not committed', async () => {
    await write(0, 40)
    const consumer = member(protocol)
    consumer.subscribe(['orders'])
    const loop = consumer[Symbol.asyncIterator]()
    const first = await kafka.drive(loop.next(), 'the first record')
    const second = await kafka.drive(loop.next(), 'the second record')
    expect([first.done, second.done]).toEqual([false, false])
    await kafka.drive(consumer.close(), 'closing')
    expect((await committed()).reduce((sum, offset) => sum + offset, 0)).toBe(1)
  })

  test('heartbeat starvation: a handler that takes two sessions costs no membership and no record', async () => {
    await write(0, 8)
    const slow = member(protocol)
    const lost: number[] = []
    const generations = new Set<number>()
    slow.subscribe(['orders'], {
      onPartitionsLost: places => void lost.push(places.length),
      onPartitionsAssigned: () => void generations.add(slow.groupMetadata().generationId),
    })
    const handled: number[] = []
    const running = slow.run(async ({ value }) => {
      await kafka.clock.sleep(2 * SESSION_MS)
      handled.push(Number(value))
    })
    closing.push(() => running)
    await until(() => handled.length === 8, 'everything is handled')
    expect([sorted(handled), lost, generations.size]).toEqual([upTo(8), [], 1])
    await kafka.pass(2000)
    expect(await committed()).toEqual([2, 2, 2, 2])
  })

  test('one slow partition: the others are read, handled and committed beside it', async () => {
    await write(0, 400)
    const consumer = member(protocol)
    consumer.subscribe(['orders'])
    const handled = new Map<number, number>()
    let goOn = (): void => {}
    const running = consumer.run(
      ({ partition }) => {
        if (partition === 0 && !handled.has(0)) {
          handled.set(0, 0)
          return new Promise<void>(resolve => (goOn = resolve))
        }
        handled.set(partition, (handled.get(partition) ?? 0) + 1)
        return undefined
      },
      { concurrency: 2 },
    )
    closing.push(() => running)
    await until(() => [1, 2, 3].every(partition => handled.get(partition) === 100), 'the others are handled')
    await kafka.pass(2000)
    expect(await committed()).toEqual([0, 100, 100, 100])
    expect(consumer.health().partitions.map(({ state }) => state)).toEqual([
      'handling',
      'fetching',
      'fetching',
      'fetching',
    ])
    goOn()
    await until(() => handled.get(0) === 99, 'the slow one is handled too')
  })

  test('zombie commit: who was away too long commits nothing over what others have done since', async () => {
    await write(0, 40)
    const zombie = member(protocol, { enableAutoCommit: false })
    const lost: number[] = []
    zombie.subscribe(['orders'], { onPartitionsLost: places => void lost.push(places.length) })
    const records = await kafka.drive(zombie.poll(5000), 'the zombie reads')
    expect(records.isEmpty).toBe(false)
    // It is at its records for longer than it may, and somebody else takes over.
    const heir = member(protocol)
    const seen: number[] = []
    readOn(heir, seen)
    await until(() => seen.length >= 40, 'the heir has read everything')
    await kafka.pass(3000)
    const before = await committed()
    expect(before).toEqual([10, 10, 10, 10])
    const places = upTo(PARTITIONS).map(partition => ({ ...place(partition), offset: 1n }))
    const refused = (await kafka.drive(
      zombie.commitSync(places).catch((error: unknown) => error),
      'the zombie commits',
    )) as KafkaError
    expect(refused).toBeInstanceOf(CommitFailedError)
    // Which of the two has noticed first, the member or the coordinator, is not said here.
    expect(refused.message).toMatch(/not poll(ed)? for at least (29|3\d)\d\d\d ms.*maxPollIntervalMs.*30000 ms/)
    expect(await committed()).toEqual(before)
    await kafka.drive(zombie.poll(1000), 'the zombie is back')
    expect(lost).toEqual([PARTITIONS])
  })

  test('unbounded memory: while a handler is stuck for a minute, no more is fetched than may be buffered', async () => {
    const limitBytes = 200_000
    await write(0, 400, { bytes: 10_000 })
    const consumer = member(protocol, {
      fetchBufferBytes: limitBytes,
      maxPartitionFetchBytes: 50_000,
      maxPollIntervalMs: 10 * MINUTE_MS,
    })
    consumer.subscribe(['orders'])
    let goOn = (): void => {}
    let isStuck = true
    const handled: number[] = []
    const running = consumer.run(
      async ({ value }) => {
        if (isStuck) await new Promise<void>(resolve => (goOn = resolve))
        isStuck = false
        handled.push(Number(value))
      },
      { concurrency: 1 },
    )
    closing.push(() => running)
    await until(() => consumer.metrics().recordsConsumed > 0, 'the handler is stuck')
    let most = 0
    for (const _ of upTo(60)) {
      await kafka.pass(1000)
      most = Math.max(most, consumer.metrics().bufferedBytes)
    }
    expect(most).toBeGreaterThan(0)
    expect(most).toBeLessThanOrEqual(limitBytes)
    // What it has taken out of the buffer and not begun has a limit of its own.
    const { bytesFetched } = consumer.metrics()
    expect(bytesFetched).toBeLessThanOrEqual(2 * limitBytes)
    goOn()
    await until(() => handled.length === 400, 'everything is handled')
  })

  test('unbounded memory: while nobody polls for a minute, no more is fetched than may be buffered', async () => {
    const limitBytes = 200_000
    await write(0, 400, { bytes: 10_000 })
    const consumer = member(protocol, {
      fetchBufferBytes: limitBytes,
      maxPartitionFetchBytes: 50_000,
      maxPollRecords: 1,
      maxPollIntervalMs: 10 * MINUTE_MS,
    })
    consumer.subscribe(['orders'])
    await kafka.drive(consumer.poll(5000), 'the first record')
    await kafka.pass(MINUTE_MS)
    const { bufferedBytes, bytesFetched } = consumer.metrics()
    expect(bufferedBytes).toBeGreaterThan(0)
    expect(bytesFetched).toBeLessThanOrEqual(limitBytes)
  })
})

/** What a broker answers to a stale epoch is in group.test.ts of the consumer; here is what makes epochs stale. */
describe('stale epoch', () => {
  test('offsets that cannot be had while epochs move on are asked for again, never guessed', async () => {
    await write(0, 40)
    const before = member('consumer')
    const seen: number[] = []
    readOn(before, seen)
    await until(() => seen.length === 40, 'everything is read')
    await kafka.drive(before.close(), 'closing')
    await write(40, 4)
    // Brokers have moved the epoch on, and the member does not know it.
    kafka.broker.faults.add({ api: 'ConsumerGroupHeartbeat', disconnect: 'after', times: 3 })
    const lost = kafka.broker.faults.add({ api: 'OffsetFetch', disconnect: 'before', times: 4 })
    // A guess would lose these four, or give the forty before them twice.
    const [first, second] = [
      member('consumer', { autoOffsetReset: 'latest' }),
      member('consumer', { autoOffsetReset: 'latest' }),
    ]
    const later: number[] = []
    for (const each of [first, second]) readOn(each, later)
    await until(() => countOf(first) === 2 && countOf(second) === 2, 'both have a share')
    await until(() => later.length >= 4, 'both have read')
    await kafka.pass(2000)
    expect([sorted(later), lost.hits]).toEqual([[40, 41, 42, 43], 4])
  })

  test('a commit that the next epoch overtakes reaches the group all the same', async () => {
    await write(0, 40)
    const [first, second] = [
      member('consumer', { enableAutoCommit: false }),
      member('consumer', { enableAutoCommit: false }),
    ]
    const seen: number[] = []
    readOn(second, seen)
    first.subscribe(['orders'])
    let isShared = false
    while (!isShared) {
      await kafka.drive(first.poll(100), 'reading')
      isShared = countOf(first) === 2 && countOf(second) === 2
    }
    const epoch = first.groupMetadata().generationId
    // Its partitions are the first one's as soon as it has left, without a word of the application.
    await kafka.drive(second.close(), 'closing the second')
    const lost = kafka.broker.faults.add({ api: 'ConsumerGroupHeartbeat', disconnect: 'after', times: 1 })
    await kafka.drive(lost.wait(), 'the coordinator moves the epoch on, and its answer is lost')
    const [own] = first.assignment()
    await kafka.drive(first.commitSync([{ ...place(own?.partition ?? 0), offset: 7n }]), 'committing')
    await kafka.pass(3000)
    expect(first.groupMetadata().generationId).toBeGreaterThan(epoch)
    expect((await committed())[own?.partition ?? 0]).toBe(7)
  })
})
