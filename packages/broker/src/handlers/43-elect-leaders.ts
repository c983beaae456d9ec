/**
 * ElectLeaders: has partitions led by their preferred replica, or by any at all.
 *
 * Versions 0 to 2. Asked for all partitions, the answer names every topic, and the partitions that were to be done something
 * about: with one node, none.
 */
import { type Decoded, type ElectLeadersRequest, type ElectLeadersResponse, electLeaders } from '@samsa/protocol'
import { codeOf } from '../cluster/partitions.js'
import { type Refusal, refusal } from '../metadata/decision.js'
import type { Handler } from '../server/context.js'
import type { AdminDeps } from './admin.js'

const UNCLEAN = 1
const ELECTION_TYPES: readonly number[] = [0, UNCLEAN]
const NOT_NEEDED = codeOf('ELECTION_NOT_NEEDED')

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
      const isUnclean = request.electionType === UNCLEAN
      const elect = (topic: string, partition: number): Refusal =>
        deps.controller.electLeader(topic, partition, isUnclean)
      if (request.topicPartitions !== null) return { throttleTimeMs: 0, ...results(request, elect) }
      const topics = [...deps.controller.view.image.topics()]
      return {
        throttleTimeMs: 0,
        replicaElectionResults: topics.map(({ name, partitions }) => ({
          topic: name,
          partitionResult: partitions
            .map(({ index }) => ({ partitionId: index, ...elect(name, index) }))
            .filter(({ errorCode }) => errorCode !== NOT_NEEDED),
        })),
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
