/**
 * The emitter: one schema in, the text of one TypeScript module out: interfaces, encoders and decoders of all versions.
 * What it writes is plain code that a debugger steps through; nothing is interpreted at run time.
 */
import { camelCase, constantName, docComment } from './naming.js'
import {
  type Api,
  covers,
  type Default,
  type Field,
  type FieldType,
  intersect,
  isEmpty,
  type Message,
  type Primitive,
  type PrimitiveName,
  type Range,
  type RecordType,
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

export function emitApi(api: Api, schemaFile: string): string {
  const { source } = api
  const latestStable = api.request.versions.max - (source.latestVersionUnstable ? 1 : 0)
  const imports = new Imports()
  imports.type('Api', './api.js')
  const messages = [api.request, api.response].map(message => new MessageEmitter(message, imports).emit())
  const table = `${docComment(source.text, noteLines(source.notes), '')}export const ${camelCase(source.name)}: Api<${api.request.name}, ${api.response.name}> = {
  key: ${source.key},
  name: '${source.name}',
  versions: { min: ${api.request.versions.min}, max: ${api.request.versions.max}, latestStable: ${latestStable} },
  flexibleFrom: ${flexibleFrom(api.request)},
  sentTo: '${source.sentTo}',
  listeners: [${source.listeners.map(listener => `'${listener}'`).join(', ')}],
  request: { name: '${api.request.name}', encode: encode${api.request.name}, decode: decode${api.request.name} },
  response: { name: '${api.response.name}', encode: encode${api.response.name}, decode: decode${api.response.name} },
}
`
  return moduleText(`The ${source.name} API (key ${source.key}).`, schemaFile, imports, [...messages, table])
}

export function emitRecords(records: readonly RecordType[], schemaFile: string, noun: string): string {
  const imports = new Imports()
  imports.type('RecordType', './api.js')
  const parts = records.map(record => {
    const { message, source } = record
    const body = new MessageEmitter(message, imports).emit()
    return `${body}
${docComment(source.text, noteLines(source.notes), '')}export const ${camelCase(message.name)}: RecordType<${message.name}> = {
  name: '${message.name}',
  kind: '${source.kind}',
  id: ${source.id ?? -1},
  versions: { min: ${message.versions.min}, max: ${message.versions.max}, latestStable: ${message.versions.max} },
  flexibleFrom: ${flexibleFrom(message)},
  encode: encode${message.name},
  decode: decode${message.name},
}
`
  })
  const list = `/** All of them, in the order of their schemas. */
export const ${camelCase(noun.replace(/ (\w)/g, (_, letter: string) => letter.toUpperCase()))}Types: readonly RecordType[] = [
${records.map(({ message }) => `  ${camelCase(message.name)},`).join('\n')}
]
`
  return moduleText(`Records: ${noun}.`, schemaFile, imports, [...parts, list])
    .replaceAll("from '../", "from '../../")
    .replaceAll("from './", "from '../")
}

function moduleText(title: string, schemaFile: string, imports: Imports, parts: readonly string[]): string {
  return `/**
 * ${title}
 * Generated from ${schemaFile} by \`npm run generate\`: change it there.
 */
${imports.emit(parts.join('\n'))}
${parts.join('\n')}`
}

function flexibleFrom(message: Message): number {
  return isEmpty(message.flexible) ? -1 : message.flexible.min
}

function noteLines(notes: Readonly<Record<number, string>> | undefined): string[] {
  return Object.entries(notes ?? {}).map(([version, note]) => `- ${version}: ${note}`)
}

class Imports {
  readonly #types = new Map<string, string>()
  readonly #values = new Map<string, string>()

  type(name: string, from: string): void {
    this.#types.set(name, from)
  }

  value(name: string, from: string): void {
    this.#values.set(name, from)
  }

  /** The import lines for the names that `body` uses. */
  emit(body: string): string {
    const isUsed = ([name]: [string, string]): boolean => new RegExp(`\\b${name}\\b`).test(body)
    const usedTypes = [...this.#types].filter(isUsed)
    const usedValues = [...this.#values].filter(isUsed)
    const files = [...new Set([...usedTypes, ...usedValues].map(([, from]) => from))].sort()
    return files
      .map(file => {
        const values = usedValues.filter(([, from]) => from === file).map(([name]) => name)
        const types = usedTypes.filter(([, from]) => from === file).map(([name]) => name)
        const names = [...values, ...types.map(name => (values.length === 0 ? name : `type ${name}`))].sort(byName)
        return `import ${values.length === 0 ? 'type ' : ''}{ ${names.join(', ')} } from '${file}'\n`
      })
      .join('')
  }
}

function byName(a: string, b: string): number {
  return a.replace('type ', '') < b.replace('type ', '') ? -1 : 1
}

/** Emits the interfaces and functions of one message. `versions` below are those the message has, cut to the struct's. */
class MessageEmitter {
  readonly #message: Message
  readonly #imports: Imports
  readonly #structs = new Map<Struct, Range>()
  readonly #comparedWithDefault = new Set<Struct>()

  constructor(message: Message, imports: Imports) {
    this.#message = message
    this.#imports = imports
    imports.type('Decoded', '../wire/decoded.js')
    imports.type('Reader', '../wire/reader.js')
    imports.type('Writer', '../wire/writer.js')
    this.#collect(message.root, message.versions)
  }

  emit(): string {
    const structs = [...this.#structs.keys()]
    return [
      ...structs.map(struct => this.#interface(struct)),
      ...structs.map(struct => this.#encoder(struct)),
      ...structs.map(struct => this.#decoder(struct)),
      ...[...this.#comparedWithDefault].map(struct => this.#defaultTest(struct)),
    ].join('\n')
  }

  /** Finds every struct, outermost first, with the versions in which it occurs. */
  #collect(struct: Struct, versions: Range): void {
    const known = this.#structs.get(struct)
    const all =
      known === undefined
        ? versions
        : { min: Math.min(known.min, versions.min), max: Math.max(known.max, versions.max) }
    this.#structs.set(struct, all)
    for (const field of struct.fields) {
      const inner = structOf(field.type)
      if (inner !== undefined) this.#collect(inner, intersect(field.versions, versions))
      if (this.#isWrittenByDifference(field, all) && field.type.kind === 'struct' && isEmpty(field.nullable))
        this.#markCompared(field.type)
    }
  }

  #markCompared(struct: Struct): void {
    this.#comparedWithDefault.add(struct)
    for (const field of struct.fields) if (field.type.kind === 'struct') this.#markCompared(field.type)
  }

  /** Tagged fields are left out when they hold their default; others are refused where a version has no room for more. */
  #isWrittenByDifference(field: Field, versions: Range): boolean {
    return field.tag !== undefined || (!field.ignorable && !covers(field.versions, versions))
  }

  #versionsOf(struct: Struct): Range {
    const versions = this.#structs.get(struct)
    if (versions === undefined) throw new Error(`struct ${struct.name} was not collected`)
    return versions
  }

  #name(struct: Struct): string {
    return this.#message.name + struct.name
  }

  #isFlexible(versions: Range): 'always' | 'never' | 'by version' {
    const flexible = intersect(this.#message.flexible, versions)
    if (isEmpty(flexible)) return 'never'
    return covers(flexible, versions) ? 'always' : 'by version'
  }

  // Interfaces

  #interface(struct: Struct): string {
    const versions = this.#versionsOf(struct)
    const isRoot = struct === this.#message.root
    const lines = struct.fields.map(field => this.#property(field, versions))
    const notes = isRoot ? docComment(this.#message.text, noteLines(this.#message.notes), '') : ''
    if (this.#isFlexible(versions) !== 'never') {
      this.#imports.type('UnknownTags', '../wire/tagged.js')
      lines.push('  readonly unknownTags?: UnknownTags\n')
    }
    if (lines.length === 0) return `${notes}export type ${this.#name(struct)} = Record<never, never>\n`
    return `${notes}export interface ${this.#name(struct)} {\n${lines.join('')}}\n`
  }

  #property(field: Field, versions: Range): string {
    const present = intersect(field.versions, versions)
    const optional =
      field.default !== undefined || field.ignorable || field.tag !== undefined || !covers(present, versions)
    const where = covers(present, versions) ? [] : [`Versions ${rangeText(present, this.#message.versions)}.`]
    const text = [field.text, ...where].filter(line => line !== undefined && line !== '').join(' ')
    const nullable = isEmpty(intersect(field.nullable, present)) ? '' : ' | null'
    return `${docComment(text, [], '  ')}  readonly ${field.name}${optional ? '?' : ''}: ${this.#tsType(field.type)}${nullable}\n`
  }

  #tsType(type: FieldType): string {
    switch (type.kind) {
      case 'primitive':
        if (type.name === 'uuid') this.#imports.type('Uuid', '../wire/uuid.js')
        return TS_TYPES[type.name]
      case 'struct':
        return this.#name(type)
      case 'array':
        return `readonly ${this.#tsType(type.of)}[]`
    }
  }

  // Encoders

  #encoder(struct: Struct): string {
    const versions = this.#versionsOf(struct)
    const flexible = this.#isFlexible(versions)
    const lines: string[] = []
    if (flexible === 'by version') lines.push(`const flexible = version >= ${this.#message.flexible.min}`)
    for (const field of struct.fields) {
      const positional = this.#positionalVersions(field, versions)
      if (!isEmpty(positional)) lines.push(...this.#encodeField(field, positional, versions, struct))
      else if (field.tag === undefined) throw new Error(`${this.#name(struct)}.${field.name} is in no version`)
    }
    if (flexible !== 'never') {
      const tagged = this.#encodeTagged(struct, versions)
      lines.push(...(flexible === 'always' ? tagged : ['if (flexible) {', ...indent(tagged), '}']))
    }
    const parameter = parameterOf(lines)
    return `function encode${this.#name(struct)}(${parameter('writer')}: Writer, ${parameter('message')}: ${this.#name(struct)}, ${parameter('version')}: number): void {
${indent(lines).join('\n')}
}
`
  }

  /** The versions in which the field stands in its place, not in the tagged section. */
  #positionalVersions(field: Field, versions: Range): Range {
    const present = intersect(field.versions, versions)
    const tagged = intersect(field.tagged, present)
    if (isEmpty(tagged)) return present
    // A field may start out positional and move to the tagged section; Kafka has none so far that does.
    return intersect(present, { min: 0, max: tagged.min - 1 })
  }

  #encodeField(field: Field, present: Range, versions: Range, struct: Struct): string[] {
    const value = `message.${field.name}`
    const withDefault = this.#withDefault(field, value, versions)
    const write = this.#encodeValue(field, withDefault, present, struct)
    if (covers(present, versions)) return write
    const guarded = when(condition(present, versions), write)
    if (field.ignorable || !isEmpty(intersect(field.tagged, versions))) return guarded
    const refusal = `if (${this.#differs(field, value, versions)}) throw writer.unsupported('${field.name}', version)`
    if (write.length === 1) return [...guarded, `else ${refusal}`]
    return [...guarded.slice(0, -1), `} else ${refusal}`]
  }

  /** The value to write: what is there, or the default where the interface lets it be left out. */
  #withDefault(field: Field, value: string, versions: Range): string {
    if (!this.#isOptional(field, versions)) return value
    const fallback = this.#defaultValue(field)
    if (isEmpty(intersect(field.nullable, versions)) || fallback === 'null') return `${value} ?? ${fallback}`
    return `${value} === undefined ? ${fallback} : ${value}`
  }

  #isOptional(field: Field, versions: Range): boolean {
    return (
      field.default !== undefined || field.ignorable || field.tag !== undefined || !covers(field.versions, versions)
    )
  }

  #encodeValue(field: Field, value: string, present: Range, struct: Struct): string[] {
    const nullable = intersect(field.nullable, present)
    if (isEmpty(nullable)) return this.#encodeNonNull(field.type, value, field.name, present, struct)
    const check = covers(nullable, present)
      ? []
      : [
          `if (${local(field)} === null && !(${condition(nullable, present)})) throw writer.notNullable('${field.name}', version)`,
        ]
    const simple = field.type.kind === 'primitive' ? field.type.name : undefined
    const flag = this.#flag(present)
    if (simple === 'string') {
      if (check.length === 0) return [`writer.nullableString(${value}, ${flag})`]
      return [`const ${local(field)} = ${value}`, ...check, `writer.nullableString(${local(field)}, ${flag})`]
    }
    if (simple === 'bytes' || simple === 'records') {
      if (check.length === 0) return [`writer.nullableBytes(${value}, ${flag})`]
      return [`const ${local(field)} = ${value}`, ...check, `writer.nullableBytes(${local(field)}, ${flag})`]
    }
    const present_ = field.type.kind === 'struct'
    return [
      `const ${local(field)} = ${value}`,
      ...check,
      `if (${local(field)} === null) {`,
      present_ ? '  writer.structPresent(false)' : `  writer.nullLength(${flag})`,
      '} else {',
      ...(present_ ? ['  writer.structPresent(true)'] : []),
      ...indent(this.#encodeNonNull(field.type, local(field), field.name, present, struct)),
      '}',
    ]
  }

  #encodeNonNull(type: FieldType, value: string, name: string, present: Range, struct: Struct): string[] {
    switch (type.kind) {
      case 'primitive':
        return [this.#encodePrimitive(type, value, present)]
      case 'struct':
        return [`encode${this.#name(type)}(writer, ${value}, version)`]
      case 'array': {
        const list = /^\w+$/.test(value) ? value : camelCase(name)
        const element = list === 'element' ? 'item' : 'element'
        const bind = list === value ? [] : [`const ${list} = ${value}`]
        return [
          ...bind,
          `writer.arrayLength(${list}.length, ${this.#flag(present)})`,
          `for (const ${element} of ${list}) ${this.#encodeNonNull(type.of, element, name, present, struct).join(' ')}`,
        ]
      }
    }
  }

  #encodePrimitive(type: Primitive, value: string, present: Range): string {
    switch (type.name) {
      case 'string':
        return `writer.string(${value}, ${this.#flag(present)})`
      case 'bytes':
      case 'records':
        return `writer.bytes(${value}, ${this.#flag(present)})`
      default:
        return `writer.${type.name}(${value})`
    }
  }

  #encodeTagged(struct: Struct, versions: Range): string[] {
    const fields = this.#taggedFields(struct, versions)
    if (fields.length === 0)
      return ['writer.tagCount(0, message.unknownTags)', 'writer.unknownTags(message.unknownTags)']
    const lines: string[] = []
    for (const field of fields) {
      const span = intersect(field.tagged, versions)
      const scope = intersect(this.#message.flexible, versions)
      const gate = covers(span, scope) ? '' : `${condition(span, scope)} && `
      lines.push(`const ${local(field)} = message.${field.name}`)
      lines.push(`const has${upper(field.name)} = ${gate}${this.#differs(field, local(field), versions)}`)
    }
    const count = fields
      .map(field => (fields.length === 1 ? `has${upper(field.name)} ? 1 : 0` : `(has${upper(field.name)} ? 1 : 0)`))
      .join(' + ')
    lines.push(`writer.tagCount(${count}, message.unknownTags)`)
    for (const field of fields) {
      const nullable = !isEmpty(intersect(field.nullable, versions))
      const sizeAt = `${field.name}At`
      lines.push(`if (has${upper(field.name)}) {`, `  const ${sizeAt} = writer.enterTag(${field.tag})`)
      lines.push(...indent(this.#encodeTaggedValue(field, nullable, versions, struct)))
      lines.push(`  writer.leaveTag(${sizeAt})`, '}')
    }
    lines.push('writer.unknownTags(message.unknownTags)')
    return lines
  }

  #encodeTaggedValue(field: Field, nullable: boolean, versions: Range, struct: Struct): string[] {
    const span = intersect(field.tagged, versions)
    const value = local(field)
    if (!nullable) return this.#encodeNonNull(field.type, value, field.name, span, struct)
    if (field.type.kind !== 'struct')
      return this.#encodeValue({ ...field, nullable: span }, value, span, struct).filter(
        line => line !== `const ${value} = ${value}`,
      )
    return [
      `writer.taggedStructPresent(${value} !== null)`,
      `if (${value} !== null) ${this.#encodeNonNull(field.type, value, field.name, span, struct).join(' ')}`,
    ]
  }

  #taggedFields(struct: Struct, versions: Range): Field[] {
    return struct.fields
      .filter(field => !isEmpty(intersect(field.tagged, versions)))
      .sort((a, b) => (a.tag ?? 0) - (b.tag ?? 0))
  }

  /** True in the emitted code when the value is there and not the default. */
  #differs(field: Field, value: string, versions: Range): string {
    const isThere = this.#isOptional(field, versions) ? [`${value} !== undefined`] : []
    return [...isThere, this.#differsFromDefault(field, value, versions)].join(' && ')
  }

  #differsFromDefault(field: Field, value: string, versions: Range): string {
    const nullable = !isEmpty(intersect(field.nullable, versions))
    const fallback = this.#defaultValue(field)
    if (fallback === 'null') return `${value} !== null`
    const orNull = nullable ? `${value} === null || ` : ''
    const wrap = (test: string): string => (nullable ? `(${orNull}${test})` : test)
    if (field.type.kind === 'array') return wrap(`${value}.length !== 0`)
    if (field.type.kind === 'struct') return wrap(`!isDefault${this.#name(field.type)}(${value})`)
    if (field.type.name === 'bytes' || field.type.name === 'records') return wrap(`${value}.length !== 0`)
    return `${value} !== ${fallback}`
  }

  #defaultTest(struct: Struct): string {
    const versions = this.#versionsOf(struct)
    const tests = struct.fields.map(field => {
      const value = `message.${field.name}`
      return `!(${this.#differs(field, value, versions)})`
    })
    if (this.#isFlexible(versions) !== 'never') tests.push('message.unknownTags === undefined')
    return `function isDefault${this.#name(struct)}(message: ${this.#name(struct)}): boolean {
  return ${tests.length === 0 ? 'true' : tests.join(' &&\n    ')}
}
`
  }

  // Decoders

  #decoder(struct: Struct): string {
    const versions = this.#versionsOf(struct)
    const flexible = this.#isFlexible(versions)
    const lines: string[] = []
    if (flexible === 'by version') lines.push(`const flexible = version >= ${this.#message.flexible.min}`)
    for (const field of struct.fields) {
      const positional = this.#positionalVersions(field, versions)
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
    return `function decode${this.#name(struct)}(${parameter('reader')}: Reader, ${parameter('version')}: number): Decoded<${this.#name(struct)}> {
${indent(lines).join('\n')}
}
`
  }

  #declare(field: Field, versions: Range): string[] {
    return [`let ${local(field)}: ${this.#decodedType(field, versions)} = ${this.#decodedDefault(field)}`]
  }

  #decodedType(field: Field, versions: Range): string {
    const nullable = isEmpty(intersect(field.nullable, versions)) ? '' : ' | null'
    const type = this.#tsType(field.type)
    switch (field.type.kind) {
      case 'primitive':
        return type + nullable
      case 'struct':
        return `Decoded<${type}>${nullable}`
      case 'array':
        return field.type.of.kind === 'struct'
          ? `Decoded<${this.#name(field.type.of)}>[]${nullable}`
          : `${this.#tsType(field.type.of)}[]${nullable}`
    }
  }

  #decodeField(field: Field, present: Range, versions: Range): string[] {
    const always = covers(present, versions)
    const declared = `let ${local(field)}: ${this.#decodedType(field, versions)} = ${this.#decodedDefault(field)}`
    const nullable = intersect(field.nullable, present)
    const expression = this.#decodeExpression(field, present, nullable)
    if (expression !== undefined) {
      if (always) return [`const ${local(field)} = ${expression}`]
      return [declared, `if (${condition(present, versions)}) ${local(field)} = ${expression}`]
    }
    const statements = this.#decodeStatements(field, present, nullable)
    return always
      ? [declared, ...statements]
      : [declared, `if (${condition(present, versions)}) {`, ...indent(statements), '}']
  }

  /** One expression where that is enough: every primitive, and structs that cannot be null. */
  #decodeExpression(field: Field, present: Range, nullable: Range): string | undefined {
    const { type } = field
    if (type.kind === 'array') return undefined
    if (type.kind === 'struct') {
      const decode = `decode${this.#name(type)}(reader, version)`
      if (isEmpty(nullable)) return decode
      const isThere = covers(nullable, present)
        ? 'reader.structPresent()'
        : `(!(${condition(nullable, present)}) || reader.structPresent())`
      return `${isThere} ? ${decode} : null`
    }
    if (isEmpty(nullable)) return this.#decodePrimitive(type, present)
    const orNull =
      type.name === 'string'
        ? `reader.nullableString(${this.#flag(present)})`
        : `reader.nullableBytes(${this.#flag(present)})`
    return covers(nullable, present)
      ? orNull
      : `${condition(nullable, present)} ? ${orNull} : ${this.#decodePrimitive(type, present)}`
  }

  #decodePrimitive(type: Primitive, present: Range): string {
    switch (type.name) {
      case 'string':
        return `reader.string(${this.#flag(present)})`
      case 'bytes':
      case 'records':
        return `reader.bytes(${this.#flag(present)})`
      default:
        return `reader.${type.name}()`
    }
  }

  #decodeStatements(field: Field, present: Range, nullable: Range): string[] {
    if (field.type.kind !== 'array') throw new Error('only arrays need statements')
    const element = field.type.of
    const least = this.#leastBytes(element, present)
    const flag = this.#flag(present)
    const read =
      element.kind === 'struct'
        ? `decode${this.#name(element)}(reader, version)`
        : this.#decodePrimitive(element, present)
    const elementType = element.kind === 'struct' ? `Decoded<${this.#name(element)}>` : this.#tsType(element)
    const loop = (list: string, count: string): string =>
      `for (let left = ${count}; left > 0; left--) ${list}.push(${read})`
    const name = local(field)
    if (isEmpty(nullable)) {
      const count = `reader.arrayLength(${flag}, ${least})`
      return [...(this.#decodedDefault(field) === '[]' ? [] : [`${name} = []`]), loop(name, count)]
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
    let least = this.#isFlexible(versions) === 'always' ? 1 : 0
    for (const field of type.fields) {
      if (!covers(field.versions, versions) || !isEmpty(intersect(field.tagged, versions))) continue
      if (field.type.kind === 'primitive') least += LEAST_BYTES[field.type.name]
      else if (field.type.kind === 'array' || !isEmpty(field.nullable)) least += 1
      else least += this.#leastBytes(field.type, versions)
    }
    return Math.max(least, 1)
  }

  #decodeTagged(struct: Struct, versions: Range, always: boolean): string[] {
    const fields = this.#taggedFields(struct, versions)
    if (fields.length === 0)
      return [`const unknownTags = ${always ? '' : 'flexible ? '}reader.unknownTags()${always ? '' : ' : undefined'}`]
    this.#imports.type('UnknownTags', '../wire/tagged.js')
    const scope = intersect(this.#message.flexible, versions)
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
    return ['let unknownTags: UnknownTags', ...(always ? loop : ['if (flexible) {', ...indent(loop), '}'])]
  }

  #decodeTaggedValue(field: Field, span: Range): string[] {
    const nullable = isEmpty(intersect(field.nullable, span)) ? field.nullable : span
    if (field.type.kind === 'struct' && !isEmpty(nullable)) {
      return [
        `${local(field)} = reader.taggedStructPresent() ? decode${this.#name(field.type)}(reader, version) : null`,
      ]
    }
    const expression = this.#decodeExpression(field, span, nullable)
    if (expression !== undefined) return [`${local(field)} = ${expression}`]
    // A tag that comes twice must not leave both values behind.
    const statements = this.#decodeStatements(field, span, nullable)
    return isEmpty(nullable) && this.#decodedDefault(field) === '[]'
      ? [`${local(field)} = []`, ...statements]
      : statements
  }

  // Defaults

  #defaultValue(field: Field): string {
    if (field.default !== undefined) return literal(field.default)
    switch (field.type.kind) {
      case 'array':
        return '[]'
      case 'struct':
        return this.#defaultStruct(field.type, this.#versionsOf(field.type), 'written')
      case 'primitive':
        return this.#defaultPrimitive(field.type.name, !isEmpty(field.nullable))
    }
  }

  #decodedDefault(field: Field): string {
    if (field.default === undefined && field.type.kind === 'struct')
      return this.#defaultStruct(field.type, this.#versionsOf(field.type), 'decoded')
    return this.#defaultValue(field)
  }

  /** Written, a struct may leave out what has a default; decoded, it has every field. */
  #defaultStruct(struct: Struct, versions: Range, form: 'written' | 'decoded'): string {
    const decoded = form === 'decoded'
    const fields = struct.fields
      .filter(field => decoded || !this.#isOptional(field, versions))
      .map(field => `${field.name}: ${decoded ? this.#decodedDefault(field) : this.#defaultValue(field)}`)
    if (decoded && this.#isFlexible(versions) !== 'never') fields.push('unknownTags: undefined')
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
        this.#imports.value('ZERO_UUID', '../wire/uuid.js')
        return 'ZERO_UUID'
      case 'records':
        return nullable ? 'null' : 'NO_BYTES'
      case 'bytes':
        this.#imports.value('NO_BYTES', '../wire/reader.js')
        return 'NO_BYTES'
      default:
        return '0'
    }
  }

  #flag(versions: Range): string {
    const flexible = this.#isFlexible(versions)
    // A field that exists only in flexible versions of a struct that has others too needs no test of its own.
    return flexible === 'always' ? 'true' : flexible === 'never' ? 'false' : 'flexible'
  }
}

