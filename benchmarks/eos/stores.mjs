/**
 * What `dedup` costs: `node benchmarks/eos/stores.mjs [--only TEXT] [--rounds N] [--seconds N]`. Each workload is
 * done by `dedup`, and by the same statements written by hand, in turns; told are transactions and records a second, and the
 * ratio of each round. Needs a build, Node 22.13 or newer for node:sqlite, and PostgreSQL for its part.
 *
 * Every record is new: its id and one row of an effect are written by one commit, which is on disk when it is answered.
 */
import { createHash } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { parseArgs } from 'node:util'
import { dedup, dedupBatch } from '@samsa/eos'
import { postgresStore } from '@samsa/eos/postgres'
import { sqliteStore } from '@samsa/eos/sqlite'
import pg from 'pg'
import { startPostgres } from './postgres-process.mjs'

const { values } = parseArgs({
  options: {
    only: { type: 'string', default: '' },
    rounds: { type: 'string', default: '7' },
    seconds: { type: 'string', default: '1' },
  },
})
const BATCH = 100
const TTL_MS = 14 * 24 * 3_600_000
const VALUE = Buffer.from(JSON.stringify({ total: 12, note: 'x'.repeat(80) }))
const CONTEXT = { attempt: 1, signal: new AbortController().signal, groupId: 'billing', heartbeat: async () => {} }

let next = 0
const record = () => {
  const id = `order-${next++}`
  return { topic: 'orders', partition: 0, offset: BigInt(next), key: id, value: { id, total: 12 }, valueBytes: VALUE }
}
const records = () => Array.from({ length: BATCH }, record)
const fingerprint = () => createHash('sha256').update(VALUE).digest()

const folder = mkdtempSync(join(tmpdir(), 'samsa-stores-'))
const postgres = await startPostgres()
try {
  process.stdout.write(`Node ${process.versions.node}, ${values.rounds} rounds of ${values.seconds} s each\n\n`)
  process.stdout.write('| | dedup | by hand | dedup is | CPU, dedup / by hand |\n| --- | ---: | ---: | ---: | ---: |\n')
  for (const { name, prepare } of [...sqliteWorkloads(), ...(postgres === undefined ? [] : postgresWorkloads())]) {
    if (name.includes(values.only)) await measure(name, await prepare())
  }
  if (postgres === undefined) process.stdout.write('\nThere is no PostgreSQL here.\n')
} finally {
  await postgres?.stop()
  rmSync(folder, { recursive: true, force: true })
}

function sqliteWorkloads() {
  const prepare = async () => {
    const store = sqliteStore(join(folder, `dedup-${next}.db`), { driver: 'node:sqlite' })
    await store.transaction(async tx => tx.run('CREATE TABLE bills (order_id TEXT, total INTEGER)'))
    const byHand = new DatabaseSync(join(folder, `hand-${next}.db`))
    byHand.exec(`PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;
      CREATE TABLE eos_once (scope TEXT NOT NULL, key TEXT NOT NULL, fingerprint BLOB, expires_at INTEGER NOT NULL,
        PRIMARY KEY (scope, key)) WITHOUT ROWID;
      CREATE INDEX eos_once_by_expiry ON eos_once (expires_at);
      CREATE TABLE bills (order_id TEXT, total INTEGER)`)
    const once = byHand.prepare(`INSERT INTO eos_once (scope, key, fingerprint, expires_at) VALUES (?, ?, ?, ?)
      ON CONFLICT (scope, key) DO UPDATE SET fingerprint = excluded.fingerprint, expires_at = excluded.expires_at
      WHERE eos_once.expires_at <= ?`)
    const bill = byHand.prepare('INSERT INTO bills (order_id, total) VALUES (?, ?)')
    const handle = ({ value }) => {
      const now = Date.now()
      if (once.run('billing', value.id, fingerprint(), now + TTL_MS, now).changes > 0) bill.run(value.id, value.total)
    }
    return { store, byHand, handle }
  }
  const effect = (tx, { value }) => tx.run('INSERT INTO bills (order_id, total) VALUES (?, ?)', value.id, value.total)
  return [
    {
      name: 'SQLite, one record a transaction',
      prepare: async () => {
        const { store, byHand, handle } = await prepare()
        const handler = dedup({ store, key: ({ value }) => value.id }, (record, { tx }) => void effect(tx, record))
        const hand = async () => {
          byHand.exec('BEGIN IMMEDIATE')
          handle(record())
          byHand.exec('COMMIT')
        }
        return { records: 1, dedup: () => handler(record(), CONTEXT), hand, end: () => store.close() }
      },
    },
    {
      name: `SQLite, ${BATCH} records a transaction`,
      prepare: async () => {
        const { store, byHand, handle } = await prepare()
        const handler = dedupBatch({ store, key: ({ value }) => value.id }, (batch, { tx }) => {
          for (const record of batch) effect(tx, record)
        })
        const hand = async () => {
          byHand.exec('BEGIN IMMEDIATE')
          for (const record of records()) handle(record)
          byHand.exec('COMMIT')
        }
        return {
          records: BATCH,
          dedup: () => handler(records(), { groupId: 'billing' }),
          hand,
          end: () => store.close(),
        }
      },
    },
  ]
}

