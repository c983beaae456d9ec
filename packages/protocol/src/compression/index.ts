/**
 * The codecs of record batches, by the number in a batch's attributes and by the name in a configuration.
 *
 * Every codec decompresses on every machine. To compress, lz4 needs the package `lz4`, and zstd needs `zstd-napi` or a Node
 * that has zstd (22.15 and later); all native packages are loaded on first use.
 */
import { ConfigError } from '@samsa/runtime'
import { ProtocolError } from '../protocol-error.js'
import { type Codec, type CompressionName, codec, tooLarge } from './codec.js'
import { gzip } from './gzip.js'
import { lz4 } from './lz4.js'
import { snappy } from './snappy.js'
import { zstd } from './zstd.js'

export type { Codec, CompressionName, LevelRange } from './codec.js'

export const NO_COMPRESSION = 0

const none = codec({
  id: NO_COMPRESSION,
  name: 'none',
  levels: undefined,
  compress: input => input,
  decompress(input, maxBytes) {
    if (input.length > maxBytes) throw tooLarge('uncompressed data', 0, maxBytes)
    return input
  },
})

/** By number: 0 none, 1 gzip, 2 snappy, 3 lz4, 4 zstd. */
export const CODECS: readonly Codec[] = [none, gzip, snappy, lz4, zstd]

/** The codec of a batch; the number may come from the wire, so one that does not exist is a ProtocolError. */
export function codecById(id: number): Codec {
  const found = CODECS[id]
  if (found !== undefined) return found
  const why = `the compression ${id} does not exist, where 0 to ${CODECS.length - 1} do`
  throw new ProtocolError({ what: 'record batch', where: 'attributes', why, code: 'UNSUPPORTED_COMPRESSION_TYPE' })
}

/** The codec of a configuration. */
export function codecByName(name: CompressionName): Codec {
  const found = CODECS.find(candidate => candidate.name === name)
  if (found !== undefined) return found
  const names = CODECS.map(candidate => candidate.name).join(', ')
  throw new ConfigError(`There is no compression ${JSON.stringify(name)}; there are ${names}.`)
}
