/**
 * The BrokerHeartbeat API (key 63).
 * Generated from schemas/63-broker-heartbeat.ts by `npm run generate`: change it there.
 */
import type { Decoded } from '../wire/decoded.js'
import type { Reader } from '../wire/reader.js'
import type { UnknownTag, UnknownTags } from '../wire/tagged.js'
import type { Uuid } from '../wire/uuid.js'
import type { Writer } from '../wire/writer.js'
import type { Api } from './api.js'

export interface BrokerHeartbeatRequest {
  readonly brokerId: number
  readonly brokerEpoch?: bigint
  /** How far the broker has applied the metadata log. It is unfenced once it has applied its own registration. */
  readonly currentMetadataOffset: bigint
  /** True until the broker is ready to serve. */
  readonly wantFence: boolean
  /** Starts a controlled shutdown: leaderships move away before the broker goes. */
  readonly wantShutDown: boolean
  /** Versions 1+. */
  readonly offlineLogDirs?: readonly Uuid[]
  /** Null while the broker is still starting. Versions 2+. */
  readonly cordonedLogDirs?: readonly Uuid[] | null
  readonly unknownTags?: UnknownTags
}

function encodeBrokerHeartbeatRequest(writer: Writer, message: BrokerHeartbeatRequest, version: number): void {
  writer.int32(message.brokerId)
  writer.int64(message.brokerEpoch ?? -1n)
  writer.int64(message.currentMetadataOffset)
  writer.bool(message.wantFence)
  writer.bool(message.wantShutDown)
  if (version < 1 && message.offlineLogDirs !== undefined && message.offlineLogDirs.length !== 0) throw writer.unsupported('offlineLogDirs', version)
  if (version < 2 && message.cordonedLogDirs !== undefined && message.cordonedLogDirs !== null) throw writer.unsupported('cordonedLogDirs', version)
  const offlineLogDirs = message.offlineLogDirs
  const hasOfflineLogDirs = version >= 1 && offlineLogDirs !== undefined && offlineLogDirs.length !== 0
  const cordonedLogDirs = message.cordonedLogDirs
  const hasCordonedLogDirs = version >= 2 && cordonedLogDirs !== undefined && cordonedLogDirs !== null
  writer.tagCount((hasOfflineLogDirs ? 1 : 0) + (hasCordonedLogDirs ? 1 : 0), message.unknownTags)
  if (hasOfflineLogDirs) {
    const offlineLogDirsAt = writer.enterTag(0)
    writer.arrayLength(offlineLogDirs.length, true)
    for (const element of offlineLogDirs) writer.uuid(element)
    writer.leaveTag(offlineLogDirsAt)
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

function decodeBrokerHeartbeatRequest(reader: Reader, version: number): Decoded<BrokerHeartbeatRequest> {
  const brokerId = reader.int32()
  const brokerEpoch = reader.int64()
  const currentMetadataOffset = reader.int64()
  const wantFence = reader.bool()
  const wantShutDown = reader.bool()
  let offlineLogDirs: Uuid[] = []
  let cordonedLogDirs: Uuid[] | null = null
  let unknownTags: UnknownTag[] | undefined
  for (let left = reader.tagCount(); left > 0; left--) {
    const outerEnd = reader.enterTag()
    switch (reader.tag) {
      case 0: {
        if (version >= 1) {
          offlineLogDirs = []
          for (let left = reader.arrayLength(true, 16); left > 0; left--) offlineLogDirs.push(reader.uuid())
        } else {
          unknownTags = reader.unknownTag(unknownTags)
        }
        break
      }
      case 1: {
        if (version >= 2) {
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
  return { brokerId, brokerEpoch, currentMetadataOffset, wantFence, wantShutDown, offlineLogDirs, cordonedLogDirs, unknownTags }
}

export interface BrokerHeartbeatResponse {
  readonly throttleTimeMs: number
  /** STALE_BROKER_EPOCH: register again. NOT_CONTROLLER: find the controller. */
  readonly errorCode: number
  readonly isCaughtUp: boolean
  readonly isFenced?: boolean
  /** True once nothing is led by the broker any more and it may go. */
  readonly shouldShutDown: boolean
  readonly unknownTags?: UnknownTags
}

function encodeBrokerHeartbeatResponse(writer: Writer, message: BrokerHeartbeatResponse, _version: number): void {
  writer.int32(message.throttleTimeMs)
  writer.int16(message.errorCode)
  writer.bool(message.isCaughtUp)
  writer.bool(message.isFenced ?? true)
  writer.bool(message.shouldShutDown)
  writer.tagCount(0, message.unknownTags)
  writer.unknownTags(message.unknownTags)
}

function decodeBrokerHeartbeatResponse(reader: Reader, _version: number): Decoded<BrokerHeartbeatResponse> {
  const throttleTimeMs = reader.int32()
  const errorCode = reader.int16()
  const isCaughtUp = reader.bool()
  const isFenced = reader.bool()
  const shouldShutDown = reader.bool()
  const unknownTags = reader.unknownTags()
  return { throttleTimeMs, errorCode, isCaughtUp, isFenced, shouldShutDown, unknownTags }
}

/**
 * Keeps a broker's session with the controller alive and carries its wishes: to be let in, to be fenced, to shut
 * down. Without one for broker.session.timeout.ms the broker is fenced and leaves every ISR.
 * - 1: Failed log directories, so that partitions on them get a new leader (KIP-858).
 * - 2: Cordoned log directories, which get no new replicas (KIP-1066).
 */
export const brokerHeartbeat: Api<BrokerHeartbeatRequest, BrokerHeartbeatResponse> = {
  key: 63,
  name: 'BrokerHeartbeat',
  versions: { min: 0, max: 2, latestStable: 2 },
  flexibleFrom: 0,
  sentTo: 'controller',
  listeners: ['controller'],
  request: { name: 'BrokerHeartbeatRequest', encode: encodeBrokerHeartbeatRequest, decode: decodeBrokerHeartbeatRequest },
  response: { name: 'BrokerHeartbeatResponse', encode: encodeBrokerHeartbeatResponse, decode: decodeBrokerHeartbeatResponse },
}
