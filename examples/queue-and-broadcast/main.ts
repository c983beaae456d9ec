/**
 * Point-to-point and publish/subscribe are one mechanism: members of a group share the records of a topic, and every group has
 * all of them. One group is a queue whose workers divide the work; many groups are subscribers of which each gets everything.
 */
import { Consumer, string } from '@samsa/consumer'
import { Producer } from '@samsa/producer'

const bootstrapServers = process.env['BOOTSTRAP_SERVERS'] ?? 'localhost:9092'
const COUNT = 40
const PARTITIONS = 4
const topic = 'news'

await using producer = new Producer({ bootstrapServers })
await producer.sendAll(Array.from({ length: COUNT }, (_, n) => ({ topic, partition: n % PARTITIONS, value: `${n}` })))

/** Members of one group, each with a loop of its own; gives what each of them has got once they have it all together. */
async function members(groupId: string, count: number): Promise<readonly string[][]> {
  const consumers = Array.from(
    { length: count },
    () =>
      new Consumer({
        bootstrapServers,
        groupId,
        autoOffsetReset: 'earliest',
        value: string,
        // A member learns of another one with its next heartbeat.
        heartbeatIntervalMs: 100,
      }),
  )
  const got = consumers.map((): string[] => [])
  // What comes to a member stands still until everybody has a part: the first would have read all before the second is there.
  for (const consumer of consumers) {
    consumer.subscribe([topic], { onPartitionsAssigned: partitions => consumer.pause(partitions) })
  }
  while (consumers.some(consumer => consumer.assignment().length !== PARTITIONS / count)) {
    await Promise.all(consumers.map(consumer => consumer.poll(20)))
  }
  const isDone = (): boolean => got.flat().length >= COUNT
  await Promise.all(
    consumers.map(async (consumer, index) => {
      consumer.resume(consumer.paused())
      while (!isDone()) for (const { value } of await consumer.poll(20)) got[index]?.push(value ?? '')
      await consumer.close()
    }),
  )
  return got
}

// A queue: two workers of one group. Each record goes to one of them. More workers than partitions would have nothing to do.
const workers = await members('workers', 2)
console.log(
  `one group: ${workers.map(values => values.length).join(' + ')} records, ${new Set(workers.flat()).size} different ones`,
)

// Broadcast: two groups of one member. Each of them has all records, at its own pace, also those from before it came.
const [mail] = await members('mailers', 1)
const [search] = await members('indexers', 1)
console.log(`two groups: ${mail?.length} and ${search?.length} records`)
