/**
 * How our side reads a batch: everything in it touched once, as a rule with the CRC checked before.
 */
import { batchesIn, RecordBatch, type RecordCursor } from '@samsa/protocol'

/** Bytes in all keys and values, each taken as a view. */
export function readAll(batch: Uint8Array): number {
  return touch(checkedCursor(batch))
}

/** As `readAll`, with the CRC left unchecked. */
export function readAllUnchecked(batch: Uint8Array): number {
  return touch(new RecordBatch(batch).records())
}

/** Characters in all keys and values, each taken as text. */
export function readAllTexts(batch: Uint8Array): number {
  const cursor = checkedCursor(batch)
  let sum = 0
  while (cursor.next()) sum += (cursor.keyText()?.length ?? 0) + (cursor.valueText()?.length ?? 0)
  return sum
}

/** As `readAll`, for the bytes of a partition in a fetch response. */
export function readAllBatches(bytes: Uint8Array): number {
  let sum = 0
  for (const batch of batchesIn(bytes)) {
    batch.checkCrc()
    sum += touch(batch.records())
  }
  return sum
}

/** Key and value of every record, to compare. */
export function pairsOf(batch: Uint8Array): (readonly [string, string])[] {
  const cursor = checkedCursor(batch)
  const pairs: (readonly [string, string])[] = []
  while (cursor.next()) pairs.push([String(cursor.keyText()), String(cursor.valueText())])
  return pairs
}

function touch(cursor: RecordCursor): number {
  let sum = 0
  while (cursor.next()) sum += (cursor.key()?.length ?? 0) + (cursor.value()?.length ?? 0)
  return sum
}

function checkedCursor(bytes: Uint8Array): RecordCursor {
  const batch = new RecordBatch(bytes)
  batch.checkCrc()
  return batch.records()
}
