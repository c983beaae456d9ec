/**
 * One client that makes transactions, in a process of its own: takes one job as JSON from its arguments, warms up, and tells
 * what they took. A client has `begin()`, `send(records)`, which resolves when all of them are acknowledged, and `commit()`.
 */
import { readPayload } from '../contest/payload.mjs'
import { measured } from '../contest/process-cost.mjs'

const job = JSON.parse(process.argv[2])
const { open } = await import(`./clients/${job.client}.mjs`)
const records = readPayload(job.payload, job.recordBytes)
const client = await open(job)

await make(job.warmUp)
await measured(() => make(job.transactions))
await client.close()
// Some clients leave timers and sockets behind.
process.exit(0)

/** Milliseconds of each transaction, and of its commit. */
async function make(count) {
  const latencies = []
  const commits = []
  for (let index = 0; index < count; index++) {
    const first = (index * job.batchRecords) % records.length
    const startedAt = performance.now()
    await client.begin()
    await client.send(records.slice(first, first + job.batchRecords))
    const sentAt = performance.now()
    await client.commit()
    const endedAt = performance.now()
    latencies.push(endedAt - startedAt)
    commits.push(endedAt - sentAt)
  }
  return { latencies, commits }
}
