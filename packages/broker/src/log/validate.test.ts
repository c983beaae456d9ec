import {
  ATTRIBUTES_AT,
  BATCH_LENGTH_AT,
  BatchBuilder,
  CRC_AT,
  crc32c,
  LAST_OFFSET_DELTA_AT,
  LOG_APPEND_TIME_BIT,
  MAGIC_AT,
  RECORD_COUNT_AT,
  RecordBatch,
} from '@samsa/protocol'
import { describe, expect, test } from 'vitest'
import { AppendError } from './append-error.js'
import type { LogConfig } from './log-config.js'
import { batchOf, CONFIG, NOW_MS } from './test-log.js'
import { type AppendRules, validateAppend } from './validate.js'

type Changes = Omit<Partial<AppendRules>, 'config'> & { readonly config?: Partial<LogConfig> }

function rules(changes: Changes = {}): AppendRules {
  const { config, ...rest } = changes
  return {
    origin: 'client',
    nowMs: NOW_MS,
    checkRecords: false,
    nextOffset: 0,
    ...rest,
    config: { ...CONFIG, ...config },
  }
}

function refusal(records: Buffer, changes: Changes = {}): AppendError {
  try {
    validateAppend(records, rules(changes))
  } catch (error) {
    if (error instanceof AppendError) return error
    throw error
  }
  throw new Error('it was taken')
}

function patched(patch: (batch: Buffer) => void, withCrc = true): Buffer {
  const batch = batchOf(['a', 'b', 'c'])
  patch(batch)
  if (withCrc) batch.writeUInt32BE(crc32c(batch, ATTRIBUTES_AT), CRC_AT)
  return batch
}

describe('a client is refused', () => {
  const cases: { title: string; code: string; records: Buffer; changes?: Changes }[] = [
    { title: 'no batch at all', code: 'INVALID_RECORD', records: Buffer.alloc(0) },
    { title: 'a batch that is cut short', code: 'INVALID_RECORD', records: batchOf(['a']).subarray(0, 60) },
    { title: 'two batches', code: 'INVALID_RECORD', records: Buffer.concat([batchOf(['a']), batchOf(['b'])]) },
    { title: 'an older magic', code: 'INVALID_RECORD', records: patched(batch => batch.writeInt8(1, MAGIC_AT)) },
    {
      title: 'a magic that never was',
      code: 'CORRUPT_MESSAGE',
      records: patched(batch => batch.writeInt8(9, MAGIC_AT)),
    },
    {
      title: 'a length below any batch',
      code: 'CORRUPT_MESSAGE',
      records: patched(batch => batch.writeInt32BE(3, BATCH_LENGTH_AT)),
    },
    { title: 'a base offset', code: 'INVALID_RECORD', records: batchOf(['a'], { baseOffset: 5 }) },
    {
      title: 'a batch above max.message.bytes',
      code: 'MESSAGE_TOO_LARGE',
      records: batchOf(['a'.repeat(100)]),
      changes: { config: { maxMessageBytes: 100 } },
    },
    { title: 'a wrong checksum', code: 'CORRUPT_MESSAGE', records: patched(batch => batch.writeUInt8(1, 30), false) },
    {
      title: 'a count below 1',
      code: 'INVALID_RECORD',
      records: patched(batch => batch.writeInt32BE(0, RECORD_COUNT_AT)),
    },
    {
      title: 'a count that is not that of the offsets',
      code: 'INVALID_RECORD',
      records: patched(batch => batch.writeInt32BE(3, LAST_OFFSET_DELTA_AT)),
    },
    {
      title: 'a last offset in front of the first',
      code: 'INVALID_RECORD',
      records: patched(batch => batch.writeInt32BE(-1, LAST_OFFSET_DELTA_AT)),
    },
    { title: 'a control batch', code: 'INVALID_RECORD', records: batchOf(['a'], { isControl: true }) },
    {
      title: 'a producer without a sequence',
      code: 'INVALID_RECORD',
      records: batchOf(['a'], { producer: { producerId: 1, producerEpoch: 0, baseSequence: -1 } }),
    },
    {
      title: 'a compression that does not exist',
      code: 'UNSUPPORTED_COMPRESSION_TYPE',
      records: patched(batch => batch.writeInt16BE(6, ATTRIBUTES_AT)),
    },
    {
      title: 'zstd before the version that knows it',
      code: 'UNSUPPORTED_COMPRESSION_TYPE',
      records: patched(batch => batch.writeInt16BE(4, ATTRIBUTES_AT)),
      changes: { produceVersion: 6 },
    },
    {
      title: 'garbage under a checksum that matches, where records are looked at',
      code: 'INVALID_RECORD',
      records: patched(batch => batch.fill(0xff, 61)),
      changes: { checkRecords: true },
    },
  ]
  test.each(cases)('$title: $code', ({ code, records, changes }) => {
    expect(refusal(records, changes ?? {}).code).toBe(code)
  })

  test('what its codec and its size say before a span that cannot be', () => {
    const backwards = patched(batch => {
      batch.writeInt16BE(4, ATTRIBUTES_AT)
      batch.writeInt32BE(-1, LAST_OFFSET_DELTA_AT)
    })
    expect(refusal(backwards, { produceVersion: 6 }).code).toBe('UNSUPPORTED_COMPRESSION_TYPE')
    expect(refusal(backwards, { config: { maxMessageBytes: 70 } }).code).toBe('MESSAGE_TOO_LARGE')
    expect(refusal(backwards).code).toBe('INVALID_RECORD')
  })

  test('too large before corrupt, corrupt before invalid', () => {
    const wrong = patched(batch => batch.writeInt32BE(0, RECORD_COUNT_AT), false)
    expect(refusal(wrong, { config: { maxMessageBytes: 10 } }).code).toBe('MESSAGE_TOO_LARGE')
    expect(refusal(wrong).code).toBe('CORRUPT_MESSAGE')
  })
})

