/**
 * Fetch: records from the logs to consumers.
 *
 * Versions 4 to 18. Answers at once when there is enough (`minBytes`), something is wrong, or nobody wants to wait; else
 * waits until enough has come or `maxWaitMs` is over. Whole batches only: the one that holds the offset comes whole, and
 * the first batch of an answer comes even when it is larger than every limit. Sessions as in KIP-227
 * (`fetch/fetch-sessions.ts`); topic ids from version 13 on; a client that says what it last saw (`lastFetchedEpoch`) is
 * told where its log parts from ours, and one that should ask another node who leads (version 16).
 *
 * Left out: fetching from followers (whoever does not lead refuses), tiered storage.
 */
import {
  type Decoded,
  type FetchRequest,
  type FetchResponse,
  type FetchResponsePartition,
  fetch,
  type Uuid,
  ZERO_UUID,
} from '@samsa/protocol'
import { type Clock, KafkaError, type Timer } from '@samsa/runtime'
import { codeOf, type Partition, type Partitions } from '../cluster/partitions.js'
import type { FetchSessions, SessionPartition } from '../fetch/fetch-sessions.js'
import type { ReadBound } from '../log/log-contract.js'
import type { MetadataImage } from '../metadata/image.js'
import type { Handler, RequestContext } from '../server/context.js'
import { CurrentLeaders } from './current-leaders.js'

const FIRST_VERSION_WITH_TOPIC_IDS = 13
const FIRST_VERSION_WITH_LEADERS = 16
const READ_COMMITTED = 1
const NO_EPOCH = -1

export interface FetchDeps {
  readonly image: MetadataImage
  readonly partitions: Partitions
  readonly sessions: FetchSessions
  readonly clock: Clock
  /** The broker's own limit on an answer (`fetch.max.bytes`). */
  readonly fetchMaxBytes: number
}

interface Read {
  readonly wanted: SessionPartition
  readonly errorCode: number
  readonly recordBytes: number
  readonly highWatermark: number
  readonly logStartOffset: number
  readonly isDiverging: boolean
  readonly response: FetchResponsePartition
  /** Gives the records' memory back. */
  readonly release?: (() => void) | undefined
}

export function fetchHandler(deps: FetchDeps): Handler<FetchRequest, FetchResponse> {
  return {
    api: fetch,
    versions: { min: 4, max: 18 },
    handle: (context, request) => handleFetch(deps, context, request),
  }
}

async function handleFetch(
  deps: FetchDeps,
  context: RequestContext,
  request: Decoded<FetchRequest>,
): Promise<FetchResponse> {
  const usesTopicIds = context.version >= FIRST_VERSION_WITH_TOPIC_IDS
  const session = deps.sessions.begin(
    {
      sessionId: request.sessionId,
      sessionEpoch: request.sessionEpoch,
      usesTopicIds,
      partitions: wantedPartitions(request),
      forgotten: request.forgottenTopicsData.flatMap(topic =>
        topic.partitions.map(partition => ({ ...topic, partition })),
      ),
    },
    deps.clock.now(),
  )
  if (typeof session === 'string') return { errorCode: codeOf(session), responses: [] }
  const bound: ReadBound = request.isolationLevel === READ_COMMITTED ? 'lastStableOffset' : 'highWatermark'
  const wanted = session.partitions
  const maxBytes = Math.max(0, Math.min(request.maxBytes, deps.fetchMaxBytes))
  // More than an answer can hold never comes: it would only wait until its time is over.
  const wait: Wait = { wanted, bound, minBytes: Math.min(request.minBytes, maxBytes), maxWaitMs: request.maxWaitMs }
  if (wait.maxWaitMs > 0 && wanted.length > 0 && !isReady(deps, wait)) await untilReady(deps, context.signal, wait)
  const reads = await readAll(deps, context, wanted, bound, maxBytes)
  for (const { release } of reads) if (release !== undefined) context.onSent(release)
  const { sessionId, send } = session.settle(reads)
  if (context.version < FIRST_VERSION_WITH_LEADERS) return { sessionId, responses: byTopic(send, usesTopicIds) }
  const { listenerName } = context.connection
  const leaders = new CurrentLeaders({ image: deps.image, partitions: deps.partitions, listenerName })
  const answers = send.map(({ wanted: each, response }) => ({
    wanted: each,
    response: leaders.tell(response, { name: each.topic, topicId: each.topicId }, each.partition),
  }))
  return { sessionId, responses: byTopic(answers, usesTopicIds), nodeEndpoints: leaders.endpoints() }
}

