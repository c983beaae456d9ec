/**
 * InitProducerId: gives a producer the id under which the broker knows its batches again.
 *
 * Versions 0 to 5. For idempotent producers only: a transactional id is refused with COORDINATOR_NOT_AVAILABLE until the
 * transaction coordinator is there. Ids come from blocks that the metadata log hands out, so none is given twice.
 */
import { type InitProducerIdRequest, type InitProducerIdResponse, initProducerId } from '@samsa/protocol'
import { codeOf } from '../cluster/partitions.js'
import type { Handler } from '../server/context.js'

/** Hands out the next producer id. */
export type NextProducerId = () => number

export function initProducerIdHandler(
  nextProducerId: NextProducerId,
): Handler<InitProducerIdRequest, InitProducerIdResponse> {
  return {
    api: initProducerId,
    versions: { min: 0, max: 5 },
    handle: (_context, request) => {
      if (request.transactionalId === '') return refused('INVALID_REQUEST')
      if (request.transactionalId !== null) return refused('COORDINATOR_NOT_AVAILABLE')
      return { throttleTimeMs: 0, errorCode: 0, producerId: BigInt(nextProducerId()), producerEpoch: 0 }
    },
  }
}

function refused(code: string): InitProducerIdResponse {
  return { throttleTimeMs: 0, errorCode: codeOf(code), producerId: -1n, producerEpoch: -1 }
}
