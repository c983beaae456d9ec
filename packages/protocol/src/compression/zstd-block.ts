/**
 * Zstandard frames decompressed in JavaScript (RFC 8878), for machines without a native decoder.
 *
 * Work and memory are bounded by the blocks: each yields at most 128 KiB, every length is checked before it is written, and
 * a match is at least three bytes long, so that no input of n bytes can keep it busy for more than its output takes. The
 * frame's own checksum is passed over: the batch's CRC has covered the same bytes.
 *
 * Owner of one decoder's tables and literals, made on first use and used by one frame after the other.
 */
import { corrupt, tooLarge } from './codec.js'
import { BackwardBits, FseTable, HuffmanTable } from './zstd-entropy.js'
import { RAW_BLOCK, RLE_BLOCK, readZstdBlock, ZSTD_FRAME, type ZstdBlock, type ZstdFrame } from './zstd-frame.js'

const NOTHING = new Uint8Array(0)
const LITERALS_MAX_BYTES = 128 * 1024
/** A run of at least this many bytes is moved by the engine, a shorter one byte by byte. */
const BULK_BYTES = 48

const LITERAL_BITS = [...zeros(16), 1, 1, 1, 1, 2, 2, 3, 3, 4, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16]
const MATCH_BITS = [...zeros(32), 1, 1, 1, 1, 2, 2, 3, 3, 4, 4, 5, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16]

/** One of the three kinds of symbols that sequences are made of. */
interface SymbolKind {
  readonly maxSymbol: number
  readonly maxLog: number
  readonly predefined: FseTable
}

const LITERAL_LENGTH: SymbolKind = {
  maxSymbol: 35,
  maxLog: 9,
  predefined: predefined(6, [4, 3, ...twos(11), 1, 1, 1, ...twos(9), 3, 2, 1, 1, 1, 1, 1, -1, -1, -1, -1]),
}
const OFFSET: SymbolKind = {
  maxSymbol: 31,
  maxLog: 8,
  predefined: predefined(5, [...ones(6), 2, 2, 2, ...ones(15), -1, -1, -1, -1, -1]),
}
const MATCH_LENGTH: SymbolKind = {
  maxSymbol: 52,
  maxLog: 9,
  predefined: predefined(6, [1, 4, 3, ...twos(6), ...ones(37), -1, -1, -1, -1, -1, -1, -1]),
}
/** `base << 5 | extra bits` by code. */
const LITERAL_CODES = lengthCodes(LITERAL_BITS, 0)
const MATCH_CODES = lengthCodes(MATCH_BITS, 3)

let decoder: ZstdDecoder | undefined

/**
 * Decompresses `frame` of `source` into `target` from `from` on; returns where the output ends. `isCut` says that `target`
 * is shorter than all the frames can become: running out of it is then the caller's limit, else it is corruption.
 */
export function decompressZstdFrame(
  source: Uint8Array,
  frame: ZstdFrame,
  target: Uint8Array,
  from: number,
  isCut: boolean,
): number {
  decoder ??= new ZstdDecoder()
  return decoder.decompress(source, frame, target, from, isCut)
}

class ZstdDecoder {
  readonly #bits = new BackwardBits()
  readonly #huffman = new HuffmanTable()
  readonly #literalScratch = new Uint8Array(LITERALS_MAX_BYTES)
  readonly #lengthTable = new SequenceTable(LITERAL_LENGTH)
  readonly #offsetTable = new SequenceTable(OFFSET)
  readonly #matchTable = new SequenceTable(MATCH_LENGTH)
  /** The three offsets used last, the last one first. */
  #offset1 = 1
  #offset2 = 4
  #offset3 = 8
  /** The literals of the block at hand: a range of the source, or of the scratch. */
  #literals: Uint8Array = NOTHING
  #literalsAt = 0
  #literalsEnd = 0
  #source: Uint8Array = NOTHING
  #target: Uint8Array = NOTHING
  /** Where the frame's output begins: no match reaches back before it. */
  #frameStart = 0
  /** Where the output of the block at hand, and of the frame, has to end. */
  #blockLimit = 0
  #frameLimit = 0
  #isCut = false

