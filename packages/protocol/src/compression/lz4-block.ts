/**
 * LZ4 blocks decompressed in JavaScript: for machines without the native package, and for blocks that reach back into the
 * one before, which the native function cannot.
 */
import { corrupt } from './codec.js'

const WHAT = 'lz4 block'
/** A run of at least this many bytes is moved by the engine, a shorter one byte by byte. */
const BULK_BYTES = 48

/** No block becomes more than this many times its own length: a byte of a length adds 255 to it. */
export const LZ4_MAX_RATIO = 255

/**
 * Decompresses the block in `start` to `end` of `source` into `target` from `from` on. Matches may reach back to
 * `history`, nothing is written at `limit` or behind it. Returns where the output ends, or -1 when it would not fit.
 */
export function decompressLz4Block(
  source: Uint8Array,
  start: number,
  end: number,
  target: Uint8Array,
  from: number,
  limit: number,
  history: number,
): number {
  let read = start
  let write = from
  while (read < end) {
    const token = source[read++] ?? 0
    let count = token >>> 4
    if (count === 15) {
      let more = 255
      while (more === 255 && read < end) {
        more = source[read++] ?? 0
        count += more
      }
    }
    if (count > end - read) throw corrupt(WHAT, read, `${count} literals, but ${end - read} bytes are left`)
    if (count > limit - write) return -1
    if (count < BULK_BYTES) for (const stop = read + count; read < stop; ) target[write++] = source[read++] ?? 0
    else {
      target.set(source.subarray(read, read + count), write)
      read += count
      write += count
    }
    // The last sequence of a block has literals only.
    if (read === end) return write
    if (end - read < 2) throw corrupt(WHAT, read, 'it ends inside a match')
    const distance = (source[read] ?? 0) | ((source[read + 1] ?? 0) << 8)
    if (distance === 0 || distance > write - history)
      throw corrupt(WHAT, read, `a match ${distance} bytes back, but ${write - history} bytes are written`)
    read += 2
    count = token & 15
    if (count === 15) {
      let more = 255
      while (more === 255 && read < end) {
        more = source[read++] ?? 0
        count += more
      }
    }
    count += 4
    if (count > limit - write) return -1
    const stop = write + count
    if (count >= BULK_BYTES && distance >= count) {
      target.copyWithin(write, write - distance, stop - distance)
      write = stop
    } else for (; write < stop; write++) target[write] = target[write - distance] ?? 0
  }
  throw corrupt(WHAT, end, 'it ends with a match')
}
