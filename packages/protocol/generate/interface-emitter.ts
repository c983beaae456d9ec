/**
 * Emits the interfaces of a message, as it is written: what has a default may be left out.
 */

import type { MessageShape } from './message-shape.js'
import { docComment } from './naming.js'
import { covers, type Field, intersect, isEmpty, type Range, type Struct } from './schema.js'

export class InterfaceEmitter {
  readonly #shape: MessageShape

  constructor(shape: MessageShape) {
    this.#shape = shape
  }

  interface(struct: Struct): string {
    const versions = this.#shape.versionsOf(struct)
    const isRoot = struct === this.#shape.message.root
    const lines = struct.fields.map(field => this.#property(field, versions))
    const notes = isRoot ? docComment(this.#shape.message.text, [], '') : ''
    if (this.#shape.flexibility(versions) !== 'never') {
      this.#shape.imports.type('UnknownTags', '../wire/tagged.js')
      lines.push('  readonly unknownTags?: UnknownTags\n')
    }
    if (lines.length === 0) return `${notes}export type ${this.#shape.nameOf(struct)} = Record<never, never>\n`
    return `${notes}export interface ${this.#shape.nameOf(struct)} {\n${lines.join('')}}\n`
  }

  #property(field: Field, versions: Range): string {
    const present = intersect(field.versions, versions)
    const optional =
      field.default !== undefined || field.ignorable || field.tag !== undefined || !covers(present, versions)
    const where = covers(present, versions) ? [] : [`Versions ${rangeText(present, this.#shape.message.versions)}.`]
    const text = [field.text, ...where].filter(line => line !== undefined && line !== '').join(' ')
    const nullable = isEmpty(intersect(field.nullable, present)) ? '' : ' | null'
    return `${docComment(text, [], '  ')}  readonly ${field.name}${optional ? '?' : ''}: ${this.#shape.tsType(field.type)}${nullable}\n`
  }
}

function rangeText(range: Range, all: Range): string {
  if (range.max >= all.max) return `${range.min}+`
  return range.min === range.max ? `${range.min}` : `${range.min}-${range.max}`
}
