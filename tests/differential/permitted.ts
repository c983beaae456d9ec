/**
 * The differences from Kafka that are permitted, each with the reason. A rule names the place as closely as it can, and
 * one that was not used in a run is reported, so that the list stays as short as it may be.
 */
import { isStruct, type Rule } from './compare.js'

/** Where the two brokers live, and what a process with a controller of its own is told. */
const SETTINGS_OF_THE_PLACE = new Set([
  'advertised.listeners',
  'broker.id',
  'controller.listener.names',
  'controller.quorum.bootstrap.servers',
  'inter.broker.listener.name',
  'listener.security.protocol.map',
  'listeners',
  'log.dir',
  'log.dirs',
  'process.roles',
])

export const permitted: readonly Rule[] = [
  {
    api: 'ApiVersions',
    path: 'apiKeys',
    permits: () => true,
    reason: 'Our broker serves fewer APIs; those that it serves are compared by a test of their own.',
  },
  {
    api: 'FindCoordinator',
    permits: () => true,
    reason: 'There are no coordinators here yet.',
  },
  {
    api: 'DescribeConfigs',
    path: 'results.configs',
    permits: ({ kafka }) => isStruct(kafka) && SETTINGS_OF_THE_PLACE.has(String(kafka['name'])),
    reason: 'Each broker has addresses and directories of its own, and ours needs no listener for a controller.',
  },
]
