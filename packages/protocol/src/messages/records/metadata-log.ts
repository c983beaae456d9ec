/**
 * Records: metadata log.
 * Generated from schemas/records/metadata-log.ts by `npm run generate`: change it there.
 */
import type { Decoded } from '../../wire/decoded.js'
import type { Reader } from '../../wire/reader.js'
import type { UnknownTag, UnknownTags } from '../../wire/tagged.js'
import type { Uuid } from '../../wire/uuid.js'
import type { Writer } from '../../wire/writer.js'
import type { RecordType } from '../api.js'

/** A broker is registered: what is written here replaces whatever was known of that broker id. */
export interface RegisterBrokerRecord {
  readonly brokerId: number
  /** Versions 2+. */
  readonly isMigratingZkBroker?: boolean
  readonly incarnationId: Uuid
  /** The offset of this record. */
  readonly brokerEpoch: bigint
  readonly endPoints: readonly RegisterBrokerRecordEndPoint[]
  readonly features: readonly RegisterBrokerRecordFeature[]
  /** Null when the broker is in none. */
  readonly rack: string | null
  /** True until a later record lets the broker in. */
  readonly fenced?: boolean
  /** Versions 1+. */
  readonly inControlledShutdown?: boolean
  /** Directories that are online. Versions 3+. */
  readonly logDirs?: readonly Uuid[]
  /** Directories that get no new replicas; null before the first heartbeat that says. Versions 4+. */
  readonly cordonedLogDirs?: readonly Uuid[] | null
  readonly unknownTags?: UnknownTags
}

export interface RegisterBrokerRecordEndPoint {
  readonly name: string
  readonly host: string
  readonly port: number
  /** 0 PLAINTEXT, 1 SSL, 2 SASL_PLAINTEXT, 3 SASL_SSL. */
  readonly securityProtocol: number
  readonly unknownTags?: UnknownTags
}

export interface RegisterBrokerRecordFeature {
  readonly name: string
  readonly minSupportedVersion: number
  readonly maxSupportedVersion: number
  readonly unknownTags?: UnknownTags
}

function encodeRegisterBrokerRecord(writer: Writer, message: RegisterBrokerRecord, version: number): void {
  writer.int32(message.brokerId)
  if (version >= 2) writer.bool(message.isMigratingZkBroker ?? false)
  else if (message.isMigratingZkBroker !== undefined && message.isMigratingZkBroker !== false) throw writer.unsupported('isMigratingZkBroker', version)
  writer.uuid(message.incarnationId)
  writer.int64(message.brokerEpoch)
  const endPoints = message.endPoints
  writer.arrayLength(endPoints.length, true)
  for (const element of endPoints) encodeRegisterBrokerRecordEndPoint(writer, element, version)
  const features = message.features
  writer.arrayLength(features.length, true)
  for (const element of features) encodeRegisterBrokerRecordFeature(writer, element, version)
  writer.nullableString(message.rack, true)
  writer.bool(message.fenced ?? true)
  if (version >= 1) writer.bool(message.inControlledShutdown ?? false)
  else if (message.inControlledShutdown !== undefined && message.inControlledShutdown !== false) throw writer.unsupported('inControlledShutdown', version)
  if (version < 3 && message.logDirs !== undefined && message.logDirs.length !== 0) throw writer.unsupported('logDirs', version)
  if (version < 4 && message.cordonedLogDirs !== undefined && message.cordonedLogDirs !== null) throw writer.unsupported('cordonedLogDirs', version)
  const logDirs = message.logDirs
  const hasLogDirs = version >= 3 && logDirs !== undefined && logDirs.length !== 0
  const cordonedLogDirs = message.cordonedLogDirs
  const hasCordonedLogDirs = version >= 4 && cordonedLogDirs !== undefined && cordonedLogDirs !== null
  writer.tagCount((hasLogDirs ? 1 : 0) + (hasCordonedLogDirs ? 1 : 0), message.unknownTags)
  if (hasLogDirs) {
    const logDirsAt = writer.enterTag(0)
    writer.arrayLength(logDirs.length, true)
    for (const element of logDirs) writer.uuid(element)
    writer.leaveTag(logDirsAt)
  }
  if (hasCordonedLogDirs) {
    const cordonedLogDirsAt = writer.enterTag(1)
    if (cordonedLogDirs === null) {
      writer.nullLength(true)
    } else {
      writer.arrayLength(cordonedLogDirs.length, true)
      for (const element of cordonedLogDirs) writer.uuid(element)
    }
    writer.leaveTag(cordonedLogDirsAt)
  }
  writer.unknownTags(message.unknownTags)
}

function encodeRegisterBrokerRecordEndPoint(writer: Writer, message: RegisterBrokerRecordEndPoint, _version: number): void {
  writer.string(message.name, true)
  writer.string(message.host, true)
  writer.uint16(message.port)
  writer.int16(message.securityProtocol)
  writer.tagCount(0, message.unknownTags)
  writer.unknownTags(message.unknownTags)
}

function encodeRegisterBrokerRecordFeature(writer: Writer, message: RegisterBrokerRecordFeature, _version: number): void {
  writer.string(message.name, true)
  writer.int16(message.minSupportedVersion)
  writer.int16(message.maxSupportedVersion)
  writer.tagCount(0, message.unknownTags)
  writer.unknownTags(message.unknownTags)
}

function decodeRegisterBrokerRecord(reader: Reader, version: number): Decoded<RegisterBrokerRecord> {
  const brokerId = reader.int32()
  let isMigratingZkBroker: boolean = false
  if (version >= 2) isMigratingZkBroker = reader.bool()
  const incarnationId = reader.uuid()
  const brokerEpoch = reader.int64()
  const endPoints: Decoded<RegisterBrokerRecordEndPoint>[] = []
  for (let left = reader.arrayLength(true, 7); left > 0; left--) endPoints.push(decodeRegisterBrokerRecordEndPoint(reader, version))
  const features: Decoded<RegisterBrokerRecordFeature>[] = []
  for (let left = reader.arrayLength(true, 6); left > 0; left--) features.push(decodeRegisterBrokerRecordFeature(reader, version))
  const rack = reader.nullableString(true)
  const fenced = reader.bool()
  let inControlledShutdown: boolean = false
  if (version >= 1) inControlledShutdown = reader.bool()
  let logDirs: Uuid[] = []
  let cordonedLogDirs: Uuid[] | null = null
  let unknownTags: UnknownTag[] | undefined
  for (let left = reader.tagCount(); left > 0; left--) {
    const outerEnd = reader.enterTag()
    switch (reader.tag) {
      case 0: {
        if (version >= 3) {
          logDirs = []
          for (let left = reader.arrayLength(true, 16); left > 0; left--) logDirs.push(reader.uuid())
        } else {
          unknownTags = reader.unknownTag(unknownTags)
        }
        break
      }
      case 1: {
        if (version >= 4) {
          const cordonedLogDirsCount = reader.nullableArrayLength(true, 16)
          if (cordonedLogDirsCount < 0) {
            cordonedLogDirs = null
          } else {
            const elements: Uuid[] = []
            for (let left = cordonedLogDirsCount; left > 0; left--) elements.push(reader.uuid())
            cordonedLogDirs = elements
          }
        } else {
          unknownTags = reader.unknownTag(unknownTags)
        }
        break
      }
      default:
        unknownTags = reader.unknownTag(unknownTags)
    }
    reader.leaveTag(outerEnd)
  }
  return { brokerId, isMigratingZkBroker, incarnationId, brokerEpoch, endPoints, features, rack, fenced, inControlledShutdown, logDirs, cordonedLogDirs, unknownTags }
}

function decodeRegisterBrokerRecordEndPoint(reader: Reader, _version: number): Decoded<RegisterBrokerRecordEndPoint> {
  const name = reader.string(true)
  const host = reader.string(true)
  const port = reader.uint16()
  const securityProtocol = reader.int16()
  const unknownTags = reader.unknownTags()
  return { name, host, port, securityProtocol, unknownTags }
}

function decodeRegisterBrokerRecordFeature(reader: Reader, _version: number): Decoded<RegisterBrokerRecordFeature> {
  const name = reader.string(true)
  const minSupportedVersion = reader.int16()
  const maxSupportedVersion = reader.int16()
  const unknownTags = reader.unknownTags()
  return { name, minSupportedVersion, maxSupportedVersion, unknownTags }
}

