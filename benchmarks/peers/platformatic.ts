/**
 * @platformatic/kafka, as far as it turns records and messages into bytes and back: what it exports, called as its
 * connection and its producer call it.
 */
import { pathToFileURL } from 'node:url'
import { hasFunctions, installationOf } from './installation.ts'

export interface PlatformaticMessage {
  readonly topic: string
  readonly partition: number
  readonly key: Buffer | null
  readonly value: Buffer | null
  readonly timestamp: bigint
}

export interface PlatformaticRecord {
  readonly key: Buffer | null
  readonly value: Buffer | null
  readonly offsetDelta: number
  readonly timestampDelta: bigint
}

export interface PlatformaticBatch {
  readonly firstTimestamp: bigint
  readonly records: readonly PlatformaticRecord[]
}

/** One version of an API, as it would be sent. */
export interface PlatformaticApi {
  readonly key: number
  readonly version: number
  readonly createRequest: (...fields: readonly unknown[]) => PlatformaticWriter
  readonly parseResponse: ParseResponse
  readonly hasTaggedRequestHeader: boolean
  readonly hasTaggedResponseHeader: boolean
}

type ParseResponse = (correlationId: number, key: number, version: number, reader: PlatformaticReader) => unknown

interface PlatformaticWriter {
  readonly buffer: Buffer
  appendInt16(value: number): PlatformaticWriter
  appendInt32(value: number): PlatformaticWriter
  appendString(value: string, compact: boolean): PlatformaticWriter
  appendTaggedFields(): PlatformaticWriter
  appendFrom(writer: PlatformaticWriter): PlatformaticWriter
  prependLength(): PlatformaticWriter
}

interface PlatformaticReader {
  readonly buffer: { subarray(start: number, end?: number): unknown }
  readonly position: number
  readInt32(): number
  skip(length: number): PlatformaticReader
}

interface BatchOptions {
  readonly compression: string
}

interface PlatformaticModule {
  readonly Writer: { create(): PlatformaticWriter }
  readonly Reader: { new (buffer: unknown): PlatformaticReader; from(buffer: Buffer): PlatformaticReader }
  createRecordsBatch(messages: readonly PlatformaticMessage[], options: BatchOptions): PlatformaticWriter
  createRecordsBatchAsync(messages: readonly PlatformaticMessage[], options: BatchOptions): Promise<PlatformaticWriter>
  readRecordsBatch(reader: PlatformaticReader): PlatformaticBatch
}

interface ApiModule {
  readonly api: (connection: object, ...fields: unknown[]) => void
  readonly createRequest: PlatformaticApi['createRequest']
  readonly parseResponse: ParseResponse
}

export class PlatformaticPeer {
  readonly version: string
  readonly #module: PlatformaticModule

  static async load(): Promise<PlatformaticPeer | undefined> {
    const installation = installationOf('platformatic', '@platformatic/kafka')
    if (installation === undefined) return undefined
    const path = installation.require.resolve('@platformatic/kafka')
    const module: unknown = await import(pathToFileURL(path).href)
    if (!isPlatformaticModule(module))
      throw new Error(`@platformatic/kafka ${installation.version} is not what it was in 2.12.1`)
    return new PlatformaticPeer(installation.version, module)
  }

  constructor(version: string, module: PlatformaticModule) {
    this.version = version
    this.#module = module
  }

  encodeBatch(messages: readonly PlatformaticMessage[], compression: string): Buffer {
    return this.#module.createRecordsBatch(messages, { compression }).buffer
  }

  /** What its producer does for gzip. */
  async encodeBatchInThreadPool(messages: readonly PlatformaticMessage[], compression: string): Promise<Buffer> {
    const writer = await this.#module.createRecordsBatchAsync(messages, { compression })
    return writer.buffer
  }

  decodeBatch(bytes: Buffer): PlatformaticBatch {
    return this.#module.readRecordsBatch(this.#module.Reader.from(bytes))
  }

  /** `name` is that of its export, as `metadataV12`. */
  api(name: string): PlatformaticApi {
    const module: unknown = Reflect.get(this.#module, name)
    if (!isApiModule(module)) throw new Error(`@platformatic/kafka ${this.version} has no ${name}`)
    let sent: PlatformaticApi | undefined
    // Only what it hands to its connection says which headers a version has.
    const connection = {
      send(key: number, version: number, _payload: unknown, _parse: unknown, inRequest: boolean, inResponse: boolean) {
        const { createRequest, parseResponse } = module
        sent = {
          key,
          version,
          createRequest,
          parseResponse,
          hasTaggedRequestHeader: inRequest,
          hasTaggedResponseHeader: inResponse,
        }
      },
    }
    module.api(connection)
    if (sent === undefined) throw new Error(`${name} of @platformatic/kafka ${this.version} sends nothing`)
    return sent
  }

  /** The frame that its connection writes to the socket. */
  encodeRequest(api: PlatformaticApi, fields: readonly unknown[], correlationId: number, clientId: string): Buffer {
    const payload = api.createRequest(...fields)
    const writer = this.#module.Writer.create()
      .appendInt16(api.key)
      .appendInt16(api.version)
      .appendInt32(correlationId)
      .appendString(clientId, false)
    if (api.hasTaggedRequestHeader) writer.appendTaggedFields()
    return writer.appendFrom(payload).prependLength().buffer
  }

  /** What its connection does with a frame whose length was taken off. */
  decodeResponse(api: PlatformaticApi, frame: Buffer): unknown {
    const { Reader } = this.#module
    const reader = Reader.from(frame)
    const correlationId = reader.readInt32()
    if (api.hasTaggedResponseHeader) reader.skip(1)
    const body = new Reader(reader.buffer.subarray(reader.position))
    return api.parseResponse(correlationId, api.key, api.version, body)
  }
}

function isPlatformaticModule(module: unknown): module is PlatformaticModule {
  const functions = ['Reader', 'Writer', 'createRecordsBatch', 'createRecordsBatchAsync', 'readRecordsBatch']
  return hasFunctions(module, ...functions)
}

function isApiModule(module: unknown): module is ApiModule {
  return hasFunctions(module, 'api', 'createRequest', 'parseResponse')
}
