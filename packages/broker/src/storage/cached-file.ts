/**
 * CachedFile: one file of a simulated disk: what programs see of it, what is on the platter, and the changes between the
 * two. A loss of power takes any of them, as real systems do: nothing of what was not synced, all of it, the first
 * changes and a torn one, or sectors here and there, with zeros or leftovers in the holes.
 *
 * Knows nothing of names: an entry in a directory is lost or kept by itself (`directory-journal.ts`).
 */
import type { Random } from '@samsa/runtime'

/** What a disk writes whole or not at all. */
const SECTOR_BYTES = 512

type Change =
  | { readonly sequence: number; readonly position: number; readonly bytes: Uint8Array }
  | { readonly sequence: number; readonly size: number }

export class CachedFile {
  #seen: GrowingBytes
  #kept: GrowingBytes
  #changes: Change[] = []
  #nextSequence = 0

  constructor(content: Uint8Array = new Uint8Array(0)) {
    this.#seen = new GrowingBytes(content)
    this.#kept = new GrowingBytes(content)
  }

  get size(): number {
    return this.#seen.size
  }

  read(position: number, length: number): Buffer {
    return this.#seen.read(position, length)
  }

  write(position: number, bytes: Uint8Array): void {
    const change = { sequence: this.#nextSequence++, position, bytes: Buffer.from(bytes) }
    this.#changes.push(change)
    apply(this.#seen, change)
  }

  truncate(size: number): void {
    const change = { sequence: this.#nextSequence++, size }
    this.#changes.push(change)
    apply(this.#seen, change)
  }

  /** A sync begins; the call that it gives back ends it: everything that was changed before it began is kept then. */
  beginSync(): () => void {
    const until = this.#nextSequence
    return () => {
      while (this.#changes[0] !== undefined && this.#changes[0].sequence < until) {
        const [change] = this.#changes.splice(0, 1)
        if (change !== undefined) apply(this.#kept, change)
      }
    }
  }

  /** A sync failed: the system takes the changes for written, and they never will be. They can still be read. */
  dropChanges(): void {
    this.#changes = []
  }

  /** The file after the end of the process: all that was seen is there, as much of it on the platter as before. */
  afterProcessEnd(): CachedFile {
    const file = new CachedFile()
    file.#seen = this.#seen.copy()
    file.#kept = this.#kept.copy()
    file.#changes = [...this.#changes]
    file.#nextSequence = this.#nextSequence
    return file
  }

  /** The file after a loss of power. */
  afterPowerLoss(random: Random): CachedFile {
    return new CachedFile(this.#survivor(random).content())
  }

  #survivor(random: Random): GrowingBytes {
    const count = this.#changes.length
    if (count === 0) return this.#kept
    const survivor = this.#kept.copy()
    const fate = random.integer(0, 5)
    if (fate === 0) return survivor
    const whole = fate === 1 ? count : random.integer(0, count)
    for (const change of this.#changes.slice(0, whole)) apply(survivor, change)
    const next = this.#changes[whole]
    if (next === undefined) return survivor
    if (fate < 4) tear(survivor, next, random)
    else scatter(survivor, this.#seen, random)
    return survivor
  }
}

/** The first sectors of a change reached the disk; what the file's new size promises behind them may be anything. */
function tear(file: GrowingBytes, change: Change, random: Random): void {
  if (!('bytes' in change)) return
  const end = change.position + change.bytes.length
  const cut = Math.min(end, ceilToSector(change.position + random.integer(0, change.bytes.length + 1)))
  const reached = Math.max(0, cut - change.position)
  file.write(change.position, change.bytes.subarray(0, reached))
  const tail = Math.max(0, end - Math.max(file.size, change.position + reached))
  const kind = random.integer(0, 3)
  if (kind === 1) file.resize(file.size + tail)
  else if (kind === 2) file.write(file.size, random.bytes(Math.min(tail, 2 * SECTOR_BYTES)))
}

/** Every sector that differs from what was seen last is new, or as it was, or never written. */
function scatter(file: GrowingBytes, seen: GrowingBytes, random: Random): void {
  const oldSize = file.size
  const low = Math.min(oldSize, seen.size)
  const high = Math.max(oldSize, seen.size)
  file.resize(random.integer(low, high + 1))
  for (let at = 0; at < file.size; at += SECTOR_BYTES) {
    const length = Math.min(SECTOR_BYTES, file.size - at)
    const now = seen.read(at, length)
    if (now.equals(file.read(at, length))) continue
    const fate = random.integer(0, 4)
    if (fate < 2) file.write(at, now)
    else if (fate === 3 && at >= oldSize) file.write(at, random.bytes(length))
  }
}

function apply(file: GrowingBytes, change: Change): void {
  if ('bytes' in change) file.write(change.position, change.bytes)
  else file.resize(change.size)
}

function ceilToSector(position: number): number {
  return Math.ceil(position / SECTOR_BYTES) * SECTOR_BYTES
}

/** Bytes that grow by doubling; behind `size` they are zeros. */
class GrowingBytes {
  #bytes: Buffer
  #size: number

  constructor(content: Uint8Array) {
    this.#bytes = Buffer.from(content)
    this.#size = content.length
  }

  get size(): number {
    return this.#size
  }

  copy(): GrowingBytes {
    return new GrowingBytes(this.content())
  }

  content(): Buffer {
    return this.#bytes.subarray(0, this.#size)
  }

  read(position: number, length: number): Buffer {
    const end = Math.min(this.#size, position + length)
    return Buffer.from(this.#bytes.subarray(Math.min(position, end), end))
  }

  write(position: number, bytes: Uint8Array): void {
    const end = position + bytes.length
    if (end > this.#size) this.resize(end)
    this.#bytes.set(bytes, position)
  }

  resize(size: number): void {
    if (size > this.#bytes.length) {
      const grown = Buffer.alloc(Math.max(size, 2 * this.#bytes.length))
      this.#bytes.copy(grown, 0, 0, this.#size)
      this.#bytes = grown
    } else if (size < this.#size) this.#bytes.fill(0, size, this.#size)
    this.#size = size
  }
}
