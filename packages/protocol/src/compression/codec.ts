/**
 * What every codec offers, and the errors they share.
 *
 * A payload that cannot be decompressed is a ProtocolError with one of two codes: `CORRUPT_MESSAGE` (Kafka's own) when the
 * bytes are wrong, `DECOMPRESSED_TOO_LARGE` (ours: Kafka has no limit and so no name for it) when they may be right but
 * would become more than the caller allowed.
 */
import { ConfigError, KafkaError } from '@samsa/runtime'
import { ProtocolError } from '../protocol-error.js'
import type { OptionalPackage } from './optional-package.js'

const MOST_LIMIT_BYTES = 0x7fff_ffff

export type CompressionName = 'none' | 'gzip' | 'snappy' | 'lz4' | 'zstd'

/** From `min` to `max`, and the default, which may lie outside of it: it then means that the codec decides. */
export interface LevelRange {
  readonly min: number
  readonly max: number
  readonly default: number
}

export interface Codec {
  /** The number in bits 0 to 2 of a batch's attributes. */
  readonly id: number
  readonly name: CompressionName
  /** The levels that Kafka knows; undefined where a codec has none. */
  readonly levels: LevelRange | undefined
  /** The compressed bytes, in a buffer of their own; `none` gives back its input. */
  compress(input: Uint8Array, level?: number): Uint8Array
  /**
   * The bytes that went in, in a buffer of their own; `none` gives back its input. Never more than `maxBytes`, and the room
   * for them is set aside once, no larger than that; besides it there is scratch of 256 KiB, for gzip with several members
   * as much again, where the package `snappy` reads its largest block once more, and where Node's own zstd reads, its window
   * of 8 MiB at most. `magic` is that of the batch, 2 when left out: LZ4 frames in batches of magic 0 have a wrong header
   * checksum.
   */
  decompress(input: Uint8Array, maxBytes: number, magic?: number): Uint8Array
  /** `true`, or the sentence that says which package is missing. Every codec can decompress, everywhere. */
  canCompress(): true | string
  /** Throws that sentence: to be called when a codec is chosen, long before the first batch. */
  requireCompress(): void
}

/** Everything but the two that follow from `canCompress`. */
export type CodecParts = Omit<Codec, 'canCompress' | 'requireCompress' | 'compress'> & {
  readonly compress: (input: Uint8Array, level: number) => Uint8Array
  /** The missing package, where there may be one. */
  readonly missing?: () => string | undefined
}

/** A codec whose own `compress` gets a level that is checked, and throws `cannotCompress` where it is missing a package. */
export function codec(parts: CodecParts): Codec {
  const { id, name, levels, compress, decompress, missing } = parts
  const canCompress = (): true | string => missing?.() ?? true
  const requireCompress = (): void => {
    const able = canCompress()
    if (able !== true) throw cannotCompress(able)
  }
  return {
    id,
    name,
    levels,
    canCompress,
    requireCompress,
    compress: (input, level) => compress(input, checkLevel(name, levels, level)),
    decompress: (input, maxBytes, magic) => decompress(input, checkLimit(maxBytes), magic),
  }
}

export function corrupt(what: string, where: number | string, why: string, cause?: unknown): ProtocolError {
  return new ProtocolError({ what, where, why, code: 'CORRUPT_MESSAGE', cause })
}

export function tooLarge(what: string, where: number | string, maxBytes: number): ProtocolError {
  const why = `it decompresses to more than the ${maxBytes} bytes allowed`
  return new ProtocolError({ what, where, why, code: 'DECOMPRESSED_TOO_LARGE' })
}

/** What compressing throws where the package for it is missing. */
export function cannotCompress(sentence: string): KafkaError {
  return new KafkaError(sentence, { code: 'UNSUPPORTED_COMPRESSION_TYPE' })
}

/** The sentence for a codec that cannot be had. */
export function missingSentence(name: CompressionName, missing: OptionalPackage<unknown>): string {
  return `Compressing with ${name} needs the package ${missing.name}, which ${missing.whyMissing()}, or choose another compression.`
}

/** No limit would be no protection, so there has to be one: the most that the length of a record can say. */
function checkLimit(maxBytes: number): number {
  if (Number.isInteger(maxBytes) && maxBytes >= 0 && maxBytes <= MOST_LIMIT_BYTES) return maxBytes
  const range = `a whole number from 0 to ${MOST_LIMIT_BYTES}`
  throw new ConfigError(`The limit on decompressed bytes must be ${range}, not ${maxBytes}.`)
}

function checkLevel(name: CompressionName, levels: LevelRange | undefined, level: number | undefined): number {
  if (levels === undefined) {
    if (level === undefined) return 0
    throw new ConfigError(`The compression ${name} has no levels, but level ${level} was asked for.`)
  }
  if (level === undefined) return levels.default
  if (level === levels.default || (Number.isInteger(level) && level >= levels.min && level <= levels.max)) return level
  const text = `The compression ${name} has levels from ${levels.min} to ${levels.max}, but level ${level} was asked for.`
  throw new ConfigError(text)
}
