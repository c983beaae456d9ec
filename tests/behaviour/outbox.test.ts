/**
 * The relay of an outbox, against a broker: the bundled one, or any running Kafka that SAMSA_KAFKA=host:port names. Relays die at
 * every step and others take their place.
 */
import { randomUUID } from 'node:crypto'
import { type MemoryStore, type MemoryTx, memoryStore, type Outbox, outbox, type RelayOptions } from '@samsa/eos'
import { armFailpoint, disarmFailpoint, type FailpointName } from '@samsa/eos/internal'
import { KafkaError } from '@samsa/runtime'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
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
    const values = await kafka.readCommitted(topic, 0)
    expect(inOrder([...new Set(values)])).toEqual(upTo(60))
    if (mode === 'exactly-once') expect(values).toHaveLength(60)
    const firsts = [...new Set(values)].map(Number)
    for (const key of [0, 1, 2]) {
      const ofKey = firsts.filter(n => n % 3 === key)
      expect(ofKey).toEqual([...ofKey].sort((one, other) => one - other))
    }
  })
})
