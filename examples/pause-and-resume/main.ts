/**
 * A partition that is paused gives nothing until it is resumed; others go on, and what was fetched of it is kept.
 */
import { Consumer, string } from '@samsa/consumer'
import { Producer } from '@samsa/producer'

const bootstrapServers = process.env['BOOTSTRAP_SERVERS'] ?? 'localhost:9092'
const [slow, quick] = [0, 1].map(partition => ({ topic: 'signals', partition })) as [
  { topic: string; partition: number },
  { topic: string; partition: number },
]

await using producer = new Producer({ bootstrapServers })
await producer.sendAll([slow, quick].flatMap(place => ['a', 'b'].map(value => ({ ...place, value }))))

await using consumer = new Consumer({ bootstrapServers, autoOffsetReset: 'earliest', value: string })
consumer.assign([slow, quick])
consumer.pause([slow])
for (let count = 0; count < 2; ) {
  for (const { partition, value } of await consumer.poll(1000)) {
    count++
    console.log(`partition ${partition}: ${value}`)
  }
}
consumer.resume([slow])
for (let count = 0; count < 2; ) {
  for (const { partition, value } of await consumer.poll(1000)) {
    count++
    console.log(`partition ${partition}: ${value}`)
  }
}
