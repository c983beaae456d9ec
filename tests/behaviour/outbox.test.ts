/**
 * The relay of an outbox, against a broker: the bundled one, or any running Kafka that SAMSA_KAFKA=host:port names. Relays die at
 * every step and others take their place.
 */
import { randomUUID } from 'node:crypto'
import { Admin } from '@samsa/client'
import {
  eosMetrics,
  type MemoryStore,
  type MemoryTx,
  memoryStore,
  type Outbox,
  outbox,
  type RelayOptions,
} from '@samsa/eos'
import { armFailpoint, disarmFailpoint, type FailpointName } from '@samsa/eos/internal'
import { Producer } from '@samsa/producer'
import { FencedError, KafkaError } from '@samsa/runtime'
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

type Mode = RelayOptions['mode']
type Box = Outbox<MemoryTx, string, string>

/** As a process that dies: nothing goes on behind it. */
const crash = new KafkaError('on purpose', { code: 'CRASH', fatal: true })

function optionsOf(mode: Mode, more: Partial<RelayOptions> = {}): RelayOptions {
  const producer = { bootstrapServers: kafka.bootstrapServers, retryBackoffMs: 20 }
  return { producer, mode, batch: 10, pollIntervalMs: 10, leaseMs: 300, retryBackoffMs: 10, ...more }
}

function putNumbers(store: MemoryStore, box: Box, topic: string, from: number, to: number): Promise<void> {
  const numbers = Array.from({ length: to - from }, (_, index) => from + index)
  return store.transaction(tx =>
    box.put(
      tx,
      numbers.map(n => ({ topic, key: `k${n % 3}`, value: String(n) })),
    ),
  )
}

/** Relays until nothing waits. */
async function relayAll(box: Box, options: RelayOptions): Promise<void> {
  const end = new AbortController()
  const running = box.relay(options).run({ signal: end.signal })
  const isEmpty = eventually(async () => ((await box.waiting()).records === 0 ? true : undefined))
  await Promise.race([isEmpty, running])
  end.abort()
  await running
}

const upTo = (count: number): string[] => Array.from({ length: count }, (_, index) => String(index))
const inOrder = (values: readonly (string | null)[]): (string | null)[] =>
  [...values].sort((one, other) => Number(one) - Number(other))

function scene(lanes = 2): { store: MemoryStore; box: Box } {
  const store = memoryStore()
  return { store, box: outbox<MemoryTx, string, string>(store, { name: `box-${randomUUID()}`, lanes }) }
}

