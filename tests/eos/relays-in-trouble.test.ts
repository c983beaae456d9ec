/**
 * Relays of an outbox under trouble that seeds draw: relays start, end and fail at any step, answers and connections of the broker
 * are lost, and rows become visible late and out of order. Every record is seen, once where that is promised.
 * SAMSA_EOS_TROUBLE_SEEDS and SAMSA_EOS_TROUBLE_FIRST change how many seeds and from which. A seed draws what happens, not the instant at
 * which it strikes: that is the machine's.
 */
import { createTestBroker, type FaultRule, type TestBroker } from '@samsa/broker/testing'
import { Connection, connectTcp, parseAddress } from '@samsa/client'
import { memoryStore, outbox, type RelayOptions, type WaitingRecord } from '@samsa/eos'
import { armFailpoint, disarmFailpoint, type FailpointName } from '@samsa/eos/internal'
import { SeededRandom } from '@samsa/runtime'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { alteredStore } from '../behaviour/altered-store.js'
import { committedRecords } from '../behaviour/committed-records.js'
import { eventually } from '../behaviour/eventually.js'
import { proofSize } from '../proof-size.js'

const SEEDS = proofSize('SAMSA_EOS_TROUBLE_SEEDS', 2)
const FIRST = Number(process.env['SAMSA_EOS_TROUBLE_FIRST'] ?? 1)
const MS_PER_SEED = 60_000
const ROUNDS = 20
const RECORDS_PER_ROUND = 10
const KEYS = 5
const LANES = 3
const STEPS: readonly FailpointName[] = [
  'relay.afterRead',
  'relay.afterSend',
  'relay.afterAck',
  'relay.afterCommit',
  'relay.afterRemove',
]

let kafka: TestBroker
let connection: Connection

beforeAll(async () => {
  kafka = await createTestBroker()
  connection = new Connection(await connectTcp(parseAddress(kafka.bootstrapServers)), { clientId: 'reader' })
})

afterAll(async () => {
  connection.close()
  await kafka.close()
})

afterEach(() => {
  disarmFailpoint()
  kafka.faults.clear()
})

function trouble(random: SeededRandom): FaultRule {
  const clientId = 'relay'
  if (random.next() < 0.2) return { api: 'EndTxn', drop: true, clientId }
  const api = ['EndTxn', 'Produce', 'InitProducerId', 'ListOffsets', 'Fetch'][random.integer(0, 5)] ?? 'EndTxn'
  return { api, disconnect: random.next() < 0.5 ? 'before' : 'after', clientId }
}

/** The values that a reader of committed records sees in the end. */
async function relayed(seed: number, mode: RelayOptions['mode']): Promise<readonly number[]> {
  const random = new SeededRandom(`relays ${seed} ${mode}`)
  const topic = `relays-${seed}-${mode}`
  const store = memoryStore()
  // Their transactions are not committed yet, as far as a relay can see.
  const hidden = new Set<string>()
  const seen = ({ id }: WaitingRecord): boolean => !hidden.has(id)
  const box = outbox(
    alteredStore(store, {
      readOutbox: async (lane, limit) => (await store.readOutbox(lane, 10_000)).filter(seen).slice(0, limit),
    }),
    { name: topic, lanes: LANES },
  )
  const options: RelayOptions = {
    mode,
    producer: {
      bootstrapServers: kafka.bootstrapServers,
      clientId: 'relay',
      retryBackoffMs: 5,
      requestTimeoutMs: 1_000,
      maxBlockMs: 500,
    },
    ...{ batch: 7, pollIntervalMs: 3, leaseMs: 150, retryBackoffMs: 2, retryBackoffMaxMs: 20 },
  }
  const relays: { readonly end: AbortController; readonly running: Promise<void> }[] = []
  const start = (): void => {
    const end = new AbortController()
    relays.push({ end, running: box.relay(options).run({ signal: end.signal }) })
  }
  start()
  start()
  for (let round = 0; round < ROUNDS; round++) {
    const numbers = Array.from({ length: RECORDS_PER_ROUND }, (_, index) => round * RECORDS_PER_ROUND + index)
    await store.transaction(tx =>
      box.put(
        tx,
        numbers.map(n => ({ topic, key: `k${n % KEYS}`, value: String(n) })),
      ),
    )
    for (let lane = 0; lane < LANES; lane++) {
      const waiting = await store.readOutbox({ box: topic, lane }, 10_000)
      for (const { id } of waiting) if (random.next() < 0.1) hidden.add(id)
    }
    if (random.next() < 0.5) {
      armFailpoint(STEPS[random.integer(0, STEPS.length)] ?? 'relay.afterRead', random.integer(1, 4), () => {
        throw new Error('on purpose')
      })
    }
    if (random.next() < 0.4) kafka.faults.add(trouble(random))
    if (random.next() < 0.2) {
      relays[random.integer(0, relays.length)]?.end.abort()
      start()
    }
    if (random.next() < 0.3) hidden.clear()
    const patience = random.integer(0, 4) * RECORDS_PER_ROUND
    await eventually(async () => ((await box.waiting()).records - hidden.size <= patience ? true : undefined))
  }
  hidden.clear()
  await eventually(async () => ((await box.waiting()).records === 0 ? true : undefined))
  for (const { end } of relays) end.abort()
  await Promise.all(relays.map(({ running }) => running))
  return (await committedRecords(connection, topic, 0)).values.map(Number)
}

const ascending = (numbers: Iterable<number>): number[] => [...numbers].sort((one, other) => one - other)
const ALL = Array.from({ length: ROUNDS * RECORDS_PER_ROUND }, (_, n) => n)
const seeds = Array.from({ length: SEEDS }, (_, index) => FIRST + index)

test.each(seeds)('seed %i: exactly once is once', { timeout: MS_PER_SEED }, async seed => {
  expect(ascending(await relayed(seed, 'exactly-once'))).toEqual(ALL)
})

test.each(seeds)('seed %i: at least once is not less', { timeout: MS_PER_SEED }, async seed => {
  expect(ascending(new Set(await relayed(seed, 'at-least-once')))).toEqual(ALL)
})
