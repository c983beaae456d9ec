/**
 * The text of a Java .properties file as names and values: comments, `=`, `:` or blanks between name and value, lines
 * that go on after a backslash, escapes. Reads what java.util.Properties reads, and refuses what it refuses.
 */
import { ConfigError } from './errors.js'

/** Longest text that is read, in characters. */
export const longestPropertiesText: number = 2 ** 20

/** Of a name that is there twice the last value counts, as in Java. */
export function parseProperties(text: string): Map<string, string> {
  if (text.length > longestPropertiesText) {
    throw new ConfigError(
      `a .properties text may have ${longestPropertiesText} characters, this one has ${text.length}`,
    )
  }
  const properties = new Map<string, string>()
  for (const line of logicalLines(text.replace(/^\uFEFF/, ''))) {
    const [name, value] = splitLine(line.text)
    properties.set(unescaped(name, line.number), unescaped(value, line.number))
  }
  return properties
}

interface LogicalLine {
  readonly text: string
  /** Of its first natural line, counted from 1. */
  readonly number: number
}

/** Lines joined where they end in a backslash; comments and empty lines left out. */
function* logicalLines(text: string): Generator<LogicalLine> {
  const natural = text.split(/\r\n|\r|\n/)
  let joined = ''
  let number = 0
  let continues = false
  for (const [index, line] of natural.entries()) {
    const content = line.replace(/^[ \t\f]+/, '')
    // As long as nothing but blanks has been read, a line after a backslash may still be a comment.
    if (joined === '' && /^[#!]/.test(content)) continue
    if (joined === '' && !continues) number = index + 1
    continues = /(?:^|[^\\])(?:\\\\)*\\$/.test(content)
    joined += continues ? content.slice(0, -1) : content
    if (continues) continue
    if (joined !== '') yield { text: joined, number }
    joined = ''
  }
  if (joined !== '') yield { text: joined, number }
}

/** The name ends at the first separator without a backslash before it; blanks may stand around one `=` or `:`. */
function splitLine(line: string): [name: string, value: string] {
  const found = /^((?:\\.|[^\\=: \t\f])*)[ \t\f]*[=:]?[ \t\f]*(.*)$/s.exec(line)
  return [found?.[1] ?? line, found?.[2] ?? '']
}

const namedEscapes: Readonly<Record<string, string>> = { t: '\t', n: '\n', r: '\r', f: '\f' }

function unescaped(text: string, lineNumber: number): string {
  return text.replace(/\\(u[0-9a-fA-F]{4}|.|$)/gs, (_escape, rest: string) => {
    if (rest.length > 1) return String.fromCharCode(Number.parseInt(rest.slice(1), 16))
    if (rest === 'u') throw new ConfigError(`line ${lineNumber} of the properties: \\u needs four hexadecimal digits`)
    return namedEscapes[rest] ?? rest
  })
}