/** A broker is registered: what is written here replaces whatever was known of that broker id. */
export const registerBrokerRecord: RecordType<RegisterBrokerRecord> = {
  name: 'RegisterBrokerRecord',
  kind: 'metadata',
  id: 0,
  versions: { min: 0, max: 4, latestStable: 4 },
  flexibleFrom: 0,
  encode: encodeRegisterBrokerRecord,
  decode: decodeRegisterBrokerRecord,
}

/** A broker is no longer registered. */
export interface UnregisterBrokerRecord {
  readonly brokerId: number
  /** Of the registration that ends. */
  readonly brokerEpoch: bigint
  readonly unknownTags?: UnknownTags
}

function encodeUnregisterBrokerRecord(writer: Writer, message: UnregisterBrokerRecord, _version: number): void {
  writer.int32(message.brokerId)
  writer.int64(message.brokerEpoch)
  writer.tagCount(0, message.unknownTags)
  writer.unknownTags(message.unknownTags)
}

function decodeUnregisterBrokerRecord(reader: Reader, _version: number): Decoded<UnregisterBrokerRecord> {
  const brokerId = reader.int32()
  const brokerEpoch = reader.int64()
  const unknownTags = reader.unknownTags()
  return { brokerId, brokerEpoch, unknownTags }
}

/** A broker is no longer registered. */
export const unregisterBrokerRecord: RecordType<UnregisterBrokerRecord> = {
  name: 'UnregisterBrokerRecord',
  kind: 'metadata',
  id: 1,
  versions: { min: 0, max: 0, latestStable: 0 },
  flexibleFrom: 0,
  encode: encodeUnregisterBrokerRecord,
  decode: decodeUnregisterBrokerRecord,
}

/** A topic exists from here on. Its partitions follow, each in a record of its own. */
export interface TopicRecord {
  readonly name: string
  readonly topicId: Uuid
  readonly unknownTags?: UnknownTags
}

function encodeTopicRecord(writer: Writer, message: TopicRecord, _version: number): void {
  writer.string(message.name, true)
  writer.uuid(message.topicId)
  writer.tagCount(0, message.unknownTags)
  writer.unknownTags(message.unknownTags)
}

function decodeTopicRecord(reader: Reader, _version: number): Decoded<TopicRecord> {
  const name = reader.string(true)
  const topicId = reader.uuid()
  const unknownTags = reader.unknownTags()
  return { name, topicId, unknownTags }
}

/** A topic exists from here on. Its partitions follow, each in a record of its own. */
export const topicRecord: RecordType<TopicRecord> = {
  name: 'TopicRecord',
  kind: 'metadata',
  id: 2,
  versions: { min: 0, max: 0, latestStable: 0 },
  flexibleFrom: 0,
  encode: encodeTopicRecord,
  decode: decodeTopicRecord,
}

/** A partition in full: new, or as part of a snapshot. */
export interface PartitionRecord {
  readonly partitionId?: number
  readonly topicId: Uuid
  /** The first is the preferred leader. */
  readonly replicas: readonly number[]
  readonly isr: readonly number[]
  /** With `addingReplicas` what is left to do of a reassignment; both empty when none is under way. */
  readonly removingReplicas: readonly number[]
  readonly addingReplicas: readonly number[]
  /** -1 without one. */
  readonly leader?: number
  /** 1 after an unclean election until the leader has repaired the log, otherwise 0. */
  readonly leaderRecoveryState?: number
  /** Rises with every change of leader; fences writers and readers of the former one. */
  readonly leaderEpoch?: number
  /** Rises with every change: what AlterPartition compares. */
  readonly partitionEpoch?: number
  /**
   * One for each of `replicas`, in their order. Reserved: 00…00 for not assigned yet, 00…01 for lost, 00…02 for
   * assigned, but unknown where. Versions 1+.
   */
  readonly directories?: readonly Uuid[]
  /** Out of the ISR, but with every committed record. Versions 2+. */
  readonly eligibleLeaderReplicas?: readonly number[] | null
  /** The last leader, once ISR and ELR are empty. Versions 2+. */
  readonly lastKnownElr?: readonly number[] | null
  readonly unknownTags?: UnknownTags
}

function encodePartitionRecord(writer: Writer, message: PartitionRecord, version: number): void {
  writer.int32(message.partitionId ?? -1)
  writer.uuid(message.topicId)
  const replicas = message.replicas
  writer.arrayLength(replicas.length, true)
  for (const element of replicas) writer.int32(element)
  const isr = message.isr
  writer.arrayLength(isr.length, true)
  for (const element of isr) writer.int32(element)
  const removingReplicas = message.removingReplicas
  writer.arrayLength(removingReplicas.length, true)
  for (const element of removingReplicas) writer.int32(element)
  const addingReplicas = message.addingReplicas
  writer.arrayLength(addingReplicas.length, true)
  for (const element of addingReplicas) writer.int32(element)
  writer.int32(message.leader ?? -1)
  writer.int32(message.leaderEpoch ?? -1)
  writer.int32(message.partitionEpoch ?? -1)
  if (version >= 1) {
    const directories = message.directories ?? []
    writer.arrayLength(directories.length, true)
    for (const element of directories) writer.uuid(element)
  } else if (message.directories !== undefined && message.directories.length !== 0) throw writer.unsupported('directories', version)
  if (version < 2 && message.eligibleLeaderReplicas !== undefined && message.eligibleLeaderReplicas !== null) throw writer.unsupported('eligibleLeaderReplicas', version)
  if (version < 2 && message.lastKnownElr !== undefined && message.lastKnownElr !== null) throw writer.unsupported('lastKnownElr', version)
  const leaderRecoveryState = message.leaderRecoveryState
  const hasLeaderRecoveryState = leaderRecoveryState !== undefined && leaderRecoveryState !== 0
  const eligibleLeaderReplicas = message.eligibleLeaderReplicas
  const hasEligibleLeaderReplicas = version >= 2 && eligibleLeaderReplicas !== undefined && eligibleLeaderReplicas !== null
  const lastKnownElr = message.lastKnownElr
  const hasLastKnownElr = version >= 2 && lastKnownElr !== undefined && lastKnownElr !== null
  writer.tagCount((hasLeaderRecoveryState ? 1 : 0) + (hasEligibleLeaderReplicas ? 1 : 0) + (hasLastKnownElr ? 1 : 0), message.unknownTags)
  if (hasLeaderRecoveryState) {
    const leaderRecoveryStateAt = writer.enterTag(0)
    writer.int8(leaderRecoveryState)
    writer.leaveTag(leaderRecoveryStateAt)
  }
  if (hasEligibleLeaderReplicas) {
    const eligibleLeaderReplicasAt = writer.enterTag(1)
    if (eligibleLeaderReplicas === null) {
      writer.nullLength(true)
    } else {
      writer.arrayLength(eligibleLeaderReplicas.length, true)
      for (const element of eligibleLeaderReplicas) writer.int32(element)
    }
    writer.leaveTag(eligibleLeaderReplicasAt)
  }
  if (hasLastKnownElr) {
    const lastKnownElrAt = writer.enterTag(2)
    if (lastKnownElr === null) {
      writer.nullLength(true)
    } else {
      writer.arrayLength(lastKnownElr.length, true)
      for (const element of lastKnownElr) writer.int32(element)
    }
    writer.leaveTag(lastKnownElrAt)
  }
  writer.unknownTags(message.unknownTags)
}

