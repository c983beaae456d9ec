/**
 * WriteTxnMarkers: transactions are ended in the logs of partitions, as coordinators on other nodes and administrators who
 * mend what hangs ask for it.
 *
 * Versions 1 and 2; version 2 says of which generation the transaction is.
 */
import { type WriteTxnMarkersRequest, type WriteTxnMarkersResponse, writeTxnMarkers } from '@samsa/protocol'
import type { Partitions } from '../cluster/partitions.js'
import type { TransactionMarkers } from '../coordinator/txn/transaction-markers.js'
import type { Handler } from '../server/context.js'

interface Deps {
  readonly partitions: Partitions
  readonly markers: TransactionMarkers
}

export function writeTxnMarkersHandler({
  partitions,
  markers,
}: Deps): Handler<WriteTxnMarkersRequest, WriteTxnMarkersResponse> {
  return {
    api: writeTxnMarkers,
    versions: { min: 1, max: 2 },
    handle: async (_context, request) => {
      const answers = request.markers.map(async marker => {
        const { producerId, producerEpoch, coordinatorEpoch, transactionVersion } = marker
        const end = {
          producerId: Number(producerId),
          producerEpoch,
          coordinatorEpoch,
          transactionVersion,
          isCommit: marker.transactionResult,
        }
        const topics = marker.topics.map(async ({ name, partitionIndexes }) => {
          const written = partitionIndexes.map(async partitionIndex => {
            const partition = partitions.find({ name }, partitionIndex)
            if (typeof partition === 'number') return { partitionIndex, errorCode: partition }
            return { partitionIndex, errorCode: await markers.append(partition, partitions, end) }
          })
          return { name, partitions: await Promise.all(written) }
        })
        return { producerId, topics: await Promise.all(topics) }
      })
      return { markers: await Promise.all(answers) }
    },
  }
}
