import { expect, test } from 'vitest'
import { xxhash32 } from './xxhash32.js'

// Length of the input, seed, hash: from the native xxHash inside lz4-java.
const VECTORS: readonly (readonly [number, number, number])[] = [
  [0, 0, 0x02cc5d05],
  [1, 0, 0xcf65b03e],
  [3, 0, 0x7b62c7c0],
  [4, 0, 0x22ed09a4],
  [5, 0, 0x625fe0e0],
  [7, 0, 0xced25108],
  [8, 0, 0x48c89608],
  [12, 0, 0xae6d3be9],
  [15, 0, 0x0c270b5a],
  [16, 0, 0x99783f4b],
  [17, 0, 0xb58acf7c],
  [19, 0, 0x60c8aa3b],
  [20, 0, 0x96995d37],
  [31, 0, 0x1973ad3c],
  [32, 0, 0x6c5c5ffb],
  [33, 0, 0x4cd737d7],
  [64, 0, 0x2406f0d5],
  [100, 0, 0x3cf1c231],
  [1000, 0, 0x82b7c113],
  [65536, 0, 0x40299636],
  [50, 0x9747b28c, 0xbb51ecb0],
]

function input(length: number): Uint8Array {
  return Uint8Array.from({ length }, (_, index) => (index * 31 + (index >>> 3)) & 0xff)
}

test.each(VECTORS)('hashes %i bytes with seed %i to %i', (length, seed, hash) => {
  expect(xxhash32(input(length), 0, length, seed)).toBe(hash)
})

test('takes a range of a larger view', () => {
  const framed = Buffer.concat([Buffer.from('before!'), input(1000), Buffer.from('behind')])
  expect(xxhash32(framed, 7, 1007)).toBe(xxhash32(input(1000)))
})
