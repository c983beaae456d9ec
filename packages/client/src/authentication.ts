/**
 * What the client knows of SASL: who it says it is, and the one function that says it on a connection.
 */
import type { Clock, Random } from '@samsa/runtime'
import type { Connection } from './connection.js'

/** A token that knows until when it holds; text alone says so itself. */
export interface OAuthToken {
  readonly value: string
  /** Milliseconds since 1970; left out, as the token itself says. */
  readonly expiresAtMs?: number | undefined
}

export type SaslOptions =
  | {
      readonly mechanism: 'PLAIN' | 'SCRAM-SHA-256' | 'SCRAM-SHA-512'
      readonly username: string
      readonly password: string
    }
  | {
      readonly mechanism: 'OAUTHBEARER'
      readonly token: () => Promise<string | OAuthToken> | string | OAuthToken
    }

export interface AuthenticateOptions {
  readonly versions: { readonly handshake: number; readonly authenticate: number }
  readonly random: Random
  readonly clock: Clock
}

/** On an open connection on which nothing else is sent meanwhile; for the first time and again. */
export type Authenticate = (
  connection: Connection,
  sasl: SaslOptions,
  options: AuthenticateOptions,
) => Promise<{ readonly sessionLifetimeMs: number }>
