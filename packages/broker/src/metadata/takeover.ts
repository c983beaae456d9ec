/**
 * Take-over: what must be true of the metadata that a directory holds, ours or a real Kafka's, before this broker leads
 * by it. Says no with one sentence rather than serving half a cluster.
 */
import { KafkaError } from '@samsa/runtime'
import { supportedFeatures } from './features.js'
import type { MetadataImage } from './image.js'

/** Refuses a cluster of more nodes than one, another node's directory, and features that this broker does not know. */
export function checkTakeover(image: MetadataImage, nodeId: number): void {
  for (const broker of image.brokers()) {
    if (broker.id !== nodeId) throw refused(`broker ${broker.id} is registered in it, and this is node ${nodeId}`)
  }
  for (const topic of image.topics()) {
    for (const { index, replicas } of topic.partitions) {
      const other = replicas.find(replica => replica !== nodeId)
      if (other === undefined) continue
      throw refused(`partition ${topic.name}-${index} has a replica on node ${other}, and this is node ${nodeId}`)
    }
  }
  for (const [name, level] of image.features) {
    const supported = supportedFeatures.find(feature => feature.name === name)
    if (supported !== undefined && level >= supported.min && level <= supported.max) continue
    throw refused(`it uses the feature ${name} at level ${level}, which this broker does not know`)
  }
}

function refused(why: string): KafkaError {
  return new KafkaError(`the data directory cannot be opened: ${why}`, { code: 'INCONSISTENT_CLUSTER_ID' })
}
