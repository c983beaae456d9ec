/**
 * The BrokerRegistration API (key 62).
 * Generated from schemas/62-broker-registration.ts by `npm run generate`: change it there.
 */
import type { Decoded } from '../wire/decoded.js'
import type { Reader } from '../wire/reader.js'
import type { UnknownTags } from '../wire/tagged.js'
import type { Uuid } from '../wire/uuid.js'
import type { Writer } from '../wire/writer.js'
import type { Api } from './api.js'

export interface BrokerRegistrationRequest {
  readonly brokerId: number
  readonly clusterId: string
  /**
   * New in every process. A second process with the same broker id is refused while the first one's session lives.
   */
  readonly incarnationId: Uuid
  readonly listeners: readonly BrokerRegistrationRequestListener[]
  readonly features: readonly BrokerRegistrationRequestFeature[]
  /** Null when the broker is in none. */
  readonly rack: string | null
  /** Must be false. Versions 1+. */
  readonly isMigratingZkBroker?: boolean
  /** The directories that are online. Versions 2+. */
  readonly logDirs?: readonly Uuid[]
  /**
   * The epoch it had when it last shut down in order. If that is not the last one the controller gave out, the
   * shutdown was unclean and the broker drops out of every ISR and ELR. Versions 3+.
   */
  readonly previousBrokerEpoch?: bigint
  readonly unknownTags?: UnknownTags
}

export interface BrokerRegistrationRequestListener {
  readonly name: string
  readonly host: string
  readonly port: number
  /** 0 PLAINTEXT, 1 SSL, 2 SASL_PLAINTEXT, 3 SASL_SSL. */
  readonly securityProtocol: number
  readonly unknownTags?: UnknownTags
}

export interface BrokerRegistrationRequestFeature {
  readonly name: string
  readonly minSupportedVersion: number
  readonly maxSupportedVersion: number
  readonly unknownTags?: UnknownTags
}

function encodeBrokerRegistrationRequest(writer: Writer, message: BrokerRegistrationRequest, version: number): void {
  writer.int32(message.brokerId)
  writer.string(message.clusterId, true)
  writer.uuid(message.incarnationId)
  const listeners = message.listeners
  writer.arrayLength(listeners.length, true)
  for (const element of listeners) encodeBrokerRegistrationRequestListener(writer, element, version)
  const features = message.features
  writer.arrayLength(features.length, true)
  for (const element of features) encodeBrokerRegistrationRequestFeature(writer, element, version)
  writer.nullableString(message.rack, true)
  if (version >= 1) writer.bool(message.isMigratingZkBroker ?? false)
  else if (message.isMigratingZkBroker !== undefined && message.isMigratingZkBroker !== false) throw writer.unsupported('isMigratingZkBroker', version)
  if (version >= 2) {
    const logDirs = message.logDirs ?? []
    writer.arrayLength(logDirs.length, true)
    for (const element of logDirs) writer.uuid(element)
  }
  if (version >= 3) writer.int64(message.previousBrokerEpoch ?? -1n)
  writer.tagCount(0, message.unknownTags)
  writer.unknownTags(message.unknownTags)
}

function encodeBrokerRegistrationRequestListener(writer: Writer, message: BrokerRegistrationRequestListener, _version: number): void {
  writer.string(message.name, true)
  writer.string(message.host, true)
  writer.uint16(message.port)
  writer.int16(message.securityProtocol)
  writer.tagCount(0, message.unknownTags)
  writer.unknownTags(message.unknownTags)
}

function encodeBrokerRegistrationRequestFeature(writer: Writer, message: BrokerRegistrationRequestFeature, _version: number): void {
  writer.string(message.name, true)
  writer.int16(message.minSupportedVersion)
  writer.int16(message.maxSupportedVersion)
  writer.tagCount(0, message.unknownTags)
  writer.unknownTags(message.unknownTags)
}

