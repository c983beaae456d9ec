/**
 * Produce: batches go to the end of their partitions' logs.
 *
 * Versions 3 to 13 (0 to 2 are advertised for old librdkafka, as Kafka does, and refused). Every batch is appended before
 * this returns its promise, so the order of a connection's requests is the order in the log; what may wait is the disk,
 * with `flush: 'always'`. acks=0 gets no answer, and a failure closes the connection: the only way to tell.
 *
 * Left out until their own work: transactions (a transactional batch is refused), replication (acks=1 and acks=all are
 * the same on one node), topics whose codec is not the producer's are the log's business.
 */
import {
  type Decoded,
  errorOf,
  type ProduceRequest,
  type ProduceResponse,
  type ProduceResponsePartitionResponse,
  produce,
} from '@samsa/protocol'
import { KafkaError } from '@samsa/runtime'
import { appendAsLeader, codeOf, type Partitions, type TopicReference } from '../cluster/partitions.js'
import { AppendError } from '../log/append-error.js'
import type { LogManager } from '../log/log-manager.js'
import { isInternalTopic } from '../metadata/topic-names.js'
import { type Handler, NO_RESPONSE, type RequestContext } from '../server/context.js'

const FIRST_VERSION_WITH_TOPIC_IDS = 13
/** Where a batch says that it is part of a transaction. */
const ATTRIBUTES_AT = 21
const TRANSACTIONAL_BIT = 1 << 4

type PartitionAnswer = ProduceResponsePartitionResponse

interface Deps {
  readonly partitions: Partitions
  readonly logs: LogManager
}

export function produceHandler(deps: Deps): Handler<ProduceRequest, ProduceResponse> {
  return {
    api: produce,
    versions: { min: 3, max: 13 },
    overlaps: true,
    keepsNothing: true,
    handle: (context, request) => handleProduce(deps, context, request),
  }
}

function handleProduce(
  deps: Deps,
  context: RequestContext,
  request: Decoded<ProduceRequest>,
): ProduceResponse | typeof NO_RESPONSE | Promise<ProduceResponse | typeof NO_RESPONSE> {
  const waits: Promise<void>[] = []
  const responses = request.topicData.map(({ name, topicId, partitionData }) => {
    const reference = context.version >= FIRST_VERSION_WITH_TOPIC_IDS ? { topicId } : { name }
    const partitionResponses = partitionData.map(({ index, records }): PartitionAnswer => {
      const { answer, flushed } = appendTo(deps, context, request.acks, reference, index, records)
      const response = { index, ...answer }
      if (flushed !== undefined) waits.push(flushed.catch(() => void Object.assign(response, NOT_ON_DISK)))
      return response
    })
    return { name, topicId, partitionResponses }
  })
  if (request.acks === 0) {
    const failed = responses.flatMap(topic => topic.partitionResponses).find(each => each.errorCode !== 0)
    if (failed === undefined) return NO_RESPONSE
    throw errorOf(failed.errorCode, { api: 'Produce', message: failed.errorMessage ?? null })
  }
  if (waits.length === 0) return { responses }
  return Promise.all(waits).then(() => ({ responses }))
}

interface Appended {
  readonly answer: Omit<PartitionAnswer, 'index'>
  /** Resolves when the answer may be given, and rejects when the disk failed. Undefined where nothing has to wait. */
  readonly flushed?: Promise<void> | undefined
}

function appendTo(
  deps: Deps,
  context: RequestContext,
  acks: number,
  topic: TopicReference,
  index: number,
  records: Uint8Array | null,
): Appended {
  if (acks < -1 || acks > 1) return refused('INVALID_REQUIRED_ACKS')
  const partition = deps.partitions.find(topic, index)
  if (typeof partition === 'number') return { answer: { errorCode: partition, baseOffset: -1n } }
  if (isInternalTopic(partition.topic.name)) return refused('INVALID_TOPIC_EXCEPTION')
  if (records === null || records.length === 0)
    return refused('INVALID_RECORD', 'A produce request must bring one batch a partition.')
  const { log } = partition
  try {
    const batch = Buffer.from(records.buffer, records.byteOffset, records.length)
    if (isTransactional(batch)) return refused('INVALID_TXN_STATE', 'This broker has no transactions yet.')
    const appended = appendAsLeader(partition, batch, { origin: 'client', produceVersion: context.version })
    const answer = {
      errorCode: 0,
      baseOffset: BigInt(appended.baseOffset),
      logAppendTimeMs: BigInt(appended.logAppendTimeMs),
      logStartOffset: BigInt(appended.logStartOffset),
    }
    return { answer, flushed: acks === 0 ? undefined : deps.logs.acknowledged(log) }
  } catch (error) {
    if (error instanceof AppendError) {
      const recordErrors = error.recordErrors.map(each => ({
        batchIndex: each.batchIndex,
        batchIndexErrorMessage: each.message,
      }))
      const { answer } = refused(error.code, error.message)
      return { answer: { ...answer, recordErrors, logStartOffset: BigInt(log.logStartOffset) } }
    }
    if (error instanceof KafkaError) return refused(error.code, error.message)
    throw error
  }
}

/** Nobody could end its transaction, and readers of committed records would wait for that for ever. */
function isTransactional(batch: Buffer): boolean {
  return batch.length >= ATTRIBUTES_AT + 2 && (batch.readInt16BE(ATTRIBUTES_AT) & TRANSACTIONAL_BIT) !== 0
}

function refused(code: string, message: string | null = null): Appended {
  return { answer: { errorCode: codeOf(code), baseOffset: -1n, errorMessage: message } }
}

/** The records are in the log, but nobody knows whether they are on disk: not acknowledged. */
const NOT_ON_DISK: Omit<PartitionAnswer, 'index'> = {
  errorCode: codeOf('KAFKA_STORAGE_ERROR'),
  baseOffset: -1n,
  logAppendTimeMs: -1n,
  logStartOffset: -1n,
}
