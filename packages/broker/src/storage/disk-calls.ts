/**
 * DiskCalls: the system calls under a DiskFileSystem that can fail halfway or run out; a test puts failing ones in their
 * place.
 */
import {
  closeSync,
  fdatasync,
  fstatSync,
  ftruncateSync,
  openSync,
  read as readFromDisk,
  readSync,
  writeSync,
  writevSync,
} from 'node:fs'
import type { DescriptorCalls } from './descriptors.js'

export interface DiskCalls extends DescriptorCalls {
  write(descriptor: number, bytes: Uint8Array, position: number): number
  writev(descriptor: number, chunks: readonly Uint8Array[], position: number): number
  truncate(descriptor: number, size: number): void
  /** Calls back when what was written is on disk. */
  sync(descriptor: number, done: (error: Error | null) => void): void
  /** Reads into `target` from `filled` on, as `read` does off the event loop; both give how many bytes there were. */
  readSync(descriptor: number, target: Buffer, filled: number, position: number): number
  read(descriptor: number, target: Buffer, filled: number, position: number): Promise<number>
}

export const nodeCalls: DiskCalls = {
  open: (path, flags) => openSync(path, flags, 0o644),
  close: closeSync,
  identify(descriptor) {
    const { dev, ino, size } = fstatSync(descriptor)
    return { identity: `${dev}:${ino}`, size }
  },
  write: (descriptor, bytes, position) => writeSync(descriptor, bytes, 0, bytes.length, position),
  writev: (descriptor, chunks, position) => writevSync(descriptor, chunks, position),
  truncate: ftruncateSync,
  sync: fdatasync,
  readSync: (descriptor, target, filled, position) =>
    readSync(descriptor, target, filled, target.length - filled, position),
  read: (descriptor, target, filled, position) =>
    new Promise((resolve, reject) => {
      readFromDisk(descriptor, target, filled, target.length - filled, position, (error, count) =>
        error === null ? resolve(count) : reject(error),
      )
    }),
}

/** A system call may write less than it was given; it goes on behind that until all is written. */
export function writeFully(
  calls: DiskCalls,
  descriptor: number,
  chunks: readonly Uint8Array[],
  total: number,
  position: number,
): void {
  let rest = chunks
  for (let written = 0; written < total; ) {
    const [first] = rest
    const at = position + written
    const count =
      rest.length === 1 && first !== undefined ? calls.write(descriptor, first, at) : calls.writev(descriptor, rest, at)
    if (count === 0) throw new Error('the system wrote nothing and gave no reason')
    written += count
    if (written < total) rest = chunksFrom(rest, count)
  }
}

function chunksFrom(chunks: readonly Uint8Array[], offset: number): Uint8Array[] {
  let skip = offset
  const rest: Uint8Array[] = []
  for (const chunk of chunks) {
    if (skip < chunk.length) rest.push(skip === 0 ? chunk : chunk.subarray(skip))
    skip = Math.max(0, skip - chunk.length)
  }
  return rest
}
