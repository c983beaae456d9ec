/**
 * One client that sends, in a process of its own: takes one job as JSON from its arguments, warms up, and tells what sending
 * took.
 */
import { readPayload } from '../contest/payload.mjs'
import { measured } from '../contest/process-cost.mjs'
import { sendOneByOne } from './outstanding.mjs'

const job = JSON.parse(process.argv[2])
const { open } = await import(`./clients/${job.client}.mjs`)
const records = readPayload(job.payload, job.recordBytes)
const client = await open(job)
const send = job.mode === 'latency' ? oneByOne : client.send

await send(records, job.warmUp)
await measured(async () => ({ latencies: await send(records, job.records) }))
await client.close()
// Some clients leave timers and sockets behind.
process.exit(0)

function oneByOne(values, count) {
  return sendOneByOne(count, index => client.sendOne(values[index % values.length]))
}
