/**
 * Whole requests and responses as they travel: length, header and body. What is encoded here is ready for the socket;
 * what is decoded here is a frame whose length the splitter (`wire/frame.ts`) has taken off.
 */
import {
  decodeRequestHeader,
  decodeResponseHeader,
  encodeRequestHeader,
  encodeResponseHeader,
  type RequestHeader,
  type ResponseHeader,
  requestHeaderVersion,
  responseHeaderVersion,
} from './header.js'
import type { Api, ApiInfo } from './messages/api.js'
import { apiByKey } from './messages/table.js'
import { ProtocolError } from './protocol-error.js'
import type { Decoded } from './wire/decoded.js'
import { Reader } from './wire/reader.js'
import { Writer } from './wire/writer.js'

const LENGTH_BYTES = 4

export interface RequestOptions {
  readonly version: number
  readonly correlationId: number
  readonly clientId: string | null
}

/** A request frame, length included, as chunks for one vectored write. */
export function encodeRequest<Request, Response>(
  api: Api<Request, Response>,
  request: Request,
  options: RequestOptions,
): Uint8Array[] {
  const { version, correlationId, clientId } = options
  checkVersion(api, version)
  const writer = new Writer(api.request.name)
  writer.int32(0)
  const header = { apiKey: api.key, apiVersion: version, correlationId, clientId }
  encodeRequestHeader(writer, header, requestHeaderVersion(api, version))
  api.request.encode(writer, request, version)
  return frameChunks(writer)
}

/** A response frame, length included, as chunks for one vectored write. */
export function encodeResponse<Request, Response>(
  api: Api<Request, Response>,
  response: Response,
  options: { readonly version: number; readonly correlationId: number },
): Uint8Array[] {
  checkVersion(api, options.version)
  const writer = new Writer(api.response.name)
  writer.int32(0)
  encodeResponseHeader(writer, options, responseHeaderVersion(api, options.version))
  api.response.encode(writer, response, options.version)
  return frameChunks(writer)
}

export interface OpenOptions {
  /** Default: as many as the frame has room for. */
  readonly maxElements?: number | undefined
}

export interface IncomingRequest {
  readonly api: Api
  readonly header: RequestHeader
  /** Stands at the first byte of the body. */
  readonly body: Reader
}

/**
 * Reads the header of a request frame and leaves the body unread. A key that the table lacks is refused; a version out of
 * range is not, since ApiVersions has to be answered whatever its version. A body with more than `maxElements` in all of its
 * arrays and tagged sections will be refused when it is decoded.
 */
export function openRequest(frame: Uint8Array, { maxElements }: OpenOptions = {}): IncomingRequest {
  const peek = new Reader(frame, 'request header')
  const key = peek.int16()
  const version = peek.int16()
  const api = apiByKey(key)
  if (api === undefined) {
    throw new ProtocolError({
      what: 'request header',
      where: 0,
      why: `no API has the key ${key}`,
      code: 'INVALID_REQUEST',
    })
  }
  const body = new Reader(frame, api.request.name, maxElements)
  return { api, header: decodeRequestHeader(body, requestHeaderVersion(api, version)), body }
}

/** Decodes a whole response frame. `body.remaining` bytes that a message does not account for are an error. */
export function decodeResponse<Request, Response>(
  api: Api<Request, Response>,
  version: number,
  frame: Uint8Array,
): { readonly header: ResponseHeader; readonly body: Decoded<Response> } {
  checkVersion(api, version)
  const reader = new Reader(frame, api.response.name)
  const header = decodeResponseHeader(reader, responseHeaderVersion(api, version))
  return { header, body: decodeBody(api.response, reader, version) }
}

/** Decodes the body of an opened request. */
export function decodeRequest<Request, Response>(
  api: Api<Request, Response>,
  version: number,
  body: Reader,
): Decoded<Request> {
  checkVersion(api, version)
  return decodeBody(api.request, body, version)
}

function decodeBody<Message>(
  codec: { decode(reader: Reader, version: number): Decoded<Message> },
  reader: Reader,
  version: number,
): Decoded<Message> {
  const message = codec.decode(reader, version)
  if (reader.remaining > 0) throw reader.error(`${reader.remaining} bytes are left over behind version ${version}`)
  return message
}

function checkVersion(api: ApiInfo, version: number): void {
  const { min, max } = api.versions
  if (Number.isInteger(version) && version >= min && version <= max) return
  throw new ProtocolError({
    what: api.name,
    where: 'apiVersion',
    why: `version ${version} is none of ${min} to ${max}`,
    code: 'UNSUPPORTED_VERSION',
  })
}

function frameChunks(writer: Writer): Uint8Array[] {
  writer.patchFirstInt32(writer.size - LENGTH_BYTES)
  return writer.chunks()
}
