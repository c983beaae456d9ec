/**
 * Emits the functions that write a message.
 */
import { condition, indent, local, outside, parameterOf, upper, when } from './code-text.js'
import type { MessageShape } from './message-shape.js'
import { camelCase } from './naming.js'
import {
  covers,
  type Field,
  type FieldType,
  intersect,
  isEmpty,
  type Primitive,
  type Range,
  type Struct,
} from './schema.js'

/** Ends the branch of versions with a tagged section: the others cannot carry what a newer peer added. */
const REFUSE_UNKNOWN_TAGS =
  "} else if (message.unknownTags !== undefined && message.unknownTags.length > 0) throw writer.unsupported('unknownTags', version)"

export class EncoderEmitter {
  readonly #shape: MessageShape

  constructor(shape: MessageShape) {
    this.#shape = shape
    shape.imports.type('Writer', '../wire/writer.js')
  }

  encoder(struct: Struct): string {
    const versions = this.#shape.versionsOf(struct)
    const flexible = this.#shape.flexibility(versions)
    const lines: string[] = []
    if (flexible === 'by version') lines.push(`const flexible = version >= ${this.#shape.message.flexible.min}`)
    for (const field of struct.fields) {
      const positional = this.#shape.positionalVersions(field, versions)
      if (!isEmpty(positional)) lines.push(...this.#encodeField(field, positional, versions))
      else if (field.tag === undefined) throw new Error(`${this.#shape.nameOf(struct)}.${field.name} is in no version`)
      else lines.push(...this.#refuseTagged(field, versions))
    }
    if (flexible !== 'never') {
      const tagged = this.#encodeTagged(struct, versions)
      lines.push(...(flexible === 'always' ? tagged : ['if (flexible) {', ...indent(tagged), REFUSE_UNKNOWN_TAGS]))
    }
    const parameter = parameterOf(lines)
    return `function encode${this.#shape.nameOf(struct)}(${parameter('writer')}: Writer, ${parameter('message')}: ${this.#shape.nameOf(struct)}, ${parameter('version')}: number): void {
${indent(lines).join('\n')}
}
`
  }

  #encodeField(field: Field, present: Range, versions: Range): string[] {
    const value = `message.${field.name}`
    const withDefault = this.#withDefault(field, value, versions)
    const write = this.#encodeValue(field, withDefault, present)
    if (covers(present, versions)) return write
    const guarded = when(condition(present, versions), write)
    if (field.ignorable || !isEmpty(intersect(field.tagged, versions))) return guarded
    const refusal = `if (${this.#differs(field, value, versions)}) throw writer.unsupported('${field.name}', version)`
    if (write.length === 1) return [...guarded, `else ${refusal}`]
    return [...guarded.slice(0, -1), `} else ${refusal}`]
  }

  /** Tagged fields stand in the tagged section alone; versions that lack one may have no such section to refuse it in. */
  #refuseTagged(field: Field, versions: Range): string[] {
    const present = intersect(field.versions, versions)
    if (field.ignorable || covers(present, versions)) return []
    const differs = this.#differs(field, `message.${field.name}`, versions)
    return [`if (${outside(present, versions)} && ${differs}) throw writer.unsupported('${field.name}', version)`]
  }

  /** The value to write: what is there, or the default where the interface lets it be left out. */
  #withDefault(field: Field, value: string, versions: Range): string {
    if (!this.#shape.isOptional(field, versions)) return value
    const fallback = this.#shape.defaultValue(field)
    if (isEmpty(intersect(field.nullable, versions)) || fallback === 'null') return `${value} ?? ${fallback}`
    return `${value} === undefined ? ${fallback} : ${value}`
  }

