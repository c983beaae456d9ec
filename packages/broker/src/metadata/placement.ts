/**
 * Placement: which nodes hold the replicas of a new partition, and which of them lead and follow now. Pure.
 *
 * Leaders go around the running nodes by partition number, beginning at the lowest id for every topic: who asks for a topic
 * knows where its partitions are. The other replicas are the nodes behind the leader's.
 */
import type { BrokerImage, MetadataImage } from './image.js'

/** The replicas of `count` partitions from number `first` on, the leader of each in front. */
export function placeReplicas(image: MetadataImage, count: number, replicationFactor: number, first = 0): number[][] {
  const ring = [...image.brokers()].sort((one, other) => one.id - other.id)
  const running = ring.filter(isRunning)
  const leaders = running.length > 0 ? running : ring
  return Array.from({ length: count }, (_, index) => {
    const { id: leader } = leaders[(first + index) % leaders.length] ?? { id: -1 }
    const at = ring.findIndex(broker => broker.id === leader)
    return [...ring.slice(at), ...ring.slice(0, at)].slice(0, replicationFactor).map(broker => broker.id)
  })
}

/** Of some replicas, those that are in sync: on one engine, those whose node runs. */
export function inSyncOf(image: MetadataImage, replicas: readonly number[]): number[] {
  return replicas.filter(id => isOnline(image, id))
}

export function isOnline(image: MetadataImage, nodeId: number): boolean {
  const broker = image.broker(nodeId)
  return broker !== undefined && isRunning(broker)
}

function isRunning(broker: BrokerImage): boolean {
  return !broker.isFenced
}
