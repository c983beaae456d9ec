import { describe, expect, test } from 'vitest'
import { BatchBuilder, recordBytesAtMost } from './batch-builder.js'
import { assignAppendTime, assignMaxTimestamp, assignOffset, assignProducer } from './batch-layout.js'
import type { WritableBytes, WritableHeader } from './record.js'
import { RecordBatch } from './record-batch.js'

const PRODUCER = { producerId: 1000, producerEpoch: 0, baseSequence: 7 }

function read(
  batch: RecordBatch,
): { offset: number; timestamp: number; key: string | null; value: string | null; headers: unknown[] }[] {
  const records = []
  for (const cursor = batch.records(); cursor.next(); ) {
    const headers = cursor
      .headers()
      .map(({ key, value }) => [key, value === null ? null : Buffer.from(value).toString()])
    records.push({
      offset: cursor.offset,
      timestamp: cursor.timestamp,
      key: cursor.keyText(),
      value: cursor.valueText(),
      headers,
    })
  }
  return records
}

describe('a built batch', () => {
  test('has the bytes that the format says', () => {
    const builder = new BatchBuilder()
    builder.append(1_700_000_000_000, 'k', 'v')
    builder.append(1_700_000_000_005, null, Buffer.from('x'), [{ key: 'h', value: null }])
    expect(builder.close({ producer: PRODUCER }).toString('hex')).toBe(
      '000000000000000000000045ffffffff02d7f3305b0000000000010000018bcfe568000000018bcfe5680500000000000003e8' +
        '0000000000070000000210000000026b02760014000a0201027802026801',
    )
  })

  test('reads back what was appended, whatever the length of its texts and bytes', () => {
    const texts = [
      '',
      'a',
      'ä',
      '\u0800',
      '🚀',
      'x'.repeat(40),
      'x'.repeat(41),
      'é'.repeat(40),
      'é'.repeat(63),
      'x'.repeat(63),
      'x'.repeat(64),
    ]
    texts.push('€'.repeat(50), 'y'.repeat(4096), 'ü'.repeat(4097), `${'z'.repeat(8190)}ß`, '\n\0\u007f')
    for (const key of texts) {
      for (const value of texts) {
        const builder = new BatchBuilder({ capacity: 61 })
        builder.append(5, key, value)
        builder.append(4, Buffer.from(key), Buffer.from(value), [{ key, value }])
        const batch = new RecordBatch(builder.close())
        batch.checkCrc()
        expect(read(batch)).toEqual([
          { offset: 0, timestamp: 5, key, value, headers: [] },
          { offset: 1, timestamp: 4, key, value, headers: [[key, value]] },
        ])
      }
    }
  })

  test('keeps null apart from empty', () => {
    const builder = new BatchBuilder()
    builder.append(0, null, null, [{ key: '', value: '' }])
    builder.append(0, '', new Uint8Array(0), [{ key: 'n', value: null }])
    expect(read(new RecordBatch(builder.close()))).toEqual([
      { offset: 0, timestamp: 0, key: null, value: null, headers: [['', '']] },
      { offset: 1, timestamp: 0, key: '', value: '', headers: [['n', null]] },
    ])
  })

  test('makes of text without meaning what UTF-8 makes of it', () => {
    const builder = new BatchBuilder()
    builder.append(0, '\ud800', `${'a'.repeat(50)}\udc00`)
    expect(read(new RecordBatch(builder.close()))[0]).toMatchObject({ key: '\ufffd', value: `${'a'.repeat(50)}\ufffd` })
  })

  test('carries timestamps before, after and far from the first one', () => {
    const timestamps = [
      1_700_000_000_000,
      0,
      -1,
      1_700_000_000_001,
      8_640_000_000_000_000,
      -62_135_596_800_000,
      2 ** 31,
      -(2 ** 31) - 1,
    ]
    const builder = new BatchBuilder()
    for (const timestamp of timestamps) builder.append(timestamp, null, 'v')
    const batch = new RecordBatch(builder.close())
    expect(read(batch).map(record => record.timestamp)).toEqual(timestamps)
    expect(batch.maxTimestamp).toBe(8_640_000_000_000_000)
    expect(batch.baseTimestamp).toBe(1_700_000_000_000)
  })

  test('keeps the gaps that compaction leaves, and the offset behind them', () => {
    const builder = new BatchBuilder({ deleteHorizonMs: 99 })
    builder.appendAt(3, 50, 'a', null)
    builder.appendAt(700, 120, 'b', null)
    const batch = new RecordBatch(
      builder.close({
        baseOffset: 1000,
        lastOffsetDelta: 800,
        leaderEpoch: 6,
        producer: PRODUCER,
        isTransactional: true,
      }),
    )
    expect(read(batch).map(record => [record.offset, record.timestamp])).toEqual([
      [1003, 50],
      [1700, 120],
    ])
    expect(batch).toMatchObject({
      lastOffset: 1800,
      nextOffset: 1801,
      deleteHorizonMs: 99,
      isTransactional: true,
      isControl: false,
      leaderEpoch: 6,
      recordCount: 2,
    })
    expect(batch.lastSequence).toBe(807)
  })

  test('may be empty, which still spans offsets', () => {
    const batch = new RecordBatch(new BatchBuilder().close({ baseOffset: 5, lastOffsetDelta: 4 }))
    expect(batch.nextOffset).toBe(10)
    expect(read(batch)).toEqual([])
  })

  test('refuses what cannot be', () => {
    const builder = new BatchBuilder()
    expect(() => builder.append(1.5, null, null)).toThrow('whole number')
    expect(() => builder.append(Number.NaN, null, null)).toThrow('whole number')
    builder.appendAt(4, 0, null, null)
    expect(() => builder.appendAt(4, 0, null, null)).toThrow('does not follow')
    expect(() => builder.close({ lastOffsetDelta: 3 })).toThrow('before')
    expect(() => builder.append(0, null, null)).toThrow('closed')
    expect(() => new BatchBuilder({ compression: 9 })).toThrow()
  })

  test('never takes more than a producer counted with', () => {
    const records: [WritableBytes, WritableBytes, WritableHeader[]][] = [
      [null, null, []],
      ['€'.repeat(4000), '🚀'.repeat(2000), [{ key: '€', value: '€€' }]],
      [Buffer.alloc(20_000), 'ä'.repeat(5000), [{ key: 'k'.repeat(5000), value: Buffer.alloc(300) }]],
    ]
    for (const [key, value, headers] of records) {
      const builder = new BatchBuilder()
      builder.append(0, 'first', 'first')
      const before = builder.uncompressedBytes
      builder.append(8_640_000_000_000_000, key, value, headers)
      expect(builder.uncompressedBytes - before).toBeLessThanOrEqual(recordBytesAtMost(key, value, headers))
    }
  })
})

