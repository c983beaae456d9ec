/**
 * The FindCoordinator API (key 10).
 * Generated from schemas/10-find-coordinator.ts by `npm run generate`: change it there.
 */
import type { Decoded } from '../wire/decoded.js'
import type { Reader } from '../wire/reader.js'
import type { UnknownTags } from '../wire/tagged.js'
import type { Writer } from '../wire/writer.js'
import type { Api } from './api.js'

export interface FindCoordinatorRequest {
  /** A group id or a transactional id. Versions 0-3. */
  readonly key?: string
  /** 0 group, 1 transactional id, 2 share partition. One type for all keys. Versions 1+. */
  readonly keyType?: number
  /** Group ids, transactional ids, or groupId:topicId:partition for share partitions. Versions 4+. */
  readonly coordinatorKeys?: readonly string[]
  readonly unknownTags?: UnknownTags
}

function encodeFindCoordinatorRequest(writer: Writer, message: FindCoordinatorRequest, version: number): void {
  const flexible = version >= 3
  if (version <= 3) writer.string(message.key ?? '', flexible)
  else if (message.key !== undefined && message.key !== '') throw writer.unsupported('key', version)
  if (version >= 1) writer.int8(message.keyType ?? 0)
  else if (message.keyType !== undefined && message.keyType !== 0) throw writer.unsupported('keyType', version)
  if (version >= 4) {
    const coordinatorKeys = message.coordinatorKeys ?? []
    writer.arrayLength(coordinatorKeys.length, true)
    for (const element of coordinatorKeys) writer.string(element, true)
  } else if (message.coordinatorKeys !== undefined && message.coordinatorKeys.length !== 0) throw writer.unsupported('coordinatorKeys', version)
  if (flexible) {
    writer.tagCount(0, message.unknownTags)
    writer.unknownTags(message.unknownTags)
  } else if (message.unknownTags !== undefined && message.unknownTags.length > 0) throw writer.unsupported('unknownTags', version)
}

function decodeFindCoordinatorRequest(reader: Reader, version: number): Decoded<FindCoordinatorRequest> {
  const flexible = version >= 3
  let key: string = ''
  if (version <= 3) key = reader.string(flexible)
  let keyType: number = 0
  if (version >= 1) keyType = reader.int8()
  let coordinatorKeys: string[] = []
  if (version >= 4) for (let left = reader.arrayLength(true, 1); left > 0; left--) coordinatorKeys.push(reader.string(true))
  const unknownTags = flexible ? reader.unknownTags() : undefined
  return { key, keyType, coordinatorKeys, unknownTags }
}

export interface FindCoordinatorResponse {
  /** Versions 1+. */
  readonly throttleTimeMs?: number
  /** As in coordinators. Versions 0-3. */
  readonly errorCode?: number
  /** Versions 1-3. */
  readonly errorMessage?: string | null
  /** -1 on error. Versions 0-3. */
  readonly nodeId?: number
  /** Versions 0-3. */
  readonly host?: string
  /** Versions 0-3. */
  readonly port?: number
  /** Versions 4+. */
  readonly coordinators?: readonly FindCoordinatorResponseCoordinator[]
  readonly unknownTags?: UnknownTags
}

export interface FindCoordinatorResponseCoordinator {
  readonly key: string
  /** -1 on error. */
  readonly nodeId: number
  readonly host: string
  readonly port: number
  /**
   * COORDINATOR_NOT_AVAILABLE: retry, the internal topic behind it may only be on its way. INVALID_REQUEST: unknown
   * key type. Final: GROUP_AUTHORIZATION_FAILED, TRANSACTIONAL_ID_AUTHORIZATION_FAILED.
   */
  readonly errorCode: number
  readonly errorMessage?: string | null
  readonly unknownTags?: UnknownTags
}

