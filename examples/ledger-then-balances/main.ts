/**
 * A ledger first, balances afterwards: the consumer only writes entries, which is quick and needs no lock on an account. Balances
 * are brought up to date from the entries behind a mark, now and then, in one transaction with the mark. Whoever needs a balance
 * this instant adds what is behind the mark.
 */
import { Consumer, type ConsumerRecord, json } from '@samsa/consumer'
import { ledger } from '@samsa/eos'
import { sqliteStore } from '@samsa/eos/sqlite'
import { Producer } from '@samsa/producer'
import { temporaryFolder } from '../temporary-folder.js'

interface Booking {
  readonly id: string
  readonly account: string
  readonly amount: number
}

const bootstrapServers = process.env['BOOTSTRAP_SERVERS'] ?? 'localhost:9092'
const topic = 'bookkeeping'
const bookings = Array.from(
  { length: 100 },
  (_, n): Booking => ({ id: `b${n}`, account: n % 2 ? 'ann' : 'bob', amount: n }),
)

await using producer = new Producer({ bootstrapServers, value: json<Booking>() })
const sent = bookings.flatMap(booking => [booking, booking])
await producer.sendAll(sent.map(value => ({ topic, partition: 0, value })))

using folder = temporaryFolder()
await using store = sqliteStore(folder.file('books.db'))
await store.transaction(async tx => {
  // The sequence gives entries an order of their own, in which the mark moves.
  tx.run(`CREATE TABLE entries (
    sequence INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT UNIQUE NOT NULL, account TEXT NOT NULL, amount INTEGER NOT NULL)`)
  tx.run('CREATE TABLE balances (account TEXT PRIMARY KEY, balance INTEGER NOT NULL)')
  tx.run('CREATE TABLE summed (up_to INTEGER NOT NULL)')
  tx.run('INSERT INTO summed VALUES (0)')
})

/** Again and again harmless: entries and mark move together or not at all. */
function bringUpToDate(): Promise<number> {
  return store.transaction(async tx => {
    const upTo = Number(tx.get('SELECT up_to FROM summed')?.['up_to'])
    const behind = tx.get('SELECT count(*) AS count, max(sequence) AS last FROM entries WHERE sequence > ?', upTo)
    const last = Number(behind?.['last'] ?? upTo)
    tx.run(
      `INSERT INTO balances SELECT account, sum(amount) FROM entries WHERE sequence > ? AND sequence <= ? GROUP BY account
        ON CONFLICT (account) DO UPDATE SET balance = balance + excluded.balance`,
      upTo,
      last,
    )
    tx.run('UPDATE summed SET up_to = ?', last)
    return Number(behind?.['count'])
  })
}

await using consumer = new Consumer({
  bootstrapServers,
  groupId: 'books',
  autoOffsetReset: 'earliest',
  value: json<Booking>(),
})
consumer.subscribe([topic])

let duplicates = 0
const book = ledger(
  {
    store,
    entries: ({ value }: ConsumerRecord<unknown, Booking>) =>
      value === null
        ? []
        : [{ table: 'entries', key: { id: value.id }, row: { account: value.account, amount: value.amount } }],
    onDuplicate: () => void duplicates++,
  },
  // The entry is all there is to do.
  () => {},
)
const end = new AbortController()
await consumer.run(
  async (record, context) => {
    await book(record, context)
    // A service would do this by a timer, or in another process.
    if (record.offset === 99n) console.log(`brought up to date: ${await bringUpToDate()} entries`)
    if (record.offset === BigInt(sent.length - 1)) end.abort()
  },
  { signal: end.signal },
)
console.log(`brought up to date: ${await bringUpToDate()} entries`)
console.log(`duplicates stopped: ${duplicates}`)

const balances = await store.transaction(async tx => tx.all('SELECT account, balance FROM balances ORDER BY account'))
console.log(balances.map(({ account, balance }) => `${account} ${balance}`).join(', '))
