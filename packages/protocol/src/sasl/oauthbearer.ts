/**
 * OAUTHBEARER (RFC 7628, in Kafka's form of KIP-255 and KIP-342): the client shows a token that somebody else issued.
 * Both ends. Whoever sees the bytes can use the token, as with PLAIN.
 */
import { AuthenticationError } from '@samsa/runtime/internal'
import { ProtocolError } from '../protocol-error.js'
import {
  MAX_SASL_MESSAGE_BYTES,
  NO_BYTES,
  type SaslClient,
  type SaslServer,
  type SaslServerStep,
  saslText,
  unescapeName,
} from './exchange.js'

export interface BearerMessage {
  readonly token: string
  readonly extensions: ReadonlyMap<string, string>
  /** On whose behalf; empty: the token's own. */
  readonly authorizationId: string
}

/** What a server tells a client whose token it does not take (RFC 7628, section 3.2.2). */
export interface BearerRefusal {
  /** `invalid_token`, `insufficient_scope` and the like. */
  readonly status: string
  readonly scope?: string | undefined
  readonly openidConfiguration?: string | undefined
}

export interface BearerAcceptance {
  readonly principal: string
  /** When the token ends, in milliseconds since 1970. */
  readonly expiresAtMs?: number | undefined
}

const WHAT = 'OAUTHBEARER message'
const SEPARATOR = '\x01'
const ACKNOWLEDGEMENT = Uint8Array.of(1)
const MAX_EXTENSIONS = 64

const tokenForm = /^[\x21-\x7e]+$/
const extensionName = /^[A-Za-z]+$/
const extensionValue = /^[\x20-\x7e\t\r\n]+$/

export function bearerMessage(token: string, extensions: Readonly<Record<string, string>> = {}): Uint8Array {
  if (!tokenForm.test(token)) {
    throw new ProtocolError({
      what: WHAT,
      where: 'token',
      why: 'it must be printable ASCII without spaces, and not empty',
    })
  }
  const pairs = Object.entries(extensions).map(([name, value]) => {
    checkExtension(name, value)
    return `${name}=${value}${SEPARATOR}`
  })
  const text = `n,,${SEPARATOR}auth=Bearer ${token}${SEPARATOR}${pairs.join('')}${SEPARATOR}`
  if (pairs.length > MAX_EXTENSIONS || text.length > MAX_SASL_MESSAGE_BYTES) {
    const why = `at most ${MAX_EXTENSIONS} extensions and ${MAX_SASL_MESSAGE_BYTES} bytes in all can be sent`
    throw new ProtocolError({ what: WHAT, where: 'token', why })
  }
  return Buffer.from(text, 'latin1')
}

export function readBearerMessage(message: Uint8Array): BearerMessage {
  const text = saslText(message, WHAT)
  const start = text.indexOf(SEPARATOR) + 1
  const header = /^n,(?:a=([^,]*))?,$/.exec(text.slice(0, Math.max(0, start - 1)))
  if (header === null || !text.endsWith(SEPARATOR + SEPARATOR)) {
    throw new ProtocolError({ what: WHAT, where: 0, why: 'it is not framed as RFC 7628 has it' })
  }
  const pairs = text.slice(start, -2).split(SEPARATOR, MAX_EXTENSIONS + 2)
  if (pairs.length > MAX_EXTENSIONS + 1) {
    throw new ProtocolError({ what: WHAT, where: start, why: `it has more than ${MAX_EXTENSIONS} extensions` })
  }
  const values = new Map<string, string>()
  for (const pair of pairs) {
    const equals = pair.indexOf('=')
    if (equals < 1) throw new ProtocolError({ what: WHAT, where: start, why: 'a part of it has no name or no value' })
    const name = pair.slice(0, equals)
    if (values.has(name)) throw new ProtocolError({ what: WHAT, where: start, why: 'it says one thing twice' })
    values.set(name, pair.slice(equals + 1))
  }
  const [, token] = /^bearer +(\S+)$/i.exec(values.get('auth') ?? '') ?? []
  if (token === undefined || !tokenForm.test(token)) {
    throw new ProtocolError({ what: WHAT, where: 'auth', why: 'it holds no bearer token' })
  }
  values.delete('auth')
  for (const [name, value] of values) checkExtension(name, value)
  return { token, extensions: values, authorizationId: unescapeName(WHAT, header[1] ?? '') }
}

function checkExtension(name: string, value: string): void {
  if (name === 'auth' || !extensionName.test(name)) {
    throw new ProtocolError({ what: WHAT, where: 'extension', why: "a name must be letters, and not 'auth'" })
  }
  if (extensionValue.test(value)) return
  throw new ProtocolError({ what: WHAT, where: `extension ${name}`, why: 'its value must be printable ASCII' })
}

export class OAuthBearerClient implements SaslClient {
  #refusal: string | undefined
  readonly #message: Uint8Array

  constructor(token: { readonly value: string; readonly extensions?: Readonly<Record<string, string>> | undefined }) {
    this.#message = bearerMessage(token.value, token.extensions)
  }

  get refusal(): string | undefined {
    return this.#refusal
  }

  first(): Uint8Array {
    return this.#message
  }

  /** A server that refuses says why first, and refuses when that is acknowledged. */
  async next(message: Uint8Array): Promise<Uint8Array | undefined> {
    if (this.#refusal !== undefined) throw new AuthenticationError(`the token was refused: ${this.#refusal}`)
    if (message.length === 0) return undefined
    this.#refusal = refusalText(saslText(message, WHAT))
    return ACKNOWLEDGEMENT
  }
}

function refusalText(text: string): string {
  try {
    const told: unknown = JSON.parse(text)
    if (typeof told === 'object' && told !== null) {
      const parts = Object.entries(told).filter(([, value]) => typeof value === 'string')
      if (parts.length > 0) return parts.map(([name, value]) => `${name} ${value}`).join(', ')
    }
  } catch {
    // No JSON: a server may say it in its own words.
  }
  return text
}

export class OAuthBearerServer implements SaslServer {
  readonly #judge: (message: BearerMessage) => Promise<BearerAcceptance | BearerRefusal>
  #state: 'new' | 'over' | BearerRefusal = 'new'

  /** `judge` knows which tokens are good and whose they are. */
  constructor(judge: (message: BearerMessage) => Promise<BearerAcceptance | BearerRefusal>) {
    this.#judge = judge
  }

  async next(message: Uint8Array): Promise<SaslServerStep> {
    const state = this.#state
    this.#state = 'over'
    if (state === 'over') throw new ProtocolError({ what: WHAT, where: 0, why: 'the exchange is over' })
    if (state !== 'new') throw new AuthenticationError(`The token was refused: ${state.status}.`)
    const read = readBearerMessage(message)
    const verdict = await this.#judge(read)
    if ('status' in verdict) return this.#refuse(verdict)
    if (read.authorizationId !== '' && read.authorizationId !== verdict.principal) {
      throw new AuthenticationError('A token cannot be used on behalf of somebody else.')
    }
    const { principal, expiresAtMs } = verdict
    return { message: NO_BYTES, principal, expiresAtMs }
  }

  #refuse(refusal: BearerRefusal): SaslServerStep {
    this.#state = refusal
    const { status, scope, openidConfiguration } = refusal
    const told = { status, scope, 'openid-configuration': openidConfiguration }
    return { message: Buffer.from(JSON.stringify(told), 'utf8'), principal: undefined }
  }
}
