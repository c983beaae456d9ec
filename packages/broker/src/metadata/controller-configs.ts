/**
 * The controller's decisions on configs: full replacement and incremental change of topics, brokers, groups and metrics
 * subscriptions. Pure: image and request in, records and results out.
 */
import { clearElrRecord, configRecord } from '@samsa/protocol'
import { brokerConfigs } from '../config/broker-configs.js'
import { type ConfigDefinition, configFault } from '../config/config-definition.js'
import { clientMetricsConfigs, clientMetricsFault, groupConfigs, groupConfigsFault } from '../config/group-configs.js'
import { topicConfigs, topicConfigsFault } from '../config/topic-configs.js'
import type { ControllerView } from './controller-topics.js'
import { accepted, type Decision, LONGEST_CONFIG_VALUE, type Refusal, refusal, tooLong } from './decision.js'
import { type ConfigResourceType, configResourceTypeOf, configResourceTypes } from './image-parts.js'
import { MAX_RECORDS_PER_APPEND } from './metadata-log.js'
import { type MetadataRecord, metadataRecord } from './metadata-records.js'
import { topicNameFault } from './topic-names.js'

/** By the numbers of IncrementalAlterConfigs. */
export const configOperations = { set: 0, delete: 1, append: 2, subtract: 3 } as const

export interface ConfigChange {
  readonly name: string
  readonly value: string | null
  readonly configOperation: number
}

export interface ConfigResourceChange {
  readonly resourceType: number
  readonly resourceName: string
  readonly configs: readonly ConfigChange[]
}

export interface AlteredResource extends Refusal {
  readonly resourceType: number
  readonly resourceName: string
}

interface Resource {
  readonly type: ConfigResourceType
  readonly name: string
  /** What is set for it now. */
  readonly set: ReadonlyMap<string, string>
}

/**
 * `isFull`: the configs given are all that the resource has afterwards, and every operation counts as set.
 */
export function alterConfigs(
  view: ControllerView,
  resources: readonly ConfigResourceChange[],
  isFull: boolean,
): Decision<AlteredResource[]> {
  const records: MetadataRecord[] = []
  const counts = new Map<string, number>()
  for (const each of resources) counts.set(keyOf(each), (counts.get(keyOf(each)) ?? 0) + 1)
  const result = resources.map(each => {
    const { resourceType, resourceName } = each
    const changes =
      (counts.get(keyOf(each)) ?? 0) > 1
        ? refusal('INVALID_REQUEST', 'Each resource must appear at most once.')
        : alterResource(view, each, isFull)
    if (!Array.isArray(changes)) return { resourceType, resourceName, ...changes }
    if (records.length + changes.length > MAX_RECORDS_PER_APPEND) {
      const tooMany = refusal('POLICY_VIOLATION', 'Unable to perform excessively large batch operation.')
      return { resourceType, resourceName, ...tooMany }
    }
    records.push(...changes)
    return { resourceType, resourceName, ...accepted }
  })
  return { records, result }
}

function keyOf({ resourceType, resourceName }: ConfigResourceChange): string {
  return `${resourceType}:${resourceName}`
}

function alterResource(
  view: ControllerView,
  change: ConfigResourceChange,
  isFull: boolean,
): MetadataRecord[] | Refusal {
  const { resourceType, resourceName: name, configs } = change
  const type = configResourceTypeOf(resourceType)
  if (type === undefined) return unknownType(resourceType)
  const nullValue = configs.find(each => each.value === null && each.configOperation !== configOperations.delete)
  if (nullValue !== undefined) return refusal('INVALID_REQUEST', `Null value not supported for : ${nullValue.name}`)
  if (new Set(configs.map(each => each.name)).size < configs.length) {
    return refusal('INVALID_REQUEST', 'Error due to duplicate config keys')
  }
  const foreign = type === 'broker' ? nameFault(view, type, name) : undefined
  if (foreign !== undefined) return foreign
  const resource = { type, name, set: view.image.configs(type, name) }
  const after = new Map(isFull ? [] : resource.set)
  for (const each of configs) {
    const fault = applyChange(view, resource, after, each)
    if (fault !== undefined) return fault
  }
  const fault =
    nameFault(view, type, name) ?? valuesFault(view, resource, after, configs) ?? absenceFault(view, type, name)
  return fault ?? changeRecords(resource, after)
}

