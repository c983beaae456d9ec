/**
 * Records that say which version they have: the keys and values of the coordinators' logs, the consumer protocol's
 * payloads, the metadata log. A coordinator's key starts with the number of its record type, a value or payload with its
 * version, both int16; a metadata record starts with the version of its frame, its type and its version, all varints.
 * The control records of the quorum have no prefix: their own first field is the version.
 */
import type { RecordType } from '../messages/api.js'
import { ProtocolError } from '../protocol-error.js'
import type { Decoded } from '../wire/decoded.js'
import { Reader } from '../wire/reader.js'
import { Writer } from '../wire/writer.js'

const METADATA_FRAME_VERSION = 1

export function encodeVersioned<Message>(type: RecordType<Message>, message: Message, version: number): Uint8Array {
  checkVersion(type, version)
  const writer = new Writer(type.name)
  if (type.kind === 'metadata') {
    writer.unsignedVarint(METADATA_FRAME_VERSION)
    writer.unsignedVarint(type.id)
    writer.unsignedVarint(version)
  } else if (type.kind !== 'self-versioned') {
    writer.int16(type.kind === 'coordinator-key' ? type.id : version)
  }
  type.encode(writer, message, version)
  return writer.toBytes()
}

/**
 * Decodes a key, value or payload of a known type. A newer payload of kind `data` is read as the newest version known, as
 * far as that reaches: peers only ever append fields to those. Bytes that announce more than `maxElements` are refused.
 */
export function decodeVersioned<Message>(
  type: RecordType<Message>,
  bytes: Uint8Array,
  maxElements?: number,
): Decoded<Message> {
  const reader = new Reader(bytes, type.name, maxElements)
  if (type.kind === 'metadata') return decodeMetadata(type, reader)
  if (type.kind === 'self-versioned') return decodeSelfVersioned(type, bytes)
  const prefix = reader.int16()
  if (type.kind === 'coordinator-key') {
    if (prefix !== type.id) throw reader.error(`a key of record type ${prefix}, not ${type.id}`, 0)
    return finish(reader, type.decode(reader, type.versions.max))
  }
  if (type.kind === 'data' && prefix > type.versions.max) return type.decode(reader, type.versions.max)
  checkVersion(type, prefix)
  return type.kind === 'data' ? type.decode(reader, prefix) : finish(reader, type.decode(reader, prefix))
}

/** The number of the record type that a coordinator's key starts with. */
export function coordinatorKeyType(key: Uint8Array): number {
  return new Reader(key, 'coordinator key').int16()
}

/** The number of the record type in a metadata record's frame. */
export function metadataRecordType(value: Uint8Array): number {
  const reader = new Reader(value, 'metadata record')
  checkFrame(reader)
  return reader.unsignedVarint()
}

function decodeMetadata<Message>(type: RecordType<Message>, reader: Reader): Decoded<Message> {
  checkFrame(reader)
  const id = reader.unsignedVarint()
  if (id !== type.id) throw reader.error(`a metadata record of type ${id}, not ${type.id}`)
  const version = reader.unsignedVarint()
  checkVersion(type, version)
  return finish(reader, type.decode(reader, version))
}

function decodeSelfVersioned<Message>(type: RecordType<Message>, bytes: Uint8Array): Decoded<Message> {
  const version = new Reader(bytes, type.name).int16()
  checkVersion(type, version)
  const reader = new Reader(bytes, type.name)
  return finish(reader, type.decode(reader, version))
}

function checkFrame(reader: Reader): void {
  const frame = reader.unsignedVarint()
  if (frame !== METADATA_FRAME_VERSION) throw reader.error(`frame version ${frame}, not ${METADATA_FRAME_VERSION}`, 0)
}

function finish<Message>(reader: Reader, message: Message): Message {
  if (reader.remaining > 0) throw reader.error(`${reader.remaining} bytes are left over`)
  return message
}

function checkVersion(type: { name: string; versions: { min: number; max: number } }, version: number): void {
  const { min, max } = type.versions
  if (version >= min && version <= max) return
  throw new ProtocolError({
    what: type.name,
    where: 'version',
    why: `version ${version} is outside ${min} to ${max}`,
    code: 'UNSUPPORTED_VERSION',
  })
}
