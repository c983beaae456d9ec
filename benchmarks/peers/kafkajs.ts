/**
 * kafkajs, as far as it turns records and messages into bytes and back: its own modules, called as its connection and its
 * producer call them.
 */
import { codecById } from '@samsa/protocol'
import { hasFunctions, type Installation, installationOf } from './installation.ts'

export interface KafkajsMessage {
  readonly key: Buffer | string | null
  readonly value: Buffer | string | null
  /** Milliseconds in decimal, as users give it. */
  readonly timestamp: string
}

export interface KafkajsRecord {
  readonly key: Buffer | null
  readonly value: Buffer | null
  readonly offset: string
  readonly timestamp: string
}

export interface KafkajsRequest {
  readonly apiKey: number
  readonly apiVersion: number
  readonly encode: () => Promise<KafkajsEncoder>
}

export interface KafkajsApi {
  readonly request: (fields: object) => KafkajsRequest
  readonly response: { decode(payload: Buffer): Promise<unknown> }
}

interface KafkajsEncoder {
  readonly buffer: Buffer
}

interface KafkajsDecoder {
  readInt32(): number
  readAll(): Buffer
}

type DecoderClass = new (buffer: Buffer) => KafkajsDecoder
type EncodeFrame = (frame: {
  correlationId: number
  clientId: string
  request: KafkajsRequest
}) => Promise<KafkajsEncoder>
type EncodeRecord = (record: object) => KafkajsEncoder
type DecodeBatch = (decoder: KafkajsDecoder) => Promise<{ records: readonly KafkajsRecord[] }>

interface CodecModule {
  readonly Codecs: Record<number, () => KafkajsCodec>
}

interface KafkajsCodec {
  compress(encoder: KafkajsEncoder): Promise<Buffer>
  decompress(buffer: Buffer): Promise<Buffer>
}

interface BatchModule {
  RecordBatch(batch: object): Promise<KafkajsEncoder>
}

const PROTOCOL = 'kafkajs/src/protocol'
const CODEC_IDS = [2, 3, 4] as const
const MAX_DECOMPRESSED_BYTES = 64 * 1024 * 1024

export class KafkajsPeer {
  readonly version: string
  readonly #installation: Installation
  readonly #Decoder: DecoderClass
  readonly #encodeFrame: EncodeFrame
  readonly #encodeRecord: EncodeRecord
  readonly #encodeBatch: BatchModule['RecordBatch']
  readonly #decodeBatch: DecodeBatch

  static load(): KafkajsPeer | undefined {
    const installation = installationOf('kafkajs', 'kafkajs')
    return installation === undefined ? undefined : new KafkajsPeer(installation)
  }

  constructor(installation: Installation) {
    this.version = installation.version
    this.#installation = installation
    this.#Decoder = this.#module('decoder', isDecoderClass)
    this.#encodeFrame = this.#module('request', isEncodeFrame)
    this.#encodeRecord = this.#module('recordBatch/record/v0', isEncodeRecord)
    this.#encodeBatch = this.#module('recordBatch/v0', isBatchModule).RecordBatch
    this.#decodeBatch = this.#module('recordBatch/v0/decoder', isDecodeBatch)
    const { Codecs } = this.#module('message/compression', isCodecModule)
    // gzip it has of its own. For the others it takes what its users plug in: here the functions that we use ourselves.
    for (const id of CODEC_IDS) Codecs[id] = () => ourCodec(id)
  }

  /** What its producer does for the messages of one partition. */
  async encodeBatch(messages: readonly KafkajsMessage[], compression: number): Promise<Buffer> {
    const firstTimestamp = Number(messages[0]?.timestamp)
    const maxTimestamp = Number(messages.at(-1)?.timestamp)
    const records = messages.map((message, index) =>
      this.#encodeRecord({
        ...message,
        offsetDelta: index,
        timestampDelta: Number(message.timestamp) - firstTimestamp,
      }),
    )
    const lastOffsetDelta = records.length - 1
    const batch = await this.#encodeBatch({ compression, records, firstTimestamp, maxTimestamp, lastOffsetDelta })
    return batch.buffer
  }

  async decodeBatch(bytes: Buffer): Promise<readonly KafkajsRecord[]> {
    const { records } = await this.#decodeBatch(new this.#Decoder(bytes))
    return records
  }

  /** `name` is its folder of the API, as `metadata`. */
  api(name: string, version: number): KafkajsApi {
    return {
      request: this.#module(`requests/${name}/v${version}/request`, isRequestFunction),
      response: this.#module(`requests/${name}/v${version}/response`, isResponseModule),
    }
  }

  /** The frame that its connection writes to the socket. */
  async encodeRequest(request: KafkajsRequest, correlationId: number, clientId: string): Promise<Buffer> {
    const encoder = await this.#encodeFrame({ correlationId, clientId, request })
    return encoder.buffer
  }

  /** What its connection does with a frame whose length was taken off. */
  decodeResponse(api: KafkajsApi, frame: Buffer): Promise<unknown> {
    const decoder = new this.#Decoder(frame)
    decoder.readInt32()
    return api.response.decode(decoder.readAll())
  }

  #module<Module>(path: string, isIt: (module: unknown) => module is Module): Module {
    const module: unknown = this.#installation.require(`${PROTOCOL}/${path}`)
    if (!isIt(module)) throw new Error(`${PROTOCOL}/${path} of kafkajs ${this.version} is not what it was in 2.2.4`)
    return module
  }
}

function ourCodec(id: number): KafkajsCodec {
  const codec = codecById(id)
  return {
    compress: async encoder => asBuffer(codec.compress(encoder.buffer)),
    decompress: async bytes => asBuffer(codec.decompress(bytes, MAX_DECOMPRESSED_BYTES)),
  }
}

function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length)
}

function isDecoderClass(module: unknown): module is DecoderClass {
  return typeof module === 'function' && hasFunctions(module.prototype, 'readInt32', 'readAll')
}

function isEncodeFrame(module: unknown): module is EncodeFrame {
  return typeof module === 'function'
}

function isEncodeRecord(module: unknown): module is EncodeRecord {
  return typeof module === 'function'
}

function isDecodeBatch(module: unknown): module is DecodeBatch {
  return typeof module === 'function'
}

function isBatchModule(module: unknown): module is BatchModule {
  return hasFunctions(module, 'RecordBatch')
}

function isCodecModule(module: unknown): module is CodecModule {
  return module !== null && typeof module === 'object' && typeof Reflect.get(module, 'Codecs') === 'object'
}

function isRequestFunction(module: unknown): module is KafkajsApi['request'] {
  return typeof module === 'function'
}

function isResponseModule(module: unknown): module is KafkajsApi['response'] {
  return hasFunctions(module, 'decode')
}
