/**
 * The golden messages of tests/golden, and the codec that goes with each: exchanges recorded from a real Kafka, and
 * messages that Kafka's own classes wrote.
 */
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import * as protocol from '@samsa/protocol'
import { type Api, apis, type Decoded, type Reader, type RecordType, type Writer } from '@samsa/protocol'

/** One request and its response, headers included, without the length in front. */
export interface Exchange {
  readonly api: string
  readonly apiKey: number
  readonly apiVersion: number
  readonly correlationId: number
  readonly clientId: string | null
  readonly request: Buffer
  readonly response: Buffer
}

/** A message without a header, as Kafka's own class wrote it. */
export interface DerivedMessage {
  /** Kafka's name: `FetchRequest`, `OffsetCommitKey`. */
  readonly message: string
  readonly id: number
  readonly version: number
  readonly filled: 'full' | 'sparse'
  readonly bytes: Buffer
  /** What Kafka's own converter to JSON says of the values. */
  readonly value: unknown
}

/** A codec without the type of its message: enough for tests that go through all of them. */
export interface AnyCodec {
  readonly name: string
  encode(writer: Writer, message: unknown, version: number): void
  decode(reader: Reader, version: number): Decoded<unknown>
}

export const exchanges: readonly Exchange[] = lines('golden-frames.jsonl').map(line => ({
  api: text(line, 'api'),
  apiKey: number(line, 'apiKey'),
  apiVersion: number(line, 'apiVersion'),
  correlationId: number(line, 'correlationId'),
  clientId: line['clientId'] === null ? null : text(line, 'clientId'),
  request: Buffer.from(text(line, 'request'), 'hex'),
  response: Buffer.from(text(line, 'response'), 'hex'),
}))

export const derivedMessages: readonly DerivedMessage[] = lines('derived-messages.jsonl').map(line => ({
  message: text(line, 'message'),
  id: number(line, 'id'),
  version: number(line, 'version'),
  filled: text(line, 'filled') === 'full' ? 'full' : 'sparse',
  bytes: Buffer.from(text(line, 'hex'), 'hex'),
  value: line['value'],
}))

/** Every record type that the package exports. */
export const recordTypes: readonly RecordType[] = Object.values<unknown>(protocol).filter(isRecordType)

const codecs = new Map<string, AnyCodec>(
  [...apis.flatMap(api => [api.request, api.response]), ...recordTypes].map(codec => [codec.name, codec]),
)

/** The codec of a request, response or record type. */
export function codecOf(message: string): AnyCodec {
  const codec = codecs.get(message)
  if (codec === undefined) throw new Error(`the package has no ${message}`)
  return codec
}

export function apiOf(key: number): Api {
  const api = protocol.apiByKey(key)
  if (api === undefined) throw new Error(`the package has no API of key ${key}`)
  return api
}

export function isHeader(message: string): boolean {
  return message === 'RequestHeader' || message === 'ResponseHeader'
}

export function goldenText(file: string): string {
  return readFileSync(fileURLToPath(new URL(`../golden/${file}`, import.meta.url)), 'utf8')
}

type Line = Readonly<Record<string, unknown>>

function lines(file: string): Line[] {
  return goldenText(file)
    .split('\n')
    .filter(line => line !== '')
    .map(line => Object.fromEntries(Object.entries(JSON.parse(line))))
}

function text(line: Line, name: string): string {
  const value = line[name]
  if (typeof value !== 'string') throw new Error(`a golden line without the text ${name}`)
  return value
}

function number(line: Line, name: string): number {
  const value = line[name]
  if (typeof value !== 'number') throw new Error(`a golden line without the number ${name}`)
  return value
}

function isRecordType(value: unknown): value is RecordType {
  return typeof value === 'object' && value !== null && 'kind' in value && 'decode' in value && 'id' in value
}