function encodeFindCoordinatorResponse(writer: Writer, message: FindCoordinatorResponse, version: number): void {
  const flexible = version >= 3
  if (version >= 1) writer.int32(message.throttleTimeMs ?? 0)
  if (version <= 3) writer.int16(message.errorCode ?? 0)
  else if (message.errorCode !== undefined && message.errorCode !== 0) throw writer.unsupported('errorCode', version)
  if (version >= 1 && version <= 3) writer.nullableString(message.errorMessage === undefined ? '' : message.errorMessage, flexible)
  if (version <= 3) writer.int32(message.nodeId ?? 0)
  else if (message.nodeId !== undefined && message.nodeId !== 0) throw writer.unsupported('nodeId', version)
  if (version <= 3) writer.string(message.host ?? '', flexible)
  else if (message.host !== undefined && message.host !== '') throw writer.unsupported('host', version)
  if (version <= 3) writer.int32(message.port ?? 0)
  else if (message.port !== undefined && message.port !== 0) throw writer.unsupported('port', version)
  if (version >= 4) {
    const coordinators = message.coordinators ?? []
    writer.arrayLength(coordinators.length, true)
    for (const element of coordinators) encodeFindCoordinatorResponseCoordinator(writer, element, version)
  } else if (message.coordinators !== undefined && message.coordinators.length !== 0) throw writer.unsupported('coordinators', version)
  if (flexible) {
    writer.tagCount(0, message.unknownTags)
    writer.unknownTags(message.unknownTags)
  } else if (message.unknownTags !== undefined && message.unknownTags.length > 0) throw writer.unsupported('unknownTags', version)
}

function encodeFindCoordinatorResponseCoordinator(writer: Writer, message: FindCoordinatorResponseCoordinator, _version: number): void {
  writer.string(message.key, true)
  writer.int32(message.nodeId)
  writer.string(message.host, true)
  writer.int32(message.port)
  writer.int16(message.errorCode)
  writer.nullableString(message.errorMessage === undefined ? '' : message.errorMessage, true)
  writer.tagCount(0, message.unknownTags)
  writer.unknownTags(message.unknownTags)
}

function decodeFindCoordinatorResponse(reader: Reader, version: number): Decoded<FindCoordinatorResponse> {
  const flexible = version >= 3
  let throttleTimeMs: number = 0
  if (version >= 1) throttleTimeMs = reader.int32()
  let errorCode: number = 0
  if (version <= 3) errorCode = reader.int16()
  let errorMessage: string | null = ''
  if (version >= 1 && version <= 3) errorMessage = reader.nullableString(flexible)
  let nodeId: number = 0
  if (version <= 3) nodeId = reader.int32()
  let host: string = ''
  if (version <= 3) host = reader.string(flexible)
  let port: number = 0
  if (version <= 3) port = reader.int32()
  let coordinators: Decoded<FindCoordinatorResponseCoordinator>[] = []
  if (version >= 4) for (let left = reader.arrayLength(true, 14); left > 0; left--) coordinators.push(decodeFindCoordinatorResponseCoordinator(reader, version))
  const unknownTags = flexible ? reader.unknownTags() : undefined
  return { throttleTimeMs, errorCode, errorMessage, nodeId, host, port, coordinators, unknownTags }
}

function decodeFindCoordinatorResponseCoordinator(reader: Reader, _version: number): Decoded<FindCoordinatorResponseCoordinator> {
  const key = reader.string(true)
  const nodeId = reader.int32()
  const host = reader.string(true)
  const port = reader.int32()
  const errorCode = reader.int16()
  const errorMessage = reader.nullableString(true)
  const unknownTags = reader.unknownTags()
  return { key, nodeId, host, port, errorCode, errorMessage, unknownTags }
}

/**
 * Asks any broker who coordinates a key. The answer holds until that broker says NOT_COORDINATOR or cannot be
 * reached.
 * - 1: Transactional ids too; before that only groups.
 * - 2: From here the client itself keeps silent for throttleTimeMs (KIP-219).
 * - 4: Several keys at once, an error to each (KIP-699).
 * - 5: TRANSACTION_ABORTABLE may be answered (KIP-890).
 * - 6: Share partitions (KIP-932).
 */
export const findCoordinator: Api<FindCoordinatorRequest, FindCoordinatorResponse> = {
  key: 10,
  name: 'FindCoordinator',
  versions: { min: 0, max: 6, latestStable: 6 },
  flexibleFrom: 3,
  sentTo: 'any',
  listeners: ['broker'],
  request: { name: 'FindCoordinatorRequest', encode: encodeFindCoordinatorRequest, decode: decodeFindCoordinatorRequest },
  response: { name: 'FindCoordinatorResponse', encode: encodeFindCoordinatorResponse, decode: decodeFindCoordinatorResponse },
}
