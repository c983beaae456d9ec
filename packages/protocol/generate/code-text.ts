/**
 * Pieces of emitted code: conditions on the version, names that do not clash, indentation.
 */
import type { Field, Range } from './schema.js'

/** The name of a parameter, with an underscore in front where the body has no use for it. */
export function parameterOf(body: readonly string[]): (name: string) => string {
  const text = body.join('\n')
  return name => (new RegExp(`(?<![.\\w'])${name}(?![\\w':])`).test(text) ? name : `_${name}`)
}

export function when(test: string, statements: readonly string[]): string[] {
  return statements.length === 1 ? [`if (${test}) ${statements[0]}`] : [`if (${test}) {`, ...indent(statements), '}']
}

/** The test that a version which is within `scope` is within `range` too. */
export function condition(range: Range, scope: Range): string {
  const from = range.min > scope.min
  const to = range.max < scope.max
  if (from && to)
    return range.min === range.max ? `version === ${range.min}` : `version >= ${range.min} && version <= ${range.max}`
  if (from) return `version >= ${range.min}`
  if (to) return `version <= ${range.max}`
  return 'true'
}

/** The test that a version which is within `scope` is not within `range`, which is smaller. */
export function outside(range: Range, scope: Range): string {
  const before = range.min > scope.min
  const behind = range.max < scope.max
  if (before && behind) return `(version < ${range.min} || version > ${range.max})`
  return before ? `version < ${range.min}` : `version > ${range.max}`
}

/** A local variable of the emitted function may not hide its parameters. */
export function local(field: Field): string {
  return ['version', 'message', 'reader', 'writer', 'flexible'].includes(field.name) ? `${field.name}Field` : field.name
}

export function upper(name: string): string {
  return name.charAt(0).toUpperCase() + name.slice(1)
}

export function indent(lines: readonly string[]): string[] {
  return lines.map(line => `  ${line}`)
}
