/**
 * Patterns of strangers: RE2 syntax, compiled within limits and matched against whole names. The engine takes time in
 * proportion to program and name, whatever the pattern, so what bounds the program bounds the time.
 *
 * Repetition is written out: eleven characters can be a million steps. Its extent is reckoned before anything is compiled.
 */
import { KafkaError } from '@samsa/runtime'
import { RE2JS, RE2JSException } from 're2js'

const MAX_LENGTH = 4096
/** Steps of a program, more or less. */
const MAX_EXTENT = 2000
/** Steps of the engine in one go: some milliseconds. */
export const STEPS_AT_ONCE = 500_000
/** Programs that are kept, of those that were used last. */
const MOST_KEPT = 100

export interface PatternProgram {
  matches(name: string): boolean
  /** How many steps of the engine that takes at most. */
  stepsFor(name: string): number
}

const kept = new Map<string, PatternProgram>()

/** Throws where it is no pattern, or too much of one. */
export function patternProgram(pattern: string): PatternProgram {
  const program = kept.get(pattern) ?? compiled(pattern)
  kept.delete(pattern)
  kept.set(pattern, program)
  const [oldest] = kept.keys()
  if (kept.size > MOST_KEPT && oldest !== undefined) kept.delete(oldest)
  return program
}

function compiled(pattern: string): PatternProgram {
  if (pattern.length > MAX_LENGTH) {
    throw invalid(`a pattern has at most ${MAX_LENGTH} characters, not ${pattern.length}`)
  }
  const extent = extentOf(pattern)
  if (extent > MAX_EXTENT) throw invalid(`a pattern has at most ${MAX_EXTENT} parts when repetition is written out`)
  try {
    const program = RE2JS.compile(pattern)
    const size = program.programSize()
    return { matches: name => program.matches(name), stepsFor: name => (name.length + 1) * size }
  } catch (error) {
    if (error instanceof RE2JSException) throw invalid(`\`${pattern}\`: ${error.message}`)
    throw error
  }
}

function invalid(message: string): KafkaError {
  return new KafkaError(message, { code: 'INVALID_REGULAR_EXPRESSION' })
}

const QUOTE = /\\Q[\s\S]*?(?:\\E|$)/y
const ESCAPE = /\\(?:[pP](?:\{[^}]*\}|.)|x\{[^}]*\}|[\s\S])?/y
const CLASS = /\[\^?\]?(?:\[:[^\]]*:\]|\\[\s\S]|[^\]])*\]?/y
const REPETITION = /\{(\d+)(?:,(\d*))?\}/y

/** How many atoms a pattern has when repetition is written out; of one that is not well formed, anything. */
function extentOf(pattern: string): number {
  /** Of the groups that are open, outermost first: what they have so far. */
  const open = [0]
  /** The atom that a repetition would repeat. */
  let atom = 0
  const add = (extent: number): void => {
    atom = extent
    open[open.length - 1] = (open.at(-1) ?? 0) + extent
  }
  const grow = (extent: number): void => {
    const grown = atom + extent
    add(extent)
    atom = grown
  }
  for (let at = 0; at < pattern.length; ) {
    const repetition = matchAt(REPETITION, pattern, at)
    if (repetition !== undefined) {
      const [text, least = '', most = least] = repetition
      const times = Math.max(1, Number(least), most === '' ? Number(least) + 1 : Number(most))
      grow(atom * (times - 1))
      at += text.length
      continue
    }
    const part = matchAt(QUOTE, pattern, at) ?? matchAt(ESCAPE, pattern, at) ?? matchAt(CLASS, pattern, at)
    const [char = ''] = part ?? [pattern[at]]
    if (part !== undefined) add(char.startsWith('\\Q') ? char.length : 1)
    else if ('*+?'.includes(char)) grow(1)
    else if (char === '(') open.push(0)
    else if (char === ')' && open.length > 1) add((open.pop() ?? 0) + 2)
    else add(1)
    at += char.length
  }
  return open.reduce((sum, extent) => sum + extent, 0)
}

function matchAt(expression: RegExp, text: string, at: number): RegExpExecArray | undefined {
  expression.lastIndex = at
  return expression.exec(text) ?? undefined
}
