/**
 * Our producer and consumer: one transaction for what a poll gives.
 */
import { Consumer, string } from '@samsa/consumer'
import { Producer } from '@samsa/producer'
import { fail, job, reached, transformed } from './transformer-steps.mjs'

const POLL_MS = 1000

const { address: bootstrapServers, topic, outputs, groupId, transactionalId, transactionTimeoutMs, most } = job
const producer = new Producer({ bootstrapServers, transactionalId, transactionTimeoutMs, value: string })
const consumer = new Consumer({
  bootstrapServers,
  groupId,
  value: string,
  autoOffsetReset: 'earliest',
  enableAutoCommit: false,
  maxPollRecords: most,
})

async function transform(records) {
  await producer.transaction(async transaction => {
    const sends = records.flatMap(({ partition, value }) =>
      outputs.map(output => transaction.send({ topic: output, partition, value: transformed(value) })),
    )
    await Promise.all(sends)
    await reached('sent')
    const ends = new Map(records.map(({ partition, offset }) => [partition, offset + 1n]))
    const offsets = [...ends].map(([partition, offset]) => ({ topic, partition, offset }))
    await transaction.sendOffsets(offsets, consumer.groupMetadata())
    await reached('offsets')
    await reached('commit')
  })
  await reached('committed')
}

try {
  await producer.initTransactions()
  consumer.subscribe([topic])
  for (;;) {
    const records = [...(await consumer.poll(POLL_MS))]
    if (records.length > 0) await transform(records)
  }
} catch (error) {
  fail(error)
}
