/**
 * Entropy coding of Zstandard (RFC 8878, section 4): bits that are read backwards, FSE tables and Huffman tables.
 *
 * Tables live as long as their owner and are filled anew for each block that brings one: building allocates nothing.
 */
import { corrupt } from './codec.js'
import { ZSTD_FRAME } from './zstd-frame.js'

const FSE_MAX_LOG = 9
const FSE_MAX_SYMBOLS = 256
const HUFFMAN_MAX_BITS = 11

/**
 * Reads a stream of bits from its end to its start: the last bit that is set in the last byte marks where it begins.
 *
 * Four bytes are loaded at once, the last of them being the one with the next bit. They may reach back before the stream,
 * never before the input: a frame's magic number lies there, and what is read too much is shifted out.
 */
export class BackwardBits {
  /** Of the whole input. */
  view: DataView = new DataView(new ArrayBuffer(0))
  #start = 0
  /** Bits not read yet. */
  left = 0

  attach(input: Uint8Array): void {
    this.view = new DataView(input.buffer, input.byteOffset, input.byteLength)
  }

  open(start: number, end: number): void {
    const last = end > start ? this.view.getUint8(end - 1) : 0
    if (last === 0) throw corrupt(ZSTD_FRAME, end, 'a stream of bits without its end mark')
    this.#start = start
    this.left = (end - start) * 8 - Math.clz32(last) + 23
  }

  /** The next `count` bits, 0 to 25. */
  read(count: number): number {
    const left = this.left
    if (count > left) throw corrupt(ZSTD_FRAME, this.#start, 'a stream of bits ends too early')
    this.left = left - count
    const word = this.view.getInt32(this.#start + ((left + 7) >>> 3) - 4, true)
    return (word >>> (32 - (-left & 7) - count)) & ((1 << count) - 1)
  }

  /** The next `count` bits, 0 to 31. */
  readLong(count: number): number {
    if (count <= 25) return this.read(count)
    const high = this.read(count - 16)
    return high * 0x10000 + this.read(16)
  }
}

const probabilities = new Int16Array(FSE_MAX_SYMBOLS)
const nextState = new Uint16Array(FSE_MAX_SYMBOLS)

/** A table of finite state entropy: an entry holds a symbol, the bits to the next state and the state they are added to. */
export class FseTable {
  /** `symbol << 24 | bits << 16 | base`, one entry a state. */
  readonly entries: Int32Array = new Int32Array(1 << FSE_MAX_LOG)
  log = 0

  /** The table that knows one symbol and needs no bits. */
  setSingle(symbol: number): void {
    this.log = 0
    this.entries[0] = symbol << 24
  }

  setProbabilities(values: readonly number[], log: number): void {
    probabilities.set(values)
    this.#build(values.length, log)
  }

  /** Reads a table of symbols up to `maxSymbol` from `at`; returns where it ends. */
  read(source: Uint8Array, at: number, end: number, maxSymbol: number, maxLog: number): number {
    const log = ((source[at] ?? 0) & 15) + 5
    if (log > maxLog) throw corrupt(ZSTD_FRAME, at, `an FSE table of accuracy ${log}, where ${maxLog} is the most`)
    let bitAt = 4
    let remaining = 1 << log
    let symbol = 0
    while (remaining > 0) {
      if (symbol > maxSymbol) throw corrupt(ZSTD_FRAME, at, `an FSE table of more than ${maxSymbol + 1} symbols`)
      const bits = 32 - Math.clz32(remaining + 1)
      // So many of the smallest values are told with one bit less.
      const short = (1 << bits) - 2 - remaining
      const word = forwardBits(source, at, end, bitAt)
      let value = word & ((1 << (bits - 1)) - 1)
      if (value < short) bitAt += bits - 1
      else {
        value = word & ((1 << bits) - 1)
        if (value >= 1 << (bits - 1)) value -= short
        bitAt += bits
      }
      const probability = value - 1
      remaining -= Math.abs(probability)
      probabilities[symbol++] = probability
      if (probability !== 0) continue
      for (let repeat = 3; repeat === 3; bitAt += 2) {
        repeat = forwardBits(source, at, end, bitAt) & 3
        if (symbol + repeat > maxSymbol + 1)
          throw corrupt(ZSTD_FRAME, at, `an FSE table of more than ${maxSymbol + 1} symbols`)
        for (let index = 0; index < repeat; index++) probabilities[symbol++] = 0
      }
    }
    if (remaining < 0)
      throw corrupt(ZSTD_FRAME, at, 'an FSE table whose probabilities are more than they may be together')
    const tableEnd = at + ((bitAt + 7) >>> 3)
    if (tableEnd > end) throw corrupt(ZSTD_FRAME, at, 'the bytes end inside an FSE table')
    this.#build(symbol, log)
    return tableEnd
  }

  #build(symbolCount: number, log: number): void {
    const { entries } = this
    const size = 1 << log
    this.log = log
    let high = size
    for (let symbol = 0; symbol < symbolCount; symbol++) {
      const probability = probabilities[symbol] ?? 0
      if (probability === -1) entries[--high] = symbol
      nextState[symbol] = Math.abs(probability)
    }
    const step = (size >>> 1) + (size >>> 3) + 3
    let position = 0
    for (let symbol = 0; symbol < symbolCount; symbol++) {
      for (let count = probabilities[symbol] ?? 0; count > 0; count--) {
        entries[position] = symbol
        do position = (position + step) & (size - 1)
        while (position >= high)
      }
    }
    for (let state = 0; state < size; state++) {
      const symbol = entries[state] ?? 0
      const next = nextState[symbol] ?? 0
      nextState[symbol] = next + 1
      const bits = log - 31 + Math.clz32(next)
      entries[state] = (symbol << 24) | (bits << 16) | ((next << bits) - size)
    }
  }
}

/** At least 17 bits from `bitAt` on, counted from byte `at`, the next in the lowest place; zeros behind `end`. */
function forwardBits(source: Uint8Array, at: number, end: number, bitAt: number): number {
  const first = at + (bitAt >>> 3)
  let word = 0
  for (let index = 0; index < 3 && first + index < end; index++) word |= (source[first + index] ?? 0) << (index * 8)
  return word >>> (bitAt & 7)
}

const weights = new Uint8Array(256)
const rankStart = new Uint16Array(HUFFMAN_MAX_BITS + 2)
const weightTable = new FseTable()

/** A Huffman table of literals, indexed by as many bits as its longest code has. */
export class HuffmanTable {
  /** `symbol << 8 | bits of the code`, for every value of the next `log` bits. */
  readonly entries: Uint16Array = new Uint16Array(1 << HUFFMAN_MAX_BITS)
  /** 0 while there is no table. */
  log = 0

