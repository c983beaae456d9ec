/**
 * CRC-32 (IEEE 802.3): the checksum of a message of magic 0 or 1, and of gzip. Only checked, so Node's own is fast enough.
 */
import { crc32 as crcOfNode } from 'node:zlib'

/** Of the bytes from `start` up to `end`, as an unsigned number. */
export function crc32(bytes: Uint8Array, start = 0, end: number = bytes.length): number {
  return crcOfNode(bytes.subarray(start, end))
}
