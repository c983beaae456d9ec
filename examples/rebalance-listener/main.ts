/**
 * A rebalance listener: it is told of partitions that come, and awaited before partitions go, so that it can commit what
 * was done with them.
 */
import { Consumer, string, type TopicPartition } from '@samsa/consumer'

const bootstrapServers = process.env['BOOTSTRAP_SERVERS'] ?? 'localhost:9092'
const named = (partitions: readonly TopicPartition[]): string =>
  partitions.map(({ topic, partition }) => `${topic}-${partition}`).join(', ')

const consumer = new Consumer({ bootstrapServers, groupId: 'listener', enableAutoCommit: false, value: string })
consumer.subscribe(['shifts'], {
  onPartitionsAssigned: partitions => console.log(`assigned: ${named(partitions)}`),
  onPartitionsRevoked: async partitions => {
    // They are still this consumer's: what is committed now counts.
    await consumer.commitSync()
    console.log(`revoked: ${named(partitions)}`)
  },
  onPartitionsLost: partitions => console.log(`lost: ${named(partitions)}`),
})
while (consumer.assignment().length === 0) await consumer.poll(100)
await consumer.close()
