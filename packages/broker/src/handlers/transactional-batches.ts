/**
 * The transactional batches of a Produce request: which of them are in their producer's open transaction, as the log of the
 * partition knows already or the coordinator says. Keeps no state.
 */
import { type Decoded, errorByCode, type ProduceRequest, RecordBatch } from '@samsa/protocol'
import { KafkaError } from '@samsa/runtime'
import { codeOf, type Partitions, type TopicReference } from '../cluster/partitions.js'
import type { AdmissionSupport, TransactionAdmission } from '../coordinator/txn/transaction-admission.js'
import type { KnownProducers } from '../log/producer-state.js'
import { beginsWithTransaction } from '../log/validate.js'

/** Clients from here on know that a transaction can be aborted, and from there on that partitions join by themselves. */
const FIRST_VERSION_WITH_ABORTABLE = 11
const FIRST_VERSION_WITH_JOINING = 12

/** Why a batch of the partition must not be written, or undefined. */
export type BatchAdmission = (topic: TopicReference, index: number) => KafkaError | undefined

/** A batch that the coordinator is asked about. */
interface Unknown {
  readonly topic: string
  readonly index: number
  readonly batch: RecordBatch
  readonly producers: KnownProducers
  /** Of its producer in the log, when the coordinator was asked. */
  readonly markers: number
}

interface Deps {
  readonly partitions: Partitions
  readonly transactions: TransactionAdmission
}

/** Undefined where no batch needs to be asked about, which is nearly always. */
export function admissionOf(
  { partitions, transactions }: Deps,
  version: number,
  request: Decoded<ProduceRequest>,
  referenceOf: (topic: Decoded<ProduceRequest>['topicData'][number]) => TopicReference,
): BatchAdmission | Promise<BatchAdmission> | undefined {
  const unknown: Unknown[] = []
  for (const topic of request.topicData) {
    for (const { index, records } of topic.partitionData) {
      const batch = records === null ? undefined : transactionalBatch(records)
      if (batch === undefined) continue
      const partition = partitions.find(referenceOf(topic), index)
      if (typeof partition === 'number') continue
      const { producers } = partition.log
      if (producers.hasOpenTransaction(batch.producerId, batch.producerEpoch)) continue
      const markers = producers.markersOf(batch.producerId)
      unknown.push({ topic: partition.topic.name, index, batch, producers, markers })
    }
  }
  const first = unknown[0]?.batch
  if (first === undefined) return undefined
  const { producerId, producerEpoch } = first
  const isOne = unknown.every(({ batch }) => batch.producerId === producerId && batch.producerEpoch === producerEpoch)
  if (!isOne) {
    const text = 'Transactional batches of more than one producer are in one request.'
    return () => new KafkaError(text, { code: 'INVALID_PRODUCER_ID_MAPPING' })
  }
  const named = unknown.map(({ topic, index }) => ({ topic, partitions: [index] }))
  const support = supportOf(version)
  const transactionalId = request.transactionalId ?? ''
  const codes = transactions.admitInLine({ transactionalId, producerId, producerEpoch, partitions: named, support })
  const judge =
    (found: readonly number[]): BatchAdmission =>
    (reference, index) => {
      const name = partitions.topic(reference)?.name
      const at = unknown.findIndex(each => each.topic === name && each.index === index)
      const code = found[at] ?? 0
      if (code !== 0) return refusalOf(code, support)
      return isOver(unknown[at]) ? new KafkaError('', { code: 'INVALID_TXN_STATE' }) : undefined
    }
  return codes instanceof Promise ? codes.then(judge) : judge(codes)
}

/** While the batch waited for the answer, its transaction has ended: nothing would end what it begins now. */
function isOver(asked: Unknown | undefined): boolean {
  return asked !== undefined && asked.producers.markersOf(asked.batch.producerId) !== asked.markers
}

/** The generation that a version of Produce speaks. */
export function transactionVersionOf(version: number): number {
  return version >= FIRST_VERSION_WITH_JOINING ? 2 : 0
}

function supportOf(version: number): AdmissionSupport {
  if (version >= FIRST_VERSION_WITH_JOINING) return 'joins'
  return version >= FIRST_VERSION_WITH_ABORTABLE ? 'abortable' : 'none'
}

function transactionalBatch(records: Uint8Array): RecordBatch | undefined {
  const bytes = Buffer.from(records.buffer, records.byteOffset, records.length)
  return beginsWithTransaction(bytes) ? new RecordBatch(bytes) : undefined
}

const UNVERIFIED: ReadonlySet<number> = new Set(
  ['NETWORK_EXCEPTION', 'COORDINATOR_LOAD_IN_PROGRESS', 'COORDINATOR_NOT_AVAILABLE', 'NOT_COORDINATOR'].map(codeOf),
)

/** Producers find no coordinator on account of a batch; they are told what has them send it again. */
function refusalOf(code: number, support: AdmissionSupport): KafkaError {
  const { name } = errorByCode(code)
  const isEarly = code === codeOf('CONCURRENT_TRANSACTIONS') && support !== 'joins'
  if (!(UNVERIFIED.has(code) || isEarly)) return new KafkaError('', { code: name })
  const text = `Unable to verify the partition has been added to the transaction: ${name}.`
  return new KafkaError(text, { code: 'NOT_ENOUGH_REPLICAS' })
}
