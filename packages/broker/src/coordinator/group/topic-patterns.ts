/**
 * Subscriptions by pattern, matched against the names of topics. A scan of all topics stops after so much work and is gone
 * on with later: no pattern keeps the broker from others for long. Pure.
 */
import { type PatternProgram, patternProgram, STEPS_AT_ONCE } from '../pattern-program.js'
import type { ResolvedPattern } from './consumer-records.js'
import type { GroupTopics } from './group-topics.js'

/** Throws where a member may not subscribe with it. */
export function checkPattern(pattern: string): void {
  patternProgram(pattern)
}

/** Which topics some patterns match, found out a part at a time. */
export class PatternScan {
  readonly #patterns: readonly {
    readonly text: string
    readonly program: PatternProgram
    readonly matched: Set<string>
  }[]
  readonly #names: readonly string[]
  readonly #version: bigint
  readonly #startMs: number
  /** Of all pairs of a name and a pattern. */
  #next = 0

  constructor(patterns: Iterable<string>, topics: GroupTopics, nowMs: number) {
    this.#patterns = Array.from(patterns, text => ({ text, program: patternProgram(text), matched: new Set() }))
    this.#names = [...topics.names()]
    this.#version = topics.version
    this.#startMs = nowMs
  }

  /** Whether all topics were looked at. */
  advance(): boolean {
    const count = this.#patterns.length
    const end = this.#names.length * count
    for (let left = STEPS_AT_ONCE; this.#next < end && left > 0; this.#next++) {
      const name = this.#names[Math.floor(this.#next / count)] ?? ''
      const pattern = this.#patterns[this.#next % count]
      if (pattern === undefined) continue
      if (pattern.program.matches(name)) pattern.matched.add(name)
      left -= pattern.program.stepsFor(name)
    }
    return this.#next >= end
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
