/**
 * Produce: batches go to the end of their partitions' logs.
 *
 * Versions 3 to 13 (0 to 2 are advertised for old librdkafka, as Kafka does, and refused). Every batch is appended before
 * this returns its promise, so the order of a connection's requests is the order in the log; what may wait is the disk,
 * with `flush: 'always'`. acks=0 gets no answer, and a failure closes the connection: the only way to tell.
 *
 * A batch of a transaction is taken where its partition is part of that (`transactional-batches.ts`); from version 12 on it
 * becomes so by this. Where that has to be on disk first, the batches of the request wait for it, and with them what comes
 * over the same connection (`produce-turns.ts`).
 *
 * Left out: replication (acks=1 and acks=all are the same where nodes share one engine); topics whose codec is not the
 * producer's are the log's business.
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
import { codeOf, type Partitions, type TopicReference } from '../cluster/partitions.js'
import type { TransactionAdmission } from '../coordinator/txn/transaction-admission.js'
import { AppendError } from '../log/append-error.js'
import { beginsWithTransaction, onlyBatch } from '../log/validate.js'
import type { MetadataImage } from '../metadata/image.js'
import { isInternalTopic } from '../metadata/topic-names.js'
import { type Handler, NO_RESPONSE, type RequestContext } from '../server/context.js'
import { CurrentLeaders } from './current-leaders.js'
import { ProduceTurns, type Written } from './produce-turns.js'
import { admissionOf, type BatchAdmission, transactionVersionOf } from './transactional-batches.js'

const FIRST_VERSION_WITH_LEADERS = 10
const FIRST_VERSION_WITH_TOPIC_IDS = 13

type PartitionAnswer = ProduceResponsePartitionResponse

interface Deps {
  readonly image: MetadataImage
  readonly partitions: Partitions
  readonly transactions: TransactionAdmission
}

export function produceHandler(deps: Deps): Handler<ProduceRequest, ProduceResponse> {
  const turns = new ProduceTurns()
  return {
    api: produce,
    versions: { min: 3, max: 13 },
    overlaps: true,
    keepsNothing: true,
    handle: (context, request) => {
      const { connection } = context
      if (!turns.isBusy(connection)) return turns.take(connection, () => write(deps, context, request))
      const kept = copied(request)
      return turns.take(connection, () => write(deps, context, kept))
    },
  }
}

type Answer = ProduceResponse | typeof NO_RESPONSE

function write(
  deps: Deps,
  context: RequestContext,
  request: Decoded<ProduceRequest>,
): Written<Answer> | Promise<Written<Answer>> {
  const fault = requestFault(request)
  const admission =
    fault === undefined
      ? admissionOf(deps, context.version, request, topic => referenceOf(topic, context.version))
      : undefined
  if (!(admission instanceof Promise)) return { answer: appendAll(deps, context, request, { fault, admission }) }
  // The bytes of a request are another's when its handler returns.
  const kept = copied(request)
  return admission.then(found => ({ answer: appendAll(deps, context, kept, { fault, admission: found }) }))
}

interface Judgement {
  readonly fault: KafkaError | undefined
  readonly admission: BatchAdmission | undefined
}

function appendAll(
  deps: Deps,
  context: RequestContext,
  request: Decoded<ProduceRequest>,
  judgement: Judgement,
): Answer | Promise<Answer> {
  const waits: Promise<void>[] = []
  const { listenerName } = context.connection
  const leaders = new CurrentLeaders({ image: deps.image, partitions: deps.partitions, listenerName })
  const tellsLeaders = context.version >= FIRST_VERSION_WITH_LEADERS
  const responses = request.topicData.map(({ name, topicId, partitionData }) => {
    const reference = referenceOf({ name, topicId }, context.version)
    const partitionResponses = partitionData.map(({ index, records }): PartitionAnswer => {
      const place = { topic: reference, index, admission: judgement.admission }
      const { answer, flushed } =
        judgement.fault === undefined
          ? appendTo(deps, context, request.acks, place, records)
          : refused(judgement.fault.code, judgement.fault.message)
      const response = tellsLeaders ? leaders.tell({ index, ...answer }, reference, index) : { index, ...answer }
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
  const response = tellsLeaders ? { responses, nodeEndpoints: leaders.endpoints() } : { responses }
  return waits.length === 0 ? response : Promise.all(waits).then(() => response)
}

interface Appended {
  readonly answer: Omit<PartitionAnswer, 'index'>
  /** Resolves when the answer may be given, and rejects when the disk failed. Undefined where nothing has to wait. */
  readonly flushed?: Promise<void> | undefined
}

