import { ProtocolError, Reader, Writer } from '@samsa/protocol'
import { SeededRandom } from '@samsa/runtime'
import { describe, expect, test } from 'vitest'
import { difference } from './difference.js'
import { type AnyCodec, codecOf } from './golden-data.js'
import {
  absentValue,
  holds,
  isEverFlexible,
  MessageSource,
  otherValue,
  type Style,
  type Value,
} from './random-message.js'
import { allSchemas, type Field, type FieldType, type Message, type Struct } from './schemas.js'

const MIXED_MESSAGES = 6
const STYLES: readonly Style[] = [
  ...Array.from({ length: MIXED_MESSAGES }, (): Style => 'mixed'),
  'empty',
  'lowest',
  'highest',
  'wide',
  'wide',
]

const schemas = await allSchemas()
const named = schemas.map(message => [message.name, message, codecOf(message.name)] as const)

function versionsOf({ versions }: Message): number[] {
  return Array.from({ length: versions.max - versions.min + 1 }, (_, index) => versions.min + index)
}

function encode(codec: AnyCodec, value: unknown, version: number): Buffer {
  const writer = new Writer(codec.name)
  codec.encode(writer, value, version)
  const size = writer.size
  const bytes = Buffer.concat(writer.chunks())
  expect(bytes.length).toBe(size)
  return bytes
}

function decode(codec: AnyCodec, bytes: Uint8Array, version: number): unknown {
  const reader = new Reader(bytes, codec.name)
  const value = codec.decode(reader, version)
  expect(reader.remaining).toBe(0)
  return value
}

describe('a message comes back as it was', () => {
  test.each(named)('%s', (name, message, codec) => {
    for (const version of versionsOf(message)) {
      for (const [index, style] of STYLES.entries()) {
        const seed = `${name} v${version} ${style} ${index}`
        const value = new MessageSource(message, version, style, new SeededRandom(seed)).next()
        const bytes = encode(codec, value, version)
        const decoded = decode(codec, bytes, version)
        expect(difference(value, decoded, seed)).toBeUndefined()
        expect(encode(codec, decoded, version).equals(bytes), `${seed}: the same bytes again`).toBe(true)
      }
    }
  })
})

/**
 * A message with one element in every array and `other` in one field wherever that occurs; what may be left out is left
 * out elsewhere.
 */
class SampleSource {
  readonly #message: Message
  readonly #version: number
  readonly #target: Field | undefined
  readonly #value: unknown
  /** How often the target was reached. */
  reached = 0

  constructor(message: Message, version: number, target?: Field, value?: unknown) {
    this.#message = message
    this.#version = version
    this.#target = target
    this.#value = value
  }

  next(): Value {
    return this.#struct(this.#message.root)
  }

