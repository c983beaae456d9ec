/**
 * Transactions of clients of others on the bundled broker: librdkafka consumes, transforms and produces; Kafka's own tools
 * produce, read, list, describe, and decode the log that keeps transactions. (kafkajs has its own file.)
 */
import { randomUUID } from 'node:crypto'
import { readdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { Producer, string } from '@samsa/producer'
import { coordinatorPartition } from '@samsa/protocol'
import { describe, expect, test } from 'vitest'
import { committedRecords } from '../behaviour/committed-records.js'
import { BrokerProcess } from './broker-process.js'
import { loadsForeignClient, runClient } from './foreign-client.js'
import { mustRun, runProgram } from './program.js'
import { connectTo, createTopic } from './stored-batches.js'
import { startTarget } from './target.js'
import { temporaryFolder } from './temporary-folder.js'

const LAUNCHER = process.env['SAMSA_KAFKA_BIN'] ?? ''
const TEST_TIMEOUT_MS = 120_000

function base64(text: string): string {
  return Buffer.from(text).toString('base64')
}

describe.skipIf(!loadsForeignClient('node-rdkafka'))(
  'node-rdkafka (needs scripts/interop-install node-rdkafka)',
  { timeout: TEST_TIMEOUT_MS },
  () => {
    test('it consumes, transforms and produces in a transaction', async () => {
      const target = await startTarget()
      try {
        const { address } = target
        const topic = `rdkafka-${randomUUID()}`
        const output = `${topic}-out`
        for (const name of [topic, output]) await createTopic(address, name)
        const records = ['one', 'two', 'three'].map(text => ({ key: null, value: base64(text), headers: [] }))
        await runClient('node-rdkafka', { job: 'produce', address, topic, settings: {}, records })
        const job = { job: 'transform', address, topic, output, groupId: topic, count: records.length }
        expect(await runClient('node-rdkafka', job)).toEqual({ committed: [records.length] })
        const settings = { 'isolation.level': 'read_committed' }
        const seen = await runClient('node-rdkafka', { job: 'consume', address, topic: output, offset: 0, settings })
        const values = (seen as { readonly value: string }[]).map(({ value }) =>
          Buffer.from(value, 'base64').toString(),
        )
        expect(values).toEqual(['one!', 'two!', 'three!'])
      } finally {
        await target.stop()
      }
    })
  },
)

describe.skipIf(LAUNCHER === '')("Kafka's own tools (needs SAMSA_KAFKA_BIN)", { timeout: TEST_TIMEOUT_MS }, () => {
  test('they produce in transactions, read what is committed, list, describe and decode', async () => {
    const folder = temporaryFolder()
    const dataDir = join(folder.path, 'data')
    const broker = await BrokerProcess.start({ dataDir, topics: ['t:1'] })
    const tool = async (name: string, ...args: string[]): Promise<string> => {
      const all = ['tool', name, '--bootstrap-server', broker.address, ...args]
      return String(await mustRun(LAUNCHER, all))
    }
    try {
      const load = ['--topic', 't', '--num-records', '500', '--record-size', '10', '--throughput', '-1']
      const transactional = ['--transactional-id', 'perf', '--transaction-duration-ms', '20']
      await tool('kafka-producer-perf-test', ...load, ...transactional)
      const reader = [
        '--topic',
        't',
        '--from-beginning',
        '--max-messages',
        '500',
        '--isolation-level',
        'read_committed',
      ]
      const read = await tool('kafka-console-consumer', ...reader)
      expect(read.trim().split('\n')).toHaveLength(500)
      expect(await tool('kafka-transactions', 'list')).toMatch(/^perf\s+1\s+\d+\s+CompleteCommit/m)
      const described = await tool('kafka-transactions', 'describe', '--transactional-id', 'perf')
      expect(described).toMatch(/CompleteCommit/)
      await broker.stop()
      const name = `__transaction_state-${coordinatorPartition('perf', 50)}`
      const files = ['--files', join(dataDir, name, `${'0'.repeat(20)}.log`)]
      const dumped = await runProgram(LAUNCHER, ['tool', 'kafka-dump-log', '--transaction-log-decoder', ...files])
      const decoded = String(dumped.output)
      expect(decoded).toContain('"transactionalId":"perf"')
      expect(decoded).not.toMatch(/isvalid: false|could not/i)
    } finally {
      await broker.kill()
      folder.remove()
    }
  })

  test('kafka-transactions finds what its coordinator has forgotten, aborts it, and ends what is open', async () => {
    const folder = temporaryFolder()
    const dataDir = join(folder.path, 'data')
    const properties = ['transaction.state.log.num.partitions=1']
    let broker = await BrokerProcess.start({ dataDir, topics: ['t:1'], properties })
    const tool = async (...args: string[]): Promise<string> => {
      const all = ['tool', 'kafka-transactions', '--bootstrap-server', broker.address, ...args]
      return String(await mustRun(LAUNCHER, all))
    }
    const findHanging = () => tool('find-hanging', '--topic', 't', '--max-transaction-timeout', '0')
    const partition = ['--topic', 't', '--partition', '0']
    const readable = async (): Promise<readonly (string | null)[]> => {
      const connection = await connectTo(broker.address)
      const { values } = await committedRecords(connection, 't', 0).finally(() => connection.close())
      return values
    }
    const producers: Producer<unknown, string>[] = []
    /** Without its end as long as there is a broker: a producer that is closed aborts it. */
    const leaveOpen = async (transactionalId: string): Promise<void> => {
      const producer = new Producer({ bootstrapServers: broker.address, transactionalId, value: string })
      producers.push(producer)
      await producer.transaction(
        transaction => void transaction.send({ topic: 't', value: `committed by ${transactionalId}` }),
      )
      producer.beginTransaction()
      await producer.send({ topic: 't', value: `left open by ${transactionalId}` })
    }
    try {
      await leaveOpen('forgotten')
      expect(await findHanging()).not.toMatch(/^t\s/m)
      await broker.kill()
      for (const file of readdirSync(join(dataDir, '__transaction_state-0'))) {
        if (/^\d/.test(file)) rmSync(join(dataDir, '__transaction_state-0', file))
      }
      broker = await BrokerProcess.start({ dataDir, properties })
      await leaveOpen('remembered')
      expect(await findHanging()).toMatch(/^t\s+0\s+0\s+1\s+-?\d+\s+2\s/m)
      expect(await readable()).toEqual(['committed by forgotten'])
      await tool('abort', ...partition, '--start-offset', '2')
      expect(await findHanging()).not.toMatch(/^t\s/m)
      expect(await readable()).toEqual(['committed by forgotten', 'committed by remembered'])
      expect(await tool('describe-producers', ...partition)).toMatch(/^\d+\s.*\s\d+\s*$/m)
      await tool('forceTerminateTransaction', '--transactionalId', 'remembered')
      expect(await tool('list')).not.toMatch(/Ongoing/)
    } finally {
      await broker.kill()
      await Promise.all(producers.map(producer => producer.close({ timeoutMs: 0 })))
      folder.remove()
    }
  })
})
