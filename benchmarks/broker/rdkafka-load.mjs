/**
 * node-rdkafka at full speed, in a process of its own: takes one job as JSON from its arguments and prints how fast it was.
 */
import { createRequire } from 'node:module'

const require = createRequire(new URL('../../interop/node-rdkafka/package.json', import.meta.url))
const { CODES, KafkaConsumer, Producer } = require('node-rdkafka')

const CONNECT_TIMEOUT_MS = 20_000
const POLL_MS = 5
const FLUSH_TIMEOUT_MS = 120_000
const jobs = { produce, fetch }

async function produce({ address, topic, records, recordBytes, batchBytes }) {
  const producer = new Producer(
    {
      'metadata.broker.list': address,
      'batch.size': batchBytes,
      'batch.num.messages': 1_000_000,
      'linger.ms': 5,
      'queue.buffering.max.kbytes': 65_536,
      dr_cb: true,
    },
    { acks: -1 },
  )
  await connected(producer)
  let delivered = 0
  producer.on('delivery-report', error => {
    if (error) throw error
    delivered++
  })
  producer.setPollInterval(POLL_MS)
  const value = Buffer.alloc(recordBytes, 'x')
  const startedAt = performance.now()
  for (let sent = 0; sent < records; ) {
    if (offered(producer, topic, value)) sent++
    else await new Promise(resolve => setImmediate(resolve))
    if (sent % 1000 === 0) await new Promise(resolve => setImmediate(resolve))
  }
  await new Promise((resolve, reject) => producer.flush(FLUSH_TIMEOUT_MS, error => (error ? reject(error) : resolve())))
  const elapsedMs = performance.now() - startedAt
  while (delivered < records) await new Promise(resolve => setImmediate(resolve))
  await new Promise(resolve => producer.disconnect(resolve))
  return elapsedMs
}

/** False when librdkafka's queue is full. */
function offered(producer, topic, value) {
  try {
    producer.produce(topic, 0, value)
    return true
  } catch (error) {
    if (error.code === CODES.ERRORS.ERR__QUEUE_FULL) return false
    throw error
  }
}

async function fetch({ address, topic, records }) {
  const consumer = new KafkaConsumer(
    { 'metadata.broker.list': address, 'group.id': 'unused', 'enable.auto.commit': false },
    { 'auto.offset.reset': 'error' },
  )
  await connected(consumer)
  consumer.assign([{ topic, partition: 0, offset: 0 }])
  const startedAt = performance.now()
  for (let left = records; left > 0; ) left -= await taken(consumer, Math.min(left, 10_000))
  const elapsedMs = performance.now() - startedAt
  await new Promise(resolve => consumer.disconnect(resolve))
  return elapsedMs
}

function taken(consumer, count) {
  return new Promise((resolve, reject) => {
    consumer.consume(count, (error, messages) => (error ? reject(error) : resolve(messages.length)))
  })
}

function connected(client) {
  return new Promise((resolve, reject) => {
    client.connect({ timeout: CONNECT_TIMEOUT_MS }, error => (error ? reject(error) : resolve()))
  })
}

const { job, ...options } = JSON.parse(process.argv[2])
const elapsedMs = await jobs[job](options)
const megabytesPerSecond = (options.records * options.recordBytes) / 1000 / elapsedMs
process.stdout.write(JSON.stringify({ megabytesPerSecond }))