function decodePartitionRecord(reader: Reader, version: number): Decoded<PartitionRecord> {
  const partitionId = reader.int32()
  const topicId = reader.uuid()
  const replicas: number[] = []
  for (let left = reader.arrayLength(true, 4); left > 0; left--) replicas.push(reader.int32())
  const isr: number[] = []
  for (let left = reader.arrayLength(true, 4); left > 0; left--) isr.push(reader.int32())
  const removingReplicas: number[] = []
  for (let left = reader.arrayLength(true, 4); left > 0; left--) removingReplicas.push(reader.int32())
  const addingReplicas: number[] = []
  for (let left = reader.arrayLength(true, 4); left > 0; left--) addingReplicas.push(reader.int32())
  const leader = reader.int32()
  let leaderRecoveryState: number = 0
  const leaderEpoch = reader.int32()
  const partitionEpoch = reader.int32()
  let directories: Uuid[] = []
  if (version >= 1) for (let left = reader.arrayLength(true, 16); left > 0; left--) directories.push(reader.uuid())
  let eligibleLeaderReplicas: number[] | null = null
  let lastKnownElr: number[] | null = null
  let unknownTags: UnknownTag[] | undefined
  for (let left = reader.tagCount(); left > 0; left--) {
    const outerEnd = reader.enterTag()
    switch (reader.tag) {
      case 0: {
        leaderRecoveryState = reader.int8()
        break
      }
      case 1: {
        if (version >= 2) {
          const eligibleLeaderReplicasCount = reader.nullableArrayLength(true, 4)
          if (eligibleLeaderReplicasCount < 0) {
            eligibleLeaderReplicas = null
          } else {
            const elements: number[] = []
            for (let left = eligibleLeaderReplicasCount; left > 0; left--) elements.push(reader.int32())
            eligibleLeaderReplicas = elements
          }
        } else {
          unknownTags = reader.unknownTag(unknownTags)
        }
        break
      }
      case 2: {
        if (version >= 2) {
          const lastKnownElrCount = reader.nullableArrayLength(true, 4)
          if (lastKnownElrCount < 0) {
            lastKnownElr = null
          } else {
            const elements: number[] = []
            for (let left = lastKnownElrCount; left > 0; left--) elements.push(reader.int32())
            lastKnownElr = elements
          }
        } else {
          unknownTags = reader.unknownTag(unknownTags)
        }
        break
      }
      default:
        unknownTags = reader.unknownTag(unknownTags)
    }
    reader.leaveTag(outerEnd)
  }
  return { partitionId, topicId, replicas, isr, removingReplicas, addingReplicas, leader, leaderRecoveryState, leaderEpoch, partitionEpoch, directories, eligibleLeaderReplicas, lastKnownElr, unknownTags }
}

/**
 * A partition in full: new, or as part of a snapshot.
 * - 1: The log directory of every replica (KIP-858).
 * - 2: Eligible leader replicas (KIP-966).
 */
export const partitionRecord: RecordType<PartitionRecord> = {
  name: 'PartitionRecord',
  kind: 'metadata',
  id: 3,
  versions: { min: 0, max: 2, latestStable: 2 },
  flexibleFrom: 0,
  encode: encodePartitionRecord,
  decode: decodePartitionRecord,
}

/** One configuration of one resource is set or taken away. */
export interface ConfigRecord {
  /** 2 topic, 4 broker, 16 client metrics, 32 group. */
  readonly resourceType: number
  /** Empty with type 4: the default of all brokers. */
  readonly resourceName: string
  readonly name: string
  /** Null takes it away: the default holds again. */
  readonly value: string | null
  readonly unknownTags?: UnknownTags
}

function encodeConfigRecord(writer: Writer, message: ConfigRecord, _version: number): void {
  writer.int8(message.resourceType)
  writer.string(message.resourceName, true)
  writer.string(message.name, true)
  writer.nullableString(message.value, true)
  writer.tagCount(0, message.unknownTags)
  writer.unknownTags(message.unknownTags)
}

function decodeConfigRecord(reader: Reader, _version: number): Decoded<ConfigRecord> {
  const resourceType = reader.int8()
  const resourceName = reader.string(true)
  const name = reader.string(true)
  const value = reader.nullableString(true)
  const unknownTags = reader.unknownTags()
  return { resourceType, resourceName, name, value, unknownTags }
}

/** One configuration of one resource is set or taken away. */
export const configRecord: RecordType<ConfigRecord> = {
  name: 'ConfigRecord',
  kind: 'metadata',
  id: 4,
  versions: { min: 0, max: 0, latestStable: 0 },
  flexibleFrom: 0,
  encode: encodeConfigRecord,
  decode: decodeConfigRecord,
}

/**
 * What changed in a partition. Its partition epoch rises by 1; its leader epoch does so too when the record names a
 * leader, be it the same one.
 */
export interface PartitionChangeRecord {
  readonly partitionId?: number
  readonly topicId: Uuid
  /** Null: unchanged; likewise for the other lists. */
  readonly isr?: readonly number[] | null
  /** -2: unchanged. -1: none now. */
  readonly leader?: number
  readonly replicas?: readonly number[] | null
  readonly removingReplicas?: readonly number[] | null
  readonly addingReplicas?: readonly number[] | null
  /** -1: unchanged. */
  readonly leaderRecoveryState?: number
  /** Versions 1+. */
  readonly directories?: readonly Uuid[] | null
  /** Versions 2+. */
  readonly eligibleLeaderReplicas?: readonly number[] | null
  /** Versions 2+. */
  readonly lastKnownElr?: readonly number[] | null
  readonly unknownTags?: UnknownTags
}

function encodePartitionChangeRecord(writer: Writer, message: PartitionChangeRecord, version: number): void {
  writer.int32(message.partitionId ?? -1)
  writer.uuid(message.topicId)
  if (version < 1 && message.directories !== undefined && message.directories !== null) throw writer.unsupported('directories', version)
  if (version < 2 && message.eligibleLeaderReplicas !== undefined && message.eligibleLeaderReplicas !== null) throw writer.unsupported('eligibleLeaderReplicas', version)
  if (version < 2 && message.lastKnownElr !== undefined && message.lastKnownElr !== null) throw writer.unsupported('lastKnownElr', version)
  const isr = message.isr
  const hasIsr = isr !== undefined && isr !== null
  const leader = message.leader
  const hasLeader = leader !== undefined && leader !== -2
  const replicas = message.replicas
  const hasReplicas = replicas !== undefined && replicas !== null
  const removingReplicas = message.removingReplicas
  const hasRemovingReplicas = removingReplicas !== undefined && removingReplicas !== null
  const addingReplicas = message.addingReplicas
  const hasAddingReplicas = addingReplicas !== undefined && addingReplicas !== null
  const leaderRecoveryState = message.leaderRecoveryState
  const hasLeaderRecoveryState = leaderRecoveryState !== undefined && leaderRecoveryState !== -1
  const eligibleLeaderReplicas = message.eligibleLeaderReplicas
  const hasEligibleLeaderReplicas = version >= 2 && eligibleLeaderReplicas !== undefined && eligibleLeaderReplicas !== null
  const lastKnownElr = message.lastKnownElr
  const hasLastKnownElr = version >= 2 && lastKnownElr !== undefined && lastKnownElr !== null
  const directories = message.directories
  const hasDirectories = version >= 1 && directories !== undefined && directories !== null
  writer.tagCount((hasIsr ? 1 : 0) + (hasLeader ? 1 : 0) + (hasReplicas ? 1 : 0) + (hasRemovingReplicas ? 1 : 0) + (hasAddingReplicas ? 1 : 0) + (hasLeaderRecoveryState ? 1 : 0) + (hasEligibleLeaderReplicas ? 1 : 0) + (hasLastKnownElr ? 1 : 0) + (hasDirectories ? 1 : 0), message.unknownTags)
  if (hasIsr) {
    const isrAt = writer.enterTag(0)
    if (isr === null) {
      writer.nullLength(true)
    } else {
      writer.arrayLength(isr.length, true)
      for (const element of isr) writer.int32(element)
    }
    writer.leaveTag(isrAt)
  }
  if (hasLeader) {
    const leaderAt = writer.enterTag(1)
    writer.int32(leader)
    writer.leaveTag(leaderAt)
  }
  if (hasReplicas) {
    const replicasAt = writer.enterTag(2)
    if (replicas === null) {
      writer.nullLength(true)
    } else {
      writer.arrayLength(replicas.length, true)
      for (const element of replicas) writer.int32(element)
    }
    writer.leaveTag(replicasAt)
  }
  if (hasRemovingReplicas) {
    const removingReplicasAt = writer.enterTag(3)
    if (removingReplicas === null) {
      writer.nullLength(true)
    } else {
      writer.arrayLength(removingReplicas.length, true)
      for (const element of removingReplicas) writer.int32(element)
    }
    writer.leaveTag(removingReplicasAt)
  }
  if (hasAddingReplicas) {
    const addingReplicasAt = writer.enterTag(4)
    if (addingReplicas === null) {
      writer.nullLength(true)
    } else {
      writer.arrayLength(addingReplicas.length, true)
      for (const element of addingReplicas) writer.int32(element)
    }
    writer.leaveTag(addingReplicasAt)
  }
  if (hasLeaderRecoveryState) {
    const leaderRecoveryStateAt = writer.enterTag(5)
    writer.int8(leaderRecoveryState)
    writer.leaveTag(leaderRecoveryStateAt)
  }
  if (hasEligibleLeaderReplicas) {
    const eligibleLeaderReplicasAt = writer.enterTag(6)
    if (eligibleLeaderReplicas === null) {
      writer.nullLength(true)
    } else {
      writer.arrayLength(eligibleLeaderReplicas.length, true)
      for (const element of eligibleLeaderReplicas) writer.int32(element)
    }
    writer.leaveTag(eligibleLeaderReplicasAt)
  }
  if (hasLastKnownElr) {
    const lastKnownElrAt = writer.enterTag(7)
    if (lastKnownElr === null) {
      writer.nullLength(true)
    } else {
      writer.arrayLength(lastKnownElr.length, true)
      for (const element of lastKnownElr) writer.int32(element)
    }
    writer.leaveTag(lastKnownElrAt)
  }
  if (hasDirectories) {
    const directoriesAt = writer.enterTag(8)
    if (directories === null) {
      writer.nullLength(true)
    } else {
      writer.arrayLength(directories.length, true)
      for (const element of directories) writer.uuid(element)
    }
    writer.leaveTag(directoriesAt)
  }
  writer.unknownTags(message.unknownTags)
}

