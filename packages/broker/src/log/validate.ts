/**
 * What a log asks of batches before it takes them, in Kafka's order and with Kafka's errors. Keeps no state.
 *
 * Header and CRC are always checked. Records are walked, and decompressed for it, only where the header cannot tell: the
 * topic has a codec of its own, is compacted, limits timestamps in a way that the batch may break, or `checkRecords` asks
 * for it. Otherwise the records, and the greatest timestamp in the header, are the producer's word.
 */
import {
  ATTRIBUTES_AT,
  assignAppendTime,
  assignMaxTimestamp,
  BATCH_HEADER_BYTES,
  BATCH_LENGTH_AT,
  BatchBuilder,
  CODECS,
  COMPRESSION_MASK,
  LOG_APPEND_TIME_BIT,
  LOG_OVERHEAD_BYTES,
  MAGIC_AT,
  NO_PRODUCER_ID,
  NO_TIMESTAMP,
  ProtocolError,
  RecordBatch,
  type RecordCursor,
  TRANSACTIONAL_BIT,
} from '@samsa/protocol'
import { AppendError, type RecordError } from './append-error.js'
import type { LogConfig } from './log-config.js'
import type { AppendOrigin } from './producer-state.js'

const ZSTD = 4
/** The first version of Produce whose sender says that it knows zstd. */
const ZSTD_PRODUCE_VERSION = 7
const LEAST_BATCH_BYTES = 14
const CODEC_IDS = { uncompressed: 0, gzip: 1, snappy: 2, lz4: 3, zstd: 4 } as const

export interface AppendRules {
  readonly config: LogConfig
  readonly origin: AppendOrigin
  readonly nowMs: number
  /** Version of the Produce request; left out when there was none. */
  readonly produceVersion?: number | undefined
  /** Walk over the records of every batch, as Kafka does. */
  readonly checkRecords: boolean
  /** The log's end. */
  readonly nextOffset: number
}

/**
 * The batches in `records`, ready to be given offsets. They are views of `records`, patched in place where the log stamps
 * times, or new bytes where the codec changed.
 */
export function validateAppend(records: Buffer, rules: AppendRules): RecordBatch[] {
  switch (rules.origin) {
    case 'client':
      return readable(() => [validateClientBatch(onlyBatch(records, rules.produceVersion), rules)])
    case 'coordinator':
      return allBatches(records).map(batch => {
        // However little the topic takes now, what is open in it must be ended.
        if (!batch.isControl) checkSize(batch.bytes, rules.config)
        return stampAppendTime(batch, rules)
      })
    case 'replication':
      return readable(() => checkReplicated(allBatches(records), rules.nextOffset))
  }
}

/** The bytes of the one batch that a client sends. What follows it and is no whole batch is left out, as Kafka does. */
export function onlyBatch(records: Buffer, produceVersion: number | undefined): Buffer {
  const size = wholeBatchAt(records, 0)
  if (size === undefined) throw unfit('INVALID_RECORD', 'a partition was sent no whole record batch')
  const magic = records.readInt8(MAGIC_AT)
  if (magic !== 2) throw unfit('INVALID_RECORD', `a batch has magic ${magic}, where Produce takes magic 2 alone`)
  if (size < BATCH_HEADER_BYTES) throw corrupt(`a batch claims ${size} bytes, less than its header`)
  const compression = records.readInt16BE(ATTRIBUTES_AT) & COMPRESSION_MASK
  if (compression === ZSTD && produceVersion !== undefined && produceVersion < ZSTD_PRODUCE_VERSION) {
    throw unfit(
      'UNSUPPORTED_COMPRESSION_TYPE',
      `zstd needs Produce version ${ZSTD_PRODUCE_VERSION}, and the request has ${produceVersion}`,
    )
  }
  if (size < records.length && wholeBatchAt(records, size) !== undefined) {
    throw unfit('INVALID_RECORD', 'a partition was sent more than one record batch')
  }
  return records.subarray(0, size)
}

