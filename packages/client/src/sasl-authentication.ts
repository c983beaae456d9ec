/**
 * Logging in to a broker by SASL over a connection that is open: SaslHandshake names the mechanism, SaslAuthenticate
 * carries its messages. Nothing else may be sent on the connection meanwhile. Run a second time on the same connection it
 * renews the session (KIP-368).
 *
 * No password, token or proof gets into an error, not even when a broker quotes one.
 */
import { type Decoded, errorByCode, errorOf, ProtocolError, type SaslAuthenticateResponse } from '@samsa/protocol'
import {
  OAuthBearerClient,
  PlainClient,
  type SaslClient,
  ScramClient,
  saslAuthenticate,
  saslHandshake,
} from '@samsa/protocol/internal'
import {
  AuthenticationError,
  type Clock,
  KafkaError,
  type Random,
  settleWithin,
  TimeoutError,
} from '@samsa/runtime/internal'
import type { Connection } from './connection.js'

export interface OAuthToken {
  /** As it is sent behind `Bearer `. */
  readonly value: string
  /** Further names and values for the broker (KIP-342). */
  readonly extensions?: Readonly<Record<string, string>> | undefined
  /** When the token ends, in milliseconds since 1970; one that has ended is not sent. */
  readonly lifetimeMs?: number | undefined
}

export type SaslOptions =
  | {
      readonly mechanism: 'PLAIN' | 'SCRAM-SHA-256' | 'SCRAM-SHA-512'
      readonly username: string
      readonly password: string
    }
  | {
      readonly mechanism: 'OAUTHBEARER'
      /** Asked for each login, also when a session is renewed: a token that is still good may be given again. */
      readonly token: () => Promise<string | OAuthToken> | string | OAuthToken
    }

export interface AuthenticateOptions {
  /** What client and broker have in common. Handshake 0, whose tokens travel outside of requests, is not supported. */
  readonly versions: { readonly handshake: number; readonly authenticate: number }
  readonly random: Random
  readonly clock: Clock
}

export interface SaslSession {
  /** Log in again on this connection within that time, or the broker closes it. 0: never needed. */
  readonly sessionLifetimeMs: number
}

/** SCRAM takes two rounds, as does a refusal by OAUTHBEARER, and their clients end then by themselves: a second fence. */
const MAX_ROUNDS = 4

const TOKEN_TIMEOUT_MS = 30_000

/** What is quoted of a broker's texts. */
const MAX_QUOTED = 300

export async function authenticate(
  connection: Connection,
  sasl: SaslOptions,
  options: AuthenticateOptions,
): Promise<SaslSession> {
  const { versions } = options
  if (versions.handshake < 1) {
    throw new KafkaError(
      `${connection.broker} speaks SaslHandshake 0 only, where tokens travel outside of requests; that is not supported`,
      { code: 'UNSUPPORTED_VERSION', broker: connection.broker, api: saslHandshake.name },
    )
  }
  // The token first: a broker waits for the next message of a login less patiently than for its beginning.
  const login = await loginOf(connection.broker, sasl, options)
  await shakeHands(connection, sasl.mechanism, versions.handshake)
  let message = login.client.first()
  for (let round = 0; round < MAX_ROUNDS; round++) {
    const answer = await connection.request(saslAuthenticate, versions.authenticate, { authBytes: message })
    if (answer.errorCode !== 0) throw refused(connection.broker, login, answer)
    const next = await nextMessage(connection.broker, login, answer.authBytes)
    if (next === undefined) return { sessionLifetimeMs: lifetimeOf(answer) }
    message = next
  }
  throw new AuthenticationError(
    `${connection.broker} has not come to an end of ${sasl.mechanism} after ${MAX_ROUNDS} rounds`,
    { broker: connection.broker, api: saslAuthenticate.name },
  )
}

interface Login {
  readonly mechanism: SaslOptions['mechanism']
  readonly client: SaslClient
  /** What no error may show. */
  readonly secret: string
  /** What a refusal may come from, other than a wrong secret. */
  readonly hint: string
}

/** Where a credential for any other name can be stored, nobody is ever known by it. */
const ASCII_NAMES_HINT = 'Kafka knows only names in ASCII by SCRAM'

