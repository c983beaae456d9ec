/**
 * The bundled broker beside a real Kafka: the same sequences of requests to both, and every answer compared. What may
 * differ is in `permitted.ts`, with the reason. The Kafka is started through the launcher that SAMSA_KAFKA_BIN names.
 */
import { apiByKey, apiVersions } from '@samsa/protocol'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { BrokerProcess } from '../interop/broker-process.js'
import { proofSize } from '../proof-size.js'
import { KafkaBarrier } from './kafka-barrier.js'
import { KafkaProcess } from './kafka-process.js'
import { missingCodec } from './missing-codec.js'
import { Peer } from './peer.js'
import { permitted } from './permitted.js'
import { reportOf } from './report.js'
import { runSequences } from './run-all.js'

const LAUNCHER = process.env['SAMSA_KAFKA_BIN'] ?? ''
const USUAL = 3000
const SEQUENCES = proofSize('SAMSA_DIFFERENTIAL_SEQUENCES', USUAL)
const SEED = process.env['SAMSA_DIFFERENTIAL_SEED'] ?? 'kafka'
/** The number of the one sequence to run. */
const ONLY = process.env['SAMSA_DIFFERENTIAL_ONLY']
const MS_PER_SEQUENCE = 200
/**
 * Their answers depend on each other more than chance can tell: `groups.test.ts` and `transactions.test.ts` ask them in
 * sequences of their own.
 */
const OF_COORDINATORS = /Group|^Heartbeat |^Offset(Commit|Fetch|Delete) |Txn|Transactions /

/** Nothing may happen by itself while sequences run, and Kafka's controller need not wait for more to write at once. */
const kafkaProperties = [
  'log.retention.check.interval.ms=36000000',
  'controller.quorum.append.linger.ms=0',
  // Kafka makes room for a whole index when it makes a log.
  'log.index.size.max.bytes=4096',
]
/** What the launcher of the Kafka gives it of its own accord. */
const properties = [
  ...kafkaProperties,
  'node.id=1',
  'auto.create.topics.enable=true',
  'default.replication.factor=1',
  'group.initial.rebalance.delay.ms=0',
  'offsets.topic.replication.factor=1',
  'transaction.state.log.replication.factor=1',
  'transaction.state.log.min.isr=1',
  'share.coordinator.state.topic.replication.factor=1',
  'share.coordinator.state.topic.min.isr=1',
]

let kafka: { readonly address: string; stop(): Promise<void> }
let samsa: BrokerProcess
let barrier: KafkaBarrier

const NEEDS = LAUNCHER === '' ? 'needs SAMSA_KAFKA_BIN' : missingCodec()

describe.skipIf(NEEDS !== undefined)(`beside a real Kafka${NEEDS === undefined ? '' : ` (${NEEDS})`}`, () => {
  beforeAll(async () => {
    const running = process.env['SAMSA_DIFFERENTIAL_KAFKA']
    const start = (): Promise<KafkaProcess> => KafkaProcess.start(LAUNCHER, kafkaProperties)
    kafka = running === undefined ? await start() : { address: running, stop: async () => {} }
    samsa = await BrokerProcess.start({ properties })
    barrier = await KafkaBarrier.connect(kafka.address)
  }, 120_000)

  afterAll(async () => {
    barrier?.close()
    await Promise.all([kafka?.stop(), samsa?.stop()])
  })

  test(
    'every answer to the same requests is the same, or differs where it is permitted',
    async () => {
      const numbers = ONLY === undefined ? Array.from({ length: SEQUENCES }, (_, index) => index) : [Number(ONLY)]
      const addresses = { kafka: kafka.address, samsa: samsa.address }
      const settle = (): Promise<void> => barrier.passed()
      const result = await runSequences({ seed: SEED, numbers, addresses, rules: permitted, settle })
      process.stdout.write(`${result.sequences} sequences, ${result.requests} requests\n`)
      expect(result.failures.map(reportOf).join('\n\n')).toBe('')
      for (const rule of result.unused) process.stdout.write(`not used: ${rule.api}: ${rule.reason}\n`)
      if (numbers.length < USUAL) return
      const served = (await servedVersions(samsa.address)).filter(each => !OF_COORDINATORS.test(each))
      const missing = served.filter(each => !result.covered.has(each))
      expect(missing).toEqual([])
    },
    60_000 + SEQUENCES * MS_PER_SEQUENCE,
  )
})

/** `Fetch 12`, for every version of every API that a broker tells it serves. */
async function servedVersions(address: string): Promise<string[]> {
  const peer = await Peer.connect(address)
  try {
    const { apiKeys } = await peer.ask(apiVersions, 0, {})
    return apiKeys.flatMap(({ apiKey, minVersion, maxVersion }) => {
      const api = apiByKey(apiKey)
      const least = Math.max(minVersion, api?.versions.min ?? 0)
      return Array.from({ length: maxVersion - least + 1 }, (_, index) => `${api?.name} ${least + index}`)
    })
  } finally {
    peer.close()
  }
}
