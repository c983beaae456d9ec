import { expect, test } from 'vitest'
import { coordinatorPartition, javaStringHash } from './java-string.js'

// Text, String.hashCode, and Kafka's partition of 50: computed in Java.
const VECTORS: readonly (readonly [string, number, number])[] = [
  ['', 0, 0],
  ['a', 97, 47],
  ['group', 98629247, 47],
  ['test-group', 627841412, 12],
  ['my-transactional-id', -959806496, 46],
  ['consumer-grüße', -1738253312, 12],
  ['поток', 1037302591, 41],
  ['グループ', 383750870, 20],
  ['😀 pair', -1297339529, 29],
  ['polygenelubricants', -2147483648, 0],
  ['console-consumer-48291', 161404005, 5],
]

test.each(VECTORS)('hashes %j as Java does and finds the coordinator where Kafka does', (text, hash, partition) => {
  expect(javaStringHash(text)).toBe(hash)
  expect(coordinatorPartition(text, 50)).toBe(partition)
})
