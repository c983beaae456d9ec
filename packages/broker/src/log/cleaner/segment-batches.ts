/**
 * Reads all batches of a segment piece by piece, off the event loop, and lets everything else run between two pieces, so
 * that however long a compaction takes, nobody waits for it. Memory is bounded by the buffer, or by one larger batch.
 */
import { setImmediate } from 'node:timers/promises'
import { BATCH_HEADER_BYTES, BATCH_LENGTH_AT, LOG_OVERHEAD_BYTES, ProtocolError, RecordBatch } from '@samsa/protocol'
import type { Segment } from '../segment.js'

/** Worked off in one go, unless a single batch has more: what a few milliseconds are enough for. */
const PIECE_BYTES = 64 * 1024
const PIECE_RECORDS = 2000

/**
 * The batches from the one at position `from` on, their checksums checked. Their bytes may be kept until the next piece.
 * Throws a ProtocolError at bytes that are no whole and intact batch: all of a segment that is not written to must be.
 */
export async function* batchPieces(
  segment: Segment,
  from: number,
  bufferBytes: number,
): AsyncGenerator<readonly RecordBatch[], void, undefined> {
  let position = from
  let wanted = Math.max(bufferBytes, BATCH_HEADER_BYTES)
  let memory: Buffer = Buffer.allocUnsafe(wanted)
  while (position < segment.size) {
    if (memory.length !== wanted) memory = Buffer.allocUnsafe(wanted)
    const bytes = await segment.read(position, memory)
    let end = 0
    while (end < bytes.length) {
      const piece = pieceAt(bytes, end)
      if (piece.length === 0) break
      for (const batch of piece) end += batch.bytes.length
      yield piece
      await setImmediate()
    }
    position += end
    wanted = end > 0 ? Math.max(bufferBytes, BATCH_HEADER_BYTES) : sizeOfFirst(bytes, segment, position, wanted)
  }
}

/** None where the bytes end before the first batch does. */
function pieceAt(bytes: Buffer, from: number): RecordBatch[] {
  const piece: RecordBatch[] = []
  let records = 0
  let at = from
  while (at - from < PIECE_BYTES && records < PIECE_RECORDS) {
    const size = wholeBatchAt(bytes, at)
    if (size === 0) break
    const batch = checked(bytes.subarray(at, at + size))
    piece.push(batch)
    records += batch.recordCount
    at += size
  }
  return piece
}

/** 0 where the bytes end before the batch does. */
function wholeBatchAt(bytes: Buffer, at: number): number {
  if (at + BATCH_HEADER_BYTES > bytes.length) return 0
  const size = LOG_OVERHEAD_BYTES + bytes.readInt32BE(at + BATCH_LENGTH_AT)
  return size <= bytes.length - at ? Math.max(size, BATCH_HEADER_BYTES) : 0
}

function checked(bytes: Buffer): RecordBatch {
  const batch = new RecordBatch(bytes)
  batch.checkCrc()
  return batch
}

/** What must be read so that the first batch, which did not lie whole in the bytes, does. */
function sizeOfFirst(bytes: Buffer, segment: Segment, position: number, wanted: number): number {
  const left = segment.size - position
  const isHeaderThere = bytes.length >= BATCH_HEADER_BYTES
  const size = isHeaderThere ? LOG_OVERHEAD_BYTES + bytes.readInt32BE(BATCH_LENGTH_AT) : BATCH_HEADER_BYTES
  if (size <= left && size > wanted) return size
  const why = `${left} bytes at position ${position} of the segment at ${segment.baseOffset} are no whole batch`
  throw new ProtocolError({ what: 'segment', where: position, why, code: 'CORRUPT_MESSAGE' })
}