/** Whether what a partition was sent begins with a batch of a transaction. Throws where its length or magic cannot be. */
export function beginsWithTransaction(records: Buffer): boolean {
  const size = wholeBatchAt(records, 0)
  if (size === undefined || size < BATCH_HEADER_BYTES) return false
  return records.readInt8(MAGIC_AT) === 2 && (records.readInt16BE(ATTRIBUTES_AT) & TRANSACTIONAL_BIT) !== 0
}

function allBatches(records: Buffer): RecordBatch[] {
  const batches: RecordBatch[] = []
  for (let at = 0; at < records.length; ) {
    const size = wholeBatchAt(records, at)
    if (size === undefined || size < BATCH_HEADER_BYTES || records.readInt8(at + MAGIC_AT) !== 2) {
      throw corrupt(`what stands at byte ${at} of ${records.length} is no whole record batch`)
    }
    batches.push(new RecordBatch(records.subarray(at, at + size)))
    at += size
  }
  if (batches.length === 0) throw invalid('there is no record batch to append')
  return batches
}

/** Undefined where the bytes end too soon. */
function wholeBatchAt(records: Buffer, at: number): number | undefined {
  const left = records.length - at
  if (left < LOG_OVERHEAD_BYTES) return undefined
  const length = records.readInt32BE(at + BATCH_LENGTH_AT)
  if (length < LEAST_BATCH_BYTES) throw corrupt(`a batch claims ${length} bytes`)
  if (left <= MAGIC_AT) return undefined
  const magic = records.readInt8(at + MAGIC_AT)
  if (magic < 0 || magic > 2) throw corrupt(`a batch has magic ${magic}, which no version of Kafka writes`)
  return length > left - LOG_OVERHEAD_BYTES ? undefined : LOG_OVERHEAD_BYTES + length
}

function validateClientBatch(bytes: Buffer, rules: AppendRules): RecordBatch {
  const { config } = rules
  const baseOffset = bytes.readBigInt64BE(0)
  if (baseOffset !== 0n) throw invalid(`the base offset of a batch to append is 0, not ${baseOffset}`)
  checkSize(bytes, config)
  const batch = new RecordBatch(bytes)
  if (!batch.isIntact) throw corrupt('the checksum of the batch does not match its bytes')
  if (batch.compression >= CODECS.length) {
    throw refusal('UNSUPPORTED_COMPRESSION_TYPE', `there is no compression ${batch.compression}`)
  }
  const { recordCount, lastOffsetDelta } = batch
  if (lastOffsetDelta < 0) throw invalid(`a batch has the last offset delta ${lastOffsetDelta}`)
  if (recordCount <= 0) throw invalid(`a batch claims ${recordCount} records`)
  if (lastOffsetDelta + 1 !== recordCount) {
    throw invalid(`a batch claims ${recordCount} records and spans ${lastOffsetDelta + 1} offsets`)
  }
  if (batch.isControl) throw invalid('clients may not write control records')
  if (batch.producerId !== NO_PRODUCER_ID && batch.baseSequence < 0) {
    throw invalid(`a batch of producer ${batch.producerId} has the sequence ${batch.baseSequence}`)
  }
  const codec = codecOf(config)
  const isRecompressed = codec !== undefined && codec !== batch.compression
  const isClaimed = claimsLogStamp(batch, config)
  if (batch.isLogAppendTime) return checkRecords(batch, rules)
  if (
    isRecompressed ||
    isClaimed ||
    rules.checkRecords ||
    config.cleanupPolicy.compact ||
    mayBreakTimeLimits(batch, rules)
  ) {
    return isRecompressed ? recompress(batch, codec, rules) : checkRecords(batch, rules)
  }
  return stampAppendTime(batch, rules)
}

