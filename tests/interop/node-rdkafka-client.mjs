/**
 * node-rdkafka (librdkafka) in a process of its own: reads one job as JSON from standard input, does it, and prints what
 * came of it as JSON. Keys, values and headers are in base64 on the way.
 */
import { once } from 'node:events'
import { createRequire } from 'node:module'
import { text } from 'node:stream/consumers'

const require = createRequire(new URL('../../interop/node-rdkafka/package.json', import.meta.url))
const { HighLevelProducer, KafkaConsumer } = require('node-rdkafka')

const CONNECT_TIMEOUT_MS = 20_000
const jobs = { produce, consume, group, share, transform }

/** Resolves to the offsets that the records were given, in the order in which they were sent. */
async function produce(address, { topic, settings, records }) {
  const producer = new HighLevelProducer({ 'metadata.broker.list': address, 'linger.ms': 100, ...settings })
  await connected(producer)
  const offsets = await Promise.all(records.map(record => send(producer, topic, record)))
  await new Promise(resolve => producer.disconnect(resolve))
  return offsets
}

function send(producer, topic, { key, value, headers }) {
  const pairs = headers.map(([name, bytes]) => ({ [name]: decoded(bytes) }))
  return new Promise((resolve, reject) => {
    producer.produce(topic, 0, decoded(value), decoded(key), Date.now(), pairs, (error, offset) =>
      error ? reject(error) : resolve(offset),
    )
  })
}

/** Everything from an offset to the end of the partition, which is assigned and not subscribed to. */
async function consume(address, { topic, offset, settings }) {
  const consumer = new KafkaConsumer(
    {
      'metadata.broker.list': address,
      'group.id': 'unused',
      'enable.auto.commit': false,
      'enable.partition.eof': true,
      ...settings,
    },
    { 'auto.offset.reset': 'error' },
  )
  await connected(consumer)
  const records = []
  consumer.on('data', record => records.push(encoded(record)))
  consumer.on('event.error', error => {
    throw error
  })
  const end = once(consumer, 'partition.eof')
  consumer.assign([{ topic, partition: 0, offset }])
  consumer.consume()
  await end
  // Deliveries may stand in line behind the event.
  await new Promise(resolve => setImmediate(resolve))
  await new Promise(resolve => consumer.disconnect(resolve))
  return records
}

/** As many records as it is told to, as a member of a group: what it read, and what the group had committed then. */
async function group(address, { topic, groupId, count, settings }) {
  const consumer = new KafkaConsumer(
    { 'metadata.broker.list': address, 'group.id': groupId, 'enable.auto.commit': false, ...settings },
    { 'auto.offset.reset': 'earliest' },
  )
  await connected(consumer)
  const values = []
  consumer.subscribe([topic])
  await new Promise((resolve, reject) => {
    consumer.on('event.error', reject)
    consumer.on('data', record => {
      if (values.length === count) return
      values.push(String(record.value))
      consumer.commitMessageSync(record)
      if (values.length === count) resolve()
    })
    consumer.consume()
  })
  const committed = await new Promise((resolve, reject) => {
    consumer.committed([{ topic, partition: 0 }], CONNECT_TIMEOUT_MS, (error, offsets) =>
      error ? reject(error) : resolve(offsets.map(({ offset }) => offset)),
    )
  })
  await new Promise(resolve => consumer.disconnect(resolve))
  return { values, committed }
}

/**
 * Two members of a group, the second of which comes when the first has all partitions: how many each has then, how long
 * that took, and how many are left to the second when the first has gone.
 */
async function share(address, { topic, groupId, partitions, pattern, settings }) {
  const first = await member(address, topic, groupId, settings)
  await first.has(partitions)
  const startMs = performance.now()
  const second = await member(address, pattern === undefined ? topic : new RegExp(pattern), groupId, settings)
  await Promise.all([first.has(partitions / 2), second.has(partitions / 2)])
  const sharedMs = Math.round(performance.now() - startMs)
  await first.leave()
  await second.has(partitions)
  await second.leave()
  return { sharedMs }
}

async function member(address, topic, groupId, settings) {
  const consumer = new KafkaConsumer(
    {
      'metadata.broker.list': address,
      'group.id': groupId,
      'enable.auto.commit': false,
      rebalance_cb: (error, changed) => {
        const isCooperative = consumer.rebalanceProtocol() === 'COOPERATIVE'
        if (error.code === -175) isCooperative ? consumer.incrementalAssign(changed) : consumer.assign(changed)
        else isCooperative ? consumer.incrementalUnassign(changed) : consumer.unassign()
      },
      ...settings,
    },
    { 'auto.offset.reset': 'earliest' },
  )
  await connected(consumer)
  consumer.subscribe([topic])
  consumer.consume()
  return {
    has: async count => {
      while (consumer.assignments().length !== count) await new Promise(resolve => setTimeout(resolve, 5))
    },
    leave: () => new Promise(resolve => consumer.disconnect(resolve)),
  }
}

function connected(client) {
  return new Promise((resolve, reject) => {
    client.connect({ timeout: CONNECT_TIMEOUT_MS }, error => (error ? reject(error) : resolve()))
  })
}

function encoded({ offset, key, value, headers = [] }) {
  const base64 = bytes => (bytes === null || bytes === undefined ? null : Buffer.from(bytes).toString('base64'))
  const pairs = headers.flatMap(header => Object.entries(header)).map(([name, bytes]) => [name, base64(bytes)])
  return { offset, key: base64(key), value: base64(value), headers: pairs }
}

function decoded(base64) {
  return base64 === null ? null : Buffer.from(base64, 'base64')
}

/** What is read from one topic is written to another, and both are one transaction; the first one is aborted. */
async function transform(address, { topic, output, groupId, count }) {
  const waitMs = 20_000
  const producer = new HighLevelProducer({ 'metadata.broker.list': address, 'transactional.id': `id-${groupId}` })
  await connected(producer)
  const asked = call => new Promise((resolve, reject) => call(error => (error ? reject(error) : resolve())))
  await asked(done => producer.initTransactions(waitMs, done))
  await asked(done => producer.beginTransaction(done))
  await send(producer, output, { key: null, value: Buffer.from('aborted').toString('base64'), headers: [] })
  await asked(done => producer.abortTransaction(waitMs, done))
  const consumer = new KafkaConsumer(
    { 'metadata.broker.list': address, 'group.id': groupId, 'enable.auto.commit': false },
    { 'auto.offset.reset': 'earliest' },
  )
  await connected(consumer)
  consumer.subscribe([topic])
  const records = []
  await new Promise(resolve => {
    consumer.on('data', record => {
      if (records.push(record) === count) resolve()
    })
    consumer.consume()
  })
  await asked(done => producer.beginTransaction(done))
  for (const { value } of records) {
    await send(producer, output, { key: null, value: Buffer.from(`${value}!`).toString('base64'), headers: [] })
  }
  const offsets = [{ topic, partition: 0, offset: records.at(-1).offset + 1 }]
  await asked(done => producer.sendOffsetsToTransaction(offsets, consumer, waitMs, done))
  await asked(done => producer.commitTransaction(waitMs, done))
  const committed = await new Promise((resolve, reject) => {
    consumer.committed([{ topic, partition: 0 }], waitMs, (error, found) => (error ? reject(error) : resolve(found)))
  })
  await new Promise(resolve => consumer.disconnect(resolve))
  await new Promise(resolve => producer.disconnect(resolve))
  return { committed: committed.map(({ offset }) => offset) }
}

const { job, address, ...options } = JSON.parse(await text(process.stdin))
process.stdout.write(JSON.stringify(await jobs[job](address, options)))
