/**
 * What PostgreSQL's errors mean, by their SQLSTATE. An error without one did not come from the server, so the connection is not
 * what it was.
 */
import type { SqlErrors, SqlTrouble } from '../sql/sql-connection.js'

const ENDS_OR_BEGINS =
  /^(?:\s|--[^\n]*\n|\/\*[\s\S]*?\*\/|;)*(?:begin|start\s+transaction|commit|end|abort|prepare\s+transaction|rollback(?!\s+(?:work\s+|transaction\s+)?to\b))\b/i

const TROUBLES: Readonly<Record<string, SqlTrouble>> = {
  '40001': 'conflict',
  '40P01': 'conflict',
  '25006': 'readOnly',
  '55P03': 'slow',
  '57014': 'slow',
}

export const postgresErrors: SqlErrors = {
  database: 'PostgreSQL',
  troubleOf(error) {
    const { code, severity } = error as { code?: unknown; severity?: unknown }
    if (typeof severity !== 'string' || typeof code !== 'string') return 'lost'
    // The connection (08, 57P, 25P03 and 25P04, which end it), and what no statement is to blame for: room, disk, the server.
    if (/^(?:08|53|57P|58|XX|25P03|25P04)/.test(code)) return 'lost'
    return TROUBLES[code]
  },
  objectionTo(sql) {
    if (!ENDS_OR_BEGINS.test(sql)) return undefined
    return 'The store begins and ends the transaction: return from the handler to commit, throw to roll back. A savepoint may be used.'
  },
}

export function sqlStateOf(error: unknown): unknown {
  return (error as { code?: unknown }).code
}
