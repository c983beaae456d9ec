/**
 * The ApiVersions API (key 18).
 * Generated from schemas/18-api-versions.ts by `npm run generate`: change it there.
 */
import type { Decoded } from '../wire/decoded.js'
import type { Reader } from '../wire/reader.js'
import type { UnknownTag, UnknownTags } from '../wire/tagged.js'
import type { Writer } from '../wire/writer.js'
import type { Api } from './api.js'

export interface ApiVersionsRequest {
  /**
   * Letters, digits, dots and dashes, with a letter or digit at both ends; anything else is INVALID_REQUEST. Versions
   * 3+.
   */
  readonly clientSoftwareName?: string
  /** The same characters as in the name. Versions 3+. */
  readonly clientSoftwareVersion?: string
  readonly unknownTags?: UnknownTags
}

function encodeApiVersionsRequest(writer: Writer, message: ApiVersionsRequest, version: number): void {
  const flexible = version >= 3
  if (version >= 3) writer.string(message.clientSoftwareName ?? '', true)
  if (version >= 3) writer.string(message.clientSoftwareVersion ?? '', true)
  if (flexible) {
    writer.tagCount(0, message.unknownTags)
    writer.unknownTags(message.unknownTags)
  } else if (message.unknownTags !== undefined && message.unknownTags.length > 0) throw writer.unsupported('unknownTags', version)
}

function decodeApiVersionsRequest(reader: Reader, version: number): Decoded<ApiVersionsRequest> {
  const flexible = version >= 3
  let clientSoftwareName: string = ''
  if (version >= 3) clientSoftwareName = reader.string(true)
  let clientSoftwareVersion: string = ''
  if (version >= 3) clientSoftwareVersion = reader.string(true)
  const unknownTags = flexible ? reader.unknownTags() : undefined
  return { clientSoftwareName, clientSoftwareVersion, unknownTags }
}

export interface ApiVersionsResponse {
  /**
   * UNSUPPORTED_VERSION: this body has version 0 and lists at least key 18, so ask again in that range.
   * INVALID_REQUEST: the name or version of the software has wrong characters.
   */
  readonly errorCode: number
  /** An API that is missing is not served on this listener. */
  readonly apiKeys: readonly ApiVersionsResponseApiKey[]
  /** Versions 1+. */
  readonly throttleTimeMs?: number
  /** Versions 3+. */
  readonly supportedFeatures?: readonly ApiVersionsResponseSupportedFeature[]
  /**
   * Grows with every change; of several brokers' answers the highest counts. -1: nothing is known about
   * finalizedFeatures. Versions 3+.
   */
  readonly finalizedFeaturesEpoch?: bigint
  /**
   * What the cluster has switched on. transaction.version 2 is what permits Produce 12, TxnOffsetCommit 5 and EndTxn
   * 5 in a transaction. Versions 3+.
   */
  readonly finalizedFeatures?: readonly ApiVersionsResponseFinalizedFeature[]
  /** A remnant of the move away from ZooKeeper, false ever since. Versions 3+. */
  readonly zkMigrationReady?: boolean
  readonly unknownTags?: UnknownTags
}

export interface ApiVersionsResponseApiKey {
  readonly apiKey: number
  /** Not a sign of age: brokers give 0 for Produce and refuse 0-2. */
  readonly minVersion: number
  readonly maxVersion: number
  readonly unknownTags?: UnknownTags
}

export interface ApiVersionsResponseSupportedFeature {
  readonly name: string
  readonly minVersion: number
  readonly maxVersion: number
  readonly unknownTags?: UnknownTags
}

export interface ApiVersionsResponseFinalizedFeature {
  readonly name: string
  /** The level in force. */
  readonly maxVersionLevel: number
  readonly minVersionLevel: number
  readonly unknownTags?: UnknownTags
}

