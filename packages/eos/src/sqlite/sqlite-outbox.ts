/**
 * Statements of the outbox in SQLite. `AUTOINCREMENT` is what keeps a sequence from being given twice; headers are kept as text.
 */
import { headersFromText, headersToText } from '../store/outbox-headers.js'
import type { OutboxLane, OutboxPlace, OutboxRecord, WaitingInLane, WaitingRecord } from '../store/outbox-store.js'
import type { SqliteTx } from './sqlite-tx.js'
import type { SqliteRow } from './sqlite-value.js'

export function putInOutbox(
  tx: SqliteTx,
  { box, lane }: OutboxLane,
  records: readonly OutboxRecord[],
  now: number,
): void {
  for (const { id, topic, partition = null, key, value, headers } of records) {
    tx.run(
      `INSERT INTO eos_outbox (box, lane, id, topic, partition, key, value, headers, put_at)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`,
      ...[box, lane, id, topic, partition, key, value, headersToText(headers), now],
    )
  }
}

export function readOutbox(tx: SqliteTx, { box, lane }: OutboxLane, limit: number): readonly WaitingRecord[] {
  const sql = 'SELECT * FROM eos_outbox WHERE box = ? AND lane = ? ORDER BY sequence LIMIT ?'
  return tx.all(sql, box, lane, limit).map(row => ({
    sequence: BigInt(String(row['sequence'])),
    id: String(row['id']),
    topic: String(row['topic']),
    partition: row['partition'] === null ? undefined : Number(row['partition']),
    key: bytesOf(row, 'key'),
    value: bytesOf(row, 'value'),
    headers: headersFromText(String(row['headers'])),
    putAt: Number(row['put_at']),
  }))
}

export function removeFromOutbox(tx: SqliteTx, { box, lane }: OutboxLane, records: readonly OutboxPlace[]): number {
  const sql = 'DELETE FROM eos_outbox WHERE sequence = ? AND id = ? AND box = ? AND lane = ?'
  return records.reduce((removed, { sequence, id }) => removed + tx.run(sql, sequence, id, box, lane), 0)
}

export function waitingInOutbox(tx: SqliteTx, box: string, now: number): readonly WaitingInLane[] {
  const sql = `SELECT lane, count(*) AS records, min(put_at) AS oldest FROM eos_outbox WHERE box = ?
               GROUP BY lane ORDER BY lane`
  return tx.all(sql, box).map(row => ({
    lane: Number(row['lane']),
    records: Number(row['records']),
    oldestAgeMs: Math.max(0, now - Number(row['oldest'])),
  }))
}

function bytesOf(row: SqliteRow, column: string): Uint8Array | null {
  const value = row[column]
  return value instanceof Uint8Array ? value : null
}
