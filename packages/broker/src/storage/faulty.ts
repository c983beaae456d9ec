/**
 * FaultyFileSystem: a simulated disk with a page cache, for proofs. What is written is seen at once and is safe from a
 * loss of power once it was synced; entries of directories likewise. Operations fail where a fault was injected, and the
 * machine stops in front of, or in the middle of, the operation that `crashAfter` says. From then on every call fails:
 * whoever used this disk is dead. `survivor` is the disk that the next process finds.
 *
 * All chance comes from the random source, so a seed replays every byte. Owns its bytes: nothing is shared with callers.
 */
import type { Random } from '@samsa/runtime'
import { CachedFile } from './cached-file.js'
import { Directory, DirectoryJournal, type EntryFate, type Node } from './directory-journal.js'
import type { FileHandle, FileSystem } from './file-system.js'
import { StorageError, type StorageOperation, systemError } from './storage-error.js'

/** What a fault can hit. `create` is the opening of a file that is new. */
export type DiskOperation =
  | 'open'
  | 'create'
  | 'read'
  | 'append'
  | 'write'
  | 'truncate'
  | 'sync'
  | 'syncDirectory'
  | 'rename'
  | 'remove'
  | 'makeDirectory'

export interface DiskFault {
  readonly operation: DiskOperation
  /** Only where the path has this in it. */
  readonly path?: string | undefined
  /** How many such operations still succeed. Default: none. */
  readonly after?: number | undefined
  /** How many fail. Default: one. */
  readonly times?: number | undefined
  readonly systemCode: 'EIO' | 'ENOSPC' | 'EMFILE' | 'EROFS'
  /** Only of an append: a part was written and cannot be cut off again. The handle takes no more. */
  readonly leavesPart?: boolean | undefined
}

export interface FaultyFileSystemOptions {
  readonly random: Random
  readonly capacityBytes?: number | undefined
  /** How long the disk takes to sync. Default: one turn of the promises. */
  readonly syncing?: (() => Promise<void>) | undefined
}

/** How the machine stopped. */
export type CrashKind = 'end of process' | 'loss of power'

export class FaultyFileSystem implements FileSystem {
  readonly random: Random
  /** Resolves when the machine has stopped. */
  readonly crashed: Promise<void>
  /** Most bytes of all files together; may be changed at any time. */
  capacityBytes: number
  readonly #syncing: () => Promise<void>
  readonly #journal: DirectoryJournal
  readonly #faults: { readonly fault: DiskFault; left: number; skip: number }[] = []
  #usedBytes: number
  #operations = 0
  #syncsUnderWay = 0
  #tellCrash = (): void => {}
  #crashAt = Number.POSITIVE_INFINITY
  #hasCrashed = false

  constructor(options: FaultyFileSystemOptions, journal: DirectoryJournal = new DirectoryJournal()) {
    this.random = options.random
    this.crashed = new Promise(resolve => {
      this.#tellCrash = resolve
    })
    this.capacityBytes = options.capacityBytes ?? Number.MAX_SAFE_INTEGER
    this.#syncing = options.syncing ?? (() => Promise.resolve())
    this.#journal = journal
    this.#usedBytes = bytesIn(journal.root)
  }

  get hasCrashed(): boolean {
    return this.#hasCrashed
  }

  /** How many operations changed the disk or brought something to it, so far. */
  get operations(): number {
    return this.#operations
  }

  /** Syncs that have begun and not ended. */
  get syncsUnderWay(): number {
    return this.#syncsUnderWay
  }

  /** The machine stops at the operation that comes after so many others that change the disk. */
  crashAfter(operations: number): void {
    this.#crashAt = this.#operations + operations
  }

  /** The machine stops now. */
  crash(): void {
    this.#hasCrashed = true
    this.#tellCrash()
  }

  inject(fault: DiskFault): void {
    this.#faults.push({ fault, left: fault.times ?? 1, skip: fault.after ?? 0 })
  }

  /** No injected fault strikes any more. */
  heal(): void {
    this.#faults.length = 0
  }

