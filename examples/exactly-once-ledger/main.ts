/**
 * Exactly once, by a unique constraint: every transfer is two rows of a ledger, under a key that can be there once. The rows and
 * the balances are one commit, so there is no moment at which money is halfway; and they stay, so a duplicate is stopped however
 * late it comes.
 */
import { Consumer, type ConsumerRecord, json } from '@samsa/consumer'
import { ledger } from '@samsa/eos'
import { sqliteStore } from '@samsa/eos/sqlite'
import { Producer } from '@samsa/producer'
import { temporaryFolder } from '../temporary-folder.js'

interface Transfer {
  readonly id: string
  readonly from: string
  readonly to: string
  readonly amount: number
}

const bootstrapServers = process.env['BOOTSTRAP_SERVERS'] ?? 'localhost:9092'
const topic = 'transfers'
const first = { id: 't1', from: 'ann', to: 'bob', amount: 30 }
const second = { id: 't2', from: 'bob', to: 'cem', amount: 10 }

await using producer = new Producer({ bootstrapServers, value: json<Transfer>() })
// The last one is no duplicate: it has the id of another transfer, and says something else.
const sent = [first, first, second, first, { ...second, amount: 99 }]
await producer.sendAll(sent.map(value => ({ topic, partition: 0, value })))

using folder = temporaryFolder()
await using store = sqliteStore(folder.file('bank.db'))
await store.transaction(async tx => {
  tx.run('CREATE TABLE accounts (id TEXT PRIMARY KEY, balance INTEGER NOT NULL)')
  // The constraint is what the promise stands on. Its columns are the `key` of the entries.
  tx.run(`CREATE TABLE ledger (
    transfer_id TEXT NOT NULL, account_id TEXT NOT NULL, amount INTEGER NOT NULL, UNIQUE (transfer_id, account_id))`)
  for (const id of ['ann', 'bob', 'cem']) tx.run('INSERT INTO accounts VALUES (?, 100)', id)
})

await using consumer = new Consumer({
  bootstrapServers,
  groupId: 'ledger',
  autoOffsetReset: 'earliest',
  value: json<Transfer>(),
})
consumer.subscribe([topic])

const transfer = ledger(
  {
    store,
    entries: ({ value }: ConsumerRecord<unknown, Transfer>) => {
      if (value === null) return []
      const { id, from, to, amount } = value
      return [
        { table: 'ledger', key: { transfer_id: id, account_id: from }, row: { amount: -amount } },
        { table: 'ledger', key: { transfer_id: id, account_id: to }, row: { amount } },
      ]
    },
    // Checked before anything is written: money neither comes nor goes.
    invariant: entries => entries.reduce((sum, { row }) => sum + Number(row['amount']), 0) === 0,
    onDuplicate: ({ value, offset }) => console.log(`offset ${offset}: ${value?.id} is there already`),
  },
  ({ value, offset }, { tx }) => {
    if (value === null) return
    tx.run('UPDATE accounts SET balance = balance - ? WHERE id = ?', value.amount, value.from)
    tx.run('UPDATE accounts SET balance = balance + ? WHERE id = ?', value.amount, value.to)
    console.log(`offset ${offset}: ${value.id} moves ${value.amount} from ${value.from} to ${value.to}`)
  },
)

const end = new AbortController()
await consumer.run(
  async (record, context) => {
    try {
      await transfer(record, context)
    } catch (error) {
      // A PayloadMismatchError. Nothing was written. A service would give such records to the run's deadLetter.
      console.log(`offset ${record.offset}: ${(error as Error).name}`)
    }
    if (record.offset === BigInt(sent.length - 1)) end.abort()
  },
  { signal: end.signal },
)

const accounts = await store.transaction(async tx => tx.all('SELECT id, balance FROM accounts ORDER BY id'))
console.log(accounts.map(({ id, balance }) => `${id} ${balance}`).join(', '))
