/**
 * Kafka's own configuration, pasted: dotted names, current or old, and values as text, become the options that the
 * table describes.
 */
import { problemWith, throwProblems, unknownOption } from './config-parse.js'
import type { ConfigTable, InputOf, OptionRow, OptionRows } from './config-table.js'
import { type Reading, readText, readValue } from './config-value.js'
import { ConfigError } from './errors.js'
import { parseProperties } from './properties-file.js'

export interface FromPropertiesOptions {
  /**
   * Called with each name that is no option of the table, for configurations that are shared with something else.
   * Without it such a name is an error.
   */
  readonly onUnknown?: ((name: string) => void) | undefined
}

/**
 * Takes the text of a .properties file, or an object with Kafka's names. What comes out is what a user would have
 * written, checked; options that are not there are not filled in. Throws a ConfigError.
 */
export function fromProperties<Rows extends OptionRows>(
  table: ConfigTable<Rows>,
  source: string | Readonly<Record<string, unknown>>,
  options: FromPropertiesOptions = {},
): Partial<InputOf<Rows>> {
  const entries: Iterable<[string, unknown]> =
    typeof source === 'string' ? parseProperties(source) : entriesOf(table.name, source)
  const problems: string[] = []
  const values: Record<string, unknown> = {}
  const givenAs = new Map<string, string>()
  for (const [kafkaName, given] of entries) {
    const name = table.ownNames.get(kafkaName)
    const row = name === undefined ? undefined : table.rows[name]
    if (given === undefined || table.ignored.has(kafkaName)) continue
    if (name === undefined || row === undefined) {
      if (options.onUnknown === undefined) problems.push(unknownProperty(table, kafkaName))
      else options.onUnknown(kafkaName)
      continue
    }
    const earlier = givenAs.get(name)
    if (earlier !== undefined) problems.push(`${kafkaName}: is the same option as ${earlier}; give one of them`)
    givenAs.set(name, kafkaName)
    const reading = readProperty(row, given)
    const problem = problemWith(kafkaName, row, given, reading)
    if (problem !== undefined) problems.push(problem)
    if (reading.ok) values[name] = reading.value
  }
  throwProblems(table.name, problems)
  // Each value has been checked by the row of its name, which is what the type says.
  return values as Partial<InputOf<Rows>>
}

function entriesOf(tableName: string, source: unknown): [string, unknown][] {
  if (typeof source === 'object' && source !== null && !Array.isArray(source)) return Object.entries(source)
  throw new ConfigError(`the properties of the ${tableName} must be the text of a .properties file or an object`)
}

function readProperty(row: OptionRow, given: unknown): Reading {
  if (typeof given === 'number' || typeof given === 'boolean') return readProperty(row, String(given))
  if (typeof given !== 'string') return readValue(row, given)
  if (row.fromKafka === undefined) return readText(row, given)
  return readValue(row, row.fromKafka(given.trim()))
}

function unknownProperty<Rows extends OptionRows>(table: ConfigTable<Rows>, name: string): string {
  if (!Object.hasOwn(table.rows, name)) return unknownOption(table, name)
  const kafkaName = [...table.ownNames].find(([, own]) => own === name)?.[0]
  return kafkaName === undefined
    ? `${name}: cannot be given as a property, Kafka has no such option; give it in code`
    : `${name}: here Kafka's names are expected, this option's is ${kafkaName}`
}
