/**
 * The GetTelemetrySubscriptions API (key 71).
 * Generated from schemas/71-get-telemetry-subscriptions.ts by `npm run generate`: change it there.
 */
import type { Decoded } from '../wire/decoded.js'
import type { Reader } from '../wire/reader.js'
import type { UnknownTags } from '../wire/tagged.js'
import type { Uuid } from '../wire/uuid.js'
import type { Writer } from '../wire/writer.js'
import type { Api } from './api.js'

export interface GetTelemetrySubscriptionsRequest {
  /** Zero at first; afterwards the id that the first response gave, also on another broker. */
  readonly clientInstanceId: Uuid
  readonly unknownTags?: UnknownTags
}

function encodeGetTelemetrySubscriptionsRequest(writer: Writer, message: GetTelemetrySubscriptionsRequest, _version: number): void {
  writer.uuid(message.clientInstanceId)
  writer.tagCount(0, message.unknownTags)
  writer.unknownTags(message.unknownTags)
}

function decodeGetTelemetrySubscriptionsRequest(reader: Reader, _version: number): Decoded<GetTelemetrySubscriptionsRequest> {
  const clientInstanceId = reader.uuid()
  const unknownTags = reader.unknownTags()
  return { clientInstanceId, unknownTags }
}

export interface GetTelemetrySubscriptionsResponse {
  readonly throttleTimeMs: number
  /**
   * THROTTLING_QUOTA_EXCEEDED: asked before the push interval was over. INVALID_REQUEST: an id that the broker has no
   * use for.
   */
  readonly errorCode: number
  /** The id given to a client that sent zero. */
  readonly clientInstanceId: Uuid
  /** Changes with the subscription; goes into every push. */
  readonly subscriptionId: number
  /** Codec numbers as in record batches, the preferred first. 0, no compression, is always allowed. */
  readonly acceptedCompressionTypes: readonly number[]
  /**
   * Shortest of all subscriptions that match the client. The first push is spread at random, so that clients do not
   * come at once.
   */
  readonly pushIntervalMs: number
  /** Of one push, after compression. */
  readonly telemetryMaxBytes: number
  /** True: counters as growth since the last push. False: since the start. */
  readonly deltaTemporality: boolean
  /** Prefixes of metric names. Empty: nothing is wanted. One empty string: everything. */
  readonly requestedMetrics: readonly string[]
  readonly unknownTags?: UnknownTags
}

function encodeGetTelemetrySubscriptionsResponse(writer: Writer, message: GetTelemetrySubscriptionsResponse, _version: number): void {
  writer.int32(message.throttleTimeMs)
  writer.int16(message.errorCode)
  writer.uuid(message.clientInstanceId)
  writer.int32(message.subscriptionId)
  const acceptedCompressionTypes = message.acceptedCompressionTypes
  writer.arrayLength(acceptedCompressionTypes.length, true)
  for (const element of acceptedCompressionTypes) writer.int8(element)
  writer.int32(message.pushIntervalMs)
  writer.int32(message.telemetryMaxBytes)
  writer.bool(message.deltaTemporality)
  const requestedMetrics = message.requestedMetrics
  writer.arrayLength(requestedMetrics.length, true)
  for (const element of requestedMetrics) writer.string(element, true)
  writer.tagCount(0, message.unknownTags)
  writer.unknownTags(message.unknownTags)
}

function decodeGetTelemetrySubscriptionsResponse(reader: Reader, _version: number): Decoded<GetTelemetrySubscriptionsResponse> {
  const throttleTimeMs = reader.int32()
  const errorCode = reader.int16()
  const clientInstanceId = reader.uuid()
  const subscriptionId = reader.int32()
  const acceptedCompressionTypes: number[] = []
  for (let left = reader.arrayLength(true, 1); left > 0; left--) acceptedCompressionTypes.push(reader.int8())
  const pushIntervalMs = reader.int32()
  const telemetryMaxBytes = reader.int32()
  const deltaTemporality = reader.bool()
  const requestedMetrics: string[] = []
  for (let left = reader.arrayLength(true, 1); left > 0; left--) requestedMetrics.push(reader.string(true))
  const unknownTags = reader.unknownTags()
  return { throttleTimeMs, errorCode, clientInstanceId, subscriptionId, acceptedCompressionTypes, pushIntervalMs, telemetryMaxBytes, deltaTemporality, requestedMetrics, unknownTags }
}

/**
 * A client asks which of its metrics the cluster's operators want, how often and how packed (KIP-714). It keeps to
 * one broker for this and for PushTelemetry. A client need not take part at all.
 */
export const getTelemetrySubscriptions: Api<GetTelemetrySubscriptionsRequest, GetTelemetrySubscriptionsResponse> = {
  key: 71,
  name: 'GetTelemetrySubscriptions',
  versions: { min: 0, max: 0, latestStable: 0 },
  flexibleFrom: 0,
  sentTo: 'any',
  listeners: ['broker'],
  request: { name: 'GetTelemetrySubscriptionsRequest', encode: encodeGetTelemetrySubscriptionsRequest, decode: decodeGetTelemetrySubscriptionsRequest },
  response: { name: 'GetTelemetrySubscriptionsResponse', encode: encodeGetTelemetrySubscriptionsResponse, decode: decodeGetTelemetrySubscriptionsResponse },
}