interface Place {
  readonly topic: TopicReference
  readonly index: number
  readonly admission: BatchAdmission | undefined
}

function appendTo(
  deps: Deps,
  context: RequestContext,
  acks: number,
  { topic, index, admission }: Place,
  records: Uint8Array | null,
): Appended {
  const partition = deps.partitions.find(topic, index)
  if (typeof partition === 'number') return { answer: { errorCode: partition, baseOffset: -1n } }
  if (records === null || records.length === 0)
    return refused('INVALID_RECORD', 'A produce request must bring one batch a partition.')
  const { log } = partition
  const unfit = admission?.(topic, index, records)
  if (unfit !== undefined) return refused(unfit.code, unfit.message === '' ? null : unfit.message)
  try {
    const batch = bufferOf(records)
    if (acks < -1 || acks > 1) {
      onlyBatch(batch, context.version)
      return refused('INVALID_REQUIRED_ACKS')
    }
    if (isInternalTopic(partition.topic.name)) return refused('INVALID_TOPIC_EXCEPTION')
    const transactionVersion = beginsWithTransaction(batch) ? transactionVersionOf(context.version) : undefined
    const options = { origin: 'client', produceVersion: context.version, transactionVersion } as const
    const { result, committed } = deps.partitions.append(partition, batch, options)
    const answer = {
      errorCode: 0,
      baseOffset: BigInt(result.baseOffset),
      logAppendTimeMs: BigInt(result.logAppendTimeMs),
      logStartOffset: BigInt(result.logStartOffset),
    }
    return { answer, flushed: acks === 0 ? undefined : committed }
  } catch (error) {
    if (error instanceof AppendError) return notAppended(error, log.logStartOffset)
    if (error instanceof KafkaError) return refused(error.code, error.message)
    throw error
  }
}

/**
 * As in Kafka, one batch can spoil the whole request: one whose length or magic cannot be, and one of a transaction where
 * the request names none.
 */
function requestFault(request: Decoded<ProduceRequest>): KafkaError | undefined {
  try {
    for (const { partitionData } of request.topicData) {
      for (const { records } of partitionData) {
        if (records === null || !beginsWithTransaction(bufferOf(records))) continue
        if (request.transactionalId !== null) return undefined
        const text = 'A batch is part of a transaction, and the request names none.'
        return new KafkaError(text, { code: 'TRANSACTIONAL_ID_AUTHORIZATION_FAILED' })
      }
    }
  } catch (error) {
    if (error instanceof AppendError) return error
    throw error
  }
  return undefined
}

function referenceOf(
  { name, topicId }: Pick<Decoded<ProduceRequest>['topicData'][number], 'name' | 'topicId'>,
  version: number,
): TopicReference {
  return version >= FIRST_VERSION_WITH_TOPIC_IDS ? { topicId } : { name }
}

function copied(request: Decoded<ProduceRequest>): Decoded<ProduceRequest> {
  const topicData = request.topicData.map(topic => ({
    ...topic,
    partitionData: topic.partitionData.map(partition => ({
      ...partition,
      records: partition.records === null ? null : Buffer.from(partition.records),
    })),
  }))
  return { ...request, topicData }
}

/** Where the log starts is told only where the log had a look at the records. */
function notAppended(error: AppendError, logStartOffset: number): Appended {
  const recordErrors = error.recordErrors.map(({ batchIndex, message }) => ({
    batchIndex,
    batchIndexErrorMessage: message,
  }))
  const { answer } = refused(error.code, error.message)
  if (error.isOfRequest || TELLS_NO_LOG_START.has(error.code)) return { answer }
  return { answer: { ...answer, recordErrors, logStartOffset: BigInt(logStartOffset) } }
}

const TELLS_NO_LOG_START: ReadonlySet<string> = new Set([
  'CORRUPT_MESSAGE',
  'MESSAGE_TOO_LARGE',
  'RECORD_LIST_TOO_LARGE',
])

function bufferOf(records: Uint8Array): Buffer {
  return Buffer.from(records.buffer, records.byteOffset, records.length)
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
