/**
 * ListOffsets: where a partition's log begins and ends, and which offset a time has.
 *
 * Versions 1 to 11. Special times: -1 the end (the last stable offset under read_committed), -2 the start, -3 the record
 * with the greatest timestamp (from version 7), -4 the start of what is local (8), -5 the end of what is in remote
 * storage (9), -6 the first offset that is not yet there (11). Without remote storage -4 is the start, -5 and -6 are
 * nothing. Any other time: the first record that is not older; offset -1 where there is none.
 */
import {
  type Decoded,
  type ListOffsetsRequest,
  type ListOffsetsResponse,
  type ListOffsetsResponsePartition,
  listOffsets,
} from '@samsa/protocol'
import { KafkaError } from '@samsa/runtime'
import { codeOf, type Partition, type Partitions } from '../cluster/partitions.js'
import type { ReadBound } from '../log/log-contract.js'
import type { Handler } from '../server/context.js'

const LATEST = -1n
const EARLIEST = -2n
const MAX_TIMESTAMP = -3n
const EARLIEST_LOCAL = -4n
const LATEST_TIERED = -5n
const EARLIEST_PENDING_UPLOAD = -6n

/** The first version that knows a special time. */
const KNOWN_FROM = new Map([
  [MAX_TIMESTAMP, 7],
  [EARLIEST_LOCAL, 8],
  [LATEST_TIERED, 9],
  [EARLIEST_PENDING_UPLOAD, 11],
])

const READ_COMMITTED = 1
const FIRST_VERSION_WITH_EPOCHS = 4

interface Found {
  readonly offset: number
  readonly timestamp: number
  readonly leaderEpoch: number
}

const NOTHING: Found = { offset: -1, timestamp: -1, leaderEpoch: -1 }

export function listOffsetsHandler(partitions: Partitions): Handler<ListOffsetsRequest, ListOffsetsResponse> {
  return {
    api: listOffsets,
    versions: { min: 1, max: 11 },
    handle: async (context, request) => {
      const repeated = repeatedIn(request)
      const answers = request.topics.map(topic => answerTopic(partitions, context.version, request, topic, repeated))
      return { topics: await Promise.all(answers) }
    },
  }
}

type Topic = Decoded<ListOffsetsRequest>['topics'][number]
type Asked = Topic['partitions'][number]

async function answerTopic(
  partitions: Partitions,
  version: number,
  request: Decoded<ListOffsetsRequest>,
  { name, partitions: asked }: Topic,
  repeated: ReadonlySet<string>,
): Promise<ListOffsetsResponse['topics'][number]> {
  const bound: ReadBound = request.isolationLevel === READ_COMMITTED ? 'lastStableOffset' : 'highWatermark'
  const indexes = new Set<number>()
  const once = asked.filter(({ partitionIndex }) => !indexes.has(partitionIndex) && indexes.add(partitionIndex))
  const answers = once.map(each => {
    const { partitionIndex } = each
    if (repeated.has(`${partitionIndex} ${name}`)) return refused(partitionIndex, codeOf('INVALID_REQUEST'))
    return answerPartition(partitions, name, version, each, bound)
  })
  return { name, partitions: await Promise.all(answers) }
}

/** Partitions that a request asks for more than once, as `partition topic`: each gets one answer, an error. */
function repeatedIn(request: Decoded<ListOffsetsRequest>): ReadonlySet<string> {
  const seen = new Set<string>()
  const repeated = new Set<string>()
  for (const { name, partitions } of request.topics) {
    for (const { partitionIndex } of partitions) {
      const key = `${partitionIndex} ${name}`
      if (seen.has(key)) repeated.add(key)
      seen.add(key)
    }
  }
  return repeated
}

async function answerPartition(
  partitions: Partitions,
  name: string,
  version: number,
  { partitionIndex, timestamp, currentLeaderEpoch }: Asked,
  bound: ReadBound,
): Promise<ListOffsetsResponsePartition> {
  if (timestamp < EARLIEST && version < (KNOWN_FROM.get(timestamp) ?? Number.POSITIVE_INFINITY)) {
    return refused(partitionIndex, codeOf('UNSUPPORTED_VERSION'))
  }
  const partition = partitions.find({ name }, partitionIndex, currentLeaderEpoch)
  if (typeof partition === 'number') return refused(partitionIndex, partition)
  try {
    const found = await lookUp(partition, timestamp, bound)
    const answer = { partitionIndex, errorCode: 0, offset: BigInt(found.offset), timestamp: BigInt(found.timestamp) }
    return version >= FIRST_VERSION_WITH_EPOCHS ? { ...answer, leaderEpoch: found.leaderEpoch } : answer
  } catch (error) {
    if (error instanceof KafkaError) return refused(partitionIndex, codeOf(error.code))
    throw error
  }
}

async function lookUp(partition: Partition, timestamp: bigint, bound: ReadBound): Promise<Found> {
  const { log, leaderEpoch } = partition
  const end = bound === 'lastStableOffset' ? log.lastStableOffset : log.highWatermark
  switch (timestamp) {
    case LATEST:
      return { offset: end, timestamp: -1, leaderEpoch }
    case EARLIEST:
    case EARLIEST_LOCAL:
      return { offset: log.logStartOffset, timestamp: -1, leaderEpoch: log.leaderEpochOf(log.logStartOffset) }
    case LATEST_TIERED:
    case EARLIEST_PENDING_UPLOAD:
      return NOTHING
    case MAX_TIMESTAMP: {
      const found = await log.maxTimestamp()
      return found === undefined || found.offset >= end ? NOTHING : found
    }
    default:
      return (await log.offsetForTimestamp(Number(timestamp), bound)) ?? NOTHING
  }
}

function refused(partitionIndex: number, errorCode: number): ListOffsetsResponsePartition {
  return { partitionIndex, errorCode, offset: -1n, timestamp: -1n }
}