describe.each<Mode>(['at-least-once', 'exactly-once'])('%s', { timeout: 60_000 }, mode => {
  test('what was put is sent, with its headers and an id', async () => {
    const { store, box } = scene()
    const topic = await kafka.topic(1)
    const headers = { source: 'web' }
    await store.transaction(tx => box.put(tx, { topic, partition: 0, key: 'a', value: 'created', headers }))
    const undone = store.transaction(async tx => {
      await box.put(tx, { topic, key: 'b', value: 'never' })
      throw crash
    })
    await expect(undone).rejects.toBe(crash)
    await relayAll(box, optionsOf(mode))
    const [record, ...more] = await kafka.read(topic, 0)
    expect(more).toEqual([])
    expect(record).toMatchObject({ key: 'a', value: 'created' })
    const found = Object.fromEntries(record?.headers.map(({ key, value }) => [key, value?.toString()]) ?? [])
    expect(found).toMatchObject({ source: 'web', 'outbox-id': expect.stringMatching(/^[0-9a-f-]{36}$/) })
  })

  test.each<FailpointName>([
    'relay.afterRead',
    'relay.afterSend',
    mode === 'at-least-once' ? 'relay.afterAck' : 'relay.afterCommit',
    'relay.afterRemove',
  ])('a relay that dies at %s leaves nothing unsent and nothing out of order', async name => {
    const { store, box } = scene()
    const topic = await kafka.topic(1)
    await putNumbers(store, box, topic, 0, 60)
    armFailpoint(name, 2, () => {
      throw crash
    })
    await expect(relayAll(box, optionsOf(mode))).rejects.toBe(crash)
    await relayAll(box, optionsOf(mode))
    const values = await kafka.readSettled(topic, 0)
    expect(inOrder([...new Set(values)])).toEqual(upTo(60))
    if (mode === 'exactly-once') expect(values).toHaveLength(60)
    const firsts = [...new Set(values)].map(Number)
    for (const key of [0, 1, 2]) {
      const ofKey = firsts.filter(n => n % 3 === key)
      expect(ofKey).toEqual([...ofKey].sort((one, other) => one - other))
    }
  })

  test('a record that is committed late, with a smaller sequence than others, is sent too', async () => {
    const { store, box } = scene(1)
    const topic = await kafka.topic(1)
    await putNumbers(store, box, topic, 0, 30)
    // As a database where transactions run side by side shows it: the first records are not committed yet.
    const late = new Set(['0', '1', '7'])
    const readOutbox: MemoryStore['readOutbox'] = async (lane, limit) => {
      const waiting = await store.readOutbox(lane, 1_000)
      return waiting.filter(({ value }) => !late.has(Buffer.from(value ?? []).toString())).slice(0, limit)
    }
    const slow = outbox<MemoryTx, string, string>(alteredStore(store, { readOutbox }), { name: box.name, lanes: 1 })
    const end = new AbortController()
    const running = slow.relay(optionsOf(mode)).run({ signal: end.signal })
    await eventually(async () => ((await box.waiting()).records === late.size ? true : undefined))
    late.clear()
    await eventually(async () => ((await box.waiting()).records === 0 ? true : undefined))
    end.abort()
    await running
    expect(inOrder(await kafka.readSettled(topic, 0))).toEqual(upTo(30))
  })

  test('of two relays one works and the other stands by, and takes over', async () => {
    const { store, box } = scene(1)
    const topic = await kafka.topic(1)
    const [first, second] = [new AbortController(), new AbortController()]
    const relays = [first, second].map(({ signal }) => box.relay(optionsOf(mode)).run({ signal }))
    await putNumbers(store, box, topic, 0, 20)
    await eventually(async () => ((await box.waiting()).records === 0 ? true : undefined))
    first.abort()
    await relays[0]
    await putNumbers(store, box, topic, 20, 40)
    await eventually(async () => ((await box.waiting()).records === 0 ? true : undefined))
    second.abort()
    await relays[1]
    expect(inOrder(await kafka.readSettled(topic, 0))).toEqual(upTo(40))
  })

  test('a lane of a relay that is gone is taken over when its lease is over', async () => {
    const { store, box } = scene(1)
    const topic = await kafka.topic(1)
    await putNumbers(store, box, topic, 0, 5)
    const gone = { scope: 'outbox', key: JSON.stringify([box.name, 0]), owner: 'gone' }
    expect(await store.claim({ ...gone, leaseMs: 200, ttlMs: 200 })).toMatchObject({ status: 'claimed' })
    const startedAt = performance.now()
    await relayAll(box, optionsOf(mode))
    expect(performance.now() - startedAt).toBeGreaterThan(150)
    expect(inOrder(await kafka.readSettled(topic, 0))).toEqual(upTo(5))
  })

  test('a box in a database that was made anew has sequences of old, and loses nothing by it', async () => {
    const name = `box-${randomUUID()}`
    const topic = await kafka.topic(1)
    for (const from of [0, 10]) {
      const store = memoryStore()
      const box = outbox<MemoryTx, string, string>(store, { name, lanes: 1 })
      await putNumbers(store, box, topic, from, from + 10)
      await relayAll(box, optionsOf(mode))
    }
    expect(inOrder(await kafka.readSettled(topic, 0))).toEqual(upTo(20))
  })

  test('a record that cannot be sent holds up what is behind it, and is seen to wait', async () => {
    const { store, box } = scene(1)
    const topic = await kafka.topic(1, { 'max.message.bytes': '2000' })
    await store.transaction(tx => box.put(tx, { topic, key: 'a', value: 'x'.repeat(5_000) }))
    await store.transaction(tx => box.put(tx, { topic, key: 'a', value: 'behind it' }))
    const end = new AbortController()
    const before = retried()
    const running = box.relay(optionsOf(mode)).run({ signal: end.signal })
    await eventually(async () => (retried() > before + 1 ? true : undefined))
    expect(await box.waiting()).toMatchObject({ records: 2, lanes: [{ lane: 0, records: 2 }] })
    end.abort()
    await running
    expect(await kafka.readSettled(topic, 0)).toEqual([])
  })
})

describe('exactly-once', { timeout: 60_000 }, () => {
  test('where no lane is claimed, one of two relays is fenced, and what both have sent is there once', async () => {
    const { store, box } = scene(1)
    const topic = await kafka.topic(1)
    const end = new AbortController()
    const ended: unknown[] = []
    const running = ['first', 'second'].map(async () => {
      await box
        .relay(optionsOf('exactly-once', { leases: false }))
        .run({ signal: end.signal })
        .catch((error: unknown) => ended.push(error))
    })
    const isEmpty = async (): Promise<true | undefined> => ((await box.waiting()).records === 0 ? true : undefined)
    let count = 0
    for (; ended.length === 0; count += 5) {
      await putNumbers(store, box, topic, count, count + 5)
      await eventually(isEmpty)
    }
    await putNumbers(store, box, topic, count, count + 5)
    await eventually(isEmpty)
    end.abort()
    await Promise.all(running)
    expect(ended).toEqual([expect.any(FencedError)])
    expect(inOrder(await kafka.readSettled(topic, 0))).toEqual(upTo(count + 5))
  })

  test('progress is found behind whatever else is written to its topic', async () => {
    const { store, box } = scene(1)
    const topic = await kafka.topic(1)
    await putNumbers(store, box, topic, 0, 10)
    armFailpoint('relay.afterCommit', 1, () => {
      throw crash
    })
    await expect(relayAll(box, optionsOf('exactly-once'))).rejects.toBe(crash)
    await using producer = new Producer({ bootstrapServers: kafka.bootstrapServers })
    const noise = upTo(150).map(value => ({ topic: `outbox-progress.${box.name}`, partition: 0, key: 'other', value }))
    await producer.sendAll(noise)
    await relayAll(box, optionsOf('exactly-once'))
    expect(inOrder(await kafka.readSettled(topic, 0))).toEqual(upTo(10))
  })

  test('a topic of progress with too few partitions is refused, and one is made that is compacted', async () => {
    const { store, box } = scene(2)
    const progressTopic = await kafka.topic(1)
    const running = box.relay(optionsOf('exactly-once', { progressTopic })).run()
    await expect(running).rejects.toThrow(`${progressTopic} has 1 partitions, and each of 2 lanes needs its own`)
    await putNumbers(store, box, await kafka.topic(1), 0, 10)
    await relayAll(box, optionsOf('exactly-once'))
    expect(await kafka.config(`outbox-progress.${box.name}`, 'cleanup.policy')).toBe('compact')
  })
})

