/**
 * Disks that end in the middle of something, for tests of what a compaction leaves then: one that dies at a chosen
 * operation, and one that forgets what was not synced.
 */
import type { Random } from '@samsa/runtime'
import type { FileHandle, FileSystem } from '../../storage/file-system.js'
import { MemoryFileSystem } from '../../storage/memory.js'
import { StorageError, type StorageOperation } from '../../storage/storage-error.js'
import { override } from '../test-log.js'

export interface DyingFileSystem {
  readonly fileSystem: FileSystem
  /** Operations that changed something, or waited for the disk, so far. */
  readonly operations: () => number
  /** Which of them waited for the directory to be on disk. */
  readonly directorySyncs: ReadonlySet<number>
}

/**
 * Passes everything on until the operation with the given number, counted from 0, which fails, and so does all that
 * follows. An append that is the last operation writes half of its bytes.
 */
export function dyingAt(inner: FileSystem, last: number): DyingFileSystem {
  let count = 0
  const directorySyncs = new Set<number>()
  const step = (operation: StorageOperation, path: string, half: () => void = () => {}): void => {
    if (count > last) throw dead(operation, path)
    if (count++ < last) return
    half()
    throw dead(operation, path)
  }
  const handleOf = (handle: FileHandle): FileHandle =>
    override(handle, {
      append(chunks) {
        const bytes = Buffer.concat(chunks)
        step('append to', handle.path, () => handle.append([bytes.subarray(0, bytes.length >>> 1)]))
        handle.append(chunks)
      },
      writeAt(position, bytes) {
        step('write to', handle.path)
        handle.writeAt(position, bytes)
      },
      truncate(size) {
        step('truncate', handle.path)
        handle.truncate(size)
      },
      async sync() {
        step('sync', handle.path)
        await handle.sync()
      },
    })
  const fileSystem = override(inner, {
    open(path, options) {
      if (options?.create === true && !inner.exists(path)) step('open', path)
      return handleOf(inner.open(path, options))
    },
    rename(from, to) {
      step('rename', from)
      inner.rename(from, to)
    },
    remove(path) {
      if (inner.exists(path)) step('remove', path)
      inner.remove(path)
    },
    writeFileAtomically(path, content) {
      step('replace', path)
      inner.writeFileAtomically(path, content)
    },
    async syncDirectory(path) {
      directorySyncs.add(count)
      step('sync', path)
      await inner.syncDirectory(path)
    },
    syncDirectoryNow(path) {
      directorySyncs.add(count)
      step('sync', path)
      inner.syncDirectoryNow(path)
    },
  })
  return { fileSystem, operations: () => count, directorySyncs }
}

function dead(operation: StorageOperation, path: string): StorageError {
  return new StorageError({ operation, path, why: 'the machine is off', systemCode: 'EIO' })
}

interface Inode {
  readonly file: FileHandle
  synced: Buffer
}

type DirectoryChange = (names: Map<string, Inode>) => void

/**
 * A disk that keeps what was synced, and of the rest whatever it likes: contents of files that were not synced, and any of
 * the names that were made, changed or removed since their directory was synced, in any combination.
 */
export class ForgetfulFileSystem {
  readonly fileSystem: FileSystem
  readonly #inner: MemoryFileSystem
  readonly #names = new Map<string, Inode>()
  #durable = new Map<string, Inode>()
  #changes: DirectoryChange[] = []

  /** Everything that `content` holds is on disk. */
  constructor(content: MemoryFileSystem, directory: string) {
    this.#inner = content
    for (const name of content.list(directory)) this.#know(`${directory}/${name}`)
    this.#durable = new Map(this.#names)
    this.fileSystem = this.#wrap()
  }

  /** What is found when power comes back. */
  loseThePower(random: Random, directory: string): MemoryFileSystem {
    const names = new Map(this.#durable)
    for (const change of this.#changes) if (random.next() < 0.5) change(names)
    const left = new MemoryFileSystem()
    left.makeDirectory(directory)
    for (const [path, { file, synced }] of names) {
      const content = random.next() < 0.5 ? synced : file.readSync(0, file.size)
      left.writeFileAtomically(path, content)
    }
    return left
  }

  #know(path: string): Inode {
    const file = this.#inner.open(path)
    const inode = { file, synced: file.readSync(0, file.size) }
    this.#names.set(path, inode)
    return inode
  }

  #wrap(): FileSystem {
    const inner = this.#inner
    return override<FileSystem>(inner, {
      open: (path, options) => {
        const isNew = !inner.exists(path)
        const handle = inner.open(path, options)
        const inode = isNew ? this.#create(path) : (this.#names.get(path) ?? this.#know(path))
        return override(handle, {
          sync: async () => {
            inode.synced = handle.readSync(0, handle.size)
          },
        })
      },
      rename: (from, to) => {
        inner.rename(from, to)
        const inode = this.#names.get(from)
        if (inode === undefined) return
        this.#names.delete(from)
        this.#names.set(to, inode)
        this.#changes.push(names => {
          if (names.get(from) === inode) names.delete(from)
          names.set(to, inode)
        })
      },
      remove: path => {
        inner.remove(path)
        const inode = this.#names.get(path)
        this.#names.delete(path)
        this.#changes.push(names => {
          if (names.get(path) === inode) names.delete(path)
        })
      },
      syncDirectory: async () => this.#syncNames(),
      syncDirectoryNow: () => this.#syncNames(),
    })
  }

  #syncNames(): void {
    this.#durable = new Map(this.#names)
    this.#changes = []
  }

  #create(path: string): Inode {
    const inode = this.#know(path)
    inode.synced = Buffer.alloc(0)
    this.#changes.push(names => names.set(path, inode))
    return inode
  }
}