/** A partition that is named twice is wanted once, as it was named last. */
function wantedPartitions(request: Decoded<FetchRequest>): SessionPartition[] {
  const wanted = new Map<string, SessionPartition>()
  for (const { topic, topicId, partitions } of request.topics) {
    for (const each of partitions) {
      wanted.set(`${each.partition} ${topicId} ${topic}`, {
        topic,
        topicId,
        partition: each.partition,
        fetchOffset: Number(each.fetchOffset),
        maxBytes: Math.max(0, each.partitionMaxBytes),
        currentLeaderEpoch: Math.max(NO_EPOCH, each.currentLeaderEpoch),
        lastFetchedEpoch: Math.max(NO_EPOCH, each.lastFetchedEpoch),
      })
    }
  }
  return [...wanted.values()]
}

function find(deps: FetchDeps, wanted: SessionPartition): Partition | number {
  return deps.partitions.find(
    { name: wanted.topic, topicId: wanted.topicId },
    wanted.partition,
    wanted.currentLeaderEpoch,
  )
}

/** What a fetch waits for. */
interface Wait {
  readonly wanted: readonly SessionPartition[]
  readonly bound: ReadBound
  readonly minBytes: number
  readonly maxWaitMs: number
}

/** Whether an answer now would bring enough bytes, or an error that should not wait. */
function isReady(deps: FetchDeps, { wanted, bound, minBytes }: Wait): boolean {
  let bytes = 0
  for (const each of wanted) {
    const partition = find(deps, each)
    if (typeof partition === 'number') return true
    const { log } = partition
    if (each.fetchOffset < log.logStartOffset || each.fetchOffset > log.logEndOffset) return true
    if (divergence(partition, each) !== undefined) return true
    bytes += Math.min(log.availableBytes(each.fetchOffset, bound), each.maxBytes)
    if (bytes >= minBytes) return true
  }
  return minBytes <= 0
}

/** Resolves when the fetch is ready, its time is over, or its client is gone. Leaves nothing behind. */
function untilReady(deps: FetchDeps, signal: AbortSignal, wait: Wait): Promise<void> {
  return new Promise(resolve => {
    const unsubscribe: (() => void)[] = []
    let timer: Timer | undefined
    const finish = (): void => {
      timer?.cancel()
      for (const each of unsubscribe.splice(0)) each()
      signal.removeEventListener('abort', finish)
      resolve()
    }
    const check = (): void => {
      if (isReady(deps, wait)) finish()
    }
    timer = deps.clock.timer(wait.maxWaitMs, finish, { name: 'fetch' })
    signal.addEventListener('abort', finish)
    for (const each of wait.wanted) {
      const partition = find(deps, each)
      if (typeof partition !== 'number') unsubscribe.push(partition.log.onAdvance(check))
    }
    if (signal.aborted) finish()
  })
}

/** Records of all partitions are in memory before the first is sent, which counts as held by the connection. */
async function readAll(
  deps: FetchDeps,
  { connection, signal }: RequestContext,
  wanted: readonly SessionPartition[],
  bound: ReadBound,
  maxBytes: number,
): Promise<Read[]> {
  const reads: Read[] = []
  let left = maxBytes
  let hasRecords = false
  for (const each of wanted) {
    const outcome = readOne(deps, each, bound, left, !hasRecords)
    const read = outcome instanceof Promise ? await outcome : outcome
    if (read.recordBytes > 0) hasRecords = true
    left = Math.max(0, left - read.recordBytes)
    reads.push(read)
    if (read.recordBytes === 0) continue
    connection.hold(read.recordBytes)
    // Nobody is there to read the rest; a broker that closes still answers, with what there is.
    if (signal.aborted && connection.isClosed) throw signal.reason
  }
  return reads
}

