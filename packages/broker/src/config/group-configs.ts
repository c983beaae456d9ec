/**
 * Configs of groups and of client metrics subscriptions: tables, and the checks that go beyond one value. Consumer groups
 * go by theirs; the others are kept and told.
 */
import { NO_EFFECT } from './broker-configs.js'
import { type ConfigDefinition, type ConfigRule, type ConfigType, configFault, listOf } from './config-definition.js'

export interface GroupConfigDefinition extends ConfigDefinition {
  /** The broker config that is its default; undefined where it has a default of its own. */
  readonly brokerName: string | undefined
}

type Row = readonly [name: string, type: ConfigType, defaultValue: string, documentation: string, rule?: ConfigRule]

/** Defaults of their own; every other name has `group.` and itself as the broker's name. */
const ownDefaults = new Set(['share.auto.offset.reset', 'share.isolation.level', 'share.renew.acknowledge.enable'])

const groupRows: readonly Row[] = [
  ['consumer.assignment.interval.ms', 'INT', '1000', 'Least time between two assignments of the group.', { min: 0 }],
  ['consumer.heartbeat.interval.ms', 'INT', '5000', 'Pause between heartbeats that members are told.', { min: 1 }],
  ['consumer.session.timeout.ms', 'INT', '45000', 'A member that is silent for so long is removed.', { min: 1 }],
  ['share.assignment.interval.ms', 'INT', '1000', 'Least time between two assignments of the share group.', { min: 0 }],
  [
    'share.auto.offset.reset',
    'STRING',
    'latest',
    'Where a share group begins in a partition that is new to it.',
    { check: offsetResetFault },
  ],
  ['share.delivery.count.limit', 'INT', '5', 'Times that a record is delivered before it is given up.', { min: 2 }],
  [
    'share.heartbeat.interval.ms',
    'INT',
    '5000',
    'Pause between heartbeats that members of the share group are told.',
    { min: 1 },
  ],
  [
    'share.isolation.level',
    'STRING',
    'read_uncommitted',
    'Whether the share group sees records of transactions that have not ended.',
    { oneOf: ['read_committed', 'read_uncommitted'] },
  ],
  [
    'share.partition.max.record.locks',
    'INT',
    '2000',
    'Most records of a partition that the share group holds locked.',
    { min: 100 },
  ],
  ['share.record.lock.duration.ms', 'INT', '30000', 'Time that a delivered record stays locked.', { min: 1000 }],
  ['share.renew.acknowledge.enable', 'BOOLEAN', 'true', 'Members of the share group may prolong a lock.'],
  [
    'share.session.timeout.ms',
    'INT',
    '45000',
    'A member of the share group that is silent for so long is removed.',
    { min: 1 },
  ],
  [
    'streams.assignment.interval.ms',
    'INT',
    '1000',
    'Least time between two assignments of the streams group.',
    { min: 0 },
  ],
  [
    'streams.heartbeat.interval.ms',
    'INT',
    '5000',
    'Pause between heartbeats that members of the streams group are told.',
    { min: 1 },
  ],
  [
    'streams.initial.rebalance.delay.ms',
    'INT',
    '3000',
    'Time that an empty streams group waits for more members.',
    { min: 0 },
  ],
  ['streams.num.standby.replicas', 'INT', '0', 'Standby replicas of each task.', { min: 0 }],
  [
    'streams.session.timeout.ms',
    'INT',
    '45000',
    'A member of the streams group that is silent for so long is removed.',
    { min: 1 },
  ],
]

export const groupConfigs: ReadonlyMap<string, GroupConfigDefinition> = new Map(
  groupRows.map(row => [
    row[0],
    { ...definitionOf(row), brokerName: ownDefaults.has(row[0]) ? undefined : `group.${row[0]}` },
  ]),
)

const clientMetricsRows: readonly Row[] = [
  ['interval.ms', 'INT', '300000', 'Pause between pushes of metrics by clients.'],
  ['match', 'LIST', '', 'Which clients are asked for metrics, as name=pattern.'],
  ['metrics', 'LIST', '', 'Prefixes of the metrics that are asked for; * for all.'],
]

export const clientMetricsConfigs: ReadonlyMap<string, ConfigDefinition> = new Map(
  clientMetricsRows.map(row => [row[0], definitionOf(row)]),
)

