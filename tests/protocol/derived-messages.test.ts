import {
  decodeRequestHeader,
  decodeResponseHeader,
  encodeRequestHeader,
  encodeResponseHeader,
  Reader,
  Writer,
} from '@samsa/protocol'
import { describe, expect, test } from 'vitest'
import { type AnyCodec, codecOf, type DerivedMessage, derivedMessages, isHeader, recordTypes } from './golden-data.js'

const requestHeader: AnyCodec = {
  name: 'RequestHeader',
  encode: (writer, header, version) =>
    encodeRequestHeader(writer, header as ReturnType<typeof decodeRequestHeader>, version === 1 ? 1 : 2),
  decode(reader, version) {
    const { apiKey, apiVersion, ...rest } = decodeRequestHeader(reader, version === 1 ? 1 : 2)
    return { apiKey, apiVersion, requestApiKey: apiKey, requestApiVersion: apiVersion, ...rest }
  },
}

const responseHeader: AnyCodec = {
  name: 'ResponseHeader',
  encode: (writer, header, version) =>
    encodeResponseHeader(writer, header as ReturnType<typeof decodeResponseHeader>, version === 0 ? 0 : 1),
  decode: (reader, version) => decodeResponseHeader(reader, version === 0 ? 0 : 1),
}

function codecFor(message: string): AnyCodec {
  if (!isHeader(message)) return codecOf(message)
  return message === 'RequestHeader' ? requestHeader : responseHeader
}

function byMessage(): [string, DerivedMessage[]][] {
  const groups = new Map<string, DerivedMessage[]>()
  for (const derived of derivedMessages) groups.set(derived.message, [...(groups.get(derived.message) ?? []), derived])
  return [...groups]
}

/** Where Kafka's account of the values and ours part; undefined where they agree. */
function differenceFromKafka(kafka: unknown, ours: unknown, path: string): string | undefined {
  const differ = `${path}: Kafka wrote ${JSON.stringify(kafka)}, we read ${String(ours)}`
  if (kafka === null || ours === null || ours === undefined) return kafka === ours ? undefined : differ
  if (Array.isArray(kafka)) {
    if (!Array.isArray(ours) || ours.length !== kafka.length) return differ
    return firstOf(kafka.map((element, index) => differenceFromKafka(element, ours[index], `${path}[${index}]`)))
  }
  if (ours instanceof Uint8Array) {
    // Kafka's converter does not show record batches.
    const isRecords = /\.(records|unalignedRecords)$/.test(path)
    return isRecords || Buffer.from(ours).toString('base64') === kafka ? undefined : differ
  }
  if (typeof kafka === 'object') {
    if (typeof ours !== 'object') return differ
    const values = new Map<string, unknown>(Object.entries(ours))
    return firstOf(
      Object.entries(kafka).map(([name, value]) => differenceFromKafka(value, values.get(name), `${path}.${name}`)),
    )
  }
  return String(ours) === String(kafka) ? undefined : differ
}

function firstOf(found: readonly (string | undefined)[]): string | undefined {
  return found.find(item => item !== undefined)
}

function unknownTagsIn(value: unknown): number {
  if (typeof value !== 'object' || value === null || value instanceof Uint8Array) return 0
  return Object.entries(value).reduce(
    (sum, [name, inner]) =>
      sum + (name === 'unknownTags' && Array.isArray(inner) ? inner.length : unknownTagsIn(inner)),
    0,
  )
}

describe("messages written by Kafka's own classes", () => {
  test.each(byMessage())('%s: the values are those that Kafka wrote, and the bytes come back', (message, group) => {
    const codec = codecFor(message)
    for (const { version, filled, bytes, value } of group) {
      const where = `${message} v${version} ${filled}`
      const reader = new Reader(bytes, where)
      const decoded = codec.decode(reader, version)
      expect(reader.remaining, `bytes behind ${where}`).toBe(0)
      expect(differenceFromKafka(value, decoded, where)).toBeUndefined()
      const writer = new Writer(where)
      codec.encode(writer, decoded, version)
      expect(Buffer.from(writer.toBytes()).toString('hex'), where).toBe(bytes.toString('hex'))
    }
  })

  test('every record type is among them, by its number and in every version', () => {
    const ofRecords = derivedMessages.filter(
      ({ message }) => !/(Request|Response)$/.test(message) && !isHeader(message),
    )
    const written = ofRecords.map(({ message, id, version, filled }) => `${message} ${id} v${version} ${filled}`)
    const expected = recordTypes.flatMap(({ name, id, versions }) =>
      Array.from({ length: versions.max - versions.min + 1 }, (_, index) => versions.min + index).flatMap(version => [
        `${name} ${id} v${version} full`,
        `${name} ${id} v${version} sparse`,
      ]),
    )
    expect(written.sort()).toEqual(expected.sort())
  })

  test('many of them carry tagged fields that no schema knows', () => {
    const kept = derivedMessages.map(({ message, version, bytes }) =>
      unknownTagsIn(codecFor(message).decode(new Reader(bytes), version)),
    )
    expect(kept.filter(count => count > 0).length).toBeGreaterThan(400)
  })
})

describe('the comparison of values', () => {
  test.each([
    ['a wrong number', { a: 1 }, { a: 2 }],
    ['a 64-bit number', { a: '9007199254740993' }, { a: 9007199254740992n }],
    ['null', { a: null }, { a: '' }],
    ['a missing field', { a: 1 }, {}],
    ['a missing element', { a: [1, 2] }, { a: [1] }],
    ['bytes', { a: 'AQI=' }, { a: Uint8Array.of(1, 3) }],
    ['an inner field', { a: [{ b: 'x' }] }, { a: [{ b: 'y' }] }],
  ])('finds %s', (_, kafka, ours) => {
    expect(differenceFromKafka(kafka, ours, 'value')).toMatch(/^value\.a/)
  })

  test('finds nothing where all is equal', () => {
    const ours = { a: [{ b: 5n, c: Uint8Array.of(1, 2), d: true, e: null, f: 0.5 }], more: 1 }
    expect(differenceFromKafka({ a: [{ b: '5', c: 'AQI=', d: true, e: null, f: 0.5 }] }, ours, 'value')).toBeUndefined()
  })
})
