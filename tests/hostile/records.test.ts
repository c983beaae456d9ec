/**
 * Record batches from an enemy: whatever the bytes, reading gives records or a ProtocolError, and costs no more memory
 * than the input and the caller's limit allow. The checksum is made to fit, since an enemy can do that too.
 */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import {
  assignMaxTimestamp,
  BatchBuilder,
  batchesIn,
  codecById,
  MessageSet,
  ProtocolError,
  RecordBatch,
} from '@samsa/protocol'
import { SeededRandom } from '@samsa/runtime'
import { describe, expect, test } from 'vitest'

const LOG_DIR = fileURLToPath(new URL('../golden/log-dir/', import.meta.url))
const LIMIT = 1024 * 1024

const seeds = readdirSync(LOG_DIR, { recursive: true, encoding: 'utf8' })
  .filter(file => file.endsWith('.log'))
  .flatMap(file => [...batchesIn(readFileSync(join(LOG_DIR, file)))].map(batch => Buffer.from(batch.bytes)))

/** Reads everything there is to read; the number of records, or -1 for a ProtocolError. Any other error comes out. */
function readAll(bytes: Uint8Array): number {
  let count = 0
  try {
    for (const batch of batchesIn(bytes)) {
      void batch.isIntact
      void [batch.lastOffset, batch.nextOffset]
      if (batch instanceof RecordBatch) void [batch.producerId, batch.lastSequence, batch.deleteHorizonMs]
      for (const cursor = batch.records({ maxDecompressedBytes: LIMIT }); cursor.next(); count++) {
        void [cursor.key(), cursor.value(), cursor.keyText(), cursor.valueText(), cursor.headers()]
      }
    }
    return count
  } catch (error) {
    if (error instanceof ProtocolError) return -1
    throw error
  }
}

function mutate(random: SeededRandom): Buffer {
  const seed = seeds[random.integer(0, seeds.length)]
  if (seed === undefined) throw new Error('no seeds')
  const bytes = Buffer.from(seed)
  for (let changes = random.integer(1, 5); changes > 0; changes--) {
    const at = random.integer(16, bytes.length)
    switch (random.integer(0, 4)) {
      case 0:
        bytes[at] = random.integer(0, 256)
        break
      case 1:
        bytes[at] = (bytes[at] ?? 0) ^ (1 << random.integer(0, 8))
        break
      case 2:
        bytes[at] = [0, 1, 0x7f, 0x80, 0xff][random.integer(0, 5)] ?? 0
        break
      default:
        bytes.copyWithin(at, random.integer(16, bytes.length))
    }
  }
  return bytes
}

describe('hostile record batches', () => {
  test('60,000 seeded mutations give records or a ProtocolError', () => {
    let refused = 0
    for (let seed = 0; seed < 60_000; seed++) {
      const bytes = mutate(new SeededRandom(seed))
      try {
        if (readAll(bytes) < 0) refused++
      } catch (error) {
        throw new Error(`seed ${seed}: ${bytes.toString('hex')}`, { cause: error })
      }
    }
    expect(refused).toBeGreaterThan(10_000)
    expect(refused).toBeLessThan(59_000)
  })

  test('a batch cut at any byte, with its length made to fit, gives records or a ProtocolError', () => {
    for (const seed of seeds) {
      for (let end = 61; end < seed.length; end++) {
        const bytes = Buffer.from(seed.subarray(0, end))
        bytes.writeInt32BE(end - 12, 8)
        expect(readAll(bytes)).toBe(seed.readInt32BE(57) === 0 ? 0 : -1)
      }
    }
  })

  test.each([0, -1, -2, 0x7fff_ffff])('a record count of %d is refused unless it is right', count => {
    for (const seed of seeds) {
      const bytes = Buffer.from(seed)
      bytes.writeInt32BE(count, 57)
      expect(readAll(bytes)).toBe(-1)
    }
  })

  test('a batch that decompresses beyond the limit stops there, whatever the codec', () => {
    const builder = new BatchBuilder()
    builder.append(0, null, Buffer.alloc(8 * LIMIT))
    const plain = builder.close()
    for (let id = 1; id <= 4; id++) {
      const codec = codecById(id)
      if (codec.canCompress() !== true) continue
      const records = codec.compress(plain.subarray(61))
      const bomb = Buffer.concat([plain.subarray(0, 61), records])
      bomb.writeInt32BE(bomb.length - 12, 8)
      bomb.writeInt16BE(id, 21)
      assignMaxTimestamp(bomb, 0)
      const batch = new RecordBatch(bomb)
      batch.checkCrc()
      expect(() => batch.records({ maxDecompressedBytes: LIMIT }), codec.name).toThrow(ProtocolError)
      const cursor = batch.records({ maxDecompressedBytes: 9 * LIMIT })
      expect(cursor.next() && cursor.valueBytes).toBe(8 * LIMIT)
    }
  })

  test('a flipped bit anywhere behind the checksum is found before anything is decompressed', () => {
    for (const seed of seeds.slice(0, 40)) {
      for (let at = 21; at < seed.length; at += 7) {
        const bytes = Buffer.from(seed)
        bytes[at] = (bytes[at] ?? 0) ^ 0x10
        expect(() => new RecordBatch(bytes).checkCrc()).toThrow(ProtocolError)
      }
    }
  })

  test('old messages with any 17 bytes of header give a value or a ProtocolError', () => {
    const random = new SeededRandom(1)
    for (let round = 0; round < 20_000; round++) {
      const bytes = Buffer.from(random.bytes(random.integer(0, 81)))
      if (bytes.length > 17) {
        bytes[16] = random.integer(0, 2)
        if (round % 2 === 0) bytes.writeInt32BE(bytes.length - 12, 8)
      }
      try {
        for (const cursor = new MessageSet(bytes).records({ maxDecompressedBytes: LIMIT }); cursor.next(); )
          void cursor.value()
      } catch (error) {
        if (!(error instanceof ProtocolError)) throw new Error(bytes.toString('hex'), { cause: error })
      }
    }
  })
})
