/**
 * DiskFileSystem: the FileSystem of the machine. Owns the descriptors of the files it has opened. Writes are made on
 * the event loop, into the page cache; long reads and waiting for the disk happen in Node's thread pool, and a handle
 * that is closed meanwhile keeps its descriptor until they are done: the system would give the number to another file.
 */
import {
  closeSync,
  constants,
  existsSync,
  fdatasync,
  fstatSync,
  fsync,
  fsyncSync,
  ftruncateSync,
  mkdirSync,
  open,
  openSync,
  readdirSync,
  readFileSync,
  read as readFromDisk,
  readSync,
  renameSync,
  rmSync,
  statfsSync,
  statSync,
  unlinkSync,
  writeSync,
  writevSync,
} from 'node:fs'
import { dirname } from 'node:path'
import type { FileHandle, FileSystem } from './file-system.js'
import { StorageError, type StorageOperation, storageErrorOf, systemCodeOf, systemError } from './storage-error.js'

/** The system calls that can fail halfway; a test puts failing ones in their place. */
export interface DiskCalls {
  write(descriptor: number, bytes: Uint8Array, position: number): number
  writev(descriptor: number, chunks: readonly Uint8Array[], position: number): number
  truncate(descriptor: number, size: number): void
  /** Calls back when what was written is on disk. */
  sync(descriptor: number, done: (error: Error | null) => void): void
}

const nodeCalls: DiskCalls = {
  write: (descriptor, bytes, position) => writeSync(descriptor, bytes, 0, bytes.length, position),
  writev: (descriptor, chunks, position) => writevSync(descriptor, chunks, position),
  truncate: ftruncateSync,
  sync: fdatasync,
}

export class DiskFileSystem implements FileSystem {
  readonly #calls: DiskCalls

  constructor(calls: Partial<DiskCalls> = {}) {
    this.#calls = { ...nodeCalls, ...calls }
  }

