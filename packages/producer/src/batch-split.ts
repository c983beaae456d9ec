/**
 * Records of a batch that was refused, in new batches: in smaller ones, because it was too large, or without some of them.
 * The records are read back from the bytes that were sent; those who wait for them come along.
 */
import { BATCH_HEADER_BYTES, RecordBatch } from '@samsa/protocol'
import type { ProducerBatch } from './producer-batch.js'

/** As many batches as it takes for each to have `targetBytes` before compression, or one record. */
export function splitBatch(
  batch: ProducerBatch,
  targetBytes: number,
  makeBatch: () => ProducerBatch,
  without: { has(index: number): boolean } = new Set<number>(),
): ProducerBatch[] {
  const parts: ProducerBatch[] = []
  const cursor = new RecordBatch(batch.close()).records()
  let part: ProducerBatch | undefined
  for (let index = 0; cursor.next(); index++) {
    if (without.has(index)) continue
    const bytes = Math.max(cursor.keyBytes, 0) + Math.max(cursor.valueBytes, 0)
    if (part !== undefined && part.size + bytes > Math.max(targetBytes, BATCH_HEADER_BYTES)) part = undefined
    if (part === undefined) {
      part = makeBatch()
      parts.push(part)
    }
    part.append(cursor.timestamp, cursor.key(), cursor.value(), cursor.headers(), batch.recipient(index))
  }
  for (const each of parts) each.isFull = true
  return parts
}
