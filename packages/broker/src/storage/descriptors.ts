/**
 * Descriptors: which of a file system's open files hold one of the system's descriptors. An open file is known by its
 * path and keeps no descriptor for itself: one is opened when the file is used, and of more than `limit` those that were
 * used longest ago are closed again. So ten thousand partitions need no more descriptors than a process may have.
 *
 * What keeps its descriptor whatever the limit says: a file that the thread pool reads or syncs (of these, only so many
 * begin at a time), and one whose name is gone, since nothing would lead back to it. A rename takes open files along;
 * those of a directory, if they lie in it and not deeper. Another file in the place of an evicted one is never opened.
 *
 * A descriptor that was written to and not synced goes only when there is no other. The system tells an error of writing
 * back to whoever syncs next. Linux (4.17 and later) tells it to one that opened the file after it happened too, as long
 * as it remembers the file at all; other systems may have told nobody. Files that are synced as they are written, as
 * with `flush: 'always'`, are in this state for one turn of the event loop only.
 */
import { constants } from 'node:fs'
import { RingBuffer } from '@samsa/runtime/internal'
import { isOutOfDescriptors, StorageError, storageErrorOf, systemCodeOf } from './storage-error.js'

export interface DescriptorCalls {
  open(path: string, flags: number): number
  close(descriptor: number): void
  /** What tells a file from another one under the same name, and its size. */
  identify(descriptor: number): { readonly identity: string; readonly size: number }
}

interface Opened {
  readonly number: number
  /** Why it can only be read from. */
  readonly refusal: unknown
  readonly identity: string
  readonly size: number
}

/** A part of them may be in use by the thread pool at once; more than it has threads is enough. */
const HELD_PART = 4
const LEAST_HELD = 4
/** Closed at once when the process has none left: as many as a small step further needs. */
const EVICTED_WHEN_OUT = 8

const NONE = -1

export class Descriptors {
  readonly #calls: DescriptorCalls
  readonly #limit: number
  readonly #maxHeld: number
  readonly #clean = new UseOrder()
  readonly #dirty = new UseOrder()
  /** By the directory they lie in. */
  readonly #files = new Map<string, Set<OpenFile>>()
  /** Who waits for a turn in the thread pool: a sync a file, and a read each that somebody waits for. */
  readonly #waiting = new RingBuffer<() => void>()
  #open = 0
  #held = 0

  constructor(limit: number, calls: DescriptorCalls) {
    this.#limit = limit
    this.#maxHeld = Math.max(LEAST_HELD, Math.floor(limit / HELD_PART))
    this.#calls = calls
  }

  /** How many are open. */
  get count(): number {
    return this.#open
  }

  open(path: string, create: boolean): OpenFile {
    const file = new OpenFile(this, path)
    file.openFirst(create)
    this.#enter(file)
    return file
  }