function checkSize(batch: Buffer, config: LogConfig): void {
  if (batch.length <= config.maxMessageBytes) return
  throw refusal(
    'MESSAGE_TOO_LARGE',
    `a batch of ${batch.length} bytes is larger than max.message.bytes, ${config.maxMessageBytes}`,
  )
}

/** Offsets and epochs were given by the leader; what is wrong here is the leader's or the network's doing. */
function checkReplicated(batches: RecordBatch[], nextOffset: number): RecordBatch[] {
  let least = nextOffset
  for (const batch of batches) {
    if (!batch.isIntact)
      throw corrupt(`the checksum of the batch at offset ${batch.baseOffset} does not match its bytes`)
    checkTimestamp(batch.maxTimestamp)
    if (batch.baseOffset < least || batch.lastOffsetDelta < 0) {
      throw new AppendError(`a replicated batch begins at ${batch.baseOffset}, where ${least} or later is next`, {
        code: 'OFFSET_OUT_OF_RANGE',
      })
    }
    least = batch.nextOffset
  }
  return batches
}

function stampAppendTime(batch: RecordBatch, { config, nowMs }: AppendRules): RecordBatch {
  if (config.messageTimestampType === 'LogAppendTime') assignAppendTime(batch.bytes, nowMs)
  checkTimestamp(batch.maxTimestamp)
  return batch
}

/** Indexes and snapshots hold timestamps as whole numbers, which end at 2^53: in the year 287,396. */
function checkTimestamp(timestamp: number): void {
  if (!Number.isSafeInteger(timestamp)) throw refusal('INVALID_TIMESTAMP', `${timestamp} is beyond any timestamp`)
}

/**
 * The header tells the greatest timestamp, so a limit on the future can be checked with it. It does not tell the smallest:
 * where a topic limits the past, every record must be looked at.
 */
function mayBreakTimeLimits(batch: RecordBatch, { config, nowMs }: AppendRules): boolean {
  if (config.messageTimestampType === 'LogAppendTime') return false
  const { maxTimestamp } = batch
  if (maxTimestamp === NO_TIMESTAMP) return false
  return maxTimestamp - nowMs > config.messageTimestampAfterMaxMs || nowMs > config.messageTimestampBeforeMaxMs
}

/**
 * A producer cannot stamp records in the log's name. What it says of that is taken back, and the records count; where the
 * log stamps them itself, they are refused, as Kafka does.
 */
function claimsLogStamp(batch: RecordBatch, config: LogConfig): boolean {
  if (!batch.isLogAppendTime || config.messageTimestampType === 'LogAppendTime') return false
  batch.bytes.writeInt16BE(batch.attributes & ~LOG_APPEND_TIME_BIT, ATTRIBUTES_AT)
  return true
}

function checkRecords(batch: RecordBatch, rules: AppendRules): RecordBatch {
  const check = new RecordChecks(rules, batch.isLogAppendTime)
  const cursor = batch.records()
  while (cursor.next()) check.record(cursor)
  check.finish()
  if (rules.config.messageTimestampType === 'LogAppendTime') return stampAppendTime(batch, rules)
  // Attributes may have changed as well, which the checksum covers.
  if (check.maxTimestamp !== batch.maxTimestamp || !batch.isIntact) assignMaxTimestamp(batch.bytes, check.maxTimestamp)
  return batch
}

function recompress(batch: RecordBatch, compression: number, rules: AppendRules): RecordBatch {
  const { config, nowMs } = rules
  const check = new RecordChecks(rules, false)
  const level = levelOf(config)
  const builder = new BatchBuilder({ compression, ...(level === undefined ? {} : { compressionLevel: level }) })
  const cursor = batch.records()
  while (cursor.next()) {
    check.record(cursor)
    builder.append(cursor.timestamp, cursor.key(), cursor.value(), cursor.headers())
  }
  check.finish()
  const { producerId, producerEpoch, baseSequence, isTransactional } = batch
  const bytes = builder.close({
    isTransactional,
    producer: { producerId, producerEpoch, baseSequence },
    ...(config.messageTimestampType === 'LogAppendTime' ? { appendTimeMs: nowMs } : {}),
  })
  const recompressed = new RecordBatch(bytes)
  checkSize(bytes, config)
  return recompressed
}

