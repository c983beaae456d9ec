/**
 * Broker configs, one row each. Listeners, connections and requests. A fact sheet.
 */
import { listOf } from '../config-definition.js'
import type { BrokerConfigRow } from './row.js'

/** What this broker goes by. */
export const networkConfigs: readonly BrokerConfigRow[] = [
  [
    'advertised.listeners',
    'LIST',
    null,
    'read-only',
    'Addresses that clients are told to connect to; the listeners themselves unless it is set.',
  ],
  ['connections.max.idle.ms', 'LONG', '600000', 'read-only', 'A connection without traffic for so long is closed.'],
  [
    'listeners',
    'LIST',
    'PLAINTEXT://:9092',
    'per-broker',
    'Addresses that the broker listens on, as name://host:port.',
  ],
  ['max.connections', 'INT', '2147483647', 'cluster-wide', 'Most connections of the broker.', { min: 0 }],
  ['max.connections.per.ip', 'INT', '2147483647', 'cluster-wide', 'Most connections from one address.', { min: 0 }],
  [
    'max.incremental.fetch.session.cache.slots',
    'INT',
    '1000',
    'read-only',
    'Most fetch sessions that the broker remembers.',
    { min: 0 },
  ],
  [
    'max.request.partition.size.limit',
    'INT',
    '2000',
    'read-only',
    'Most partitions in one answer to DescribeTopicPartitions.',
    { min: 1 },
  ],
  [
    'queued.max.request.bytes',
    'LONG',
    '-1',
    'read-only',
    'Most bytes that requests and unread answers of all connections hold in memory; beyond it, the connection that has held its part for the longest time is closed. -1 for half of the heap.',
  ],
  ['socket.request.max.bytes', 'INT', '104857600', 'read-only', 'Largest request that is accepted.', { min: 1 }],
]

/** Known, checked and told, without an effect here. */
export const idleNetworkConfigs: readonly BrokerConfigRow[] = [
  [
    'connection.failed.authentication.delay.ms',
    'INT',
    '100',
    'read-only',
    'Pause before a connection that failed to authenticate is closed.',
    { min: 0 },
  ],
  [
    'connections.max.reauth.ms',
    'LONG',
    '0',
    'read-only',
    'Longest time that an authentication is good for; 0 for ever.',
  ],
  ['early.start.listeners', 'LIST', null, 'read-only', 'Listeners that open before the broker has caught up.'],
  [
    'inter.broker.listener.name',
    'STRING',
    null,
    'read-only',
    'Name of the listener that brokers use among themselves.',
  ],
  [
    'listener.security.protocol.map',
    'STRING',
    'SASL_SSL:SASL_SSL,PLAINTEXT:PLAINTEXT,SSL:SSL,SASL_PLAINTEXT:SASL_PLAINTEXT',
    'per-broker',
    'Security protocol of each listener, by its name.',
  ],
  [
    'max.connection.creation.rate',
    'INT',
    '2147483647',
    'cluster-wide',
    'Most new connections in a second.',
    { min: 0 },
  ],
  [
    'max.connections.per.ip.overrides',
    'STRING',
    '',
    'cluster-wide',
    'Other limits for some addresses, as host:count.',
    { check: value => (listOf(value).every(each => /^.+:\d+$/.test(each)) ? undefined : 'must be host:count') },
  ],
  ['num.io.threads', 'INT', '8', 'cluster-wide', 'Threads that handle requests.', { min: 1 }],
  ['num.network.threads', 'INT', '3', 'cluster-wide', 'Threads that read requests and write answers.', { min: 1 }],
  ['queued.max.requests', 'INT', '500', 'read-only', 'Most requests that wait to be handled.', { min: 1 }],
  ['request.timeout.ms', 'INT', '30000', 'read-only', 'Longest wait for an answer from another node.'],
  [
    'socket.connection.setup.timeout.max.ms',
    'LONG',
    '30000',
    'read-only',
    'Longest wait for a connection to another node.',
  ],
  ['socket.connection.setup.timeout.ms', 'LONG', '10000', 'read-only', 'First wait for a connection to another node.'],
  ['socket.listen.backlog.size', 'INT', '50', 'read-only', 'Connections that may wait to be accepted.', { min: 1 }],
  ['socket.receive.buffer.bytes', 'INT', '102400', 'read-only', "Receive buffer of sockets; -1 for the system's own."],
  ['socket.send.buffer.bytes', 'INT', '102400', 'read-only', "Send buffer of sockets; -1 for the system's own."],
]