/** Configs of a group that must lie between two of the broker's. */
const bounded = ['assignment.interval.ms', 'heartbeat.interval.ms', 'session.timeout.ms']
const boundedOfShares = ['delivery.count.limit', 'partition.max.record.locks', 'record.lock.duration.ms']

/** Why a group cannot have these configs; `broker` gives the broker's own effective values. */
export function groupConfigsFault(
  set: ReadonlyMap<string, string>,
  broker: (name: string) => string | null,
): string | undefined {
  for (const name of set.keys()) if (!groupConfigs.has(name)) return `Unknown group config name: ${name}`
  for (const [name, value] of set) {
    const definition = groupConfigs.get(name)
    const fault = definition === undefined ? undefined : configFault(definition, value)
    if (fault !== undefined) return fault
  }
  for (const [name, value] of set) {
    const [kind = '', ...rest] = name.split('.')
    const suffix = rest.join('.')
    const isBounded = bounded.includes(suffix) || (kind === 'share' && boundedOfShares.includes(suffix))
    const lower = `group.${kind}.min.${suffix}`
    const least = isBounded ? broker(lower) : null
    if (least !== null && Number(value) < Number(least)) return `${name} must be greater than or equal to ${lower}`
    const isStandbys = name === 'streams.num.standby.replicas'
    const upper = isStandbys ? 'group.streams.max.standby.replicas' : `group.${kind}.max.${suffix}`
    const most = isBounded || isStandbys ? broker(upper) : null
    if (most !== null && Number(value) > Number(most)) return `${name} must be less than or equal to ${upper}`
  }
  return undefined
}

const metricsSelectors = new Set([
  'client_instance_id',
  'client_id',
  'client_software_name',
  'client_software_version',
  'client_source_address',
  'client_source_port',
])

/** Why a subscription cannot have these configs, with the name of the error code, since Kafka has two here. */
export function clientMetricsFault(
  set: ReadonlyMap<string, string>,
): { readonly code: 'INVALID_REQUEST' | 'INVALID_CONFIG'; readonly message: string } | undefined {
  const unknown = [...set.keys()].find(name => !clientMetricsConfigs.has(name))
  if (unknown !== undefined) {
    return { code: 'INVALID_REQUEST', message: `Unknown client metrics configuration: ${unknown}` }
  }
  for (const [name, value] of set) {
    const definition = clientMetricsConfigs.get(name)
    const fault = definition === undefined ? undefined : configFault(definition, value)
    if (fault !== undefined) return { code: 'INVALID_CONFIG', message: fault }
  }
  const interval = Number(set.get('interval.ms') ?? 100)
  if (interval < 100 || interval > 3_600_000) {
    const message = `Invalid value ${interval} for interval.ms, interval must be between 100 and 3600000 (1 hour)`
    return { code: 'INVALID_REQUEST', message }
  }
  const pattern = listOf(set.get('match') ?? '').find(each => !isClientPattern(each))
  if (pattern !== undefined) return { code: 'INVALID_CONFIG', message: `Illegal client matching pattern: ${pattern}` }
  return undefined
}

function isClientPattern(pattern: string): boolean {
  const [name = '', expression, ...rest] = pattern.split('=')
  return expression !== undefined && rest.length === 0 && metricsSelectors.has(name.trim()) && isExpression(expression)
}

/** Compiled only: nothing here ever runs an expression that a client sent. */
function isExpression(text: string): boolean {
  try {
    new RegExp(text.trim())
    return true
  } catch {
    return false
  }
}

function offsetResetFault(value: string): string | undefined {
  if (
    value === 'latest' ||
    value === 'earliest' ||
    /^by_duration:P(?=.)(\d+D)?(T(?=.)(\d+H)?(\d+M)?(\d+(\.\d+)?S)?)?$/.test(value)
  ) {
    return undefined
  }
  return `Invalid value \`${value}\` for configuration share.auto.offset.reset. The value must be either 'earliest', 'latest' or of the format 'by_duration:<PnDTnHnMn.nS>'.`
}

function definitionOf([name, type, defaultValue, text, rule]: Row): ConfigDefinition {
  const documentation = name.startsWith('consumer.') ? text : `${text} ${NO_EFFECT}`
  return { name, type, default: defaultValue, documentation, ...(rule === undefined ? {} : { rule }) }
}