  open(path: string, options: { readonly create?: boolean } = {}): FileHandle {
    const flags = constants.O_RDWR | (options.create === true ? constants.O_CREAT : 0)
    return attempt('open', path, () => {
      const descriptor = openSync(path, flags, 0o644)
      return new DiskFile(path, descriptor, fstatSync(descriptor).size, this.#calls)
    })
  }

  exists(path: string): boolean {
    return existsSync(path)
  }

  list(path: string): string[] {
    return attempt('list', path, () => readdirSync(path))
  }

  isDirectory(path: string): boolean {
    return attempt('inspect', path, () => statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false)
  }

  sizeOf(path: string): number {
    return attempt('inspect', path, () => statSync(path).size)
  }

  readFile(path: string): Buffer {
    return attempt('read', path, () => readFileSync(path))
  }

  writeFileAtomically(path: string, content: Uint8Array): void {
    const temporary = `${path}.tmp`
    attempt('replace', path, () => {
      try {
        const descriptor = openSync(temporary, 'w', 0o644)
        try {
          writeFully(this.#calls, descriptor, [content], content.length, 0)
          fsyncSync(descriptor)
        } finally {
          closeSync(descriptor)
        }
        renameSync(temporary, path)
      } catch (error) {
        rmSync(temporary, { force: true })
        throw error
      }
      syncDirectoryNow(dirname(path))
    })
  }

  makeDirectory(path: string): void {
    attempt('make directory', path, () => mkdirSync(path, { recursive: true }))
  }

  rename(from: string, to: string): void {
    attempt('rename', from, () => renameSync(from, to))
  }

  remove(path: string): void {
    attempt('remove', path, () => {
      try {
        unlinkSync(path)
      } catch (error) {
        if (systemCodeOf(error) !== 'ENOENT') throw error
      }
    })
  }

  removeDirectory(path: string): void {
    attempt('remove', path, () => rmSync(path, { recursive: true, force: true }))
  }

  syncDirectory(path: string): Promise<void> {
    if (!directoriesCanBeSynced) return Promise.resolve()
    return new Promise((resolve, reject) => {
      open(path, 'r', (openError, descriptor) => {
        if (openError !== null) {
          reject(storageErrorOf('sync', path, openError))
          return
        }
        fsync(descriptor, syncError => {
          closeSync(descriptor)
          if (syncError === null) resolve()
          else reject(storageErrorOf('sync', path, syncError))
        })
      })
    })
  }

  space(path: string): { readonly total: number; readonly usable: number } {
    return attempt('inspect', path, () => {
      const { blocks, bavail, bsize } = statfsSync(path)
      return { total: blocks * bsize, usable: bavail * bsize }
    })
  }
}

/**
 * Invariant: the file holds `#size` bytes that a caller was told of, unless `#failure` is set. After it nothing more is
 * written or reported as synced through this handle: the file's tail is unknown, or the system may have dropped pages
 * that it could not write, and a second sync would claim success for them. Reading goes on.
 */
class DiskFile implements FileHandle {
  readonly path: string
  readonly #descriptor: number
  readonly #calls: DiskCalls
  #size: number
  #failure: StorageError | undefined
  #closed = false
  /** Reads and syncs in the thread pool. */
  #underWay = 0

  constructor(path: string, descriptor: number, size: number, calls: DiskCalls) {
    this.path = path
    this.#descriptor = descriptor
    this.#size = size
    this.#calls = calls
  }

  get size(): number {
    return this.#size
  }

  append(chunks: readonly Uint8Array[]): void {
    this.#mustBeWritable('append to')
    let total = 0
    for (const chunk of chunks) total += chunk.length
    if (total === 0) return
    this.#write('append to', chunks, total, this.#size)
    this.#size += total
  }

  writeAt(position: number, bytes: Uint8Array): void {
    this.#mustBeWritable('write to')
    if (!(position >= 0 && position <= this.#size)) throw systemError('write to', this.path, 'EINVAL')
    if (bytes.length === 0) return
    this.#write('write to', [bytes], bytes.length, position)
    this.#size = Math.max(this.#size, position + bytes.length)
  }

  readSync(position: number, length: number): Buffer {
    this.#mustBeOpen('read')
    const target = Buffer.allocUnsafe(this.#readable(position, length))
    return attempt('read', this.path, () => {
      let filled = 0
      while (filled < target.length) {
        const count = readSync(this.#descriptor, target, filled, target.length - filled, position + filled)
        if (count === 0) break
        filled += count
      }
      return target.subarray(0, filled)
    })
  }

  async read(position: number, target: Buffer): Promise<Buffer> {
    this.#mustBeOpen('read')
    const length = this.#readable(position, target.length)
    this.#underWay++
    try {
      let filled = 0
      while (filled < length) {
        const count = await readChunk(this.#descriptor, target, { filled, length, position: position + filled })
        if (count === 0) break
        filled += count
      }
      return target.subarray(0, filled)
    } catch (error) {
      throw storageErrorOf('read', this.path, error)
    } finally {
      this.#workDone()
    }
  }

  truncate(size: number): void {
    this.#mustBeWritable('truncate')
    if (!(Number.isSafeInteger(size) && size >= 0)) throw systemError('truncate', this.path, 'EINVAL')
    attempt('truncate', this.path, () => this.#calls.truncate(this.#descriptor, size))
    this.#size = size
  }

  async sync(): Promise<void> {
    this.#mustBeWritable('sync')
    this.#underWay++
    try {
      await new Promise<void>((resolve, reject) => {
        this.#calls.sync(this.#descriptor, error => (error === null ? resolve() : reject(error)))
      })
    } catch (cause) {
      this.#failure ??= storageErrorOf('sync', this.path, cause)
      throw this.#failure
    } finally {
      this.#workDone()
    }
    // Another sync that ran at the same time may have been told of pages that this one then no longer saw.
    if (this.#failure !== undefined) throw this.#failedBefore('sync', this.#failure)
  }

  close(): void {
    if (this.#closed) return
    this.#closed = true
    if (this.#underWay === 0) this.#release()
  }

  /** On failure the file is as it was, or the handle is of no more use for writing. */
  #write(operation: StorageOperation, chunks: readonly Uint8Array[], total: number, position: number): void {
    try {
      writeFully(this.#calls, this.#descriptor, chunks, total, position)
    } catch (cause) {
      const error = storageErrorOf(operation, this.path, cause)
      // Bytes that were overwritten cannot be brought back; bytes behind the end can be cut off.
      if (position < this.#size) this.#failure = error
      else this.#cutBack(error)
      throw error
    }
  }

  #cutBack(error: StorageError): void {
    try {
      this.#calls.truncate(this.#descriptor, this.#size)
    } catch {
      this.#failure = error
    }
  }

  #readable(position: number, length: number): number {
    if (!(position >= 0 && length >= 0)) throw systemError('read', this.path, 'EINVAL')
    return Math.max(0, Math.min(length, this.#size - position))
  }

  #mustBeOpen(operation: StorageOperation): void {
    if (this.#closed) throw systemError(operation, this.path, 'EBADF')
  }

  #mustBeWritable(operation: StorageOperation): void {
    this.#mustBeOpen(operation)
    if (this.#failure !== undefined) throw this.#failedBefore(operation, this.#failure)
  }

  #failedBefore(operation: StorageOperation, cause: StorageError): StorageError {
    const why = 'an earlier write or sync failed, so what the file holds is unknown until it is opened and checked anew'
    return new StorageError({ operation, path: this.path, why, systemCode: cause.systemCode, cause })
  }

  #workDone(): void {
    this.#underWay--
    if (this.#closed && this.#underWay === 0) this.#release()
  }

  #release(): void {
    attempt('close', this.path, () => closeSync(this.#descriptor))
  }
}

/** Windows opens no directories; it keeps entries in its journal. */
const directoriesCanBeSynced: boolean = process.platform !== 'win32'

function syncDirectoryNow(path: string): void {
  if (!directoriesCanBeSynced) return
  const descriptor = openSync(path, 'r')
  try {
    fsyncSync(descriptor)
  } finally {
    closeSync(descriptor)
  }
}

/** A system call may write less than it was given; it goes on behind that until all is written. */
function writeFully(
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

interface ReadProgress {
  readonly filled: number
  /** What `target` is to be filled to. */
  readonly length: number
  readonly position: number
}

function readChunk(descriptor: number, target: Buffer, { filled, length, position }: ReadProgress): Promise<number> {
  return new Promise((resolve, reject) => {
    readFromDisk(descriptor, target, filled, length - filled, position, (error, count) =>
      error === null ? resolve(count) : reject(error),
    )
  })
}

function attempt<T>(operation: StorageOperation, path: string, work: () => T): T {
  try {
    return work()
  } catch (error) {
    throw storageErrorOf(operation, path, error)
  }
}
