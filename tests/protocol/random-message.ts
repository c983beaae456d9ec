/**
 * Messages made from a schema: any value that a version can carry, in the form in which it comes off the wire. What a
 * field must be when a version lacks it is worked out here a second time, independently of the emitter.
 */
import { type UnknownTags, ZERO_UUID } from '@samsa/protocol'
import type { SeededRandom } from '@samsa/runtime'
import type { Field, FieldType, Message, Primitive, PrimitiveName, Range, Struct } from './schemas.js'

/**
 * `mixed` draws from everything; `empty` has null wherever it may stand and nothing in arrays, text and bytes; `lowest`
 * and `highest` have the ends of every range; `wide` has text and bytes whose lengths lie around the step from one to
 * two bytes of a compact length or of the size of a tagged field.
 */
export type Style = 'mixed' | 'empty' | 'lowest' | 'highest' | 'wide'

export type Value = Readonly<Record<string, unknown>>

/** Around the steps of a varint: 127 and 128 bytes, with and without the length in front; seldom 16,383 and 16,384. */
const WIDE_SIZES = [124, 125, 126, 127, 128, 129]
const WIDEST_SIZES = [16_381, 16_382, 16_383, 16_384]

const TEXTS = ['a', 'größe', '日本語', '\u{1f680}', 'topic.name_1-x', 'a little longer than what is written by hand']

const INTEGERS: Partial<Record<PrimitiveName, readonly [bigint, bigint]>> = {
  int8: [-(2n ** 7n), 2n ** 7n - 1n],
  int16: [-(2n ** 15n), 2n ** 15n - 1n],
  uint16: [0n, 2n ** 16n - 1n],
  int32: [-(2n ** 31n), 2n ** 31n - 1n],
  uint32: [0n, 2n ** 32n - 1n],
  int64: [-(2n ** 63n), 2n ** 63n - 1n],
}

export class MessageSource {
  readonly #message: Message
  readonly #version: number
  readonly #style: Style
  readonly #random: SeededRandom

  constructor(message: Message, version: number, style: Style, random: SeededRandom) {
    this.#message = message
    this.#version = version
    this.#style = style
    this.#random = random
  }

  next(): Value {
    return this.#struct(this.#message.root)
  }