/** The name of a parameter, with an underscore in front where the body has no use for it. */
function parameterOf(body: readonly string[]): (name: string) => string {
  const text = body.join('\n')
  return name => (new RegExp(`(?<![.\\w'])${name}(?![\\w':])`).test(text) ? name : `_${name}`)
}

function structOf(type: FieldType): Struct | undefined {
  if (type.kind === 'struct') return type
  return type.kind === 'array' && type.of.kind === 'struct' ? type.of : undefined
}

function when(test: string, statements: readonly string[]): string[] {
  return statements.length === 1 ? [`if (${test}) ${statements[0]}`] : [`if (${test}) {`, ...indent(statements), '}']
}

/** The test that a version which is within `scope` is within `range` too. */
function condition(range: Range, scope: Range): string {
  const from = range.min > scope.min
  const to = range.max < scope.max
  if (from && to)
    return range.min === range.max ? `version === ${range.min}` : `version >= ${range.min} && version <= ${range.max}`
  if (from) return `version >= ${range.min}`
  if (to) return `version <= ${range.max}`
  return 'true'
}

function rangeText(range: Range, all: Range): string {
  if (range.max >= all.max) return `${range.min}+`
  return range.min === range.max ? `${range.min}` : `${range.min}-${range.max}`
}

function literal(value: Default): string {
  if (typeof value === 'bigint') return `${value}n`
  return typeof value === 'string' ? constantName(value) : String(value)
}

/** A local variable of the emitted function may not hide its parameters. */
function local(field: Field): string {
  return ['version', 'message', 'reader', 'writer', 'flexible'].includes(field.name) ? `${field.name}Field` : field.name
}

function upper(name: string): string {
  return name.charAt(0).toUpperCase() + name.slice(1)
}

function indent(lines: readonly string[]): string[] {
  return lines.map(line => `  ${line}`)
}
