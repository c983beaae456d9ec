/**
 * DiskFile: one open file of a DiskFileSystem. Writes are made on the event loop, into the page cache; long reads and
 * waiting for the disk happen in Node's thread pool, and a handle that is closed meanwhile keeps its descriptor until
 * they are done: the system would give the number to another file.
 */
import type { OpenFile } from './descriptors.js'
import { type DiskCalls, writeFully } from './disk-calls.js'
import type { FileHandle } from './file-system.js'
import { StorageError, type StorageOperation, storageErrorOf, systemError } from './storage-error.js'

/**
 * Invariant: the file holds `#size` bytes that a caller was told of, unless it has failed (`OpenFile.failure`). Then
 * nothing more is written or reported as synced through this handle: bytes inside the file are unknown, or the system may
 * have dropped pages that it could not write, and a second sync would claim success for them. Reading goes on.
 */
export class DiskFile implements FileHandle {
  readonly #file: OpenFile
  readonly #calls: DiskCalls
  #size: number
  /** Why bytes may stand behind `#size`: they must be cut off before anything else is done to the file. */
  #uncut: StorageError | undefined
  #isClosed = false

  constructor(file: OpenFile, calls: DiskCalls) {
    this.#file = file
    this.#size = file.sizeAtOpen
    this.#calls = calls
  }

  /** Where it lies now: a rename takes an open file along. */
  get path(): string {
    return this.#file.path
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
    const descriptor = this.#file.forReading()
    try {
      let filled = 0
      while (filled < target.length) {
        const count = this.#calls.readSync(descriptor, target, filled, position + filled)
        if (count === 0) break
        filled += count
      }
      return target.subarray(0, filled)
    } catch (error) {
      throw storageErrorOf('read', this.path, error)
    }
  }

  async read(position: number, target: Buffer): Promise<Buffer> {
    this.#mustBeOpen('read')
    const wanted = target.subarray(0, this.#readable(position, target.length))
    try {
      return await this.#file.hold(async descriptor => {
        let filled = 0
        while (filled < wanted.length) {
          const count = await this.#calls.read(descriptor, wanted, filled, position + filled)
          if (count === 0) break
          filled += count
        }
        return wanted.subarray(0, filled)
      })
    } catch (error) {
      throw storageErrorOf('read', this.path, error)
    }
  }

  truncate(size: number): void {
    this.#mustBeWritable('truncate')
    if (!(Number.isSafeInteger(size) && size >= 0)) throw systemError('truncate', this.path, 'EINVAL')
    const descriptor = this.#file.forWriting()
    try {
      this.#calls.truncate(descriptor, size)
    } catch (error) {
      throw storageErrorOf('truncate', this.path, error)
    }
    this.#size = size
  }

  async sync(): Promise<void> {
    this.#mustBeWritable('sync')
    await this.#file.hold(descriptor => this.#syncNow(descriptor))
  }

  close(): void {
    if (this.#isClosed) return
    this.#isClosed = true
    this.#file.release()
  }

  async #syncNow(descriptor: number): Promise<void> {
    // One that failed while this one waited for its turn was told of pages that this one would not see any more.
    if (this.#file.failure !== undefined) throw this.#failedBefore('sync', this.#file.failure)
    const { writes } = this.#file
    try {
      await new Promise<void>((resolve, reject) => {
        this.#calls.sync(descriptor, error => (error === null ? resolve() : reject(error)))
      })
    } catch (cause) {
      this.#file.failure ??= storageErrorOf('sync', this.path, cause)
      throw this.#file.failure
    }
    // The same for one that ran at the same time.
    if (this.#file.failure !== undefined) throw this.#failedBefore('sync', this.#file.failure)
    this.#file.synced(writes)
  }

  /** On failure the file is as it was, or is cut back before it is next written to, or the handle is of no more use. */
  #write(operation: StorageOperation, chunks: readonly Uint8Array[], total: number, position: number): void {
    const descriptor = this.#file.forWriting()
    try {
      writeFully(this.#calls, descriptor, chunks, total, position)
    } catch (cause) {
      const error = storageErrorOf(operation, this.path, cause)
      // Bytes that were overwritten cannot be brought back; bytes behind the end can be cut off.
      if (position < this.#size) this.#file.failure = error
      else if (!this.#cutBack(descriptor)) this.#uncut = error
      throw error
    }
  }

  #cutBack(descriptor: number): boolean {
    try {
      this.#calls.truncate(descriptor, this.#size)
      return true
    } catch {
      return this.#isAsLong(descriptor)
    }
  }

  /** Whether nothing stands behind the end: a disk that takes no bytes may refuse to cut any off as well. */
  #isAsLong(descriptor: number): boolean {
    try {
      return this.#calls.identify(descriptor).size === this.#size
    } catch {
      return false
    }
  }

  #readable(position: number, length: number): number {
    if (!(position >= 0 && length >= 0)) throw systemError('read', this.path, 'EINVAL')
    return Math.max(0, Math.min(length, this.#size - position))
  }

  #mustBeOpen(operation: StorageOperation): void {
    if (this.#isClosed) throw systemError(operation, this.path, 'EBADF')
  }

  #mustBeWritable(operation: StorageOperation): void {
    this.#mustBeOpen(operation)
    const { failure } = this.#file
    if (failure !== undefined) throw this.#failedBefore(operation, failure)
    if (this.#uncut === undefined) return
    if (!this.#cutBack(this.#file.forWriting())) throw this.#failedBefore(operation, this.#uncut)
    this.#uncut = undefined
  }

  #failedBefore(operation: StorageOperation, cause: StorageError): StorageError {
    const why = 'an earlier write or sync failed, so what the file holds is unknown until it is opened and checked anew'
    return new StorageError({ operation, path: this.path, why, systemCode: cause.systemCode, cause })
  }
}
