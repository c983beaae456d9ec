/**
 * OffsetLookups: which offset a partition has at a time, or at either end. Asks each leader once for all of its
 * partitions, and those again that have moved or did not answer, until the time is over. Nothing is kept between calls.
 */
import { type LinkUse, nextStep, type TopicInfo } from '@samsa/client/internal'
import { type Decoded, errorOf, type ListOffsetsResponse, listOffsets } from '@samsa/protocol'
import { KafkaError, TimeoutError, type TopicPartitionOffset, type WaitOptions } from '@samsa/runtime'
import { Backoff, Deadline } from '@samsa/runtime/internal'
import type { ConsumerCluster } from './cluster.js'
import type { ConsumerConfig } from './consumer-options.js'
import { NO_EPOCH } from './subscription-state.js'
import { nameOf, type TopicPartition } from './topic-partition.js'

/** In place of a time. */
export const EARLIEST = -2
export const LATEST = -1

/** Where a record of that time is. */
export interface OffsetAndTimestamp extends TopicPartitionOffset {
  readonly timestamp: number
}

export interface OffsetQuestion extends TopicPartition {
  /** Milliseconds since 1970, `EARLIEST` or `LATEST`. */
  readonly timestamp: number
}

export interface FoundOffset {
  /** -1 when no record is that late. */
  readonly offset: number
  /** Of the record; -1 at an end. */
  readonly timestamp: number
  readonly leaderEpoch: number
}

export type LookupOutcome = FoundOffset | { readonly error: KafkaError }

const READ_COMMITTED = 1
const LOOKUP_WITH_EPOCHS = 4

export class OffsetLookups {
  readonly #cluster: ConsumerCluster
  readonly #isolationLevel: number
  readonly #requestTimeoutMs: number
  readonly #defaultTimeoutMs: number
  readonly #backoff: Backoff

