/**
 * Every example runs against the bundled broker, and says what its readers expect.
 */
import { existsSync, readdirSync } from 'node:fs'
import type { Broker } from '@samsa/broker'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { startBroker } from '../../examples/embedded-broker.js'

const FOLDER = new URL('../../examples/', import.meta.url)

/** The lines that an example writes, whatever their order among records of different partitions. */
const EXPECTED: Readonly<Record<string, readonly RegExp[]>> = {
  producer: [/^written to orders-\d at 0$/, /^written to orders-\d at [01]$/, /^written to orders-\d at [12]$/],
  'ways-to-send': [
    /^awaited: at offset 0$/,
    /^awaited together: 3$/,
    /^awaited, and failed: INVALID_PARTITION$/,
    /^told: 100 delivered, 0 failed$/,
    /^forgotten: 100 arrived all the same$/,
  ],
  'auto-commit': [
    /^a loop over poll\(\): handled 0 to 3, goes on at 10$/,
    /^for await: handled 0 to 3, goes on at 4$/,
    /^run\(\) with retries: handled 0 to 9, goes on at 10$/,
    /^a crash between two commits: handled 0 to 5, goes on at 0$/,
    /^a commit behind each record: handled 0 to 5, goes on at 6$/,
  ],
  'exactly-once-ledger': [
    /^offset 0: t1 moves 30 from ann to bob$/,
    /^offset 1: t1 is there already$/,
    /^offset 2: t2 moves 10 from bob to cem$/,
    /^offset 3: t1 is there already$/,
    /^offset 4: PayloadMismatchError$/,
    /^ann 70, bob 120, cem 110$/,
  ],
  'exactly-once-version': [
    /^c1: applied$/,
    /^c2: applied$/,
    /^c2: stale$/,
    /^c3: conflict$/,
    /^c5: gap$/,
    /^ann@new\.example in version 2$/,
  ],
  'ledger-then-balances': [
    /^brought up to date: 50 entries$/,
    /^brought up to date: 50 entries$/,
    /^duplicates stopped: 100$/,
    /^ann 2500, bob 2450$/,
  ],
  'offsets-in-transaction': [
    /^first process: 40 records$/,
    /^second process: 60 records$/,
    /^1 transaction rolled back$/,
    /^north 2450, south 2500$/,
    /^the database goes on at offset 100$/,
  ],
  'transactional-loop': [
    /^59 results, 59 different ones$/,
    /^the last: basket 59: 177 crowns$/,
    /^a dead letter from offset 33: a basket with -1 pieces$/,
    /^\d+ batches, of which those with the bad one were aborted$/,
  ],
  outbox: [
    /^o2 is refused$/,
    /^3 events wait$/,
    /^told of o1 for 30, o3 for 12, o4 for 7$/,
    /^nothing waits any more$/,
  ],
  'retry-topics': [
    /^to ann, at attempt 1$/,
    /^to bob, at attempt 4$/,
    /^to cem, at attempt 1$/,
    /^to dee, at attempt 1$/,
    /^set aside: \{"id":"m2","to":"nobody"\}, of mails$/,
    /^there is no such address, after 6 attempts$/,
  ],
  'peak-shaving': [
    /^a burst of 400 is stored$/,
    /^400 done by 8 at a time, with never more than 160 waiting: true$/,
    /^paused and resumed on the way$/,
  ],
  'queue-and-broadcast': [/^one group: 20 \+ 20 records, 40 different ones$/, /^two groups: 40 and 40 records$/],
  'order-by-key': [
    /^20 parcels over 4 partitions$/,
    /^each on one: true$/,
    /^each in order: true$/,
    /^up to [2-8] side by side$/,
  ],
  'log-collection': [
    /^3000 lines sent, 0 lost, many a batch$/,
    /^billing\.log: 1000 lines$/,
    /^search\.log: 1000 lines$/,
    /^web\.log: 1000 lines$/,
    /^errors: 30$/,
  ],
  'activity-tracking': [
    /^minute 0 \/: 24$/,
    /^minute 0 \/cart: 12$/,
    /^minute 0 \/shop: 12$/,
    /^minute 0 \/shop\/samovar: 12$/,
    /^minute 1 \/: 12$/,
    /^minute 1 \/cart: 12$/,
    /^minute 1 \/shop: 24$/,
    /^minute 1 \/shop\/samovar: 12$/,
    /^visitor-7: \/ > \/shop > \/shop\/samovar > \/cart > \/ > \/shop > \/shop\/samovar > \/cart > \/ > \/shop$/,
  ],
  'one-address': [
    /^a cluster of 1 broker$/,
    /^written, and acknowledged by all replicas in sync$/,
    /^read back: true$/,
    /^and behind it: 0 records$/,
  ],
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
  'at-least-once': [/^auto: 250 c/, /^sync: 250 c/, /^async: 250 c/, /^hundreds: 200 c/, /^rebalance: 250 c/],
  'exactly-once-dedup': [/^ann: 40$/, /^bob: 20$/, /^duplicates stopped: 6$/],
  'rebalance-listener': [/^assigned: shifts-0, shifts-1$/, /^revoked: shifts-0, shifts-1$/],
  'custom-assignor': [/^partitions: 0 and 2$/],
  'seek-and-replay': [/: 0, 1, 2, 3, 4$/, /^from offset 3: 3, 4$/, /^from two hours later: 2, 3, 4$/],
  'pause-and-resume': [/^partition 1: a$/, /^partition 1: b$/, /^partition 0: a$/, /^partition 0: b$/],
}

let broker: Broker

beforeAll(async () => {
  broker = await startBroker()
  vi.stubEnv('BOOTSTRAP_SERVERS', broker.bootstrapServers)
})

afterAll(async () => {
  vi.unstubAllEnvs()
  await broker.close()
})

const examples = readdirSync(FOLDER).filter(name => existsSync(new URL(`${name}/main.ts`, FOLDER)))

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
