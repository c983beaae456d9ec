/**
 * Fetch: a request for every partition of the cluster, and a response with 100 records in each partition of one topic,
 * whose records are part of the decoding: every key and value is touched.
 */
import { type Decoded, type FetchRequest, type FetchResponse, fetch } from '@samsa/protocol'
import { readAllBatches } from '../reading.ts'
import type { Shape, Subject } from '../subject.ts'
import { type ClusterTopic, PARTITIONS, partitionBatch, TOPICS } from './cluster.ts'

const IDS_SINCE = 13
const FETCH_OFFSET = 123_456n
const LEADER_EPOCH = 12
const MAX_BYTES = 50 * 1024 * 1024
const PARTITION_MAX_BYTES = 1024 * 1024
const LAST_FETCHED_EPOCH_SINCE = 12
const PARTITION_FIELDS = ['partitionIndex', 'errorCode', 'highWatermark', 'lastStableOffset', 'logStartOffset']

interface PartitionWithMessages {
  readonly messages: readonly TouchedRecord[]
}

interface PartitionWithBatches {
  readonly records: readonly { readonly records: readonly TouchedRecord[] }[]
}

interface TouchedRecord {
  readonly key: Buffer | null
  readonly value: Buffer | null
}

interface ResponseWith<Partition> {
  readonly responses: readonly { readonly partitions: readonly Partition[] }[]
}

export const fetchSubject: Subject = {
  api: fetch,
  samsa: {
    request: (version): FetchRequest => ({
      maxWaitMs: 500,
      minBytes: 1,
      maxBytes: MAX_BYTES,
      isolationLevel: 1,
      topics: TOPICS.map(topic => ({
        ...namedOrNumbered(topic, version),
        partitions: PARTITIONS.map(partition => ({
          partition,
          currentLeaderEpoch: LEADER_EPOCH,
          fetchOffset: FETCH_OFFSET,
          ...(version >= LAST_FETCHED_EPOCH_SINCE ? { lastFetchedEpoch: LEADER_EPOCH } : {}),
          partitionMaxBytes: PARTITION_MAX_BYTES,
        })),
      })),
    }),
    response,
    responseShape: version => shapeOf(version >= IDS_SINCE ? [] : ['topic']),
    touch: touchOwn,
  },
  kafkajs: {
    name: 'fetch',
    version: 11,
    fields: {
      replicaId: -1,
      maxWaitTime: 500,
      minBytes: 1,
      maxBytes: MAX_BYTES,
      isolationLevel: 1,
      topics: TOPICS.map(({ name }) => ({
        topic: name,
        partitions: PARTITIONS.map(partition => ({
          partition,
          currentLeaderEpoch: LEADER_EPOCH,
          fetchOffset: String(FETCH_OFFSET),
          maxBytes: PARTITION_MAX_BYTES,
        })),
      })),
    },
    responseShape: [
      'errorCode',
      'sessionId',
      [
        'responses',
        [
          'topicName',
          ['partitions', ['partition', 'errorCode', 'highWatermark', 'lastStableOffset', 'lastStartOffset']],
        ],
      ],
    ],
    touch: touchMessages,
  },
  platformatic: {
    name: 'fetch',
    newestVersion: 17,
    fields: version => [500, 1, MAX_BYTES, 1, 0, -1, platformaticTopics(version), [], ''],
    responseShape: version => shapeOf(version >= IDS_SINCE ? [] : ['topicId']),
    touch: touchBatches,
  },
}

function response(version: number): FetchResponse {
  const records = partitionBatch()
  const partitions = PARTITIONS.map(partitionIndex => ({
    partitionIndex,
    errorCode: 0,
    highWatermark: FETCH_OFFSET + 100n,
    lastStableOffset: FETCH_OFFSET + 100n,
    logStartOffset: 0n,
    abortedTransactions: [],
    records,
  }))
  const responses = TOPICS.slice(0, 1).map(topic => ({ ...namedOrNumbered(topic, version), partitions }))
  return { errorCode: 0, sessionId: 4242, responses }
}

/** In these versions a topic goes by its name or by its id; platformatic calls both `topicId`. */
function namedOrNumbered({ name, id }: ClusterTopic, version: number): { topicId: string } | { topic: string } {
  return version >= IDS_SINCE ? { topicId: id } : { topic: name }
}

function platformaticTopics(version: number): readonly object[] {
  return TOPICS.map(({ name, hyphenatedId }) => ({
    topicId: version >= IDS_SINCE ? hyphenatedId : name,
    partitions: PARTITIONS.map(partition => ({
      partition,
      currentLeaderEpoch: LEADER_EPOCH,
      fetchOffset: FETCH_OFFSET,
      lastFetchedEpoch: LEADER_EPOCH,
      partitionMaxBytes: PARTITION_MAX_BYTES,
    })),
  }))
}

function shapeOf(topicFields: readonly string[]): Shape {
  return ['errorCode', 'sessionId', ['responses', [...topicFields, ['partitions', PARTITION_FIELDS]]]]
}

function touchOwn(decoded: Decoded<FetchResponse>): number {
  let sum = 0
  for (const { partitions } of decoded.responses)
    for (const { records } of partitions) if (records !== null) sum += readAllBatches(records)
  return sum
}

function touchMessages(decoded: unknown): number {
  if (!isResponseWith<PartitionWithMessages>(decoded)) throw new TypeError('not a fetch response of kafkajs')
  let sum = 0
  for (const { partitions } of decoded.responses) for (const { messages } of partitions) sum += touchRecords(messages)
  return sum
}

function touchBatches(decoded: unknown): number {
  if (!isResponseWith<PartitionWithBatches>(decoded)) throw new TypeError('not a fetch response of platformatic')
  let sum = 0
  for (const { partitions } of decoded.responses)
    for (const { records: batches } of partitions) for (const { records } of batches) sum += touchRecords(records)
  return sum
}

function touchRecords(records: readonly TouchedRecord[]): number {
  let sum = 0
  for (const { key, value } of records) sum += (key?.length ?? 0) + (value?.length ?? 0)
  return sum
}

function isResponseWith<Partition>(decoded: unknown): decoded is ResponseWith<Partition> {
  return decoded !== null && typeof decoded === 'object' && 'responses' in decoded && Array.isArray(decoded.responses)
}
