/**
 * The headers in front of every request and response. Which header version a message has follows from its own version,
 * with one exception: the response to ApiVersions always has the oldest header, so that a client which knows nothing yet
 * can read it.
 */
import type { ApiInfo } from './messages/api.js'
import type { Reader } from './wire/reader.js'
import type { UnknownTags } from './wire/tagged.js'
import type { Writer } from './wire/writer.js'

const API_VERSIONS_KEY = 18

export interface RequestHeader {
  readonly apiKey: number
  readonly apiVersion: number
  readonly correlationId: number
  /** Always in the old encoding, with a length of two bytes, whatever the version. */
  readonly clientId: string | null
  readonly unknownTags?: UnknownTags
}

export interface ResponseHeader {
  readonly correlationId: number
  readonly unknownTags?: UnknownTags
}

export function isFlexible(api: ApiInfo, version: number): boolean {
  return api.flexibleFrom >= 0 && version >= api.flexibleFrom
}

/** 2 with tagged fields, else 1. Version 0, without a client id, is no longer spoken. */
export function requestHeaderVersion(api: ApiInfo, version: number): 1 | 2 {
  return isFlexible(api, version) ? 2 : 1
}

export function responseHeaderVersion(api: ApiInfo, version: number): 0 | 1 {
  return api.key !== API_VERSIONS_KEY && isFlexible(api, version) ? 1 : 0
}

export function encodeRequestHeader(writer: Writer, header: RequestHeader, headerVersion: 1 | 2): void {
  writer.int16(header.apiKey)
  writer.int16(header.apiVersion)
  writer.int32(header.correlationId)
  writer.nullableString(header.clientId, false)
  if (headerVersion === 2) encodeTags(writer, header.unknownTags)
}

/** Reads key and version once more: whoever chose the header version has read them before, as `openRequest` does. */
export function decodeRequestHeader(reader: Reader, headerVersion: 1 | 2): RequestHeader {
  const apiKey = reader.int16()
  const apiVersion = reader.int16()
  const correlationId = reader.int32()
  const clientId = reader.nullableString(false)
  const unknownTags = headerVersion === 2 ? reader.unknownTags() : undefined
  return { apiKey, apiVersion, correlationId, clientId, unknownTags }
}

export function encodeResponseHeader(writer: Writer, header: ResponseHeader, headerVersion: 0 | 1): void {
  writer.int32(header.correlationId)
  if (headerVersion === 1) encodeTags(writer, header.unknownTags)
}

export function decodeResponseHeader(reader: Reader, headerVersion: 0 | 1): ResponseHeader {
  const correlationId = reader.int32()
  return { correlationId, unknownTags: headerVersion === 1 ? reader.unknownTags() : undefined }
}

function encodeTags(writer: Writer, unknown: UnknownTags): void {
  writer.tagCount(0, unknown)
  writer.unknownTags(unknown)
}
