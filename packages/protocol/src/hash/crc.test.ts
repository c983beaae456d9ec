import { describe, expect, test } from 'vitest'
import { crc32 } from './crc32.js'
import { crc32c, createCrc32c } from './crc32c.js'

const DIGITS = Buffer.from('123456789')

/** Bit by bit, from the polynomial: slow and beyond doubt. */
function reference(bytes: Uint8Array, polynomial: number): number {
  let crc = -1
  for (const byte of bytes) {
    crc ^= byte
    for (let bit = 0; bit < 8; bit++) crc = (crc & 1) === 0 ? crc >>> 1 : (crc >>> 1) ^ polynomial
  }
  return ~crc >>> 0
}

function sample(length: number): Uint8Array {
  return Uint8Array.from({ length }, (_, index) => (index * index * 31 + index) & 0xff)
}

describe('CRC-32C', () => {
  const scriptOnly = createCrc32c(() => {
    throw new Error('not here')
  })

  test('gives the published check value, unsigned', () => {
    expect(crc32c(DIGITS)).toBe(0xe3069283)
    expect(scriptOnly(DIGITS)).toBe(0xe3069283)
    expect(crc32c(new Uint8Array(0))).toBe(0)
  })

  test('agrees with the polynomial at every size around the step to native code, with and without it', () => {
    // From here on it is used.
    crc32c(new Uint8Array(300_000))
    for (const length of [0, 1, 15, 16, 17, 319, 320, 321, 1024, 5000]) {
      const bytes = sample(length)
      expect(crc32c(bytes)).toBe(reference(bytes, 0x82f63b78))
      expect(scriptOnly(bytes)).toBe(crc32c(bytes))
    }
  })

  test('takes a range of a larger view', () => {
    const bytes = sample(3000)
    for (const [start, end] of [
      [21, 3000],
      [21, 60],
      [0, 2999],
      [1500, 1500],
    ] as const)
      expect(crc32c(bytes, start, end)).toBe(reference(bytes.slice(start, end), 0x82f63b78))
  })

  test('asks for the native package once, when there was much long input, and uses it when it loads', () => {
    const asked: string[] = []
    const crc = createCrc32c(name => {
      asked.push(name)
      return { crc32c: () => 42 }
    })
    expect(crc(DIGITS)).toBe(0xe3069283)
    const long = sample(1024)
    const expected = reference(long, 0x82f63b78)
    for (let count = 0; count < 256; count++) expect(crc(long)).toBe(expected)
    expect(asked).toEqual([])
    expect(crc(sample(1000))).toBe(42)
    expect(crc(sample(1000))).toBe(42)
    expect(asked).toEqual(['@node-rs/crc32'])
  })

  test('does without a native package that lacks the function', () => {
    const crc = createCrc32c(() => ({ crc32: () => 42 }))
    for (let count = 0; count < 2; count++) {
      expect(crc(new Uint8Array(256 * 1024))).toBe(scriptOnly(new Uint8Array(256 * 1024)))
    }
  })
})

describe('CRC-32', () => {
  test('gives the published check value, and the same for a range of a larger view', () => {
    expect(crc32(DIGITS)).toBe(0xcbf43926)
    expect(crc32(Buffer.concat([DIGITS, DIGITS, DIGITS]), 9, 18)).toBe(0xcbf43926)
    expect(crc32(sample(1000))).toBe(reference(sample(1000), 0xedb88320))
  })
})
