/**
 * Three ways to send, by what the program does about the outcome: it waits for it, it does not look at it, or it is told. All
 * three are equally safe on their way: batches, retries and order are the same.
 */
import { Producer } from '@samsa/producer'

const bootstrapServers = process.env['BOOTSTRAP_SERVERS'] ?? 'localhost:9092'
const topic = 'readings'

// acks: 'all' is the default: an acknowledged record is on every replica that is in sync.
const producer = new Producer({ bootstrapServers })

// Awaited: the next line runs when the brokers have the record, or throws when they will not. For what must not be lost, and
// where somebody waits for an answer. One after the other is slow; await many at once.
const { offset } = await producer.send({ topic, partition: 0, value: 'awaited' })
console.log(`awaited: at offset ${offset}`)
const many = await Promise.all([1, 2, 3].map(n => producer.send({ topic, partition: 0, value: `together ${n}` })))
console.log(`awaited together: ${many.length}`)

// A failure is an error to catch. What may pass was tried again already, for up to deliveryTimeoutMs.
try {
  await producer.send({ topic, partition: 99, value: 'nowhere' })
} catch (error) {
  console.log(`awaited, and failed: ${(error as { code?: string }).code}`)
}

// Fire and forget: nobody looks at the promise. For measurements of which one more or less is no harm. A failure is logged and
// ends no process; how many there were, metrics() says.
for (let n = 0; n < 100; n++) void producer.send({ topic, partition: 1, value: `forgotten ${n}` })

// With a callback: the program goes on, and is told of each record. For many records of which each needs to be known about.
let delivered = 0
let failed = 0
for (let n = 0; n < 100; n++) {
  producer.send({ topic, partition: 2, value: `told ${n}` }, error => {
    if (error === undefined) delivered++
    else failed++
  })
}

// Resolves when everything sent before has its outcome. Whoever forgets, forgets: without flush() or close() before the process
// ends, records that are still in memory are gone.
await producer.flush()
console.log(`told: ${delivered} delivered, ${failed} failed`)
console.log(`forgotten: ${producer.metrics().recordsSent - 1 - many.length - delivered} arrived all the same`)
await producer.close()
