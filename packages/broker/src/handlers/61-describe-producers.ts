/**
 * DescribeProducers: which producers a partition's log remembers.
 *
 * Version 0. `currentTxnStartOffset` is -1 where no transaction is open.
 */
import {
  type DescribeProducersRequest,
  type DescribeProducersResponse,
  describeProducers,
  errorByCode,
} from '@samsa/protocol'
import { codeOf, type Partitions } from '../cluster/partitions.js'
import { topicNameFault } from '../metadata/topic-names.js'
import type { Handler } from '../server/context.js'

export function describeProducersHandler(
  partitions: Partitions,
): Handler<DescribeProducersRequest, DescribeProducersResponse> {
  return {
    api: describeProducers,
    versions: { min: 0, max: 0 },
    handle: (_context, request) => ({
      throttleTimeMs: 0,
      topics: request.topics.map(({ name, partitionIndexes }) => {
        const isFit = topicNameFault(name) === undefined
        const told = partitionIndexes.map(partitionIndex => {
          const partition = isFit ? partitions.find({ name }, partitionIndex) : codeOf('INVALID_TOPIC_EXCEPTION')
          if (typeof partition === 'number') {
            return {
              partitionIndex,
              errorCode: partition,
              errorMessage: errorByCode(partition).text,
              activeProducers: [],
            }
          }
          const activeProducers = partition.log.producers.states().map(producer => ({
            producerId: BigInt(producer.producerId),
            producerEpoch: producer.producerEpoch,
            lastSequence: producer.lastSequence,
            lastTimestamp: BigInt(producer.lastTimestamp),
            coordinatorEpoch: producer.coordinatorEpoch,
            currentTxnStartOffset: BigInt(producer.currentTxnFirstOffset),
          }))
          return { partitionIndex, errorCode: 0, errorMessage: null, activeProducers }
        })
        return { name, partitions: told }
      }),
    }),
  }
}