function readOne(
  deps: FetchDeps,
  wanted: SessionPartition,
  bound: ReadBound,
  left: number,
  atLeastOneBatch: boolean,
): Read | Promise<Read> {
  const partition = find(deps, wanted)
  if (typeof partition === 'number') return failed(wanted, partition)
  const { log } = partition
  const diverging = divergence(partition, wanted)
  // Nothing is known of the epoch: there is no place to which the client could go back.
  if (diverging?.epoch === NO_EPOCH) return failed(wanted, codeOf('OFFSET_OUT_OF_RANGE'))
  if (diverging !== undefined) {
    const response = {
      ...positions(partition, wanted),
      divergingEpoch: { epoch: diverging.epoch, endOffset: BigInt(diverging.endOffset) },
      records: NO_RECORDS,
    }
    return {
      wanted,
      errorCode: 0,
      recordBytes: 0,
      highWatermark: log.highWatermark,
      logStartOffset: log.logStartOffset,
      isDiverging: true,
      response,
    }
  }
  try {
    const result = log.read(wanted.fetchOffset, Math.min(wanted.maxBytes, left), { upTo: bound, atLeastOneBatch })
    const answer = (each: Awaited<typeof result>): Read => ({
      wanted,
      errorCode: 0,
      recordBytes: each.records.length,
      highWatermark: each.highWatermark,
      logStartOffset: each.logStartOffset,
      isDiverging: false,
      release: each.release,
      response: {
        partitionIndex: wanted.partition,
        errorCode: 0,
        highWatermark: BigInt(each.highWatermark),
        lastStableOffset: BigInt(each.lastStableOffset),
        logStartOffset: BigInt(each.logStartOffset),
        abortedTransactions:
          bound === 'lastStableOffset'
            ? (each.abortedTransactions ?? []).map(({ producerId, firstOffset }) => ({
                producerId: BigInt(producerId),
                firstOffset: BigInt(firstOffset),
              }))
            : null,
        records: each.records,
      },
    })
    if (!(result instanceof Promise)) return answer(result)
    return result.then(answer, error => failed(wanted, codeOfError(error)))
  } catch (error) {
    return failed(wanted, codeOfError(error))
  }
}

const NO_RECORDS = new Uint8Array(0)

function codeOfError(error: unknown): number {
  if (error instanceof KafkaError) return codeOf(error.code)
  throw error
}

function divergence(
  partition: Partition,
  wanted: SessionPartition,
): { readonly epoch: number; readonly endOffset: number } | undefined {
  if (wanted.lastFetchedEpoch === NO_EPOCH) return undefined
  const end = partition.log.epochEndOffset(wanted.lastFetchedEpoch)
  return end.endOffset < wanted.fetchOffset || end.epoch < wanted.lastFetchedEpoch ? end : undefined
}

function positions(partition: Partition, wanted: SessionPartition): Omit<FetchResponsePartition, 'records'> {
  const { log } = partition
  return {
    partitionIndex: wanted.partition,
    errorCode: 0,
    highWatermark: BigInt(log.highWatermark),
    lastStableOffset: BigInt(log.lastStableOffset),
    logStartOffset: BigInt(log.logStartOffset),
    abortedTransactions: null,
  }
}

const NOT_THERE: ReadonlySet<number> = new Set([codeOf('UNKNOWN_TOPIC_OR_PARTITION'), codeOf('UNKNOWN_TOPIC_ID')])

/** As in Kafka, an error tells nothing of where the log begins and ends. */
function failed(wanted: SessionPartition, errorCode: number): Read {
  const response = {
    partitionIndex: wanted.partition,
    errorCode,
    highWatermark: -1n,
    lastStableOffset: -1n,
    logStartOffset: -1n,
    // Where there is nothing to read from, nobody looked for transactions either: Kafka tells of these as of none.
    abortedTransactions: NOT_THERE.has(errorCode) ? [] : null,
    records: NO_RECORDS,
  }
  return { wanted, errorCode, recordBytes: 0, highWatermark: -1, logStartOffset: -1, isDiverging: false, response }
}

/** Answers keep their order; those of one topic that follow each other share an entry. */
function byTopic(
  reads: readonly Pick<Read, 'wanted' | 'response'>[],
  usesTopicIds: boolean,
): FetchResponse['responses'] {
  const topics: { topic: string; topicId: Uuid; partitions: FetchResponsePartition[] }[] = []
  for (const { wanted, response } of reads) {
    const last = topics.at(-1)
    if (last !== undefined && last.topic === wanted.topic && last.topicId === wanted.topicId)
      last.partitions.push(response)
    else
      topics.push({ topic: wanted.topic, topicId: usesTopicIds ? wanted.topicId : ZERO_UUID, partitions: [response] })
  }
  return topics
}