  #struct(struct: Struct): Value {
    const entries = struct.fields.map(field => [
      field.name,
      holds(field.versions, this.#version) ? this.#field(field) : absentValue(field, this.#message),
    ])
    if (isEverFlexible(this.#message)) entries.push(['unknownTags', this.#unknownTags(struct)])
    return Object.fromEntries(entries)
  }

  #field(field: Field): unknown {
    const mayBeNull = holds(field.nullable, this.#version)
    if (mayBeNull && (this.#style === 'empty' || (this.#style === 'mixed' && this.#chance(5)))) return null
    if (this.#style === 'mixed' && this.#chance(5)) return absentValue(field, this.#message)
    return this.#value(field.type)
  }

  #value(type: FieldType): unknown {
    switch (type.kind) {
      case 'array':
        return Array.from({ length: this.#count() }, () => this.#value(type.of))
      case 'struct':
        return this.#struct(type)
      case 'primitive':
        return this.#primitive(type)
    }
  }

  #primitive({ name }: Primitive): unknown {
    const ends = INTEGERS[name]
    if (ends !== undefined) {
      const value = this.#integer(...ends)
      return name === 'int64' ? value : Number(value)
    }
    switch (name) {
      case 'bool':
        return this.#style === 'highest' || (this.#style !== 'lowest' && this.#chance(2))
      case 'float64':
        return this.#float()
      case 'string':
        return this.#text()
      case 'uuid':
        return this.#uuid()
      default:
        return this.#bytes(this.#size())
    }
  }

  #integer(least: bigint, most: bigint): bigint {
    if (this.#style === 'lowest') return least
    if (this.#style === 'highest') return most
    const draw = this.#random.integer(0, 8)
    if (draw === 0) return least
    if (draw === 1) return most
    if (draw < 5) return BigInt(this.#random.integer(0, 100))
    const bits = Buffer.from(this.#random.bytes(8)).readBigUInt64BE()
    return least + (bits % (most - least + 1n))
  }

  #float(): number {
    if (this.#style === 'lowest') return -Number.MAX_VALUE
    if (this.#style === 'highest') return Number.POSITIVE_INFINITY
    return [0.5, -1e300, Number.MIN_VALUE, 1 / 3, 1e6][this.#random.integer(0, 5)] ?? 1
  }

  #text(): string {
    if (this.#style === 'lowest' || this.#style === 'empty') return ''
    if (this.#style === 'wide') return 'x'.repeat(this.#size())
    return TEXTS[this.#random.integer(0, TEXTS.length)] ?? ''
  }

  #uuid(): string {
    if (this.#style === 'lowest' || this.#style === 'empty') return ZERO_UUID
    const bytes = this.#style === 'highest' ? new Uint8Array(16).fill(0xff) : this.#random.bytes(16)
    return Buffer.from(bytes).toString('base64url')
  }

  #size(): number {
    switch (this.#style) {
      case 'empty':
      case 'lowest':
        return 0
      case 'wide': {
        const sizes = this.#chance(50) ? WIDEST_SIZES : WIDE_SIZES
        return sizes[this.#random.integer(0, sizes.length)] ?? 0
      }
      default:
        // From a kilobyte on the writer keeps bytes by reference.
        return this.#chance(40) ? this.#random.integer(1000, 3000) : this.#random.integer(0, 20)
    }
  }

  #count(): number {
    if (this.#style === 'empty') return 0
    if (this.#style === 'wide') return 1
    return this.#style === 'mixed' && this.#chance(60) ? this.#random.integer(120, 135) : this.#random.integer(0, 4)
  }

  #bytes(size: number): Uint8Array {
    return this.#random.bytes(size)
  }

  #unknownTags(struct: Struct): UnknownTags {
    if (!holds(this.#message.flexible, this.#version) || this.#style === 'empty' || !this.#chance(4)) return undefined
    // A newer peer's tags lie above those of the schema, whatever the version.
    let tag = Math.max(-1, ...struct.fields.map(field => field.tag ?? -1))
    return Array.from({ length: this.#random.integer(1, 4) }, () => {
      tag += this.#random.integer(1, 200)
      return { tag, data: this.#bytes(this.#size()) }
    })
  }

  #chance(oneIn: number): boolean {
    return this.#random.integer(0, oneIn) === 0
  }
}

/** What a field is when the bytes do not say: its own default, else that of its type. */
export function absentValue(field: Field, message: Message): unknown {
  if (field.default !== undefined) return field.default
  const { type } = field
  if (type.kind === 'array') return []
  if (type.kind === 'primitive')
    return type.name === 'records' && isEverNull(field, message) ? null : standardValue(type.name)
  const inner = type.fields.map(item => [item.name, absentValue(item, message)])
  return Object.fromEntries(isEverFlexible(message) ? [...inner, ['unknownTags', undefined]] : inner)
}

/** A value of the field that is not its default, and the same for every field inside of it. */
export function otherValue(field: Field): unknown {
  return otherValueOf(field.type, field.default)
}

function otherValueOf(type: FieldType, standard: unknown): unknown {
  if (type.kind === 'array') return [otherValueOf(type.of, undefined)]
  if (type.kind === 'struct') return Object.fromEntries(type.fields.map(item => [item.name, otherValue(item)]))
  switch (type.name) {
    case 'bool':
      return standard !== true
    case 'int64':
      return standard === 77n ? 78n : 77n
    case 'float64':
      return 7.5
    case 'string':
      return 'other'
    case 'uuid':
      return Buffer.alloc(16, 7).toString('base64url')
    case 'bytes':
    case 'records':
      return Uint8Array.of(7, 7)
    default:
      return standard === 77 ? 78 : 77
  }
}

function standardValue(name: PrimitiveName): unknown {
  switch (name) {
    case 'bool':
      return false
    case 'int64':
      return 0n
    case 'string':
      return ''
    case 'uuid':
      return ZERO_UUID
    case 'bytes':
    case 'records':
      return new Uint8Array(0)
    default:
      return 0
  }
}

export function holds(range: Range, version: number): boolean {
  return version >= range.min && version <= range.max
}

export function isEverFlexible({ flexible, versions }: Message): boolean {
  return flexible.min <= flexible.max && flexible.min <= versions.max
}

function isEverNull({ nullable }: Field, { versions }: Message): boolean {
  return Math.max(nullable.min, versions.min) <= Math.min(nullable.max, versions.max)
}
