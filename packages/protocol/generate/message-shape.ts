/**
 * MessageShape: what interfaces, encoders and decoders of one message all need to know: its structs with the versions in
 * which they occur, their names, the TypeScript types and the defaults of fields.
 */
import type { Imports } from './imports.js'
import { constantName } from './naming.js'
import {
  covers,
  type Default,
  type Field,
  type FieldType,
  intersect,
  isEmpty,
  type Message,
  type PrimitiveName,
  type Range,
  type Struct,
} from './schema.js'

const TS_TYPES: Record<PrimitiveName, string> = {
  bool: 'boolean',
  int8: 'number',
  int16: 'number',
  uint16: 'number',
  int32: 'number',
  uint32: 'number',
  int64: 'bigint',
  float64: 'number',
  string: 'string',
  uuid: 'Uuid',
  bytes: 'Uint8Array',
  records: 'Uint8Array',
}

/** Whether a struct's versions have the flexible encoding. */
export type Flexibility = 'always' | 'never' | 'by version'

export class MessageShape {
  readonly message: Message
  readonly imports: Imports
  /** Outermost first. */
  readonly structs: Map<Struct, Range> = new Map()
  /** Structs that are left out, or refused, when they differ from their default. */
  readonly comparedWithDefault: Set<Struct> = new Set()

  constructor(message: Message, imports: Imports) {
    this.message = message
    this.imports = imports
    this.#collect(message.root, message.versions)
  }

  versionsOf(struct: Struct): Range {
    const versions = this.structs.get(struct)
    if (versions === undefined) throw new Error(`struct ${struct.name} was not collected`)
    return versions
  }

  nameOf(struct: Struct): string {
    return this.message.name + struct.name
  }

  flexibility(versions: Range): 'always' | 'never' | 'by version' {
    const flexible = intersect(this.message.flexible, versions)
    if (isEmpty(flexible)) return 'never'
    return covers(flexible, versions) ? 'always' : 'by version'
  }

  tsType(type: FieldType): string {
    switch (type.kind) {
      case 'primitive':
        if (type.name === 'uuid') this.imports.type('Uuid', '../wire/uuid.js')
        return TS_TYPES[type.name]
      case 'struct':
        return this.nameOf(type)
      case 'array':
        return `readonly ${this.tsType(type.of)}[]`
    }
  }

  isOptional(field: Field, versions: Range): boolean {
    return (
      field.default !== undefined || field.ignorable || field.tag !== undefined || !covers(field.versions, versions)
    )
  }

  /** The versions in which the field stands in its place, not in the tagged section. */
  positionalVersions(field: Field, versions: Range): Range {
    const present = intersect(field.versions, versions)
    const tagged = intersect(field.tagged, present)
    if (isEmpty(tagged)) return present
    // A field may start out positional and move to the tagged section; Kafka has none so far that does.
    return intersect(present, { min: 0, max: tagged.min - 1 })
  }

  taggedFields(struct: Struct, versions: Range): Field[] {
    return struct.fields
      .filter(field => !isEmpty(intersect(field.tagged, versions)))
      .sort((a, b) => (a.tag ?? 0) - (b.tag ?? 0))
  }

  defaultValue(field: Field): string {
    if (field.default !== undefined) return literal(field.default)
    switch (field.type.kind) {
      case 'array':
        return '[]'
      case 'struct':
        return this.#defaultStruct(field.type, this.versionsOf(field.type), 'written')
      case 'primitive':
        return this.#defaultPrimitive(field.type.name, !isEmpty(field.nullable))
    }
  }

  decodedDefault(field: Field): string {
    if (field.default === undefined && field.type.kind === 'struct')
      return this.#defaultStruct(field.type, this.versionsOf(field.type), 'decoded')
    return this.defaultValue(field)
  }

  /** Written, a struct may leave out what has a default; decoded, it has every field. */
  #defaultStruct(struct: Struct, versions: Range, form: 'written' | 'decoded'): string {
    const decoded = form === 'decoded'
    const fields = struct.fields
      .filter(field => decoded || !this.isOptional(field, versions))
      .map(field => `${field.name}: ${decoded ? this.decodedDefault(field) : this.defaultValue(field)}`)
    if (decoded && this.flexibility(versions) !== 'never') fields.push('unknownTags: undefined')
    return fields.length === 0 ? '{}' : `{ ${fields.join(', ')} }`
  }

  #defaultPrimitive(name: PrimitiveName, nullable: boolean): string {
    switch (name) {
      case 'bool':
        return 'false'
      case 'int64':
        return '0n'
      case 'string':
        return "''"
      case 'uuid':
        this.imports.value('ZERO_UUID', '../wire/uuid.js')
        return 'ZERO_UUID'
      case 'records':
        return nullable ? 'null' : 'NO_BYTES'
      case 'bytes':
        this.imports.value('NO_BYTES', '../wire/reader.js')
        return 'NO_BYTES'
      default:
        return '0'
    }
  }

  /** The expression that says at run time whether the encoding is flexible. */
  flag(versions: Range): string {
    const flexible = this.flexibility(versions)
    // A field that exists only in flexible versions of a struct that has others too needs no test of its own.
    return flexible === 'always' ? 'true' : flexible === 'never' ? 'false' : 'flexible'
  }

  #collect(struct: Struct, versions: Range): void {
    const known = this.structs.get(struct)
    const all =
      known === undefined
        ? versions
        : { min: Math.min(known.min, versions.min), max: Math.max(known.max, versions.max) }
    this.structs.set(struct, all)
    for (const field of struct.fields) {
      const inner = structOf(field.type)
      if (inner !== undefined) this.#collect(inner, intersect(field.versions, versions))
      if (this.#isWrittenByDifference(field, all) && field.type.kind === 'struct' && field.default !== null)
        this.#markCompared(field.type)
    }
  }

  #markCompared(struct: Struct): void {
    this.comparedWithDefault.add(struct)
    for (const field of struct.fields) if (field.type.kind === 'struct') this.#markCompared(field.type)
  }

  /** Tagged fields are left out when they hold their default; others are refused where a version has no room for more. */
  #isWrittenByDifference(field: Field, versions: Range): boolean {
    return field.tag !== undefined || (!field.ignorable && !covers(field.versions, versions))
  }
}

function structOf(type: FieldType): Struct | undefined {
  if (type.kind === 'struct') return type
  return type.kind === 'array' && type.of.kind === 'struct' ? type.of : undefined
}

function literal(value: Default): string {
  if (typeof value === 'bigint') return `${value}n`
  return typeof value === 'string' ? constantName(value) : String(value)
}