function decodeBrokerRegistrationRequest(reader: Reader, version: number): Decoded<BrokerRegistrationRequest> {
  const brokerId = reader.int32()
  const clusterId = reader.string(true)
  const incarnationId = reader.uuid()
  const listeners: Decoded<BrokerRegistrationRequestListener>[] = []
  for (let left = reader.arrayLength(true, 7); left > 0; left--) listeners.push(decodeBrokerRegistrationRequestListener(reader, version))
  const features: Decoded<BrokerRegistrationRequestFeature>[] = []
  for (let left = reader.arrayLength(true, 6); left > 0; left--) features.push(decodeBrokerRegistrationRequestFeature(reader, version))
  const rack = reader.nullableString(true)
  let isMigratingZkBroker: boolean = false
  if (version >= 1) isMigratingZkBroker = reader.bool()
  let logDirs: Uuid[] = []
  if (version >= 2) for (let left = reader.arrayLength(true, 16); left > 0; left--) logDirs.push(reader.uuid())
  let previousBrokerEpoch: bigint = -1n
  if (version >= 3) previousBrokerEpoch = reader.int64()
  const unknownTags = reader.unknownTags()
  return { brokerId, clusterId, incarnationId, listeners, features, rack, isMigratingZkBroker, logDirs, previousBrokerEpoch, unknownTags }
}

function decodeBrokerRegistrationRequestListener(reader: Reader, _version: number): Decoded<BrokerRegistrationRequestListener> {
  const name = reader.string(true)
  const host = reader.string(true)
  const port = reader.uint16()
  const securityProtocol = reader.int16()
  const unknownTags = reader.unknownTags()
  return { name, host, port, securityProtocol, unknownTags }
}

function decodeBrokerRegistrationRequestFeature(reader: Reader, _version: number): Decoded<BrokerRegistrationRequestFeature> {
  const name = reader.string(true)
  const minSupportedVersion = reader.int16()
  const maxSupportedVersion = reader.int16()
  const unknownTags = reader.unknownTags()
  return { name, minSupportedVersion, maxSupportedVersion, unknownTags }
}

export interface BrokerRegistrationResponse {
  readonly throttleTimeMs: number
  /**
   * DUPLICATE_BROKER_REGISTRATION: try again when the old session has run out. INCONSISTENT_CLUSTER_ID.
   * INVALID_REGISTRATION: directories are missing, reserved or taken. UNSUPPORTED_VERSION: a finalized feature is
   * beyond this broker.
   */
  readonly errorCode: number
  /**
   * Goes with every later request to the controller, which so tells this life of the broker from earlier ones. It is
   * the offset of the registration record; -1 with an error.
   */
  readonly brokerEpoch?: bigint
  readonly unknownTags?: UnknownTags
}

function encodeBrokerRegistrationResponse(writer: Writer, message: BrokerRegistrationResponse, _version: number): void {
  writer.int32(message.throttleTimeMs)
  writer.int16(message.errorCode)
  writer.int64(message.brokerEpoch ?? -1n)
  writer.tagCount(0, message.unknownTags)
  writer.unknownTags(message.unknownTags)
}

function decodeBrokerRegistrationResponse(reader: Reader, _version: number): Decoded<BrokerRegistrationResponse> {
  const throttleTimeMs = reader.int32()
  const errorCode = reader.int16()
  const brokerEpoch = reader.int64()
  const unknownTags = reader.unknownTags()
  return { throttleTimeMs, errorCode, brokerEpoch, unknownTags }
}

/**
 * A broker that starts registers with the controller: where it listens, what it supports, which directories it has.
 * It gets a broker epoch, stays fenced, and is let in by its heartbeats.
 * - 1: From the move off ZooKeeper; no longer of use.
 * - 2: Log directories, for placing and electing by directory (KIP-858).
 * - 3: Tells a clean start from an unclean one (KIP-966).
 * - 4: Features whose lowest version is 0 may be listed; before, they had to be left out.
 */
export const brokerRegistration: Api<BrokerRegistrationRequest, BrokerRegistrationResponse> = {
  key: 62,
  name: 'BrokerRegistration',
  versions: { min: 0, max: 4, latestStable: 4 },
  flexibleFrom: 0,
  sentTo: 'controller',
  listeners: ['controller'],
  request: { name: 'BrokerRegistrationRequest', encode: encodeBrokerRegistrationRequest, decode: decodeBrokerRegistrationRequest },
  response: { name: 'BrokerRegistrationResponse', encode: encodeBrokerRegistrationResponse, decode: decodeBrokerRegistrationResponse },
}
