/**
 * CRC-32C (Castagnoli): the checksum of a record batch of magic 2.
 *
 * JavaScript for short input and wherever `@node-rs/crc32` is missing; native from `NATIVE_FROM_BYTES` on, where one call
 * into native code costs less than it saves. Nanoseconds a call on one Linux machine, Node 20.20, for ranges that begin at
 * byte 21 of a Buffer of 4 MiB, the view included, median of five rounds of 8 MB in each of which every size has its turn:
 *
 *   bytes        100   256   512  1024  16384  1048576
 *   JavaScript    87   145   265   458   6581   420664
 *   native       128   151   204   252   2105   122083
 *
 * Loading the package takes 5 ms, in which the first record of a process that begins would wait: so that is done when there
 * was enough input to be worth it.
 */
import crcOfScript from 'crc-32/crc32c.js'
import { hasFunctions, type LoadModule, OptionalPackage, requireModule } from '../compression/optional-package.js'

const NATIVE_FROM_BYTES = 320
/** Of long input, before which nothing is loaded. */
const LOADED_AFTER_BYTES = 256 * 1024

/** Of the bytes from `start` up to `end`, as an unsigned number. */
export type Crc32c = (bytes: Uint8Array, start?: number, end?: number) => number

export const crc32c: Crc32c = createCrc32c()

export function createCrc32c(load: LoadModule = requireModule): Crc32c {
  const native = new OptionalPackage('@node-rs/crc32', isNativeCrc, load)
  let longBytes = 0
  return (bytes, start = 0, end = bytes.length) => {
    // Both implementations take whole views only; making one costs less than a loop of our own would lose.
    const range = start === 0 && end === bytes.length ? bytes : bytes.subarray(start, end)
    if (range.length >= NATIVE_FROM_BYTES) {
      longBytes += range.length
      const module = longBytes > LOADED_AFTER_BYTES ? native.get() : undefined
      if (module !== undefined) return module.crc32c(range)
    }
    return crcOfScript.buf(range) >>> 0
  }
}

interface NativeCrc {
  crc32c(bytes: Uint8Array): number
}

function isNativeCrc(module: unknown): module is NativeCrc {
  return hasFunctions(module, 'crc32c')
}
