/**
 * The words of scenarios: a command, plain words, and options as `name=value`; times and error codes as people write them.
 */
import { errorByCode } from '@samsa/protocol'

export interface Line {
  readonly command: string
  readonly words: readonly string[]
  readonly options: ReadonlyMap<string, string>
}

export function lineOf(text: string): Line {
  const [command = '', ...rest] = text.trim().split(/\s+/)
  const isOption = (word: string): boolean => word.includes('=')
  return {
    command,
    words: rest.filter(word => !isOption(word)),
    options: new Map(rest.filter(isOption).map(word => splitOnce(word, '='))),
  }
}

export function splitOnce(text: string, separator: string): [string, string] {
  const at = text.indexOf(separator)
  return at < 0 ? [text, ''] : [text.slice(0, at), text.slice(at + 1)]
}

const UNITS: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 }

export function milliseconds(text: string): number {
  const [, count = '', unit = ''] = /^(\d+)([a-z]+)$/.exec(text) ?? []
  const unitMs = UNITS[unit]
  if (unitMs === undefined) throw new Error(`not a time: ${text}`)
  return Number(count) * unitMs
}

export function codeName(code: number): string {
  return errorByCode(code).name
}
