import { deflateRawSync, gzipSync, crc32 as nodeCrc32 } from 'node:zlib'
import { describe, expect, test, vi } from 'vitest'
import { gzip } from './gzip.js'

const TEXT = Buffer.from('a text, a text, and once more a text')

const chunkBytes = vi.hoisted((): number[] => [])

/** Notes what Node is told to set aside at a time. */
vi.mock('node:zlib', async importOriginal => {
  const zlib = await importOriginal<typeof import('node:zlib')>()
  const inflateRawSync: typeof zlib.inflateRawSync = (data, options) => {
    chunkBytes.push(options?.chunkSize ?? 0)
    return zlib.inflateRawSync(data, options)
  }
  return { ...zlib, inflateRawSync }
})

/** A member with a header of one's own. */
function member(flags: number, fields: Buffer, content: Buffer): Buffer {
  const trailer = Buffer.alloc(8)
  trailer.writeUInt32LE(nodeCrc32(content), 0)
  trailer.writeUInt32LE(content.length, 4)
  return Buffer.concat([
    Buffer.from([0x1f, 0x8b, 8, flags, 1, 2, 3, 4, 0, 3]),
    fields,
    deflateRawSync(content),
    trailer,
  ])
}

function changed(bytes: Buffer, at: number): Buffer {
  const copy = Buffer.from(bytes)
  copy[at] = (copy[at] ?? 0) ^ 0xff
  return copy
}

describe('gzip', () => {
  test('joins members that follow one another', () => {
    const members = [gzipSync('one '), gzipSync(''), member(0, Buffer.alloc(0), TEXT), gzipSync(' four')]
    expect(Buffer.from(gzip.decompress(Buffer.concat(members), 1000)).toString()).toBe(`one ${TEXT} four`)
  })

  test('sets little aside for each of many small members, whatever the last one claims', () => {
    const members = Buffer.concat([...Array<Buffer>(500).fill(gzipSync('')), gzipSync('x')])
    members.writeUInt32LE(0x7fff_ffff, members.length - 4)
    chunkBytes.length = 0
    expect(() => gzip.decompress(members, 2 ** 27)).toThrow('it became 1 bytes, but claims 2147483647')
    expect(chunkBytes).toHaveLength(501)
    expect(Math.max(...chunkBytes.slice(1))).toBeLessThan(128 * 1024)
  })

  test('joins a large member behind a small one', () => {
    const large = Buffer.alloc(300_000, 'large ')
    expect(gzip.decompress(Buffer.concat([gzipSync('x'), gzipSync(large)]), 2 ** 20)).toHaveLength(300_001)
    expect(() => gzip.decompress(Buffer.concat([gzipSync('x'), gzipSync(large)]), 300_000)).toThrow(
      '300000 bytes allowed',
    )
  })

  test('counts all members against the limit', () => {
    const members = Buffer.concat([gzipSync('12345'), gzipSync('67890')])
    expect(gzip.decompress(members, 10)).toHaveLength(10)
    expect(() => gzip.decompress(members, 9)).toThrow('it decompresses to more than the 9 bytes allowed')
  })

  test.each([
    ['text', Buffer.from('what is this')],
    ['zeros', Buffer.alloc(20)],
    ['half a magic number', Buffer.from([0x1f])],
    ['a header that is none', Buffer.from([0x1f, 0x8b, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11])],
  ])('ignores %s behind the last member, as Kafka does', (_, garbage) => {
    expect(Buffer.from(gzip.decompress(Buffer.concat([gzipSync(TEXT), garbage]), 100)).equals(TEXT)).toBe(true)
  })

  test('refuses a second member that is broken', () => {
    expect(() => gzip.decompress(Buffer.concat([gzipSync(TEXT), gzipSync(TEXT).subarray(0, 20)]), 100)).toThrow(
      'gzip data',
    )
  })

  test('skips every field that a header can have', () => {
    const fields = Buffer.concat([Buffer.from([3, 0, 9, 9, 9]), Buffer.from('name\0'), Buffer.from('comment\0')])
    const bytes = member(4 + 8 + 16, fields, TEXT)
    expect(Buffer.from(gzip.decompress(bytes, 100)).equals(TEXT)).toBe(true)
  })

  test('verifies the checksum of a header that has one', () => {
    const head = Buffer.from([0x1f, 0x8b, 8, 2, 1, 2, 3, 4, 0, 3])
    const sum = Buffer.alloc(2)
    sum.writeUInt16LE(nodeCrc32(head) & 0xffff)
    expect(Buffer.from(gzip.decompress(member(2, sum, TEXT), 100)).equals(TEXT)).toBe(true)
    expect(() => gzip.decompress(member(2, changed(sum, 0), TEXT), 100)).toThrow('the checksum of a header is wrong')
  })

  test('refuses wrong content, checksum and length', () => {
    const bytes = gzipSync(TEXT)
    expect(() => gzip.decompress(changed(bytes, bytes.length - 8), 100)).toThrow('the checksum is wrong')
    expect(() => gzip.decompress(changed(bytes, bytes.length - 4), 100)).toThrow('it became 36 bytes, but claims 219')
    expect(() => gzip.decompress(changed(bytes, 12), 100)).toThrow('gzip data at byte')
  })

  test('refuses reserved flags and methods that do not exist', () => {
    expect(() => gzip.decompress(member(0x20, Buffer.alloc(0), TEXT), 100)).toThrow(
      'a method or a flag that is not known',
    )
    expect(() => gzip.decompress(changed(gzipSync(TEXT), 2), 100)).toThrow('a method or a flag that is not known')
  })
})
