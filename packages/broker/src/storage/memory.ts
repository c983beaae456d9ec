/**
 * MemoryFileSystem: a disk in memory with a disk's manners: directories must exist, a rename replaces, a removed file
 * lives on in its open handles, and when it is full an append fails and changes nothing. Owns all its bytes; what is
 * written is copied in and what is read is copied out, so that neither side can change the other's.
 *
 * There is no power to lose, so `sync` has nothing to do.
 */
import { totalmem } from 'node:os'
import { posix } from 'node:path'
import { setImmediate } from 'node:timers/promises'
import type { FileHandle, FileSystem } from './file-system.js'
import { type StorageOperation, systemError } from './storage-error.js'

/** What is read in one go while others wait. */
const LARGE_READ_BYTES = 256 * 1024

export interface MemoryFileSystemOptions {
  /** Most bytes that all files together may take up. Default: half of the memory that the process may use. */
  readonly capacityBytes?: number | undefined
}

export class MemoryFileSystem implements FileSystem {
  readonly #volume: Volume
  readonly #root = new Directory()

  constructor(options: MemoryFileSystemOptions = {}) {
    this.#volume = new Volume(options.capacityBytes ?? Math.floor(availableMemory() / 2))
  }

  open(path: string, options: { readonly create?: boolean } = {}): FileHandle {
    const { directory, name } = this.#parent('open', path)
    let file = directory.entries.get(name)
    if (file instanceof Directory) throw systemError('open', path, 'EISDIR')
    if (file === undefined) {
      if (options.create !== true) throw systemError('open', path, 'ENOENT')
      file = new MemoryFile(this.#volume)
      directory.entries.set(name, file)
    }
    return new MemoryHandle(path, file)
  }

  exists(path: string): boolean {
    return this.#find(path) !== undefined
  }

  list(path: string): string[] {
    const found = this.#mustFind('list', path)
    if (!(found instanceof Directory)) throw systemError('list', path, 'ENOTDIR')
    return [...found.entries.keys()]
  }

  isDirectory(path: string): boolean {
    return this.#find(path) instanceof Directory
  }

  sizeOf(path: string): number {
    const found = this.#mustFind('inspect', path)
    return found instanceof Directory ? 0 : found.size
  }

  readFile(path: string): Buffer {
    const found = this.#mustFind('read', path)
    if (found instanceof Directory) throw systemError('read', path, 'EISDIR')
    return found.read(0, found.size)
  }

  writeFileAtomically(path: string, content: Uint8Array): void {
    const { directory, name } = this.#parent('replace', path)
    const before = directory.entries.get(name)
    if (before instanceof Directory) throw systemError('replace', path, 'EISDIR')
    const file = new MemoryFile(this.#volume)
    file.append('replace', path, [content], content.length)
    directory.entries.set(name, file)
    before?.unlink()
  }

  makeDirectory(path: string): void {
    let directory = this.#root
    for (const name of partsOf(path)) {
      let next = directory.entries.get(name)
      if (next === undefined) {
        next = new Directory()
        directory.entries.set(name, next)
      }
      if (!(next instanceof Directory)) throw systemError('make directory', path, 'EEXIST')
      directory = next
    }
  }

  rename(from: string, to: string): void {
    const source = this.#parent('rename', from)
    const moved = source.directory.entries.get(source.name)
    if (moved === undefined) throw systemError('rename', from, 'ENOENT')
    const target = this.#parent('rename', to)
    const replaced = target.directory.entries.get(target.name)
    if (replaced === moved) return
    if (moved instanceof Directory) {
      if (replaced instanceof MemoryFile) throw systemError('rename', from, 'ENOTDIR')
      if (replaced !== undefined && replaced.entries.size > 0) throw systemError('rename', from, 'ENOTEMPTY')
      if (moved.holds(target.directory)) throw systemError('rename', from, 'EINVAL')
    } else if (replaced instanceof Directory) throw systemError('rename', from, 'EISDIR')
    source.directory.entries.delete(source.name)
    target.directory.entries.set(target.name, moved)
    if (replaced instanceof MemoryFile) replaced.unlink()
  }

  remove(path: string): void {
    const found = this.#find(path)
    if (found === undefined) return
    if (found instanceof Directory) throw systemError('remove', path, 'EISDIR')
    this.#unlink(path)
    found.unlink()
  }

  removeDirectory(path: string): void {
    const found = this.#find(path)
    if (found === undefined) return
    this.#unlink(path)
    found.unlink()
  }

  async syncDirectory(path: string): Promise<void> {
    this.syncDirectoryNow(path)
  }

  syncDirectoryNow(path: string): void {
    if (!this.exists(path)) throw systemError('sync', path, 'ENOENT')
  }

  space(path: string): { readonly total: number; readonly usable: number } {
    this.#mustFind('inspect', path)
    return { total: this.#volume.capacityBytes, usable: this.#volume.capacityBytes - this.#volume.usedBytes }
  }

  #find(path: string): Directory | MemoryFile | undefined {
    let found: Directory | MemoryFile | undefined = this.#root
    for (const name of partsOf(path)) {
      if (!(found instanceof Directory)) return undefined
      found = found.entries.get(name)
    }
    return found
  }

  #mustFind(operation: StorageOperation, path: string): Directory | MemoryFile {
    const found = this.#find(path)
    if (found === undefined) throw systemError(operation, path, 'ENOENT')
    return found
  }

  #parent(operation: StorageOperation, path: string): { readonly directory: Directory; readonly name: string } {
    const parts = partsOf(path)
    const name = parts.pop()
    if (name === undefined) throw systemError(operation, path, 'EISDIR')
    const directory = this.#find(parts.join('/'))
    if (directory === undefined) throw systemError(operation, path, 'ENOENT')
    if (!(directory instanceof Directory)) throw systemError(operation, path, 'ENOTDIR')
    return { directory, name }
  }

