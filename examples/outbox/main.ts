/**
 * An outbox: an order, and the event that tells of it, are one transaction of the database. Sending in the handler would be two
 * steps with a crash between them: an order that nobody hears of, or an event of an order that is not there. So the event is put
 * into a table beside the order, and a relay sends what is there.
 */
import { Consumer, json, string } from '@samsa/consumer'
import { outbox } from '@samsa/eos'
import { sqliteStore } from '@samsa/eos/sqlite'
import { temporaryFolder } from '../temporary-folder.js'

interface OrderPlaced {
  readonly order: string
  readonly total: number
}

const bootstrapServers = process.env['BOOTSTRAP_SERVERS'] ?? 'localhost:9092'
const topic = 'order-events'

using folder = temporaryFolder()
await using store = sqliteStore(folder.file('shop.db'))
await store.transaction(async tx =>
  tx.run('CREATE TABLE orders (id TEXT PRIMARY KEY, total INTEGER CHECK (total > 0))'),
)

// Records of one key are in one lane, and so in order; lanes are sent side by side.
const events = outbox(store, { name: 'shop', lanes: 2, key: string, value: json<OrderPlaced>() })

async function placeOrder(order: string, total: number): Promise<void> {
  await store.transaction(async tx => {
    await events.put(tx, { topic, key: order, value: { order, total } })
    // Where this fails, the event is gone with it, although it was put first.
    tx.run('INSERT INTO orders VALUES (?, ?)', order, total)
  })
}

for (const [order, total] of [
  ['o1', 30],
  ['o2', 0],
  ['o3', 12],
  ['o4', 7],
] as const) {
  try {
    await placeOrder(order, total)
  } catch {
    console.log(`${order} is refused`)
  }
}
const { records } = await events.waiting()
console.log(`${records} events wait`)

// Any number of relays may run, in any process: each lane is one's at a time, and another takes over when that one is gone.
// 'exactly-once' writes what was sent in the same Kafka transaction, so a relay that dies between sending and deleting sends
// nothing twice. 'at-least-once' is cheaper, and asks readers to know an event by its outbox-id.
const relay = events.relay({ producer: { bootstrapServers }, mode: 'exactly-once', pollIntervalMs: 20 })
const end = new AbortController()
const relaying = relay.run({ signal: end.signal })

await using reader = new Consumer({
  bootstrapServers,
  groupId: 'mailer',
  autoOffsetReset: 'earliest',
  // A transaction that was aborted has sent nothing, to those who ask for what is committed.
  isolationLevel: 'readCommitted',
  key: string,
  value: json<OrderPlaced>(),
})
reader.subscribe([topic])
const told: string[] = []
for await (const { value } of reader) {
  told.push(`${value?.order} for ${value?.total}`)
  if (told.length === records) break
}
console.log(`told of ${told.toSorted().join(', ')}`)

while ((await events.waiting()).records > 0) await new Promise(resolve => setTimeout(resolve, 10))
console.log('nothing waits any more')
end.abort()
await relaying