function encodeApiVersionsResponse(writer: Writer, message: ApiVersionsResponse, version: number): void {
  const flexible = version >= 3
  writer.int16(message.errorCode)
  const apiKeys = message.apiKeys
  writer.arrayLength(apiKeys.length, flexible)
  for (const element of apiKeys) encodeApiVersionsResponseApiKey(writer, element, version)
  if (version >= 1) writer.int32(message.throttleTimeMs ?? 0)
  if (flexible) {
    const supportedFeatures = message.supportedFeatures
    const hasSupportedFeatures = supportedFeatures !== undefined && supportedFeatures.length !== 0
    const finalizedFeaturesEpoch = message.finalizedFeaturesEpoch
    const hasFinalizedFeaturesEpoch = finalizedFeaturesEpoch !== undefined && finalizedFeaturesEpoch !== -1n
    const finalizedFeatures = message.finalizedFeatures
    const hasFinalizedFeatures = finalizedFeatures !== undefined && finalizedFeatures.length !== 0
    const zkMigrationReady = message.zkMigrationReady
    const hasZkMigrationReady = zkMigrationReady !== undefined && zkMigrationReady !== false
    writer.tagCount((hasSupportedFeatures ? 1 : 0) + (hasFinalizedFeaturesEpoch ? 1 : 0) + (hasFinalizedFeatures ? 1 : 0) + (hasZkMigrationReady ? 1 : 0), message.unknownTags)
    if (hasSupportedFeatures) {
      const supportedFeaturesAt = writer.enterTag(0)
      writer.arrayLength(supportedFeatures.length, true)
      for (const element of supportedFeatures) encodeApiVersionsResponseSupportedFeature(writer, element, version)
      writer.leaveTag(supportedFeaturesAt)
    }
    if (hasFinalizedFeaturesEpoch) {
      const finalizedFeaturesEpochAt = writer.enterTag(1)
      writer.int64(finalizedFeaturesEpoch)
      writer.leaveTag(finalizedFeaturesEpochAt)
    }
    if (hasFinalizedFeatures) {
      const finalizedFeaturesAt = writer.enterTag(2)
      writer.arrayLength(finalizedFeatures.length, true)
      for (const element of finalizedFeatures) encodeApiVersionsResponseFinalizedFeature(writer, element, version)
      writer.leaveTag(finalizedFeaturesAt)
    }
    if (hasZkMigrationReady) {
      const zkMigrationReadyAt = writer.enterTag(3)
      writer.bool(zkMigrationReady)
      writer.leaveTag(zkMigrationReadyAt)
    }
    writer.unknownTags(message.unknownTags)
  } else if (message.unknownTags !== undefined && message.unknownTags.length > 0) throw writer.unsupported('unknownTags', version)
}

function encodeApiVersionsResponseApiKey(writer: Writer, message: ApiVersionsResponseApiKey, version: number): void {
  const flexible = version >= 3
  writer.int16(message.apiKey)
  writer.int16(message.minVersion)
  writer.int16(message.maxVersion)
  if (flexible) {
    writer.tagCount(0, message.unknownTags)
    writer.unknownTags(message.unknownTags)
  } else if (message.unknownTags !== undefined && message.unknownTags.length > 0) throw writer.unsupported('unknownTags', version)
}

function encodeApiVersionsResponseSupportedFeature(writer: Writer, message: ApiVersionsResponseSupportedFeature, _version: number): void {
  writer.string(message.name, true)
  writer.int16(message.minVersion)
  writer.int16(message.maxVersion)
  writer.tagCount(0, message.unknownTags)
  writer.unknownTags(message.unknownTags)
}

function encodeApiVersionsResponseFinalizedFeature(writer: Writer, message: ApiVersionsResponseFinalizedFeature, _version: number): void {
  writer.string(message.name, true)
  writer.int16(message.maxVersionLevel)
  writer.int16(message.minVersionLevel)
  writer.tagCount(0, message.unknownTags)
  writer.unknownTags(message.unknownTags)
}

