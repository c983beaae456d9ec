/**
 * Emits the functions that read a message.
 */
import { condition, indent, local, parameterOf, when } from './code-text.js'
import type { MessageShape } from './message-shape.js'
import {
  covers,
  type Field,
  intersect,
  isEmpty,
  type Primitive,
  type PrimitiveName,
  type Range,
  type Struct,
} from './schema.js'

/** Bytes that a value takes at the least: the cap on array counts. Lengths are one byte in the flexible encoding. */
const LEAST_BYTES: Record<PrimitiveName, number> = {
  bool: 1,
  int8: 1,
  int16: 2,
  uint16: 2,
  int32: 4,
  uint32: 4,
  int64: 8,
  float64: 8,
  string: 1,
  uuid: 16,
  bytes: 1,
  records: 1,
}

export class DecoderEmitter {
  readonly #shape: MessageShape

  constructor(shape: MessageShape) {
    this.#shape = shape
    shape.imports.type('Decoded', '../wire/decoded.js')
    shape.imports.type('Reader', '../wire/reader.js')
  }

  decoder(struct: Struct): string {
    const versions = this.#shape.versionsOf(struct)
    const flexible = this.#shape.flexibility(versions)
    const lines: string[] = []
    if (flexible === 'by version') lines.push(`const flexible = version >= ${this.#shape.message.flexible.min}`)
    for (const field of struct.fields) {
      const positional = this.#shape.positionalVersions(field, versions)
      const tagged = !isEmpty(intersect(field.tagged, versions))
      lines.push(...(tagged ? this.#declare(field, versions) : []))
      if (!isEmpty(positional)) lines.push(...this.#decodeField(field, positional, versions))
    }
    const names = struct.fields.map(field =>
      local(field) === field.name ? field.name : `${field.name}: ${local(field)}`,
    )
    if (flexible !== 'never') {
      lines.push(...this.#decodeTagged(struct, versions, flexible === 'always'))
      names.push('unknownTags')
    }
    lines.push(names.length === 0 ? 'return {}' : `return { ${names.join(', ')} }`)
    const parameter = parameterOf(lines)
    return `function decode${this.#shape.nameOf(struct)}(${parameter('reader')}: Reader, ${parameter('version')}: number): Decoded<${this.#shape.nameOf(struct)}> {
${indent(lines).join('\n')}
}
`
  }

  #declare(field: Field, versions: Range): string[] {
    return [`let ${local(field)}: ${this.#decodedType(field, versions)} = ${this.#shape.decodedDefault(field)}`]
  }

  #decodedType(field: Field, versions: Range): string {
    const nullable = isEmpty(intersect(field.nullable, versions)) ? '' : ' | null'
    const type = this.#shape.tsType(field.type)
    switch (field.type.kind) {
      case 'primitive':
        return type + nullable
      case 'struct':
        return `Decoded<${type}>${nullable}`
      case 'array':
        return field.type.of.kind === 'struct'
          ? `Decoded<${this.#shape.nameOf(field.type.of)}>[]${nullable}`
          : `${this.#shape.tsType(field.type.of)}[]${nullable}`
    }
  }

  #decodeField(field: Field, present: Range, versions: Range): string[] {
    const isAlways = covers(present, versions)
    const guard = (statements: string[]): string[] => when(condition(present, versions), statements)
    const nullable = intersect(field.nullable, present)
    const expression = this.#decodeExpression(field, present, nullable)
    if (expression !== undefined) {
      if (isAlways) return [`const ${local(field)} = ${expression}`]
      return [...this.#declare(field, versions), ...guard([`${local(field)} = ${expression}`])]
    }
    const statements = this.#decodeStatements(field, present, nullable)
    if (!isAlways) return [...this.#declare(field, versions), ...guard(statements)]
    const isFilledInPlace = isEmpty(nullable)
    return [
      ...this.#declare(field, versions).map(line => (isFilledInPlace ? line.replace('let ', 'const ') : line)),
      ...statements,
    ]
  }

  /** One expression where that is enough: every primitive, and structs that cannot be null. */
  #decodeExpression(field: Field, present: Range, nullable: Range): string | undefined {
    const { type } = field
    if (type.kind === 'array') return undefined
    if (type.kind === 'struct') {
      const decode = `decode${this.#shape.nameOf(type)}(reader, version)`
      if (isEmpty(nullable)) return decode
      const isThere = covers(nullable, present)
        ? 'reader.structPresent()'
        : `(!(${condition(nullable, present)}) || reader.structPresent())`
      return `${isThere} ? ${decode} : null`
    }
    if (isEmpty(nullable)) return this.#decodePrimitive(type, present)
    const orNull =
      type.name === 'string'
        ? `reader.nullableString(${this.#shape.flag(present)})`
        : `reader.nullableBytes(${this.#shape.flag(present)})`
    return covers(nullable, present)
      ? orNull
      : `${condition(nullable, present)} ? ${orNull} : ${this.#decodePrimitive(type, present)}`
  }

  #decodePrimitive(type: Primitive, present: Range): string {
    switch (type.name) {
      case 'string':
        return `reader.string(${this.#shape.flag(present)})`
      case 'bytes':
      case 'records':
        return `reader.bytes(${this.#shape.flag(present)})`
      default:
        return `reader.${type.name}()`
    }
  }

  #decodeStatements(field: Field, present: Range, nullable: Range): string[] {
    if (field.type.kind !== 'array') throw new Error('only arrays need statements')
    const element = field.type.of
    const least = this.#leastBytes(element, present)
    const flag = this.#shape.flag(present)
    const read =
      element.kind === 'struct'
        ? `decode${this.#shape.nameOf(element)}(reader, version)`
        : this.#decodePrimitive(element, present)
    const elementType =
      element.kind === 'struct' ? `Decoded<${this.#shape.nameOf(element)}>` : this.#shape.tsType(element)
    const loop = (list: string, count: string): string =>
      `for (let left = ${count}; left > 0; left--) ${list}.push(${read})`
    const name = local(field)
    if (isEmpty(nullable)) {
      const count = `reader.arrayLength(${flag}, ${least})`
      return [...(this.#shape.decodedDefault(field) === '[]' ? [] : [`${name} = []`]), loop(name, count)]
    }
    const countName = `${field.name}Count`
    const counting = covers(nullable, present)
      ? `reader.nullableArrayLength(${flag}, ${least})`
      : `${condition(nullable, present)} ? reader.nullableArrayLength(${flag}, ${least}) : reader.arrayLength(${flag}, ${least})`
    return [
      `const ${countName} = ${counting}`,
      `if (${countName} < 0) {`,
      `  ${name} = null`,
      '} else {',
      `  const elements: ${elementType}[] = []`,
      `  ${loop('elements', countName)}`,
      `  ${name} = elements`,
      '}',
    ]
  }

  #leastBytes(type: Primitive | Struct, versions: Range): number {
    if (type.kind === 'primitive') return LEAST_BYTES[type.name]
    let least = this.#shape.flexibility(versions) === 'always' ? 1 : 0
    for (const field of type.fields) {
      if (!covers(field.versions, versions) || !isEmpty(intersect(field.tagged, versions))) continue
      if (field.type.kind === 'primitive') least += LEAST_BYTES[field.type.name]
      else if (field.type.kind === 'array' || !isEmpty(field.nullable)) least += 1
      else least += this.#leastBytes(field.type, versions)
    }
    return Math.max(least, 1)
  }

  #decodeTagged(struct: Struct, versions: Range, always: boolean): string[] {
    const fields = this.#shape.taggedFields(struct, versions)
    if (fields.length === 0)
      return [`const unknownTags = ${always ? '' : 'flexible ? '}reader.unknownTags()${always ? '' : ' : undefined'}`]
    this.#shape.imports.type('UnknownTag', '../wire/tagged.js')
    const scope = intersect(this.#shape.message.flexible, versions)
    const cases = fields.flatMap(field => {
      const span = intersect(field.tagged, versions)
      const body = this.#decodeTaggedValue(field, span)
      const read = covers(span, scope)
        ? body
        : [
            `if (${condition(span, scope)}) {`,
            ...indent(body),
            '} else {',
            '  unknownTags = reader.unknownTag(unknownTags)',
            '}',
          ]
      return [`case ${field.tag}: {`, ...indent(read), '  break', '}']
    })
    const loop = [
      'for (let left = reader.tagCount(); left > 0; left--) {',
      '  const outerEnd = reader.enterTag()',
      '  switch (reader.tag) {',
      ...indent(indent(cases)),
      '    default:',
      '      unknownTags = reader.unknownTag(unknownTags)',
      '  }',
      '  reader.leaveTag(outerEnd)',
      '}',
    ]
    return ['let unknownTags: UnknownTag[] | undefined', ...(always ? loop : ['if (flexible) {', ...indent(loop), '}'])]
  }

  #decodeTaggedValue(field: Field, span: Range): string[] {
    const nullable = isEmpty(intersect(field.nullable, span)) ? field.nullable : span
    if (field.type.kind === 'struct' && !isEmpty(nullable)) {
      return [
        `${local(field)} = reader.taggedStructPresent() ? decode${this.#shape.nameOf(field.type)}(reader, version) : null`,
      ]
    }
    const expression = this.#decodeExpression(field, span, nullable)
    if (expression !== undefined) return [`${local(field)} = ${expression}`]
    // A tag that comes twice must not leave both values behind.
    const statements = this.#decodeStatements(field, span, nullable)
    return isEmpty(nullable) && this.#shape.decodedDefault(field) === '[]'
      ? [`${local(field)} = []`, ...statements]
      : statements
  }
}