describe('a batch changed in place', () => {
  const built = (): Buffer => {
    const builder = new BatchBuilder()
    builder.append(10, 'a', '1')
    builder.append(20, 'b', '2')
    return builder.close({ producer: PRODUCER })
  }

  test('takes offset and leader epoch without a new checksum', () => {
    const bytes = built()
    const crc = new RecordBatch(bytes).crc
    assignOffset(bytes, 2 ** 40 + 3, 12)
    const batch = new RecordBatch(bytes)
    batch.checkCrc()
    expect(batch).toMatchObject({ baseOffset: 2 ** 40 + 3, lastOffset: 2 ** 40 + 4, leaderEpoch: 12, crc })
  })

  test('gives every record the time of the append', () => {
    const bytes = built()
    assignAppendTime(bytes, 555)
    const batch = new RecordBatch(bytes)
    batch.checkCrc()
    expect(batch.isLogAppendTime).toBe(true)
    expect(read(batch).map(record => record.timestamp)).toEqual([555, 555])
  })

  test('takes another producer, or another greatest timestamp, with a checksum that fits', () => {
    const bytes = built()
    assignProducer(bytes, { producerId: 77, producerEpoch: 3, baseSequence: 0x7fff_ffff })
    assignMaxTimestamp(bytes, 21)
    const batch = new RecordBatch(bytes)
    batch.checkCrc()
    expect(batch).toMatchObject({
      producerId: 77,
      producerEpoch: 3,
      baseSequence: 0x7fff_ffff,
      lastSequence: 0,
      maxTimestamp: 21,
    })
  })
})

describe('a batch that claims offsets which cannot be', () => {
  test('is refused: readers go on behind its last offset', () => {
    const builder = new BatchBuilder()
    builder.append(0, null, 'v')
    const bytes = builder.close({ baseOffset: 100 })
    bytes.writeInt32BE(-50, 23)
    expect(() => new RecordBatch(bytes)).toThrow('last offset delta of -50')
    bytes.writeInt32BE(0x7fff_ffff, 23)
    bytes.writeBigInt64BE(BigInt(Number.MAX_SAFE_INTEGER) - 5n)
    expect(() => new RecordBatch(bytes)).toThrow('offsets up to')
  })

  test('cannot be built: one without records must say what it stands for', () => {
    expect(() => new BatchBuilder().close()).toThrow('without records')
  })
})
