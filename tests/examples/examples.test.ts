/**
 * Every example runs against the bundled broker, and says what its readers expect.
 */
import { readdirSync } from 'node:fs'
import { type Broker, createBroker } from '@samsa/broker'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'

const FOLDER = new URL('../../examples/', import.meta.url)

/** The lines that an example writes, whatever their order among records of different partitions. */
const EXPECTED: Readonly<Record<string, readonly RegExp[]>> = {
  producer: [/^written to orders-\d at 0$/, /^written to orders-\d at [01]$/, /^written to orders-\d at [12]$/],
  'custom-partitioner': [
    /^acme: partition 0$/,
    /^globex: partition 1$/,
    /^initech: partition [2-5]$/,
    /^umbrella: partition [2-5]$/,
    /^acme: partition 0$/,
  ],
  interceptor: [/^100 arrived, 1 failed$/],
  'concurrency-by-key': [/^ann: 0, 3, 6$/, /^bob: 1, 4, 7$/, /^cem: 2, 5$/, /^dead letters: 1$/],
  'at-most-once': [/^handled a$/, /^handled b$/, /^handled c$/],
  'at-least-once': [/^auto: 250 c/, /^sync: 250 c/, /^async: 250 c/, /^hundreds: 200 c/],
  'exactly-once-dedup': [/^ann: 40$/, /^bob: 20$/, /^duplicates stopped: 6$/],
  'rebalance-listener': [/^assigned: shifts-0, shifts-1$/, /^revoked: shifts-0, shifts-1$/],
  'custom-assignor': [/^partitions: 0 and 2$/],
  'seek-and-replay': [/: 0, 1, 2, 3, 4$/, /^from offset 3: 3, 4$/, /^from two hours later: 2, 3, 4$/],
  'pause-and-resume': [/^partition 1: a$/, /^partition 1: b$/, /^partition 0: a$/, /^partition 0: b$/],
}

let broker: Broker

beforeAll(async () => {
  const topics = { orders: { partitions: 6 }, invoices: { partitions: 6 }, greetings: { partitions: 3 } }
  const ofConsumers = {
    bookings: { partitions: 3 },
    readings: {},
    deliveries: {},
    payments: {},
    shifts: { partitions: 2 },
    prices: {},
    signals: { partitions: 2 },
    'bookings.dead': {},
  }
  const properties = { 'group.initial.rebalance.delay.ms': '0' }
  broker = await createBroker({ port: 0, topics: { ...topics, ...ofConsumers }, properties })
  vi.stubEnv('BOOTSTRAP_SERVERS', broker.bootstrapServers)
})

afterAll(async () => {
  vi.unstubAllEnvs()
  await broker.close()
})

const examples = readdirSync(FOLDER, { withFileTypes: true })
  .filter(entry => entry.isDirectory() && entry.name !== 'node_modules')
  .map(({ name }) => name)

test.each(examples)('%s', async name => {
  const lines: string[] = []
  const log = vi.spyOn(console, 'log').mockImplementation((...parts: unknown[]) => void lines.push(parts.join(' ')))
  try {
    await import(new URL(`${name}/main.ts`, FOLDER).href)
  } finally {
    log.mockRestore()
  }
  const expected = EXPECTED[name]
  if (expected === undefined) throw new Error(`nothing is expected of the example ${name}: say it in this file`)
  expect(lines).toHaveLength(expected.length)
  expected.forEach((line, index) => {
    expect(lines[index]).toMatch(line)
  })
})
