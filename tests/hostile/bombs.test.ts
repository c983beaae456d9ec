import { getHeapStatistics, setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { Reader, Writer } from '@samsa/protocol'
import { describe, expect, test } from 'vitest'
import { type AnyCodec, codecOf } from '../protocol/golden-data.js'
import { absentValue, holds } from '../protocol/random-message.js'
import { allSchemas, type Field, type FieldType, type Message, type Struct } from '../protocol/schemas.js'
import { decoded, lengthFields, subjects } from './subjects.js'

const BOMB_BYTES = 64 * 1024

/**
 * Values (properties, elements, bytes objects) that a decoded message may hold for each byte of its input. A struct of
 * three bytes on the wire becomes an object with a property for every field, and that is as bad as it gets.
 */
const VALUES_PER_BYTE = 2

/** Memory that they may take for each byte of input: the worst messages, measured. */
const HEAP_PER_BYTE = 64

/** Memory that a decoder may take, kept or not, before it refuses an input that claims more than it holds. */
const REFUSAL_BYTES = 1024 * 1024

const schemas = await allSchemas()

setFlagsFromString('--expose-gc')
const collectGarbage: unknown = runInNewContext('gc')

function usedHeap(): number {
  if (typeof collectGarbage === 'function') collectGarbage()
  return getHeapStatistics().used_heap_size
}

function structIn(type: FieldType): Struct | undefined {
  if (type.kind === 'array') return structIn(type.of)
  return type.kind === 'struct' ? type : undefined
}

/** Every array of the version, with the fields that lead to it. */
function arraysIn(struct: Struct, version: number, path: readonly Field[] = []): (readonly Field[])[] {
  return struct.fields
    .filter(field => holds(field.versions, version))
    .flatMap(field => {
      const here = [...path, field]
      const inner = structIn(field.type)
      const below = inner === undefined ? [] : arraysIn(inner, version, here)
      return field.type.kind === 'array' ? [here, ...below] : below
    })
}

/** A message as small as can be, but for the array at the end of the path, which has `count` elements just as small. */
class BombSource {
  readonly #message: Message
  readonly #version: number
  readonly #count: number

  constructor(message: Message, version: number, count: number) {
    this.#message = message
    this.#version = version
    this.#count = count
  }

  make(path: readonly Field[]): unknown {
    return this.#struct(this.#message.root, path)
  }

  #struct(struct: Struct, path: readonly Field[]): unknown {
    const [next, ...rest] = path
    return Object.fromEntries(
      struct.fields.map(field => [field.name, field === next ? this.#onPath(field, rest) : this.#least(field)]),
    )
  }

  #onPath({ type }: Field, rest: readonly Field[]): unknown {
    if (type.kind !== 'array') return type.kind === 'struct' ? this.#struct(type, rest) : undefined
    const count = rest.length === 0 ? this.#count : 1
    return Array.from({ length: count }, () =>
      type.of.kind === 'struct' ? this.#struct(type.of, rest) : this.#element(type.of),
    )
  }

  #least(field: Field): unknown {
    if (!holds(field.versions, this.#version) || holds(field.tagged, this.#version))
      return absentValue(field, this.#message)
    return holds(field.nullable, this.#version) ? null : this.#element(field.type)
  }

  #element(type: FieldType): unknown {
    if (type.kind === 'struct') return this.#struct(type, [])
    return absentValue({ ...PLAIN_FIELD, type }, this.#message)
  }
}

const PLAIN_FIELD = {
  name: 'plain',
  versions: { min: 0, max: 0 },
  nullable: { min: 0, max: -1 },
  default: undefined,
  ignorable: false,
  tag: undefined,
  tagged: { min: 0, max: -1 },
  text: undefined,
}

function encode(codec: AnyCodec, value: unknown, version: number): Buffer {
  const writer = new Writer(codec.name)
  codec.encode(writer, value, version)
  return Buffer.concat(writer.chunks())
}

/** Bytes of heap that the decoded message keeps for each byte of input. */
function keptPerByte(codec: AnyCodec, bytes: Buffer, version: number): number {
  const before = usedHeap()
  const value = codec.decode(new Reader(bytes, codec.name), version)
  const kept = usedHeap() - before
  // Used after the measurement, so that it is alive during it.
  return typeof value === 'object' ? kept / bytes.length : 0
}

/** How many values there are in a message, itself included. */
function valuesIn(value: unknown): number {
  if (typeof value !== 'object' || value === null || value instanceof Uint8Array) return 1
  return Object.values(value).reduce((sum: number, inner) => sum + valuesIn(inner), 1)
}

/** The bytes of a message that consists of as many of the array's elements as there is room for. */
function bomb(message: Message, path: readonly Field[], room: number): Buffer {
  const version = message.versions.max
  const codec = codecOf(message.name)
  const sized = (count: number): Buffer => encode(codec, new BombSource(message, version, count).make(path), version)
  const elementBytes = sized(2).length - sized(1).length
  // Elements without bytes of their own would make the loops of nested arrays as long as a peer likes.
  expect(elementBytes).toBeGreaterThan(0)
  return sized(Math.floor(room / elementBytes))
}

describe('as many of the smallest elements as an input has room for', () => {
  const withArrays = schemas.filter(({ root, versions }) => arraysIn(root, versions.max).length > 0)

  test.each(withArrays.map(message => [message.name, message] as const))(
    '%s: are decoded in proportion to the input',
    (name, message) => {
      for (const path of arraysIn(message.root, message.versions.max)) {
        const bytes = bomb(message, path, 4096)
        const value = codecOf(name).decode(new Reader(bytes, name), message.versions.max)
        expect(valuesIn(value) / bytes.length, path.map(field => field.name).join('.')).toBeLessThan(VALUES_PER_BYTE)
      }
    },
  )
})

describe('the memory that decoded messages keep', () => {
  test.each([
    ['StreamsGroupCurrentMemberAssignmentValue', 'standbyTasks'],
    ['AlterClientQuotasRequest', 'entries'],
    ['StreamsGroupHeartbeatRequest', 'topology.subtopologies'],
    ['FetchResponse', 'responses.partitions'],
  ])('%s full of %s: is in proportion to the input', (name, array) => {
    const message = schemas.find(item => item.name === name)
    if (message === undefined) throw new Error(`no schema ${name}`)
    const { max } = message.versions
    const path = arraysIn(message.root, max).find(fields => fields.map(field => field.name).join('.') === array)
    if (path === undefined) throw new Error(`${name} has no ${array}`)
    expect(keptPerByte(codecOf(name), bomb(message, path, BOMB_BYTES), max)).toBeLessThan(HEAP_PER_BYTE)
  })

  test.each([0, 1, 2])('unknown tagged fields of %i bytes: is in proportion to the input', size => {
    const codec = codecOf('HeartbeatRequest')
    const data = new Uint8Array(size)
    const unknownTags = Array.from({ length: BOMB_BYTES / (2 + size) }, () => ({ tag: 5, data }))
    const bytes = encode(codec, { groupId: '', generationId: 0, memberId: '', unknownTags }, 4)
    expect(keptPerByte(codec, bytes, 4)).toBeLessThan(HEAP_PER_BYTE)
  })

  test('200,000 unknown tagged fields are gathered in one pass', () => {
    const codec = codecOf('FetchRequest')
    const tags = Array.from({ length: 200_000 }, () => ({ tag: 5, data: new Uint8Array(0) }))
    const message = { maxWaitMs: 0, minBytes: 0, topics: [], forgottenTopicsData: [], unknownTags: tags }
    const found: unknown = codec.decode(new Reader(encode(codec, message, 13)), 13)
    expect(found).toMatchObject({ unknownTags: { length: 200_000 } })
  })
})

describe('a count that claims more than there is', () => {
  test('is refused before anything is made of it', () => {
    for (const subject of subjects.filter(({ name }) => name.endsWith('full'))) {
      for (const { at, size, kind } of lengthFields(subject)) {
        if (kind !== 'int32' && kind !== 'varint') continue
        const most = kind === 'int32' ? Buffer.of(0x7f, 0xff, 0xff, 0xff) : Buffer.of(0xff, 0xff, 0xff, 0xff, 0x07)
        const bytes = Buffer.concat([subject.bytes.subarray(0, at), most, subject.bytes.subarray(at + size)])
        const before = getHeapStatistics()
        expect(decoded(subject, bytes)).toBeUndefined()
        const after = getHeapStatistics()
        if (
          after.used_heap_size - before.used_heap_size > REFUSAL_BYTES ||
          after.external_memory - before.external_memory > REFUSAL_BYTES
        )
          throw new Error(`${subject.name}: the ${kind} at byte ${at} cost memory`)
      }
    }
  })

  test('that just fits the bytes left is followed no further than they go, whatever they are', () => {
    for (const subject of subjects.filter(({ name }) => name.endsWith('full'))) {
      for (const { at, kind } of lengthFields(subject)) {
        if (kind !== 'int32' && kind !== 'varint') continue
        for (const fill of [0x00, 0x01, 0x7f, 0xff]) {
          const rest = Buffer.alloc(2048, fill)
          const count = kind === 'int32' ? Buffer.of(0, 0, 8, 0) : Buffer.of(0x81, 0x10)
          decoded(subject, Buffer.concat([subject.bytes.subarray(0, at), count, rest]))
        }
      }
    }
  })
})

describe('the schemas', () => {
  test('nest no deeper than a decoder can go, since none contains itself', () => {
    const depth = (struct: Struct): number =>
      1 +
      Math.max(
        0,
        ...struct.fields.map(field => structIn(field.type)).map(inner => (inner === undefined ? 0 : depth(inner))),
      )
    expect(Math.max(...schemas.map(({ root }) => depth(root)))).toBeLessThan(8)
  })
})
