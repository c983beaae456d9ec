/**
 * The controller's decisions on leaders and replicas, as they come out on one node: every partition is led by its
 * preferred replica already, and there is nowhere else for a replica to go. Pure.
 */
import type { AlterPartitionReassignmentsRequestPartition, Decoded } from '@samsa/protocol'
import { assignmentFault, type ControllerView } from './controller-topics.js'
import { accepted, type Refusal, refusal } from './decision.js'
import type { TopicImage } from './image.js'

/** Why no leader has to be elected. */
export function electLeader(view: ControllerView, topicName: string, partition: number): Refusal {
  const topic = view.image.topicByName(topicName)
  if (topic === undefined) return refusal('UNKNOWN_TOPIC_OR_PARTITION', `No such topic as ${topicName}`)
  if (topic.partitions[partition] === undefined) {
    return refusal('UNKNOWN_TOPIC_OR_PARTITION', `No such partition as ${topicName}-${partition}`)
  }
  return refusal('ELECTION_NOT_NEEDED', 'Leader election not needed for topic partition.')
}

/** What becomes of a wish for other replicas; null replicas cancel a move that is under way. */
export function reassign(
  view: ControllerView,
  topicName: string,
  { partitionIndex, replicas }: Decoded<AlterPartitionReassignmentsRequestPartition>,
): Refusal {
  const topic: TopicImage | undefined = view.image.topicByName(topicName)
  if (topic === undefined) {
    return refusal('UNKNOWN_TOPIC_OR_PARTITION', `Unable to find a topic named ${topicName}.`)
  }
  if (topic.partitions[partitionIndex] === undefined) {
    return refusal('UNKNOWN_TOPIC_OR_PARTITION', `Unable to find partition ${topicName}:${partitionIndex}.`)
  }
  if (replicas === null) return refusal('NO_REASSIGNMENT_IN_PROGRESS')
  return assignmentFault(view, replicas) ?? accepted
}