function decodePartitionChangeRecord(reader: Reader, version: number): Decoded<PartitionChangeRecord> {
  const partitionId = reader.int32()
  const topicId = reader.uuid()
  let isr: number[] | null = null
  let leader: number = -2
  let replicas: number[] | null = null
  let removingReplicas: number[] | null = null
  let addingReplicas: number[] | null = null
  let leaderRecoveryState: number = -1
  let directories: Uuid[] | null = null
  let eligibleLeaderReplicas: number[] | null = null
  let lastKnownElr: number[] | null = null
  let unknownTags: UnknownTag[] | undefined
  for (let left = reader.tagCount(); left > 0; left--) {
    const outerEnd = reader.enterTag()
    switch (reader.tag) {
      case 0: {
        const isrCount = reader.nullableArrayLength(true, 4)
        if (isrCount < 0) {
          isr = null
        } else {
          const elements: number[] = []
          for (let left = isrCount; left > 0; left--) elements.push(reader.int32())
          isr = elements
        }
        break
      }
      case 1: {
        leader = reader.int32()
        break
      }
      case 2: {
        const replicasCount = reader.nullableArrayLength(true, 4)
        if (replicasCount < 0) {
          replicas = null
        } else {
          const elements: number[] = []
          for (let left = replicasCount; left > 0; left--) elements.push(reader.int32())
          replicas = elements
        }
        break
      }
      case 3: {
        const removingReplicasCount = reader.nullableArrayLength(true, 4)
        if (removingReplicasCount < 0) {
          removingReplicas = null
        } else {
          const elements: number[] = []
          for (let left = removingReplicasCount; left > 0; left--) elements.push(reader.int32())
          removingReplicas = elements
        }
        break
      }
      case 4: {
        const addingReplicasCount = reader.nullableArrayLength(true, 4)
        if (addingReplicasCount < 0) {
          addingReplicas = null
        } else {
          const elements: number[] = []
          for (let left = addingReplicasCount; left > 0; left--) elements.push(reader.int32())
          addingReplicas = elements
        }
        break
      }
      case 5: {
        leaderRecoveryState = reader.int8()
        break
      }
      case 6: {
        if (version >= 2) {
          const eligibleLeaderReplicasCount = reader.nullableArrayLength(true, 4)
          if (eligibleLeaderReplicasCount < 0) {
            eligibleLeaderReplicas = null
          } else {
            const elements: number[] = []
            for (let left = eligibleLeaderReplicasCount; left > 0; left--) elements.push(reader.int32())
            eligibleLeaderReplicas = elements
          }
        } else {
          unknownTags = reader.unknownTag(unknownTags)
        }
        break
      }
      case 7: {
        if (version >= 2) {
          const lastKnownElrCount = reader.nullableArrayLength(true, 4)
          if (lastKnownElrCount < 0) {
            lastKnownElr = null
          } else {
            const elements: number[] = []
            for (let left = lastKnownElrCount; left > 0; left--) elements.push(reader.int32())
            lastKnownElr = elements
          }
        } else {
          unknownTags = reader.unknownTag(unknownTags)
        }
        break
      }
      case 8: {
        if (version >= 1) {
          const directoriesCount = reader.nullableArrayLength(true, 16)
          if (directoriesCount < 0) {
            directories = null
          } else {
            const elements: Uuid[] = []
            for (let left = directoriesCount; left > 0; left--) elements.push(reader.uuid())
            directories = elements
          }
        } else {
          unknownTags = reader.unknownTag(unknownTags)
        }
        break
      }
      default:
        unknownTags = reader.unknownTag(unknownTags)
    }
    reader.leaveTag(outerEnd)
  }
  return { partitionId, topicId, isr, leader, replicas, removingReplicas, addingReplicas, leaderRecoveryState, directories, eligibleLeaderReplicas, lastKnownElr, unknownTags }
}

/**
 * What changed in a partition. Its partition epoch rises by 1; its leader epoch does so too when the record names a
 * leader, be it the same one.
 * - 1: The log directory of every replica (KIP-858).
 * - 2: Eligible leader replicas (KIP-966).
 */
export const partitionChangeRecord: RecordType<PartitionChangeRecord> = {
  name: 'PartitionChangeRecord',
  kind: 'metadata',
  id: 5,
  versions: { min: 0, max: 2, latestStable: 2 },
  flexibleFrom: 0,
  encode: encodePartitionChangeRecord,
  decode: decodePartitionChangeRecord,
}

/** A broker is fenced: out of every ISR, leading nothing. BrokerRegistrationChangeRecord has taken its place. */
export interface FenceBrokerRecord {
  readonly id: number
  readonly epoch: bigint
  readonly unknownTags?: UnknownTags
}

function encodeFenceBrokerRecord(writer: Writer, message: FenceBrokerRecord, _version: number): void {
  writer.int32(message.id)
  writer.int64(message.epoch)
  writer.tagCount(0, message.unknownTags)
  writer.unknownTags(message.unknownTags)
}

function decodeFenceBrokerRecord(reader: Reader, _version: number): Decoded<FenceBrokerRecord> {
  const id = reader.int32()
  const epoch = reader.int64()
  const unknownTags = reader.unknownTags()
  return { id, epoch, unknownTags }
}

/** A broker is fenced: out of every ISR, leading nothing. BrokerRegistrationChangeRecord has taken its place. */
export const fenceBrokerRecord: RecordType<FenceBrokerRecord> = {
  name: 'FenceBrokerRecord',
  kind: 'metadata',
  id: 7,
  versions: { min: 0, max: 0, latestStable: 0 },
  flexibleFrom: 0,
  encode: encodeFenceBrokerRecord,
  decode: decodeFenceBrokerRecord,
}

/** A broker may serve clients. BrokerRegistrationChangeRecord has taken its place. */
export interface UnfenceBrokerRecord {
  readonly id: number
  readonly epoch: bigint
  readonly unknownTags?: UnknownTags
}

function encodeUnfenceBrokerRecord(writer: Writer, message: UnfenceBrokerRecord, _version: number): void {
  writer.int32(message.id)
  writer.int64(message.epoch)
  writer.tagCount(0, message.unknownTags)
  writer.unknownTags(message.unknownTags)
}

function decodeUnfenceBrokerRecord(reader: Reader, _version: number): Decoded<UnfenceBrokerRecord> {
  const id = reader.int32()
  const epoch = reader.int64()
  const unknownTags = reader.unknownTags()
  return { id, epoch, unknownTags }
}

/** A broker may serve clients. BrokerRegistrationChangeRecord has taken its place. */
export const unfenceBrokerRecord: RecordType<UnfenceBrokerRecord> = {
  name: 'UnfenceBrokerRecord',
  kind: 'metadata',
  id: 8,
  versions: { min: 0, max: 0, latestStable: 0 },
  flexibleFrom: 0,
  encode: encodeUnfenceBrokerRecord,
  decode: decodeUnfenceBrokerRecord,
}

/** A topic is deleted, with its partitions and configurations. */
export interface RemoveTopicRecord {
  readonly topicId: Uuid
  readonly unknownTags?: UnknownTags
}

function encodeRemoveTopicRecord(writer: Writer, message: RemoveTopicRecord, _version: number): void {
  writer.uuid(message.topicId)
  writer.tagCount(0, message.unknownTags)
  writer.unknownTags(message.unknownTags)
}

function decodeRemoveTopicRecord(reader: Reader, _version: number): Decoded<RemoveTopicRecord> {
  const topicId = reader.uuid()
  const unknownTags = reader.unknownTags()
  return { topicId, unknownTags }
}

