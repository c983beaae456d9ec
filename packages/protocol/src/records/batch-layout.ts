/**
 * The layout of a record batch (magic 2): where each header field stands, and the changes that are made in place.
 *
 *     0 baseOffset int64 │ 8 batchLength int32 │ 12 partitionLeaderEpoch int32 │ 16 magic int8 │ 17 crc uint32
 *     21 attributes int16 │ 23 lastOffsetDelta int32 │ 27 baseTimestamp int64 │ 35 maxTimestamp int64
 *     43 producerId int64 │ 51 producerEpoch int16 │ 53 baseSequence int32 │ 57 recordCount int32 │ 61 records
 *
 * The CRC covers everything from the attributes on, so a broker assigns base offset and leader epoch without touching
 * it; whoever changes timestamps or the producer's fields computes it anew.
 */
import { crc32c } from '../hash/crc32c.js'

export const BASE_OFFSET_AT = 0
export const BATCH_LENGTH_AT = 8
export const LEADER_EPOCH_AT = 12
export const MAGIC_AT = 16
export const CRC_AT = 17
export const ATTRIBUTES_AT = 21
export const LAST_OFFSET_DELTA_AT = 23
export const BASE_TIMESTAMP_AT = 27
export const MAX_TIMESTAMP_AT = 35
export const PRODUCER_ID_AT = 43
export const PRODUCER_EPOCH_AT = 51
export const BASE_SEQUENCE_AT = 53
export const RECORD_COUNT_AT = 57
export const BATCH_HEADER_BYTES = 61

/** Bytes in front of what `batchLength` counts: the base offset and the length itself. */
export const LOG_OVERHEAD_BYTES = 12

/** Bits 0 to 2 of the attributes: the codec. */
export const COMPRESSION_MASK = 0x07
export const LOG_APPEND_TIME_BIT = 0x08
export const TRANSACTIONAL_BIT = 0x10
export const CONTROL_BIT = 0x20
export const DELETE_HORIZON_BIT = 0x40

export const NO_PRODUCER_ID = -1
export const NO_PRODUCER_EPOCH = -1
export const NO_SEQUENCE = -1
export const NO_TIMESTAMP = -1
export const NO_LEADER_EPOCH = -1

export interface ProducerStamp {
  readonly producerId: number
  readonly producerEpoch: number
  readonly baseSequence: number
}

/** Reads an int64 as a number: exact up to 2^53, the nearest number beyond. */
export function readInt64(buffer: Buffer, at: number): number {
  return buffer.readInt32BE(at) * 0x1_0000_0000 + buffer.readUInt32BE(at + 4)
}

/** Writes a whole number of at most 2^53 as an int64. */
export function writeInt64(buffer: Buffer, at: number, value: number): void {
  if (!Number.isSafeInteger(value))
    throw new RangeError(`${value} is not a whole number that an offset or timestamp can be`)
  const high = Math.floor(value / 0x1_0000_0000)
  buffer.writeInt32BE(high, at)
  buffer.writeUInt32BE(value - high * 0x1_0000_0000, at + 4)
}

/** What a leader does on append. Outside the CRC. */
export function assignOffset(batch: Buffer, baseOffset: number, leaderEpoch: number): void {
  writeInt64(batch, BASE_OFFSET_AT, baseOffset)
  batch.writeInt32BE(leaderEpoch, LEADER_EPOCH_AT)
}

/** Marks every record as stamped by the log at `appendTimeMs`, and computes the CRC anew. */
export function assignAppendTime(batch: Buffer, appendTimeMs: number): void {
  batch.writeInt16BE(batch.readInt16BE(ATTRIBUTES_AT) | LOG_APPEND_TIME_BIT, ATTRIBUTES_AT)
  writeInt64(batch, MAX_TIMESTAMP_AT, appendTimeMs)
  updateCrc(batch)
}

/** Corrects the greatest timestamp after its records were looked at, and computes the CRC anew. */
export function assignMaxTimestamp(batch: Buffer, maxTimestamp: number): void {
  writeInt64(batch, MAX_TIMESTAMP_AT, maxTimestamp)
  updateCrc(batch)
}

/** Gives a closed batch its producer's identity, at first or anew after the epoch moved on, and computes the CRC. */
export function assignProducer(batch: Buffer, stamp: ProducerStamp): void {
  writeInt64(batch, PRODUCER_ID_AT, stamp.producerId)
  batch.writeInt16BE(stamp.producerEpoch, PRODUCER_EPOCH_AT)
  batch.writeInt32BE(stamp.baseSequence, BASE_SEQUENCE_AT)
  updateCrc(batch)
}

function updateCrc(batch: Buffer): void {
  batch.writeUInt32BE(crc32c(batch, ATTRIBUTES_AT), CRC_AT)
}
