/**
 * Exactly once over a broker in trouble: answers that are lost behind what was done, ends of transactions and commits of offsets
 * that come late or twice, coordinators that move, groups that rebalance between any two requests, producers that nobody knows
 * any more. Seeds draw what happens; the money and the history are judged. SAMSA_TROUBLE_SEEDS and SAMSA_TROUBLE_FIRST change
 * how many and from which.
 */
import { createTestBroker, type FaultRule, type TestBroker } from '@samsa/broker/testing'
import { memoryStore } from '@samsa/eos'
import { checkHistory, type HistoryEvent, recordHistory } from '@samsa/eos/history'
import { SeededRandom } from '@samsa/runtime'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { proofSize } from '../proof-size.js'
import { play, type Trouble } from './matrix/lives.js'
import { legsTopic } from './matrix/schemes.mjs'

const SEEDS = proofSize('SAMSA_TROUBLE_SEEDS', 2)
const FIRST = Number(process.env['SAMSA_TROUBLE_FIRST'] ?? 1)
const MS_PER_SEED = 60_000
const WORKER = 'worker'
const NODES = 2

const schemes = ['dedup', 'offsets', 'relay exactly once', 'transactional loop', 'loop with ids']

/** What may be done to requests of the worker. */
const rules: readonly FaultRule[] = [
  { api: 'Produce', disconnect: 'after' },
  { api: 'Produce', duplicate: true },
  { api: 'Produce', error: 'UNKNOWN_PRODUCER_ID' },
  { api: 'EndTxn', disconnect: 'after' },
  { api: 'EndTxn', delayMs: 200 },
  { api: 'EndTxn', duplicate: true },
  { api: 'EndTxn', drop: true },
  { api: 'EndTxn', error: 'COORDINATOR_LOAD_IN_PROGRESS', after: true },
  { api: 'TxnOffsetCommit', disconnect: 'after' },
  { api: 'TxnOffsetCommit', delayMs: 200 },
  { api: 'TxnOffsetCommit', error: 'ILLEGAL_GENERATION' },
  { api: 'TxnOffsetCommit', error: 'NOT_COORDINATOR', after: true },
  { api: 'InitProducerId', disconnect: 'after' },
  { api: 'InitProducerId', error: 'CONCURRENT_TRANSACTIONS' },
  { api: 'OffsetCommit', disconnect: 'after' },
  { api: 'OffsetCommit', error: 'REBALANCE_IN_PROGRESS' },
  { api: 'OffsetFetch', error: 'UNSTABLE_OFFSET_COMMIT' },
  { api: 'Heartbeat', error: 'REBALANCE_IN_PROGRESS' },
  { api: 'Heartbeat', error: 'UNKNOWN_MEMBER_ID' },
  { api: 'JoinGroup', disconnect: 'after' },
  { api: 'SyncGroup', error: 'REBALANCE_IN_PROGRESS' },
  { api: 'Fetch', disconnect: 'after' },
  { api: 'ListOffsets', error: 'NOT_LEADER_OR_FOLLOWER' },
]
const RULES_PER_LIFE = 6
const LONGEST_PAUSE_MS = 400

let kafka: TestBroker
const moves = new Set<NodeJS.Timeout>()

beforeEach(async () => {
  kafka = await createTestBroker({
    nodes: NODES,
    properties: {
      'group.initial.rebalance.delay.ms': '0',
      'offsets.topic.num.partitions': '2',
      'transaction.state.log.num.partitions': '2',
    },
  })
})

afterEach(async () => {
  for (const move of moves) clearTimeout(move)
  await kafka.close()
})

/** Some rules at once, each for a request or two, and coordinators that move in the middle of it. */
function troubleOf(random: SeededRandom, events: HistoryEvent[]): Trouble & { readonly told: string[] } {
  const told: string[] = []
  const begin = (topic: string): void => {
    kafka.faults.clear()
    for (let left = RULES_PER_LIFE; left > 0; left--) {
      const rule = rules[random.integer(0, rules.length)]
      if (rule === undefined) continue
      const times = random.integer(1, 3)
      told.push(JSON.stringify({ ...rule, times }))
      kafka.faults.add({ ...rule, clientId: WORKER, times })
    }
    for (const type of ['group', 'transaction'] as const) {
      const node = random.integer(1, NODES + 1)
      const move = setTimeout(() => kafka.moveCoordinator(type, topic, node), random.integer(0, LONGEST_PAUSE_MS))
      moves.add(move)
    }
  }
  return {
    told,
    begin,
    client: { clientId: WORKER, requestTimeoutMs: 1_000, retryBackoffMs: 5, retryBackoffMaxMs: 50 },
    history: recordHistory({ to: line => events.push(JSON.parse(line)), name: 'h' }),
  }
}

test.each(schemes)(
  `%s, over ${SEEDS} kinds of trouble`,
  async scheme => {
    for (let seed = FIRST; seed < FIRST + SEEDS; seed++) {
      const events: HistoryEvent[] = []
      const trouble = troubleOf(new SeededRandom(`trouble ${scheme} ${seed}`), events)
      const isOfKafka = scheme.includes('loop')
      const place = isOfKafka ? { kind: 'kafka' } : { kind: 'memory', opened: memoryStore() }
      const problems = await play(kafka, { scheme, place, steps: [], seed: `trouble ${seed}`, trouble })
      kafka.faults.clear()
      const topic = String(events.find(event => event.op === 'send')?.topic)
      const consumer = { bootstrapServers: kafka.bootstrapServers }
      // With ids some records have no output, and rightly so.
      const copied = scheme === 'transactional loop' ? [topic] : []
      const left = { consumer, topics: [topic, legsTopic(topic)], groups: isOfKafka ? [topic] : [], copied }
      await trouble.history.left(left)
      const { anomalies } = checkHistory(events)
      const found = anomalies.map(({ kind, text }) => `${kind}: ${text}`)
      expect([...problems, ...found], `SAMSA_TROUBLE_FIRST=${seed}\n${trouble.told.join('\n')}`).toEqual([])
    }
  },
  30_000 + SEEDS * MS_PER_SEED,
)
