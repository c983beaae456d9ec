/**
 * kafkajs: of each batch that it is given, one transaction for so many messages. It asks for offsets that are not settled
 * yet, so the producer, whose start ends what its predecessor left open, comes first.
 */
import { createRequire } from 'node:module'
import { fail, job, reached, transformed } from './transformer-steps.mjs'

process.env.KAFKAJS_NO_PARTITIONER_WARNING = '1'
const require = createRequire(new URL('../../interop/kafkajs/package.json', import.meta.url))
const { Kafka, logLevel } = require('kafkajs')

const { address, topic, outputs, groupId, transactionalId, transactionTimeoutMs, most } = job
const kafka = new Kafka({ clientId: 'kafkajs', brokers: [address], logLevel: logLevel.ERROR })
const idempotent = { idempotent: true, maxInFlightRequests: 1 }
const producer = kafka.producer({ transactionalId, transactionTimeout: transactionTimeoutMs, ...idempotent })
const consumer = kafka.consumer({ groupId, maxWaitTimeInMs: 100 })

async function transform(partition, messages) {
  const transaction = await producer.transaction()
  const results = messages.map(({ value }) => ({ partition, value: transformed(value) }))
  await transaction.sendBatch({ topicMessages: outputs.map(output => ({ topic: output, messages: results })) })
  await reached('sent')
  const offset = String(BigInt(messages.at(-1).offset) + 1n)
  await transaction.sendOffsets({ consumerGroupId: groupId, topics: [{ topic, partitions: [{ partition, offset }] }] })
  await reached('offsets')
  await reached('commit')
  await transaction.commit()
  await reached('committed')
}

try {
  await producer.connect()
  await consumer.connect()
  await consumer.subscribe({ topic, fromBeginning: true })
  await consumer.run({
    autoCommit: false,
    eachBatchAutoResolve: false,
    eachBatch: async ({ batch: { messages, partition }, resolveOffset }) => {
      for (let start = 0; start < messages.length; start += most) {
        const part = messages.slice(start, start + most)
        // It would read the batch again, from an offset that it has in memory.
        await transform(partition, part).catch(fail)
        resolveOffset(part.at(-1).offset)
      }
    },
  })
} catch (error) {
  fail(error)
}
