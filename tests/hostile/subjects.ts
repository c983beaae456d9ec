/**
 * What hostile input is made from: every golden message with the way to decode it, and where in it lengths, counts and
 * marks of presence stand.
 */
import {
  type Api,
  decodeRequest,
  decodeRequestHeader,
  decodeResponse,
  decodeResponseHeader,
  openRequest,
  ProtocolError,
  Reader,
  requestHeaderVersion,
  responseHeaderVersion,
} from '@samsa/protocol'
import { type AnyCodec, apiOf, codecOf, derivedMessages, exchanges, isHeader } from '../protocol/golden-data.js'

export interface Subject {
  readonly name: string
  readonly bytes: Buffer
  /** Decodes all of the bytes, header included where there is one. */
  decode(bytes: Uint8Array): DecodedMessage
  /** Reads the message of `bytes` through a reader of the caller's. */
  readThrough(reader: Reader): void
}

export interface DecodedMessage {
  readonly codec: AnyCodec
  readonly version: number
  readonly value: unknown
}

export interface LengthField {
  readonly at: number
  readonly size: number
  /** `tag` is the number of a tagged field, which is no length but stands where one might. */
  readonly kind: 'presence' | 'int16' | 'int32' | 'varint' | 'tag'
}

export const subjects: readonly Subject[] = [
  ...exchanges.flatMap(({ apiKey, apiVersion, request, response }) => {
    const api = apiOf(apiKey)
    return [requestSubject(api, apiVersion, request), responseSubject(api, apiVersion, response)]
  }),
  ...derivedMessages.filter(({ message }) => !isHeader(message)).map(derivedSubject),
]

function requestSubject(api: Api, version: number, bytes: Buffer): Subject {
  return {
    name: `${api.request.name} v${version}, recorded`,
    bytes,
    decode(frame) {
      const { api: found, header, body } = openRequest(frame)
      const value = decodeRequest(found, header.apiVersion, body)
      return { codec: found.request, version: header.apiVersion, value }
    },
    readThrough(reader) {
      decodeRequestHeader(reader, requestHeaderVersion(api, version))
      api.request.decode(reader, version)
    },
  }
}

function responseSubject(api: Api, version: number, bytes: Buffer): Subject {
  return {
    name: `${api.response.name} v${version}, recorded`,
    bytes,
    decode: frame => ({ codec: api.response, version, value: decodeResponse(api, version, frame).body }),
    readThrough(reader) {
      decodeResponseHeader(reader, responseHeaderVersion(api, version))
      api.response.decode(reader, version)
    },
  }
}

function derivedSubject({ message, version, filled, bytes }: (typeof derivedMessages)[number]): Subject {
  const codec = codecOf(message)
  return {
    name: `${message} v${version}, ${filled}`,
    bytes,
    decode(frame) {
      const reader = new Reader(frame, message)
      const value = codec.decode(reader, version)
      if (reader.remaining > 0) throw reader.error(`${reader.remaining} bytes are left over`)
      return { codec, version, value }
    },
    readThrough: reader => void codec.decode(reader, version),
  }
}

/** The message, or undefined where the bytes are refused with a ProtocolError; anything else that is thrown comes out. */
export function decoded(subject: Subject, bytes: Uint8Array): DecodedMessage | undefined {
  try {
    return subject.decode(bytes)
  } catch (error) {
    if (error instanceof ProtocolError) return undefined
    throw new Error(`${subject.name}: ${Buffer.from(bytes).toString('hex')}`, { cause: error })
  }
}

/** Where the lengths, counts, tags and marks of presence of a good message stand. */
export function lengthFields(subject: Subject): readonly LengthField[] {
  const reader = new LengthFinder(subject.bytes)
  subject.readThrough(reader)
  return reader.found
}

/**
 * A reader that notes where it reads a length: it sees the lengths because they are read through the same methods as
 * any other number, and the public methods that need one say when it comes.
 */
class LengthFinder extends Reader {
  readonly found: LengthField[] = []
  #kind: 'varint' | 'tag' = 'varint'

  override unsignedVarint(): number {
    const at = this.offset
    const value = super.unsignedVarint()
    this.found.push({ at, size: this.offset - at, kind: this.#kind })
    this.#kind = 'varint'
    return value
  }

  override enterTag(): number {
    this.#kind = 'tag'
    return super.enterTag()
  }

  override string(flexible: boolean): string {
    if (!flexible) this.#note('int16', 2)
    return super.string(flexible)
  }

  override nullableString(flexible: boolean): string | null {
    if (!flexible) this.#note('int16', 2)
    return super.nullableString(flexible)
  }

  override nullableBytes(flexible: boolean): Uint8Array | null {
    if (!flexible) this.#note('int32', 4)
    return super.nullableBytes(flexible)
  }

  override nullableArrayLength(flexible: boolean, elementSize: number): number {
    if (!flexible) this.#note('int32', 4)
    return super.nullableArrayLength(flexible, elementSize)
  }

  override structPresent(): boolean {
    this.#note('presence', 1)
    return super.structPresent()
  }

  #note(kind: LengthField['kind'], size: number): void {
    this.found.push({ at: this.offset, size, kind })
  }
}
