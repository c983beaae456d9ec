import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { murmur2, murmur2Text, partitionForKey } from './murmur2.js'

const VECTORS = new URL('../../../../tests/golden/murmur2.txt', import.meta.url)

describe('murmur2', () => {
  const vectors = readFileSync(VECTORS, 'utf8')
    .split('\n')
    .filter(line => line !== '' && !line.startsWith('#'))
    .map(line => {
      const [hex = '', hash] = line.split(' ')
      return { key: Buffer.from(hex, 'hex'), hash: Number(hash) }
    })

  test('equals Kafka on 10,000 keys', () => {
    expect(vectors).toHaveLength(10_000)
    expect(vectors.filter(({ key, hash }) => murmur2(key) !== hash)).toEqual([])
  })

  test('hashes a range inside a larger view as it hashes the range alone', () => {
    for (const { key, hash } of vectors.slice(0, 200)) {
      const framed = Buffer.concat([Buffer.from('before'), key, Buffer.from('behind')])
      expect(murmur2(framed, 6, 6 + key.length)).toBe(hash)
    }
  })

  test('hashes text as it hashes the UTF-8 bytes of the text', () => {
    const texts = vectors.filter(({ key }) => Buffer.from(key.toString('utf8')).equals(key))
    expect(texts.length).toBeGreaterThan(2_000)
    expect(texts.filter(({ key, hash }) => murmur2Text(key.toString('utf8')) !== hash)).toEqual([])
  })

  test('finds a character that is not ASCII at every place of a text', () => {
    for (let length = 1; length <= 9; length++) {
      for (let at = 0; at < length; at++) {
        const text = `${'k'.repeat(at)}é${'k'.repeat(length - at - 1)}`
        expect(murmur2Text(text)).toBe(murmur2(Buffer.from(text)))
      }
    }
  })

  test('drops the sign bit when it picks a partition', () => {
    expect(partitionForKey(-1, 3)).toBe(0x7fffffff % 3)
    expect(partitionForKey(-0x80000000, 7)).toBe(0)
    expect(partitionForKey(10, 3)).toBe(1)
  })
})
