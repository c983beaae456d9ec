import { getHeapStatistics } from 'node:v8'
import { crc32, gzipSync } from 'node:zlib'
import { describe, expect, test } from 'vitest'
import { ProtocolError } from '../protocol-error.js'
import { batchesIn } from './batches.js'
import { MessageSet } from './message-set.js'

/** One message as a broker before 0.11 wrote it, put together here by the layout, since nothing of ours writes it. */
function message(
  magic: 0 | 1,
  offset: number,
  attributes: number,
  timestamp: number,
  key: Buffer | null,
  value: Buffer | null,
): Buffer {
  const bytes = (data: Buffer | null): Buffer => {
    const length = Buffer.alloc(4)
    length.writeInt32BE(data?.length ?? -1)
    return data === null ? length : Buffer.concat([length, data])
  }
  const time = Buffer.alloc(magic === 1 ? 8 : 0)
  if (magic === 1) time.writeBigInt64BE(BigInt(timestamp))
  const body = Buffer.concat([Buffer.from([magic, attributes]), time, bytes(key), bytes(value)])
  const head = Buffer.alloc(16)
  head.writeBigInt64BE(BigInt(offset))
  head.writeInt32BE(body.length + 4, 8)
  head.writeUInt32BE(crc32(body), 12)
  return Buffer.concat([head, body])
}

function read(set: MessageSet): unknown[] {
  const records = []
  for (const cursor = set.records(); cursor.next(); ) {
    records.push([cursor.offset, cursor.timestamp, cursor.keyText(), cursor.valueText(), cursor.headers().length])
  }
  return records
}

const text = (value: string): Buffer => Buffer.from(value)
const GZIP = 1

describe('old messages', () => {
  test('of magic 0 have no timestamp', () => {
    const set = new MessageSet(message(0, 41, 0, 0, text('k'), text('v')))
    set.checkCrc()
    expect(read(set)).toEqual([[41, -1, 'k', 'v', 0]])
  })

  test('of magic 1 have one, and nulls stay nulls', () => {
    expect(read(new MessageSet(message(1, 41, 0, 1234, null, null)))).toEqual([[41, 1234, null, null, 0]])
  })

  test('stand one behind the other, each an entry of its own', () => {
    const bytes = Buffer.concat([message(0, 1, 0, 0, null, text('a')), message(1, 2, 0, 9, null, text('b'))])
    const sets = [...batchesIn(bytes)]
    expect(sets.map(set => [set.magic, set.nextOffset])).toEqual([
      [0, 2],
      [1, 3],
    ])
  })

  test('compressed with magic 1 count from 0 inside, and the wrapper has the last offset', () => {
    const inner = Buffer.concat([
      message(1, 0, 0, 5, null, text('a')),
      message(1, 1, 0, 6, null, text('b')),
      message(1, 3, 0, 7, null, text('c')),
    ])
    const set = new MessageSet(message(1, 103, GZIP, 7, null, gzipSync(inner)))
    expect(read(set).map(record => (record as unknown[]).slice(0, 2))).toEqual([
      [100, 5],
      [101, 6],
      [103, 7],
    ])
    expect(set.nextOffset).toBe(104)
  })

  test('compressed with magic 0 have their own offsets inside', () => {
    const inner = Buffer.concat([message(0, 50, 0, 0, null, text('a')), message(0, 51, 0, 0, null, text('b'))])
    expect(read(new MessageSet(message(0, 51, GZIP, 0, null, gzipSync(inner))))).toEqual([
      [50, -1, null, 'a', 0],
      [51, -1, null, 'b', 0],
    ])
  })

  test('in a wrapper that the log stamped all have its timestamp', () => {
    const inner = Buffer.concat([message(1, 0, 0, 5, null, text('a')), message(1, 1, 0, 6, null, text('b'))])
    const set = new MessageSet(message(1, 1, GZIP | 0x08, 999, null, gzipSync(inner)))
    expect(read(set).map(record => (record as unknown[])[1])).toEqual([999, 999])
  })

  test('with a flipped bit fail their checksum', () => {
    const bytes = message(1, 0, 0, 5, text('key'), text('value'))
    bytes[bytes.length - 1] = 0
    expect(() => new MessageSet(bytes).checkCrc()).toThrow(ProtocolError)
  })

  test('compressed twice, empty inside or with zstd are refused', () => {
    const twice = message(
      1,
      0,
      GZIP,
      0,
      null,
      gzipSync(message(1, 0, GZIP, 0, null, gzipSync(message(1, 0, 0, 0, null, null)))),
    )
    expect(() => new MessageSet(twice).records()).toThrow('inside a compressed message')
    expect(() => new MessageSet(message(1, 0, GZIP, 0, null, gzipSync(Buffer.alloc(0)))).records()).toThrow(
      'nothing inside',
    )
    expect(() => new MessageSet(message(1, 0, GZIP, 0, null, null)).records()).toThrow('without a value')
    expect(() => new MessageSet(message(1, 0, 4, 0, null, text('x'))).records()).toThrow('compression 4')
  })

  test('are cut out when they are asked for, so that many small ones cost no more than their bytes', () => {
    const count = 100_000
    const inner = Buffer.alloc(count * 26, message(0, 7, 0, 0, Buffer.alloc(0), Buffer.alloc(0)))
    const set = new MessageSet(message(0, 7, GZIP, 0, null, gzipSync(inner)))
    const before = getHeapStatistics().used_heap_size
    const cursor = set.records()
    // An object a message would be ten times this.
    expect(getHeapStatistics().used_heap_size - before).toBeLessThan(4 * inner.length)
    let seen = 0
    while (cursor.next()) seen += cursor.offset === 7 && cursor.keyBytes === 0 ? 1 : 0
    expect(seen).toBe(count)
  })

  test('cut at any byte are a ProtocolError or left out', () => {
    const bytes = message(1, 0, 0, 5, text('key'), text('value'))
    for (let end = 0; end < bytes.length; end++)
      expect(() => new MessageSet(bytes.subarray(0, end))).toThrow(ProtocolError)
  })
})
