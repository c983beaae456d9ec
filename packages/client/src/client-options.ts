/**
 * The options that every client of a cluster has: how it finds brokers, connects, waits and says who it is. Producer,
 * consumer and admin spread these rows, computed defaults and rules into tables of their own.
 */
import type { ConnectionOptions as TlsOptions } from 'node:tls'
import type { ConfigOf, ConfigTable, InputOf } from '@samsa/runtime'
import { configTable, hasMethods, surroundingRows } from '@samsa/runtime/internal'
import type { Resolver } from './name-resolution.js'
import type { SaslOptions } from './sasl-authentication.js'
import { parseAddress, type Transport } from './transport.js'

function isResolver(value: unknown): value is Resolver {
  return hasMethods(value, 'addresses', 'canonicalName')
}

function isTransport(value: unknown): value is Transport {
  return typeof value === 'function'
}

function isTlsOptions(value: unknown): value is TlsOptions {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

const passwordMechanisms: readonly unknown[] = ['PLAIN', 'SCRAM-SHA-256', 'SCRAM-SHA-512']

function isSaslOptions(value: unknown): value is SaslOptions {
  if (typeof value !== 'object' || value === null) return false
  const { mechanism, username, password, token } = value as Readonly<Record<string, unknown>>
  if (mechanism === 'OAUTHBEARER') return typeof token === 'function'
  return passwordMechanisms.includes(mechanism) && typeof username === 'string' && typeof password === 'string'
}

function addressComplaint(servers: readonly string[]): string | undefined {
  for (const server of servers) {
    try {
      parseAddress(server)
    } catch {
      return 'must be addresses like localhost:9092 or [::1]:9092, separated by commas'
    }
  }
  return undefined
}

export const clientRows = {
  bootstrapServers: {
    type: 'list',
    nonEmpty: true,
    required: true,
    check: addressComplaint as (servers: readonly string[]) => string | undefined,
    kafka: ['bootstrap.servers', 'metadata.broker.list'],
    text: 'Brokers to ask for the whole cluster, as host:port; one that answers is enough.',
  },
  clientId: {
    type: 'string',
    default: 'samsa',
    kafka: 'client.id',
    text: 'The name under which the broker counts and logs what this client does.',
    differs: "Kafka's is empty; a name says more in the broker's log.",
  },
  requestTimeoutMs: {
    type: 'integer',
    min: 1,
    max: 2_147_483_647,
    default: 30_000,
    kafka: 'request.timeout.ms',
    text: 'The longest wait for the answer to one request, after which its connection is closed.',
  },
  defaultApiTimeoutMs: {
    type: 'integer',
    min: 0,
    max: 2_147_483_647,
    default: 60_000,
    kafka: 'default.api.timeout.ms',
    text: 'The longest that a call goes on, retries included, when it brings no limit of its own.',
  },
  reconnectBackoffMs: {
    type: 'integer',
    min: 0,
    max: 2_147_483_647,
    default: 50,
    kafka: 'reconnect.backoff.ms',
    text: 'The pause before a broker is connected to again; it doubles with every failure in a row.',
  },
  reconnectBackoffMaxMs: {
    type: 'integer',
    min: 0,
    max: 2_147_483_647,
    computed: '`1000`, or `reconnectBackoffMs` when only that is given',
    kafka: 'reconnect.backoff.max.ms',
    text: 'The longest pause before a broker is connected to again; below `reconnectBackoffMs` it counts as that.',
  },
  retryBackoffMs: {
    type: 'integer',
    min: 0,
    max: 2_147_483_647,
    default: 100,
    kafka: 'retry.backoff.ms',
    text: 'The pause before a request that failed is tried again; it doubles with every failure in a row.',
  },
  retryBackoffMaxMs: {
    type: 'integer',
    min: 0,
    max: 2_147_483_647,
    default: 1000,
    kafka: 'retry.backoff.max.ms',
    text: 'The longest pause before a request is tried again.',
  },
  socketConnectionSetupTimeoutMs: {
    type: 'integer',
    min: 1,
    max: 2_147_483_647,
    default: 10_000,
    kafka: 'socket.connection.setup.timeout.ms',
    text: 'How long a connection may take to stand; it doubles with every failure in a row.',
  },
  socketConnectionSetupTimeoutMaxMs: {
    type: 'integer',
    min: 1,
    max: 2_147_483_647,
    default: 30_000,
    kafka: 'socket.connection.setup.timeout.max.ms',
    text: 'The longest that a connection may take to stand.',
  },
  connectionsMaxIdleMs: {
    type: 'integer',
    min: -1,
    max: 2_147_483_647,
    default: 540_000,
    kafka: 'connections.max.idle.ms',
    text: 'A connection without traffic for this long is closed until it is needed again; -1 for never.',
  },
  metadataMaxAgeMs: {
    type: 'integer',
    min: 0,
    max: 2_147_483_647,
    default: 300_000,
    kafka: 'metadata.max.age.ms',
    text: 'Metadata this old is asked for again, even where nothing hints at a change.',
  },
  metadataMaxIdleMs: {
    type: 'integer',
    min: 5000,
    max: 2_147_483_647,
    default: 300_000,
    kafka: 'metadata.max.idle.ms',
    text: 'Metadata of a topic that nobody used for this long is dropped.',
  },
  metadataRecoveryStrategy: {
    type: 'enum',
    values: ['rebootstrap', 'none'],
    default: 'rebootstrap',
    kafka: 'metadata.recovery.strategy',
    text: 'Whether to start again from `bootstrapServers` when none of the known brokers can be reached.',
  },
  metadataRecoveryRebootstrapTriggerMs: {
    type: 'integer',
    min: 0,
    max: 2_147_483_647,
    default: 300_000,
    kafka: 'metadata.recovery.rebootstrap.trigger.ms',
    text: 'How long metadata may fail to come before the client starts again from `bootstrapServers`.',
  },
  clientDnsLookup: {
    type: 'enum',
    values: ['useAllDnsIps', 'resolveCanonicalBootstrapServersOnly'],
    default: 'useAllDnsIps',
    kafka: 'client.dns.lookup',
    text: 'Whether a name with several addresses is tried at each, or bootstrap names become the canonical ones first.',
  },
  securityProtocol: {
    type: 'enum',
    values: ['PLAINTEXT', 'SSL', 'SASL_PLAINTEXT', 'SASL_SSL'],
    default: 'PLAINTEXT',
    kafka: 'security.protocol',
    text: 'Whether connections are encrypted and whether the client says who it is.',
  },
  tls: {
    type: 'object',
    guard: isTlsOptions as (value: unknown) => value is TlsOptions,
    expects: 'an object with options of node:tls',
    optional: true,
    kafka: null,
    text: 'Certificates, keys and whatever else `tls.connect` of node:tls takes.',
  },
  sasl: {
    type: 'object',
    guard: isSaslOptions as (value: unknown) => value is SaslOptions,
    expects: 'a mechanism with username and password, or OAUTHBEARER with a function that gives a token',
    secret: true,
    optional: true,
    kafka: null,
    text: 'Who the client is: `{ mechanism, username, password }`, or `{ mechanism: OAUTHBEARER, token }`.',
  },
  maxResponseBytes: {
    type: 'integer',
    min: 1024,
    max: 2_147_483_647,
    default: 104_857_600,
    kafka: null,
    text: 'The largest answer that is taken from a broker; a larger one ends its connection.',
  },
  clock: surroundingRows.clock as typeof surroundingRows.clock,
  random: surroundingRows.random as typeof surroundingRows.random,
  logger: surroundingRows.logger as typeof surroundingRows.logger,
  transport: {
    type: 'function',
    guard: isTransport as (value: unknown) => value is Transport,
    expects: 'a function from an address to a stream of bytes',
    optional: true,
    kafka: null,
    text: 'What carries bytes in place of TCP, such as a listener in memory.',
  },
  resolver: {
    type: 'object',
    guard: isResolver as (value: unknown) => value is Resolver,
    optional: true,
    kafka: null,
    text: 'What turns names into addresses in place of the system; by default names are left to a `transport` of your own.',
  },
} as const

export type ClientRows = typeof clientRows
export type ClientConfig = ConfigOf<ClientRows>
export type ClientOptions = InputOf<ClientRows>

/** For `compute` of any table that has these rows. */
export const clientComputes = {
  reconnectBackoffMaxMs: (draft: { readonly reconnectBackoffMs: number }, given: ReadonlySet<string>): number =>
    given.has('reconnectBackoffMs') ? draft.reconnectBackoffMs : 1000,
}

function saslIsThere({ securityProtocol, sasl }: ClientConfig): string | undefined {
  const isWanted = securityProtocol.startsWith('SASL_')
  if (isWanted && sasl === undefined) {
    return `securityProtocol ${securityProtocol} needs sasl: { mechanism, username, password } or a token`
  }
  return isWanted || sasl === undefined
    ? undefined
    : `sasl has no effect with securityProtocol ${securityProtocol}: choose SASL_SSL or SASL_PLAINTEXT`
}

function tlsIsUsed({ securityProtocol, tls }: ClientConfig): string | undefined {
  return tls === undefined || securityProtocol.endsWith('SSL')
    ? undefined
    : `tls has no effect with securityProtocol ${securityProtocol}: choose SSL or SASL_SSL`
}

/** For `rules` of any table that has these rows. */
export const clientRules: readonly ((config: ClientConfig) => string | undefined)[] = [saslIsThere, tlsIsUsed]

/** For `ignored` of any table that has these rows. */
export const clientIgnored: Readonly<Record<string, string>> = {
  'send.buffer.bytes': 'the system sizes the buffers of sockets',
  'receive.buffer.bytes': 'the system sizes the buffers of sockets',
  'enable.metrics.push': 'nothing is pushed to brokers',
  'metric.reporters': 'observers subscribe to channels of node:diagnostics_channel',
}

export const clientTable: ConfigTable<ClientRows> = configTable({
  name: 'client',
  rows: clientRows,
  compute: clientComputes,
  rules: clientRules,
  ignored: clientIgnored,
})

/** The part of a larger configuration that a Client is made of. */
export function clientOptionsOf(config: ClientConfig): ClientOptions {
  const own = Object.keys(clientRows).map(name => [name, Reflect.get(config, name)])
  // Every name is a row's, and every value has been checked by it.
  return Object.fromEntries(own) as ClientOptions
}