test('bytes behind the batch that are no whole batch are left out', () => {
  const batch = batchOf(['a'])
  const [taken] = validateAppend(Buffer.concat([batch, batchOf(['b']).subarray(0, 20)]), rules())
  expect(taken?.bytes).toEqual(batch)
})

test('a batch is taken without its records being looked at, unless that is asked for', () => {
  const garbage = patched(batch => batch.fill(0xff, 61))
  expect(validateAppend(garbage, rules())).toHaveLength(1)
})

describe('timestamps outside of the window', () => {
  test('are told record by record', () => {
    const builder = new BatchBuilder()
    builder.append(NOW_MS, 'k', 'fine')
    builder.append(NOW_MS + 3_600_001, 'k', 'too late')
    const error = refusal(builder.close())
    expect(error.code).toBe('INVALID_TIMESTAMP')
    expect(error.recordErrors.map(({ batchIndex }) => batchIndex)).toEqual([1])
  })

  test('in the past are found even where the header does not tell them', () => {
    const builder = new BatchBuilder()
    builder.append(NOW_MS, 'k', 'fine')
    builder.append(NOW_MS - 5000, 'k', 'too early')
    builder.append(NOW_MS, 'k', 'fine')
    const error = refusal(builder.close(), { config: { messageTimestampBeforeMaxMs: 4999 } })
    expect(error.recordErrors.map(({ batchIndex }) => batchIndex)).toEqual([1])
  })

  test('that no number can hold are refused even without a limit', () => {
    const far = patched(batch => batch.writeBigInt64BE(2n ** 60n, 35))
    for (const checkRecords of [false, true]) {
      const config = { messageTimestampAfterMaxMs: 2 ** 63 }
      if (!checkRecords) expect(refusal(Buffer.from(far), { config }).code).toBe('INVALID_TIMESTAMP')
      // The records say otherwise, and they are believed.
      else expect(validateAppend(Buffer.from(far), rules({ config, checkRecords }))[0]?.maxTimestamp).toBe(NOW_MS + 2)
    }
  })

  test('do not matter where the log stamps, nor where there are none', () => {
    const far = batchOf(['a'], { timestamp: NOW_MS + 1e9 })
    const [stamped] = validateAppend(far, rules({ config: { messageTimestampType: 'LogAppendTime' } }))
    expect([stamped?.maxTimestamp, stamped?.isIntact]).toEqual([NOW_MS, true])
    const builder = new BatchBuilder()
    builder.append(-1, 'k', 'v')
    expect(validateAppend(builder.close(), rules({ config: { messageTimestampBeforeMaxMs: 1 } }))).toHaveLength(1)
  })
})

