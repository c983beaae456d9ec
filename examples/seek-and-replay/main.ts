/**
 * Reading again: from an offset, from the beginning, and from a time.
 */
import { Consumer, string } from '@samsa/consumer'
import { Producer } from '@samsa/producer'

const bootstrapServers = process.env['BOOTSTRAP_SERVERS'] ?? 'localhost:9092'
const place = { topic: 'prices', partition: 0 }

await using producer = new Producer({ bootstrapServers })
const HOUR = 3_600_000
const first = Date.now() - 4 * HOUR
await producer.sendAll([0, 1, 2, 3, 4].map(hour => ({ ...place, timestamp: first + hour * HOUR, value: `${hour}` })))

await using consumer = new Consumer({ bootstrapServers, value: string })
consumer.assign([place])

async function read(count: number): Promise<string> {
  const values: (string | null)[] = []
  while (values.length < count) for (const { value } of await consumer.poll(1000)) values.push(value)
  return values.join(', ')
}

consumer.seekToBeginning()
console.log(`from the beginning: ${await read(5)}`)
consumer.seek(place, 3n)
console.log(`from offset 3: ${await read(2)}`)
const [found] = await consumer.offsetsForTimes([{ ...place, timestamp: first + 2 * HOUR }])
if (found !== null && found !== undefined) consumer.seek(place, found.offset)
console.log(`from two hours later: ${await read(3)}`)
