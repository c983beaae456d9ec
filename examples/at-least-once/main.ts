/**
 * At least once, in the five ways to commit: by itself, once a poll and waited for, once a poll and not waited for, every
 * hundred records, and before partitions go. A crash handles again what was not committed, and loses nothing.
 */
import { Consumer, string } from '@samsa/consumer'
import { Producer } from '@samsa/producer'

const bootstrapServers = process.env['BOOTSTRAP_SERVERS'] ?? 'localhost:9092'
const COUNT = 250
const topic = 'deliveries'

await using producer = new Producer({ bootstrapServers })
await producer.sendAll(Array.from({ length: COUNT }, (_, index) => ({ topic, partition: 0, value: `${index}` })))

function consumerOf(groupId: string, enableAutoCommit: boolean) {
  const consumer = new Consumer({
    bootstrapServers,
    groupId,
    enableAutoCommit,
    autoOffsetReset: 'earliest',
    value: string,
  })
  consumer.subscribe([topic])
  return consumer
}

async function report(groupId: string): Promise<void> {
  await using reader = consumerOf(groupId, false)
  const [committed] = await reader.committed([{ topic, partition: 0 }])
  console.log(`${groupId}: ${committed?.offset} committed`)
}

// By itself: what the loop has asked for more behind is committed now and then, and at the end.
{
  await using consumer = consumerOf('auto', true)
  let handled = 0
  for await (const records of consumer.batches()) {
    handled += records.count
    // Asking for more would say that these are done; so does a poll that does not wait.
    if (handled === COUNT) break
  }
  await consumer.poll(0)
}
await report('auto')

// Once a poll, and waited for: tried again until it is done.
{
  await using consumer = consumerOf('sync', false)
  for (let handled = 0; handled < COUNT; ) {
    handled += (await consumer.poll(1000)).count
    await consumer.commitSync()
  }
}
await report('sync')

// Once a poll, and not waited for: the next one makes up for one that fails, and the last is waited for.
{
  await using consumer = consumerOf('async', false)
  for (let handled = 0; handled < COUNT; ) {
    handled += (await consumer.poll(1000)).count
    consumer.commitAsync((_, error) => {
      if (error !== undefined) console.log(error.message)
    })
  }
  await consumer.commitSync()
}
await report('async')

// Every hundred records: the offset is that of the next record.
{
  await using consumer = consumerOf('hundreds', false)
  let handled = 0
  for await (const { partition, offset } of consumer) {
    if (++handled % 100 === 0) await consumer.commitSync([{ topic, partition, offset: offset + 1n }])
    if (handled === COUNT) break
  }
}
await report('hundreds')

// Before partitions go, to whoever comes next: the least that a group with members that come and go should do. Closing is one way
// of giving them up; a rebalance calls the same listener.
{
  await using consumer = consumerOf('rebalance', false)
  consumer.subscribe([topic], { onPartitionsRevoked: () => consumer.commitSync() })
  for (let handled = 0; handled < COUNT; ) handled += (await consumer.poll(1000)).count
}
await report('rebalance')
