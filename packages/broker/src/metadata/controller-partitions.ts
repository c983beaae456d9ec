/**
 * The controller's decisions on elections and reassignments. Nodes share one engine, so a replica is where it is wanted at
 * once, and an election has only to find out who runs. With one node there is never anything to do. Pure.
 */
import type { AlterPartitionReassignmentsRequestPartition, Decoded } from '@samsa/protocol'
import { leaderChange, replicaChange } from './controller-leaders.js'
import { assignmentFault, type ControllerView } from './controller-topics.js'
import { accepted, type Decision, type Refusal, refusal } from './decision.js'
import type { TopicImage } from './image.js'
import { inSyncOf } from './placement.js'

const NO_LEADER = -1

/** Has the preferred replica lead; `isUnclean` is about partitions without a leader, and takes any replica that runs. */
export function electLeader(
  { image }: ControllerView,
  topicName: string,
  index: number,
  isUnclean: boolean,
): Decision<Refusal> {
  const nothing = (result: Refusal): Decision<Refusal> => ({ records: [], result })
  const topic = image.topicByName(topicName)
  if (topic === undefined) return nothing(refusal('UNKNOWN_TOPIC_OR_PARTITION', `No such topic as ${topicName}`))
  const partition = topic.partitions[index]
  if (partition === undefined) {
    return nothing(refusal('UNKNOWN_TOPIC_OR_PARTITION', `No such partition as ${topicName}-${index}`))
  }
  const [preferred = NO_LEADER] = partition.replicas
  if (isUnclean ? partition.leader !== NO_LEADER : partition.leader === preferred) {
    return nothing(refusal('ELECTION_NOT_NEEDED', 'Leader election not needed for topic partition.'))
  }
  const leader = isUnclean ? inSyncOf(image, partition.replicas)[0] : inSyncOf(image, [preferred])[0]
  if (leader !== undefined) return { records: leaderChange(image, topic, partition, leader), result: accepted }
  return nothing(refusal(isUnclean ? 'ELIGIBLE_LEADERS_NOT_AVAILABLE' : 'PREFERRED_LEADER_NOT_AVAILABLE'))
}

/** What becomes of a wish for other replicas; null replicas cancel a move that is under way. */
export function reassign(
  view: ControllerView,
  topicName: string,
  { partitionIndex, replicas }: Decoded<AlterPartitionReassignmentsRequestPartition>,
): Decision<Refusal> {
  const nothing = (result: Refusal): Decision<Refusal> => ({ records: [], result })
  const topic: TopicImage | undefined = view.image.topicByName(topicName)
  if (topic === undefined) {
    return nothing(refusal('UNKNOWN_TOPIC_OR_PARTITION', `Unable to find a topic named ${topicName}.`))
  }
  const partition = topic.partitions[partitionIndex]
  if (partition === undefined) {
    return nothing(refusal('UNKNOWN_TOPIC_OR_PARTITION', `Unable to find partition ${topicName}:${partitionIndex}.`))
  }
  if (replicas === null) return nothing(refusal('NO_REASSIGNMENT_IN_PROGRESS'))
  const fault = assignmentFault(view, replicas)
  if (fault !== undefined) return nothing(fault)
  return { records: replicaChange(view.image, topic, partition, replicas), result: accepted }
}