function unknownType(resourceType: number): Refusal {
  const LOGGER = 8
  if (resourceType !== LOGGER) return refusal('INVALID_REQUEST', `Unknown resource type ${resourceType}`)
  return refusal('INVALID_REQUEST', 'This broker has no loggers whose levels can be altered.')
}

/** Why nothing can have this name. Whether something has it comes after the values are looked at, as in Kafka. */
function nameFault(view: ControllerView, type: ConfigResourceType, name: string): Refusal | undefined {
  switch (type) {
    case 'topic': {
      if (name === '') return refusal('INVALID_REQUEST', 'Default topic resources are not allowed.')
      const fault = topicNameFault(name)
      return fault === undefined ? undefined : refusal('INVALID_TOPIC_EXCEPTION', fault)
    }
    case 'broker': {
      if (name === '' || name === String(view.nodeId)) return undefined
      if (!/^-?\d+$/.test(name)) return refusal('INVALID_REQUEST', `Node id must be an integer, but it is: ${name}`)
      return refusal('INVALID_REQUEST', `Unexpected broker id, expected ${view.nodeId}, but received ${name}`)
    }
    case 'group':
      return name === '' ? refusal('INVALID_REQUEST', 'Default group resources are not allowed.') : undefined
    case 'client-metrics':
      return name === '' ? refusal('INVALID_REQUEST', "Subscription name can't be empty") : undefined
  }
}

function absenceFault(view: ControllerView, type: ConfigResourceType, name: string): Refusal | undefined {
  if (type !== 'topic' || view.image.topicByName(name) !== undefined) return undefined
  return refusal('UNKNOWN_TOPIC_OR_PARTITION', `The topic '${name}' does not exist.`)
}

function applyChange(
  view: ControllerView,
  { type, name: resourceName }: Resource,
  after: Map<string, string>,
  { name, value, configOperation }: ConfigChange,
): Refusal | undefined {
  if (configOperation === configOperations.delete) {
    after.delete(name)
    return undefined
  }
  if (configOperation === configOperations.set) {
    after.set(name, value ?? '')
    return undefined
  }
  const isAppend = configOperation === configOperations.append
  if (!isAppend && configOperation !== configOperations.subtract) {
    return refusal('INVALID_REQUEST', `Unknown config operation ${configOperation}`)
  }
  if (!isList(type, name)) {
    const text = `Can't ${isAppend ? 'APPEND' : 'SUBTRACT'} to key ${name} because its type is not LIST.`
    return refusal('INVALID_CONFIG', text)
  }
  const before = partsOf(after.get(name) ?? defaultOf(view, type, resourceName, name))
  const given = value === '' ? [''] : partsOf(value ?? '')
  const rest = isAppend
    ? [...before, ...given.filter(each => !before.includes(each))]
    : before.filter(each => !given.includes(each))
  after.set(name, rest.join(','))
  return undefined
}

/** As Kafka's controller cuts lists: blanks count, and nothing behind the last comma does not. */
function partsOf(list: string): string[] {
  const parts = list.split(',')
  while (parts.at(-1) === '') parts.pop()
  return parts
}

/** To Kafka's controller the lists of metrics subscriptions are none. */
function isList(type: ConfigResourceType, name: string): boolean {
  return type !== 'client-metrics' && definitionsOf[type].get(name)?.type === 'LIST'
}

const definitionsOf = {
  topic: topicConfigs,
  broker: brokerConfigs,
  group: groupConfigs,
  'client-metrics': clientMetricsConfigs,
} as const

/** What a list is before anything was set for the resource itself. */
function defaultOf(view: ControllerView, type: ConfigResourceType, resourceName: string, name: string): string {
  if (type === 'topic') return view.configs.topicDefault(name)
  if (type === 'broker')
    return resourceName === '' ? (brokerConfigs.get(name)?.default ?? '') : (view.configs.value(name) ?? '')
  return definitionsOf[type].get(name)?.default ?? ''
}

