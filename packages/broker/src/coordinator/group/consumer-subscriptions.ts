/**
 * Subscriptions: which topics the members of a consumer group read, by name and by pattern, counted, so that a member who
 * comes, goes or changes its mind costs no look at the others. Changed by replayed records alone.
 */
import { type ConsumerMember, patternOf } from './consumer-member.js'
import type { ResolvedPattern } from './consumer-records.js'

/** Of members who name a topic, and of patterns that match it. */
type Counts = Map<string, number>

const NO_TOPICS: ReadonlySet<string> = new Set()

export class Subscriptions {
  readonly #topics: Counts = new Map()
  readonly #patterns: Counts = new Map()
  readonly #resolved = new Map<string, ResolvedPattern>()

  /** A member comes (no old one), changes or goes (no new one). */
  replace(old: ConsumerMember | undefined, member: ConsumerMember | undefined): void {
    count(this.#topics, old?.topics, -1)
    count(this.#topics, member?.topics, 1)
    const [before, after] = [old && patternOf(old), member && patternOf(member)]
    if (before !== undefined) count(this.#patterns, [before], -1)
    if (after !== undefined) count(this.#patterns, [after], 1)
  }

  resolve(pattern: string, resolved: ResolvedPattern | null): void {
    count(this.#topics, this.#resolved.get(pattern)?.topics, -1)
    if (resolved === null) this.#resolved.delete(pattern)
    else {
      this.#resolved.set(pattern, resolved)
      count(this.#topics, resolved.topics, 1)
    }
  }

  has(topic: string): boolean {
    return this.#topics.has(topic)
  }

  get patterns(): ReadonlyMap<string, number> {
    return this.#patterns
  }

  get resolved(): ReadonlyMap<string, ResolvedPattern> {
    return this.#resolved
  }

  resolvedTopics(pattern: string | undefined): ReadonlySet<string> {
    return (pattern === undefined ? undefined : this.#resolved.get(pattern)?.topics) ?? NO_TOPICS
  }

  isSubscribed(member: ConsumerMember, topic: string): boolean {
    return member.topics.has(topic) || this.resolvedTopics(patternOf(member)).has(topic)
  }

  topicsOf(member: ConsumerMember): ReadonlySet<string> {
    const matched = this.resolvedTopics(patternOf(member))
    return matched.size === 0 ? member.topics : new Set([...member.topics, ...matched])
  }

  /** All topics that are read once members were replaced and patterns resolved anew, or let go of. */
  topicsAfter(
    replaced: readonly { readonly old?: ConsumerMember | undefined; readonly member?: ConsumerMember | undefined }[],
    resolved: ReadonlyMap<string, ResolvedPattern | null>,
  ): Iterable<string> {
    if (replaced.length === 0 && resolved.size === 0) return this.#topics.keys()
    const topics = new Map(this.#topics)
    for (const { old, member } of replaced) {
      count(topics, old?.topics, -1)
      count(topics, member?.topics, 1)
    }
    for (const [pattern, now] of resolved) {
      count(topics, this.#resolved.get(pattern)?.topics, -1)
      count(topics, now?.topics, 1)
    }
    return topics.keys()
  }
}

function count(counts: Counts, names: Iterable<string> | undefined, by: 1 | -1): void {
  for (const name of names ?? []) {
    const sum = (counts.get(name) ?? 0) + by
    if (sum === 0) counts.delete(name)
    else counts.set(name, sum)
  }
}