  decompress(source: Uint8Array, frame: ZstdFrame, target: Uint8Array, from: number, isCut: boolean): number {
    this.#source = source
    this.#target = target
    this.#isCut = isCut
    this.#bits.attach(source)
    this.#frameStart = from
    this.#frameLimit = Math.min(target.length, from + (frame.contentBytes ?? target.length))
    this.#huffman.log = 0
    for (const table of [this.#lengthTable, this.#offsetTable, this.#matchTable]) table.current = undefined
    this.#offset1 = 1
    this.#offset2 = 4
    this.#offset3 = 8
    try {
      return this.#blocks(frame)
    } finally {
      this.#source = this.#target = this.#literals = NOTHING
      this.#bits.attach(NOTHING)
    }
  }

  #blocks(frame: ZstdFrame): number {
    const from = this.#frameStart
    let write = from
    for (let at = frame.blocksAt; at < frame.end; ) {
      const block = readZstdBlock(this.#source, at, frame.blockMaxBytes)
      this.#blockLimit = Math.min(this.#frameLimit, write + frame.blockMaxBytes)
      write = this.#block(block, write)
      if (block.isLast) break
      at = block.end
    }
    if (frame.contentBytes !== undefined && write - from !== frame.contentBytes)
      throw corrupt(ZSTD_FRAME, frame.blocksAt, `it became ${write - from} bytes, but claims ${frame.contentBytes}`)
    return write
  }

  #block(block: ZstdBlock, write: number): number {
    if (block.type !== RAW_BLOCK && block.type !== RLE_BLOCK) {
      const sequencesAt = this.#readLiterals(block.at, block.end)
      return this.#readSequences(sequencesAt, block.end, write)
    }
    const to = write + block.size
    if (to > this.#blockLimit) throw this.#overrun(block.at)
    if (block.type === RAW_BLOCK) this.#target.set(this.#source.subarray(block.at, block.end), write)
    else this.#target.fill(this.#source[block.at] ?? 0, write, to)
    return to
  }

  /** Finds or makes the literals of a block; returns where its sequences begin. */
  #readLiterals(at: number, end: number): number {
    const source = this.#source
    const head = source[at] ?? 0
    const format = (head >>> 2) & 3
    if ((head & 3) >= 2) return this.#readHuffmanLiterals(at, end, (head & 3) === 2, format)
    const headBytes = format === 1 ? 2 : format === 3 ? 3 : 1
    const dataAt = at + headBytes
    if (dataAt > end) throw corrupt(ZSTD_FRAME, at, 'a block ends inside the size of its literals')
    const packed = head | ((source[at + 1] ?? 0) << 8) | ((source[at + 2] ?? 0) << 16)
    const size = headBytes === 1 ? head >>> 3 : headBytes === 2 ? (packed & 0xffff) >>> 4 : packed >>> 4
    this.#checkLiterals(size, at)
    if ((head & 3) === 0) {
      if (size > end - dataAt) throw corrupt(ZSTD_FRAME, at, `${size} bytes of literals, but ${end - dataAt} are left`)
      this.#setLiterals(source, dataAt, dataAt + size)
      return dataAt + size
    }
    if (dataAt >= end) throw corrupt(ZSTD_FRAME, at, 'a block ends before its only literal')
    this.#literalScratch.fill(source[dataAt] ?? 0, 0, size)
    this.#setLiterals(this.#literalScratch, 0, size)
    return dataAt + 1
  }

  #readHuffmanLiterals(at: number, end: number, bringsTable: boolean, format: number): number {
    const source = this.#source
    const headBytes = format < 2 ? 3 : format + 2
    if (at + headBytes > end) throw corrupt(ZSTD_FRAME, at, 'a block ends inside the size of its literals')
    const sizeBits = format < 2 ? 10 : format === 2 ? 14 : 18
    let packed = 0
    for (let index = headBytes - 1; index >= 0; index--) packed = packed * 256 + (source[at + index] ?? 0)
    packed = Math.floor(packed / 16)
    const size = packed % 2 ** sizeBits
    const dataAt = at + headBytes
    const dataEnd = dataAt + Math.floor(packed / 2 ** sizeBits)
    this.#checkLiterals(size, at)
    if (dataEnd > end) throw corrupt(ZSTD_FRAME, at, 'the literals of a block are longer than the block')
    let streamAt = dataAt
    if (bringsTable) streamAt = this.#huffman.read(source, this.#bits, dataAt, dataEnd)
    else if (this.#huffman.log === 0)
      throw corrupt(ZSTD_FRAME, at, 'a block wants the Huffman table of a block before it')
    if (format === 0) this.#huffmanStream(streamAt, dataEnd, 0, size)
    else this.#huffmanStreams(streamAt, dataEnd, size)
    this.#setLiterals(this.#literalScratch, 0, size)
    return dataEnd
  }

  /** Four streams, each with a quarter of the literals, behind a table of the sizes of the first three. */
  #huffmanStreams(at: number, end: number, size: number): void {
    const quarter = (size + 3) >>> 2
    if (size < 6 || at + 6 > end) throw corrupt(ZSTD_FRAME, at, 'literals in four streams that are too short for it')
    let streamAt = at + 6
    for (let index = 0; index < 4; index++) {
      const table = at + index * 2
      const streamEnd =
        index === 3 ? end : streamAt + ((this.#source[table] ?? 0) | ((this.#source[table + 1] ?? 0) << 8))
      if (streamEnd > end) throw corrupt(ZSTD_FRAME, table, 'a stream of literals is longer than all of them')
      this.#huffmanStream(streamAt, streamEnd, quarter * index, index === 3 ? size : quarter * (index + 1))
      streamAt = streamEnd
    }
  }

  #huffmanStream(at: number, end: number, from: number, to: number): void {
    const bits = this.#bits
    bits.open(at, end)
    const { entries, log } = this.#huffman
    const scratch = this.#literalScratch
    const { view } = bits
    let left = bits.left
    let write = from
    // One load has 25 bits at least, enough for two codes. Bits from before the stream do no harm: they can only stand
    // behind the last code, and a stream that took one of them for its own has less than nothing left at the end.
    while (write < to && left > 0) {
      const word = view.getInt32(at + ((left + 7) >>> 3) - 4, true)
      const shift = -left & 7
      const first = entries[(word << shift) >>> (32 - log)] ?? 0
      scratch[write++] = first >>> 8
      left -= first & 0xff
      if (write >= to) break
      const second = entries[(word << (shift + (first & 0xff))) >>> (32 - log)] ?? 0
      scratch[write++] = second >>> 8
      left -= second & 0xff
    }
    if (left !== 0 || write !== to) throw corrupt(ZSTD_FRAME, at, 'a stream of literals does not end where it should')
  }

  /** Reads and carries out the sequences of a block; returns where the output ends. */
  #readSequences(start: number, end: number, from: number): number {
    const source = this.#source
    let at = start
    const head = at < end ? (source[at++] ?? 0) : -1
    if (head < 0) throw corrupt(ZSTD_FRAME, at, 'a block ends before its sequences')
    let count = head
    if (head === 255) {
      count = 0x7f00 + ((source[at] ?? 0) | ((source[at + 1] ?? 0) << 8))
      at += 2
    } else if (head >= 128) count = ((head - 128) << 8) | (source[at++] ?? 0)
    if (count === 0) {
      if (at !== end) throw corrupt(ZSTD_FRAME, at, 'a block without sequences goes on behind its literals')
      return this.#copyLiterals(this.#literalsEnd - this.#literalsAt, from, at)
    }
    const modes = source[at++] ?? 0
    if (at > end) throw corrupt(ZSTD_FRAME, at, 'a block ends inside the head of its sequences')
    if ((modes & 3) !== 0) throw corrupt(ZSTD_FRAME, at - 1, 'the reserved bits of a block are set')
    at = this.#lengthTable.read(source, at, end, modes >>> 6)
    at = this.#offsetTable.read(source, at, end, (modes >>> 4) & 3)
    at = this.#matchTable.read(source, at, end, (modes >>> 2) & 3)
    this.#bits.open(at, end)
    const write = this.#runSequences(count, from, at)
    return this.#copyLiterals(this.#literalsEnd - this.#literalsAt, write, at)
  }

