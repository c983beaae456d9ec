/**
 * kafkajs as its users set it up. Codecs other than gzip they plug in: here they are those that we use ourselves.
 */
import { codecByName } from '@samsa/protocol'
import { requireFrom } from './installation.mjs'

process.env.KAFKAJS_NO_PARTITIONER_WARNING = '1'
// It arms a timer with a time that has passed, which Node 24 warns of.
process.removeAllListeners('warning')
const { CompressionCodecs, Kafka, logLevel } = requireFrom('kafkajs')('kafkajs')

const MOST_DECOMPRESSED_BYTES = 64 * 1024 * 1024

/** Connected to nothing yet; it reads and, asked to, writes that codec. */
export function kafkajs({ address, codec }) {
  const id = compressionOf(codec)
  if (id > 1) CompressionCodecs[id] = () => pluggedIn(codecByName(codec))
  return new Kafka({ clientId: 'kafkajs', brokers: [address], logLevel: logLevel.ERROR })
}

/** Its number for a codec, which is Kafka's. */
export function compressionOf(codec) {
  return codecByName(codec).id
}

function pluggedIn(codec) {
  return {
    compress: async encoder => asBuffer(codec.compress(encoder.buffer)),
    decompress: async bytes => asBuffer(codec.decompress(bytes, MOST_DECOMPRESSED_BYTES)),
  }
}

function asBuffer(bytes) {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length)
}
