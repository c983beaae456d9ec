import { readFileSync } from 'node:fs'
import { SeededRandom } from '@samsa/runtime'
import { describe, expect, it } from 'vitest'
import { ProtocolError } from '../protocol-error.js'
import {
  decodeAssignment,
  decodeGenerationUserData,
  decodeStickyUserData,
  decodeSubscription,
  encodeAssignment,
  encodeGenerationUserData,
  encodeStickyUserData,
  encodeSubscription,
  NO_GENERATION,
  type PartitionsOfTopic,
} from './consumer-protocol.js'

interface Line {
  readonly kind: string
  readonly version: number
  readonly topics: readonly string[]
  readonly userData: string | null
  readonly owned: Readonly<Record<string, readonly number[]>>
  readonly generation: number
  readonly rack: string | null
  readonly hex: string
}

const lines = readFileSync(new URL('../../../../tests/golden/consumer-protocol.jsonl', import.meta.url), 'utf8')
  .trimEnd()
  .split('\n')
  .map((line): Line => JSON.parse(line))

const ofKind = (kind: string): readonly Line[] => lines.filter(line => line.kind === kind)
const bytesOf = (hex: string | null): Buffer | null => (hex === null ? null : Buffer.from(hex, 'hex'))
const entries = ({ owned }: Line): PartitionsOfTopic[] =>
  Object.entries(owned).map(([topic, partitions]) => ({ topic, partitions }))
const inOrder = (partitions: readonly PartitionsOfTopic[]): PartitionsOfTopic[] =>
  [...partitions].sort((a, b) => (a.topic < b.topic ? -1 : 1))

describe('a subscription', () => {
  it.each(ofKind('subscription'))('has the bytes of Kafka: version $version, topics $topics', line => {
    const subscription = {
      topics: line.topics,
      userData: bytesOf(line.userData),
      ownedPartitions: entries(line),
      generationId: line.generation,
      rackId: line.rack,
    }
    expect(Buffer.from(encodeSubscription(subscription, line.version)).toString('hex')).toBe(line.hex)
    const read = decodeSubscription(Buffer.from(line.hex, 'hex'))
    expect(read.topics).toEqual([...line.topics].sort())
    expect(read.userData === null ? null : Buffer.from(read.userData).toString('hex')).toBe(line.userData)
    expect(inOrder(read.ownedPartitions)).toEqual(line.version >= 1 ? entries(line) : [])
    expect(read.generationId).toBe(line.version >= 2 ? line.generation : NO_GENERATION)
    expect(read.rackId).toBe(line.version >= 3 ? line.rack || null : null)
  })

  it('is written with its topics in order and each once', () => {
    const subscription = {
      topics: ['b', 'a', 'b'],
      userData: null,
      ownedPartitions: [],
      generationId: -1,
      rackId: null,
    }
    expect(decodeSubscription(encodeSubscription(subscription)).topics).toEqual(['a', 'b'])
  })

  it('of a newer version is read as far as it is known', () => {
    const bytes = Buffer.from('000900000001000174ffffffff00000000ffffffffffff' + '00ff00ff', 'hex')
    expect(decodeSubscription(bytes)).toEqual({
      topics: ['t'],
      userData: null,
      ownedPartitions: [],
      generationId: NO_GENERATION,
      rackId: null,
    })
  })

  it('that owns a partition below 0 is refused', () => {
    const bytes = Buffer.from('000100000000ffffffff0000000100017400000001ffffffff', 'hex')
    expect(() => decodeSubscription(bytes)).toThrow(ProtocolError)
  })
})

describe('an assignment', () => {
  it.each(ofKind('assignment'))('has the bytes of Kafka: version $version, $owned', line => {
    const read = decodeAssignment(Buffer.from(line.hex, 'hex'))
    expect(inOrder(read.partitions)).toEqual(entries(line))
    expect(read.userData === null ? null : Buffer.from(read.userData).toString('hex')).toBe(line.userData)
    expect(Buffer.from(encodeAssignment(read, line.version)).toString('hex')).toBe(line.hex)
  })

  it('of nothing is still an assignment', () => {
    const bytes = encodeAssignment({ partitions: [], userData: null })
    expect(Buffer.from(bytes).toString('hex')).toBe('000300000000ffffffff')
  })

  it('of no bytes, which a faulty leader sends, is refused', () => {
    expect(() => decodeAssignment(new Uint8Array(0))).toThrow(ProtocolError)
  })

  it('names a partition once, however often it says it', () => {
    const twice = [
      { topic: 't', partitions: [1, 1] },
      { topic: 't', partitions: [0, 1] },
    ]
    const read = decodeAssignment(encodeAssignment({ partitions: twice, userData: null }))
    expect(read.partitions).toEqual([{ topic: 't', partitions: [1, 0] }])
  })

  it('that announces more than a million things is refused', () => {
    const bytes = Buffer.alloc(2 + 4 + 2_000_000 * 6)
    bytes.writeInt32BE(2_000_000, 2)
    expect(() => decodeAssignment(bytes)).toThrow(/elements/)
  })
})

describe('user data', () => {
  it.each(ofKind('sticky-user-data'))('of the sticky assignor has the bytes of Kafka: $hex', line => {
    const read = decodeStickyUserData(Buffer.from(line.hex, 'hex'))
    expect(inOrder(read.partitions)).toEqual(entries(line))
    expect(read.generationId).toBe(line.generation)
    // Version 0, which ends before the generation, is not written any more.
    const written = Buffer.from(encodeStickyUserData(read)).toString('hex')
    expect(written).toBe(line.generation === NO_GENERATION ? `${line.hex}ffffffff` : line.hex)
  })

  it.each(ofKind('cooperative-sticky-user-data'))('of the cooperative one has the bytes of Kafka: $hex', line => {
    expect(decodeGenerationUserData(Buffer.from(line.hex, 'hex'))).toBe(line.generation)
    expect(Buffer.from(encodeGenerationUserData(line.generation)).toString('hex')).toBe(line.hex)
  })
})

describe.each([
  { name: 'decodeSubscription', decode: decodeSubscription, kind: 'subscription' },
  { name: 'decodeAssignment', decode: decodeAssignment, kind: 'assignment' },
  { name: 'decodeStickyUserData', decode: decodeStickyUserData, kind: 'sticky-user-data' },
  { name: 'decodeGenerationUserData', decode: decodeGenerationUserData, kind: 'cooperative-sticky-user-data' },
])('$name', ({ decode, kind }) => {
  it('throws nothing but a ProtocolError, whatever the bytes', () => {
    const random = new SeededRandom(kind)
    for (const line of ofKind(kind)) {
      for (let round = 0; round < 300; round++) {
        const bytes = Buffer.from(line.hex, 'hex').subarray(0, random.integer(0, line.hex.length / 2 + 1))
        for (let flips = random.integer(0, 4); flips > 0 && bytes.length > 0; flips--)
          bytes[random.integer(0, bytes.length)] = random.integer(0, 256)
        try {
          decode(bytes)
        } catch (error) {
          expect(error).toBeInstanceOf(ProtocolError)
        }
      }
    }
  })
})
