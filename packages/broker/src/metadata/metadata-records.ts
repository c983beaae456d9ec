/**
 * MetadataRecord: one record of the metadata log, with the bytes that go to the log and the message they say. Versions
 * are those that metadata.version 30 writes; reading knows all that the protocol package knows.
 */
import {
  type Decoded,
  decodeVersioned,
  encodeVersioned,
  metadataLogTypes,
  metadataRecordType,
  type RecordType,
} from '@samsa/protocol'
import { KafkaError } from '@samsa/runtime'

export interface MetadataRecord<Message extends object = object> {
  /** Kafka's name of the record type: `TopicRecord`. */
  readonly type: string
  readonly message: Message
  readonly value: Uint8Array
}

/** The level of the feature metadata.version that this broker writes and finalizes at first start. */
export const METADATA_VERSION = 30

/** A record in the highest version of its type, or in the one given. */
export function metadataRecord<Message extends object>(
  type: RecordType<Message>,
  message: Message,
  version: number = type.versions.latestStable,
): MetadataRecord<Message> {
  return { type: type.name, message, value: encodeVersioned(type, message, version) }
}

/** What a record type's replay is: from the bytes of one record to a change of `State`. */
export type ReplayStep<State> = (state: State, value: Uint8Array, offset: number) => void

/** Ties a record type to what it changes. */
export function replayOf<State, Message>(
  type: RecordType<Message>,
  apply: (state: State, record: Decoded<Message>, offset: number) => void,
): readonly [id: number, step: ReplayStep<State>] {
  return [type.id, (state, value, offset) => apply(state, decodeVersioned(type, value), offset)]
}

/** The number of a record's type; refuses one that no Kafka up to 4.3 writes. */
export function recordTypeOf(value: Uint8Array, offset: number): number {
  const id = metadataRecordType(value)
  if (knownTypes.has(id)) return id
  throw new KafkaError(
    `the metadata log holds a record of type ${id} at offset ${offset}, which Kafka 4.3 does not know: a newer Kafka wrote it`,
    { code: 'UNSUPPORTED_VERSION' },
  )
}

const knownTypes: ReadonlySet<number> = new Set(metadataLogTypes.map(type => type.id))
