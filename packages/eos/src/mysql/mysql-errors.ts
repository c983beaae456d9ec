/**
 * What the errors of MySQL and MariaDB mean, by their numbers. An error without an SQLSTATE did not come from the server, so the
 * connection is not what it was.
 */
import { KafkaError } from '@samsa/runtime'
import type { SqlErrors, SqlTrouble } from '../sql/sql-connection.js'

export const DUPLICATE_ENTRY = 1062

const TROUBLES: ReadonlyMap<number, SqlTrouble> = new Map([
  // A deadlock; a lock that did not come; a row that has changed since it was read.
  ...[1213, 1205, 1020].map(number => [number, 'conflict'] as const),
  // Started read-only; a transaction, or a server, that is so now.
  ...[1290, 1792, 1836].map(number => [number, 'readOnly'] as const),
  // A limit of the server on a statement, or somebody who has ended it.
  ...[1317, 1969, 3024].map(number => [number, 'slow'] as const),
  // What no statement is to blame for: disk, memory, files.
  ...[3, 1021, 1026, 1030, 1037, 1038, 1041, 1114].map(number => [number, 'lost'] as const),
  // Too many connections; shutting down; killed; left idle too long.
  ...[1040, 1053, 1129, 1203, 1927, 4031].map(number => [number, 'lost'] as const),
])

const START = /^(?:\s|--[^\n]*\n|#[^\n]*\n|\/\*[\s\S]*?\*\/|;)*/
const ENDS_OR_BEGINS =
  /^(?:begin|start\s+transaction|commit|xa|rollback(?!\s+(?:work\s+)?to\b)|set\s+(?:session\s+|@@)?autocommit)\b/i
/** Each commits what was done before it, without being asked. */
const COMMITS_BY_ITSELF =
  /^(?:alter|create(?!\s+temporary\s+table)|drop(?!\s+temporary\s+table)|truncate|rename|grant|revoke|analyze|optimize|repair|check|cache|flush|reset|install|uninstall|lock|unlock)\b/i

export const mysqlErrors: SqlErrors = {
  database: 'The MySQL server',
  troubleOf(error) {
    if (KafkaError.is(error)) return undefined
    const { sqlState, fatal } = error as { sqlState?: unknown; fatal?: unknown }
    return TROUBLES.get(errorNumber(error)) ?? (typeof sqlState === 'string' && fatal !== true ? undefined : 'lost')
  },
  objectionTo(sql) {
    const statement = sql.replace(START, '')
    if (ENDS_OR_BEGINS.test(statement)) {
      return 'The store begins and ends the transaction: return from the handler to commit, throw to roll back. A savepoint may be used.'
    }
    if (!COMMITS_BY_ITSELF.test(statement)) return undefined
    return `MySQL commits before and behind "${statement.slice(0, 40)}", in the middle of what belongs together: do that outside of the transaction.`
  },
}

export function errorNumber(error: unknown): number {
  return Number((error as { errno?: unknown }).errno)
}

export function committedEarly(): KafkaError {
  return new KafkaError(
    'A statement of the handler has ended the transaction before its end, so the id and part of the effects are committed without the rest: do not call what commits by itself, such as a procedure with DDL.',
    { code: 'COMMITTED_EARLY', fatal: true },
  )
}
