/**
 * Benchmarks of producers, each in a process of its own, on one broker: started by `run.mjs`. See --help and the README.
 */
import { fileURLToPath } from 'node:url'
import { runJob } from '../contest/contenders.mjs'
import { runContest } from '../contest/contest.mjs'
import { costsOf, latencyOf, throughputOf } from '../contest/report.mjs'
import { jobOf, workloads } from './workloads.mjs'

const PROFILE_TIMES = 5

await runContest({
  name: 'producer',
  conditions: 'acks=all, idempotent',
  load: fileURLToPath(new URL('load.mjs', import.meta.url)),
  workloads,
  prepare: async (workload, stage) => ({
    figuresOf: (contender, command) => figuresOf(workload, contender, command, stage),
    end: async () => {},
  }),
  profiled: workload => ({ ...workload, records: workload.records * PROFILE_TIMES }),
})

/** Every record must have arrived, once: the topic is new, and the sum of its ends says how many it has. */
async function figuresOf(workload, contender, command, { broker, topics, payload, topicName }) {
  const topic = topicName()
  await topics.create(topic)
  try {
    const job = { ...jobOf(workload, contender), address: broker.address, topic, payload }
    const before = await topics.recordCount(topic)
    const taken = await runJob(command, job, broker.processId)
    const arrived = (await topics.recordCount(topic)) - before
    const sent = job.warmUp + job.records
    if (arrived !== sent) throw new Error(`${sent} records were acknowledged, and ${arrived} are there`)
    return {
      ...throughputOf(job.records, job.recordBytes, taken.elapsedMs),
      ...costsOf(job.records, taken),
      ...(workload.isLatency ? latencyOf(taken.latencies) : {}),
    }
  } finally {
    await topics.delete(topic)
  }
}