  #unlink(path: string): void {
    const { directory, name } = this.#parent('remove', path)
    directory.entries.delete(name)
  }
}

class Directory {
  readonly entries: Map<string, Directory | MemoryFile> = new Map()

  unlink(): void {
    for (const entry of this.entries.values()) entry.unlink()
    this.entries.clear()
  }

  /** Whether it is the other one or lies above it. */
  holds(other: Directory): boolean {
    if (this === other) return true
    for (const entry of this.entries.values()) if (entry instanceof Directory && entry.holds(other)) return true
    return false
  }
}

/** What all files share: so many bytes and no more. */
class Volume {
  readonly capacityBytes: number
  usedBytes = 0

  constructor(capacityBytes: number) {
    if (!(Number.isSafeInteger(capacityBytes) && capacityBytes >= 0)) {
      throw new RangeError(`capacityBytes must be a whole number, 0 or more, not ${capacityBytes}`)
    }
    this.capacityBytes = capacityBytes
  }
}

/** Files grow by blocks of this size; one that is smaller has a single block, which doubles. */
const BLOCK_BYTES = 256 * 1024
const SMALLEST_BLOCK_BYTES = 512

/** Invariant: every block but an only one has BLOCK_BYTES, so that a position leads to its block by a division. */
class MemoryFile {
  readonly #volume: Volume
  readonly #blocks: Buffer[] = []
  #capacity = 0
  #linked = true
  #handles = 0
  size = 0

  constructor(volume: Volume) {
    this.#volume = volume
  }

  opened(): void {
    this.#handles++
  }

  closed(): void {
    this.#handles--
    this.#freeWhenForgotten()
  }

  /** No name leads to it any more. */
  unlink(): void {
    this.#linked = false
    this.#freeWhenForgotten()
  }

  append(operation: StorageOperation, path: string, chunks: readonly Uint8Array[], total: number): void {
    this.#makeRoom(operation, path, this.size + total)
    let at = this.size
    for (const chunk of chunks) {
      this.#copyIn(at, chunk)
      at += chunk.length
    }
    this.size = at
  }

  writeAt(operation: StorageOperation, path: string, position: number, bytes: Uint8Array): void {
    const end = position + bytes.length
    if (end > this.size) this.#makeRoom(operation, path, end)
    this.#copyIn(position, bytes)
    this.size = Math.max(this.size, end)
  }

  read(position: number, length: number): Buffer {
    return this.readInto(position, Buffer.allocUnsafe(Math.max(0, Math.min(length, this.size - position))))
  }

  /** What was filled of `target`. */
  readInto(position: number, target: Buffer): Buffer {
    const size = Math.max(0, Math.min(target.length, this.size - position))
    for (let filled = 0; filled < size; ) {
      const block = this.#blocks[Math.floor((position + filled) / BLOCK_BYTES)]
      if (block === undefined) break
      const start = (position + filled) % BLOCK_BYTES
      filled += block.copy(target, filled, start, start + size - filled)
    }
    return target.subarray(0, size)
  }