  #runSequences(count: number, from: number, at: number): number {
    const bits = this.#bits
    const lengthTable = this.#lengthTable.inUse()
    const offsetTable = this.#offsetTable.inUse()
    const matchTable = this.#matchTable.inUse()
    const lengths = lengthTable.entries
    const offsets = offsetTable.entries
    const matches = matchTable.entries
    let length = lengths[bits.read(lengthTable.log)] ?? 0
    let offset = offsets[bits.read(offsetTable.log)] ?? 0
    let match = matches[bits.read(matchTable.log)] ?? 0
    let write = from
    for (let left = count; ; ) {
      const offsetValue = ((1 << (offset >>> 24)) >>> 0) + bits.readLong(offset >>> 24)
      const matchCode = MATCH_CODES[match >>> 24] ?? 0
      const matchLength = (matchCode >>> 5) + bits.read(matchCode & 31)
      const literalCode = LITERAL_CODES[length >>> 24] ?? 0
      const literalLength = (literalCode >>> 5) + bits.read(literalCode & 31)
      write = this.#copyLiterals(literalLength, write, at)
      write = this.#copyMatch(this.#distance(offsetValue, literalLength, at), matchLength, write, at)
      if (--left === 0) break
      length = lengths[(length & 0xffff) + bits.read((length >>> 16) & 0xff)] ?? 0
      match = matches[(match & 0xffff) + bits.read((match >>> 16) & 0xff)] ?? 0
      offset = offsets[(offset & 0xffff) + bits.read((offset >>> 16) & 0xff)] ?? 0
    }
    if (bits.left !== 0) throw corrupt(ZSTD_FRAME, at, 'a block has bits left behind its sequences')
    return write
  }

  /** How far back a match lies: told outright, or as one of the three distances used last. */
  #distance(value: number, literalLength: number, at: number): number {
    if (value > 3) {
      this.#offset3 = this.#offset2
      this.#offset2 = this.#offset1
      this.#offset1 = value - 3
      return this.#offset1
    }
    // Without literals before it, the last distance would only lengthen the match before: the meanings move on by one.
    const index = literalLength === 0 ? value : value - 1
    if (index === 0) return this.#offset1
    const distance = index === 1 ? this.#offset2 : index === 2 ? this.#offset3 : this.#offset1 - 1
    if (distance === 0) throw corrupt(ZSTD_FRAME, at, 'a match zero bytes back')
    if (index !== 1) this.#offset3 = this.#offset2
    this.#offset2 = this.#offset1
    this.#offset1 = distance
    return distance
  }

  #copyLiterals(count: number, from: number, at: number): number {
    const start = this.#literalsAt
    const stop = start + count
    const to = from + count
    if (stop > this.#literalsEnd) throw corrupt(ZSTD_FRAME, at, 'a block wants more literals than it has')
    if (to > this.#blockLimit) throw this.#overrun(at)
    const literals = this.#literals
    const target = this.#target
    if (count < BULK_BYTES) for (let read = start, write = from; read < stop; ) target[write++] = literals[read++] ?? 0
    else target.set(literals.subarray(start, stop), from)
    this.#literalsAt = stop
    return to
  }

  #copyMatch(distance: number, count: number, from: number, at: number): number {
    const to = from + count
    const start = from - distance
    if (start < this.#frameStart)
      throw corrupt(ZSTD_FRAME, at, `a match ${distance} bytes back, but ${from - this.#frameStart} bytes are written`)
    if (to > this.#blockLimit) throw this.#overrun(at)
    const target = this.#target
    if (count >= BULK_BYTES && distance >= count) target.copyWithin(from, start, start + count)
    else for (let read = start, write = from; write < to; ) target[write++] = target[read++] ?? 0
    return to
  }

  #setLiterals(literals: Uint8Array, at: number, end: number): void {
    this.#literals = literals
    this.#literalsAt = at
    this.#literalsEnd = end
  }

  #checkLiterals(size: number, at: number): void {
    if (size > LITERALS_MAX_BYTES) throw corrupt(ZSTD_FRAME, at, `${size} bytes of literals in one block`)
  }

  #overrun(at: number): Error {
    const length = this.#target.length
    if (this.#isCut && this.#blockLimit === length) return tooLarge(ZSTD_FRAME, at, length)
    return corrupt(ZSTD_FRAME, at, 'it becomes more than it says it can')
  }
}

