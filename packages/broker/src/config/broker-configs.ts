/**
 * Broker configs: every name of Kafka 4.3 in one table, and the check of the properties that a broker is made with.
 * Names that this broker does nothing with are known all the same, so that a server.properties is not refused for them.
 */
import { ConfigError } from '@samsa/runtime'
import { nearestName } from '@samsa/runtime/internal'
import { clusterConfigs, idleClusterConfigs } from './broker/cluster-configs.js'
import { coordinatorConfigs, idleCoordinatorConfigs } from './broker/coordinator-configs.js'
import { idleGroupConfigs, liveGroupConfigs } from './broker/group-configs.js'
import { idleLogConfigs, logConfigs } from './broker/log-configs.js'
import { idleNetworkConfigs, networkConfigs } from './broker/network-configs.js'
import { idleRemoteConfigs } from './broker/remote-configs.js'
import type { BrokerConfigRow, UpdateMode } from './broker/row.js'
import { idleSecurityConfigs } from './broker/security-configs.js'
import { type ConfigDefinition, configFault } from './config-definition.js'

export interface BrokerConfigDefinition extends ConfigDefinition {
  readonly mode: UpdateMode
  /** Nothing in this broker asks for it. */
  readonly isIdle: boolean
}

export const NO_EFFECT = 'It has no effect on this broker.'

/** By name, in order. */
export const brokerConfigs: ReadonlyMap<string, BrokerConfigDefinition> = new Map(
  [
    ...definitionsOf(
      [...clusterConfigs, ...coordinatorConfigs, ...liveGroupConfigs, ...logConfigs, ...networkConfigs],
      false,
    ),
    ...definitionsOf(
      [
        ...idleClusterConfigs,
        ...idleCoordinatorConfigs,
        ...idleGroupConfigs,
        ...idleLogConfigs,
        ...idleNetworkConfigs,
        ...idleRemoteConfigs,
        ...idleSecurityConfigs,
      ],
      true,
    ),
  ]
    .sort((one, other) => (one.name < other.name ? -1 : 1))
    .map(definition => [definition.name, definition]),
)

/**
 * Names that mean the same in another unit, finest first: one that is set goes before those behind it. Each name is
 * described together with these.
 */
const unitSynonyms: readonly (readonly string[])[] = [
  ['log.retention.ms', 'log.retention.minutes', 'log.retention.hours'],
  ['log.roll.ms', 'log.roll.hours'],
  ['log.roll.jitter.ms', 'log.roll.jitter.hours'],
]

/** The names that are looked through for a value of `name`. */
export function brokerSynonyms(name: string): readonly string[] {
  // One way only: the scheduler's pause stands in for the interval, never the other way round.
  if (name === 'log.flush.interval.ms') return ['log.flush.interval.ms', 'log.flush.scheduler.interval.ms']
  return unitSynonyms.find(names => names.includes(name)) ?? [name]
}

/** Checks the properties of a broker: unknown names and impossible values are refused with one sentence. */
export function checkBrokerProperties(
  properties: Readonly<Record<string, string | number | boolean>>,
): Map<string, string> {
  const values = new Map<string, string>()
  for (const [name, given] of Object.entries(properties)) {
    const definition = brokerConfigs.get(name)
    if (definition === undefined) throw new ConfigError(unknownName(name))
    const value = String(given)
    const fault = configFault(definition, value)
    if (fault !== undefined) throw new ConfigError(fault)
    values.set(name, value)
  }
  return values
}

function unknownName(name: string): string {
  const nearest = nearestName(name, brokerConfigs.keys())
  const suggestion = nearest === undefined ? '' : `; did you mean '${nearest}'?`
  return `'${name}' is not a broker property of Kafka 4.3${suggestion}`
}

function definitionsOf(rows: readonly BrokerConfigRow[], isIdle: boolean): BrokerConfigDefinition[] {
  return rows.map(([name, type, defaultValue, mode, text, rule]) => ({
    name,
    type,
    default: defaultValue,
    mode,
    documentation: isIdle ? `${text} ${NO_EFFECT}` : text,
    isIdle,
    ...(rule === undefined ? {} : { rule }),
  }))
}