/** A topic is deleted, with its partitions and configurations. */
export const removeTopicRecord: RecordType<RemoveTopicRecord> = {
  name: 'RemoveTopicRecord',
  kind: 'metadata',
  id: 9,
  versions: { min: 0, max: 0, latestStable: 0 },
  flexibleFrom: 0,
  encode: encodeRemoveTopicRecord,
  decode: decodeRemoveTopicRecord,
}

/**
 * A delegation token was made or renewed. The token's secret part is not stored: it follows from the id and the
 * cluster's secret key.
 */
export interface DelegationTokenRecord {
  /** `User:name`; so are the other principals. */
  readonly owner: string
  readonly requester: string
  readonly renewers: readonly string[]
  readonly issueTimestamp: bigint
  /** It cannot be renewed past this, in ms. */
  readonly maxTimestamp: bigint
  /** Unless renewed, it ends here, in ms. */
  readonly expirationTimestamp: bigint
  readonly tokenId: string
  readonly unknownTags?: UnknownTags
}

function encodeDelegationTokenRecord(writer: Writer, message: DelegationTokenRecord, _version: number): void {
  writer.string(message.owner, true)
  writer.string(message.requester, true)
  const renewers = message.renewers
  writer.arrayLength(renewers.length, true)
  for (const element of renewers) writer.string(element, true)
  writer.int64(message.issueTimestamp)
  writer.int64(message.maxTimestamp)
  writer.int64(message.expirationTimestamp)
  writer.string(message.tokenId, true)
  writer.tagCount(0, message.unknownTags)
  writer.unknownTags(message.unknownTags)
}

function decodeDelegationTokenRecord(reader: Reader, _version: number): Decoded<DelegationTokenRecord> {
  const owner = reader.string(true)
  const requester = reader.string(true)
  const renewers: string[] = []
  for (let left = reader.arrayLength(true, 1); left > 0; left--) renewers.push(reader.string(true))
  const issueTimestamp = reader.int64()
  const maxTimestamp = reader.int64()
  const expirationTimestamp = reader.int64()
  const tokenId = reader.string(true)
  const unknownTags = reader.unknownTags()
  return { owner, requester, renewers, issueTimestamp, maxTimestamp, expirationTimestamp, tokenId, unknownTags }
}

/**
 * A delegation token was made or renewed. The token's secret part is not stored: it follows from the id and the
 * cluster's secret key.
 */
export const delegationTokenRecord: RecordType<DelegationTokenRecord> = {
  name: 'DelegationTokenRecord',
  kind: 'metadata',
  id: 10,
  versions: { min: 0, max: 0, latestStable: 0 },
  flexibleFrom: 0,
  encode: encodeDelegationTokenRecord,
  decode: decodeDelegationTokenRecord,
}

/** A user's SCRAM credential is set. */
export interface UserScramCredentialRecord {
  readonly name: string
  /** 1 is SCRAM-SHA-256, 2 is SCRAM-SHA-512. */
  readonly mechanism: number
  readonly salt: Uint8Array
  /** The server checks the client's proof against it. */
  readonly storedKey: Uint8Array
  /** The server signs with it, to prove itself to the client. */
  readonly serverKey: Uint8Array
  readonly iterations: number
  readonly unknownTags?: UnknownTags
}

function encodeUserScramCredentialRecord(writer: Writer, message: UserScramCredentialRecord, _version: number): void {
  writer.string(message.name, true)
  writer.int8(message.mechanism)
  writer.bytes(message.salt, true)
  writer.bytes(message.storedKey, true)
  writer.bytes(message.serverKey, true)
  writer.int32(message.iterations)
  writer.tagCount(0, message.unknownTags)
  writer.unknownTags(message.unknownTags)
}

function decodeUserScramCredentialRecord(reader: Reader, _version: number): Decoded<UserScramCredentialRecord> {
  const name = reader.string(true)
  const mechanism = reader.int8()
  const salt = reader.bytes(true)
  const storedKey = reader.bytes(true)
  const serverKey = reader.bytes(true)
  const iterations = reader.int32()
  const unknownTags = reader.unknownTags()
  return { name, mechanism, salt, storedKey, serverKey, iterations, unknownTags }
}

/** A user's SCRAM credential is set. */
export const userScramCredentialRecord: RecordType<UserScramCredentialRecord> = {
  name: 'UserScramCredentialRecord',
  kind: 'metadata',
  id: 11,
  versions: { min: 0, max: 0, latestStable: 0 },
  flexibleFrom: 0,
  encode: encodeUserScramCredentialRecord,
  decode: decodeUserScramCredentialRecord,
}

/**
 * A feature gets a finalized level. The first record of a log or snapshot is one for metadata.version, which says how
 * to read the rest.
 */
export interface FeatureLevelRecord {
  readonly name: string
  /** 0 takes the feature away. */
  readonly featureLevel: number
  readonly unknownTags?: UnknownTags
}

function encodeFeatureLevelRecord(writer: Writer, message: FeatureLevelRecord, _version: number): void {
  writer.string(message.name, true)
  writer.int16(message.featureLevel)
  writer.tagCount(0, message.unknownTags)
  writer.unknownTags(message.unknownTags)
}

function decodeFeatureLevelRecord(reader: Reader, _version: number): Decoded<FeatureLevelRecord> {
  const name = reader.string(true)
  const featureLevel = reader.int16()
  const unknownTags = reader.unknownTags()
  return { name, featureLevel, unknownTags }
}

/**
 * A feature gets a finalized level. The first record of a log or snapshot is one for metadata.version, which says how
 * to read the rest.
 */
export const featureLevelRecord: RecordType<FeatureLevelRecord> = {
  name: 'FeatureLevelRecord',
  kind: 'metadata',
  id: 12,
  versions: { min: 0, max: 0, latestStable: 0 },
  flexibleFrom: 0,
  encode: encodeFeatureLevelRecord,
  decode: decodeFeatureLevelRecord,
}

/** One quota of one entity is set or taken away. */
export interface ClientQuotaRecord {
  readonly entity: readonly ClientQuotaRecordEntity[]
  readonly key: string
  /** Not looked at when `remove` is true. */
  readonly value: number
  readonly remove: boolean
  readonly unknownTags?: UnknownTags
}

export interface ClientQuotaRecordEntity {
  readonly entityType: string
  /** Null is the default entity of the type. */
  readonly entityName: string | null
  readonly unknownTags?: UnknownTags
}

function encodeClientQuotaRecord(writer: Writer, message: ClientQuotaRecord, version: number): void {
  const entity = message.entity
  writer.arrayLength(entity.length, true)
  for (const element of entity) encodeClientQuotaRecordEntity(writer, element, version)
  writer.string(message.key, true)
  writer.float64(message.value)
  writer.bool(message.remove)
  writer.tagCount(0, message.unknownTags)
  writer.unknownTags(message.unknownTags)
}

function encodeClientQuotaRecordEntity(writer: Writer, message: ClientQuotaRecordEntity, _version: number): void {
  writer.string(message.entityType, true)
  writer.nullableString(message.entityName, true)
  writer.tagCount(0, message.unknownTags)
  writer.unknownTags(message.unknownTags)
}

function decodeClientQuotaRecord(reader: Reader, version: number): Decoded<ClientQuotaRecord> {
  const entity: Decoded<ClientQuotaRecordEntity>[] = []
  for (let left = reader.arrayLength(true, 3); left > 0; left--) entity.push(decodeClientQuotaRecordEntity(reader, version))
  const key = reader.string(true)
  const value = reader.float64()
  const remove = reader.bool()
  const unknownTags = reader.unknownTags()
  return { entity, key, value, remove, unknownTags }
}

function decodeClientQuotaRecordEntity(reader: Reader, _version: number): Decoded<ClientQuotaRecordEntity> {
  const entityType = reader.string(true)
  const entityName = reader.nullableString(true)
  const unknownTags = reader.unknownTags()
  return { entityType, entityName, unknownTags }
}

/** One quota of one entity is set or taken away. */
export const clientQuotaRecord: RecordType<ClientQuotaRecord> = {
  name: 'ClientQuotaRecord',
  kind: 'metadata',
  id: 14,
  versions: { min: 0, max: 0, latestStable: 0 },
  flexibleFrom: 0,
  encode: encodeClientQuotaRecord,
  decode: decodeClientQuotaRecord,
}

/** A broker got a block of producer ids. */
export interface ProducerIdsRecord {
  readonly brokerId: number
  readonly brokerEpoch?: bigint
  /** Where the next block starts. */
  readonly nextProducerId: bigint
  readonly unknownTags?: UnknownTags
}

