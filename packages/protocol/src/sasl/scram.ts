/**
 * SCRAM-SHA-256 and SCRAM-SHA-512 (RFC 5802, RFC 7677): both ends prove that they know a password, and neither sends it.
 * A password is what its UTF-8 bytes are; see `scram-keys.ts`.
 */
import { createHmac } from 'node:crypto'
import { AuthenticationError, type Random } from '@samsa/runtime/internal'
import { ProtocolError } from '../protocol-error.js'
import {
  checkCredential,
  equalBytes,
  type SaslClient,
  type SaslServer,
  type SaslServerStep,
  saslText,
} from './exchange.js'
import {
  clientProof,
  isClientProof,
  MAX_SCRAM_ITERATIONS,
  MIN_SCRAM_ITERATIONS,
  type ScramCredential,
  type ScramHash,
  saltedPassword,
  serverKey,
  serverSignature,
} from './scram-keys.js'
import {
  type ClientFirst,
  clientFinal,
  clientFinalWithoutProof,
  clientFirstBare,
  GS2_HEADER,
  readClientFinal,
  readClientFirst,
  readServerFinal,
  readServerFirst,
  serverFinal,
  serverFirst,
} from './scram-messages.js'

export type ScramMechanism = 'SCRAM-SHA-256' | 'SCRAM-SHA-512'

export function scramHash(mechanism: ScramMechanism): ScramHash {
  return mechanism === 'SCRAM-SHA-256' ? 'sha256' : 'sha512'
}

const NONCE_BYTES = 24
const SALT_BYTES = 24

export class ScramClient implements SaslClient {
  readonly refusal = undefined
  readonly #mechanism: ScramMechanism
  readonly #password: string
  readonly #nonce: string
  readonly #firstBare: string
  /** What the server has to say at the end; undefined until we have given our proof. */
  #expectedSignature: Uint8Array | undefined

  constructor(
    mechanism: ScramMechanism,
    credentials: { readonly username: string; readonly password: string },
    random: Random,
  ) {
    checkCredential(mechanism, 'username', credentials.username)
    checkCredential(mechanism, 'password', credentials.password)
    this.#mechanism = mechanism
    this.#password = credentials.password
    this.#nonce = newNonce(random)
    this.#firstBare = clientFirstBare(credentials.username, this.#nonce)
  }

  first(): Uint8Array {
    return Buffer.from(GS2_HEADER + this.#firstBare, 'utf8')
  }

  async next(message: Uint8Array): Promise<Uint8Array | undefined> {
    const text = saslText(message, `${this.#mechanism} message`)
    if (this.#expectedSignature !== undefined) {
      this.#verify(text, this.#expectedSignature)
      return undefined
    }
    return Buffer.from(await this.#prove(text), 'utf8')
  }

  async #prove(text: string): Promise<string> {
    const hash = scramHash(this.#mechanism)
    const { nonce, salt, iterations } = readServerFirst(text)
    // Without a part of the server's own, somebody could play an old exchange to us.
    if (!nonce.startsWith(this.#nonce) || nonce === this.#nonce) {
      throw new AuthenticationError('the server did not add to our nonce')
    }
    if (iterations < MIN_SCRAM_ITERATIONS || iterations > MAX_SCRAM_ITERATIONS) {
      throw new AuthenticationError(
        `the server asks for ${iterations} iterations; ${MIN_SCRAM_ITERATIONS} to ${MAX_SCRAM_ITERATIONS} are taken`,
      )
    }
    const withoutProof = clientFinalWithoutProof(GS2_HEADER, nonce)
    const authMessage = `${this.#firstBare},${text},${withoutProof}`
    const salted = await saltedPassword(hash, this.#password, salt, iterations)
    this.#expectedSignature = serverSignature(hash, serverKey(hash, salted), authMessage)
    return clientFinal(withoutProof, clientProof(hash, salted, authMessage))
  }

  #verify(text: string, expected: Uint8Array): void {
    const final = readServerFinal(text)
    if ('error' in final) throw new AuthenticationError(`the server refused the login: ${final.error}`)
    if (equalBytes(final.signature, expected)) return
    throw new AuthenticationError(
      'the server did not prove that it knows the password: it may not be what it says it is',
    )
  }
}

export interface ScramServerOptions {
  readonly credentialOf: (username: string) => ScramCredential | undefined
  /**
   * Of this server alone, and lasting: what is said to a user who does not exist is drawn from it, so that asking twice
   * does not tell who exists. The iterations said are Kafka's default.
   */
  readonly decoySecret: Uint8Array
  readonly random: Random
}

interface ServerState {
  readonly clientFirst: ClientFirst
  readonly serverFirst: string
  readonly nonce: string
  readonly credential: ScramCredential | undefined
}

export class ScramServer implements SaslServer {
  readonly #mechanism: ScramMechanism
  readonly #options: ScramServerOptions
  #state: ServerState | 'new' | 'over' = 'new'

  constructor(mechanism: ScramMechanism, options: ScramServerOptions) {
    this.#mechanism = mechanism
    this.#options = options
  }

  async next(message: Uint8Array): Promise<SaslServerStep> {
    const text = saslText(message, `${this.#mechanism} message`)
    const state = this.#state
    // Whatever comes of this message, there is no second try within one exchange.
    this.#state = 'over'
    if (state === 'over') {
      throw new ProtocolError({ what: `${this.#mechanism} message`, where: 0, why: 'the exchange is over' })
    }
    return state === 'new' ? this.#challenge(readClientFirst(text)) : this.#judge(text, state)
  }

  #challenge(clientFirst: ClientFirst): SaslServerStep {
    const { username, authorizationId, extensions } = clientFirst
    if (extensions.get('tokenauth') === 'true') {
      throw new AuthenticationError('Logging in with a delegation token is not supported.')
    }
    if (authorizationId !== '' && authorizationId !== username) {
      throw new AuthenticationError('A user cannot log in on behalf of another one.')
    }
    const credential = this.#options.credentialOf(username)
    const nonce = clientFirst.nonce + newNonce(this.#options.random)
    const { salt, iterations } = credential ?? { salt: this.#decoySalt(username), iterations: MIN_SCRAM_ITERATIONS }
    const text = serverFirst({ nonce, salt, iterations })
    this.#state = { clientFirst, serverFirst: text, nonce, credential }
    return { message: Buffer.from(text, 'utf8'), principal: undefined }
  }

  #judge(text: string, state: ServerState): SaslServerStep {
    const hash = scramHash(this.#mechanism)
    const { clientFirst, credential } = state
    const { withoutProof, gs2Header, nonce, proof } = readClientFinal(text)
    if (nonce !== state.nonce) throw new AuthenticationError('The nonce is not the one of this exchange.')
    if (gs2Header !== clientFirst.gs2Header) throw new AuthenticationError('The channel binding has changed.')
    const authMessage = `${clientFirst.bare},${state.serverFirst},${withoutProof}`
    if (credential === undefined || !isClientProof(hash, credential.storedKey, authMessage, proof)) {
      throw new AuthenticationError('The username or the password is not right.')
    }
    const signature = serverSignature(hash, credential.serverKey, authMessage)
    return { message: Buffer.from(serverFinal(signature), 'utf8'), principal: clientFirst.username }
  }

  #decoySalt(username: string): Uint8Array {
    return createHmac('sha256', this.#options.decoySecret).update(username, 'utf8').digest().subarray(0, SALT_BYTES)
  }
}

/** Base64 has no comma, so that it stands in a message as it is. */
function newNonce(random: Random): string {
  return Buffer.from(random.bytes(NONCE_BYTES)).toString('base64')
}