  /** Reads the description of a table from `at`; returns where it ends. */
  read(source: Uint8Array, bits: BackwardBits, at: number, end: number): number {
    if (at >= end) throw corrupt(ZSTD_FRAME, at, 'the bytes end before a Huffman table')
    const header = source[at] ?? 0
    const tableEnd = at + 1 + (header < 128 ? header : (header - 126) >>> 1)
    if (tableEnd > end) throw corrupt(ZSTD_FRAME, at, 'the bytes end inside a Huffman table')
    this.#build(
      header < 128 ? readCodedWeights(source, bits, at + 1, tableEnd) : readPlainWeights(source, at + 1, header - 127),
      at,
    )
    return tableEnd
  }

  #build(count: number, at: number): void {
    let sum = 0
    rankStart.fill(0)
    for (let symbol = 0; symbol < count; symbol++) {
      const weight = weights[symbol] ?? 0
      if (weight > HUFFMAN_MAX_BITS) throw corrupt(ZSTD_FRAME, at, `a Huffman weight of ${weight}`)
      sum += (1 << weight) >>> 1
    }
    const log = 32 - Math.clz32(sum)
    const rest = (1 << log) - sum
    if (sum === 0 || log > HUFFMAN_MAX_BITS || (rest & (rest - 1)) !== 0)
      throw corrupt(ZSTD_FRAME, at, 'the weights of a Huffman table do not add up')
    // The last weight is not told: it is what is missing to a power of two.
    weights[count] = 32 - Math.clz32(rest)
    for (let symbol = 0; symbol <= count; symbol++) {
      const weight = weights[symbol] ?? 0
      if (weight > 0) rankStart[weight + 1] = (rankStart[weight + 1] ?? 0) + (1 << (weight - 1))
    }
    for (let weight = 2; weight <= log; weight++)
      rankStart[weight] = (rankStart[weight] ?? 0) + (rankStart[weight - 1] ?? 0)
    for (let symbol = 0; symbol <= count; symbol++) {
      const weight = weights[symbol] ?? 0
      if (weight === 0) continue
      const from = rankStart[weight] ?? 0
      const to = from + (1 << (weight - 1))
      this.entries.fill((symbol << 8) | (log + 1 - weight), from, to)
      rankStart[weight] = to
    }
    this.log = log
  }
}

function readPlainWeights(source: Uint8Array, at: number, count: number): number {
  for (let symbol = 0; symbol < count; symbol++) {
    const pair = source[at + (symbol >>> 1)] ?? 0
    weights[symbol] = (symbol & 1) === 0 ? pair >>> 4 : pair & 15
  }
  return count
}

/** Weights in FSE: two states take turns until the bits run out, and the one whose turn it is not has the last word. */
function readCodedWeights(source: Uint8Array, bits: BackwardBits, at: number, end: number): number {
  const { entries } = weightTable
  bits.open(weightTable.read(source, at, end, HUFFMAN_MAX_BITS + 1, 6), end)
  let state = bits.read(weightTable.log)
  let other = bits.read(weightTable.log)
  for (let count = 0; count < 254; ) {
    const entry = entries[state] ?? 0
    weights[count++] = entry >>> 24
    const needed = (entry >>> 16) & 0xff
    if (needed > bits.left) {
      weights[count++] = (entries[other] ?? 0) >>> 24
      return count
    }
    state = other
    other = (entry & 0xffff) + bits.read(needed)
  }
  throw corrupt(ZSTD_FRAME, at, 'a Huffman table of more than 255 weights')
}
