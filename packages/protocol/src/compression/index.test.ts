import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { KafkaError } from '@samsa/runtime'
import { describe, expect, test } from 'vitest'
import { ProtocolError } from '../protocol-error.js'
import { CODECS, type Codec, codecById, codecByName } from './index.js'
import { createLz4 } from './lz4.js'
import { createSnappy } from './snappy.js'
import { createZstd } from './zstd.js'

interface ForeignFrame {
  readonly codec: 'gzip' | 'snappy' | 'lz4' | 'zstd'
  readonly from: string
  readonly length: number
  readonly sha256: string
  readonly base64: string
}

const FRAMES: readonly ForeignFrame[] = JSON.parse(
  readFileSync(new URL('./foreign-frames.json', import.meta.url), 'utf8'),
)

function absent(name: string): never {
  throw Object.assign(new Error(`Cannot find module '${name}'`), { code: 'MODULE_NOT_FOUND' })
}

/** Every codec as it is on this machine, and as it is where no native package is, on Node with and without zstd. */
const VARIANTS: readonly (readonly [string, Codec])[] = [
  ...CODECS.map(codec => [`${codec.name}`, codec] as const),
  ['snappy in JavaScript', createSnappy(absent)],
  ['lz4 in JavaScript', createLz4(absent)],
  ['zstd in JavaScript', createZstd(absent, {})],
  ['zstd without zstd-napi', createZstd(absent)],
]

function sample(kind: number, length: number): Buffer {
  const bytes = Buffer.alloc(length)
  let state = length + kind
  for (let index = 0; index < length; index++) {
    state = (Math.imul(state, 1103515245) + 12345) | 0
    const noise = state >>> 24
    bytes[index] = [0, noise, index >>> 4, noise < 64 ? noise : 97 + (index % 26)][kind] ?? 0
  }
  return bytes
}

const SIZES = [0, 1, 3, 100, 1023, 1024, 5000, 32_767, 32_768, 32_769, 65_536, 65_537, 300_000]
const SAMPLES = [0, 1, 2, 3].flatMap(kind => SIZES.map(size => sample(kind, size)))

/** The bytes as `codec` compresses them, or, where it cannot, as the one of this machine does. */
function compressed(codec: Codec, input: Buffer): Uint8Array {
  return codec.canCompress() === true ? codec.compress(input) : codecById(codec.id).compress(input)
}

function codeOf(action: () => unknown): string {
  try {
    action()
  } catch (error) {
    return error instanceof KafkaError ? error.code : String(error)
  }
  return 'no error'
}

describe.each(VARIANTS)('%s', (_, codec) => {
  const able = codecById(codec.id).canCompress()
  const canMake = able === true
  const reason = canMake ? '' : ` (${able})`

  test.skipIf(!canMake)(`gives back what it was given, whatever it is${reason}`, () => {
    for (const input of SAMPLES)
      expect(Buffer.from(codec.decompress(compressed(codec, input), 300_000)).equals(input)).toBe(true)
  })

  test.skipIf(!canMake)(`takes the exact length for a limit, and not one byte less${reason}`, () => {
    for (const input of SAMPLES.filter(({ length }) => length > 0)) {
      const bytes = compressed(codec, input)
      expect(codec.decompress(bytes, input.length)).toHaveLength(input.length)
      expect(codeOf(() => codec.decompress(bytes, input.length - 1))).toBe('DECOMPRESSED_TOO_LARGE')
      expect(codeOf(() => codec.decompress(bytes, 0))).toBe('DECOMPRESSED_TOO_LARGE')
    }
  })

  // No compression hands out its input.
  if (codec.id === 0) return

  test.skipIf(!canMake)(`hands out buffers of their own${reason}`, () => {
    const inputs = [sample(3, 5000), sample(2, 5000), sample(3, 400), sample(1, 400)]
    const bytes = inputs.map(input => compressed(codec, input))
    const copies = bytes.map(one => Buffer.from(one))
    const outputs = bytes.map(one => codec.decompress(one, 5000))
    expect(bytes.map((one, index) => copies[index]?.equals(one))).toEqual([true, true, true, true])
    expect(outputs.map((one, index) => inputs[index]?.equals(one))).toEqual([true, true, true, true])
  })

  test('takes no bytes for corrupt, even where nothing may come out', () => {
    expect(codeOf(() => codec.decompress(new Uint8Array(0), 100))).toBe('CORRUPT_MESSAGE')
    expect(codeOf(() => codec.decompress(new Uint8Array(0), 0))).toBe('CORRUPT_MESSAGE')
  })

  const frames = FRAMES.filter(frame => frame.codec === codec.name)
  test.each(frames)('reads what $from made', frame => {
    const input = Buffer.from(frame.base64, 'base64')
    const output = codec.decompress(input, frame.length)
    expect(createHash('sha256').update(output).digest('hex')).toBe(frame.sha256)
    expect(codeOf(() => codec.decompress(input, frame.length - 1))).toBe('DECOMPRESSED_TOO_LARGE')
  })

  test('refuses each of these when it is cut short anywhere', () => {
    for (const frame of frames) {
      const input = Buffer.from(frame.base64, 'base64')
      for (let length = 0; length < input.length; length++) {
        // A framed stream of snappy has no end mark: cut between two chunks it is just shorter.
        const code = codeOf(() => codec.decompress(input.subarray(0, length), frame.length))
        expect([length, codec.name === 'snappy' && code === 'no error' ? 'CORRUPT_MESSAGE' : code]).toEqual([
          length,
          'CORRUPT_MESSAGE',
        ])
      }
    }
  })
})

