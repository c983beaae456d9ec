/**
 * What a broker says that it holds: topics with their configs, and the records of a partition, by requests alone.
 */
import {
  batchesIn,
  type Decoded,
  describeConfigs,
  type FetchResponse,
  fetch,
  listOffsets,
  metadata,
  RecordBatch,
} from '@samsa/protocol'
import type { Machine } from './machine.js'
import { CONFIG_NAMES } from './operations.js'
import type { Stored, StoredRecord } from './partition-model.js'
import type { ObservedTopic } from './topic-model.js'

const EARLIEST = -2n
const FETCH_BYTES = 6000
const MOST_LOOKS = 10
const TOPIC = 2
const SET_FOR_TOPIC = 1
/** Between the id of a record and its padding. */
export const ID_END = ' '

/** All topics by name; undefined when the broker does not answer. */
export async function topicsOf(machine: Machine): Promise<Map<string, ObservedTopic> | undefined> {
  const answer = await machine.request(metadata, 12, { topics: null, allowAutoTopicCreation: false })
  if (answer === undefined) return undefined
  const names = answer.topics.flatMap(({ name }) => name ?? [])
  const configs = await configsOf(machine, names)
  if (configs === undefined) return undefined
  const found = answer.topics.flatMap(({ name, topicId, partitions, errorCode }) => {
    if (name === null) return []
    const observed = {
      id: topicId,
      partitions: errorCode === 0 ? partitions.length : -errorCode,
      configs: configs.get(name),
    }
    return [[name, { ...observed, configs: observed.configs ?? new Map<string, string>() }] as const]
  })
  return new Map(found)
}

async function configsOf(
  machine: Machine,
  names: readonly string[],
): Promise<Map<string, Map<string, string>> | undefined> {
  const resources = names.map(resourceName => ({
    resourceType: TOPIC,
    resourceName,
    configurationKeys: [...CONFIG_NAMES],
  }))
  const answer = await machine.request(describeConfigs, 4, { resources, includeSynonyms: false })
  if (answer === undefined) return undefined
  return new Map(
    answer.results.map(({ resourceName, configs }) => {
      const set = configs.filter(({ configSource }) => configSource === SET_FOR_TOPIC)
      return [resourceName, new Map(set.map(({ name, value }) => [name, value ?? '']))]
    }),
  )
}

/**
 * What a partition holds, or what is wrong with the answers. A compaction between two fetches shows what was in front and
 * what is behind: two looks that agree saw one state.
 */
export async function storedIn(machine: Machine, topic: string, partition: number): Promise<Stored | string> {
  let seen = await lookInto(machine, topic, partition)
  for (let look = 1; look < MOST_LOOKS; look++) {
    const again = await lookInto(machine, topic, partition)
    if (JSON.stringify(again) === JSON.stringify(seen)) break
    seen = again
  }
  return seen
}

async function lookInto(machine: Machine, topic: string, partition: number): Promise<Stored | string> {
  const start = await startOf(machine, topic, partition)
  if (typeof start === 'string') return start
  const records: StoredRecord[] = []
  for (let offset = start, end = start + 1; ; ) {
    const answer = await machine.request(fetch, 12, {
      maxWaitMs: 0,
      minBytes: 0,
      topics: [{ topic, partitions: [{ partition, fetchOffset: BigInt(offset), partitionMaxBytes: FETCH_BYTES }] }],
      rackId: '',
    })
    end = Number(answer?.responses[0]?.partitions[0]?.highWatermark ?? end)
    if (offset >= end && answer?.responses[0]?.partitions[0]?.errorCode === 0) return { start, end, records }
    const next = take(answer, offset, records)
    if (typeof next === 'string') return `${topic}-${partition} at ${offset}: ${next}`
    // Compaction and a loss of power may leave nothing at the end.
    if (next === offset) return { start, end, records }
    offset = next
  }
}

async function startOf(machine: Machine, name: string, partitionIndex: number): Promise<number | string> {
  const topics = [{ name, partitions: [{ partitionIndex, timestamp: EARLIEST }] }]
  const answer = await machine.request(listOffsets, 7, { replicaId: -1, topics })
  const found = answer?.topics[0]?.partitions[0]
  if (found === undefined) return `${name}-${partitionIndex}: no answer to ListOffsets`
  return found.errorCode === 0 ? Number(found.offset) : `${name}-${partitionIndex}: ListOffsets says ${found.errorCode}`
}

/** Adds the records from `from` on; returns the offset behind them. */
function take(answer: Decoded<FetchResponse> | undefined, from: number, into: StoredRecord[]): number | string {
  const found = answer?.responses[0]?.partitions[0]
  if (found === undefined) return 'no answer to Fetch'
  if (found.errorCode !== 0) return `Fetch says ${found.errorCode}`
  let next = from
  for (const batch of batchesIn(found.records ?? new Uint8Array(0))) {
    if (!(batch instanceof RecordBatch) || !batch.isIntact) return 'a batch is damaged'
    for (const cursor = batch.records(); cursor.next(); ) {
      const value = cursor.valueText()
      // A tombstone says its id in a header.
      const named = value ?? `${Buffer.from(cursor.headers()[0]?.value ?? []).toString()}${ID_END}`
      const id = named.slice(0, named.indexOf(ID_END))
      if (cursor.offset >= from) into.push({ offset: cursor.offset, id, key: cursor.keyText(), value })
    }
    next = batch.nextOffset
  }
  return next
}
