/**
 * A program that does without transactions: what it has sent when it is killed is sent again by the next one. For the judge,
 * who must notice.
 */
import { Consumer, string } from '@samsa/consumer'
import { Producer } from '@samsa/producer'
import { fail, job, reached, transformed } from './transformer-steps.mjs'

const { address: bootstrapServers, topic, outputs, groupId, most } = job
const producer = new Producer({ bootstrapServers, value: string })
const reading = { groupId, value: string, autoOffsetReset: 'earliest', enableAutoCommit: false, maxPollRecords: most }
const consumer = new Consumer({ bootstrapServers, ...reading })

try {
  consumer.subscribe([topic])
  for (;;) {
    const records = [...(await consumer.poll(1000))]
    if (records.length === 0) continue
    const sends = records.flatMap(({ partition, value }) =>
      outputs.map(output => producer.send({ topic: output, partition, value: transformed(value) })),
    )
    await Promise.all(sends)
    await reached('sent')
    await consumer.commitSync()
    await reached('committed')
  }
} catch (error) {
  fail(error)
}
