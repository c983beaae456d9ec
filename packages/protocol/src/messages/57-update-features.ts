/**
 * The UpdateFeatures API (key 57).
 * Generated from schemas/57-update-features.ts by `npm run generate`: change it there.
 */
import type { Decoded } from '../wire/decoded.js'
import type { Reader } from '../wire/reader.js'
import type { UnknownTags } from '../wire/tagged.js'
import type { Writer } from '../wire/writer.js'
import type { Api } from './api.js'

export interface UpdateFeaturesRequest {
  readonly timeoutMs?: number
  readonly featureUpdates: readonly UpdateFeaturesRequestFeatureUpdate[]
  /** Checks everything, changes nothing. Versions 1+. */
  readonly validateOnly?: boolean
  readonly unknownTags?: UnknownTags
}

export interface UpdateFeaturesRequestFeatureUpdate {
  readonly feature: string
  /** 0 removes the feature. */
  readonly maxVersionLevel: number
  /** Versions 0. */
  readonly allowDowngrade?: boolean
  /** 1 only raises, 2 also lowers where nothing is lost by it, 3 lowers at any price. Versions 1+. */
  readonly upgradeType?: number
  readonly unknownTags?: UnknownTags
}

function encodeUpdateFeaturesRequest(writer: Writer, message: UpdateFeaturesRequest, version: number): void {
  writer.int32(message.timeoutMs ?? 60000)
  const featureUpdates = message.featureUpdates
  writer.arrayLength(featureUpdates.length, true)
  for (const element of featureUpdates) encodeUpdateFeaturesRequestFeatureUpdate(writer, element, version)
  if (version >= 1) writer.bool(message.validateOnly ?? false)
  else if (message.validateOnly !== undefined && message.validateOnly !== false) throw writer.unsupported('validateOnly', version)
  writer.tagCount(0, message.unknownTags)
  writer.unknownTags(message.unknownTags)
}

function encodeUpdateFeaturesRequestFeatureUpdate(writer: Writer, message: UpdateFeaturesRequestFeatureUpdate, version: number): void {
  writer.string(message.feature, true)
  writer.int16(message.maxVersionLevel)
  if (version <= 0) writer.bool(message.allowDowngrade ?? false)
  else if (message.allowDowngrade !== undefined && message.allowDowngrade !== false) throw writer.unsupported('allowDowngrade', version)
  if (version >= 1) writer.int8(message.upgradeType ?? 1)
  else if (message.upgradeType !== undefined && message.upgradeType !== 1) throw writer.unsupported('upgradeType', version)
  writer.tagCount(0, message.unknownTags)
  writer.unknownTags(message.unknownTags)
}

function decodeUpdateFeaturesRequest(reader: Reader, version: number): Decoded<UpdateFeaturesRequest> {
  const timeoutMs = reader.int32()
  const featureUpdates: Decoded<UpdateFeaturesRequestFeatureUpdate>[] = []
  for (let left = reader.arrayLength(true, 4); left > 0; left--) featureUpdates.push(decodeUpdateFeaturesRequestFeatureUpdate(reader, version))
  let validateOnly: boolean = false
  if (version >= 1) validateOnly = reader.bool()
  const unknownTags = reader.unknownTags()
  return { timeoutMs, featureUpdates, validateOnly, unknownTags }
}

function decodeUpdateFeaturesRequestFeatureUpdate(reader: Reader, version: number): Decoded<UpdateFeaturesRequestFeatureUpdate> {
  const feature = reader.string(true)
  const maxVersionLevel = reader.int16()
  let allowDowngrade: boolean = false
  if (version <= 0) allowDowngrade = reader.bool()
  let upgradeType: number = 1
  if (version >= 1) upgradeType = reader.int8()
  const unknownTags = reader.unknownTags()
  return { feature, maxVersionLevel, allowDowngrade, upgradeType, unknownTags }
}

export interface UpdateFeaturesResponse {
  readonly throttleTimeMs: number
  /**
   * INVALID_UPDATE_VERSION: unknown feature, a level that a node does not support, or the wrong kind of change.
   * CLUSTER_AUTHORIZATION_FAILED without ALTER on the cluster.
   */
  readonly errorCode: number
  readonly errorMessage: string | null
  /** Versions 0-1. */
  readonly results?: readonly UpdateFeaturesResponseResult[]
  readonly unknownTags?: UnknownTags
}

export interface UpdateFeaturesResponseResult {
  readonly feature: string
  readonly errorCode: number
  readonly errorMessage: string | null
  readonly unknownTags?: UnknownTags
}

function encodeUpdateFeaturesResponse(writer: Writer, message: UpdateFeaturesResponse, version: number): void {
  writer.int32(message.throttleTimeMs)
  writer.int16(message.errorCode)
  writer.nullableString(message.errorMessage, true)
  if (version <= 1) {
    const results = message.results ?? []
    writer.arrayLength(results.length, true)
    for (const element of results) encodeUpdateFeaturesResponseResult(writer, element, version)
  }
  writer.tagCount(0, message.unknownTags)
  writer.unknownTags(message.unknownTags)
}

function encodeUpdateFeaturesResponseResult(writer: Writer, message: UpdateFeaturesResponseResult, _version: number): void {
  writer.string(message.feature, true)
  writer.int16(message.errorCode)
  writer.nullableString(message.errorMessage, true)
  writer.tagCount(0, message.unknownTags)
  writer.unknownTags(message.unknownTags)
}

function decodeUpdateFeaturesResponse(reader: Reader, version: number): Decoded<UpdateFeaturesResponse> {
  const throttleTimeMs = reader.int32()
  const errorCode = reader.int16()
  const errorMessage = reader.nullableString(true)
  let results: Decoded<UpdateFeaturesResponseResult>[] = []
  if (version <= 1) for (let left = reader.arrayLength(true, 5); left > 0; left--) results.push(decodeUpdateFeaturesResponseResult(reader, version))
  const unknownTags = reader.unknownTags()
  return { throttleTimeMs, errorCode, errorMessage, results, unknownTags }
}

function decodeUpdateFeaturesResponseResult(reader: Reader, _version: number): Decoded<UpdateFeaturesResponseResult> {
  const feature = reader.string(true)
  const errorCode = reader.int16()
  const errorMessage = reader.nullableString(true)
  const unknownTags = reader.unknownTags()
  return { feature, errorCode, errorMessage, unknownTags }
}

/**
 * Raises or lowers finalized features such as `metadata.version`, `transaction.version` or `group.version`: the
 * switches that turn on behaviour once every node supports it. ApiVersions shows the result.
 * - 1: Three kinds of change instead of a permission to downgrade, and a dry run.
 * - 2: No result per feature: either all updates hold, or none does and `errorCode` says why.
 */
export const updateFeatures: Api<UpdateFeaturesRequest, UpdateFeaturesResponse> = {
  key: 57,
  name: 'UpdateFeatures',
  versions: { min: 0, max: 2, latestStable: 2 },
  flexibleFrom: 0,
  sentTo: 'controller',
  listeners: ['broker', 'controller'],
  request: { name: 'UpdateFeaturesRequest', encode: encodeUpdateFeaturesRequest, decode: decodeUpdateFeaturesRequest },
  response: { name: 'UpdateFeaturesResponse', encode: encodeUpdateFeaturesResponse, decode: decodeUpdateFeaturesResponse },
}
