/**
 * One value against one kind: is it one, can this text be read as one, and what to call the kind in words. Pure; knows
 * nothing of tables, names and secrets. A problem goes on after the name of the option: `must be true or false`.
 */
import type { OptionKind } from './config-table.js'

export type Reading = { readonly ok: true; readonly value: unknown } | { readonly ok: false; readonly problem: string }

type KindOf<Type extends OptionKind['type']> = Extract<OptionKind, { readonly type: Type }>

const nonEmptyString: KindOf<'string'> = { type: 'string', nonEmpty: true }

/** A value as it comes from code. */
export function readValue(kind: OptionKind, value: unknown): Reading {
  switch (kind.type) {
    case 'boolean':
      return verdict(kind, value, typeof value === 'boolean')
    case 'integer':
    case 'number':
      return verdict(kind, value, isNumberOf(kind, value))
    case 'enum':
      return verdict(
        kind,
        value,
        kind.values.some(candidate => candidate === value),
      )
    case 'string':
      return verdict(kind, value, typeof value === 'string' && isStringOf(kind, value))
    case 'regex':
      return verdict(kind, value, value instanceof RegExp)
    case 'function':
      return verdict(kind, value, typeof value === 'function' && (kind.guard?.(value) ?? true))
    case 'object':
      return verdict(kind, value, typeof value === 'object' && value !== null && (kind.guard?.(value) ?? true))
    case 'list':
      return readList(kind, value)
    case 'either':
      return firstOf(kind, part => readValue(part, value))
  }
}

/** A value as it comes from a configuration file of Kafka's: text, with blanks around it that do not count. */
export function readText(kind: OptionKind, text: string): Reading {
  const trimmed = text.trim()
  switch (kind.type) {
    case 'boolean':
      return verdict(kind, trimmed.toLowerCase() === 'true', /^(true|false)$/i.test(trimmed))
    case 'integer':
    case 'number':
      return readValue(kind, numberFrom(trimmed))
    case 'enum':
      return readValue(kind, enumValueFrom(kind, trimmed))
    case 'regex':
      return verdict(kind, regexFrom(trimmed), regexFrom(trimmed) !== undefined)
    case 'function':
    case 'object':
      return { ok: false, problem: `must be ${describeKind(kind)}, which cannot be written as text` }
    case 'list':
      return readListText(kind, trimmed)
    case 'either':
      return firstOf(kind, part => readText(part, trimmed))
    case 'string':
      return readValue(kind, trimmed)
  }
}

/** What goes on after “must be”. */
export function describeKind(kind: OptionKind): string {
  switch (kind.type) {
    case 'boolean':
      return 'true or false'
    case 'integer':
    case 'number':
      return describeNumber(kind)
    case 'enum':
      return listed(kind.values.map(value => (typeof value === 'string' ? `'${value}'` : String(value))))
    case 'string':
      return describeString(kind)
    case 'regex':
      return 'a regular expression'
    case 'function':
      return kind.expects ?? 'a function'
    case 'object':
      return kind.expects ?? 'an object'
    case 'list':
      return kind.of === undefined ? 'a list of strings' : `a list of items that are each ${describeKind(kind.of)}`
    case 'either':
      return listed(kind.of.map(describeKind))
  }
}

function verdict(kind: OptionKind, value: unknown, good: boolean): Reading {
  return good ? { ok: true, value } : { ok: false, problem: `must be ${describeKind(kind)}` }
}

function firstOf(kind: KindOf<'either'>, read: (part: OptionKind) => Reading): Reading {
  for (const part of kind.of) {
    const reading = read(part)
    if (reading.ok) return reading
  }
  return { ok: false, problem: `must be ${describeKind(kind)}` }
}

function isNumberOf(kind: KindOf<'integer' | 'number'>, value: unknown): boolean {
  if (typeof value !== 'number') return false
  if (value === Infinity) return kind.infinity === true
  const whole = kind.type === 'number' ? Number.isFinite(value) : Number.isSafeInteger(value)
  return whole && value >= (kind.min ?? -Infinity) && value <= (kind.max ?? Infinity)
}

function isStringOf(kind: KindOf<'string'>, value: string): boolean {
  if (kind.nonEmpty === true && value === '') return false
  if (value.length > (kind.maxLength ?? Infinity)) return false
  // A pattern with the flags g or y keeps its place from one test to the next; search() does not.
  return kind.pattern === undefined || value.search(kind.pattern) !== -1
}

function readList(kind: KindOf<'list'>, value: unknown): Reading {
  if (typeof value === 'string') return readListText(kind, value.trim())
  if (!Array.isArray(value)) return verdict(kind, value, false)
  return joinItems(kind, value, item => readValue(kind.of ?? nonEmptyString, item))
}

function readListText(kind: KindOf<'list'>, text: string): Reading {
  const parts = text === '' ? [] : text.split(',')
  return joinItems(kind, parts, part => readText(kind.of ?? nonEmptyString, part))
}

function joinItems<Item>(kind: KindOf<'list'>, items: readonly Item[], read: (item: Item) => Reading): Reading {
  if (items.length === 0 && kind.nonEmpty === true) return { ok: false, problem: 'must have at least one item' }
  const values: unknown[] = []
  for (const [index, item] of items.entries()) {
    const reading = read(item)
    if (!reading.ok) return { ok: false, problem: `item ${index + 1} ${reading.problem}` }
    if (kind.duplicates !== 'allowed' && values.includes(reading.value)) {
      return { ok: false, problem: `item ${index + 1} must not be there twice` }
    }
    values.push(reading.value)
  }
  return { ok: true, value: Object.freeze(values) }
}

/** NaN, which no kind takes, for what is no number. Hexadecimal and the empty text are none, unlike in JavaScript. */
function numberFrom(text: string): number {
  return /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(text) || text === 'Infinity' ? Number(text) : Number.NaN
}

function enumValueFrom(kind: KindOf<'enum'>, text: string): unknown {
  const exact = kind.values.find(value => String(value) === text)
  if (exact !== undefined) return exact
  const own = Object.entries(kind.kafkaValues ?? {}).find(([spelling]) => sameWord(spelling, text))
  return own === undefined ? kind.values.find(value => sameWord(String(value), text)) : own[1]
}

/** `READ_COMMITTED` is `readCommitted`; the minus of a number counts. */
function sameWord(one: string, other: string): boolean {
  return plainWord(one) === plainWord(other)
}

function plainWord(word: string): string {
  return word.toLowerCase().replace(/[_.]|(?<=\w)-/g, '')
}

function regexFrom(text: string): RegExp | undefined {
  try {
    return new RegExp(text)
  } catch {
    return undefined
  }
}

function describeNumber({ type, min, max, infinity }: KindOf<'integer' | 'number'>): string {
  const noun = type === 'integer' ? 'a whole number' : 'a number'
  const least = min === undefined ? '' : ` of at least ${min}`
  const range = max === undefined ? least : min === undefined ? ` of at most ${max}` : ` from ${min} to ${max}`
  return noun + range + (infinity === true ? ' or Infinity' : '')
}

function describeString({ nonEmpty, maxLength, pattern }: KindOf<'string'>): string {
  const noun = nonEmpty === true ? 'a non-empty string' : 'a string'
  const length = maxLength === undefined ? '' : ` of at most ${maxLength} characters`
  return noun + length + (pattern === undefined ? '' : ` matching ${pattern}`)
}

function listed(parts: readonly string[]): string {
  const last = parts.at(-1) ?? 'nothing'
  return parts.length < 2 ? last : `${parts.slice(0, -1).join(', ')} or ${last}`
}
