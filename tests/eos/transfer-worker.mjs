/**
 * One worker of the money transfer: handles all records of a topic by one scheme, with accounts in an SQLite file, and ends. Told
 * what to do by TRANSFER_JOB; killed at the step that SAMSA_EOS_FAILPOINT names.
 */
import { Consumer, json } from '@samsa/consumer'
import { dedup, dedupBatch, ledger, versionCheck } from '@samsa/eos'
import { sqliteStore } from '@samsa/eos/sqlite'

const { bootstrapServers, topic, scheme, path, count } = JSON.parse(process.env.TRANSFER_JOB ?? '{}')

const LEASE_MS = 200

/** Nothing here is unique: what is done twice is seen. */
const TABLES = [
  'CREATE TABLE IF NOT EXISTS accounts (id TEXT PRIMARY KEY, balance INTEGER NOT NULL)',
  'CREATE TABLE IF NOT EXISTS legs (transfer TEXT NOT NULL, account TEXT NOT NULL, amount INTEGER NOT NULL)',
  'CREATE TABLE IF NOT EXISTS entries (transfer TEXT, account TEXT, amount INTEGER, PRIMARY KEY (transfer, account))',
  'CREATE TABLE IF NOT EXISTS books (id TEXT PRIMARY KEY, version INTEGER NOT NULL, last_msg_id TEXT)',
  'CREATE TABLE IF NOT EXISTS requests (idempotency_key TEXT PRIMARY KEY)',
  'CREATE TABLE IF NOT EXISTS duplicates (transfer TEXT NOT NULL)',
]

const store = sqliteStore(path)
await store.transaction(async tx => {
  for (const sql of TABLES) tx.run(sql)
})

const key = record => record.value.id
const onDuplicate = record => store.transaction(async tx => tx.run('INSERT INTO duplicates VALUES (?)', key(record)))

const legsOf = ({ id, from, to, amount }) => [
  { table: 'entries', key: { transfer: id, account: from }, row: { amount: -amount } },
  { table: 'entries', key: { transfer: id, account: to }, row: { amount } },
]

function move({ value }, { tx }) {
  for (const { key, row } of legsOf(value)) {
    tx.run('INSERT INTO legs VALUES (?, ?, ?)', key.transfer, key.account, row.amount)
    tx.run(
      'INSERT INTO accounts VALUES (?, ?) ON CONFLICT (id) DO UPDATE SET balance = balance + excluded.balance',
      key.account,
      row.amount,
    )
  }
}

const schemes = {
  dedup: () => dedup({ store, key, onDuplicate }, move),
  // What is called knows a request by its key, as a payment service would.
  lease: () =>
    dedup({ store, key, leaseMs: LEASE_MS, onDuplicate }, (record, { idempotencyKey }) =>
      store.transaction(async tx => {
        if (tx.run('INSERT OR IGNORE INTO requests VALUES (?)', idempotencyKey) > 0) move(record, { tx })
      }),
    ),
  ledger: () => ledger({ store, entries: record => legsOf(record.value), onDuplicate }, move),
  versionCheck: () =>
    versionCheck(
      {
        store,
        table: 'books',
        row: () => ({ id: 'all transfers' }),
        expected: record => BigInt(record.value.number),
        set: () => ({}),
        key,
        onOutcome: (outcome, record) => void (outcome === 'stale' && onDuplicate(record)),
      },
      move,
    ),
  // What happens without any of them: the check has to notice.
  nothing: () => record => store.transaction(async tx => move(record, { tx })),
}

const consumer = new Consumer({
  bootstrapServers,
  groupId: scheme,
  value: json(),
  autoOffsetReset: 'earliest',
  autoCommitIntervalMs: 10,
  fetchMaxWaitMs: 20,
  maxPollRecords: 4,
})
// Given, not shared: a killed member would keep its partition until its session is over.
consumer.assign([{ topic, partition: 0 }])
if (scheme === 'batch') await handleBatches()
else await handleRecords(schemes[scheme]())
await consumer.close()
await store.close()

async function handleRecords(handler) {
  const finished = new AbortController()
  await consumer.run(
    async (record, context) => {
      await handler(record, context)
      if (record.offset === BigInt(count - 1)) finished.abort()
    },
    { signal: finished.signal },
  )
}

async function handleBatches() {
  const handle = dedupBatch({ store, key, onDuplicate }, (records, context) => {
    for (const record of records) move(record, context)
  })
  for await (const records of consumer.batches()) {
    await handle(records, { groupId: scheme })
    if ([...records].at(-1).offset === BigInt(count - 1)) return
  }
}