function postgresWorkloads() {
  const prepare = async () => {
    const pool = new pg.Pool({ ...postgres.connection, max: 8 })
    const store = postgresStore(pool)
    await store.setup()
    await pool.query('CREATE TABLE IF NOT EXISTS bills (order_id text, total bigint)')
    const inTransaction = async work => {
      const client = await pool.connect()
      try {
        await client.query('BEGIN')
        await work(client)
        await client.query('COMMIT')
      } finally {
        client.release()
      }
    }
    const end = async () => {
      await store.close()
      await pool.end()
    }
    return { store, inTransaction, end }
  }
  const single = async () => {
    const { store, inTransaction, end } = await prepare()
    const sql = 'INSERT INTO bills (order_id, total) VALUES ($1, $2)'
    const handler = dedup({ store, key: ({ value }) => value.id }, (record, { tx }) =>
      tx.run(sql, record.value.id, record.value.total),
    )
    const hand = () =>
      inTransaction(async client => {
        const { value } = record()
        const { rowCount } = await client.query(
          `INSERT INTO eos_once (scope, key, fingerprint, expires_at)
           VALUES ($1, $2, $3, floor(extract(epoch FROM clock_timestamp()) * 1000)::bigint + $4::bigint)
           ON CONFLICT (scope, key) DO NOTHING`,
          ['by hand', value.id, fingerprint(), TTL_MS],
        )
        if (rowCount > 0) await client.query(sql, [value.id, value.total])
      })
    return { records: 1, dedup: () => handler(record(), CONTEXT), hand, end }
  }
  const batch = async () => {
    const { store, inTransaction, end } = await prepare()
    const sql = 'INSERT INTO bills (order_id, total) SELECT * FROM unnest($1::text::text[], $2::text::bigint[])'
    const list = texts => `{${texts.join(',')}}`
    const columns = batch => [list(batch.map(({ value }) => value.id)), list(batch.map(({ value }) => value.total))]
    const handler = dedupBatch({ store, key: ({ value }) => value.id }, (batch, { tx }) =>
      tx.run(sql, ...columns(batch)),
    )
    const hand = () =>
      inTransaction(async client => {
        const batch = records()
        const { rows } = await client.query(
          `INSERT INTO eos_once (scope, key, fingerprint, expires_at)
           SELECT 'by hand', key, fingerprint, floor(extract(epoch FROM clock_timestamp()) * 1000)::bigint + $3::bigint
           FROM unnest($1::text[], $2::bytea[]) AS r (key, fingerprint) ON CONFLICT (scope, key) DO NOTHING RETURNING key`,
          [batch.map(({ value }) => value.id), batch.map(fingerprint), TTL_MS],
        )
        const fresh = new Set(rows.map(({ key }) => key))
        await client.query(sql, columns(batch.filter(({ value }) => fresh.has(value.id))))
      })
    return { records: BATCH, dedup: () => handler(records(), { groupId: 'billing' }), hand, end }
  }
  return [
    { name: 'PostgreSQL, one record a transaction', prepare: single },
    { name: 'PostgreSQL, the same, 8 at a time', prepare: async () => ({ ...(await single()), atOnce: 8 }) },
    { name: `PostgreSQL, ${BATCH} records a transaction`, prepare: batch },
  ]
}

/** In turns, after a round that does not count. */
async function measure(name, { records: each, dedup: ours, hand, end, atOnce = 1 }) {
  const rounds = []
  for (let count = 0; count <= Number(values.rounds); count++) {
    const pair =
      count % 2 === 0
        ? [await round(ours, atOnce), await round(hand, atOnce)]
        : [await round(hand, atOnce), await round(ours, atOnce)].reverse()
    if (count > 0) rounds.push(pair)
  }
  await end()
  const perSecond = index => median(rounds.map(pair => pair[index].perSecond))
  const cpuMs = index => median(rounds.map(pair => pair[index].cpuMs)).toFixed(2)
  const ratios = rounds.map(([one, other]) => (100 * one.perSecond) / other.perSecond).sort((one, other) => one - other)
  const shown = rate => `${Math.round(rate * each).toLocaleString('en')} records/s`
  const spread = `${ratios[0].toFixed(0)}-${ratios.at(-1).toFixed(0)}`
  process.stdout.write(
    `| ${name} | ${shown(perSecond(0))} | ${shown(perSecond(1))} | **${median(ratios).toFixed(0)} %** (${spread}) | ${cpuMs(0)} / ${cpuMs(1)} ms a transaction |\n`,
  )
}

async function round(transaction, atOnce) {
  const [startMs, startCpu] = [performance.now(), process.cpuUsage()]
  const untilMs = startMs + Number(values.seconds) * 1000
  let done = 0
  await Promise.all(
    Array.from({ length: atOnce }, async () => {
      for (; performance.now() < untilMs; done++) await transaction()
    }),
  )
  const { user, system } = process.cpuUsage(startCpu)
  return { perSecond: (done * 1000) / (performance.now() - startMs), cpuMs: (user + system) / 1000 / done }
}

function median(numbers) {
  return numbers.toSorted((one, other) => one - other)[Math.floor(numbers.length / 2)]
}
