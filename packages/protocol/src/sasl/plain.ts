/**
 * PLAIN (RFC 4616): user and password in one message, readable for whoever sees the bytes. Both ends.
 */
import { createHmac, randomBytes } from 'node:crypto'
import { AuthenticationError } from '@samsa/runtime/internal'
import { ProtocolError } from '../protocol-error.js'
import {
  checkCredential,
  equalBytes,
  NO_BYTES,
  type SaslClient,
  type SaslServer,
  type SaslServerStep,
  saslText,
} from './exchange.js'

export interface PlainCredentials {
  readonly username: string
  readonly password: string
  /** On whose behalf. Empty: the user's own. */
  readonly authorizationId: string
}

const WHAT = 'PLAIN message'

export function plainMessage(credentials: Omit<PlainCredentials, 'authorizationId'>): Uint8Array {
  const { username, password } = credentials
  checkCredential(WHAT, 'username', username)
  checkCredential(WHAT, 'password', password)
  return Buffer.from(`\0${username}\0${password}`, 'utf8')
}

export function readPlainMessage(message: Uint8Array): PlainCredentials {
  const parts = saslText(message, WHAT).split('\0', 4)
  const [authorizationId, username, password] = parts
  if (parts.length !== 3 || authorizationId === undefined || username === undefined || password === undefined) {
    throw new ProtocolError({ what: WHAT, where: 0, why: 'it is not three parts with a zero byte between each two' })
  }
  checkCredential(WHAT, 'username', username)
  checkCredential(WHAT, 'password', password)
  return { username, password, authorizationId }
}

export class PlainClient implements SaslClient {
  readonly refusal = undefined
  readonly #message: Uint8Array

  constructor(credentials: Omit<PlainCredentials, 'authorizationId'>) {
    this.#message = plainMessage(credentials)
  }

  first(): Uint8Array {
    return this.#message
  }

  /** The mechanism gives a server no word: whatever comes with its acceptance means nothing. */
  async next(): Promise<undefined> {
    return undefined
  }
}

export class PlainServer implements SaslServer {
  readonly #passwordOf: (username: string) => string | undefined

  constructor(passwordOf: (username: string) => string | undefined) {
    this.#passwordOf = passwordOf
  }

  async next(message: Uint8Array): Promise<SaslServerStep> {
    const { username, password, authorizationId } = readPlainMessage(message)
    const expected = this.#passwordOf(username)
    // An unknown user costs the comparison as well, so that time does not tell who exists.
    const isRight = equalTexts(password, expected ?? '') && expected !== undefined
    if (!isRight) throw new AuthenticationError('The username or the password is not right.')
    if (authorizationId !== '' && authorizationId !== username) {
      throw new AuthenticationError('A user cannot log in on behalf of another one.')
    }
    return { message: NO_BYTES, principal: username }
  }
}

/** Both are hashed under a key of the moment, so that not even their lengths show in the time. */
function equalTexts(left: string, right: string): boolean {
  const key = randomBytes(32)
  const digest = (text: string): Uint8Array => createHmac('sha256', key).update(text, 'utf8').digest()
  return equalBytes(digest(left), digest(right))
}
