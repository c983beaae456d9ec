/**
 * What a user wrote, checked against a table of options: every mistake is told at once, in one error that names the
 * options and shows the values, except those that are secret.
 */
import type { ConfigOf, ConfigTable, OptionRow, OptionRows } from './config-table.js'
import { type Reading, readValue } from './config-value.js'
import { ConfigError } from './errors.js'
import { nearestName } from './nearest-name.js'

/** Most mistakes that one error lists. */
const mostListed = 20

/** Longest piece of a value that an error shows. */
const mostShown = 60

/** Most items of a list that an error shows. */
const mostItemsShown = 5

const hidden = '(hidden)'

/** Checks, fills in the defaults and freezes. Throws a ConfigError. */
export function parseOptions<Rows extends OptionRows>(table: ConfigTable<Rows>, input: object): ConfigOf<Rows> {
  const problems: string[] = []
  const given = givenOptions(table, input, problems)
  const values: Record<string, unknown> = {}
  for (const [name, row] of Object.entries<OptionRow>(table.rows)) {
    if (given.has(name)) values[name] = checkedValue(name, row, given.get(name), problems)
    else if (row.required === true) problems.push(`${name}: is required. ${row.text}`)
    else values[name] = row.computed === undefined ? row.default : undefined
  }
  throwProblems(table.name, problems)
  const givenNames: ReadonlySet<string> = new Set(given.keys())
  for (const [name, compute] of table.computeByName) {
    if (!given.has(name)) values[name] = compute(values, givenNames)
  }
  for (const rule of table.ruleList) {
    const complaint = rule(values, givenNames)
    if (complaint !== undefined) problems.push(complaint)
  }
  throwProblems(table.name, problems)
  Object.freeze(values)
  // Every name of the rows has a value now that its own row has checked, or its default: what was known at run time
  // only becomes the type here.
  return values as ConfigOf<Rows>
}

/** The options as they may be written to a log: secrets hidden, functions and objects named only. */
export function redactedConfig<Rows extends OptionRows>(
  table: ConfigTable<Rows>,
  config: ConfigOf<Rows>,
): Record<string, unknown> {
  const values: [string, unknown][] = Object.entries(config)
  return Object.fromEntries(values.map(([name, value]) => [name, loggable(table.rows[name], value)]))
}

/** One value as an error may show it. */
export function shownValue(row: OptionRow, value: unknown): string {
  return row.secret === true ? hidden : shown(value)
}

/** The sentence for a name that the table has not got. Its value is not shown: it may be a misspelt secret. */
export function unknownOption<Rows extends OptionRows>(table: ConfigTable<Rows>, name: string): string {
  const own = table.ownNames.get(name)
  if (own !== undefined)
    return `${name}: unknown option; Kafka's ${name} is ${own} here, or give it to fromProperties()`
  const nearest = nearestName(name, Object.keys(table.rows)) ?? nearestName(name, table.ownNames.keys())
  const meant = nearest === undefined ? undefined : (table.ownNames.get(nearest) ?? nearest)
  return `${cut(name)}: unknown option${meant === undefined ? ` of the ${table.name}` : `, did you mean ${meant}?`}`
}

/** Throws if there are any. One is told as it is, several as a list. */
export function throwProblems(tableName: string, problems: readonly string[]): void {
  const [first] = problems
  if (first === undefined) return
  if (problems.length === 1) throw new ConfigError(first)
  const rest = problems.length - mostListed
  const lines = [...problems.slice(0, mostListed), ...(rest > 0 ? [`and ${rest} more`] : [])]
  throw new ConfigError(`${problems.length} options of the ${tableName} are wrong:\n  ${lines.join('\n  ')}`)
}

/** The problem with a value, named and shown; undefined when it is good. */
export function problemWith(name: string, row: OptionRow, value: unknown, reading: Reading): string | undefined {
  const problem = reading.ok ? complaintOf(row, reading.value) : reading.problem
  return problem === undefined ? undefined : `${name}: ${problem}, got ${shownValue(row, value)}`
}

function givenOptions<Rows extends OptionRows>(
  table: ConfigTable<Rows>,
  input: unknown,
  problems: string[],
): ReadonlyMap<string, unknown> {
  const given = new Map<string, unknown>()
  if (typeof input !== 'object' || input === null || Array.isArray(input)) {
    problems.push(`the options of the ${table.name} must be an object, got ${shown(input)}`)
    return given
  }
  const entries: [string, unknown][] = Object.entries(input)
  for (const [name, value] of entries) {
    if (!Object.hasOwn(table.rows, name)) problems.push(unknownOption(table, name))
    else if (value !== undefined) given.set(name, value)
  }
  return given
}

function checkedValue(name: string, row: OptionRow, value: unknown, problems: string[]): unknown {
  const reading = readValue(row, value)
  const problem = problemWith(name, row, value, reading)
  if (problem !== undefined) problems.push(problem)
  return reading.ok ? reading.value : undefined
}

/** The row's own check sees a value only after its kind has: what it declares as its parameter is what it gets. */
function complaintOf(row: OptionRow, value: unknown): string | undefined {
  const check = row.check as ((value: unknown) => string | undefined) | undefined
  const complaint = check?.(value)
  if (row.secret !== true || typeof value !== 'string' || value === '') return complaint
  return complaint?.replaceAll(value, hidden)
}

function shown(value: unknown): string {
  switch (typeof value) {
    case 'string':
      return JSON.stringify(cut(value))
    case 'bigint':
      return `${value}n`
    case 'function':
      return 'a function'
    case 'object':
      if (value === null) return 'null'
      if (Array.isArray(value)) return shownList(value)
      return value instanceof RegExp ? cut(String(value)) : 'an object'
    default:
      return String(value)
  }
}

function shownList(items: readonly unknown[]): string {
  const first = items.slice(0, mostItemsShown).map(shown).join(', ')
  return items.length <= mostItemsShown ? `[${first}]` : `[${first}, … ${items.length} items]`
}

function cut(text: string): string {
  return text.length <= mostShown ? text : `${text.slice(0, mostShown)}…`
}

function loggable(row: OptionRow | undefined, value: unknown): unknown {
  if (value === undefined) return undefined
  if (row === undefined || row.secret === true) return hidden
  if (typeof value === 'function') return '[function]'
  if (value instanceof RegExp) return String(value)
  if (Array.isArray(value)) return value.map(item => loggable(row, item))
  return typeof value === 'object' && value !== null ? '[object]' : value
}
