/**
 * TopicWatch: the topics that a group reads, as metadata has them: those that are not there yet are looked for, a pattern
 * is matched now and then, and whoever wants to know is told when something has changed. Owns those lookups and one timer.
 */
import { listTopics } from '@samsa/client/internal'
import type { TopicLayout } from '@samsa/protocol'
import { KafkaError } from '@samsa/runtime'
import type { Timer } from '@samsa/runtime/internal'
import type { ConsumerCluster } from '../cluster.js'

export interface TopicWatchParts {
  readonly cluster: ConsumerCluster
  /** How often a pattern is matched anew. */
  readonly maxAgeMs: number
  readonly excludeInternal: boolean
  readonly onChange: () => void
}

/** A topic that is not there holds up the others' assignment for no longer. */
const MOST_MS_FOR_NEW_TOPIC = 1000

export class TopicWatch {
  readonly #parts: TopicWatchParts
  readonly #lookups = new Map<string, AbortController>()
  #failure: KafkaError | undefined
  #pattern: { readonly match: RegExp; readonly matched: (topics: readonly string[]) => void } | undefined
  #timer: Timer | undefined
  #unsubscribe: (() => void) | undefined

  constructor(parts: TopicWatchParts) {
    this.#parts = parts
  }

  get hasFailure(): boolean {
    return this.#failure !== undefined
  }

  /** Why topics cannot be had. Told once. */
  takeFailure(): KafkaError | undefined {
    const failure = this.#failure
    this.#failure = undefined
    return failure
  }

  /** From now on these, and no others; metadata keeps what is asked for now and then. */
  follow(topics: ReadonlySet<string>): void {
    const { cluster, onChange } = this.#parts
    this.#unsubscribe ??= cluster.onChange(onChange)
    for (const [topic, lookup] of this.#lookups) if (!topics.has(topic)) this.#end(topic, lookup)
    for (const topic of topics) if (cluster.metadata.topic(topic) === undefined) this.#lookUp(topic)
  }

  /** Metadata forgets what nobody asks for. */
  keep(topics: ReadonlySet<string>): void {
    for (const topic of topics) this.#parts.cluster.metadata.topic(topic)
  }

  /** Tells of all topics that match, now and whenever they are others. */
  matching(match: RegExp, matched: (topics: readonly string[]) => void): void {
    this.#pattern = { match, matched }
    void this.#matchAnew()
  }

  /** There is no pattern any more. */
  matchNothing(): void {
    this.#pattern = undefined
    this.#timer?.cancel()
  }

  stop(): void {
    this.matchNothing()
    this.#unsubscribe?.()
    this.#unsubscribe = undefined
    this.#failure = undefined
    for (const [topic, lookup] of this.#lookups) this.#end(topic, lookup)
  }

  /** How the topics are laid out, without those that are not there. */
  async layouts(topics: ReadonlySet<string>): Promise<Map<string, TopicLayout>> {
    const { metadata } = this.#parts.cluster
    this.follow(topics)
    const wait = { timeoutMs: MOST_MS_FOR_NEW_TOPIC }
    await Promise.all([...topics].map(name => metadata.topicOf(name, wait).catch(() => undefined)))
    return this.known(topics)
  }

  /** The same, of what is known already. */
  known(topics: ReadonlySet<string>): Map<string, TopicLayout> {
    const { metadata } = this.#parts.cluster
    const racks = new Map(metadata.nodes.map(({ id, rack }) => [id, rack]))
    const hasRacks = metadata.nodes.some(({ rack }) => rack !== undefined)
    const layouts = new Map<string, TopicLayout>()
    for (const name of topics) {
      const topic = metadata.topic(name)
      if (topic === undefined) continue
      const { length: partitions } = topic.partitions
      const racksOf = (replicas: readonly number[]): string[] =>
        replicas.map(replica => racks.get(replica)).filter(rack => rack !== undefined)
      const layout = hasRacks
        ? { partitions, racks: topic.partitions.map(({ replicas }) => racksOf(replicas)) }
        : { partitions }
      layouts.set(name, layout)
    }
    return layouts
  }

  #end(topic: string, lookup: AbortController): void {
    this.#lookups.delete(topic)
    lookup.abort(new Error('the topic is not wanted any more'))
  }

  #lookUp(topic: string): void {
    if (this.#lookups.has(topic)) return
    const lookup = new AbortController()
    this.#lookups.set(topic, lookup)
    const wait = { signal: lookup.signal, timeoutMs: Number.POSITIVE_INFINITY }
    this.#parts.cluster.metadata.topicOf(topic, wait).then(
      () => this.#lookedUp(topic, lookup, undefined),
      (error: unknown) => this.#lookedUp(topic, lookup, error),
    )
  }

  #lookedUp(topic: string, lookup: AbortController, error: unknown): void {
    if (this.#lookups.get(topic) !== lookup) return
    this.#lookups.delete(topic)
    if (error instanceof KafkaError) this.#failure = error
    this.#parts.onChange()
  }

  async #matchAnew(): Promise<void> {
    const { cluster, maxAgeMs, excludeInternal, onChange } = this.#parts
    const pattern = this.#pattern
    this.#timer?.cancel()
    let nextMs = maxAgeMs
    try {
      const all = await listTopics(cluster, { includeInternal: !excludeInternal })
      if (this.#pattern !== pattern || pattern === undefined) return
      pattern.matched(all.map(({ name }) => name).filter(name => isMatch(pattern.match, name)))
    } catch (error) {
      if (this.#pattern !== pattern || pattern === undefined) return
      const isPassing = error instanceof KafkaError && error.retriable && !error.fatal
      if (!isPassing && error instanceof KafkaError) this.#failure = error
      cluster.logger.warn({ err: error }, 'the topics for the pattern of a subscription could not be listed')
      nextMs = Math.min(maxAgeMs, MOST_MS_FOR_NEW_TOPIC)
    }
    onChange()
    this.#timer = cluster.clock.timer(nextMs, () => void this.#matchAnew(), { name: 'topic pattern', unref: true })
  }
}

/** A pattern with the flag g or y keeps its place from one test to the next. */
function isMatch(pattern: RegExp, topic: string): boolean {
  pattern.lastIndex = 0
  return pattern.test(topic)
}
