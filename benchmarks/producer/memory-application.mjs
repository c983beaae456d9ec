/**
 * The application whose memory is watched, in a process of its own: warms up, says so, waits for a line, then sends as fast as
 * it can for some seconds, and prints what it took. Each record has bytes of its own, as those of applications do.
 */
import { once } from 'node:events'
import { Producer } from '@samsa/producer'
import { sendOutstanding } from './outstanding.mjs'

const WARM_UP_RECORDS = 20_000
const WARM_UP_OUTSTANDING = 100
const TURN_CALLS = 100

const job = JSON.parse(process.argv[2])
const { topic, bufferMemory, recordBytes, mode, seconds } = job
const producer = new Producer({ bootstrapServers: job.address, bufferMemory })
const template = Buffer.alloc(recordBytes, 'x')
const record = () => ({ topic, value: Buffer.from(template) })
const counts = { calls: 0, refused: 0, before: 0, most: 0 }

await sendOutstanding(warmUpRecords(), WARM_UP_OUTSTANDING, (_, succeeded, failed) => {
  producer.send(record()).then(succeeded, failed)
})
say({ event: 'warm' })
await once(process.stdin, 'data')
counts.before = process.memoryUsage.rss()
await Promise.race([
  mode === 'enqueue' ? enqueue() : sendAndForget(mode === 'no producer' ? () => {} : each => producer.send(each)),
  new Promise(resolve => setTimeout(resolve, seconds * 1000)),
])
look()
say(counts)
process.exit(0)

/** Larger ones are fewer: what has to be warm is the code. */
function warmUpRecords() {
  return Math.min(WARM_UP_RECORDS, Math.ceil((100 * 1024 * 1024) / recordBytes))
}

/** Nobody looks at the promises. Sends of one turn, then the event loop has one, as in a server. */
async function sendAndForget(send) {
  for (const endsAt = performance.now() + seconds * 1000; performance.now() < endsAt; ) {
    for (let call = 0; call < TURN_CALLS; call++) {
      counts.calls++
      send(record())
    }
    counts.refused = producer.metrics().recordsFailed
    look()
    await new Promise(resolve => setImmediate(resolve))
  }
}

async function enqueue() {
  const onDelivery = () => {}
  for (;;) {
    counts.calls++
    const room = producer.enqueue(record(), onDelivery)
    if (counts.calls % TURN_CALLS === 0) look()
    if (room === undefined) continue
    look()
    await room
  }
}

function look() {
  counts.most = Math.max(counts.most, process.memoryUsage.rss())
}

function say(line) {
  process.stdout.write(`${JSON.stringify(line)}\n`)
}
