/**
 * Offsets in the database: results, and the offset behind the records that they come from, are one transaction of SQLite. There is
 * no moment at which one is there and the other is not, so no record needs an id, and none counts twice. Kafka's own offsets are
 * not used; who takes a partition over goes on where the results end.
 */
import { Consumer, json, string } from '@samsa/consumer'
import { type OffsetsWork, offsetsInTransaction } from '@samsa/eos'
import { type SqliteTx, sqliteStore } from '@samsa/eos/sqlite'
import { Producer } from '@samsa/producer'
import { temporaryFolder } from '../temporary-folder.js'

interface Sale {
  readonly total: number
}

const bootstrapServers = process.env['BOOTSTRAP_SERVERS'] ?? 'localhost:9092'
const topic = 'sales'
const SALES = 100

await using producer = new Producer({ bootstrapServers, key: string, value: json<Sale>() })
const shops = ['north', 'south']
const sales = Array.from({ length: SALES }, (_, n) => ({
  topic,
  partition: 0,
  key: shops[n % 2] ?? '',
  value: { total: n },
}))
await producer.sendAll(sales)

using folder = temporaryFolder()
await using store = sqliteStore(folder.file('sales.db'))
await store.transaction(async tx => tx.run('CREATE TABLE totals (shop TEXT PRIMARY KEY, total INTEGER NOT NULL)'))

/** Works until so many records are done, as a process that lives for so long. */
async function life(name: string, count: number, work: OffsetsWork<SqliteTx, string, Sale>): Promise<void> {
  await using consumer = new Consumer({
    bootstrapServers,
    groupId: 'totals',
    // Both are asked for, and said by name where they are missing: the store alone knows where to go on.
    enableAutoCommit: false,
    autoOffsetReset: 'none',
    maxPollRecords: 20,
    key: string,
    value: json<Sale>(),
  })
  const end = new AbortController()
  let done = 0
  const loop = offsetsInTransaction(
    { consumer, store, topics: [topic], batch: 10, onMissing: 'earliest', retryBackoffMs: 1 },
    async (records, context) => {
      await work(records, context)
      done += records.length
      if (done >= count) end.abort()
    },
  )
  await loop.run({ signal: end.signal })
  console.log(`${name}: ${done} records`)
}

const add: OffsetsWork<SqliteTx, string, Sale> = (records, { tx }) => {
  for (const { key, value } of records) {
    // Only what goes through tx is part of the transaction.
    tx.run(
      'INSERT INTO totals VALUES (?, ?) ON CONFLICT (shop) DO UPDATE SET total = total + excluded.total',
      key,
      value?.total ?? 0,
    )
  }
}

let failures = 0
await life('first process', 40, async (records, context) => {
  await add(records, context)
  // Behind the effect, in front of the commit: it is taken back with the offset, and done anew.
  if (records[0]?.offset === 20n && context.attempt === 1) {
    failures++
    throw new Error('the disk is busy')
  }
})
await life('second process', SALES - 40, add)

const { totals, next } = await store.transaction(async tx => ({
  totals: tx.all('SELECT shop, total FROM totals ORDER BY shop'),
  next: tx.get('SELECT next_offset FROM eos_offsets WHERE group_id = ?', 'totals')?.['next_offset'],
}))
console.log(`${failures} transaction rolled back`)
console.log(totals.map(({ shop, total }) => `${shop} ${total}`).join(', '))
console.log(`the database goes on at offset ${next}`)
