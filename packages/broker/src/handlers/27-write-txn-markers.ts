/**
 * WriteTxnMarkers: transactions are ended in the logs of partitions, as coordinators on other nodes and administrators who
 * mend what hangs ask for it.
 *
 * Versions 1 and 2; version 2 says of which generation the transaction is. Several markers of one producer have one answer;
 * of those for the same partition the last one's code counts, as in Kafka.
 */
import {
  type Decoded,
  type WriteTxnMarkersRequest,
  type WriteTxnMarkersResponse,
  writeTxnMarkers,
} from '@samsa/protocol'
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
      const written = request.markers.map(async marker => {
        const { producerId, producerEpoch, coordinatorEpoch, transactionVersion } = marker
        const end = {
          producerId: Number(producerId),
          producerEpoch,
          coordinatorEpoch,
          transactionVersion,
          isCommit: marker.transactionResult,
        }
        const outcomes = placesOf(marker).map(async place => {
          const partition = partitions.find(place, place.index)
          const code = typeof partition === 'number' ? partition : await markers.append(partition, partitions, end)
          return { ...place, code }
        })
        return { producerId, outcomes: await Promise.all(outcomes) }
      })
      return { markers: merged(await Promise.all(written)) }
    },
  }
}

interface Place {
  readonly name: string
  readonly index: number
}

interface Outcome extends Place {
  readonly code: number
}

function placesOf({ topics }: Decoded<WriteTxnMarkersRequest>['markers'][number]): Place[] {
  return topics.flatMap(({ name, partitionIndexes }) => partitionIndexes.map(index => ({ name, index })))
}

function merged(
  written: readonly { readonly producerId: bigint; readonly outcomes: readonly Outcome[] }[],
): WriteTxnMarkersResponse['markers'] {
  const producers = new Map<bigint, Map<string, Map<number, number>>>()
  for (const { producerId, outcomes } of written) {
    const topics = producers.get(producerId) ?? new Map<string, Map<number, number>>()
    producers.set(producerId, topics)
    for (const { name, index, code } of outcomes) topics.set(name, (topics.get(name) ?? new Map()).set(index, code))
  }
  return Array.from(producers, ([producerId, topics]) => ({
    producerId,
    topics: Array.from(topics, ([name, codes]) => ({
      name,
      partitions: Array.from(codes, ([partitionIndex, errorCode]) => ({ partitionIndex, errorCode })),
    })),
  }))
}
