/**
 * Orders as JSON, keyed by customer: those of one customer come to one partition, in order.
 */
import { json, Producer, string } from '@samsa/producer'

interface Order {
  readonly customer: string
  readonly total: number
}

const bootstrapServers = process.env['BOOTSTRAP_SERVERS'] ?? 'localhost:9092'

// Nothing is connected yet. `await using` sends what waits, and ends all connections, at the end of this file.
await using producer = new Producer({ bootstrapServers, key: string, value: json<Order>(), compression: 'gzip' })

const orders: Order[] = [
  { customer: 'ann', total: 12 },
  { customer: 'bob', total: 7 },
  { customer: 'ann', total: 30 },
]
// Together in as few batches as can be; each promise resolves when the brokers have its record.
const places = await Promise.all(
  orders.map(order => producer.send({ topic: 'orders', key: order.customer, value: order })),
)
for (const { topic, partition, offset } of places) console.log(`written to ${topic}-${partition} at ${offset}`)
