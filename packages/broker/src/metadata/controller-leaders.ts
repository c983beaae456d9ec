/**
 * The controller's decisions on who leads, as nodes come and go and as tests ask for it: an image and a wish in, records
 * out. All nodes share one engine, so whoever leads has everything; each change of a leader begins a new epoch. Pure.
 */
import { brokerRegistrationChangeRecord, partitionChangeRecord } from '@samsa/protocol'
import type { MetadataImage, PartitionImage, TopicImage } from './image.js'
import { type MetadataRecord, metadataRecord } from './metadata-records.js'
import { inSyncOf } from './placement.js'

const NO_LEADER = -1

/**
 * Has a partition led by a node, or by none (-1). A node that holds no replica takes the place of the leader, or of the
 * first replica where there is none, as when a reassignment has ended.
 */
export function leaderChange(
  image: MetadataImage,
  topic: TopicImage,
  partition: PartitionImage,
  leader: number,
): MetadataRecord[] {
  if (partition.leader === leader) return []
  const leaves = partition.leader === NO_LEADER ? partition.replicas[0] : partition.leader
  const isNew = leader !== NO_LEADER && !partition.replicas.includes(leader)
  const replicas = isNew ? partition.replicas.map(id => (id === leaves ? leader : id)) : partition.replicas
  const isr = leader === NO_LEADER ? partition.isr : inSyncOf(image, replicas)
  return [change(topic, partition, isNew ? { leader, isr, replicas } : { leader, isr })]
}

/** Has a partition's replicas be those, of which the leader stays if it is one of them. */
export function replicaChange(
  image: MetadataImage,
  topic: TopicImage,
  partition: PartitionImage,
  replicas: readonly number[],
): MetadataRecord[] {
  if (replicas.join() === partition.replicas.join()) return []
  const isr = inSyncOf(image, replicas)
  const leads = replicas.includes(partition.leader) ? {} : { leader: isr[0] ?? NO_LEADER }
  const [directory] = partition.directories
  const directories = directory === undefined ? [] : replicas.map(() => directory)
  return [change(topic, partition, { replicas, isr, directories, ...leads })]
}

/** A node goes: its partitions are led by another of their replicas that runs, and by none where there is none. */
export function nodeStops(image: MetadataImage, nodeId: number): MetadataRecord[] {
  const records = [registrationChange(image, nodeId, 1)]
  for (const [topic, partition] of partitionsOf(image)) {
    if (!partition.replicas.includes(nodeId)) continue
    const isr = inSyncOf(image, partition.replicas).filter(id => id !== nodeId)
    const leads = partition.leader === nodeId
    // The last replica in sync stays in the list: it is the one that has everything.
    if (isr.length === 0) {
      if (leads) records.push(change(topic, partition, { leader: NO_LEADER }))
    } else records.push(change(topic, partition, leads ? { leader: isr[0] ?? NO_LEADER, isr } : { isr }))
  }
  return records
}

/** A node comes back: it is in sync at once, and leads what nobody leads. */
export function nodeStarts(image: MetadataImage, nodeId: number): MetadataRecord[] {
  const records = [registrationChange(image, nodeId, -1)]
  for (const [topic, partition] of partitionsOf(image)) {
    if (!partition.replicas.includes(nodeId)) continue
    const isr = partition.replicas.filter(id => id === nodeId || inSyncOf(image, [id]).length > 0)
    records.push(change(topic, partition, partition.leader === NO_LEADER ? { leader: nodeId, isr } : { isr }))
  }
  return records
}

function* partitionsOf(image: MetadataImage): Generator<[TopicImage, PartitionImage]> {
  for (const topic of image.topics()) for (const partition of topic.partitions) yield [topic, partition]
}

function change(
  topic: TopicImage,
  partition: PartitionImage,
  changes: Partial<Pick<PartitionImage, 'leader' | 'isr' | 'replicas' | 'directories'>>,
): MetadataRecord {
  return metadataRecord(partitionChangeRecord, { partitionId: partition.index, topicId: topic.id, ...changes })
}

/** `fenced` is 1 for a node that may lead no more, -1 for one that may. */
function registrationChange(image: MetadataImage, nodeId: number, fenced: 1 | -1): MetadataRecord {
  const brokerEpoch = image.broker(nodeId)?.epoch ?? -1n
  return metadataRecord(brokerRegistrationChangeRecord, { brokerId: nodeId, brokerEpoch, fenced }, 0)
}
