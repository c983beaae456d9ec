/**
 * The transactional batches of a Produce request: which of them are in their producer's open transaction, as the log of the
 * partition knows already or the coordinator says. Keeps no state.
 */
import { type Decoded, errorByCode, type ProduceRequest, RecordBatch } from '@samsa/protocol'
import { KafkaError } from '@samsa/runtime'
import { codeOf, type Partitions, type TopicReference } from '../cluster/partitions.js'
import type { AdmissionSupport, TransactionAdmission } from '../coordinator/txn/transaction-admission.js'
import { beginsWithTransaction } from '../log/validate.js'

/** Clients from here on know that a transaction can be aborted, and from there on that partitions join by themselves. */
const FIRST_VERSION_WITH_ABORTABLE = 11
const FIRST_VERSION_WITH_JOINING = 12

/** Why the batch that a partition was sent must not be written, or undefined. To be asked in the turn in which it would be. */
export type BatchAdmission = (topic: TopicReference, index: number, records: Uint8Array) => KafkaError | undefined

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
  const unknown: UnknownBatch[] = []
  for (const topic of request.topicData) {
    for (const { index, records } of topic.partitionData) {
      const found = records === null ? undefined : unknownBatch(partitions, referenceOf(topic), index, records)
      if (found !== undefined) unknown.push(found)
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
  const codes = transactions.admitPatiently({ transactionalId, producerId, producerEpoch, partitions: named, support })
  const judge =
    (found: readonly number[]): BatchAdmission =>
    (reference, index) => {
      const name = partitions.topic(reference)?.name
      const at = unknown.findIndex(each => each.topic === name && each.index === index)
      return refusalOf(found[at] ?? 0, support)
    }
  if (!(codes instanceof Promise)) return judge(codes)
  const judgeAgain: BatchAdmission = (reference, index, records) => {
    const found = unknownBatch(partitions, reference, index, records)
    if (found === undefined) return undefined
    const { topic, batch } = found
    const own = { producerId: batch.producerId, producerEpoch: batch.producerEpoch }
    const [code = 0] = transactions.stillAdmitted({
      ...own,
      transactionalId,
      partitions: [{ topic, partitions: [index] }],
      support,
    })
    return refusalOf(code, support)
  }
  // What was true when the wait began need not be when it is over, for the partitions in whose logs it was either.
  return codes.then(found => {
    const first = judge(found)
    return (...asked) => first(...asked) ?? judgeAgain(...asked)
  })
}

interface UnknownBatch {
  readonly topic: string
  readonly index: number
  readonly batch: RecordBatch
}

/** The batch, where it is one of a transaction that the partition's log does not know as open. */
function unknownBatch(
  partitions: Partitions,
  reference: TopicReference,
  index: number,
  records: Uint8Array,
): UnknownBatch | undefined {
  const batch = transactionalBatch(records)
  if (batch === undefined) return undefined
  const partition = partitions.find(reference, index)
  if (typeof partition === 'number') return undefined
  if (partition.log.producers.hasOpenTransaction(batch.producerId, batch.producerEpoch)) return undefined
  return { topic: partition.topic.name, index, batch }
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
function refusalOf(code: number, support: AdmissionSupport): KafkaError | undefined {
  if (code === 0) return undefined
  const { name } = errorByCode(code)
  const isEarly = code === codeOf('CONCURRENT_TRANSACTIONS') && support !== 'joins'
  if (!(UNVERIFIED.has(code) || isEarly)) return new KafkaError('', { code: name })
  const text = `Unable to verify the partition has been added to the transaction: ${name}.`
  return new KafkaError(text, { code: 'NOT_ENOUGH_REPLICAS' })
}
