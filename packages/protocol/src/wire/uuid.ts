/**
 * Uuids as text: Kafka's own form, 22 characters of URL-safe base64 without padding. Text compares with `===`, serves as
 * a map key and is what Kafka's tools print.
 */
export type Uuid = string

/** Sixteen zero bytes: where Kafka means "none". */
export const ZERO_UUID: Uuid = 'AAAAAAAAAAAAAAAAAAAAAA'

const DIGITS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'

/** What a character stands for, by its code; -1 for those that stand for nothing. */
const VALUES: Int8Array = new Int8Array(128).fill(-1)
for (let value = 0; value < DIGITS.length; value++) VALUES[DIGITS.charCodeAt(value)] = value

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

/**
 * Writes the sixteen bytes at `at`, for which the caller has made room; false where the text is no uuid, and the bytes are
 * anything then. A quarter of what checking and the runtime's decoder take.
 */
export function writeUuid(bytes: Uint8Array, at: number, uuid: Uuid): boolean {
  if (uuid.length !== 22) return false
  let position = at
  // A character that stands for nothing makes `seen` negative.
  let seen = 0
  for (let index = 0; index < 20; index += 4) {
    const bits =
      (valueAt(uuid, index) << 18) |
      (valueAt(uuid, index + 1) << 12) |
      (valueAt(uuid, index + 2) << 6) |
      valueAt(uuid, index + 3)
    seen |= bits
    bytes[position++] = bits >> 16
    bytes[position++] = bits >> 8
    bytes[position++] = bits
  }
  const bits = (valueAt(uuid, 20) << 6) | valueAt(uuid, 21)
  bytes[position] = bits >> 4
  return (seen | bits) >= 0 && (bits & 0x0f) === 0
}

function valueAt(text: string, index: number): number {
  return VALUES[text.charCodeAt(index)] ?? -1
}

/** Kafka's order: as two signed integers of 64 bits. */
export function compareUuids(a: Uuid, b: Uuid): number {
  if (a === b) return 0
  return Buffer.compare(sortKey(a), sortKey(b))
}

function sortKey(uuid: Uuid): Uint8Array {
  const bytes = uuidToBytes(uuid)
  // Bytes compare without a sign; with the sign bits turned around the order is the same.
  for (const at of [0, 8]) bytes[at] = (bytes[at] ?? 0) ^ 0x80
  return bytes
}