/** The checks of single records, collected so that the producer learns of all that are wrong. */
class RecordChecks {
  readonly #config: LogConfig
  readonly #nowMs: number
  readonly #isStampedBySender: boolean
  readonly #errors: RecordError[] = []
  #hasTimestampError = false
  #count = 0
  maxTimestamp: number = NO_TIMESTAMP

  constructor({ config, nowMs }: AppendRules, isStampedBySender: boolean) {
    this.#config = config
    this.#nowMs = nowMs
    this.#isStampedBySender = isStampedBySender
  }

  record(cursor: RecordCursor): void {
    const batchIndex = this.#count++
    if (cursor.offsetDelta !== batchIndex) {
      throw invalid(`record ${batchIndex} of a batch has the offset delta ${cursor.offsetDelta}`)
    }
    if (cursor.timestamp > this.maxTimestamp) this.maxTimestamp = cursor.timestamp
    if (this.#config.cleanupPolicy.compact && cursor.keyBytes < 0) {
      this.#errors.push({ batchIndex, message: 'a compacted topic takes no record without a key' })
      return
    }
    const wrong = this.#timestampError(cursor.timestamp)
    if (wrong === undefined) return
    this.#hasTimestampError = true
    this.#errors.push({ batchIndex, message: wrong })
  }

  finish(): void {
    if (this.#errors.length === 0) {
      checkTimestamp(this.maxTimestamp)
      return
    }
    const which = this.#errors.length === 1 ? 'a record' : `${this.#errors.length} records`
    throw new AppendError(`${which} of the batch cannot be taken: ${this.#errors[0]?.message ?? ''}`, {
      code: this.#hasTimestampError ? 'INVALID_TIMESTAMP' : 'INVALID_RECORD',
      recordErrors: this.#errors,
    })
  }

  #timestampError(timestamp: number): string | undefined {
    const config = this.#config
    if (this.#isStampedBySender) return 'a producer cannot say that the log has stamped its records'
    if (config.messageTimestampType === 'LogAppendTime' || timestamp === NO_TIMESTAMP) return undefined
    const ageMs = this.#nowMs - timestamp
    if (ageMs <= config.messageTimestampBeforeMaxMs && -ageMs <= config.messageTimestampAfterMaxMs) return undefined
    return `the timestamp ${timestamp} is outside of what the topic takes, at ${this.#nowMs}`
  }
}

/** A checksum that matches does not make a batch readable: a producer may have made one over anything. */
function readable<T>(work: () => T): T {
  try {
    return work()
  } catch (error) {
    if (!(error instanceof ProtocolError)) throw error
    throw new AppendError(`the batch cannot be read: ${error.message}`, {
      code: 'INVALID_RECORD',
      cause: error,
    })
  }
}

/** Undefined where batches keep their own. */
function codecOf({ compressionType }: LogConfig): number | undefined {
  return compressionType === 'producer' ? undefined : CODEC_IDS[compressionType]
}

function levelOf({ compressionType, compressionLevels }: LogConfig): number | undefined {
  return compressionType === 'gzip' || compressionType === 'lz4' || compressionType === 'zstd'
    ? compressionLevels[compressionType]
    : undefined
}

function invalid(message: string): AppendError {
  return refusal('INVALID_RECORD', message)
}

function corrupt(message: string): AppendError {
  return refusal('CORRUPT_MESSAGE', message)
}

/** What Kafka refuses before it asks the log. */
function unfit(code: string, message: string): AppendError {
  return new AppendError(message, { code, isOfRequest: true })
}

function refusal(code: string, message: string): AppendError {
  return new AppendError(message, { code, retriable: code === 'CORRUPT_MESSAGE' })
}
