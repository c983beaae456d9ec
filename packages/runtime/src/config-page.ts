/**
 * The page of the documentation that a table of options makes: a Markdown table, one line an option, in the order of
 * the rows. Pure, so that a test can hold the page in the repository against it.
 */
import { type ConfigTable, kafkaNames, kafkaTypeOf, type OptionRow, type OptionRows } from './config-table.js'
import { describeKind } from './config-value.js'

const columns = ['Option', "Kafka's name", 'Value', "Kafka's type", 'Default', 'Meaning']

export function optionsPage<Rows extends OptionRows>(table: ConfigTable<Rows>): string {
  const lines = Object.entries<OptionRow>(table.rows).map(([name, row]) => [
    code(name),
    namesCell(row),
    describeKind(row),
    kafkaTypeOf(row),
    defaultCell(row),
    row.differs === undefined ? row.text : `${row.text} Differs from Kafka: ${row.differs}`,
  ])
  const page = [columns, columns.map(() => '---'), ...lines].map(line)
  const ignored = [...table.ignored].map(([name, reason]) => `- ${code(name)}: ${reason}`)
  if (ignored.length > 0) page.push('', "Kafka's options that mean nothing here and are passed over:", '', ...ignored)
  return `${page.join('\n')}\n`
}

function line(cells: readonly string[]): string {
  return `| ${cells.map(cell => cell.replaceAll('|', '\\|')).join(' | ')} |`
}

function namesCell(row: OptionRow): string {
  const [name, ...oldNames] = kafkaNames(row)
  if (name === undefined) return '–'
  return oldNames.length === 0 ? code(name) : `${code(name)}, once ${oldNames.map(code).join(', ')}`
}

function defaultCell(row: OptionRow): string {
  if (row.required === true) return 'required'
  if (row.optional === true) return 'none'
  if (row.computed !== undefined) return row.computed
  return code(shown(row.default))
}

function shown(value: unknown): string {
  if (typeof value === 'string') return `'${value}'`
  if (Array.isArray(value)) return `[${value.map(shown).join(', ')}]`
  if (typeof value === 'function') return value.name === '' ? 'built in' : value.name
  return typeof value === 'object' && value !== null && !(value instanceof RegExp) ? 'built in' : String(value)
}

function code(text: string): string {
  return `\`${text}\``
}
