/**
 * Cuts the bytes of a fetch response or a segment into batches, whatever their format. A broker sends what it has up to a
 * byte limit, so the last batch may be cut short: that tail is left out, not an error.
 */
import { ProtocolError } from '../protocol-error.js'
import { BATCH_LENGTH_AT, LOG_OVERHEAD_BYTES, MAGIC_AT } from './batch-layout.js'
import { MessageSet } from './message-set.js'
import { RecordBatch } from './record-batch.js'

export type AnyBatch = RecordBatch | MessageSet

/** The whole batches in `bytes`, in order, as views. */
export function* batchesIn(bytes: Uint8Array): Generator<AnyBatch, void, undefined> {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
  for (let at = 0; ; ) {
    const size = wholeBatchBytes(view, at)
    if (size === undefined) return
    const batch = bytes.subarray(at, at + size)
    const magic = view.getInt8(at + MAGIC_AT)
    if (magic === 2) yield new RecordBatch(batch)
    else if (magic === 0 || magic === 1) yield new MessageSet(batch)
    else throw corrupt(at + MAGIC_AT, `magic ${magic}, which no version of Kafka writes`)
    at += size
  }
}

/** The size of the batch at `at`, or undefined where it does not lie whole in the bytes. */
export function wholeBatchBytes(view: DataView, at: number): number | undefined {
  const left = view.byteLength - at
  if (left < LOG_OVERHEAD_BYTES) return undefined
  const length = view.getInt32(at + BATCH_LENGTH_AT)
  if (length <= MAGIC_AT - LOG_OVERHEAD_BYTES) throw corrupt(at + BATCH_LENGTH_AT, `a batch of ${length} bytes`)
  return length > left - LOG_OVERHEAD_BYTES ? undefined : LOG_OVERHEAD_BYTES + length
}

function corrupt(where: number, why: string): ProtocolError {
  return new ProtocolError({ what: 'records', where, why, code: 'CORRUPT_MESSAGE' })
}