  truncate(operation: StorageOperation, path: string, size: number): void {
    const before = this.size
    if (size > before) {
      this.#makeRoom(operation, path, size)
      this.#fillWithZeros(before, size)
    } else {
      const keep = Math.ceil(size / BLOCK_BYTES)
      while (this.#blocks.length > keep) this.#release(this.#blocks.pop()?.length ?? 0)
    }
    this.size = size
  }

  #makeRoom(operation: StorageOperation, path: string, size: number): void {
    if (size <= this.#capacity) return
    const needed = size <= BLOCK_BYTES ? smallBlockBytes(size) : Math.ceil(size / BLOCK_BYTES) * BLOCK_BYTES
    const more = needed - this.#capacity
    if (this.#volume.usedBytes + more > this.#volume.capacityBytes) throw systemError(operation, path, 'ENOSPC')
    const [only] = this.#blocks
    if (only !== undefined && only.length < BLOCK_BYTES) {
      const grown = Buffer.allocUnsafeSlow(Math.min(needed, BLOCK_BYTES))
      only.copy(grown, 0, 0, this.size)
      this.#blocks[0] = grown
    }
    for (let held = this.#blockBytes(); held < needed; held = this.#blockBytes()) {
      this.#blocks.push(Buffer.allocUnsafeSlow(Math.min(needed - held, BLOCK_BYTES)))
    }
    this.#volume.usedBytes += more
    this.#capacity = needed
  }

  #blockBytes(): number {
    const [first] = this.#blocks
    return first === undefined ? 0 : first.length * this.#blocks.length
  }

  #copyIn(position: number, bytes: Uint8Array): void {
    for (let copied = 0; copied < bytes.length; ) {
      const at = position + copied
      const block = this.#blocks[Math.floor(at / BLOCK_BYTES)]
      if (block === undefined) return
      const start = at % BLOCK_BYTES
      const count = Math.min(bytes.length - copied, block.length - start)
      block.set(count === bytes.length ? bytes : bytes.subarray(copied, copied + count), start)
      copied += count
    }
  }

  #fillWithZeros(from: number, to: number): void {
    for (let at = from; at < to; ) {
      const block = this.#blocks[Math.floor(at / BLOCK_BYTES)]
      if (block === undefined) return
      const start = at % BLOCK_BYTES
      const count = Math.min(to - at, block.length - start)
      block.fill(0, start, start + count)
      at += count
    }
  }

  #freeWhenForgotten(): void {
    if (this.#linked || this.#handles > 0) return
    this.#blocks.length = 0
    this.#release(this.#capacity)
    this.size = 0
  }

  #release(bytes: number): void {
    this.#capacity -= bytes
    this.#volume.usedBytes -= bytes
  }
}

class MemoryHandle implements FileHandle {
  readonly path: string
  readonly #file: MemoryFile
  #closed = false

  constructor(path: string, file: MemoryFile) {
    this.path = path
    this.#file = file
    file.opened()
  }

  get size(): number {
    return this.#file.size
  }

  append(chunks: readonly Uint8Array[]): void {
    this.#mustBeOpen('append to')
    let total = 0
    for (const chunk of chunks) total += chunk.length
    if (total > 0) this.#file.append('append to', this.path, chunks, total)
  }

  writeAt(position: number, bytes: Uint8Array): void {
    this.#mustBeOpen('write to')
    if (!(position >= 0 && position <= this.size)) throw systemError('write to', this.path, 'EINVAL')
    this.#file.writeAt('write to', this.path, position, bytes)
  }

  readSync(position: number, length: number): Buffer {
    this.#mustBeOpen('read')
    if (!(position >= 0 && length >= 0)) throw systemError('read', this.path, 'EINVAL')
    return this.#file.read(position, length)
  }

  async read(position: number, target: Buffer): Promise<Buffer> {
    this.#mustBeOpen('read')
    if (!(position >= 0)) throw systemError('read', this.path, 'EINVAL')
    // As with a disk, others have their turn: else a fetch of many large reads would be one long turn of the event loop.
    if (target.length >= LARGE_READ_BYTES) await setImmediate()
    return this.#file.readInto(position, target)
  }

  truncate(size: number): void {
    this.#mustBeOpen('truncate')
    if (!(Number.isSafeInteger(size) && size >= 0)) throw systemError('truncate', this.path, 'EINVAL')
    this.#file.truncate('truncate', this.path, size)
  }

  async sync(): Promise<void> {
    this.#mustBeOpen('sync')
  }

  close(): void {
    if (this.#closed) return
    this.#closed = true
    this.#file.closed()
  }

  #mustBeOpen(operation: StorageOperation): void {
    if (this.#closed) throw systemError(operation, this.path, 'EBADF')
  }
}

/** The next power of two, so that a small file is copied a few times at most while it grows. */
function smallBlockBytes(size: number): number {
  return Math.max(SMALLEST_BLOCK_BYTES, 2 ** (32 - Math.clz32(size - 1)))
}

/** Either separator divides, since paths are joined in the way of the machine. Relative paths start at the root. */
function partsOf(path: string): string[] {
  return posix
    .normalize(`/${path.replaceAll('\\', '/')}`)
    .split('/')
    .filter(part => part !== '')
}

/** What the machine has, or what its container may use. */
function availableMemory(): number {
  const constrained = process.constrainedMemory()
  return constrained > 0 ? Math.min(constrained, totalmem()) : totalmem()
}
