/**
 * RecordBatch: a view of one batch (magic 2) in the bytes it came in. Header fields are read where they stand; records
 * are walked with a cursor. The CRC must be checked before records are: a codec turns flipped bits into other records
 * without noticing.
 */
import { codecById, NO_COMPRESSION } from '../compression/index.js'
import { crc32c } from '../hash/crc32c.js'
import { ProtocolError } from '../protocol-error.js'
import { BatchCursor } from './batch-cursor.js'
import {
  ATTRIBUTES_AT,
  BASE_OFFSET_AT,
  BASE_SEQUENCE_AT,
  BASE_TIMESTAMP_AT,
  BATCH_HEADER_BYTES,
  BATCH_LENGTH_AT,
  COMPRESSION_MASK,
  CONTROL_BIT,
  CRC_AT,
  DELETE_HORIZON_BIT,
  LAST_OFFSET_DELTA_AT,
  LEADER_EPOCH_AT,
  LOG_APPEND_TIME_BIT,
  LOG_OVERHEAD_BYTES,
  MAGIC_AT,
  MAX_TIMESTAMP_AT,
  PRODUCER_EPOCH_AT,
  PRODUCER_ID_AT,
  RECORD_COUNT_AT,
  readInt64,
  TRANSACTIONAL_BIT,
} from './batch-layout.js'
import type { RecordCursor } from './record.js'
import { addSequence } from './sequence.js'

/** What a batch may grow to when it is decompressed, unless the caller says otherwise. */
export const DEFAULT_MAX_DECOMPRESSED_BYTES: number = 128 * 1024 * 1024

export interface RecordsOptions {
  readonly maxDecompressedBytes?: number
}

export class RecordBatch {
  readonly magic = 2
  /** The batch and nothing else. */
  readonly bytes: Buffer

  /** `bytes` must hold the whole batch from its first byte on; what follows it is left alone. */
  constructor(bytes: Uint8Array) {
    const buffer = Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length)
    if (buffer.length < BATCH_HEADER_BYTES)
      throw corrupt(buffer.length, `a batch of ${buffer.length} bytes, less than its header`)
    const magic = buffer.readInt8(MAGIC_AT)
    if (magic !== 2) throw corrupt(MAGIC_AT, `a batch of magic ${magic}, where batchesIn() reads those of every magic`)
    const size = LOG_OVERHEAD_BYTES + buffer.readInt32BE(BATCH_LENGTH_AT)
    if (size < BATCH_HEADER_BYTES || size > buffer.length) {
      throw corrupt(BATCH_LENGTH_AT, `a batch that claims ${size} bytes in ${buffer.length}`)
    }
    this.bytes = size === buffer.length ? buffer : buffer.subarray(0, size)
    // A reader goes on behind the last offset: it must not be led back, nor beyond what a number can hold.
    if (this.lastOffsetDelta < 0) throw corrupt(LAST_OFFSET_DELTA_AT, `a last offset delta of ${this.lastOffsetDelta}`)
    if (!Number.isSafeInteger(this.nextOffset)) throw corrupt(BASE_OFFSET_AT, `offsets up to ${this.nextOffset}`)
  }

  get baseOffset(): number {
    return offsetAt(this.bytes, BASE_OFFSET_AT)
  }

  get lastOffset(): number {
    return this.baseOffset + this.lastOffsetDelta
  }

  /** Where reading goes on, also when compaction left the batch without records. */
  get nextOffset(): number {
    return this.lastOffset + 1
  }

  get leaderEpoch(): number {
    return this.bytes.readInt32BE(LEADER_EPOCH_AT)
  }

  get crc(): number {
    return this.bytes.readUInt32BE(CRC_AT)
  }

  get attributes(): number {
    return this.bytes.readInt16BE(ATTRIBUTES_AT)
  }

  /** Codec number, 0 to 4; 5 to 7 stand for none, and reading the records is refused. */
  get compression(): number {
    return this.attributes & COMPRESSION_MASK
  }

  get isLogAppendTime(): boolean {
    return (this.attributes & LOG_APPEND_TIME_BIT) !== 0
  }

  get isTransactional(): boolean {
    return (this.attributes & TRANSACTIONAL_BIT) !== 0
  }

  /** Control batches are for the log and its readers; they are never delivered to users. */
  get isControl(): boolean {
    return (this.attributes & CONTROL_BIT) !== 0
  }

  get deleteHorizonMs(): number | undefined {
    return (this.attributes & DELETE_HORIZON_BIT) === 0 ? undefined : this.baseTimestamp
  }

  get lastOffsetDelta(): number {
    return this.bytes.readInt32BE(LAST_OFFSET_DELTA_AT)
  }

  /** What timestamp deltas count from: the first record's timestamp, or the delete horizon where there is one. */
  get baseTimestamp(): number {
    return readInt64(this.bytes, BASE_TIMESTAMP_AT)
  }

  get maxTimestamp(): number {
    return readInt64(this.bytes, MAX_TIMESTAMP_AT)
  }

  get producerId(): number {
    return offsetAt(this.bytes, PRODUCER_ID_AT)
  }

  get producerEpoch(): number {
    return this.bytes.readInt16BE(PRODUCER_EPOCH_AT)
  }

  get baseSequence(): number {
    return this.bytes.readInt32BE(BASE_SEQUENCE_AT)
  }

  get lastSequence(): number {
    const { baseSequence } = this
    return baseSequence < 0 ? baseSequence : addSequence(baseSequence, this.lastOffsetDelta)
  }

  /** May be less than the offsets that the batch spans, after compaction. */
  get recordCount(): number {
    return this.bytes.readInt32BE(RECORD_COUNT_AT)
  }

  get isIntact(): boolean {
    return crc32c(this.bytes, ATTRIBUTES_AT) === this.crc
  }

  checkCrc(): void {
    if (!this.isIntact)
      throw corrupt(CRC_AT, `the checksum of the batch at offset ${this.baseOffset} does not match its bytes`)
  }

  /** A cursor in front of the first record. The CRC is not checked here: once a batch is enough. */
  records(options: RecordsOptions = {}): RecordCursor {
    const { bytes, compression } = this
    const source = {
      baseOffset: this.baseOffset,
      baseTimestamp: this.baseTimestamp,
      appendTime: this.isLogAppendTime ? this.maxTimestamp : undefined,
      recordCount: this.recordCount,
    }
    if (compression === NO_COMPRESSION) return new BatchCursor(bytes, BATCH_HEADER_BYTES, bytes.length, source)
    const limit = options.maxDecompressedBytes ?? DEFAULT_MAX_DECOMPRESSED_BYTES
    const records = codecById(compression).decompress(bytes.subarray(BATCH_HEADER_BYTES), limit)
    return new BatchCursor(Buffer.from(records.buffer, records.byteOffset, records.length), 0, records.length, source)
  }
}

function offsetAt(bytes: Buffer, at: number): number {
  const offset = readInt64(bytes, at)
  if (!Number.isSafeInteger(offset))
    throw corrupt(at, `${bytes.readBigInt64BE(at)} is beyond what an offset or producer id can be`)
  return offset
}

function corrupt(where: number, why: string): ProtocolError {
  return new ProtocolError({ what: 'record batch', where, why, code: 'CORRUPT_MESSAGE' })
}
