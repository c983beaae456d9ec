/**
 * Order by key: Kafka keeps the order of a partition, and a key always goes to the same one. So whatever must not overtake itself,
 * as the states of one parcel, has one key; and what has nothing to do with one another has different keys, and goes side by
 * side.
 */
import { Consumer, string } from '@samsa/consumer'
import { Producer } from '@samsa/producer'

const bootstrapServers = process.env['BOOTSTRAP_SERVERS'] ?? 'localhost:9092'
const topic = 'parcels'
const states = ['packed', 'sent', 'at the depot', 'delivered']
const parcels = Array.from({ length: 20 }, (_, n) => `parcel-${n}`)

// Idempotence is on by default: retries neither double nor reorder, although five requests are under way at a time.
await using producer = new Producer({ bootstrapServers, key: string })
const partitions = new Map<string, Set<number>>()
const sends = states.flatMap(state =>
  parcels.map(async parcel => {
    const { partition } = await producer.send({ topic, key: parcel, value: state })
    partitions.set(parcel, (partitions.get(parcel) ?? new Set()).add(partition))
  }),
)
await Promise.all(sends)
const used = new Set([...partitions.values()].flatMap(each => [...each]))
console.log(`${parcels.length} parcels over ${used.size} partitions`)
console.log(`each on one: ${[...partitions.values()].every(each => each.size === 1)}`)

await using consumer = new Consumer({
  bootstrapServers,
  groupId: 'tracking',
  autoOffsetReset: 'earliest',
  key: string,
  value: string,
})
consumer.subscribe([topic])

const seen = new Map<string, string[]>()
const end = new AbortController()
let left = parcels.length * states.length
let underWay = 0
let mostUnderWay = 0
await consumer.run(
  async ({ key, value }) => {
    underWay++
    mostUnderWay = Math.max(mostUnderWay, underWay)
    // Handlers take as long as they like: the next one of this key begins when this one is done, and others need not wait.
    await new Promise(resolve => setTimeout(resolve, value === 'packed' ? 5 : 1))
    seen.set(key ?? '', [...(seen.get(key ?? '') ?? []), value ?? ''])
    underWay--
    if (--left === 0) end.abort()
  },
  // 'partition' would keep the order of whole partitions, with less side by side; 'none' keeps none.
  { concurrency: 8, orderBy: 'key', signal: end.signal },
)
console.log(`each in order: ${[...seen.values()].every(each => each.join() === states.join())}`)
console.log(`up to ${mostUnderWay} side by side`)