function valuesFault(
  view: ControllerView,
  resource: Resource,
  after: ReadonlyMap<string, string>,
  changes: readonly ConfigChange[],
): Refusal | undefined {
  for (const value of after.values()) if (Buffer.byteLength(value) > LONGEST_CONFIG_VALUE) return tooLong
  switch (resource.type) {
    case 'topic':
      return invalidConfig(topicConfigsFault(after, name => view.configs.topicDefault(name)))
    case 'group':
      return invalidConfig(groupConfigsFault(after, name => view.configs.value(name)))
    case 'client-metrics': {
      const fault = clientMetricsFault(after)
      return fault === undefined ? undefined : refusal(fault.code, fault.message)
    }
    case 'broker':
      return brokerFault(view, resource, changes, after)
  }
}

function invalidConfig(fault: string | undefined): Refusal | undefined {
  return fault === undefined ? undefined : refusal('INVALID_CONFIG', fault)
}

/** Rates of replication: Kafka looks at them like at others, and tells of them only where they are set. */
const quotaConfigs: ReadonlyMap<string, ConfigDefinition> = new Map(
  [
    'follower.replication.throttled.rate',
    'leader.replication.throttled.rate',
    'replica.alter.log.dirs.io.max.bytes.per.second',
  ].map(name => [name, { name, type: 'LONG', default: null, documentation: '', rule: { min: 0 } }]),
)

/** Names that no table has are taken: plug-ins have configs of their own. */
function brokerFault(
  view: ControllerView,
  { name: broker, set }: Resource,
  changes: readonly ConfigChange[],
  after: ReadonlyMap<string, string>,
): Refusal | undefined {
  // A config that is taken away is not looked at, whatever it is.
  const names = changes.map(each => each.name).filter(each => after.has(each))
  const of = (mode: string): string[] => names.filter(name => brokerConfigs.get(name)?.mode === mode)
  const listed = (text: string, found: readonly string[]): Refusal | undefined =>
    found.length === 0 ? undefined : refusal('INVALID_REQUEST', `${text}: [${found.join(', ')}]`)
  const unfit =
    listed('Cannot update these configs dynamically', of('read-only')) ??
    listed(
      'These security configs can be dynamically updated only per-listener using the listener prefix',
      names.filter(name => /^ssl\.(keystore|truststore|key)\./.test(name)),
    )
  if (unfit !== undefined) return unfit
  for (const name of names) {
    const value = after.get(name)
    const definition = brokerConfigs.get(name) ?? quotaConfigs.get(name)
    const fault = value === undefined || definition === undefined ? undefined : configFault(definition, value)
    if (fault !== undefined) return refusal('INVALID_REQUEST', fault)
  }
  if (broker === '') {
    const text = 'Cannot update these configs at default cluster level, broker id must be specified'
    const perBroker = listed(text, of('per-broker'))
    if (perBroker !== undefined) return perBroker
  }
  const hasElr = (view.image.features.get('eligible.leader.replicas.version') ?? 0) > 0
  if (!hasElr || set.get('min.insync.replicas') === after.get('min.insync.replicas')) return undefined
  if (broker !== '') {
    return refusal('INVALID_CONFIG', 'Broker-level min.insync.replicas cannot be altered while ELR is enabled.')
  }
  if (after.has('min.insync.replicas')) return undefined
  return refusal('INVALID_CONFIG', 'Cluster-level min.insync.replicas cannot be removed while ELR is enabled.')
}

function changeRecords(
  { type, name: resourceName, set }: Resource,
  after: ReadonlyMap<string, string>,
): MetadataRecord[] {
  const resourceType = configResourceTypes[type]
  const records: MetadataRecord[] = []
  for (const [name, value] of after) {
    if (set.get(name) === value) continue
    records.push(metadataRecord(configRecord, { resourceType, resourceName, name, value }))
  }
  for (const name of set.keys()) {
    if (after.has(name)) continue
    records.push(metadataRecord(configRecord, { resourceType, resourceName, name, value: null }))
  }
  // Who may lead depends on the number, so what was known of it no longer counts. The empty name means all topics.
  if ((type === 'topic' || type === 'broker') && set.get('min.insync.replicas') !== after.get('min.insync.replicas')) {
    records.push(metadataRecord(clearElrRecord, { topicName: type === 'topic' ? resourceName : '' }))
  }
  return records
}
