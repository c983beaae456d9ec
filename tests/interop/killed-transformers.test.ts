/**
 * Programs that consume, transform and produce in transactions, one for each client, killed in the middle of transactions
 * time and again, and once with the broker killed as well. All are judged alike: every record that was there to be read is
 * written exactly once, in order, the group is at the end, and nothing is left open.
 */
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { createBroker } from '@samsa/broker'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { compileJava } from '../../scripts/java-program.mjs'
import { KafkaProcess } from '../differential/kafka-process.js'
import { BrokerProcess } from './broker-process.js'
import { loadsForeignClient, nodeForPlatformatic } from './foreign-client.js'
import { mustRun } from './program.js'
import { type TemporaryFolder, temporaryFolder } from './temporary-folder.js'
import { wholeHistory, writtenTo } from './transaction-judge.js'
import { TransformScene } from './transform-scene.js'
import { type Halt, nodeTransformer, type TransformCommand, type TransformJob } from './transformer.js'

const LAUNCHER = process.env['SAMSA_KAFKA_BIN'] ?? ''
const TIMEOUT_MS = 240_000
const WITHIN = { timeout: 30_000, interval: 50 }

/** Long enough for a machine that is busy; only a client that cannot take over waits for it. */
const TRANSACTION_TIMEOUT_MS = 60_000
const ORPHAN_TIMEOUT_MS = 4000
const PROPERTIES = [
  'transaction.abort.timed.out.transaction.cleanup.interval.ms=100',
  'group.initial.rebalance.delay.ms=0',
  'transaction.state.log.num.partitions=3',
  'offsets.topic.num.partitions=3',
]

const KILLS: readonly Halt[] = [
  { at: 'sent', after: 2 },
  { at: 'offsets', after: 1 },
  { at: 'commit', after: 3 },
  { at: 'sent', after: 0 },
  { at: 'commit', after: 0 },
]

/** A program that lives for seconds does not win back what the better compiler takes. */
const SHORT_LIFE = ['-XX:TieredStopAtLevel=1', '-XX:+UseSerialGC', '-Xmx256m']

interface Client {
  readonly name: string
  /** What is not installed here. */
  readonly missing: string
  readonly resumes: boolean
  command(): Promise<TransformCommand | undefined>
}

interface Subject {
  readonly address: string
  /** SIGKILL, and a new process on the same port with what the first has left. */
  restart?(): Promise<void>
  stop(): Promise<void>
}

const OURS = clientOf('@samsa/producer with @samsa/consumer', '', () => nodeTransformer('samsa', process.execPath))

const CLIENTS: readonly Client[] = [
  OURS,
  clientOf('kafkajs', loadsForeignClient('kafkajs') ? '' : 'scripts/interop-install kafkajs', () =>
    nodeTransformer('kafkajs', process.execPath),
  ),
  clientOf('node-rdkafka', loadsForeignClient('node-rdkafka') ? '' : 'scripts/interop-install node-rdkafka', () =>
    nodeTransformer('node-rdkafka', process.execPath),
  ),
  { ...platformatic(nodeForPlatformatic()), resumes: false },
]

let java: TransformCommand | undefined
let classes: TemporaryFolder | undefined

const JAVA: Client = { name: 'Java', missing: LAUNCHER === '' ? 'SAMSA_KAFKA_BIN' : '', resumes: true, command: ofJava }

describe.each([...CLIENTS, JAVA])('$name', client => {
  describe.skipIf(client.missing !== '')(
    client.missing === '' ? 'on the bundled broker' : `on the bundled broker (needs ${client.missing})`,
    () => {
      outlivesKills(client, ownBroker)
    },
  )
})

describe.each([OURS, JAVA])('$name, and a broker of the older protocol', client => {
  describe.skipIf(client.missing !== '')(
    client.missing === '' ? 'the bundled one as Kafka 3.9' : `the bundled one as Kafka 3.9 (needs ${client.missing})`,
    () => {
      outlivesKills(client, olderBroker)
    },
  )
})

describe.skipIf(LAUNCHER === '')('ours on a real Kafka (needs SAMSA_KAFKA_BIN)', () => {
  describe('with transaction.version 2', () => {
    outlivesKills(OURS, () => realKafka(2))
  })
  describe('with transaction.version 1', () => {
    outlivesKills(OURS, () => realKafka(1))
  })
})

