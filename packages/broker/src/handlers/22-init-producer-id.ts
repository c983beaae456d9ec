/**
 * InitProducerId: gives a producer the id under which the broker knows its batches again, and under a transactional id the
 * epoch that shuts out whoever had it before.
 *
 * Versions 0 to 5. Ids come from blocks that the metadata log hands out, so none is given twice. A transaction that is
 * open under the id is aborted first, and CONCURRENT_TRANSACTIONS has the producer ask again. Two-phase commit (version 6)
 * is not served, as in Kafka 4.3.
 */
import { type Decoded, type InitProducerIdRequest, type InitProducerIdResponse, initProducerId } from '@samsa/protocol'
import { KafkaError } from '@samsa/runtime'
import { codeOf } from '../cluster/partitions.js'
import type { TransactionCoordinator } from '../coordinator/txn/transaction-coordinator.js'
import type { Handler } from '../server/context.js'

export interface InitProducerIdDeps {
  /** Hands out the next producer id; throws when the metadata log takes no new block. */
  readonly nextProducerId: () => number
  readonly transactions: TransactionCoordinator
  /** What an id must wait for, so that a loss of power cannot make it be given again. */
  readonly acknowledged: () => Promise<void> | undefined
}

const FIRST_VERSION_WITH_FENCED = 4
/** Who has an id has an epoch too. */
const NONE = -1n

export function initProducerIdHandler(
  deps: InitProducerIdDeps,
): Handler<InitProducerIdRequest, InitProducerIdResponse> {
  return {
    api: initProducerId,
    versions: { min: 0, max: 5 },
    handle: async ({ version }, request) => {
      const { transactionalId, producerId, producerEpoch } = request
      if ((producerId === NONE) !== (producerEpoch === Number(NONE))) return refused('INVALID_REQUEST')
      if (transactionalId !== null) return initTransactional(deps, transactionalId, request, version)
      const given = BigInt(deps.nextProducerId())
      await deps.acknowledged()
      return { throttleTimeMs: 0, errorCode: 0, producerId: given, producerEpoch: 0 }
    },
    failure: (_context, _request, error) => (error instanceof KafkaError ? refused(error.code) : undefined),
  }
}

async function initTransactional(
  { transactions, acknowledged }: InitProducerIdDeps,
  transactionalId: string,
  { transactionTimeoutMs: timeoutMs, producerId, producerEpoch }: Decoded<InitProducerIdRequest>,
  version: number,
): Promise<InitProducerIdResponse> {
  const expected = producerId === NONE ? undefined : { producerId: Number(producerId), producerEpoch }
  const answer = await transactions.init(transactionalId, { timeoutMs, expected })
  const { errorCode } = answer
  if (errorCode === codeOf('PRODUCER_FENCED') && version < FIRST_VERSION_WITH_FENCED) {
    return refused('INVALID_PRODUCER_EPOCH')
  }
  await acknowledged()
  return { throttleTimeMs: 0, errorCode, producerId: BigInt(answer.producerId), producerEpoch: answer.producerEpoch }
}

function refused(code: string): InitProducerIdResponse {
  return { throttleTimeMs: 0, errorCode: codeOf(code), producerId: -1n, producerEpoch: -1 }
}