  /** Runs what needs a descriptor of its own for a moment; where the process has none left, files here give theirs. */
  withRoom<T>(work: () => T): T {
    try {
      return work()
    } catch (error) {
      if (!isOutOfDescriptors(error) || !this.#evict(EVICTED_WHEN_OUT)) throw error
      return work()
    }
  }

  /** Renames, and keeps open files readable: those renamed under their new name, those replaced without one. */
  renaming(from: string, to: string, rename: () => void): void {
    this.#losingNames(from === to ? [] : this.#at(to), rename)
    for (const file of [...this.#at(from), ...(this.#files.get(from) ?? [])]) {
      this.#leave(file)
      file.path = to + file.path.slice(from.length)
      this.#enter(file)
    }
  }

  /** Removes a file, or a directory with the files in it, and keeps those readable that are open. */
  removing(path: string, remove: () => void): void {
    this.#losingNames([...this.#at(path), ...(this.#files.get(path) ?? [])], remove)
  }

  /** A turn in the thread pool is had at once, or somebody has to wait for it; whoever had one gives it back. */
  hasTurn(): boolean {
    if (this.#held >= this.#maxHeld) return false
    this.#held++
    return true
  }

  waitForTurn(): Promise<void> {
    return new Promise(resolve => this.#waiting.push(resolve))
  }

  giveTurnBack(): void {
    const next = this.#waiting.shift()
    if (next === undefined) this.#held--
    else next()
  }

  // What follows is for OpenFile.

  openNumber(path: string, create: boolean): Opened {
    if (this.#open >= this.#limit) this.#evict(this.#open - this.#limit + 1)
    try {
      return this.withRoom(() => this.#openNow(path, create))
    } catch (error) {
      throw storageErrorOf('open', path, error)
    }
  }

  closeNumber(number: number): void {
    this.#open--
    this.#calls.close(number)
  }

  used(file: OpenFile): void {
    const order = file.isDirty ? this.#dirty : this.#clean
    if (order.newest === file) return
    this.inUse(file)
    order.add(file)
  }

  /** Not to be evicted until it is `used` again. */
  inUse(file: OpenFile): void {
    file.order?.remove(file)
  }

  forget(file: OpenFile): void {
    this.inUse(file)
    if (!file.isNameless) this.#leave(file)
  }

  #openNow(path: string, create: boolean): Opened {
    let refusal: unknown
    let number: number
    try {
      number = this.#calls.open(path, constants.O_RDWR | (create ? constants.O_CREAT : 0))
    } catch (error) {
      // A volume that has become read-only is still to be read.
      if (!isReadOnly(error)) throw error
      refusal = error
      number = this.#openForReading(path, error)
    }
    this.#open++
    try {
      return { number, refusal, ...this.#calls.identify(number) }
    } catch (error) {
      this.closeNumber(number)
      throw error
    }
  }

  #openForReading(path: string, refusal: unknown): number {
    try {
      return this.#calls.open(path, constants.O_RDONLY)
    } catch (error) {
      throw systemCodeOf(error) === 'ENOENT' ? refusal : error
    }
  }

  #evict(count: number): boolean {
    let evicted = 0
    for (; evicted < count; evicted++) {
      const file = this.#clean.oldest ?? this.#dirty.oldest
      if (file === undefined) break
      this.inUse(file)
      file.evict()
    }
    return evicted > 0
  }

  /** Files that are open when their name goes get a descriptor first, and keep it. */
  #losingNames(files: readonly OpenFile[], work: () => void): void {
    const pinned: OpenFile[] = []
    try {
      for (const file of files) if (file.pin()) pinned.push(file)
      work()
      for (const file of pinned) {
        this.#leave(file)
        file.isNameless = true
      }
    } finally {
      for (const file of pinned) file.unpin()
    }
  }

  #at(path: string): OpenFile[] {
    const found: OpenFile[] = []
    for (const file of this.#files.get(directoryOf(path)) ?? []) if (file.path === path) found.push(file)
    return found
  }

  #enter(file: OpenFile): void {
    const directory = directoryOf(file.path)
    const files = this.#files.get(directory)
    if (files === undefined) this.#files.set(directory, new Set([file]))
    else files.add(file)
  }

  #leave(file: OpenFile): void {
    const directory = directoryOf(file.path)
    const files = this.#files.get(directory)
    files?.delete(file)
    if (files?.size === 0) this.#files.delete(directory)
  }
}

/** A file that is open for who uses it, whether it has a descriptor at the moment or not. */
export class OpenFile {
  path: string
  isNameless = false
  /** What went wrong with bytes that were written: nothing more is written or synced. */
  failure: StorageError | undefined
  // Its place among those that may be evicted; they are set by `UseOrder` alone.
  order: UseOrder | undefined
  older: OpenFile | undefined
  newer: OpenFile | undefined
  readonly #owner: Descriptors
  #number = NONE
  /** Why the descriptor can only be read from. */
  #refusal: unknown
  /** A descriptor that could not write and is still being read from. */
  #replaced: number[] = []
  #identity = ''
  #sizeAtOpen = 0
  #writes = 0
  #synced = 0
  #users = 0
  #isReleased = false

  constructor(owner: Descriptors, path: string) {
    this.#owner = owner
    this.path = path
  }

  get sizeAtOpen(): number {
    return this.#sizeAtOpen
  }

  get isDirty(): boolean {
    return this.#writes !== this.#synced
  }

  /** How often it was written to; what a sync covers. */
  get writes(): number {
    return this.#writes
  }

  openFirst(create: boolean): void {
    const { number, refusal, identity, size } = this.#owner.openNumber(this.path, create)
    this.#number = number
    this.#refusal = refusal
    this.#identity = identity
    this.#sizeAtOpen = size
    this.#used()
  }