function outlivesKills({ command, resumes }: Client, start: () => Promise<Subject>): void {
  let subject: Subject

  beforeAll(async () => {
    subject = await start()
  }, TIMEOUT_MS)

  afterAll(() => subject?.stop(), TIMEOUT_MS)

  test('killed in the middle of transactions, it gets every record across exactly once', {
    timeout: TIMEOUT_MS,
  }, async context => {
    const program = await command()
    if (program === undefined) return context.skip('there is no Java compiler')
    const { address } = subject
    const transactionTimeoutMs = resumes ? TRANSACTION_TIMEOUT_MS : ORPHAN_TIMEOUT_MS
    const scene = await TransformScene.open({ address, command: program, resumes, transactionTimeoutMs })
    try {
      for (const halt of KILLS) {
        await scene.begin(halt).reaches('halted')
        if (halt.at !== 'commit') expect(await scene.state()).toBe('Ongoing')
        await scene.kill()
        expect(await scene.flaws()).toEqual([])
      }
      if (subject.restart !== undefined) {
        await scene.begin({ at: 'offsets', after: 1 }).reaches('halted')
        await subject.restart()
        await expect
          .poll(() => scene.state(), WITHIN)
          .toEqual(resumes ? 'Ongoing' : expect.stringMatching(/Ongoing|Abort/))
        await scene.kill()
        expect(await scene.flaws()).toEqual([])
        await scene.begin().reaches('committed', 2)
        await subject.restart()
      }
      await scene.finish()
      await expect.poll(() => scene.history(), WITHIN).toEqual(wholeHistory(scene.transformation))
      const { input, outputs } = scene.transformation
      const visible = input.flat().length * outputs.length
      // Behind the records that count lie those that were cut off, and markers.
      expect(await writtenTo(address, scene.transformation)).toBeGreaterThan(visible)
    } finally {
      await scene.end()
    }
  })
}

function clientOf(name: string, missing: string, command: () => TransformCommand): Client {
  return { name, missing, resumes: true, command: async () => command() }
}

function platformatic(node: string | undefined): Client {
  const needs = 'scripts/interop-install platformatic, and Node 22.22 or newer'
  return clientOf('@platformatic/kafka', node === undefined ? needs : '', () =>
    nodeTransformer('platformatic', node ?? ''),
  )
}

/** Compiled once for all. */
async function ofJava(): Promise<TransformCommand | undefined> {
  if (java !== undefined) return java
  classes = temporaryFolder()
  const source = fileURLToPath(new URL('java-transformer.java', import.meta.url))
  const program = compileJava(LAUNCHER, {
    source,
    mainClass: 'JavaTransformer',
    folder: classes.path,
    options: SHORT_LIFE,
  })
  if (program === undefined) return undefined
  java = job => [...program, ...javaArguments(job)]
  return java
}

afterAll(() => classes?.remove())

function javaArguments({ address, topic, outputs, halt, ...job }: TransformJob): string[] {
  const { groupId, transactionalId, transactionTimeoutMs, most } = job
  const rest = halt === undefined ? [] : [halt.at, halt.after]
  return [address, topic, outputs.join(','), groupId, transactionalId, transactionTimeoutMs, most, ...rest].map(String)
}

async function ownBroker(): Promise<Subject> {
  const folder = temporaryFolder()
  const options = { dataDir: join(folder.path, 'data'), properties: PROPERTIES }
  let broker = await BrokerProcess.start(options)
  const { address } = broker
  return {
    address,
    restart: async () => {
      await broker.kill()
      broker = await BrokerProcess.start({ ...options, port: Number(address.split(':')[1]) })
    },
    stop: async () => {
      await broker.kill()
      folder.remove()
    },
  }
}

async function olderBroker(): Promise<Subject> {
  const properties = Object.fromEntries(PROPERTIES.map(property => property.split('=')))
  const broker = await createBroker({ port: 0, properties, release: '3.9' })
  return { address: broker.bootstrapServers, stop: () => broker.close() }
}

async function realKafka(level: number): Promise<Subject> {
  const kafka = await KafkaProcess.start(LAUNCHER, PROPERTIES)
  if (level === 1) {
    const feature = ['downgrade', '--feature', 'transaction.version=1']
    await mustRun(LAUNCHER, ['tool', 'kafka-features', '--bootstrap-server', kafka.address, ...feature])
  }
  return kafka
}
