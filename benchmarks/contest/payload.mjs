/**
 * The records of a contest: some thousand of one size in a file that every contender reads, used over and over. Each is a
 * key of 8 bytes with its value behind it.
 */
import { readFileSync } from 'node:fs'

export const KEY_BYTES = 8

/** Keys and values as views of the file. */
export function readPayload(path, recordBytes) {
  const bytes = readFileSync(path)
  return Array.from({ length: bytes.length / recordBytes }, (_, index) => {
    const start = index * recordBytes
    return {
      key: bytes.subarray(start, start + KEY_BYTES),
      value: bytes.subarray(start + KEY_BYTES, start + recordBytes),
    }
  })
}