/** The table of one kind of symbols: predefined, one symbol, the block's own, or that of the block before. */
class SequenceTable {
  readonly #kind: SymbolKind
  readonly #own = new FseTable()
  current: FseTable | undefined

  constructor(kind: SymbolKind) {
    this.#kind = kind
  }

  inUse(): FseTable {
    return this.current ?? this.#kind.predefined
  }

  read(source: Uint8Array, at: number, end: number, mode: number): number {
    const { maxSymbol, maxLog, predefined } = this.#kind
    if (mode === 0) this.current = predefined
    else if (mode === 1) {
      const symbol = at < end ? (source[at] ?? 0) : 256
      if (symbol > maxSymbol) throw corrupt(ZSTD_FRAME, at, 'a table of one symbol that does not exist')
      this.#own.setSingle(symbol)
      this.current = this.#own
      return at + 1
    } else if (mode === 2) {
      this.current = this.#own
      return this.#own.read(source, at, end, maxSymbol, maxLog)
    } else if (this.current === undefined) throw corrupt(ZSTD_FRAME, at, 'a block wants a table of a block before it')
    return at
  }
}

function predefined(log: number, probabilities: readonly number[]): FseTable {
  const table = new FseTable()
  table.setProbabilities(probabilities, log)
  return table
}

function lengthCodes(extraBits: readonly number[], first: number): Int32Array {
  let base = first
  return Int32Array.from(extraBits, bits => {
    const code = (base << 5) | bits
    base += 1 << bits
    return code
  })
}

function zeros(count: number): number[] {
  return Array<number>(count).fill(0)
}

function ones(count: number): number[] {
  return Array<number>(count).fill(1)
}

function twos(count: number): number[] {
  return Array<number>(count).fill(2)
}