function decodeApiVersionsResponse(reader: Reader, version: number): Decoded<ApiVersionsResponse> {
  const flexible = version >= 3
  const errorCode = reader.int16()
  const apiKeys: Decoded<ApiVersionsResponseApiKey>[] = []
  for (let left = reader.arrayLength(flexible, 6); left > 0; left--) apiKeys.push(decodeApiVersionsResponseApiKey(reader, version))
  let throttleTimeMs: number = 0
  if (version >= 1) throttleTimeMs = reader.int32()
  let supportedFeatures: Decoded<ApiVersionsResponseSupportedFeature>[] = []
  let finalizedFeaturesEpoch: bigint = -1n
  let finalizedFeatures: Decoded<ApiVersionsResponseFinalizedFeature>[] = []
  let zkMigrationReady: boolean = false
  let unknownTags: UnknownTag[] | undefined
  if (flexible) {
    for (let left = reader.tagCount(); left > 0; left--) {
      const outerEnd = reader.enterTag()
      switch (reader.tag) {
        case 0: {
          supportedFeatures = []
          for (let left = reader.arrayLength(true, 6); left > 0; left--) supportedFeatures.push(decodeApiVersionsResponseSupportedFeature(reader, version))
          break
        }
        case 1: {
          finalizedFeaturesEpoch = reader.int64()
          break
        }
        case 2: {
          finalizedFeatures = []
          for (let left = reader.arrayLength(true, 6); left > 0; left--) finalizedFeatures.push(decodeApiVersionsResponseFinalizedFeature(reader, version))
          break
        }
        case 3: {
          zkMigrationReady = reader.bool()
          break
        }
        default:
          unknownTags = reader.unknownTag(unknownTags)
      }
      reader.leaveTag(outerEnd)
    }
  }
  return { errorCode, apiKeys, throttleTimeMs, supportedFeatures, finalizedFeaturesEpoch, finalizedFeatures, zkMigrationReady, unknownTags }
}

function decodeApiVersionsResponseApiKey(reader: Reader, version: number): Decoded<ApiVersionsResponseApiKey> {
  const flexible = version >= 3
  const apiKey = reader.int16()
  const minVersion = reader.int16()
  const maxVersion = reader.int16()
  const unknownTags = flexible ? reader.unknownTags() : undefined
  return { apiKey, minVersion, maxVersion, unknownTags }
}

function decodeApiVersionsResponseSupportedFeature(reader: Reader, _version: number): Decoded<ApiVersionsResponseSupportedFeature> {
  const name = reader.string(true)
  const minVersion = reader.int16()
  const maxVersion = reader.int16()
  const unknownTags = reader.unknownTags()
  return { name, minVersion, maxVersion, unknownTags }
}

function decodeApiVersionsResponseFinalizedFeature(reader: Reader, _version: number): Decoded<ApiVersionsResponseFinalizedFeature> {
  const name = reader.string(true)
  const maxVersionLevel = reader.int16()
  const minVersionLevel = reader.int16()
  const unknownTags = reader.unknownTags()
  return { name, maxVersionLevel, minVersionLevel, unknownTags }
}

/**
 * The first request on every connection, before authentication too. Of each API both sides then use the highest
 * version that both know. Its response alone always has header version 0, so that it can be read before anything is
 * agreed on.
 * - 0: The form in which every UNSUPPORTED_VERSION comes, whatever version was asked with.
 * - 2: From here the client itself keeps silent for throttleTimeMs (KIP-219).
 * - 3: The client names its software (KIP-511), the cluster its features (KIP-584).
 * - 4: Lists features whose lowest version is 0 too; before that they are left out, because clients could not read
 *   them.
 */
export const apiVersions: Api<ApiVersionsRequest, ApiVersionsResponse> = {
  key: 18,
  name: 'ApiVersions',
  versions: { min: 0, max: 4, latestStable: 4 },
  flexibleFrom: 3,
  sentTo: 'broker',
  listeners: ['broker', 'controller'],
  request: { name: 'ApiVersionsRequest', encode: encodeApiVersionsRequest, decode: decodeApiVersionsRequest },
  response: { name: 'ApiVersionsResponse', encode: encodeApiVersionsResponse, decode: decodeApiVersionsResponse },
}
