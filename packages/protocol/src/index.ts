/**
 * Kafka's wire protocol: messages of every API in both directions, record batches, compression, hashes. Bytes only.
 */

export {
  CODECS,
  type Codec,
  type CompressionName,
  codecById,
  codecByName,
  type LevelRange,
} from './compression/index.js'
export * from './envelope.js'
export * from './error-codes.js'
export * from './group/index.js'
export { crc32c } from './hash/crc32c.js'
export * from './hash/java-string.js'
export * from './hash/murmur2.js'
export * from './header.js'
export type { Api, ApiInfo, MessageCodec, RecordKind, RecordType, SentTo, VersionRange } from './messages/api.js'
export * from './messages/index.js'
export { apiByKey } from './messages/table.js'
export { ProtocolError, type ProtocolErrorDetail } from './protocol-error.js'
export * from './records/index.js'
export { highestCommonVersion } from './versions.js'
export type { Decoded } from './wire/decoded.js'
export { type FrameBuffers, FrameSplitter } from './wire/frame.js'
export { Reader } from './wire/reader.js'
export type { UnknownTag, UnknownTags } from './wire/tagged.js'
export { isUuid, type Uuid, uuidFromBytes, uuidToBytes, ZERO_UUID } from './wire/uuid.js'
export { Writer } from './wire/writer.js'
