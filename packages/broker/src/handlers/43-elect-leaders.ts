/**
 * ElectLeaders: has partitions led by their preferred replica, or by any at all.
 *
 * Versions 0 to 2. On one node every partition is led by the only replica there is, so no election is ever needed; asked
 * for all partitions, Kafka then names the topics and no partition of them.
 */
import { type Decoded, type ElectLeadersRequest, type ElectLeadersResponse, electLeaders } from '@samsa/protocol'
import { type Refusal, refusal } from '../metadata/decision.js'
import type { Handler } from '../server/context.js'
import type { AdminDeps } from './admin.js'

const ELECTION_TYPES: readonly number[] = [0, 1]

export function electLeadersHandler(
  deps: Pick<AdminDeps, 'controller'>,
): Handler<ElectLeadersRequest, ElectLeadersResponse> {
  return {
    api: electLeaders,
    versions: { min: 0, max: 2 },
    handle: (_context, request) => {
      if (!ELECTION_TYPES.includes(request.electionType)) {
        const fault = refusal('INVALID_REQUEST', `Unknown election type ${request.electionType}`)
        return { throttleTimeMs: 0, errorCode: fault.errorCode, ...results(request, () => fault) }
      }
      if (request.topicPartitions !== null) {
        return {
          throttleTimeMs: 0,
          ...results(request, (topic, partition) => deps.controller.electLeader(topic, partition)),
        }
      }
      const topics = [...deps.controller.view.image.topics()]
      return {
        throttleTimeMs: 0,
        replicaElectionResults: topics.map(({ name }) => ({ topic: name, partitionResult: [] })),
      }
    },
  }
}

function results(
  { topicPartitions }: Decoded<ElectLeadersRequest>,
  judge: (topic: string, partition: number) => Refusal,
): Pick<ElectLeadersResponse, 'replicaElectionResults'> {
  return {
    replicaElectionResults: (topicPartitions ?? []).map(({ topic, partitions }) => ({
      topic,
      partitionResult: partitions.map(partition => ({ partitionId: partition, ...judge(topic, partition) })),
    })),
  }
}