function encodeProducerIdsRecord(writer: Writer, message: ProducerIdsRecord, _version: number): void {
  writer.int32(message.brokerId)
  writer.int64(message.brokerEpoch ?? -1n)
  writer.int64(message.nextProducerId)
  writer.tagCount(0, message.unknownTags)
  writer.unknownTags(message.unknownTags)
}

function decodeProducerIdsRecord(reader: Reader, _version: number): Decoded<ProducerIdsRecord> {
  const brokerId = reader.int32()
  const brokerEpoch = reader.int64()
  const nextProducerId = reader.int64()
  const unknownTags = reader.unknownTags()
  return { brokerId, brokerEpoch, nextProducerId, unknownTags }
}

/** A broker got a block of producer ids. */
export const producerIdsRecord: RecordType<ProducerIdsRecord> = {
  name: 'ProducerIdsRecord',
  kind: 'metadata',
  id: 15,
  versions: { min: 0, max: 0, latestStable: 0 },
  flexibleFrom: 0,
  encode: encodeProducerIdsRecord,
  decode: decodeProducerIdsRecord,
}

/** What changed in a broker's registration. */
export interface BrokerRegistrationChangeRecord {
  readonly brokerId: number
  /** Must be the registration's: a change is for one life of the broker. */
  readonly brokerEpoch: bigint
  /** 0: unchanged. 1: fenced, -1: unfenced. */
  readonly fenced?: number
  /** 0: unchanged. 1: shutting down; only a new registration ends that. Versions 1+. */
  readonly inControlledShutdown?: number
  /** Empty: unchanged. Versions 2+. */
  readonly logDirs?: readonly Uuid[]
  /** Null: unchanged. Versions 3+. */
  readonly cordonedLogDirs?: readonly Uuid[] | null
  readonly unknownTags?: UnknownTags
}

function encodeBrokerRegistrationChangeRecord(writer: Writer, message: BrokerRegistrationChangeRecord, version: number): void {
  writer.int32(message.brokerId)
  writer.int64(message.brokerEpoch)
  if (version < 1 && message.inControlledShutdown !== undefined && message.inControlledShutdown !== 0) throw writer.unsupported('inControlledShutdown', version)
  if (version < 2 && message.logDirs !== undefined && message.logDirs.length !== 0) throw writer.unsupported('logDirs', version)
  if (version < 3 && message.cordonedLogDirs !== undefined && message.cordonedLogDirs !== null) throw writer.unsupported('cordonedLogDirs', version)
  const fenced = message.fenced
  const hasFenced = fenced !== undefined && fenced !== 0
  const inControlledShutdown = message.inControlledShutdown
  const hasInControlledShutdown = version >= 1 && inControlledShutdown !== undefined && inControlledShutdown !== 0
  const logDirs = message.logDirs
  const hasLogDirs = version >= 2 && logDirs !== undefined && logDirs.length !== 0
  const cordonedLogDirs = message.cordonedLogDirs
  const hasCordonedLogDirs = version >= 3 && cordonedLogDirs !== undefined && cordonedLogDirs !== null
  writer.tagCount((hasFenced ? 1 : 0) + (hasInControlledShutdown ? 1 : 0) + (hasLogDirs ? 1 : 0) + (hasCordonedLogDirs ? 1 : 0), message.unknownTags)
  if (hasFenced) {
    const fencedAt = writer.enterTag(0)
    writer.int8(fenced)
    writer.leaveTag(fencedAt)
  }
  if (hasInControlledShutdown) {
    const inControlledShutdownAt = writer.enterTag(1)
    writer.int8(inControlledShutdown)
    writer.leaveTag(inControlledShutdownAt)
  }
  if (hasLogDirs) {
    const logDirsAt = writer.enterTag(2)
    writer.arrayLength(logDirs.length, true)
    for (const element of logDirs) writer.uuid(element)
    writer.leaveTag(logDirsAt)
  }
  if (hasCordonedLogDirs) {
    const cordonedLogDirsAt = writer.enterTag(3)
    if (cordonedLogDirs === null) {
      writer.nullLength(true)
    } else {
      writer.arrayLength(cordonedLogDirs.length, true)
      for (const element of cordonedLogDirs) writer.uuid(element)
    }
    writer.leaveTag(cordonedLogDirsAt)
  }
  writer.unknownTags(message.unknownTags)
}

function decodeBrokerRegistrationChangeRecord(reader: Reader, version: number): Decoded<BrokerRegistrationChangeRecord> {
  const brokerId = reader.int32()
  const brokerEpoch = reader.int64()
  let fenced: number = 0
  let inControlledShutdown: number = 0
  let logDirs: Uuid[] = []
  let cordonedLogDirs: Uuid[] | null = null
  let unknownTags: UnknownTag[] | undefined
  for (let left = reader.tagCount(); left > 0; left--) {
    const outerEnd = reader.enterTag()
    switch (reader.tag) {
      case 0: {
        fenced = reader.int8()
        break
      }
      case 1: {
        if (version >= 1) {
          inControlledShutdown = reader.int8()
        } else {
          unknownTags = reader.unknownTag(unknownTags)
        }
        break
      }
      case 2: {
        if (version >= 2) {
          logDirs = []
          for (let left = reader.arrayLength(true, 16); left > 0; left--) logDirs.push(reader.uuid())
        } else {
          unknownTags = reader.unknownTag(unknownTags)
        }
        break
      }
      case 3: {
        if (version >= 3) {
          const cordonedLogDirsCount = reader.nullableArrayLength(true, 16)
          if (cordonedLogDirsCount < 0) {
            cordonedLogDirs = null
          } else {
            const elements: Uuid[] = []
            for (let left = cordonedLogDirsCount; left > 0; left--) elements.push(reader.uuid())
            cordonedLogDirs = elements
          }
        } else {
          unknownTags = reader.unknownTag(unknownTags)
        }
        break
      }
      default:
        unknownTags = reader.unknownTag(unknownTags)
    }
    reader.leaveTag(outerEnd)
  }
  return { brokerId, brokerEpoch, fenced, inControlledShutdown, logDirs, cordonedLogDirs, unknownTags }
}

/** What changed in a broker's registration. */
export const brokerRegistrationChangeRecord: RecordType<BrokerRegistrationChangeRecord> = {
  name: 'BrokerRegistrationChangeRecord',
  kind: 'metadata',
  id: 17,
  versions: { min: 0, max: 3, latestStable: 3 },
  flexibleFrom: 0,
  encode: encodeBrokerRegistrationChangeRecord,
  decode: decodeBrokerRegistrationChangeRecord,
}

/** An ACL is added. */
export interface AccessControlEntryRecord {
  readonly id: Uuid
  /** 2 topic, 3 group, 4 cluster, 5 transactional id, 6 delegation token, 7 user. */
  readonly resourceType: number
  /** `*` with pattern type 3 is every resource of the type. */
  readonly resourceName: string
  /** 3 literal, 4 prefix. */
  readonly patternType: number
  /** `User:name`, or `User:*` for everyone. */
  readonly principal: string
  /** An address, or `*`. */
  readonly host: string
  /**
   * 2 all, 3 read, 4 write, 5 create, 6 delete, 7 alter, 8 describe, 9 cluster action, 10 describe configs, 11 alter
   * configs, 12 idempotent write, 13 create tokens, 14 describe tokens, 15 two-phase commit.
   */
  readonly operation: number
  /** 2 deny, 3 allow. */
  readonly permissionType: number
  readonly unknownTags?: UnknownTags
}

function encodeAccessControlEntryRecord(writer: Writer, message: AccessControlEntryRecord, _version: number): void {
  writer.uuid(message.id)
  writer.int8(message.resourceType)
  writer.string(message.resourceName, true)
  writer.int8(message.patternType)
  writer.string(message.principal, true)
  writer.string(message.host, true)
  writer.int8(message.operation)
  writer.int8(message.permissionType)
  writer.tagCount(0, message.unknownTags)
  writer.unknownTags(message.unknownTags)
}

function decodeAccessControlEntryRecord(reader: Reader, _version: number): Decoded<AccessControlEntryRecord> {
  const id = reader.uuid()
  const resourceType = reader.int8()
  const resourceName = reader.string(true)
  const patternType = reader.int8()
  const principal = reader.string(true)
  const host = reader.string(true)
  const operation = reader.int8()
  const permissionType = reader.int8()
  const unknownTags = reader.unknownTags()
  return { id, resourceType, resourceName, patternType, principal, host, operation, permissionType, unknownTags }
}

