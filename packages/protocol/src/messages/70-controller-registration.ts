/**
 * The ControllerRegistration API (key 70).
 * Generated from schemas/70-controller-registration.ts by `npm run generate`: change it there.
 */
import type { Decoded } from '../wire/decoded.js'
import type { Reader } from '../wire/reader.js'
import type { UnknownTags } from '../wire/tagged.js'
import type { Uuid } from '../wire/uuid.js'
import type { Writer } from '../wire/writer.js'
import type { Api } from './api.js'

export interface ControllerRegistrationRequest {
  readonly controllerId: number
  /** New in every process. */
  readonly incarnationId: Uuid
  /** From the move off ZooKeeper; no longer of use. */
  readonly zkMigrationReady: boolean
  readonly listeners: readonly ControllerRegistrationRequestListener[]
  readonly features: readonly ControllerRegistrationRequestFeature[]
  readonly unknownTags?: UnknownTags
}

export interface ControllerRegistrationRequestListener {
  readonly name: string
  readonly host: string
  readonly port: number
  /** 0 PLAINTEXT, 1 SSL, 2 SASL_PLAINTEXT, 3 SASL_SSL. */
  readonly securityProtocol: number
  readonly unknownTags?: UnknownTags
}

export interface ControllerRegistrationRequestFeature {
  readonly name: string
  readonly minSupportedVersion: number
  readonly maxSupportedVersion: number
  readonly unknownTags?: UnknownTags
}

function encodeControllerRegistrationRequest(writer: Writer, message: ControllerRegistrationRequest, version: number): void {
  writer.int32(message.controllerId)
  writer.uuid(message.incarnationId)
  writer.bool(message.zkMigrationReady)
  const listeners = message.listeners
  writer.arrayLength(listeners.length, true)
  for (const element of listeners) encodeControllerRegistrationRequestListener(writer, element, version)
  const features = message.features
  writer.arrayLength(features.length, true)
  for (const element of features) encodeControllerRegistrationRequestFeature(writer, element, version)
  writer.tagCount(0, message.unknownTags)
  writer.unknownTags(message.unknownTags)
}

function encodeControllerRegistrationRequestListener(writer: Writer, message: ControllerRegistrationRequestListener, _version: number): void {
  writer.string(message.name, true)
  writer.string(message.host, true)
  writer.uint16(message.port)
  writer.int16(message.securityProtocol)
  writer.tagCount(0, message.unknownTags)
  writer.unknownTags(message.unknownTags)
}

function encodeControllerRegistrationRequestFeature(writer: Writer, message: ControllerRegistrationRequestFeature, _version: number): void {
  writer.string(message.name, true)
  writer.int16(message.minSupportedVersion)
  writer.int16(message.maxSupportedVersion)
  writer.tagCount(0, message.unknownTags)
  writer.unknownTags(message.unknownTags)
}

function decodeControllerRegistrationRequest(reader: Reader, version: number): Decoded<ControllerRegistrationRequest> {
  const controllerId = reader.int32()
  const incarnationId = reader.uuid()
  const zkMigrationReady = reader.bool()
  const listeners: Decoded<ControllerRegistrationRequestListener>[] = []
  for (let left = reader.arrayLength(true, 7); left > 0; left--) listeners.push(decodeControllerRegistrationRequestListener(reader, version))
  const features: Decoded<ControllerRegistrationRequestFeature>[] = []
  for (let left = reader.arrayLength(true, 6); left > 0; left--) features.push(decodeControllerRegistrationRequestFeature(reader, version))
  const unknownTags = reader.unknownTags()
  return { controllerId, incarnationId, zkMigrationReady, listeners, features, unknownTags }
}

function decodeControllerRegistrationRequestListener(reader: Reader, _version: number): Decoded<ControllerRegistrationRequestListener> {
  const name = reader.string(true)
  const host = reader.string(true)
  const port = reader.uint16()
  const securityProtocol = reader.int16()
  const unknownTags = reader.unknownTags()
  return { name, host, port, securityProtocol, unknownTags }
}

function decodeControllerRegistrationRequestFeature(reader: Reader, _version: number): Decoded<ControllerRegistrationRequestFeature> {
  const name = reader.string(true)
  const minSupportedVersion = reader.int16()
  const maxSupportedVersion = reader.int16()
  const unknownTags = reader.unknownTags()
  return { name, minSupportedVersion, maxSupportedVersion, unknownTags }
}

export interface ControllerRegistrationResponse {
  readonly throttleTimeMs: number
  /** NOT_CONTROLLER: find the active one. UNSUPPORTED_VERSION: metadata.version knows no such registration yet. */
  readonly errorCode: number
  readonly errorMessage: string | null
  readonly unknownTags?: UnknownTags
}

function encodeControllerRegistrationResponse(writer: Writer, message: ControllerRegistrationResponse, _version: number): void {
  writer.int32(message.throttleTimeMs)
  writer.int16(message.errorCode)
  writer.nullableString(message.errorMessage, true)
  writer.tagCount(0, message.unknownTags)
  writer.unknownTags(message.unknownTags)
}

function decodeControllerRegistrationResponse(reader: Reader, _version: number): Decoded<ControllerRegistrationResponse> {
  const throttleTimeMs = reader.int32()
  const errorCode = reader.int16()
  const errorMessage = reader.nullableString(true)
  const unknownTags = reader.unknownTags()
  return { throttleTimeMs, errorCode, errorMessage, unknownTags }
}

/**
 * A controller tells the active one where it listens and which features it supports. All nodes learn of it through
 * the metadata log, admin clients through DescribeCluster (KIP-919).
 */
export const controllerRegistration: Api<ControllerRegistrationRequest, ControllerRegistrationResponse> = {
  key: 70,
  name: 'ControllerRegistration',
  versions: { min: 0, max: 0, latestStable: 0 },
  flexibleFrom: 0,
  sentTo: 'controller',
  listeners: ['controller'],
  request: { name: 'ControllerRegistrationRequest', encode: encodeControllerRegistrationRequest, decode: decodeControllerRegistrationRequest },
  response: { name: 'ControllerRegistrationResponse', encode: encodeControllerRegistrationResponse, decode: decodeControllerRegistrationResponse },
}
