/**
 * Uuids as text: Kafka's own form, 22 characters of URL-safe base64 without padding. Text compares with `===`, serves as
 * a map key and is what Kafka's tools print.
 */
export type Uuid = string

/** Sixteen zero bytes: where Kafka means "none". */
export const ZERO_UUID: Uuid = 'AAAAAAAAAAAAAAAAAAAAAA'

/** The last character carries two bits, so only four letters can end the text of sixteen bytes. */
const UUID_TEXT = /^[A-Za-z0-9_-]{21}[AQgw]$/

export function isUuid(text: string): boolean {
  return UUID_TEXT.test(text)
}

export function uuidFromBytes(bytes: Uint8Array): Uuid {
  if (bytes.length !== 16) throw new RangeError(`a uuid has 16 bytes, not ${bytes.length}`)
  return Buffer.from(bytes.buffer, bytes.byteOffset, 16).toString('base64url')
}

export function uuidToBytes(uuid: Uuid): Uint8Array {
  if (!isUuid(uuid)) throw new RangeError(`not a uuid in Kafka's form (22 characters of base64url): '${uuid}'`)
  return Buffer.from(uuid, 'base64url')
}
