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
}

let broker: Broker

beforeAll(async () => {
  const topics = { orders: { partitions: 6 }, invoices: { partitions: 6 }, greetings: { partitions: 3 } }
  broker = await createBroker({ port: 0, topics })
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
