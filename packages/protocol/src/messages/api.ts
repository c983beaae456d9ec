/**
 * What the message table says of an API or a record type, and how its bytes are written and read.
 */
import type { Decoded } from '../wire/decoded.js'
import type { Reader } from '../wire/reader.js'
import type { Writer } from '../wire/writer.js'

/**
 * Where a client sends a request: to the partition's leader, to any broker, to the coordinator of a group, a transaction
 * or a share group, to the controller, or to the one broker that the caller means.
 */
export type SentTo = 'leader' | 'any' | 'group' | 'transaction' | 'share' | 'controller' | 'broker'

export interface VersionRange {
  readonly min: number
  readonly max: number
  /** The highest version that may be negotiated; below `max` where the newest version is not final. */
  readonly latestStable: number
}

/** Encodes and decodes one message, in any version of the range that its API has. */
export interface MessageCodec<Message> {
  readonly name: string
  encode(writer: Writer, message: Message, version: number): void
  decode(reader: Reader, version: number): Decoded<Message>
}

/** What an API is, without its messages. */
export interface ApiInfo {
  readonly key: number
  readonly name: string
  readonly versions: VersionRange
  /** The first version with compact lengths and tagged fields; -1 where there is none. */
  readonly flexibleFrom: number
  readonly sentTo: SentTo
  readonly listeners: readonly ('broker' | 'controller')[]
}

export interface Api<Request = unknown, Response = unknown> extends ApiInfo {
  readonly request: MessageCodec<Request>
  readonly response: MessageCodec<Response>
}

/** How a record says which message and version it holds: see `records/versioned.ts`. */
export type RecordKind = 'data' | 'self-versioned' | 'coordinator-key' | 'coordinator-value' | 'metadata'

export interface RecordType<Message = unknown> extends MessageCodec<Message> {
  readonly kind: RecordKind
  /** The number of the record type; -1 for payloads that have none. */
  readonly id: number
  readonly versions: VersionRange
  readonly flexibleFrom: number
}