  /** The disk as the next process finds it. Called once, after the machine stopped. */
  survivor(kind: CrashKind, entries: EntryFate = 'in order'): FaultyFileSystem {
    this.crash()
    const journal =
      kind === 'end of process' ? this.#journal.afterProcessEnd() : this.#journal.afterPowerLoss(this.random, entries)
    const { random, capacityBytes } = this
    return new FaultyFileSystem({ random, capacityBytes, syncing: this.#syncing }, journal)
  }

  open(path: string, options: { readonly create?: boolean } = {}): FileHandle {
    const { directory, name } = this.#parent('open', path)
    const found = directory.entries.get(name)
    if (found instanceof Directory) throw systemError('open', path, 'EISDIR')
    if (found !== undefined) {
      this.#pass('open', 'open', path)
      return new FaultyHandle(path, found, this.#disk)
    }
    if (options.create !== true) throw systemError('open', path, 'ENOENT')
    this.#pass('create', 'open', path)
    const file = new CachedFile()
    this.#journal.set(directory, name, file)
    return new FaultyHandle(path, file, this.#disk)
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
    this.#pass('read', 'read', path)
    return found.read(0, found.size)
  }

  /** In the steps of a real disk, each of which can fail or be the last one. */
  writeFileAtomically(path: string, content: Uint8Array): void {
    const { directory } = this.#parent('replace', path)
    if (this.isDirectory(path)) throw systemError('replace', path, 'EISDIR')
    const temporary = `${path}.tmp`
    try {
      const file = this.open(temporary, { create: true })
      file.truncate(0)
      file.append([content])
      file.close()
      this.#pass('sync', 'replace', path)
      const written = this.#mustFind('replace', temporary)
      if (written instanceof CachedFile) written.beginSync()()
      this.rename(temporary, path)
    } catch (error) {
      if (!this.#hasCrashed) this.remove(temporary)
      throw error
    }
    this.#pass('syncDirectory', 'replace', path)
    this.#journal.beginSync(directory)()
  }

  makeDirectory(path: string): void {
    let directory = this.#journal.root
    for (const name of partsOf(path)) {
      let next = directory.entries.get(name)
      if (next === undefined) {
        this.#pass('makeDirectory', 'make directory', path)
        next = new Directory()
        this.#journal.set(directory, name, next)
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
    if (moved instanceof Directory && replaced instanceof CachedFile) throw systemError('rename', from, 'ENOTDIR')
    if (moved instanceof Directory && replaced instanceof Directory && replaced.entries.size > 0)
      throw systemError('rename', from, 'ENOTEMPTY')
    if (moved instanceof CachedFile && replaced instanceof Directory) throw systemError('rename', from, 'EISDIR')
    if (
      partsOf(to)
        .join('/')
        .startsWith(`${partsOf(from).join('/')}/`)
    )
      throw systemError('rename', from, 'EINVAL')
    this.#pass('rename', 'rename', from)
    this.#journal.rename(source, target, moved)
    if (replaced instanceof CachedFile) this.#usedBytes -= replaced.size
  }

  remove(path: string): void {
    const found = this.#find(path)
    if (found === undefined) return
    if (found instanceof Directory) throw systemError('remove', path, 'EISDIR')
    this.#pass('remove', 'remove', path)
    const { directory, name } = this.#parent('remove', path)
    this.#journal.remove(directory, name)
    this.#usedBytes -= found.size
  }

  /** Entry by entry, so that a crash may find some of them. */
  removeDirectory(path: string): void {
    const found = this.#find(path)
    if (found === undefined) return
    if (found instanceof CachedFile) {
      this.remove(path)
      return
    }
    for (const name of [...found.entries.keys()]) this.removeDirectory(`${path}/${name}`)
    this.#pass('remove', 'remove', path)
    const { directory, name } = this.#parent('remove', path)
    this.#journal.remove(directory, name)
  }

  async syncDirectory(path: string): Promise<void> {
    const end = this.#beginSync(path)
    await this.#sync()
    this.#pass(undefined, 'sync', path)
    end()
  }

  syncDirectoryNow(path: string): void {
    this.#beginSync(path)()
  }

  space(path: string): { readonly total: number; readonly usable: number } {
    this.#mustFind('inspect', path)
    return { total: this.capacityBytes, usable: Math.max(0, this.capacityBytes - this.#usedBytes) }
  }

  /** What handles need of their disk. */
  readonly #disk: Disk = {
    isLive: () => !this.#hasCrashed,
    mustLive: path => this.#mustLive('read', path),
    pass: (operation, verb, path) => this.#pass(operation, verb, path),
    syncing: () => this.#sync(),
    partOf: (operation, path, length) => this.#partOf(operation, path, length),
    grow: (verb, path, bytes) => {
      if (bytes > 0 && this.#usedBytes + bytes > this.capacityBytes) throw systemError(verb, path, 'ENOSPC')
      this.#usedBytes += bytes
    },
  }

  #beginSync(path: string): () => void {
    const found = this.#mustFind('sync', path)
    if (!(found instanceof Directory)) throw systemError('sync', path, 'ENOTDIR')
    this.#pass('syncDirectory', 'sync', path)
    return this.#journal.beginSync(found)
  }

  async #sync(): Promise<void> {
    this.#syncsUnderWay++
    try {
      await this.#syncing()
    } finally {
      this.#syncsUnderWay--
    }
  }

  /** Counts an operation, crashes in front of it when its time has come, and fails it where a fault says so. */
  #pass(operation: DiskOperation | undefined, verb: StorageOperation, path: string): void {
    this.#mustLive(verb, path)
    if (operation !== 'read' && operation !== 'open') {
      if (this.#operations >= this.#crashAt) this.crash()
      this.#mustLive(verb, path)
      this.#operations++
    }
    const fault = operation === undefined ? undefined : this.#strikes(operation, path)
    if (fault !== undefined) throw faultOf(fault, verb, path)
  }

  /** How many bytes of a write are made before the machine stops in the middle of it; undefined where it does not. */
  #partOf(operation: 'append' | 'write', path: string, length: number): number | undefined {
    this.#mustLive('write to', path)
    if (this.#operations < this.#crashAt) {
      const index = this.#faults.findIndex(({ fault }) => fault.leavesPart === true && matches(fault, operation, path))
      const found = this.#faults[index]
      if (found === undefined || found.skip > 0 || found.left === 0) return undefined
      return this.random.integer(0, length)
    }
    this.crash()
    return this.random.integer(0, length + 1)
  }

  #strikes(operation: DiskOperation, path: string): DiskFault | undefined {
    for (const each of this.#faults) {
      if (each.left === 0 || !matches(each.fault, operation, path)) continue
      if (each.skip > 0) {
        each.skip--
        continue
      }
      each.left--
      return each.fault
    }
    return undefined
  }

  #mustLive(verb: StorageOperation, path: string): void {
    if (!this.#hasCrashed) return
    throw new StorageError({ operation: verb, path, why: 'the machine has stopped', systemCode: 'EIO' })
  }

  #find(path: string): Node | undefined {
    this.#mustLive('inspect', path)
    let found: Node | undefined = this.#journal.root
    for (const name of partsOf(path)) {
      if (!(found instanceof Directory)) return undefined
      found = found.entries.get(name)
    }
    return found
  }

  #mustFind(operation: StorageOperation, path: string): Node {
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
}

interface Disk {
  isLive(): boolean
  mustLive(path: string): void
  pass(operation: DiskOperation | undefined, verb: StorageOperation, path: string): void
  partOf(operation: 'append' | 'write', path: string, length: number): number | undefined
  grow(verb: StorageOperation, path: string, bytes: number): void
  syncing(): Promise<void>
}

/** As a handle of a real disk: after a write that left a part, or a sync that failed, nothing more is written through it. */
class FaultyHandle implements FileHandle {
  readonly path: string
  readonly #file: CachedFile
  readonly #disk: Disk
  #failure: StorageError | undefined
  /** Bytes behind the end that a failed write left and that no caller was told of. */
  #untold = 0
  #closed = false

  constructor(path: string, file: CachedFile, disk: Disk) {
    this.path = path
    this.#file = file
    this.#disk = disk
  }

  get size(): number {
    return this.#file.size - this.#untold
  }

  append(chunks: readonly Uint8Array[]): void {
    this.#mustBeWritable('append to')
    const bytes = Buffer.concat(chunks)
    if (bytes.length > 0) this.#write('append', 'append to', this.size, bytes)
  }

  writeAt(position: number, bytes: Uint8Array): void {
    this.#mustBeWritable('write to')
    if (!(position >= 0 && position <= this.size)) throw systemError('write to', this.path, 'EINVAL')
    if (bytes.length > 0) this.#write('write', 'write to', position, bytes)
  }

  readSync(position: number, length: number): Buffer {
    this.#mustBeOpen('read')
    if (!(position >= 0 && length >= 0)) throw systemError('read', this.path, 'EINVAL')
    this.#disk.pass('read', 'read', this.path)
    return this.#file.read(position, Math.min(length, Math.max(0, this.size - position)))
  }

  async read(position: number, target: Buffer): Promise<Buffer> {
    const found = this.readSync(position, target.length)
    found.copy(target)
    return target.subarray(0, found.length)
  }

  truncate(size: number): void {
    this.#mustBeWritable('truncate')
    if (!(Number.isSafeInteger(size) && size >= 0)) throw systemError('truncate', this.path, 'EINVAL')
    this.#disk.pass('truncate', 'truncate', this.path)
    this.#disk.grow('truncate', this.path, size - this.#file.size)
    this.#file.truncate(size)
  }

  async sync(): Promise<void> {
    this.#mustBeWritable('sync')
    try {
      this.#disk.pass('sync', 'sync', this.path)
      const end = this.#file.beginSync()
      await this.#disk.syncing()
      this.#disk.pass(undefined, 'sync', this.path)
      end()
    } catch (error) {
      if (error instanceof StorageError) this.#failure ??= error
      if (this.#disk.isLive()) this.#file.dropChanges()
      throw error
    }
    this.#mustNotHaveFailed('sync')
  }

  close(): void {
    this.#closed = true
  }

  #write(operation: 'append' | 'write', verb: StorageOperation, position: number, bytes: Uint8Array): void {
    const part = this.#disk.partOf(operation, this.path, bytes.length)
    if (part !== undefined && part > 0) this.#file.write(position, bytes.subarray(0, part))
    try {
      this.#disk.pass(operation, verb, this.path)
    } catch (error) {
      if (part !== undefined && error instanceof StorageError) {
        this.#failure = error
        this.#untold = operation === 'append' ? part : 0
      }
      throw error
    }
    this.#disk.grow(verb, this.path, Math.max(0, position + bytes.length - this.#file.size))
    this.#file.write(position, bytes)
  }

  #mustBeOpen(operation: StorageOperation): void {
    if (this.#closed) throw systemError(operation, this.path, 'EBADF')
    this.#disk.mustLive(this.path)
  }

  #mustBeWritable(operation: StorageOperation): void {
    this.#mustBeOpen(operation)
    this.#mustNotHaveFailed(operation)
  }

  #mustNotHaveFailed(operation: StorageOperation): void {
    const cause = this.#failure
    if (cause === undefined) return
    const why = 'an earlier write or sync failed, so what the file holds is unknown until it is opened and checked anew'
    throw new StorageError({ operation, path: this.path, why, systemCode: cause.systemCode, cause })
  }
}

const reasons = {
  EIO: 'input/output error',
  ENOSPC: 'no space left',
  EMFILE: 'too many open files',
  EROFS: 'the file system is read-only',
} as const

function faultOf({ systemCode }: DiskFault, operation: StorageOperation, path: string): StorageError {
  return new StorageError({ operation, path, why: reasons[systemCode], systemCode })
}

function matches(fault: DiskFault, operation: DiskOperation, path: string): boolean {
  return fault.operation === operation && (fault.path === undefined || path.includes(fault.path))
}

function bytesIn(directory: Directory): number {
  let bytes = 0
  for (const node of directory.entries.values()) bytes += node instanceof Directory ? bytesIn(node) : node.size
  return bytes
}

function partsOf(path: string): string[] {
  return path.split(/[/\\]/).filter(part => part !== '' && part !== '.')
}
