/**
 * Benchmarks of consumers, each in a process of its own, on one broker: started by `run.mjs`. See --help and the README.
 */
import { fileURLToPath } from 'node:url'
import { Producer } from '@samsa/producer'
import { runJob } from '../contest/contenders.mjs'
import { PARTITIONS, runContest } from '../contest/contest.mjs'
import { KEY_BYTES, readPayload } from '../contest/payload.mjs'
import { costsOf, latencyOf, throughputOf } from '../contest/report.mjs'
import { sendOutstanding } from '../producer/outstanding.mjs'
import { digestOf } from './tally.mjs'
import { workloads } from './workloads.mjs'

const PROFILE_TIMES = 5
const OUTSTANDING = 10_000
/** So that batches are as large as they may be, whoever is slow. */
const LINGER_MS = 5

/** By kind of workload. */
const PREPARATIONS = { reading: onFilledTopic(readingFigures), firstRecord: onFilledTopic(startFigures), endToEnd }

await runContest({
  name: 'consumer',
  conditions: 'from the beginning, in a new group',
  load: fileURLToPath(new URL('load.mjs', import.meta.url)),
  workloads,
  prepare: (workload, stage) => PREPARATIONS[workload.kind](workload, stage),
  profiled: workload => ({ ...workload, records: workload.records * PROFILE_TIMES }),
})

/** Filled once, and read by every contender in every round. */
function onFilledTopic(figuresOf) {
  return async (workload, stage) => {
    const topic = stage.topicName()
    await stage.topics.create(topic)
    const digest = await fill(topic, workload, stage)
    let runs = 0
    return {
      figuresOf: async (contender, command) => {
        const job = jobOf(workload, contender, stage, { topic, group: `${topic}-${++runs}` })
        return figuresOf(job, await runJob(command, job, stage.broker.processId), digest)
      },
      end: () => stage.topics.delete(topic),
    }
  }
}

/** Each sends to a topic of its own, and reads it. */
async function endToEnd(workload, stage) {
  const { topics, broker } = stage
  const figuresOf = async (contender, command) => {
    const topic = stage.topicName()
    await topics.create(topic)
    try {
      const job = jobOf(workload, contender, stage, { topic, group: topic })
      const taken = await runJob(command, job, broker.processId)
      return { ...latencyOf(taken.latencies), ...costsOf(job.records, taken) }
    } finally {
      await topics.delete(topic)
    }
  }
  return { figuresOf, end: async () => {} }
}

function jobOf(workload, { client, mode }, { broker, payload }, { topic, group }) {
  const { kind, recordBytes, codec, records, warmUp, intervalMs } = workload
  const where = { address: broker.address, topic, group, partitions: PARTITIONS, payload, keyBytes: KEY_BYTES }
  return { ...where, client, mode, kind, recordBytes, codec, records, warmUp, intervalMs, outstanding: OUTSTANDING }
}

/** That every offset came once the contender has seen to; the digest says that keys and values were those that were sent. */
function readingFigures({ records, recordBytes }, taken, digest) {
  const { elapsedMs, firstMs } = taken
  if (taken.digest !== digest) throw new Error(`keys and values come to ${taken.digest} in place of ${digest}`)
  return {
    ...throughputOf(records, recordBytes, elapsedMs),
    recordsPerSecondFromFirst: throughputOf(records, recordBytes, elapsedMs - firstMs).recordsPerSecond,
    ...costsOf(records, taken),
  }
}

function startFigures(_job, taken) {
  return { firstMs: taken.firstMs, ...costsOf(1, taken) }
}

/** Resolves to the digest of what is there then. */
async function fill(topic, { recordBytes, codec, records: count }, { broker, topics, payload }) {
  const records = readPayload(payload, recordBytes)
  const producer = new Producer({ bootstrapServers: broker.address, compression: codec, lingerMs: LINGER_MS })
  await sendOutstanding(count, OUTSTANDING, (index, succeeded, failed) => {
    const { key, value } = records[index % records.length]
    return producer.enqueue({ topic, key, value }, error => (error === undefined ? succeeded() : failed(error)))
  })
  await producer.close()
  const arrived = await topics.recordCount(topic)
  if (arrived !== count) throw new Error(`the topic was filled with ${count} records and has ${arrived}`)
  return digestOf(records, count)
}
