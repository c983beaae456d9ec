/**
 * Registration: what the metadata log is told when this node starts: at first start the features and the configs that a
 * new cluster has, and at every start the node's address, its incarnation, and that it leads. Pure.
 */
import {
  beginTransactionRecord,
  brokerRegistrationChangeRecord,
  configRecord,
  endTransactionRecord,
  featureLevelRecord,
  partitionChangeRecord,
  registerBrokerRecord,
  registerControllerRecord,
  type Uuid,
  uuidFromBytes,
} from '@samsa/protocol'
import type { Random } from '@samsa/runtime'
import { supportedFeatures } from './features.js'
import type { EndpointImage, MetadataImage } from './image.js'
import { configResourceTypes } from './image-parts.js'
import type { MetadataLog } from './metadata-log.js'
import { type MetadataRecord, metadataRecord } from './metadata-records.js'
import { checkTakeover } from './takeover.js'

export interface LocalNode {
  readonly nodeId: number
  readonly directoryId: Uuid
  /** The advertised listeners of the broker. */
  readonly listeners: readonly EndpointImage[]
  /** What the controller would be reached by. There is no such listener on one node, but the log must name one. */
  readonly controllerListener: EndpointImage
  readonly rack: string | null
}

/**
 * Starts a term and registers this node. `wasCleanStop` keeps leader epochs as they are where this node led at the end;
 * after a crash every partition gets a new one.
 */
export function registerNode(log: MetadataLog, node: LocalNode, random: Random, wasCleanStop: boolean): void {
  checkTakeover(log.image, node.nodeId)
  const isFirstStart = log.isEmpty
  log.startTerm({ nodeId: node.nodeId, directoryId: node.directoryId, endpoints: [node.controllerListener] })
  if (isFirstStart) log.append(bootstrapRecords())
  const incarnationId = uuidFromBytes(random.bytes(16))
  log.append([controllerRegistration(node, incarnationId)])
  const brokerEpoch = BigInt(log.endOffset)
  log.append([brokerRegistration(node, incarnationId, brokerEpoch), unfencing(node.nodeId, brokerEpoch)])
  for (const records of leadershipRecords(log.image, node.nodeId, wasCleanStop)) log.append(records)
}

/** A further node of the same engine: one more place to connect to, which may lead as this one does. */
export function registerNeighbour(
  log: MetadataLog,
  { nodeId, listeners, directoryId, rack }: Omit<LocalNode, 'controllerListener'>,
  random: Random,
): void {
  const brokerEpoch = BigInt(log.endOffset)
  const node = { nodeId, listeners, directoryId, rack }
  log.append([brokerRegistration(node, uuidFromBytes(random.bytes(16)), brokerEpoch), unfencing(nodeId, brokerEpoch)])
}

function unfencing(brokerId: number, brokerEpoch: bigint): MetadataRecord {
  return metadataRecord(brokerRegistrationChangeRecord, { brokerId, brokerEpoch, fenced: -1 }, 0)
}

function bootstrapRecords(): MetadataRecord[] {
  return [
    metadataRecord(beginTransactionRecord, { name: 'Bootstrap records' }),
    ...supportedFeatures
      .filter(feature => feature.initial > 0)
      .map(({ name, initial }) => metadataRecord(featureLevelRecord, { name, featureLevel: initial })),
    // With eligible leader replicas the cluster's own setting is what counts, so it is written down from the start.
    metadataRecord(configRecord, {
      resourceType: configResourceTypes.broker,
      resourceName: '',
      name: 'min.insync.replicas',
      value: '1',
    }),
    metadataRecord(endTransactionRecord, {}),
  ]
}

function controllerRegistration(node: LocalNode, incarnationId: Uuid): MetadataRecord {
  return metadataRecord(registerControllerRecord, {
    controllerId: node.nodeId,
    incarnationId,
    zkMigrationReady: false,
    endPoints: [node.controllerListener],
    features: featureRanges(),
  })
}

/** Fenced at first, as every registration is: the record behind it opens the gate. */
function brokerRegistration(
  node: Omit<LocalNode, 'controllerListener'>,
  incarnationId: Uuid,
  brokerEpoch: bigint,
): MetadataRecord {
  return metadataRecord(registerBrokerRecord, {
    brokerId: node.nodeId,
    incarnationId,
    brokerEpoch,
    endPoints: node.listeners,
    features: featureRanges(),
    rack: node.rack,
    fenced: true,
    logDirs: [node.directoryId],
  })
}

function featureRanges(): { name: string; minSupportedVersion: number; maxSupportedVersion: number }[] {
  return supportedFeatures.map(({ name, min, max }) => ({ name, minSupportedVersion: min, maxSupportedVersion: max }))
}

/** How many partitions change hands in one append. */
const PARTITIONS_PER_APPEND = 1000

function* leadershipRecords(image: MetadataImage, nodeId: number, wasCleanStop: boolean): Generator<MetadataRecord[]> {
  let records: MetadataRecord[] = []
  for (const topic of image.topics()) {
    for (const partition of topic.partitions) {
      if (partition.leader === nodeId && wasCleanStop) continue
      const record = { partitionId: partition.index, topicId: topic.id, leader: nodeId, isr: [nodeId] }
      const hadElr = partition.eligibleLeaderReplicas.length + partition.lastKnownElr.length > 0
      const clearedElr = hadElr ? { eligibleLeaderReplicas: [], lastKnownElr: [] } : {}
      records.push(metadataRecord(partitionChangeRecord, { ...record, ...clearedElr }))
      if (records.length < PARTITIONS_PER_APPEND) continue
      yield records
      records = []
    }
  }
  yield records
}