  /** A descriptor for a call that is made before anything else happens. */
  forReading(): number {
    if (this.#number === NONE) this.#reopen()
    this.#used()
    return this.#number
  }

  /** As `forReading`; the file counts as written to from now on. */
  forWriting(): number {
    if (this.#number === NONE || this.#refusal !== undefined) this.#reopenForWriting()
    this.#writes++
    this.#used()
    return this.#number
  }

  /** Runs work in the thread pool on a descriptor that stays until it is done, however many there are. */
  async hold<T>(work: (descriptor: number) => Promise<T>): Promise<T> {
    this.#users++
    let hasTurn = this.#owner.hasTurn()
    try {
      if (!hasTurn) {
        await this.#owner.waitForTurn()
        hasTurn = true
      }
      if (this.#number === NONE) this.#reopen()
      this.#owner.inUse(this)
      return await work(this.#number)
    } finally {
      if (hasTurn) this.#owner.giveTurnBack()
      this.unpin()
    }
  }

  /** Everything up to the write with this number is on disk. */
  synced(writes: number): void {
    this.#synced = Math.max(this.#synced, writes)
  }

  /** Makes it have a descriptor that is not evicted; false when its file is not there any more. */
  pin(): boolean {
    try {
      if (this.#number === NONE) this.#reopen()
    } catch (error) {
      if (systemCodeOf(error) === 'ENOENT') return false
      throw error
    }
    this.#users++
    this.#owner.inUse(this)
    return true
  }

  unpin(): void {
    this.#users--
    if (this.#users > 0) return
    for (const number of this.#replaced.splice(0)) this.#owner.closeNumber(number)
    if (this.#isReleased) this.#close()
    else this.#used()
  }

  evict(): void {
    const number = this.#number
    this.#number = NONE
    try {
      this.#owner.closeNumber(number)
    } catch (cause) {
      // Network file systems tell only now that they could not write.
      if (this.isDirty) this.failure ??= storageErrorOf('close', this.path, cause)
    }
  }

  /** Gives the descriptor back, at once or when the last work on it is done. */
  release(): void {
    this.#isReleased = true
    if (this.#users === 0) this.#close()
  }

  #used(): void {
    if (this.#users === 0 && !this.isNameless && this.#number !== NONE) this.#owner.used(this)
  }

  #reopenForWriting(): void {
    this.#reopen()
    if (this.#refusal === undefined) return
    this.#used()
    throw storageErrorOf('open', this.path, this.#refusal)
  }

  #reopen(): void {
    const { number, refusal, identity } = this.#owner.openNumber(this.path, false)
    if (identity !== this.#identity) {
      this.#owner.closeNumber(number)
      throw new StorageError({ operation: 'open', path: this.path, why: 'another file is in its place' })
    }
    // While it was opened, this one may have been evicted itself.
    const before = this.#number
    if (before !== NONE && this.#users > 0) this.#replaced.push(before)
    else if (before !== NONE) this.#owner.closeNumber(before)
    this.#number = number
    this.#refusal = refusal
  }

  #close(): void {
    this.#owner.forget(this)
    const number = this.#number
    this.#number = NONE
    if (number === NONE) return
    try {
      this.#owner.closeNumber(number)
    } catch (error) {
      throw storageErrorOf('close', this.path, error)
    }
  }
}

/** Files by when they were used, linked both ways so that one can leave from the middle at once. */
class UseOrder {
  #oldest: OpenFile | undefined
  #newest: OpenFile | undefined

  get oldest(): OpenFile | undefined {
    return this.#oldest
  }

  get newest(): OpenFile | undefined {
    return this.#newest
  }

  add(file: OpenFile): void {
    file.order = this
    file.older = this.#newest
    file.newer = undefined
    if (this.#newest === undefined) this.#oldest = file
    else this.#newest.newer = file
    this.#newest = file
  }

  remove(file: OpenFile): void {
    if (file.older === undefined) this.#oldest = file.newer
    else file.older.newer = file.newer
    if (file.newer === undefined) this.#newest = file.older
    else file.newer.older = file.older
    file.order = undefined
    file.older = undefined
    file.newer = undefined
  }
}

function isReadOnly(error: unknown): boolean {
  const code = systemCodeOf(error)
  return code === 'EROFS' || code === 'EACCES' || code === 'EPERM'
}

function directoryOf(path: string): string {
  return path.slice(0, path.lastIndexOf('/'))
}