  #struct(struct: Struct): Value {
    return Object.fromEntries(struct.fields.flatMap(field => this.#field(field)))
  }

  #field(field: Field): [string, unknown][] {
    if (field === this.#target) {
      this.reached++
      return [[field.name, this.#value]]
    }
    const isHere = holds(field.versions, this.#version)
    const holdsMore = field.type.kind !== 'primitive' && isHere
    if (!holdsMore && isOptional(field, this.#message)) return []
    return [[field.name, isHere ? this.#plain(field.type) : absentValue(field, this.#message)]]
  }

  #plain(type: FieldType): unknown {
    if (type.kind === 'array') return [this.#plain(type.of)]
    if (type.kind === 'struct') return this.#struct(type)
    return otherValue({ ...SOME_FIELD, type })
  }
}

const SOME_FIELD = {
  name: 'some',
  versions: { min: 0, max: 0 },
  nullable: { min: 0, max: -1 },
  default: undefined,
  ignorable: false,
  tag: undefined,
  tagged: { min: 0, max: -1 },
  text: undefined,
}

/** As the interfaces have it: there is a default, or a version that would not carry the field. */
function isOptional(field: Field, { versions }: Message): boolean {
  const isEverywhere = field.versions.min <= versions.min && field.versions.max >= versions.max
  return field.default !== undefined || field.ignorable || field.tag !== undefined || !isEverywhere
}

function fieldsOf(struct: Struct): Field[] {
  return struct.fields.flatMap(field => {
    const inner = field.type.kind === 'array' ? field.type.of : field.type
    return inner.kind === 'struct' ? [field, ...fieldsOf(inner)] : [field]
  })
}

function outcome(encoding: () => Buffer): Buffer | ProtocolError {
  try {
    return encoding()
  } catch (error) {
    if (error instanceof ProtocolError) return error
    throw error
  }
}

describe('a value that a version has no room for', () => {
  test.each(named)('%s: is refused, or dropped where that does no harm', (name, message, codec) => {
    for (const version of versionsOf(message)) {
      const plain = encode(codec, new SampleSource(message, version).next(), version)
      for (const field of fieldsOf(message.root).filter(item => !holds(item.versions, version))) {
        const source = new SampleSource(message, version, field, otherValue(field))
        const value = source.next()
        if (source.reached === 0) continue
        const where = `${name} v${version} ${field.name}`
        const found = outcome(() => encode(codec, value, version))
        if (field.ignorable) expect(found instanceof Buffer && found.equals(plain), where).toBe(true)
        else expect(found, where).toMatchObject({ code: 'UNSUPPORTED_VERSION', where: field.name, what: name })

        const standard = new SampleSource(message, version, field, absentValue(field, message)).next()
        expect(encode(codec, standard, version).equals(plain), `${where} at its default`).toBe(true)
      }
    }
  })

  test.each(named)('%s: null is refused where a version has none', (name, message, codec) => {
    for (const version of versionsOf(message)) {
      for (const field of fieldsOf(message.root)) {
        const { nullable, versions } = field
        const everNull = versionsOf(message).some(other => holds(nullable, other) && holds(versions, other))
        if (!everNull || holds(nullable, version) || !holds(versions, version)) continue
        const source = new SampleSource(message, version, field, null)
        const value = source.next()
        if (source.reached === 0) continue
        expect(
          outcome(() => encode(codec, value, version)),
          `${name} v${version} ${field.name}`,
        ).toMatchObject({ code: 'UNSUPPORTED_VERSION', where: field.name })
      }
    }
  })
})

describe('what is left out', () => {
  test.each(named)('%s: is written as its default', (name, message, codec) => {
    for (const version of versionsOf(message)) {
      const short = encode(codec, new SampleSource(message, version).next(), version)
      const decoded = decode(codec, short, version)
      for (const field of message.root.fields.filter(item => isOptional(item, message))) {
        if (field.type.kind !== 'primitive' && holds(field.versions, version)) continue
        const value = Object.entries(decoded ?? {}).find(([key]) => key === field.name)?.[1]
        expect(difference(absentValue(field, message), value, `${name} v${version} ${field.name}`)).toBeUndefined()
      }
      expect(encode(codec, decoded, version).equals(short), `${name} v${version}`).toBe(true)
    }
  })
})

describe('tagged fields that no schema knows', () => {
  const lately = named.filter(([, message]) => isEverFlexible(message) && message.flexible.min > message.versions.min)

  test.each(lately)('%s: are refused by versions without a tagged section', (_, message, codec) => {
    for (const version of versionsOf(message).filter(other => !holds(message.flexible, other))) {
      const sample = new SampleSource(message, version).next()
      const tagged = { ...sample, unknownTags: [{ tag: 5000, data: Uint8Array.of(1) }] }
      expect(outcome(() => encode(codec, tagged, version))).toMatchObject({
        code: 'UNSUPPORTED_VERSION',
        where: 'unknownTags',
      })
      expect(outcome(() => encode(codec, { ...sample, unknownTags: [] }, version))).toBeInstanceOf(Buffer)
    }
  })

  test.each(named.filter(([, message]) => isEverFlexible(message)))(
    '%s: survive, whatever their size',
    (_, message, codec) => {
      const version = message.versions.max
      for (const size of [0, 1, 127, 128, 16_383, 16_384]) {
        const unknownTags = [
          { tag: 5000, data: new Uint8Array(size).fill(1) },
          { tag: 0xffff_ffff, data: Uint8Array.of(2) },
        ]
        const sample = new MessageSource(message, version, 'empty', new SeededRandom('tags')).next()
        const bytes = encode(codec, { ...sample, unknownTags }, version)
        const decoded = decode(codec, bytes, version)
        expect(difference({ ...sample, unknownTags }, decoded, `${size} bytes`)).toBeUndefined()
        expect(encode(codec, decoded, version).equals(bytes)).toBe(true)
      }
    },
  )
})