/** An ACL is added. */
export const accessControlEntryRecord: RecordType<AccessControlEntryRecord> = {
  name: 'AccessControlEntryRecord',
  kind: 'metadata',
  id: 18,
  versions: { min: 0, max: 0, latestStable: 0 },
  flexibleFrom: 0,
  encode: encodeAccessControlEntryRecord,
  decode: decodeAccessControlEntryRecord,
}

/** An ACL is removed. */
export interface RemoveAccessControlEntryRecord {
  /** Of the AccessControlEntryRecord. */
  readonly id: Uuid
  readonly unknownTags?: UnknownTags
}

function encodeRemoveAccessControlEntryRecord(writer: Writer, message: RemoveAccessControlEntryRecord, _version: number): void {
  writer.uuid(message.id)
  writer.tagCount(0, message.unknownTags)
  writer.unknownTags(message.unknownTags)
}

function decodeRemoveAccessControlEntryRecord(reader: Reader, _version: number): Decoded<RemoveAccessControlEntryRecord> {
  const id = reader.uuid()
  const unknownTags = reader.unknownTags()
  return { id, unknownTags }
}

/** An ACL is removed. */
export const removeAccessControlEntryRecord: RecordType<RemoveAccessControlEntryRecord> = {
  name: 'RemoveAccessControlEntryRecord',
  kind: 'metadata',
  id: 19,
  versions: { min: 0, max: 0, latestStable: 0 },
  flexibleFrom: 0,
  encode: encodeRemoveAccessControlEntryRecord,
  decode: decodeRemoveAccessControlEntryRecord,
}

/**
 * Changes nothing. An active controller writes one now and then, so that a follower that gets nothing new can tell
 * quiet from being cut off.
 */
export interface NoOpRecord {
  readonly unknownTags?: UnknownTags
}

function encodeNoOpRecord(writer: Writer, message: NoOpRecord, _version: number): void {
  writer.tagCount(0, message.unknownTags)
  writer.unknownTags(message.unknownTags)
}

function decodeNoOpRecord(reader: Reader, _version: number): Decoded<NoOpRecord> {
  const unknownTags = reader.unknownTags()
  return { unknownTags }
}

/**
 * Changes nothing. An active controller writes one now and then, so that a follower that gets nothing new can tell
 * quiet from being cut off.
 */
export const noOpRecord: RecordType<NoOpRecord> = {
  name: 'NoOpRecord',
  kind: 'metadata',
  id: 20,
  versions: { min: 0, max: 0, latestStable: 0 },
  flexibleFrom: 0,
  encode: encodeNoOpRecord,
  decode: decodeNoOpRecord,
}

/** How far the move off ZooKeeper had come; kept for clusters that made it before Kafka 4.0. */
export interface ZkMigrationStateRecord {
  /** 0 none, 1 under way, 2 before it, 3 done. */
  readonly zkMigrationState: number
  readonly unknownTags?: UnknownTags
}

function encodeZkMigrationStateRecord(writer: Writer, message: ZkMigrationStateRecord, _version: number): void {
  writer.int8(message.zkMigrationState)
  writer.tagCount(0, message.unknownTags)
  writer.unknownTags(message.unknownTags)
}

function decodeZkMigrationStateRecord(reader: Reader, _version: number): Decoded<ZkMigrationStateRecord> {
  const zkMigrationState = reader.int8()
  const unknownTags = reader.unknownTags()
  return { zkMigrationState, unknownTags }
}

/** How far the move off ZooKeeper had come; kept for clusters that made it before Kafka 4.0. */
export const zkMigrationStateRecord: RecordType<ZkMigrationStateRecord> = {
  name: 'ZkMigrationStateRecord',
  kind: 'metadata',
  id: 21,
  versions: { min: 0, max: 0, latestStable: 0 },
  flexibleFrom: 0,
  encode: encodeZkMigrationStateRecord,
  decode: decodeZkMigrationStateRecord,
}

/** A user's SCRAM credential is removed. */
export interface RemoveUserScramCredentialRecord {
  readonly name: string
  /** 1 is SCRAM-SHA-256, 2 is SCRAM-SHA-512. */
  readonly mechanism: number
  readonly unknownTags?: UnknownTags
}

function encodeRemoveUserScramCredentialRecord(writer: Writer, message: RemoveUserScramCredentialRecord, _version: number): void {
  writer.string(message.name, true)
  writer.int8(message.mechanism)
  writer.tagCount(0, message.unknownTags)
  writer.unknownTags(message.unknownTags)
}

function decodeRemoveUserScramCredentialRecord(reader: Reader, _version: number): Decoded<RemoveUserScramCredentialRecord> {
  const name = reader.string(true)
  const mechanism = reader.int8()
  const unknownTags = reader.unknownTags()
  return { name, mechanism, unknownTags }
}

/** A user's SCRAM credential is removed. */
export const removeUserScramCredentialRecord: RecordType<RemoveUserScramCredentialRecord> = {
  name: 'RemoveUserScramCredentialRecord',
  kind: 'metadata',
  id: 22,
  versions: { min: 0, max: 0, latestStable: 0 },
  flexibleFrom: 0,
  encode: encodeRemoveUserScramCredentialRecord,
  decode: decodeRemoveUserScramCredentialRecord,
}

/** Records from here to EndTransactionRecord take effect together, although they do not fit one batch (KIP-868). */
export interface BeginTransactionRecord {
  /** For people to read; null when there is none. */
  readonly name?: string | null
  readonly unknownTags?: UnknownTags
}

function encodeBeginTransactionRecord(writer: Writer, message: BeginTransactionRecord, _version: number): void {
  const name = message.name
  const hasName = name !== undefined && name !== null
  writer.tagCount(hasName ? 1 : 0, message.unknownTags)
  if (hasName) {
    const nameAt = writer.enterTag(0)
    writer.nullableString(name, true)
    writer.leaveTag(nameAt)
  }
  writer.unknownTags(message.unknownTags)
}

function decodeBeginTransactionRecord(reader: Reader, _version: number): Decoded<BeginTransactionRecord> {
  let name: string | null = null
  let unknownTags: UnknownTag[] | undefined
  for (let left = reader.tagCount(); left > 0; left--) {
    const outerEnd = reader.enterTag()
    switch (reader.tag) {
      case 0: {
        name = reader.nullableString(true)
        break
      }
      default:
        unknownTags = reader.unknownTag(unknownTags)
    }
    reader.leaveTag(outerEnd)
  }
  return { name, unknownTags }
}

/** Records from here to EndTransactionRecord take effect together, although they do not fit one batch (KIP-868). */
export const beginTransactionRecord: RecordType<BeginTransactionRecord> = {
  name: 'BeginTransactionRecord',
  kind: 'metadata',
  id: 23,
  versions: { min: 0, max: 0, latestStable: 0 },
  flexibleFrom: 0,
  encode: encodeBeginTransactionRecord,
  decode: decodeBeginTransactionRecord,
}

/** The records since BeginTransactionRecord take effect. */
export interface EndTransactionRecord {
  readonly unknownTags?: UnknownTags
}

function encodeEndTransactionRecord(writer: Writer, message: EndTransactionRecord, _version: number): void {
  writer.tagCount(0, message.unknownTags)
  writer.unknownTags(message.unknownTags)
}

function decodeEndTransactionRecord(reader: Reader, _version: number): Decoded<EndTransactionRecord> {
  const unknownTags = reader.unknownTags()
  return { unknownTags }
}

/** The records since BeginTransactionRecord take effect. */
export const endTransactionRecord: RecordType<EndTransactionRecord> = {
  name: 'EndTransactionRecord',
  kind: 'metadata',
  id: 24,
  versions: { min: 0, max: 0, latestStable: 0 },
  flexibleFrom: 0,
  encode: encodeEndTransactionRecord,
  decode: decodeEndTransactionRecord,
}

/** The records since BeginTransactionRecord are dropped: the controller that wrote them did not finish. */
export interface AbortTransactionRecord {
  /** For people to read; null when there is none. */
  readonly reason?: string | null
  readonly unknownTags?: UnknownTags
}

function encodeAbortTransactionRecord(writer: Writer, message: AbortTransactionRecord, _version: number): void {
  const reason = message.reason
  const hasReason = reason !== undefined && reason !== null
  writer.tagCount(hasReason ? 1 : 0, message.unknownTags)
  if (hasReason) {
    const reasonAt = writer.enterTag(0)
    writer.nullableString(reason, true)
    writer.leaveTag(reasonAt)
  }
  writer.unknownTags(message.unknownTags)
}