  constructor(config: ConsumerConfig, cluster: ConsumerCluster) {
    this.#cluster = cluster
    this.#isolationLevel = config.isolationLevel === 'readCommitted' ? READ_COMMITTED : 0
    this.#requestTimeoutMs = config.requestTimeoutMs
    this.#defaultTimeoutMs = config.defaultApiTimeoutMs
    this.#backoff = new Backoff({
      initialMs: config.retryBackoffMs,
      maxMs: config.retryBackoffMaxMs,
      random: cluster.random,
    })
  }

  /** All of them, by `nameOf`. Rejects with the first error that asking again cannot help. */
  async all(questions: readonly OffsetQuestion[], options: WaitOptions): Promise<Map<string, FoundOffset>> {
    const { clock } = this.#cluster
    const deadline = new Deadline(clock, options.timeoutMs ?? this.#defaultTimeoutMs)
    const found = new Map<string, FoundOffset>()
    for (let attempt = 1, left = questions; left.length > 0; attempt++) {
      const wait = { signal: options.signal, timeoutMs: deadline.remainingMs }
      const topics = await this.#topics(left, wait)
      const answers = await this.once(left, topics, { ...wait, timeoutMs: deadline.remainingMs })
      let lastError: KafkaError | undefined
      for (const [question, outcome] of answers) {
        if (!('error' in outcome)) found.set(nameOf(question), outcome)
        else if (nextStep(outcome.error) === 'give-up') throw outcome.error
        else lastError = outcome.error
      }
      left = left.filter(question => !found.has(nameOf(question)))
      if (lastError === undefined) continue
      const delayMs = this.#backoff.delayMs(attempt)
      if (deadline.remainingMs <= delayMs) throw this.#timeout(deadline, lastError)
      await clock.sleep(delayMs, { signal: options.signal })
    }
    return found
  }

  /** In the order of the places. */
  async ends(
    places: readonly TopicPartition[],
    timestamp: number,
    options: WaitOptions,
  ): Promise<TopicPartitionOffset[]> {
    const found = await this.all(
      places.map(place => ({ ...place, timestamp })),
      options,
    )
    return places.map(place => ({ ...place, offset: BigInt(found.get(nameOf(place))?.offset ?? 0) }))
  }

  /** In the order of the questions; null where nothing is that new. */
  async forTimes(questions: readonly OffsetQuestion[], options: WaitOptions): Promise<(OffsetAndTimestamp | null)[]> {
    const found = await this.all(questions, options)
    return questions.map(({ topic, partition }) => {
      const { offset = -1, timestamp = -1 } = found.get(nameOf({ topic, partition })) ?? {}
      return offset < 0 ? null : { topic, partition, offset: BigInt(offset), timestamp }
    })
  }

  /** One request to each leader. What may be asked again comes as a retriable error, and metadata is asked for. */
  async once(
    questions: readonly OffsetQuestion[],
    topics: (topic: string) => TopicInfo | undefined,
    options: WaitOptions = {},
  ): Promise<Map<OffsetQuestion, LookupOutcome>> {
    const outcomes = new Map<OffsetQuestion, LookupOutcome>()
    const byLeader = new Map<number, OffsetQuestion[]>()
    for (const question of questions) {
      const leader = topics(question.topic)?.partitions[question.partition]?.leader ?? -1
      if (leader < 0) outcomes.set(question, { error: noLeader(question) })
      else byLeader.set(leader, [...(byLeader.get(leader) ?? []), question])
    }
    if (outcomes.size > 0) this.#cluster.metadata.refresh('a partition has no known leader')
    const asked = [...byLeader].map(([leader, of]) => this.#ask(leader, of, topics, options, outcomes))
    await Promise.all(asked)
    return outcomes
  }

  async #ask(
    leader: number,
    questions: readonly OffsetQuestion[],
    topics: (topic: string) => TopicInfo | undefined,
    options: WaitOptions,
    outcomes: Map<OffsetQuestion, LookupOutcome>,
  ): Promise<void> {
    const epochOf = ({ topic, partition }: OffsetQuestion) =>
      topics(topic)?.partitions[partition]?.leaderEpoch ?? NO_EPOCH
    const byTopic = groupByTopic(questions)
    try {
      const timeoutMs = Math.min(options.timeoutMs ?? this.#requestTimeoutMs, this.#requestTimeoutMs)
      const answer = await this.#cluster.call(
        listOffsets,
        version => ({
          replicaId: -1,
          isolationLevel: this.#isolationLevel,
          topics: [...byTopic].map(([name, of]) => ({
            name,
            partitions: of.map(question => ({
              partitionIndex: question.partition,
              timestamp: BigInt(question.timestamp),
              ...(version >= LOOKUP_WITH_EPOCHS ? { currentLeaderEpoch: epochOf(question) } : {}),
            })),
          })),
        }),
        { to: leader, use: this.#useFor(leader), timeoutMs, signal: options.signal, attempts: 1 },
      )
      for (const question of questions) outcomes.set(question, this.#outcomeOf(question, answer))
    } catch (error) {
      if (options.signal?.aborted === true) throw error
      for (const question of questions) outcomes.set(question, { error: asError(error) })
      this.#cluster.metadata.refresh('ListOffsets failed')
    }
  }

  /** Before the first fetch a second connection would only cost time; behind one that waits for records a lookup would wait. */
  #useFor(leader: number): LinkUse {
    const { isReady, inFlight } = this.#cluster.link(leader, 'fetch')
    return isReady && inFlight > 0 ? 'other' : 'fetch'
  }

  #outcomeOf({ topic, partition }: OffsetQuestion, { topics }: Decoded<ListOffsetsResponse>): LookupOutcome {
    const answer = topics
      .find(({ name }) => name === topic)
      ?.partitions.find(({ partitionIndex }) => partitionIndex === partition)
    if (answer === undefined) return { error: missing({ topic, partition }) }
    if (answer.errorCode !== 0) {
      const error = errorOf(answer.errorCode, { topic, partition, api: listOffsets.name })
      if (nextStep(error) === 'refresh') this.#cluster.metadata.refresh(`${error.code} for ${topic}-${partition}`)
      return { error }
    }
    const { offset, timestamp, leaderEpoch } = answer
    return { offset: Number(offset), timestamp: Number(timestamp), leaderEpoch }
  }

  async #topics(
    questions: readonly OffsetQuestion[],
    options: WaitOptions,
  ): Promise<(topic: string) => TopicInfo | undefined> {
    const names = new Set(questions.map(({ topic }) => topic))
    await Promise.all([...names].map(name => this.#cluster.metadata.topicOf(name, options)))
    return name => this.#cluster.metadata.topic(name)
  }

  #timeout({ timeoutMs }: Deadline, cause: KafkaError): KafkaError {
    const message = `The offsets could not be had within ${timeoutMs} ms: ${cause.message}`
    return new TimeoutError(message, { api: listOffsets.name, cause })
  }
}

function groupByTopic(questions: readonly OffsetQuestion[]): Map<string, OffsetQuestion[]> {
  const byTopic = new Map<string, OffsetQuestion[]>()
  for (const question of questions) {
    const known = byTopic.get(question.topic)
    if (known === undefined) byTopic.set(question.topic, [question])
    else known.push(question)
  }
  return byTopic
}

function noLeader({ topic, partition }: TopicPartition): KafkaError {
  const message = `no leader of ${nameOf({ topic, partition })} is known`
  return new KafkaError(message, { code: 'LEADER_NOT_AVAILABLE', retriable: true, topic, partition })
}

function missing({ topic, partition }: TopicPartition): KafkaError {
  const message = `the broker's answer lacks ${nameOf({ topic, partition })}`
  return new KafkaError(message, { code: 'LEADER_NOT_AVAILABLE', retriable: true, topic, partition })
}

function asError(error: unknown): KafkaError {
  if (error instanceof KafkaError) return error
  const message = error instanceof Error ? error.message : String(error)
  return new KafkaError(message, { code: 'UNKNOWN_SERVER_ERROR', cause: error })
}
