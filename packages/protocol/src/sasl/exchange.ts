/**
 * What the exchanges of all SASL mechanisms have in common, at either end: a message in, the next one out. No mechanism
 * does input or output, and none puts a password, a token or a proof into an error.
 */
import { timingSafeEqual } from 'node:crypto'
import { ProtocolError } from '../protocol-error.js'

export type SaslMechanism = 'PLAIN' | 'SCRAM-SHA-256' | 'SCRAM-SHA-512' | 'OAUTHBEARER'

/** Beyond any honest message; Kafka's own limit on what its brokers take (sasl.server.max.receive.size). */
export const MAX_SASL_MESSAGE_BYTES: number = 512 * 1024

/** The client's end of one exchange, used once. */
export interface SaslClient {
  /** The opening message. */
  first(): Uint8Array
  /** What to answer to a server's message; undefined when the client has nothing more to say and nothing to object. */
  next(message: Uint8Array): Promise<Uint8Array | undefined>
  /** Why the server will refuse us, where the mechanism has told that before the refusal itself. */
  readonly refusal: string | undefined
}

/** The server's end of one exchange, used once. Throws AuthenticationError to refuse, with a sentence that clients may read. */
export interface SaslServer {
  next(message: Uint8Array): Promise<SaslServerStep>
}

export interface SaslServerStep {
  /** For the client; empty where the mechanism has nothing to say. */
  readonly message: Uint8Array
  /** Who the client has proven to be. Undefined: the exchange goes on. */
  readonly principal: string | undefined
  /** When what it has proven that with ends, in milliseconds since 1970. */
  readonly expiresAtMs?: number | undefined
}

export const NO_BYTES: Uint8Array = new Uint8Array(0)

// A byte order mark is a character like any other: in a password it counts.
const strictUtf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/** The text of a message. `what` names it in the error, which does not quote it. */
export function saslText(message: Uint8Array, what: string): string {
  if (message.length > MAX_SASL_MESSAGE_BYTES) {
    const why = `${message.length} bytes are too many; ${MAX_SASL_MESSAGE_BYTES} are the limit`
    throw new ProtocolError({ what, where: 0, why })
  }
  try {
    return strictUtf8.decode(message)
  } catch {
    throw new ProtocolError({ what, where: 0, why: 'it is not UTF-8' })
  }
}

/** In a time that tells only the lengths. */
export function equalBytes(left: Uint8Array, right: Uint8Array): boolean {
  return left.length === right.length && timingSafeEqual(left, right)
}

/** What may stand for a user or a password. Half a surrogate pair has no bytes: all such would be one password. */
export function checkCredential(what: string, name: 'username' | 'password', value: string): void {
  if (value === '') throw new ProtocolError({ what, where: name, why: 'it must not be empty' })
  if (!/[\0\p{Surrogate}]/u.test(value)) return
  throw new ProtocolError({ what, where: name, why: 'it holds a zero character or half of a surrogate pair' })
}

/** A name inside a message, where `=` and `,` have a meaning of their own (RFC 5802, `saslname`). */
export function escapeName(name: string): string {
  return name.replaceAll('=', '=3D').replaceAll(',', '=2C')
}

export function unescapeName(what: string, name: string): string {
  if (/=(?!2C|3D)/.test(name)) {
    throw new ProtocolError({ what, where: 'name', why: "it has a '=' that begins neither =2C nor =3D" })
  }
  return name.replaceAll('=2C', ',').replaceAll('=3D', '=')
}
