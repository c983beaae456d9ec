/**
 * Topics, as an administrator sees them: make, delete, list, describe. Each function is one call of Admin; it asks until
 * every topic has its answer or the time is over, and only for those topics again that have none yet.
 */
import {
  type CreateTopicsRequestTopic,
  createTopics as createTopicsApi,
  type Decoded,
  deleteTopics as deleteTopicsApi,
  errorOf,
  type MetadataRequest,
  type MetadataResponse,
  metadata,
  type Uuid,
  ZERO_UUID,
} from '@samsa/protocol'
import type { KafkaError } from '@samsa/runtime'
import { Backoff, Deadline, type WaitOptions } from '@samsa/runtime/internal'
import type { Client } from '../client.js'
import { mergeTopic, type TopicInfo } from '../topic-info.js'
import { TopicsError } from './topics-error.js'

export interface NewTopic {
  readonly name: string
  /** Default: what the broker is set to (num.partitions). */
  readonly partitions?: number | undefined
  /** Default: what the broker is set to (default.replication.factor). */
  readonly replicationFactor?: number | undefined
  /** In place of both numbers: the brokers of each partition from 0 on, the preferred leader first. */
  readonly assignments?: readonly (readonly number[])[] | undefined
  /** Settings under Kafka's names, as text. */
  readonly configs?: Readonly<Record<string, string>> | undefined
}

export interface CreateTopicsOptions extends WaitOptions {
  /** Only says whether it could be done. */
  readonly validateOnly?: boolean | undefined
}

export interface CreatedTopic {
  readonly name: string
  /** Zero from brokers that are too old to say, and where nothing was made. */
  readonly id: Uuid
  /** -1 where the broker does not say. */
  readonly partitions: number
  readonly replicationFactor: number
}

export interface TopicListing {
  readonly name: string
  readonly id: Uuid
  readonly isInternal: boolean
}

export interface ListTopicsOptions extends WaitOptions {
  /** Also those that brokers keep for themselves, such as `__consumer_offsets`. Default: false. */
  readonly includeInternal?: boolean | undefined
}

/** The controller has not looked at the topic yet: NOT_CONTROLLER, THROTTLING_QUOTA_EXCEEDED. */
const UNTRIED: ReadonlySet<string> = new Set(['NOT_CONTROLLER', 'THROTTLING_QUOTA_EXCEEDED'])

export async function createTopics(
  client: Client,
  topics: readonly NewTopic[],
  options: CreateTopicsOptions,
): Promise<readonly CreatedTopic[]> {
  const byName = new Map(topics.map(topic => [topic.name, topic]))
  const { validateOnly = false } = options
  return await eachTopic(client, createTopicsApi.name, [...byName.keys()], options, async (names, wait) => {
    const asked = names.map(name => requestTopic(byName.get(name) ?? { name }))
    const answer = await client.call(
      createTopicsApi,
      { topics: asked, timeoutMs: wait.brokerTimeoutMs, validateOnly },
      wait,
    )
    return answer.topics.map(({ name, errorCode, errorMessage, topicId, numPartitions, replicationFactor }) => ({
      name,
      errorCode,
      errorMessage,
      value: { name, id: topicId, partitions: numPartitions, replicationFactor },
    }))
  })
}

export async function deleteTopics(client: Client, topics: readonly string[], options: WaitOptions): Promise<void> {
  await eachTopic(client, deleteTopicsApi.name, [...new Set(topics)], options, async (names, wait) => {
    const timeoutMs = wait.brokerTimeoutMs
    const byVersion = (version: number) =>
      version >= 6
        ? { timeoutMs, topics: names.map(name => ({ name, topicId: ZERO_UUID })) }
        : { timeoutMs, topicNames: names }
    const answer = await client.call(deleteTopicsApi, byVersion, wait)
    return answer.responses.map(({ name, errorCode, errorMessage }) => ({
      name: name ?? '',
      errorCode,
      errorMessage,
      value: undefined,
    }))
  })
}

