/**
 * Randomness as everything in Samsa sees it: jitter, ids, choices. Nothing else in the project asks for randomness, so
 * that a seed replays a run. The seeded source is xoshiro128** by Blackman and Vigna, written from its published
 * definition; its state belongs to the one object.
 */
import { createHash, randomFillSync } from 'node:crypto'
import { invariant } from './invariant.js'

export interface Random {
  /** A number from 0 up to but not including 1, in steps of 2^-53. */
  next(): number
  /** A whole number from `min` up to but not including `max`, each equally likely. */
  integer(min: number, max: number): number
  bytes(count: number): Uint8Array
  /**
   * A source of its own for one purpose. A seeded source derives it from its seed and the label alone, so that what
   * one purpose draws never shifts what another one gets; the same label gives the same sequence.
   */
  fork(label: string): Random
}

/** The same seed gives the same sequence, on every machine and in every version. Not for secrets. */
export class SeededRandom implements Random {
  /** To be printed with a failure, so that it can be replayed. */
  readonly seed: string
  #s0: number
  #s1: number
  #s2: number
  #s3: number

  constructor(seed: number | string) {
    this.seed = String(seed)
    const digest = createHash('sha256').update(this.seed).digest()
    this.#s0 = digest.readUInt32LE(0)
    this.#s1 = digest.readUInt32LE(4)
    this.#s2 = digest.readUInt32LE(8)
    this.#s3 = digest.readUInt32LE(12)
  }

  /** The generator at a state of its published definition: four words of 32 bits, not all 0. */
  static fromState(s0: number, s1: number, s2: number, s3: number): SeededRandom {
    invariant((s0 | s1 | s2 | s3) !== 0, 'xoshiro128** cannot leave the state of all zeros')
    const random = new SeededRandom(`state ${s0} ${s1} ${s2} ${s3}`)
    random.#s0 = s0 >>> 0
    random.#s1 = s1 >>> 0
    random.#s2 = s2 >>> 0
    random.#s3 = s3 >>> 0
    return random
  }

  /** The generator's own output: 32 bits. */
  word(): number {
    const result = Math.imul(rotateLeft(Math.imul(this.#s1, 5), 7), 9) >>> 0
    const shifted = this.#s1 << 9
    this.#s2 ^= this.#s0
    this.#s3 ^= this.#s1
    this.#s1 ^= this.#s2
    this.#s0 ^= this.#s3
    this.#s2 ^= shifted
    this.#s3 = rotateLeft(this.#s3, 11)
    return result
  }

  next(): number {
    return fraction(this)
  }

  integer(min: number, max: number): number {
    return integerBetween(this, min, max)
  }

  bytes(count: number): Uint8Array {
    const bytes = new Uint8Array(checkedCount(count))
    for (let offset = 0; offset < count; offset += 4) {
      const word = this.word()
      for (let index = 0; index < 4 && offset + index < count; index++) bytes[offset + index] = word >>> (8 * index)
    }
    return bytes
  }

  fork(label: string): SeededRandom {
    return new SeededRandom(`${this.seed} / ${label}`)
  }
}

/** Randomness of the system, good enough for secrets. */
export const systemRandom: Random = {
  next: () => fraction(systemWords),
  integer: (min, max) => integerBetween(systemWords, min, max),
  bytes: count => randomFillSync(new Uint8Array(checkedCount(count))),
  fork: () => systemRandom,
}

interface WordSource {
  /** 32 bits as a number from 0 to 2^32 - 1. */
  word(): number
}

/** One call into the system for many words: the call costs a hundred times what a word does. */
const systemWords: WordSource & { readonly pool: Uint32Array; used: number } = {
  pool: new Uint32Array(256),
  used: 256,
  word() {
    if (this.used === this.pool.length) {
      randomFillSync(this.pool)
      this.used = 0
    }
    const word = this.pool[this.used] ?? 0
    // A word is handed out once and is not to be found in memory afterwards.
    this.pool[this.used++] = 0
    return word
  },
}

function rotateLeft(word: number, bits: number): number {
  return (word << bits) | (word >>> (32 - bits))
}

function fraction(source: WordSource): number {
  const high = source.word() >>> 5
  const low = source.word() >>> 6
  return (high * 2 ** 26 + low) / 2 ** 53
}

function integerBetween(source: WordSource, min: number, max: number): number {
  const range = max - min
  if (!Number.isSafeInteger(min) || !Number.isSafeInteger(max) || range <= 0 || range > Number.MAX_SAFE_INTEGER) {
    throw new RangeError(`integer() needs whole numbers min < max that are not too far apart, got ${min} and ${max}`)
  }
  const words = range <= 2 ** 32 ? 1 : 2
  const span = words === 1 ? 2 ** 32 : 2 ** 53
  // Draws above the largest multiple of the range are thrown away, or the low results would be likelier. Less than
  // half of all draws are, so a hundred in a row mean that the source is broken.
  const limit = span - (span % range)
  for (let draw = 0; draw < 100; draw++) {
    const value = words === 1 ? source.word() : fraction(source) * 2 ** 53
    if (value < limit) return min + (value % range)
  }
  throw new RangeError('the source of randomness gives the same high values without end')
}

function checkedCount(count: number): number {
  if (Number.isSafeInteger(count) && count >= 0) return count
  throw new RangeError(`bytes() needs a whole number of bytes, got ${count}`)
}
