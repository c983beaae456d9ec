/**
 * The bank of the tour: accounts and a ledger in an SQLite file, and what an auditor finds in it.
 */
import { type SqliteStore, sqliteStore } from '@samsa/eos/sqlite'

export interface Transfer {
  readonly id: string
  readonly from: string
  readonly to: string
  readonly amount: number
}

export interface Audit {
  /** Over all accounts. */
  readonly total: number
  /** Transfers with two entries that are right, each once. */
  readonly settled: number
  /** Everything that should not be, as a sentence each. */
  readonly faults: readonly string[]
}

export const ACCOUNTS: readonly string[] = ['ann', 'bob', 'cem', 'dee', 'eva', 'fay', 'gus', 'hal', 'ida', 'jon']
export const OPENING_BALANCE = 1_000

/** The tables are the application's own; the unique key is what lets no entry be there twice. */
export async function openBank(path: string): Promise<void> {
  await using store = sqliteStore(path)
  await store.transaction(async tx => {
    tx.run('CREATE TABLE accounts (id TEXT PRIMARY KEY, balance INTEGER NOT NULL)')
    tx.run(`CREATE TABLE ledger (
      transfer_id TEXT NOT NULL, account_id TEXT NOT NULL, amount INTEGER NOT NULL, PRIMARY KEY (transfer_id, account_id))`)
    for (const id of ACCOUNTS) tx.run('INSERT INTO accounts VALUES (?, ?)', id, OPENING_BALANCE)
  })
}

/** Compares accounts and ledger with one another, and with the transfers that were sent. */
export async function auditBank(path: string, transfers: readonly Transfer[]): Promise<Audit> {
  await using store = sqliteStore(path)
  const { balances, entries } = await readBank(store)
  const faults: string[] = []
  const expected = new Map(ACCOUNTS.map(id => [id, OPENING_BALANCE]))
  let settled = 0
  for (const { id, from, to, amount } of transfers) {
    expected.set(from, (expected.get(from) ?? 0) - amount)
    expected.set(to, (expected.get(to) ?? 0) + amount)
    if (entries.get(`${id}/${from}`) === -amount && entries.get(`${id}/${to}`) === amount) settled++
    else faults.push(`transfer ${id} is not in the ledger as it was sent`)
  }
  if (entries.size !== transfers.length * 2) {
    faults.push(`the ledger has ${entries.size} entries for ${transfers.length} transfers`)
  }
  for (const [id, balance] of expected) {
    if (balances.get(id) !== balance) faults.push(`${id} has ${balances.get(id)} where the transfers make ${balance}`)
  }
  return { total: [...balances.values()].reduce((sum, balance) => sum + balance, 0), settled, faults }
}

function readBank(store: SqliteStore) {
  return store.transaction(async tx => ({
    balances: new Map(
      tx.all('SELECT id, balance FROM accounts').map(({ id, balance }) => [String(id), Number(balance)]),
    ),
    entries: new Map(
      tx
        .all('SELECT transfer_id, account_id, amount FROM ledger')
        .map(row => [`${row['transfer_id']}/${row['account_id']}`, Number(row['amount'])]),
    ),
  }))
}
