/**
 * node-rdkafka: one transaction for what it is given of so many records at once.
 */
import { createRequire } from 'node:module'
import { fail, job, reached, transformed } from './transformer-steps.mjs'

const require = createRequire(new URL('../../interop/node-rdkafka/package.json', import.meta.url))
const { HighLevelProducer, KafkaConsumer } = require('node-rdkafka')

const CALL_MS = 30_000
const POLL_MS = 100

const { address, topic, outputs, groupId, transactionalId, transactionTimeoutMs, most } = job
const producer = new HighLevelProducer({
  'metadata.broker.list': address,
  'transactional.id': transactionalId,
  'transaction.timeout.ms': transactionTimeoutMs,
})
const consumer = new KafkaConsumer(
  { 'metadata.broker.list': address, 'group.id': groupId, 'enable.auto.commit': false },
  { 'auto.offset.reset': 'earliest' },
)

function asked(call) {
  return new Promise((resolve, reject) => {
    call((error, found) => (error ? reject(error) : resolve(found)))
  })
}

function send(output, partition, value) {
  return asked(done => producer.produce(output, partition, Buffer.from(value), null, Date.now(), done))
}

async function transform(records) {
  await asked(done => producer.beginTransaction(done))
  const sends = records.flatMap(({ partition, value }) =>
    outputs.map(output => send(output, partition, transformed(value))),
  )
  await Promise.all(sends)
  await reached('sent')
  const ends = new Map(records.map(({ partition, offset }) => [partition, offset + 1]))
  const offsets = [...ends].map(([partition, offset]) => ({ topic, partition, offset }))
  await asked(done => producer.sendOffsetsToTransaction(offsets, consumer, CALL_MS, done))
  await reached('offsets')
  await reached('commit')
  await asked(done => producer.commitTransaction(CALL_MS, done))
  await reached('committed')
}

try {
  await asked(done => producer.connect({ timeout: CALL_MS }, done))
  await asked(done => producer.initTransactions(CALL_MS, done))
  await asked(done => consumer.connect({ timeout: CALL_MS }, done))
  consumer.setDefaultConsumeTimeout(POLL_MS)
  consumer.subscribe([topic])
  for (;;) {
    const records = await asked(done => consumer.consume(most, done))
    if (records.length > 0) await transform(records)
  }
} catch (error) {
  fail(error)
}