test('reads every compressed batch in a log that Kafka wrote', () => {
  const log = new URL('../../../../tests/golden/log-dir/events-0/', import.meta.url)
  const seen = new Set<string>()
  for (const file of ['00000000000000000000.log', '00000000000000000015.log', '00000000000000000028.log']) {
    const bytes = readFileSync(new URL(file, log))
    for (let at = 0; at + 61 <= bytes.length; ) {
      const end = at + 12 + bytes.readInt32BE(at + 8)
      const codec = codecById(bytes.readInt16BE(at + 21) & 7)
      const records = Buffer.from(codec.decompress(bytes.subarray(at + 61, end), 1000)).toString('latin1')
      if (codec.id !== 0) expect(records.match(/-value-\d lorem/g)?.length).toBeGreaterThanOrEqual(2)
      seen.add(codec.name)
      at = end
    }
  }
  expect([...seen].sort()).toEqual(['gzip', 'lz4', 'none', 'snappy', 'zstd'])
})

describe('the table', () => {
  test('finds a codec by number and by name', () => {
    for (const codec of CODECS) {
      expect(codecById(codec.id)).toBe(codec)
      expect(codecByName(codec.name)).toBe(codec)
    }
    expect(CODECS.map(({ name }) => name)).toEqual(['none', 'gzip', 'snappy', 'lz4', 'zstd'])
  })

  test('refuses a number that does not exist as bad input, and a name as bad configuration', () => {
    expect(() => codecById(5)).toThrow(ProtocolError)
    expect(codeOf(() => codecById(-1))).toBe('UNSUPPORTED_COMPRESSION_TYPE')
    // @ts-expect-error: what an untyped caller may do
    expect(() => codecByName('brotli')).toThrow(
      'There is no compression "brotli"; there are none, gzip, snappy, lz4, zstd.',
    )
  })
})

describe('the limit on decompressed bytes', () => {
  test.each(CODECS.map(({ name }) => name))('of %s has to be one', name => {
    const codec = codecByName(name)
    for (const limit of [Number.NaN, Infinity, -1, 0.5, 2 ** 31]) {
      const decompress = (): unknown => codec.decompress(Buffer.alloc(0), limit)
      expect(decompress).toThrow(`must be a whole number from 0 to 2147483647, not ${limit}`)
      expect(codeOf(decompress)).toBe('INVALID_CONFIG')
    }
  })
})

describe('levels', () => {
  test.each(['gzip', 'lz4', 'zstd'] as const)('of %s are taken over the range that Kafka has, and no further', name => {
    const codec = codecByName(name)
    const { min, max, default: usual } = codec.levels ?? { min: 0, max: 0, default: 0 }
    const input = sample(3, 2000)
    for (const level of codec.canCompress() === true ? [min, 1, max, usual] : [])
      expect(Buffer.from(codec.decompress(codec.compress(input, level), 2000)).equals(input)).toBe(true)
    for (const level of [min - 1, max + 1, 1.5, Number.NaN])
      expect(() => codec.compress(input, level)).toThrow(
        `levels from ${min} to ${max}, but level ${level} was asked for`,
      )
  })

  test('are refused by codecs without any', () => {
    expect(() => codecByName('snappy').compress(sample(3, 10), 1)).toThrow('The compression snappy has no levels')
    expect(codeOf(() => codecByName('none').compress(sample(3, 10), 1))).toBe('INVALID_CONFIG')
  })

  test('make a difference where there is one', () => {
    const input = sample(3, 100_000)
    expect(codecByName('gzip').compress(input, 9).length).toBeLessThan(codecByName('gzip').compress(input, 1).length)
  })
})

describe('a package that is not there', () => {
  test('is named, with what to do, before anything is compressed', () => {
    const sentence =
      'Compressing with lz4 needs the package lz4, which is not installed: install it with "npm install lz4", or choose another compression.'
    const codec = createLz4(absent)
    expect(codec.canCompress()).toBe(sentence)
    expect(() => codec.requireCompress()).toThrow(sentence)
    expect(() => codec.compress(sample(3, 10))).toThrow(sentence)
    expect(codeOf(() => codec.requireCompress())).toBe('UNSUPPORTED_COMPRESSION_TYPE')
    expect(createZstd(absent, {}).canCompress()).toContain('needs the package zstd-napi, which is not installed')
  })

  test('or that does not load is told apart, with the reason', () => {
    const codec = createLz4(() => {
      throw new Error('invalid ELF header\nand more')
    })
    expect(codec.canCompress()).toBe(
      'Compressing with lz4 needs the package lz4, which is installed but does not load (invalid ELF header): build it for this Node with "npm rebuild lz4", or choose another compression.',
    )
    expect(createLz4(() => ({ encodeBlock: 1 })).canCompress()).toContain('lacks the functions that are used of it')
  })

  test('is asked for once', () => {
    const asked: string[] = []
    const codec = createZstd(name => {
      asked.push(name)
      return absent(name)
    }, {})
    codec.canCompress()
    codec.canCompress()
    expect(codeOf(() => codec.requireCompress())).toBe('UNSUPPORTED_COMPRESSION_TYPE')
    expect(asked).toEqual(['zstd-napi/binding'])
  })

  test('leaves gzip and snappy able to compress', () => {
    expect(codecByName('gzip').canCompress()).toBe(true)
    expect(createSnappy(absent).canCompress()).toBe(true)
  })
})
