/**
 * Benchmark of transactions, each client in a process of its own, on one broker: started by `run.mjs`. See --help and the
 * README.
 */
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { compileJava } from '../../scripts/java-program.mjs'
import { runJob } from '../contest/contenders.mjs'
import { PARTITIONS, runContest } from '../contest/contest.mjs'
import { costsOf, latencyOf, throughputOf } from '../contest/report.mjs'
import { jobOf, workloads } from './workloads.mjs'

const PROFILE_TIMES = 5
const JAVA = fileURLToPath(new URL('clients/java-transactions.java', import.meta.url))

await runContest({
  name: 'transactions',
  conditions: 'one transaction after the other',
  load: fileURLToPath(new URL('load.mjs', import.meta.url)),
  clients: folder => ({ java: java(join(folder, 'java')) }),
  workloads,
  prepare: async (workload, stage) => ({
    figuresOf: (contender, command) => figuresOf(workload, contender, command, stage),
    end: async () => {},
  }),
  profiled: workload => ({ ...workload, transactions: workload.transactions * PROFILE_TIMES }),
})

function java(folder) {
  const launcher = process.env.SAMSA_KAFKA_BIN
  if (launcher === undefined) return { missing: 'its jars come with the launcher in SAMSA_KAFKA_BIN' }
  const command = compileJava(launcher, { source: JAVA, mainClass: 'JavaTransactions', folder })
  return command === undefined ? { missing: 'there is no Java compiler' } : { version: 'of the launcher', command }
}

/** Every record must be there; behind those of each transaction stands a marker in each partition that has some. */
async function figuresOf(workload, contender, command, { broker, topics, payload, topicName }) {
  const topic = topicName()
  await topics.create(topic)
  try {
    const job = { ...jobOf(workload, contender), address: broker.address, topic, payload }
    const taken = await runJob(command, job, broker.processId)
    const transactions = job.warmUp + job.transactions
    const markers = (await topics.recordCount(topic)) - transactions * job.batchRecords
    if (markers < transactions || markers > transactions * PARTITIONS)
      throw new Error(`${transactions} transactions of ${job.batchRecords} records left ${markers} markers`)
    const records = job.transactions * job.batchRecords
    const { p50Ms, p99Ms } = latencyOf(taken.latencies)
    const commit = latencyOf(taken.commits)
    return {
      transactionsPerSecond: (job.transactions * 1000) / taken.elapsedMs,
      ...throughputOf(records, job.recordBytes, taken.elapsedMs),
      ...costsOf(records, taken),
      ...{ p50Ms, p99Ms, commitP50Ms: commit.p50Ms, commitP99Ms: commit.p99Ms },
      cpuMsPerTransaction: (taken.cpuSeconds * 1000) / job.transactions,
      brokerCpuMsPerTransaction: (taken.brokerCpuSeconds * 1000) / job.transactions,
    }
  } finally {
    await topics.delete(topic)
  }
}
