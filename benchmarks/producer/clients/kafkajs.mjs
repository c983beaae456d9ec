/**
 * kafkajs: `send` makes a request of each record; `sendBatch` with 1,000 records a call is its best. Idempotence allows it one
 * request at a time. Codecs other than gzip its users plug in: here they are those that we use ourselves.
 */
import { createRequire } from 'node:module'
import { codecByName } from '@samsa/protocol'
import { sendOneByOne, sendOutstanding } from '../outstanding.mjs'

process.env.KAFKAJS_NO_PARTITIONER_WARNING = '1'
// It arms a timer with a time that has passed, which Node 24 warns of.
process.removeAllListeners('warning')
const require = createRequire(new URL('../../../interop/kafkajs/package.json', import.meta.url))
const { CompressionCodecs, Kafka, logLevel } = require('kafkajs')

const BATCH_RECORDS = 1000

export async function open({ address, topic, codec, mode, outstanding }) {
  const compression = codecByName(codec).id
  if (compression > 1) CompressionCodecs[compression] = () => pluggedIn(codecByName(codec))
  const kafka = new Kafka({ clientId: 'kafkajs', brokers: [address], logLevel: logLevel.ERROR })
  const producer = kafka.producer({ idempotent: true, maxInFlightRequests: 1 })
  await producer.connect()
  const modes = {
    send: (records, count) =>
      sendOutstanding(count, outstanding, (index, succeeded, failed) => {
        const { key, value } = records[index % records.length]
        producer.send({ topic, acks: -1, compression, messages: [{ key, value }] }).then(succeeded, failed)
      }),
    sendBatch: (records, count) =>
      sendOutstanding(count / BATCH_RECORDS, outstanding / BATCH_RECORDS, (batch, succeeded, failed) => {
        const messages = messagesOf(records, batch)
        producer.sendBatch({ acks: -1, compression, topicMessages: [{ topic, messages }] }).then(succeeded, failed)
      }),
    latency: (records, count) =>
      sendOneByOne(count, index => {
        const { key, value } = records[index % records.length]
        return producer.send({ topic, acks: -1, compression, messages: [{ key, value }] })
      }),
  }
  return { send: modes[mode], close: () => producer.disconnect() }
}

/** An application has its messages as objects of its own: new ones each time, as ours and the others get. */
function messagesOf(records, batch) {
  const first = batch * BATCH_RECORDS
  return Array.from({ length: BATCH_RECORDS }, (_, index) => {
    const { key, value } = records[(first + index) % records.length]
    return { key, value }
  })
}

function pluggedIn(codec) {
  return {
    compress: async encoder => asBuffer(codec.compress(encoder.buffer)),
    decompress: async bytes => asBuffer(codec.decompress(bytes, 64 * 1024 * 1024)),
  }
}

function asBuffer(bytes) {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length)
}
