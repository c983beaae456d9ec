/**
 * Room for output whose size is known only as an upper bound: short output is written to one scratch buffer and copied out
 * in its true length, long output into a buffer of its own.
 *
 * Owner of the scratch buffer. A writer runs to its end before the next may begin: nothing here is asynchronous, and a
 * writer must not call `exactly` itself.
 */
const SCRATCH_BYTES = 256 * 1024

let scratch: Buffer | undefined

/** The bytes that `write` wrote, as many as it says, into a view of `capacity` bytes. */
export function exactly(capacity: number, write: (destination: Buffer) => number): Buffer {
  if (capacity > SCRATCH_BYTES) {
    const own = Buffer.allocUnsafeSlow(capacity)
    return fitted(own.subarray(0, write(own)), capacity)
  }
  scratch ??= Buffer.allocUnsafeSlow(SCRATCH_BYTES)
  return copy(scratch.subarray(0, write(scratch.subarray(0, capacity))))
}

/** `output`, copied when it would keep much more alive than itself of the `capacity` bytes behind it. */
export function fitted(output: Buffer, capacity: number): Buffer {
  return output.length * 2 < capacity ? copy(output) : output
}

function copy(output: Buffer): Buffer {
  const own = Buffer.allocUnsafe(output.length)
  output.copy(own)
  return own
}
