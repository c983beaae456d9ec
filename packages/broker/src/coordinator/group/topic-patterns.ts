/**
 * Subscriptions by pattern: RE2 syntax, matched against whole names. Pure.
 *
 * A pattern is a stranger's program. The engine takes time in proportion to name and pattern, whatever the pattern, and a
 * scan of all topics stops after so much work and is gone on with later: no pattern keeps the broker from others for long.
 */
import { KafkaError } from '@samsa/runtime'
import { RE2JS, RE2JSException } from 're2js'
import type { ResolvedPattern } from './consumer-records.js'
import type { GroupTopics } from './group-topics.js'

const MAX_PATTERN_LENGTH = 4096
/** Steps of the engine in one go: some milliseconds. */
const STEPS_AT_ONCE = 500_000

/** Throws where a member may not subscribe with it. */
export function checkPattern(pattern: string): void {
  compiled(pattern)
}

function compiled(pattern: string): RE2JS {
  if (pattern.length > MAX_PATTERN_LENGTH) {
    throw invalid(`a pattern has at most ${MAX_PATTERN_LENGTH} characters, not ${pattern.length}`)
  }
  try {
    return RE2JS.compile(pattern)
  } catch (error) {
    if (error instanceof RE2JSException) throw invalid(`SubscribedTopicRegex \`${pattern}\`: ${error.message}`)
    throw error
  }
}

function invalid(message: string): KafkaError {
  return new KafkaError(message, { code: 'INVALID_REGULAR_EXPRESSION' })
}

/** Which topics some patterns match, found out a part at a time. */
export class PatternScan {
  readonly #patterns: readonly { readonly text: string; readonly program: RE2JS; readonly matched: Set<string> }[]
  readonly #names: readonly string[]
  readonly #version: bigint
  readonly #startMs: number
  #next = 0

  constructor(patterns: Iterable<string>, topics: GroupTopics, nowMs: number) {
    this.#patterns = Array.from(patterns, text => ({ text, program: compiled(text), matched: new Set() }))
    this.#names = [...topics.names()]
    this.#version = topics.version
    this.#startMs = nowMs
  }

  /** Whether all topics were looked at. */
  advance(): boolean {
    for (let left = STEPS_AT_ONCE; this.#next < this.#names.length && left > 0; this.#next++) {
      const name = this.#names[this.#next] ?? ''
      for (const { program, matched } of this.#patterns) {
        if (program.matches(name)) matched.add(name)
        left -= (name.length + 1) * program.programSize()
      }
    }
    return this.#next >= this.#names.length
  }

  resolved(): ReadonlyMap<string, ResolvedPattern> {
    return new Map(
      this.#patterns.map(({ text, matched }) => [
        text,
        { topics: matched, version: this.#version, atMs: this.#startMs },
      ]),
    )
  }
}
