/**
 * SCRAM's arithmetic (RFC 5802, section 3): from a password to what a server stores, and from either to the proofs that
 * client and server give each other.
 *
 * As in Kafka, a password is its UTF-8 bytes and nothing is prepared (no SASLprep): an accent written as one character or
 * as two makes two passwords, and the credentials that Kafka's tools store would not fit any other treatment. A user's name goes the
 * same way, though Kafka knows only names in ASCII by SCRAM.
 */
import { createHash, createHmac, pbkdf2 } from 'node:crypto'
import { promisify } from 'node:util'
import { equalBytes } from './exchange.js'

/** By node:crypto's name. SHA-1 is no mechanism of Kafka's; the vectors of RFC 5802 have it. */
export type ScramHash = 'sha1' | 'sha256' | 'sha512'

/** What a server keeps of a password. Neither key lets its holder log in. */
export interface ScramCredential {
  readonly salt: Uint8Array
  readonly iterations: number
  readonly storedKey: Uint8Array
  readonly serverKey: Uint8Array
}

/** Fewer make a stolen credential cheap to try passwords on; Kafka takes no fewer either. */
export const MIN_SCRAM_ITERATIONS = 4_096
/** Fifteen times what Kafka lets anybody store, and a second or less of one thread: a hostile server gets no more of us. */
export const MAX_SCRAM_ITERATIONS = 250_000

const DIGEST_BYTES: Readonly<Record<ScramHash, number>> = { sha1: 20, sha256: 32, sha512: 64 }

const derive = promisify(pbkdf2)

/** Takes as long as `iterations` say, on a thread of its own. */
export function saltedPassword(
  hash: ScramHash,
  password: string,
  salt: Uint8Array,
  iterations: number,
): Promise<Uint8Array> {
  return derive(Buffer.from(password, 'utf8'), salt, iterations, DIGEST_BYTES[hash], hash)
}

export async function scramCredential(
  hash: ScramHash,
  password: string,
  salt: Uint8Array,
  iterations: number,
): Promise<ScramCredential> {
  const salted = await saltedPassword(hash, password, salt, iterations)
  return { salt, iterations, storedKey: digest(hash, clientKey(hash, salted)), serverKey: serverKey(hash, salted) }
}

/** What shows a server that we know the password to this salted one. */
export function clientProof(hash: ScramHash, salted: Uint8Array, authMessage: string): Uint8Array {
  const key = clientKey(hash, salted)
  return exclusiveOr(key, hmac(hash, digest(hash, key), authMessage))
}

/** What shows a client that the server has a credential of its password. */
export function serverSignature(hash: ScramHash, key: Uint8Array, authMessage: string): Uint8Array {
  return hmac(hash, key, authMessage)
}

export function isClientProof(hash: ScramHash, storedKey: Uint8Array, authMessage: string, proof: Uint8Array): boolean {
  if (proof.length !== DIGEST_BYTES[hash]) return false
  const key = exclusiveOr(proof, hmac(hash, storedKey, authMessage))
  return equalBytes(digest(hash, key), storedKey)
}

export function serverKey(hash: ScramHash, salted: Uint8Array): Uint8Array {
  return hmac(hash, salted, 'Server Key')
}

function clientKey(hash: ScramHash, salted: Uint8Array): Uint8Array {
  return hmac(hash, salted, 'Client Key')
}

function hmac(hash: ScramHash, key: Uint8Array, text: string): Uint8Array {
  return createHmac(hash, key).update(text, 'utf8').digest()
}

function digest(hash: ScramHash, bytes: Uint8Array): Uint8Array {
  return createHash(hash).update(bytes).digest()
}

function exclusiveOr(left: Uint8Array, right: Uint8Array): Uint8Array {
  return left.map((byte, index) => byte ^ (right[index] ?? 0))
}
