/**
 * The four messages of a SCRAM exchange (RFC 5802, section 7) as text: written and read, without any arithmetic. Optional
 * extensions are read and mean nothing unless the receiver says so; a mandatory one (`m=`) is refused, as is a binding to
 * a TLS channel, which Kafka does not have.
 */
import { ProtocolError } from '../protocol-error.js'
import { escapeName, unescapeName } from './exchange.js'

/** The client's words on channel binding: it has none, and acts for nobody but its user. */
export const GS2_HEADER = 'n,,'

export interface ClientFirst {
  /** What stands before `bare`; the last message repeats it. */
  readonly gs2Header: string
  /** The part that both ends sign. */
  readonly bare: string
  /** On whose behalf; empty: the user's own. */
  readonly authorizationId: string
  readonly username: string
  readonly nonce: string
  readonly extensions: ReadonlyMap<string, string>
}

export interface ServerFirst {
  readonly nonce: string
  readonly salt: Uint8Array
  readonly iterations: number
}

export interface ClientFinal {
  /** The part that both ends sign. */
  readonly withoutProof: string
  readonly gs2Header: string
  readonly nonce: string
  readonly proof: Uint8Array
}

export type ServerFinal = { readonly signature: Uint8Array } | { readonly error: string }

const MAX_EXTENSIONS = 16

export function clientFirstBare(username: string, nonce: string): string {
  return `n=${escapeName(username)},r=${nonce}`
}

export function serverFirst({ nonce, salt, iterations }: ServerFirst): string {
  return `r=${nonce},s=${base64(salt)},i=${iterations}`
}

export function clientFinalWithoutProof(gs2Header: string, nonce: string): string {
  return `c=${base64(Buffer.from(gs2Header, 'utf8'))},r=${nonce}`
}

export function clientFinal(withoutProof: string, proof: Uint8Array): string {
  return `${withoutProof},p=${base64(proof)}`
}

export function serverFinal(signature: Uint8Array): string {
  return `v=${base64(signature)}`
}

export function readClientFirst(text: string): ClientFirst {
  const what = 'SCRAM client-first-message'
  const [, flag, name = ''] = /^([^,]*),(?:a=([^,]*))?,/.exec(text) ?? []
  if (flag === undefined) throw new ProtocolError({ what, where: 0, why: 'it does not begin with a GS2 header' })
  if (flag !== 'n' && flag !== 'y') {
    throw new ProtocolError({ what, where: 0, why: 'it asks for channel binding, which is not supported' })
  }
  const gs2Header = text.slice(0, text.indexOf(',', text.indexOf(',') + 1) + 1)
  const bare = text.slice(gs2Header.length)
  const [username, nonce, ...extensions] = valuesOf(what, bare, ['n', 'r'])
  return {
    gs2Header,
    bare,
    authorizationId: unescapeName(what, name),
    username: unescapeName(what, username?.value ?? ''),
    nonce: readNonce(what, nonce),
    extensions: new Map(extensions.map(({ name, value }) => [name, value])),
  }
}

export function readServerFirst(text: string): ServerFirst {
  const what = 'SCRAM server-first-message'
  const [nonce, salt, iterations] = valuesOf(what, text, ['r', 's', 'i'])
  const count = iterations?.value ?? ''
  if (!/^[1-9]\d{0,9}$/.test(count)) throw new ProtocolError({ what, where: 'i', why: 'it is no count of iterations' })
  return { nonce: readNonce(what, nonce), salt: readBase64(what, salt), iterations: Number(count) }
}

export function readClientFinal(text: string): ClientFinal {
  const what = 'SCRAM client-final-message'
  const end = text.lastIndexOf(',p=')
  if (end < 0) throw new ProtocolError({ what, where: 'p', why: 'it has no proof at its end' })
  const withoutProof = text.slice(0, end)
  const [binding, nonce] = valuesOf(what, withoutProof, ['c', 'r'])
  return {
    withoutProof,
    gs2Header: Buffer.from(readBase64(what, binding)).toString('utf8'),
    nonce: readNonce(what, nonce),
    proof: readBase64(what, { name: 'p', value: text.slice(end + ',p='.length) }),
  }
}

export function readServerFinal(text: string): ServerFinal {
  const what = 'SCRAM server-final-message'
  if (text.startsWith('e=')) return { error: text.slice('e='.length).split(',', 1)[0] ?? '' }
  const [signature] = valuesOf(what, text, ['v'])
  return { signature: readBase64(what, signature) }
}

interface Attribute {
  readonly name: string
  readonly value: string
}

/** The attributes that must come first, in this order, and the extensions behind them. */
function valuesOf(what: string, text: string, names: readonly string[]): readonly Attribute[] {
  const parts = text.split(',', names.length + MAX_EXTENSIONS + 1)
  if (parts.length > names.length + MAX_EXTENSIONS) {
    throw new ProtocolError({ what, where: 0, why: `it has more than ${MAX_EXTENSIONS} extensions` })
  }
  const attributes = parts.map((part, index) => {
    const equals = part.indexOf('=')
    if (equals < 1)
      throw new ProtocolError({ what, where: `part ${index + 1}`, why: 'it is no attribute with a value' })
    return { name: part.slice(0, equals), value: part.slice(equals + 1) }
  })
  if (attributes[0]?.name === 'm') {
    throw new ProtocolError({ what, where: 'm', why: 'it demands an extension, and none is supported' })
  }
  names.forEach((name, index) => {
    if (attributes[index]?.name === name) return
    throw new ProtocolError({ what, where: name, why: `it has no such attribute in place ${index + 1}` })
  })
  return attributes
}

/** Printable ASCII without the comma, and no longer than anyone needs. */
function readNonce(what: string, attribute: Attribute | undefined): string {
  const nonce = attribute?.value ?? ''
  if (/^[\x21-\x2b\x2d-\x7e]{1,1024}$/.test(nonce)) return nonce
  throw new ProtocolError({ what, where: 'r', why: 'it is no nonce: 1 to 1024 printable characters without a comma' })
}

function readBase64(what: string, attribute: Attribute | undefined): Uint8Array {
  const { name, value } = attribute ?? { name: '', value: '' }
  const bytes = Buffer.from(value, 'base64')
  // Buffer overlooks what is no base64; only the canonical text comes out as it went in.
  if (value !== '' && bytes.toString('base64') === value) return bytes
  throw new ProtocolError({ what, where: name, why: 'it is no base64' })
}

function base64(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('base64')
}
