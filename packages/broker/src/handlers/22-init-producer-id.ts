/**
 * InitProducerId: gives a producer the id under which the broker knows its batches again.
 *
 * Versions 0 to 5. For idempotent producers only: a transactional id is refused with COORDINATOR_NOT_AVAILABLE until the
 * transaction coordinator is there. Ids come from blocks that the metadata log hands out, so none is given twice.
 */
import { type InitProducerIdRequest, type InitProducerIdResponse, initProducerId } from '@samsa/protocol'
import { KafkaError } from '@samsa/runtime'
import { codeOf } from '../cluster/partitions.js'
import type { Handler } from '../server/context.js'

export interface InitProducerIdDeps {
  /** Hands out the next producer id; throws when the metadata log takes no new block. */
  readonly nextProducerId: () => number
  /** What an id must wait for, so that a loss of power cannot make it be given again. */
  readonly acknowledged: () => Promise<void> | undefined
}

/** Who has an id has an epoch too. */
const NONE = -1n

export function initProducerIdHandler(
  deps: InitProducerIdDeps,
): Handler<InitProducerIdRequest, InitProducerIdResponse> {
  return {
    api: initProducerId,
    versions: { min: 0, max: 5 },
    handle: async (_context, request) => {
      if ((request.producerId === NONE) !== (request.producerEpoch === Number(NONE))) return refused('INVALID_REQUEST')
      if (request.transactionalId === '') return refused('INVALID_REQUEST')
      if (request.transactionalId !== null) return refused('COORDINATOR_NOT_AVAILABLE')
      const producerId = BigInt(deps.nextProducerId())
      await deps.acknowledged()
      return { throttleTimeMs: 0, errorCode: 0, producerId, producerEpoch: 0 }
    },
    failure: (_context, _request, error) => (error instanceof KafkaError ? refused(error.code) : undefined),
  }
}

function refused(code: string): InitProducerIdResponse {
  return { throttleTimeMs: 0, errorCode: codeOf(code), producerId: -1n, producerEpoch: -1 }
}