async function loginOf(broker: string, sasl: SaslOptions, options: AuthenticateOptions): Promise<Login> {
  const { mechanism } = sasl
  if (sasl.mechanism === 'OAUTHBEARER') {
    const token = await tokenOf(broker, sasl.token, options.clock)
    return withReason(broker, mechanism, () => ({
      mechanism,
      secret: token.value,
      hint: '',
      client: new OAuthBearerClient(token),
    }))
  }
  const { username, password } = sasl
  return withReason(broker, mechanism, () => ({
    mechanism,
    secret: password,
    hint: mechanism === 'PLAIN' || /^\p{ASCII}*$/u.test(username) ? '' : ASCII_NAMES_HINT,
    client:
      sasl.mechanism === 'PLAIN'
        ? new PlainClient({ username, password })
        : new ScramClient(sasl.mechanism, { username, password }, options.random),
  }))
}

/** What the mechanism cannot do with our credentials is an error of ours, not of the wire. */
function withReason<T>(broker: string, mechanism: string, make: () => T): T {
  try {
    return make()
  } catch (cause) {
    if (!(cause instanceof ProtocolError)) throw cause
    throw new AuthenticationError(`cannot log in by ${mechanism}: ${cause.where}: ${cause.why}`, { broker, cause })
  }
}

async function tokenOf(
  broker: string,
  token: Extract<SaslOptions, { mechanism: 'OAUTHBEARER' }>['token'],
  clock: Clock,
): Promise<OAuthToken> {
  let given: string | OAuthToken
  try {
    given = await settleWithin(clock, Promise.resolve(token()), {
      timeoutMs: TOKEN_TIMEOUT_MS,
      timeoutError: waitedMs => new TimeoutError(`the token function gave nothing within ${waitedMs} ms`),
    })
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause)
    throw new AuthenticationError(`no token for ${broker}: ${why}`, { broker, cause })
  }
  const whole = typeof given === 'string' ? { value: given } : given
  const { lifetimeMs } = whole
  if (lifetimeMs !== undefined && lifetimeMs <= clock.now()) {
    throw new AuthenticationError(
      `the token for ${broker} ended before it was used; its lifetimeMs, ${lifetimeMs}, counts from 1970`,
      { broker },
    )
  }
  return whole
}

async function shakeHands(connection: Connection, mechanism: string, version: number): Promise<void> {
  const { broker } = connection
  const answer = await connection.request(saslHandshake, version, { mechanism })
  if (answer.errorCode === 0) return
  const detail = { broker, api: saslHandshake.name }
  const { name } = errorByCode(answer.errorCode)
  if (name === 'UNSUPPORTED_SASL_MECHANISM') {
    const offered = answer.mechanisms.length === 0 ? 'none' : quoted(answer.mechanisms.join(', '))
    throw new AuthenticationError(`${broker} does not offer ${mechanism}; what it offers: ${offered}`, {
      ...detail,
      code: 'UNSUPPORTED_SASL_MECHANISM',
    })
  }
  if (name === 'ILLEGAL_SASL_STATE') {
    const help = 'a listener without SASL answers so: use the port of one with it, or log in without SASL'
    throw new AuthenticationError(`${broker} takes no SASL login here; ${help}`, { ...detail, code: name })
  }
  throw errorOf(answer.errorCode, detail)
}

async function nextMessage(broker: string, login: Login, message: Uint8Array): Promise<Uint8Array | undefined> {
  try {
    return await login.client.next(message)
  } catch (cause) {
    const detail = { broker, api: saslAuthenticate.name }
    if (cause instanceof AuthenticationError) {
      const why = quoted(withoutSecret(cause.message, login.secret))
      throw new AuthenticationError(`${broker}, ${login.mechanism}: ${why}`, detail)
    }
    if (!(cause instanceof ProtocolError)) throw cause
    throw new AuthenticationError(
      `${broker} does not speak ${login.mechanism} as it must: ${quoted(withoutSecret(cause.message, login.secret))}`,
      detail,
    )
  }
}

function refused(broker: string, login: Login, answer: Decoded<SaslAuthenticateResponse>): KafkaError {
  const told = [answer.errorMessage ?? '', login.client.refusal ?? '', login.hint].filter(text => text !== '')
  const message = quoted(withoutSecret([...new Set(told)].join('; '), login.secret))
  return errorOf(answer.errorCode, { broker, api: saslAuthenticate.name, message })
}

/** Brokers are to say what is safe to show. Not all do. */
function withoutSecret(text: string, secret: string): string {
  return secret === '' ? text : text.replaceAll(secret, '***')
}

function quoted(text: string): string {
  const plain = text.replace(/\p{Cc}+/gu, ' ')
  return plain.length > MAX_QUOTED ? `${plain.slice(0, MAX_QUOTED)}…` : plain
}

function lifetimeOf({ sessionLifetimeMs }: Decoded<SaslAuthenticateResponse>): number {
  return sessionLifetimeMs > 0n ? Number(sessionLifetimeMs) : 0
}
