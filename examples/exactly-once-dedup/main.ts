/**
 * Exactly once, by an id: each payment has one, chosen by its sender, and is sent more than once, as senders do that got no
 * answer. The consumer writes id and effect in one database transaction, so a payment that comes again finds its id and is left
 * out; and one whose handler failed in the middle has left nothing behind, and is handled anew.
 */
import { Consumer, json, string } from '@samsa/consumer'
import { dedup } from '@samsa/eos'
import { sqliteStore } from '@samsa/eos/sqlite'
import { Producer } from '@samsa/producer'
import { temporaryFolder } from '../temporary-folder.js'

interface Payment {
  readonly id: string
  readonly account: string
  readonly amount: number
}

const bootstrapServers = process.env['BOOTSTRAP_SERVERS'] ?? 'localhost:9092'
const topic = 'payments'
const payments: readonly Payment[] = [
  { id: 'p1', account: 'ann', amount: 10 },
  { id: 'p2', account: 'bob', amount: 20 },
  { id: 'p3', account: 'ann', amount: 30 },
]

// Everything arrives three times, each time at other offsets: for Kafka these are nine records.
const sent = [...payments, ...payments, ...payments]
await using producer = new Producer({ bootstrapServers, value: json<Payment>(), key: string })
await producer.sendAll(sent.map(value => ({ topic, partition: 0, key: value.account, value })))

// The application's own tables lie in the same database as the ids: only so can one commit cover both.
using folder = temporaryFolder()
await using store = sqliteStore(folder.file('bank.db'))
await store.transaction(async tx => tx.run('CREATE TABLE accounts (id TEXT PRIMARY KEY, balance INTEGER NOT NULL)'))

await using consumer = new Consumer({
  bootstrapServers,
  groupId: 'bank',
  autoOffsetReset: 'earliest',
  value: json<Payment>(),
})
consumer.subscribe([topic])

let duplicates = 0
let failures = 1
const finished = new AbortController()

await consumer.run(
  dedup(
    {
      store,
      key: record => record.value?.id,
      onDuplicate: () => {
        duplicates++
        if (duplicates === sent.length - payments.length) finished.abort()
      },
    },
    ({ value }, { tx }) => {
      if (value === null) return
      const { account, amount } = value
      // Only what goes through tx is part of the transaction. A request to somewhere else would not be taken back.
      tx.run(
        'INSERT INTO accounts VALUES (?, ?) ON CONFLICT (id) DO UPDATE SET balance = balance + excluded.balance',
        account,
        amount,
      )
      // The first attempt fails behind the effect, and takes it back with the id.
      if (failures-- > 0) throw new Error('the power went out')
    },
  ),
  { retry: { attempts: 3, initialMs: 10 }, signal: finished.signal },
)

const accounts = await store.transaction(async tx => tx.all('SELECT id, balance FROM accounts ORDER BY id'))
for (const { id, balance } of accounts) console.log(`${id}: ${balance}`)
console.log(`duplicates stopped: ${duplicates}`)