export async function listTopics(
  client: Pick<Client, 'call'>,
  options: ListTopicsOptions,
): Promise<readonly TopicListing[]> {
  const answer = await askMetadata(client, null, options)
  return answer.topics
    .filter(({ errorCode, isInternal }) => errorCode === 0 && (options.includeInternal === true || !isInternal))
    .map(({ name, topicId, isInternal }) => ({ name: name ?? '', id: topicId, isInternal }))
}

export async function describeTopics(
  client: Client,
  topics: readonly string[],
  options: WaitOptions,
): Promise<readonly TopicInfo[]> {
  return await eachTopic(client, metadata.name, [...new Set(topics)], options, async (names, wait) => {
    const answer = await askMetadata(client, names, wait)
    return answer.topics.map(topic => ({
      name: topic.name ?? '',
      // Partitions without a leader are described all the same, with -1.
      errorCode: topic.partitions.length > 0 ? 0 : topic.errorCode,
      errorMessage: null,
      value: mergeTopic(undefined, topic),
    }))
  })
}

function askMetadata(
  client: Pick<Client, 'call'>,
  names: readonly string[] | null,
  { signal, timeoutMs }: WaitOptions,
): Promise<Decoded<MetadataResponse>> {
  const topics = names?.map(name => ({ name })) ?? null
  const request = (version: number): MetadataRequest =>
    version >= 4 ? { topics, allowAutoTopicCreation: false } : { topics }
  return client.call(metadata, request, { signal, timeoutMs, errorCode: ({ errorCode }) => errorCode })
}

function requestTopic({
  name,
  partitions,
  replicationFactor,
  assignments,
  configs,
}: NewTopic): CreateTopicsRequestTopic {
  return {
    name,
    numPartitions: partitions ?? -1,
    replicationFactor: replicationFactor ?? -1,
    assignments: (assignments ?? []).map((brokerIds, partitionIndex) => ({ partitionIndex, brokerIds })),
    configs: Object.entries(configs ?? {}).map(([key, value]) => ({ name: key, value })),
  }
}

interface TopicAnswer<T> {
  readonly name: string
  readonly errorCode: number
  readonly errorMessage: string | null
  readonly value: T
}

/** What is left of the caller's time, and how much of it the broker may take for one request. */
interface RoundOptions extends WaitOptions {
  readonly timeoutMs: number
  readonly brokerTimeoutMs: number
}

/** Asks for all topics, then again for those that nobody looked at; gives the answers in the order of the topics. */
async function eachTopic<T>(
  client: Client,
  api: string,
  topics: readonly string[],
  options: WaitOptions,
  ask: (names: readonly string[], wait: RoundOptions) => Promise<readonly TopicAnswer<T>[]>,
): Promise<readonly T[]> {
  const deadline = new Deadline(client.clock, options.timeoutMs ?? client.defaultApiTimeoutMs)
  const backoff = new Backoff({ ...client.retryBackoff, random: client.random })
  const values = new Map<string, T>()
  const errors = new Map<string, KafkaError>()
  let left = topics
  for (let round = 1; left.length > 0; round++) {
    const timeoutMs = deadline.remainingMs
    const brokerTimeoutMs = Math.floor(Math.min(timeoutMs, client.requestTimeoutMs))
    for (const answer of await ask(left, { signal: options.signal, timeoutMs, brokerTimeoutMs })) {
      const { name, errorCode, errorMessage: message, value } = answer
      errors.delete(name)
      if (errorCode === 0) values.set(name, value)
      else errors.set(name, errorOf(errorCode, { topic: name, api, message }))
    }
    left = [...errors].filter(([, error]) => UNTRIED.has(error.code)).map(([name]) => name)
    const delayMs = backoff.delayMs(round)
    if (left.length === 0 || deadline.remainingMs <= delayMs) break
    client.metadata.refresh(`${api} failed`)
    await client.clock.sleep(delayMs, { signal: options.signal })
  }
  const succeeded = topics.flatMap(name => (values.has(name) ? [values.get(name) as T] : []))
  if (errors.size > 0) throw new TopicsError(api, errors, succeeded)
  return succeeded
}
