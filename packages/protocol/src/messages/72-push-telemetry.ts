/**
 * The PushTelemetry API (key 72).
 * Generated from schemas/72-push-telemetry.ts by `npm run generate`: change it there.
 */
import type { Decoded } from '../wire/decoded.js'
import type { Reader } from '../wire/reader.js'
import type { UnknownTags } from '../wire/tagged.js'
import type { Uuid } from '../wire/uuid.js'
import type { Writer } from '../wire/writer.js'
import type { Api } from './api.js'

export interface PushTelemetryRequest {
  readonly clientInstanceId: Uuid
  /** From GetTelemetrySubscriptions. */
  readonly subscriptionId: number
  /** The last push, as the client closes: allowed before the interval is over, nothing is accepted after it. */
  readonly terminating: boolean
  /** Codec number as in record batches; one of `acceptedCompressionTypes`, or 0. */
  readonly compressionType: number
  /** OpenTelemetry's MetricsData (v1) as protobuf, compressed. */
  readonly metrics: Uint8Array
  readonly unknownTags?: UnknownTags
}

function encodePushTelemetryRequest(writer: Writer, message: PushTelemetryRequest, _version: number): void {
  writer.uuid(message.clientInstanceId)
  writer.int32(message.subscriptionId)
  writer.bool(message.terminating)
  writer.int8(message.compressionType)
  writer.bytes(message.metrics, true)
  writer.tagCount(0, message.unknownTags)
  writer.unknownTags(message.unknownTags)
}

function decodePushTelemetryRequest(reader: Reader, _version: number): Decoded<PushTelemetryRequest> {
  const clientInstanceId = reader.uuid()
  const subscriptionId = reader.int32()
  const terminating = reader.bool()
  const compressionType = reader.int8()
  const metrics = reader.bytes(true)
  const unknownTags = reader.unknownTags()
  return { clientInstanceId, subscriptionId, terminating, compressionType, metrics, unknownTags }
}

export interface PushTelemetryResponse {
  readonly throttleTimeMs: number
  /**
   * UNKNOWN_SUBSCRIPTION_ID: ask for the subscription again. TELEMETRY_TOO_LARGE, UNSUPPORTED_COMPRESSION_TYPE,
   * INVALID_RECORD: drop this push. THROTTLING_QUOTA_EXCEEDED: too early. INVALID_REQUEST: the last push came
   * already, or the id is wrong.
   */
  readonly errorCode: number
  readonly unknownTags?: UnknownTags
}

function encodePushTelemetryResponse(writer: Writer, message: PushTelemetryResponse, _version: number): void {
  writer.int32(message.throttleTimeMs)
  writer.int16(message.errorCode)
  writer.tagCount(0, message.unknownTags)
  writer.unknownTags(message.unknownTags)
}

function decodePushTelemetryResponse(reader: Reader, _version: number): Decoded<PushTelemetryResponse> {
  const throttleTimeMs = reader.int32()
  const errorCode = reader.int16()
  const unknownTags = reader.unknownTags()
  return { throttleTimeMs, errorCode, unknownTags }
}

/** A client hands over the metrics of its subscription (KIP-714). */
export const pushTelemetry: Api<PushTelemetryRequest, PushTelemetryResponse> = {
  key: 72,
  name: 'PushTelemetry',
  versions: { min: 0, max: 0, latestStable: 0 },
  flexibleFrom: 0,
  sentTo: 'any',
  listeners: ['broker'],
  request: { name: 'PushTelemetryRequest', encode: encodePushTelemetryRequest, decode: decodePushTelemetryRequest },
  response: { name: 'PushTelemetryResponse', encode: encodePushTelemetryResponse, decode: decodePushTelemetryResponse },
}
