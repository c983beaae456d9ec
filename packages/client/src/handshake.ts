/**
 * What comes first on a new connection, always in this order: with SASL, the oldest ApiVersions and the authentication;
 * then ApiVersions once more, in the newest form that the broker understands. Later the same connection may have to
 * authenticate again (KIP-368), with what the broker said at first.
 */
import {
  type ApiVersionsResponse,
  apiVersions,
  type Decoded,
  errorOf,
  saslAuthenticate,
  saslHandshake,
} from '@samsa/protocol'
import { type Clock, KafkaError, type Random } from '@samsa/runtime'
import { BrokerVersions } from './broker-versions.js'
import type { Connection } from './connection.js'
import type { AuthenticateOptions, SaslOptions, SaslSession } from './sasl-authentication.js'

const UNSUPPORTED_VERSION = 35
const SOFTWARE = { clientSoftwareName: 'samsa', clientSoftwareVersion: '0.0.0' }

/** Says who the client is, on an open connection on which nothing else is sent meanwhile. */
export type Authenticate = (
  connection: Connection,
  sasl: SaslOptions,
  options: AuthenticateOptions,
) => Promise<SaslSession>

export interface Identity {
  readonly sasl: SaslOptions
  readonly authenticate: Authenticate
}

export interface HandshakeOptions {
  /** Undefined where nobody asks who the client is. */
  readonly identity: Identity | undefined
  readonly clock: Clock
  readonly random: Random
}

export interface Handshake {
  readonly versions: BrokerVersions
  /** How long the broker takes the client for who it is; 0 for as long as the connection lasts. */
  readonly sessionLifetimeMs: number
  /** Does it again; nothing else may be sent meanwhile. Gives the new lifetime. */
  readonly authenticateAgain: () => Promise<number>
}

export async function shakeHands(connection: Connection, options: HandshakeOptions): Promise<Handshake> {
  const { identity, clock, random } = options
  if (identity === undefined) {
    const versions = await negotiate(connection)
    return { versions, sessionLifetimeMs: 0, authenticateAgain: () => Promise.resolve(0) }
  }
  // The oldest form, since a broker that waits for SASL may take what it cannot read for a token of Kerberos.
  const beforehand = new BrokerVersions(connection.broker, await askVersions(connection, 0))
  const versions = { handshake: beforehand.version(saslHandshake), authenticate: beforehand.version(saslAuthenticate) }
  const authenticateAgain = async (): Promise<number> => {
    const { sessionLifetimeMs } = await identity.authenticate(connection, identity.sasl, { versions, clock, random })
    return sessionLifetimeMs
  }
  const sessionLifetimeMs = await authenticateAgain()
  return { versions: await negotiate(connection), sessionLifetimeMs, authenticateAgain }
}

/** Asks in the newest form; a broker that does not know it says which it knows, in the oldest. */
async function negotiate(connection: Connection): Promise<BrokerVersions> {
  const newest = apiVersions.versions.latestStable
  const answer = await connection.request(apiVersions, newest, SOFTWARE)
  if (answer.errorCode !== UNSUPPORTED_VERSION)
    return new BrokerVersions(connection.broker, accepted(connection, answer))
  const known = answer.apiKeys.find(({ apiKey }) => apiKey === apiVersions.key)?.maxVersion ?? 0
  const second = await askVersions(connection, known < newest ? Math.max(known, 0) : 0)
  return new BrokerVersions(connection.broker, second)
}

async function askVersions(connection: Connection, version: number): Promise<Decoded<ApiVersionsResponse>> {
  const request = version >= 3 ? SOFTWARE : {}
  return accepted(connection, await connection.request(apiVersions, version, request))
}

function accepted(connection: Connection, answer: Decoded<ApiVersionsResponse>): Decoded<ApiVersionsResponse> {
  if (answer.errorCode === 0) return answer
  const detail = { broker: connection.broker, api: apiVersions.name }
  if (answer.errorCode !== UNSUPPORTED_VERSION) throw errorOf(answer.errorCode, detail)
  throw new KafkaError(`${connection.broker} speaks no version of ApiVersions that this client knows`, {
    ...detail,
    code: 'UNSUPPORTED_VERSION',
  })
}
