/**
 * OffsetForLeaderEpoch: where an epoch ended in a partition's log, so that a client can find out whether the records that
 * it has read are still there.
 *
 * Versions 2 to 4. An epoch that the log does not know gets the one before it; where there is none, epoch and offset -1.
 */
import {
  type OffsetForLeaderEpochRequest,
  type OffsetForLeaderEpochResponse,
  offsetForLeaderEpoch,
} from '@samsa/protocol'
import type { Partitions } from '../cluster/partitions.js'
import type { Handler } from '../server/context.js'

export function offsetForLeaderEpochHandler(
  partitions: Partitions,
): Handler<OffsetForLeaderEpochRequest, OffsetForLeaderEpochResponse> {
  return {
    api: offsetForLeaderEpoch,
    versions: { min: 2, max: 4 },
    handle: (_context, request) => ({
      topics: request.topics.map(({ topic, partitions: asked }) => ({
        topic,
        partitions: asked.map(each => {
          const partition = partitions.find({ name: topic }, each.partition, each.currentLeaderEpoch)
          if (typeof partition === 'number') return { errorCode: partition, partition: each.partition }
          const end = partition.log.epochEndOffset(each.leaderEpoch)
          return { errorCode: 0, partition: each.partition, leaderEpoch: end.epoch, endOffset: BigInt(end.endOffset) }
        }),
      })),
    }),
  }
}
