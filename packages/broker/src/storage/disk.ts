/**
 * DiskFileSystem: the FileSystem of the machine. Owns the descriptors of the files it has opened, and keeps no more than
 * so many of them (`descriptors.ts`); what one file does, is `disk-file.ts`.
 */
import {
  closeSync,
  existsSync,
  fsync,
  fsyncSync,
  lstatSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statfsSync,
  statSync,
  unlinkSync,
} from 'node:fs'
import { dirname } from 'node:path'
import { invariant } from '@samsa/runtime/internal'
import { descriptorLimit } from './descriptor-limit.js'
import { Descriptors } from './descriptors.js'
import { type DiskCalls, nodeCalls, writeFully } from './disk-calls.js'
import { DiskFile } from './disk-file.js'
import type { FileHandle, FileSystem } from './file-system.js'
import { type StorageOperation, storageErrorOf } from './storage-error.js'

export interface DiskOptions {
  /** Most files that have a descriptor at once, but for those that are in use just then. Default: from the system's limit. */
  readonly maxOpenFiles?: number | undefined
  readonly calls?: Partial<DiskCalls>
}

export class DiskFileSystem implements FileSystem {
  readonly #calls: DiskCalls
  readonly #descriptors: Descriptors

  constructor({ maxOpenFiles = descriptorLimit(), calls = {} }: DiskOptions = {}) {
    invariant(maxOpenFiles >= 1, 'a disk has at least one file open')
    this.#calls = { ...nodeCalls, ...calls }
    this.#descriptors = new Descriptors(maxOpenFiles, this.#calls)
  }

  /** How many files have a descriptor. */
  get openFileCount(): number {
    return this.#descriptors.count
  }

  open(path: string, options: { readonly create?: boolean } = {}): FileHandle {
    return new DiskFile(this.#descriptors.open(path, options.create === true), this.#calls)
  }

  exists(path: string): boolean {
    return existsSync(path)
  }

  list(path: string): string[] {
    return attempt('list', path, () => this.#descriptors.withRoom(() => readdirSync(path)))
  }

  isDirectory(path: string): boolean {
    return attempt('inspect', path, () => statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false)
  }

  sizeOf(path: string): number {
    return attempt('inspect', path, () => statSync(path).size)
  }

  readFile(path: string): Buffer {
    return attempt('read', path, () => this.#descriptors.withRoom(() => readFileSync(path)))
  }

  writeFileAtomically(path: string, content: Uint8Array): void {
    const temporary = `${path}.tmp`
    attempt('replace', path, () => {
      try {
        const descriptor = this.#descriptors.withRoom(() => openSync(temporary, 'w', 0o644))
        try {
          writeFully(this.#calls, descriptor, [content], content.length, 0)
          fsyncSync(descriptor)
        } finally {
          closeSync(descriptor)
        }
        this.#descriptors.renaming(temporary, path, () => renameSync(temporary, path))
      } catch (error) {
        removeQuietly(temporary)
        throw error
      }
      this.#syncEntries(dirname(path))
    })
  }

  makeDirectory(path: string): void {
    attempt('make directory', path, () => mkdirSync(path, { recursive: true }))
  }

  rename(from: string, to: string): void {
    attempt('rename', from, () => this.#descriptors.renaming(from, to, () => renameSync(from, to)))
  }

  remove(path: string): void {
    attempt('remove', path, () => {
      // Asked first, since most that is removed is not there, and an error costs more than a look.
      if (lstatSync(path, { throwIfNoEntry: false }) === undefined) return
      this.#descriptors.removing(path, () => unlinkSync(path))
    })
  }

  removeDirectory(path: string): void {
    attempt('remove', path, () =>
      this.#descriptors.removing(path, () => rmSync(path, { recursive: true, force: true })),
    )
  }

  async syncDirectory(path: string): Promise<void> {
    if (!directoriesCanBeSynced) return
    if (!this.#descriptors.hasTurn()) await this.#descriptors.waitForTurn()
    try {
      const descriptor = this.#descriptors.withRoom(() => openSync(path, 'r'))
      await new Promise<void>((resolve, reject) => {
        fsync(descriptor, error => {
          closeSync(descriptor)
          if (error === null) resolve()
          else reject(error)
        })
      })
    } catch (error) {
      throw storageErrorOf('sync', path, error)
    } finally {
      this.#descriptors.giveTurnBack()
    }
  }

  syncDirectoryNow(path: string): void {
    attempt('sync', path, () => this.#syncEntries(path))
  }

  space(path: string): { readonly total: number; readonly usable: number } {
    return attempt('inspect', path, () => {
      const { blocks, bavail, bsize } = statfsSync(path)
      return { total: blocks * bsize, usable: bavail * bsize }
    })
  }

  #syncEntries(path: string): void {
    if (!directoriesCanBeSynced) return
    const descriptor = this.#descriptors.withRoom(() => openSync(path, 'r'))
    try {
      fsyncSync(descriptor)
    } finally {
      closeSync(descriptor)
    }
  }
}

/** Windows opens no directories; it keeps entries in its journal. */
const directoriesCanBeSynced: boolean = process.platform !== 'win32'

/** Why it has to go is what is told, whatever happens to it. */
function removeQuietly(path: string): void {
  try {
    rmSync(path, { force: true })
  } catch {
    // A later attempt writes it anew.
  }
}

function attempt<T>(operation: StorageOperation, path: string, work: () => T): T {
  try {
    return work()
  } catch (error) {
    throw storageErrorOf(operation, path, error)
  }
}