test('a compacted topic refuses records without a key, by their place', () => {
  const config = { cleanupPolicy: { delete: false, compact: true } }
  const error = refusal(batchOf(['a', 'b', 'c'], { keys: ['k', null, null] }), { config })
  expect(error.code).toBe('INVALID_RECORD')
  expect(error.recordErrors.map(({ batchIndex }) => batchIndex)).toEqual([1, 2])
  expect(validateAppend(batchOf(['a']), rules({ config }))).toHaveLength(1)
})

test('a producer that says that the log stamped its records is not believed', () => {
  for (const compression of [0, 1]) {
    const [batch] = validateAppend(batchOf(['a', 'b'], { appendTimeMs: NOW_MS + 500, compression }), rules())
    expect([batch?.isLogAppendTime, batch?.maxTimestamp, batch?.isIntact]).toEqual([false, NOW_MS + 1, true])
  }
})

test('where the log stamps, a producer that says it did is refused, record by record', () => {
  const records = patched(batch => batch.writeInt16BE(LOG_APPEND_TIME_BIT, ATTRIBUTES_AT))
  const error = refusal(records, { config: { messageTimestampType: 'LogAppendTime' } })
  expect(error.code).toBe('INVALID_TIMESTAMP')
  expect(error.recordErrors.map(each => each.batchIndex)).toEqual([0, 1, 2])
})

test('a greatest timestamp that is not that of the records is put right where they are looked at', () => {
  const lying = batchOf(['a', 'b'])
  lying.writeBigInt64BE(BigInt(NOW_MS + 77), 35)
  lying.writeUInt32BE(crc32c(lying, ATTRIBUTES_AT), CRC_AT)
  const [batch] = validateAppend(lying, rules({ checkRecords: true }))
  expect([batch?.maxTimestamp, batch?.isIntact]).toEqual([NOW_MS + 1, true])
})

describe('a topic with a codec of its own', () => {
  test.each(['uncompressed', 'gzip', 'snappy'] as const)('gets %s, and everything else stays', compressionType => {
    const producer = { producerId: 5, producerEpoch: 2, baseSequence: 40 }
    const from = compressionType === 'gzip' ? 0 : 1
    const sent = batchOf(['a', 'b'], { producer, isTransactional: true, compression: from, keys: ['k', null] })
    const [batch] = validateAppend(sent, rules({ config: { compressionType } }))
    expect(batch?.compression).toBe({ uncompressed: 0, gzip: 1, snappy: 2 }[compressionType])
    const original = new RecordBatch(sent)
    for (const field of [
      'producerId',
      'producerEpoch',
      'baseSequence',
      'isTransactional',
      'maxTimestamp',
      'recordCount',
    ] as const) {
      expect(batch?.[field], field).toEqual(original[field])
    }
    const values: string[] = []
    const cursor = batch?.records()
    while (cursor?.next()) values.push(`${cursor.keyText()}:${cursor.valueText()}@${cursor.timestamp - NOW_MS}`)
    expect(values).toEqual(['k:a@0', 'null:b@1'])
  })

  test('leaves a batch that has it already as it came', () => {
    const sent = batchOf(['a'], { compression: 1 })
    const [batch] = validateAppend(sent, rules({ config: { compressionType: 'gzip' } }))
    expect(batch?.bytes.buffer).toBe(sent.buffer)
  })
})

test('no bytes make it throw anything but a refusal', () => {
  const whole = batchOf(['a', 'b'], { compression: 1 })
  for (let at = 0; at < whole.length; at++) {
    for (const value of [0, 1, 0x7f, 0x80, 0xff]) {
      const damaged = Buffer.from(whole)
      damaged.writeUInt8(value, at)
      for (const withCrc of [false, true]) {
        if (withCrc) damaged.writeUInt32BE(crc32c(damaged, ATTRIBUTES_AT), CRC_AT)
        for (const checkRecords of [false, true]) {
          try {
            validateAppend(Buffer.from(damaged), rules({ checkRecords }))
          } catch (error) {
            expect(error).toBeInstanceOf(AppendError)
          }
        }
      }
    }
  }
})
