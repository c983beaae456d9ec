/**
 * What is done to each broker: records in with Java's performance tool and with node-rdkafka, and out again with node-rdkafka,
 * with kcat and with bare Fetch requests. Each load resolves to megabytes a second.
 */
import { execFile, spawn, spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { batchesIn, createTopics, errorByCode, fetch } from '@samsa/protocol'
import { connectTo } from './brokers.mjs'

const FETCH_VERSION = 12
const FETCH_BYTES = 1024 * 1024
const rdkafkaProgram = fileURLToPath(new URL('rdkafka-load.mjs', import.meta.url))
const rdkafkaFolder = fileURLToPath(new URL('../../interop/node-rdkafka/', import.meta.url))

/** `{ name, kind, run(address, topic, volume) }`; those that read find what the first one wrote. */
export function loads(launcher) {
  return [
    ...[16, 256].map(kibibytes => ({
      name: `produce, Java, batches of ${kibibytes} KiB`,
      run: (address, topic, volume) => javaProduce(launcher, address, topic, kibibytes * 1024, volume),
    })),
    ...[16, 256].map(kibibytes => ({
      name: `produce, node-rdkafka, batches of ${kibibytes} KiB`,
      needs: rdkafkaMissing,
      run: (address, topic, volume) =>
        rdkafka({ job: 'produce', address, topic, batchBytes: kibibytes * 1024, ...volume }),
    })),
    {
      name: 'fetch, node-rdkafka',
      reads: true,
      needs: rdkafkaMissing,
      run: (address, topic, volume) => rdkafka({ job: 'fetch', address, topic, ...volume }),
    },
    { name: 'fetch, kcat', reads: true, needs: kcatMissing, run: kcatFetch },
    { name: 'fetch, bare requests of 1 MiB', reads: true, run: bareFetch },
  ]
}

export async function createTopic(address, name, numPartitions = 1, settings = {}) {
  const connection = await connectTo(address)
  const configs = Object.entries(settings).map(([config, value]) => ({ name: config, value }))
  const { topics } = await connection.request(createTopics, 5, {
    topics: [{ name, numPartitions, replicationFactor: 1, assignments: [], configs }],
    timeoutMs: 60_000,
    validateOnly: false,
  })
  connection.close()
  for (const { errorCode } of topics) if (errorCode !== 0) throw new Error(`${name}: ${errorByCode(errorCode).name}`)
}

async function javaProduce(launcher, address, topic, batchBytes, { records, recordBytes }) {
  const settings = [`batch.size=${batchBytes}`, 'linger.ms=5', 'acks=all', 'buffer.memory=67108864']
  const { stdout } = await promisify(execFile)(launcher, [
    ...['tool', 'kafka-producer-perf-test', '--bootstrap-server', address, '--topic', topic, '--throughput', '-1'],
    ...['--num-records', String(records), '--record-size', String(recordBytes)],
    ...['--command-property', ...settings],
  ])
  const summary = stdout.trim().split('\n').at(-1)
  const perSecond = Number(/([\d.]+) records\/sec/.exec(summary)?.[1])
  if (!summary?.startsWith(`${records} records sent`)) throw new Error(`the performance tool ended with: ${summary}`)
  return (perSecond * recordBytes) / 1e6
}

async function rdkafka(job) {
  const { stdout } = await promisify(execFile)(process.execPath, [rdkafkaProgram, JSON.stringify(job)])
  return JSON.parse(stdout).megabytesPerSecond
}

async function kcatFetch(address, topic, { records, recordBytes }) {
  const startedAt = performance.now()
  const args = ['-b', address, '-C', '-t', topic, '-p', '0', '-o', 'beginning', '-c', String(records), '-q', '-u']
  const child = spawn('kcat', args, { stdio: ['ignore', 'ignore', 'inherit'] })
  await new Promise((resolve, reject) =>
    child.once('close', status => (status === 0 ? resolve() : reject(new Error(`kcat ended with ${status}`)))),
  )
  return (records * recordBytes) / 1000 / (performance.now() - startedAt)
}

/** Looks at no record: what is measured is the broker. */
async function bareFetch(address, topic, { records, recordBytes }) {
  const connection = await connectTo(address)
  const startedAt = performance.now()
  for (let offset = 0; offset < records; ) {
    const answer = await connection.request(fetch, FETCH_VERSION, {
      maxWaitMs: 500,
      minBytes: 1,
      topics: [{ topic, partitions: [{ partition: 0, fetchOffset: BigInt(offset), partitionMaxBytes: FETCH_BYTES }] }],
      rackId: '',
    })
    const found = answer.responses[0]?.partitions[0]
    if (found?.errorCode !== 0)
      throw new Error(`fetch at ${offset}: ${errorByCode(found?.errorCode ?? answer.errorCode).name}`)
    for (const batch of batchesIn(found.records ?? new Uint8Array(0))) offset = batch.lastOffset + 1
  }
  const elapsedMs = performance.now() - startedAt
  connection.close()
  return (records * recordBytes) / 1000 / elapsedMs
}

function rdkafkaMissing() {
  const { status } = spawnSync(process.execPath, ['-e', "require('node-rdkafka')"], {
    cwd: rdkafkaFolder,
    stdio: 'ignore',
  })
  return status === 0 ? undefined : 'node-rdkafka does not load in this Node: scripts/interop-install node-rdkafka'
}

function kcatMissing() {
  return spawnSync('kcat', ['-V'], { stdio: 'ignore' }).error === undefined ? undefined : 'kcat is not installed'
}