  #encodeValue(field: Field, value: string, present: Range): string[] {
    const nullable = intersect(field.nullable, present)
    if (isEmpty(nullable)) return this.#encodeNonNull(field.type, value, field.name, present)
    const check = covers(nullable, present)
      ? []
      : [
          `if (${local(field)} === null && !(${condition(nullable, present)})) throw writer.notNullable('${field.name}', version)`,
        ]
    const simple = field.type.kind === 'primitive' ? field.type.name : undefined
    const flag = this.#shape.flag(present)
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
      ...indent(this.#encodeNonNull(field.type, local(field), field.name, present)),
      '}',
    ]
  }

  #encodeNonNull(type: FieldType, value: string, name: string, present: Range): string[] {
    switch (type.kind) {
      case 'primitive':
        return [this.#encodePrimitive(type, value, present)]
      case 'struct':
        return [`encode${this.#shape.nameOf(type)}(writer, ${value}, version)`]
      case 'array': {
        const list = /^\w+$/.test(value) ? value : camelCase(name)
        const element = list === 'element' ? 'item' : 'element'
        const bind = list === value ? [] : [`const ${list} = ${value}`]
        return [
          ...bind,
          `writer.arrayLength(${list}.length, ${this.#shape.flag(present)})`,
          `for (const ${element} of ${list}) ${this.#encodeNonNull(type.of, element, name, present).join(' ')}`,
        ]
      }
    }
  }

  #encodePrimitive(type: Primitive, value: string, present: Range): string {
    switch (type.name) {
      case 'string':
        return `writer.string(${value}, ${this.#shape.flag(present)})`
      case 'bytes':
      case 'records':
        return `writer.bytes(${value}, ${this.#shape.flag(present)})`
      default:
        return `writer.${type.name}(${value})`
    }
  }

  #encodeTagged(struct: Struct, versions: Range): string[] {
    const fields = this.#shape.taggedFields(struct, versions)
    if (fields.length === 0)
      return ['writer.tagCount(0, message.unknownTags)', 'writer.unknownTags(message.unknownTags)']
    const lines: string[] = []
    for (const field of fields) {
      const span = intersect(field.tagged, versions)
      const scope = intersect(this.#shape.message.flexible, versions)
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
      lines.push(...indent(this.#encodeTaggedValue(field, nullable, versions)))
      lines.push(`  writer.leaveTag(${sizeAt})`, '}')
    }
    lines.push('writer.unknownTags(message.unknownTags)')
    return lines
  }

  #encodeTaggedValue(field: Field, nullable: boolean, versions: Range): string[] {
    const span = intersect(field.tagged, versions)
    const value = local(field)
    if (!nullable) return this.#encodeNonNull(field.type, value, field.name, span)
    if (field.type.kind !== 'struct')
      return this.#encodeValue({ ...field, nullable: span }, value, span).filter(
        line => line !== `const ${value} = ${value}`,
      )
    return [
      `writer.taggedStructPresent(${value} !== null)`,
      `if (${value} !== null) ${this.#encodeNonNull(field.type, value, field.name, span).join(' ')}`,
    ]
  }

  /** True in the emitted code when the value is there and not the default. */
  #differs(field: Field, value: string, versions: Range): string {
    const isThere = this.#shape.isOptional(field, versions) ? [`${value} !== undefined`] : []
    return [...isThere, this.#differsFromDefault(field, value, versions)].join(' && ')
  }

  #differsFromDefault(field: Field, value: string, versions: Range): string {
    const nullable = !isEmpty(intersect(field.nullable, versions))
    const fallback = this.#shape.defaultValue(field)
    if (fallback === 'null') return `${value} !== null`
    const orNull = nullable ? `${value} === null || ` : ''
    const wrap = (test: string): string => (nullable ? `(${orNull}${test})` : test)
    if (field.type.kind === 'array') return wrap(`${value}.length !== 0`)
    if (field.type.kind === 'struct') return wrap(`!isDefault${this.#shape.nameOf(field.type)}(${value})`)
    if (field.type.name === 'bytes' || field.type.name === 'records') return wrap(`${value}.length !== 0`)
    return `${value} !== ${fallback}`
  }

  /** The test whether a struct holds nothing but defaults: tagged structs that do are left out. */
  defaultTest(struct: Struct): string {
    const versions = this.#shape.versionsOf(struct)
    const tests = struct.fields.map(field => {
      const value = `message.${field.name}`
      return `!(${this.#differs(field, value, versions)})`
    })
    if (this.#shape.flexibility(versions) !== 'never') tests.push('message.unknownTags === undefined')
    return `function isDefault${this.#shape.nameOf(struct)}(message: ${this.#shape.nameOf(struct)}): boolean {
  return ${tests.length === 0 ? 'true' : tests.join(' &&\n    ')}
}
`
  }
}
