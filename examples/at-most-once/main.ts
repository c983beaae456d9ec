/**
 * At most once: the offset is committed before the record is handled. A crash in between loses the record, and never
 * handles it twice.
 */
import { Consumer, string } from '@samsa/consumer'
import { Producer } from '@samsa/producer'

const bootstrapServers = process.env['BOOTSTRAP_SERVERS'] ?? 'localhost:9092'

await using producer = new Producer({ bootstrapServers })
await producer.sendAll(['a', 'b', 'c'].map(value => ({ topic: 'alarms', partition: 0, value })))

await using consumer = new Consumer({
  bootstrapServers,
  groupId: 'at-most-once',
  autoOffsetReset: 'earliest',
  enableAutoCommit: false,
  value: string,
})
consumer.subscribe(['alarms'])

for (let handled = 0; handled < 3; ) {
  const records = await consumer.poll(1000)
  if (records.isEmpty) continue
  // All of them count as done from here on, whatever happens below.
  await consumer.commitSync()
  for (const { value } of records) {
    console.log(`handled ${value}`)
    handled++
  }
}
