/**
 * OffsetMap: the last offset of each key in the part of a log that is being compacted. A key is known by 128 bits of its
 * SHA-256, so an entry takes 24 bytes however long the key is. Of a fixed size: when it is full, the pass goes as far as
 * the map reaches and the next one continues there. One pass owns it; nothing is ever taken out.
 */
import { hash } from 'node:crypto'

export const OFFSET_MAP_ENTRY_BYTES = 24

const HASH_WORDS = 4

export interface OffsetMapLimits {
  /** What all entries may take up, free ones included. */
  readonly memoryBytes: number
  /** How full it may become: above 0, at most 1. */
  readonly loadFactor: number
}

export class OffsetMap {
  /** Most keys that it takes; at least one, or a pass would not get on. */
  readonly capacity: number
  readonly #slots: number
  readonly #hashes: Uint32Array
  /** The offset plus one; 0 where the slot is free. */
  readonly #offsets: Float64Array
  #size = 0

  /** `mostKeys`: more can not come, so that no more room is taken than they need. */
  constructor(limits: OffsetMapLimits, mostKeys: number) {
    const allowed = Math.max(2, Math.floor(limits.memoryBytes / OFFSET_MAP_ENTRY_BYTES))
    const needed = Math.ceil(Math.max(1, mostKeys) / limits.loadFactor) + 1
    this.#slots = Math.min(allowed, needed)
    // One slot stays free, where a search for what is not there ends.
    this.capacity = Math.min(this.#slots - 1, Math.max(1, Math.floor(this.#slots * limits.loadFactor)))
    this.#hashes = new Uint32Array(this.#slots * HASH_WORDS)
    this.#offsets = new Float64Array(this.#slots)
  }

  get size(): number {
    return this.#size
  }

  get isFull(): boolean {
    return this.#size >= this.capacity
  }

  /** Notes where the key stands. False, and nothing is noted, when the map is full, whether or not it knows the key. */
  put(key: Uint8Array, offset: number): boolean {
    if (this.isFull) return false
    const digest = digestOf(key)
    const slot = this.#find(digest)
    if (this.#offsets[slot] === 0) {
      for (let word = 0; word < HASH_WORDS; word++) {
        this.#hashes[slot * HASH_WORDS + word] = digest.readUInt32LE(word * 4)
      }
      this.#size++
    }
    this.#offsets[slot] = offset + 1
    return true
  }

  /** The last offset that was noted for the key, or -1. */
  get(key: Uint8Array): number {
    return (this.#offsets[this.#find(digestOf(key))] ?? 0) - 1
  }

  /** The slot of the key, or the free one where it belongs. */
  #find(digest: Buffer): number {
    const first = digest.readUInt32LE(0)
    let slot = first % this.#slots
    while (this.#offsets[slot] !== 0 && !this.#holds(slot, digest, first))
      slot = slot + 1 === this.#slots ? 0 : slot + 1
    return slot
  }

  #holds(slot: number, digest: Buffer, first: number): boolean {
    const at = slot * HASH_WORDS
    if (this.#hashes[at] !== first) return false
    for (let word = 1; word < HASH_WORDS; word++) {
      if (this.#hashes[at + word] !== digest.readUInt32LE(word * 4)) return false
    }
    return true
  }
}

function digestOf(key: Uint8Array): Buffer {
  return hash('sha256', key, 'buffer')
}
