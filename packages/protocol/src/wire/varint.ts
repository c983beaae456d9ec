/**
 * Zigzag varints of records: sizes and writing. Reading is in the record cursor, where it is hottest.
 * Values up to 32 bits take the integer path; a varlong beyond that takes the exact path through bigint.
 */

/** Bytes that `value`, an int32, takes as a zigzag varint. */
export function varintSize(value: number): number {
  return unsignedSize(((value << 1) ^ (value >> 31)) >>> 0)
}

/** Writes an int32 as a zigzag varint at `at`; returns the position behind it. The caller has made room. */
export function writeVarint(bytes: Uint8Array, at: number, value: number): number {
  return writeUnsigned(bytes, at, ((value << 1) ^ (value >> 31)) >>> 0)
}

export function varlongSize(value: number): number {
  if ((value | 0) === value) return varintSize(value)
  let rest = zigzag64(value)
  let size = 1
  while (rest > 0x7fn) {
    rest >>= 7n
    size++
  }
  return size
}

/** Writes a whole number as a zigzag varlong at `at`; returns the position behind it. The caller has made room. */
export function writeVarlong(bytes: Uint8Array, at: number, value: number): number {
  if ((value | 0) === value) return writeVarint(bytes, at, value)
  let rest = zigzag64(value)
  let position = at
  while (rest > 0x7fn) {
    bytes[position++] = Number(rest & 0x7fn) | 0x80
    rest >>= 7n
  }
  bytes[position++] = Number(rest)
  return position
}

function zigzag64(value: number): bigint {
  const exact = BigInt(value)
  return BigInt.asUintN(64, (exact << 1n) ^ (exact >> 63n))
}

function unsignedSize(value: number): number {
  if (value < 0x80) return 1
  if (value < 0x4000) return 2
  if (value < 0x20_0000) return 3
  return value < 0x1000_0000 ? 4 : 5
}

function writeUnsigned(bytes: Uint8Array, at: number, value: number): number {
  let position = at
  let rest = value
  while (rest > 0x7f) {
    bytes[position++] = (rest & 0x7f) | 0x80
    rest >>>= 7
  }
  bytes[position++] = rest
  return position
}
