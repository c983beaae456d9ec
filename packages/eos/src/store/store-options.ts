/**
 * The options of stores, and their check: wrong use throws where the store is made, and not when a record comes.
 */
import { configTable, type OptionRows, parseOptions, surroundingRows } from '@samsa/runtime/internal'

const { clock, random } = surroundingRows
/** A timer of Node. */
const LONGEST_MS = 2_147_483_647
const count = { type: 'integer', min: 1, max: 1_000_000_000, optional: true, kafka: null } as const
const time = { type: 'integer', min: 1, max: LONGEST_MS, optional: true, kafka: null } as const

const waiting = { ...count, min: 0, text: 'The most that may wait.' } as const
const waits = {
  clock,
  maxWaiting: waiting,
  waitTimeoutMs: { ...time, text: 'The longest that one may wait.' },
} as const
const sql = {
  ...waits,
  random,
  maxAttempts: { ...count, text: 'How often a transaction is tried while it is in conflict with others.' },
  statementTimeoutMs: { ...time, text: 'The longest that a statement may take.' },
} as const

type StoreName = 'memoryStore' | 'sqliteStore' | 'postgresStore' | 'mysqlStore' | 'redisStore'

const rowsByStore: Readonly<Record<StoreName, OptionRows>> = {
  memoryStore: {
    ...waits,
    maxIds: { ...count, text: 'The most ids that it remembers.' },
    maxOutboxRecords: { ...count, text: 'The most records that may wait in its outboxes.' },
  },
  sqliteStore: {
    ...waits,
    random,
    driver: {
      type: 'enum',
      values: ['node:sqlite', 'libsql', 'better-sqlite3'],
      optional: true,
      kafka: null,
      text: 'With what a file is opened.',
    },
    busyTimeoutMs: { ...time, min: 0, text: 'How long another process may hold the file.' },
  },
  postgresStore: sql,
  mysqlStore: sql,
  redisStore: {
    clock,
    maxWaiting: waiting,
    durability: {
      type: 'enum',
      values: ['process', 'disk', 'async-replicated', 'sync-replicated'],
      optional: true,
      kafka: null,
      text: 'What an answered claim survives.',
    },
    keyPrefix: { type: 'string', optional: true, kafka: null, text: 'In front of every key.' },
    commandTimeoutMs: { ...time, text: 'The longest that a command may take.' },
  },
}

export function checkStoreOptions(store: StoreName, options: object): void {
  parseOptions(configTable({ name: store, rows: rowsByStore[store] }), options)
}
