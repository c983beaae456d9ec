/**
 * Members of a group whose offsets are in the database, under trouble that seeds draw: they come, go and fail at any step, and the
 * broker ends connections. Every record is counted once. SAMSA_EOS_TROUBLE_SEEDS and SAMSA_EOS_TROUBLE_FIRST change how many seeds and
 * from which. A seed draws what happens, not the instant at which it strikes: that is the machine's.
 */
import { createTestBroker, type FaultRule, type TestBroker } from '@samsa/broker/testing'
import { Admin } from '@samsa/client'
import { Consumer, string } from '@samsa/consumer'
import { type MemoryTx, memoryStore, offsetsInTransaction } from '@samsa/eos'
import { armFailpoint, disarmFailpoint, type FailpointName } from '@samsa/eos/internal'
import { Producer } from '@samsa/producer'
import { KafkaError, SeededRandom } from '@samsa/runtime'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { eventually } from '../behaviour/eventually.js'
import { proofSize } from '../proof-size.js'

const SEEDS = proofSize('SAMSA_EOS_TROUBLE_SEEDS', 2)
const FIRST = Number(process.env['SAMSA_EOS_TROUBLE_FIRST'] ?? 1)
const MS_PER_SEED = 60_000
const ROUNDS = 20
const RECORDS_PER_ROUND = 20
const PARTITIONS = 4
const STEPS: readonly FailpointName[] = [
  'offsets.afterAcquire',
  'offsets.afterWork',
  'offsets.afterAdvance',
  'tx.beforeCommit',
  'tx.afterCommit',
]
const ENDED: Readonly<Record<Protocol, readonly string[]>> = {
  classic: ['Fetch', 'Heartbeat', 'JoinGroup', 'SyncGroup', 'OffsetCommit'],
  consumer: ['Fetch', 'ConsumerGroupHeartbeat', 'OffsetCommit'],
}

type Protocol = 'classic' | 'consumer'

let kafka: TestBroker

beforeAll(async () => {
  kafka = await createTestBroker({
    properties: {
      'group.initial.rebalance.delay.ms': '0',
      'group.min.session.timeout.ms': '100',
      'group.consumer.min.session.timeout.ms': '100',
      'group.consumer.session.timeout.ms': '1500',
      'group.consumer.min.heartbeat.interval.ms': '10',
      'group.consumer.heartbeat.interval.ms': '50',
    },
  })
})

afterAll(() => kafka.close())

afterEach(() => {
  disarmFailpoint()
  kafka.faults.clear()
})

function trouble(random: SeededRandom, protocol: Protocol): FaultRule {
  const apis = ENDED[protocol]
  const api = apis[random.integer(0, apis.length)] ?? 'Fetch'
  return { api, disconnect: random.next() < 0.5 ? 'before' : 'after', clientId: 'member' }
}

/** Half of them can be tried again in place, the other half are a process that dies. */
function failure(random: SeededRandom): Error {
  return random.next() < 0.5 ? new Error('on purpose') : new KafkaError('on purpose', { code: 'CRASH', fatal: true })
}

/** How often each number was counted. */
async function counted(seed: number, protocol: Protocol): Promise<readonly (number | undefined)[]> {
  const random = new SeededRandom(`owners ${seed} ${protocol}`)
  const topic = `owners-${seed}-${protocol}`
  await using admin = new Admin({ bootstrapServers: kafka.bootstrapServers })
  await admin.createTopics([{ name: topic, partitions: PARTITIONS }])
  const store = memoryStore()
  const given = new Set<string | null>()
  const isCooperative = random.next() < 0.5
  const members: { readonly end: AbortController; readonly lives: Promise<void> }[] = []

  /** One life after the other: what ends a life is what was drawn, and nothing else. */
  const live = async (signal: AbortSignal): Promise<void> => {
    while (!signal.aborted) {
      await using consumer = new Consumer({
        ...{ bootstrapServers: kafka.bootstrapServers, clientId: 'member', groupId: topic, groupProtocol: protocol },
        ...{ value: string, enableAutoCommit: false, autoOffsetReset: 'none', fetchMaxWaitMs: 20, maxPollRecords: 20 },
        ...(protocol === 'classic' ? { heartbeatIntervalMs: 30, sessionTimeoutMs: 1_500 } : {}),
        ...(protocol === 'classic' && isCooperative ? { partitionAssignmentStrategy: ['cooperativeSticky'] } : {}),
      })
      const options = { consumer, store, topics: [topic], batch: 7, onMissing: 'earliest', retryBackoffMs: 2 } as const
      const run = offsetsInTransaction<MemoryTx, unknown, string>(options, (records, { tx }) => {
        for (const { value } of records) {
          tx.set(`n${value}`, (tx.get<number>(`n${value}`) ?? 0) + 1)
          given.add(value)
        }
      }).run({ signal })
      await run.catch((error: unknown) => {
        if (!(error instanceof Error) || !error.message.includes('on purpose')) throw error
      })
    }
  }
  const start = (): void => {
    const end = new AbortController()
    members.push({ end, lives: live(end.signal) })
  }
  start()
  start()
  await using producer = new Producer({ bootstrapServers: kafka.bootstrapServers })
  for (let round = 0; round < ROUNDS; round++) {
    const numbers = Array.from({ length: RECORDS_PER_ROUND }, (_, index) => round * RECORDS_PER_ROUND + index)
    await producer.sendAll(numbers.map(n => ({ topic, partition: n % PARTITIONS, value: String(n) })))
    if (random.next() < 0.5) {
      const error = failure(random)
      armFailpoint(STEPS[random.integer(0, STEPS.length)] ?? 'offsets.afterWork', random.integer(1, 4), () => {
        throw error
      })
    }
    if (random.next() < 0.3) kafka.faults.add(trouble(random, protocol))
    if (random.next() < 0.2) {
      members[random.integer(0, members.length)]?.end.abort()
      start()
    }
    const patience = random.integer(0, 4) * RECORDS_PER_ROUND
    await eventually(async () => (given.size >= (round + 1) * RECORDS_PER_ROUND - patience ? true : undefined))
  }
  disarmFailpoint()
  const counts = (): Promise<(number | undefined)[]> =>
    store.transaction(async tx => ALL.map(n => tx.get<number>(`n${n}`)))
  await eventually(async () => ((await counts()).every(n => n !== undefined) ? true : undefined))
  for (const { end } of members) end.abort()
  await Promise.all(members.map(({ lives }) => lives))
  return await counts()
}

const ALL = Array.from({ length: ROUNDS * RECORDS_PER_ROUND }, (_, n) => n)
const seeds = Array.from({ length: SEEDS }, (_, index) => FIRST + index)

test.each(seeds)('seed %i: members of a classic group count each record once', { timeout: MS_PER_SEED }, async seed => {
  expect(await counted(seed, 'classic')).toEqual(ALL.map(() => 1))
})

test.each(seeds)('seed %i: members of a consumer group do too', { timeout: MS_PER_SEED }, async seed => {
  expect(await counted(seed, 'consumer')).toEqual(ALL.map(() => 1))
})