describe('what is not covered, as the table says it', { timeout: 60_000 }, () => {
  const dieAt = (name: FailpointName): void =>
    armFailpoint(name, 1, () => {
      throw crash
    })

  test('at least once, a record is seen again behind a crash, with the id that it had', async () => {
    const { store, box } = scene(1)
    const topic = await kafka.topic(1)
    await putNumbers(store, box, topic, 0, 5)
    dieAt('relay.afterAck')
    await expect(relayAll(box, optionsOf('at-least-once'))).rejects.toBe(crash)
    await relayAll(box, optionsOf('at-least-once'))
    const ids = new Map<string | null, Set<string | undefined>>()
    const records = await kafka.read(topic, 0)
    expect(records).toHaveLength(10)
    for (const { value, headers } of records) {
      const id = headers.find(({ key }) => key === 'outbox-id')?.value?.toString()
      ids.set(value, (ids.get(value) ?? new Set()).add(id))
    }
    expect([...ids.values()].map(({ size }) => size)).toEqual([1, 1, 1, 1, 1])
  })

  test('exactly once, who reads uncommitted records sees those of transactions that were aborted', async () => {
    const { store, box } = scene(1)
    const topic = await kafka.topic(1)
    const narrow = await kafka.topic(1, { 'max.message.bytes': '2000' })
    await putNumbers(store, box, topic, 0, 5)
    let isRefused = true
    // Behind records that are written comes one that cannot be: the transaction is aborted.
    const refusing = alteredStore(store, {
      readOutbox: async (lane, limit) => {
        const waiting = await store.readOutbox(lane, limit)
        const huge = waiting.slice(0, 1).map(row => ({ ...row, id: 'huge', topic: narrow, value: Buffer.alloc(5_000) }))
        return isRefused ? [...waiting, ...huge] : waiting
      },
    })
    const before = retried()
    const end = new AbortController()
    const running = outbox<MemoryTx, string, string>(refusing, { name: box.name, lanes: 1 })
      .relay(optionsOf('exactly-once'))
      .run({ signal: end.signal })
    await eventually(async () => (retried() > before ? true : undefined))
    isRefused = false
    await eventually(async () => ((await box.waiting()).records === 0 ? true : undefined))
    end.abort()
    await running
    expect(inOrder(await kafka.readSettled(topic, 0))).toEqual(upTo(5))
    expect((await kafka.read(topic, 0)).length).toBeGreaterThanOrEqual(10)
  })

  test('exactly once, a progress topic that is deleted while the relay is down lets a batch be seen twice', async () => {
    const { store, box } = scene(1)
    const topic = await kafka.topic(1)
    await putNumbers(store, box, topic, 0, 5)
    dieAt('relay.afterCommit')
    await expect(relayAll(box, optionsOf('exactly-once'))).rejects.toBe(crash)
    await using admin = new Admin({ bootstrapServers: kafka.bootstrapServers })
    const name = `outbox-progress.${box.name}`
    await admin.deleteTopics([name])
    await eventually(async () => ((await admin.listTopics()).every(each => each.name !== name) ? true : undefined))
    await relayAll(box, optionsOf('exactly-once'))
    expect(await kafka.readSettled(topic, 0)).toHaveLength(10)
  })

  test('exactly once, rows that a copy of the database brings back are sent again, but for the last batch', async () => {
    const { store, box } = scene(1)
    const topic = await kafka.topic(1)
    await putNumbers(store, box, topic, 0, 30)
    const copy = await store.readOutbox({ box: box.name, lane: 0 }, 100)
    await relayAll(box, optionsOf('exactly-once'))
    const left = new Map(copy.map(row => [row.id, row]))
    const brought = alteredStore(store, {
      readOutbox: async (_, limit) => [...left.values()].slice(0, limit),
      removeFromOutbox: async (_, rows) => rows.filter(({ id }) => left.delete(id)).length,
      waitingInOutbox: async () => (left.size === 0 ? [] : [{ lane: 0, records: left.size, oldestAgeMs: 0 }]),
    })
    await relayAll(outbox<MemoryTx, string, string>(brought, { name: box.name, lanes: 1 }), optionsOf('exactly-once'))
    expect(await kafka.readSettled(topic, 0)).toHaveLength(50)
  })
})

const retried = (): number => eosMetrics().outbox?.retried ?? 0