function decodeAbortTransactionRecord(reader: Reader, _version: number): Decoded<AbortTransactionRecord> {
  let reason: string | null = null
  let unknownTags: UnknownTag[] | undefined
  for (let left = reader.tagCount(); left > 0; left--) {
    const outerEnd = reader.enterTag()
    switch (reader.tag) {
      case 0: {
        reason = reader.nullableString(true)
        break
      }
      default:
        unknownTags = reader.unknownTag(unknownTags)
    }
    reader.leaveTag(outerEnd)
  }
  return { reason, unknownTags }
}

/** The records since BeginTransactionRecord are dropped: the controller that wrote them did not finish. */
export const abortTransactionRecord: RecordType<AbortTransactionRecord> = {
  name: 'AbortTransactionRecord',
  kind: 'metadata',
  id: 25,
  versions: { min: 0, max: 0, latestStable: 0 },
  flexibleFrom: 0,
  encode: encodeAbortTransactionRecord,
  decode: decodeAbortTransactionRecord,
}

/** A delegation token has ended. */
export interface RemoveDelegationTokenRecord {
  readonly tokenId: string
  readonly unknownTags?: UnknownTags
}

function encodeRemoveDelegationTokenRecord(writer: Writer, message: RemoveDelegationTokenRecord, _version: number): void {
  writer.string(message.tokenId, true)
  writer.tagCount(0, message.unknownTags)
  writer.unknownTags(message.unknownTags)
}

function decodeRemoveDelegationTokenRecord(reader: Reader, _version: number): Decoded<RemoveDelegationTokenRecord> {
  const tokenId = reader.string(true)
  const unknownTags = reader.unknownTags()
  return { tokenId, unknownTags }
}

/** A delegation token has ended. */
export const removeDelegationTokenRecord: RecordType<RemoveDelegationTokenRecord> = {
  name: 'RemoveDelegationTokenRecord',
  kind: 'metadata',
  id: 26,
  versions: { min: 0, max: 0, latestStable: 0 },
  flexibleFrom: 0,
  encode: encodeRemoveDelegationTokenRecord,
  decode: decodeRemoveDelegationTokenRecord,
}

/** A controller is registered: what is written here replaces whatever was known of that controller id (KIP-919). */
export interface RegisterControllerRecord {
  readonly controllerId: number
  readonly incarnationId: Uuid
  /** From the move off ZooKeeper; no longer of use. */
  readonly zkMigrationReady: boolean
  readonly endPoints: readonly RegisterControllerRecordEndPoint[]
  readonly features: readonly RegisterControllerRecordFeature[]
  readonly unknownTags?: UnknownTags
}

export interface RegisterControllerRecordEndPoint {
  readonly name: string
  readonly host: string
  readonly port: number
  /** 0 PLAINTEXT, 1 SSL, 2 SASL_PLAINTEXT, 3 SASL_SSL. */
  readonly securityProtocol: number
  readonly unknownTags?: UnknownTags
}

export interface RegisterControllerRecordFeature {
  readonly name: string
  readonly minSupportedVersion: number
  readonly maxSupportedVersion: number
  readonly unknownTags?: UnknownTags
}

function encodeRegisterControllerRecord(writer: Writer, message: RegisterControllerRecord, version: number): void {
  writer.int32(message.controllerId)
  writer.uuid(message.incarnationId)
  writer.bool(message.zkMigrationReady)
  const endPoints = message.endPoints
  writer.arrayLength(endPoints.length, true)
  for (const element of endPoints) encodeRegisterControllerRecordEndPoint(writer, element, version)
  const features = message.features
  writer.arrayLength(features.length, true)
  for (const element of features) encodeRegisterControllerRecordFeature(writer, element, version)
  writer.tagCount(0, message.unknownTags)
  writer.unknownTags(message.unknownTags)
}

function encodeRegisterControllerRecordEndPoint(writer: Writer, message: RegisterControllerRecordEndPoint, _version: number): void {
  writer.string(message.name, true)
  writer.string(message.host, true)
  writer.uint16(message.port)
  writer.int16(message.securityProtocol)
  writer.tagCount(0, message.unknownTags)
  writer.unknownTags(message.unknownTags)
}

function encodeRegisterControllerRecordFeature(writer: Writer, message: RegisterControllerRecordFeature, _version: number): void {
  writer.string(message.name, true)
  writer.int16(message.minSupportedVersion)
  writer.int16(message.maxSupportedVersion)
  writer.tagCount(0, message.unknownTags)
  writer.unknownTags(message.unknownTags)
}

function decodeRegisterControllerRecord(reader: Reader, version: number): Decoded<RegisterControllerRecord> {
  const controllerId = reader.int32()
  const incarnationId = reader.uuid()
  const zkMigrationReady = reader.bool()
  const endPoints: Decoded<RegisterControllerRecordEndPoint>[] = []
  for (let left = reader.arrayLength(true, 7); left > 0; left--) endPoints.push(decodeRegisterControllerRecordEndPoint(reader, version))
  const features: Decoded<RegisterControllerRecordFeature>[] = []
  for (let left = reader.arrayLength(true, 6); left > 0; left--) features.push(decodeRegisterControllerRecordFeature(reader, version))
  const unknownTags = reader.unknownTags()
  return { controllerId, incarnationId, zkMigrationReady, endPoints, features, unknownTags }
}

function decodeRegisterControllerRecordEndPoint(reader: Reader, _version: number): Decoded<RegisterControllerRecordEndPoint> {
  const name = reader.string(true)
  const host = reader.string(true)
  const port = reader.uint16()
  const securityProtocol = reader.int16()
  const unknownTags = reader.unknownTags()
  return { name, host, port, securityProtocol, unknownTags }
}

function decodeRegisterControllerRecordFeature(reader: Reader, _version: number): Decoded<RegisterControllerRecordFeature> {
  const name = reader.string(true)
  const minSupportedVersion = reader.int16()
  const maxSupportedVersion = reader.int16()
  const unknownTags = reader.unknownTags()
  return { name, minSupportedVersion, maxSupportedVersion, unknownTags }
}

/** A controller is registered: what is written here replaces whatever was known of that controller id (KIP-919). */
export const registerControllerRecord: RecordType<RegisterControllerRecord> = {
  name: 'RegisterControllerRecord',
  kind: 'metadata',
  id: 27,
  versions: { min: 0, max: 0, latestStable: 0 },
  flexibleFrom: 0,
  encode: encodeRegisterControllerRecord,
  decode: decodeRegisterControllerRecord,
}

/**
 * Eligible leader replicas are forgotten, since min.insync.replicas changed and with it what they were eligible by
 * (KIP-966).
 */
export interface ClearElrRecord {
  /** Empty: in all topics. */
  readonly topicName: string
  readonly unknownTags?: UnknownTags
}

function encodeClearElrRecord(writer: Writer, message: ClearElrRecord, _version: number): void {
  writer.string(message.topicName, true)
  writer.tagCount(0, message.unknownTags)
  writer.unknownTags(message.unknownTags)
}

function decodeClearElrRecord(reader: Reader, _version: number): Decoded<ClearElrRecord> {
  const topicName = reader.string(true)
  const unknownTags = reader.unknownTags()
  return { topicName, unknownTags }
}

/**
 * Eligible leader replicas are forgotten, since min.insync.replicas changed and with it what they were eligible by
 * (KIP-966).
 */
export const clearElrRecord: RecordType<ClearElrRecord> = {
  name: 'ClearElrRecord',
  kind: 'metadata',
  id: 28,
  versions: { min: 0, max: 0, latestStable: 0 },
  flexibleFrom: 0,
  encode: encodeClearElrRecord,
  decode: decodeClearElrRecord,
}

/** All of them, in the order of their schemas. */
export const metadataLogTypes: readonly RecordType[] = [
  registerBrokerRecord,
  unregisterBrokerRecord,
  topicRecord,
  partitionRecord,
  configRecord,
  partitionChangeRecord,
  fenceBrokerRecord,
  unfenceBrokerRecord,
  removeTopicRecord,
  delegationTokenRecord,
  userScramCredentialRecord,
  featureLevelRecord,
  clientQuotaRecord,
  producerIdsRecord,
  brokerRegistrationChangeRecord,
  accessControlEntryRecord,
  removeAccessControlEntryRecord,
  noOpRecord,
  zkMigrationStateRecord,
  removeUserScramCredentialRecord,
  beginTransactionRecord,
  endTransactionRecord,
  abortTransactionRecord,
  removeDelegationTokenRecord,
  registerControllerRecord,
  clearElrRecord,
]
