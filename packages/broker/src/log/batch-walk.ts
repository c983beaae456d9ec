/**
 * Walks over the batches of a segment's file by their headers. Records are not looked at and batches not checked: that is
 * `recovery.ts`. Reads a bounded piece of the file at a time, and passes over the bodies of large batches.
 */
import { BATCH_HEADER_BYTES, BATCH_LENGTH_AT, LOG_OVERHEAD_BYTES } from '@samsa/protocol'
import type { FileHandle } from '../storage/file-system.js'

const WALK_BYTES = 64 * 1024

/** The header of the batch at hand stands in `bytes` from `at`; the view holds until the next batch. */
export interface BatchHeaderView {
  readonly bytes: Buffer
  readonly at: number
  /** Where the batch begins in the file. */
  readonly position: number
  readonly sizeInBytes: number
}

/** Calls `visit` for every batch that lies whole in `[from, end)`, until it returns `'stop'`. */
export function walkBatches(
  file: FileHandle,
  from: number,
  end: number,
  visit: (batch: BatchHeaderView) => 'stop' | undefined,
): void {
  let position = from
  let bytes: Buffer = EMPTY
  let bytesAt = from
  while (position + BATCH_HEADER_BYTES <= end) {
    let at = position - bytesAt
    if (at + BATCH_HEADER_BYTES > bytes.length) {
      bytes = file.readSync(position, Math.min(WALK_BYTES, end - position))
      bytesAt = position
      at = 0
      if (bytes.length < BATCH_HEADER_BYTES) return
    }
    const sizeInBytes = LOG_OVERHEAD_BYTES + bytes.readInt32BE(at + BATCH_LENGTH_AT)
    if (sizeInBytes < BATCH_HEADER_BYTES || position + sizeInBytes > end) return
    if (visit({ bytes, at, position, sizeInBytes }) === 'stop') return
    position += sizeInBytes
  }
}

const EMPTY: Buffer = Buffer.alloc(0)
