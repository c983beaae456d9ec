/**
 * Records: principal.
 * Generated from schemas/records/principal.ts by `npm run generate`: change it there.
 */
import type { Decoded } from '../../wire/decoded.js'
import type { Reader } from '../../wire/reader.js'
import type { UnknownTags } from '../../wire/tagged.js'
import type { Writer } from '../../wire/writer.js'
import type { RecordType } from '../api.js'

/**
 * Who sent a request that was forwarded: the `requestPrincipal` of Envelope, unless the cluster has its own
 * serializer.
 */
export interface DefaultPrincipalData {
  /** `User` for everyone whom Kafka itself authenticates. */
  readonly type: string
  readonly name: string
  /** True for a login with a delegation token, which may not create or renew tokens. */
  readonly tokenAuthenticated: boolean
  readonly unknownTags?: UnknownTags
}

function encodeDefaultPrincipalData(writer: Writer, message: DefaultPrincipalData, _version: number): void {
  writer.string(message.type, true)
  writer.string(message.name, true)
  writer.bool(message.tokenAuthenticated)
  writer.tagCount(0, message.unknownTags)
  writer.unknownTags(message.unknownTags)
}

function decodeDefaultPrincipalData(reader: Reader, _version: number): Decoded<DefaultPrincipalData> {
  const type = reader.string(true)
  const name = reader.string(true)
  const tokenAuthenticated = reader.bool()
  const unknownTags = reader.unknownTags()
  return { type, name, tokenAuthenticated, unknownTags }
}

/**
 * Who sent a request that was forwarded: the `requestPrincipal` of Envelope, unless the cluster has its own
 * serializer.
 */
export const defaultPrincipalData: RecordType<DefaultPrincipalData> = {
  name: 'DefaultPrincipalData',
  kind: 'data',
  id: -1,
  versions: { min: 0, max: 0, latestStable: 0 },
  flexibleFrom: 0,
  encode: encodeDefaultPrincipalData,
  decode: decodeDefaultPrincipalData,
}

/** All of them, in the order of their schemas. */
export const principalTypes: readonly RecordType[] = [
  defaultPrincipalData,
]
