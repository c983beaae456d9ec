/**
 * Benchmark of loops that consume, transform and produce in transactions, each client in a process of its own, on one broker:
 * started by `run.mjs`. See --help and the README.
 */
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { Producer } from '@samsa/producer'
import { compileJava } from '../../scripts/java-program.mjs'
import { runJob } from '../contest/contenders.mjs'
import { PARTITIONS, runContest } from '../contest/contest.mjs'
import { readPayload } from '../contest/payload.mjs'
import { costsOf, throughputOf } from '../contest/report.mjs'
import { sizesOf, workloads } from './workloads.mjs'

const PROFILE_TIMES = 5
const JAVA = fileURLToPath(new URL('clients/java-copy.java', import.meta.url))

await runContest({
  name: 'loop',
  conditions: 'from the beginning, in a new group, to a new topic',
  load: fileURLToPath(new URL('load.mjs', import.meta.url)),
  clients: folder => ({ java: java(join(folder, 'java')) }),
  workloads,
  prepare,
  profiled: workload => ({ ...workload, records: workload.records * PROFILE_TIMES }),
})

function java(folder) {
  const launcher = process.env.SAMSA_KAFKA_BIN
  if (launcher === undefined) return { missing: 'its jars come with the launcher in SAMSA_KAFKA_BIN' }
  const command = compileJava(launcher, { source: JAVA, mainClass: 'JavaCopy', folder })
  return command === undefined ? { missing: 'there is no Java compiler' } : { version: 'of the launcher', command }
}

/** The input is filled once, and copied by every contender in every round. */
async function prepare(workload, stage) {
  const topic = stage.topicName()
  await stage.topics.create(topic)
  await fill(topic, workload, stage)
  return {
    figuresOf: (contender, command) => figuresOf(workload, contender, command, { ...stage, topic }),
    end: () => stage.topics.delete(topic),
  }
}

async function fill(topic, workload, { broker, payload }) {
  const records = readPayload(payload, workload.recordBytes)
  await using producer = new Producer({ bootstrapServers: broker.address, lingerMs: 5 })
  for (let index = 0; index < sizesOf(workload).written; index++) {
    const { key, value } = records[index % records.length]
    await producer.enqueue({ topic, key, value })
  }
  await producer.flush()
}

/** What was said to be copied must be there, with a marker behind each transaction in each partition that has some of it. */
async function figuresOf(workload, contender, command, { broker, topics, topic, topicName }) {
  const output = topicName()
  await topics.create(output)
  try {
    const { recordBytes, batchRecords } = workload
    const { records, warmUp } = sizesOf(workload)
    const where = { address: broker.address, topic, output, group: output }
    const job = { client: contender.client, ...where, records, warmUp, batchRecords }
    const taken = await runJob(command, job, broker.processId)
    const found = await topics.recordCount(output)
    const least = warmUp + records + taken.transactions
    const most = (sizesOf(workload).written + batchRecords) * (1 + PARTITIONS)
    if (found < least || found > most) throw new Error(`${found} records and markers in place of ${least} to ${most}`)
    return {
      ...throughputOf(taken.records, recordBytes, taken.elapsedMs),
      ...costsOf(taken.records, taken),
      transactionsPerSecond: (taken.transactions * 1000) / taken.elapsedMs,
      recordsPerTransaction: taken.records / taken.transactions,
    }
  } finally {
    await topics.delete(output)
  }
}
