/**
 * Configs: what every config is right now, and where that comes from. Four layers, the first that has a value wins: what
 * was set for the one broker, for all brokers, in the properties the broker was made with, and the default. The two upper
 * ones are the image's and change while the broker runs; nothing is copied here, so nothing can be out of date.
 */
import type { LogConfig } from '../log/log-config.js'
import type { ConfigResourceType, MetadataImage } from '../metadata/image.js'
import { brokerConfigs, brokerSynonyms } from './broker-configs.js'
import {
  type ConfigDefinition,
  configTypeNumbers,
  isSensitive,
  listOf,
  normalizedValue,
  UNKNOWN_CONFIG_TYPE,
} from './config-definition.js'
import { clientMetricsConfigs, groupConfigs } from './group-configs.js'
import { logConfigOf, topicConfigs } from './topic-configs.js'

/** Where a value comes from, by the numbers that answers carry. */
export const configSources = {
  topic: 1,
  dynamicBroker: 2,
  dynamicDefaultBroker: 3,
  staticBroker: 4,
  default: 5,
  clientMetrics: 7,
  group: 8,
} as const

export interface ConfigSynonym {
  readonly name: string
  readonly value: string | null
  readonly source: number
}

export interface DescribedConfig {
  readonly name: string
  readonly value: string | null
  readonly source: number
  readonly isReadOnly: boolean
  readonly isSensitive: boolean
  readonly type: number
  readonly documentation: string
  readonly synonyms: readonly ConfigSynonym[]
}

export interface ConfigsOptions {
  readonly image: MetadataImage
  readonly nodeId: number
  /** What was given at start, checked: see `checkBrokerProperties`. */
  readonly properties: ReadonlyMap<string, string>
}

/** Known only once they are set. */
const throttles: ReadonlyMap<string, ConfigDefinition> = new Map(
  [
    'leader.replication.throttled.rate',
    'follower.replication.throttled.rate',
    'replica.alter.log.dirs.io.max.bytes.per.second',
  ].map(name => [name, { name, type: 'LONG', default: null, documentation: 'A limit on replication.' }]),
)

export class Configs {
  readonly #image: MetadataImage
  readonly #nodeName: string
  readonly #properties: ReadonlyMap<string, string>

  constructor(options: ConfigsOptions) {
    this.#image = options.image
    this.#nodeName = String(options.nodeId)
    this.#properties = options.properties
  }

  /** The effective value of a broker config; null where it has none. */
  value(name: string): string | null {
    const set = this.#layers()
      .find(({ values }) => values.has(name))
      ?.values.get(name)
    const definition = brokerConfigs.get(name)
    if (set === undefined || definition === undefined) return set ?? definition?.default ?? null
    return normalizedValue(definition, set)
  }

  /** As a number; 0 where it has none, so ask only for those that have a default. */
  number(name: string): number {
    return Number(this.value(name) ?? 0)
  }

  /** Whether someone has chosen the value, and it is not the default. */
  isSet(name: string): boolean {
    return this.#layers().some(({ values }) => values.has(name))
  }

  boolean(name: string): boolean {
    return this.value(name) === 'true'
  }

  list(name: string): string[] {
    return listOf(this.value(name) ?? '')
  }

  /** The effective value of a topic's config. A topic that is not there has the broker's defaults. */
  topicValue(topic: string, name: string): string {
    const definition = topicConfigs.get(name)
    const set = this.#image.configs('topic', topic).get(name)
    if (definition === undefined) return set ?? ''
    return set === undefined ? this.topicDefault(name) : normalizedValue(definition, set)
  }

  /** What a topic has that sets nothing of its own. */
  topicDefault(name: string): string {
    const definition = topicConfigs.get(name)
    if (definition?.brokerName === undefined) return definition?.default ?? ''
    const [finest = '', ...coarser] = brokerSynonyms(definition.brokerName)
    for (const each of [finest, ...coarser]) {
      const value = this.value(each)
      if (value !== null) return each === finest ? value : String(BigInt(value) * unitMs(each))
    }
    return definition.default ?? ''
  }

  logConfig(topic: string): LogConfig {
    return logConfigOf(name => this.topicValue(topic, name))
  }

  /** What a log has whose topic is not known yet. */
  defaultLogConfig(): LogConfig {
    return logConfigOf(name => this.topicDefault(name))
  }

  describeTopic(
    topic: string,
    set: ReadonlyMap<string, string> = this.#image.configs('topic', topic),
  ): DescribedConfig[] {
    return describeAll(topicConfigs, definition => {
      const own = ownSynonyms(definition, set, configSources.topic)
      const { brokerName } = definition
      const value = set.get(definition.name)
      return described(definition, [...own, ...(brokerName === undefined ? [] : this.#synonyms(brokerName))], {
        value: value === undefined ? this.topicDefault(definition.name) : normalizedValue(definition, value),
      })
    })
  }

  describeGroup(group: string): DescribedConfig[] {
    const set = this.#image.configs('group', group)
    return describeAll(groupConfigs, definition => {
      const { name, brokerName } = definition
      const own = ownSynonyms(definition, set, configSources.group)
      const fallback = brokerName === undefined ? [defaultSynonym(definition)] : this.#synonyms(brokerName)
      const value = set.get(name) ?? (brokerName === undefined ? definition.default : this.value(brokerName))
      return described(definition, [...own, ...fallback], { value })
    })
  }

  describeClientMetrics(subscription: string): DescribedConfig[] {
    const set = this.#image.configs('client-metrics', subscription)
    return describeAll(clientMetricsConfigs, definition => {
      const own = ownSynonyms(definition, set, configSources.clientMetrics)
      return described(definition, own, { value: set.get(definition.name) ?? definition.default })
    })
  }

  /** This broker's configs: all names, and what was set beyond them. */
  describeBroker(): DescribedConfig[] {
    const known = describeAll(brokerConfigs, definition =>
      described(definition, this.#synonyms(definition.name), {
        value: this.value(definition.name),
        isReadOnly: definition.mode === 'read-only',
      }),
    )
    const set = [...this.#dynamic(this.#nodeName).keys(), ...this.#dynamic('').keys()]
    const beyond = [...new Set(set)].filter(name => !brokerConfigs.has(name))
    return [...known, ...beyond.map(name => this.#describeUnlisted(name, this.#synonyms(name)))]
  }

  /** What was set for all brokers at once, and nothing else. */
  describeBrokerDefaults(): DescribedConfig[] {
    const values = this.#dynamic('')
    return [...values].map(([name, value]) => {
      const definition = brokerConfigs.get(name)
      const hidden = definition !== undefined && isSensitive(definition)
      const synonyms = [{ name, value: hidden ? null : value, source: configSources.dynamicDefaultBroker }]
      if (definition === undefined) return this.#describeUnlisted(name, synonyms)
      const isReadOnly = definition.mode === 'read-only'
      return described(definition, synonyms, { value: normalizedValue(definition, value), isReadOnly })
    })
  }

  /** A name that no table has is a secret for all that is known. */
  #describeUnlisted(name: string, synonyms: readonly ConfigSynonym[]): DescribedConfig {
    const throttle = throttles.get(name)
    if (throttle !== undefined) return described(throttle, synonyms, { value: synonyms[0]?.value ?? null })
    return {
      name,
      value: null,
      source: synonyms[0]?.source ?? configSources.default,
      isReadOnly: true,
      isSensitive: true,
      type: UNKNOWN_CONFIG_TYPE,
      documentation: '',
      synonyms: synonyms.map(synonym => ({ ...synonym, value: null })),
    }
  }

  /**
   * Every value that a name and its synonyms have, in the order they are heeded. What stands before the first value of
   * the name itself is left out, as Kafka does.
   */
  #synonyms(name: string): ConfigSynonym[] {
    const names = brokerSynonyms(name)
    const definition = brokerConfigs.get(name)
    const hidden = definition !== undefined && isSensitive(definition)
    const synonyms: ConfigSynonym[] = []
    for (const { values, source } of this.#layers()) {
      for (const each of names) {
        const value = values.get(each)
        if (value !== undefined) synonyms.push({ name: each, value: hidden ? null : value, source })
      }
    }
    for (const each of names) {
      const value = brokerConfigs.get(each)?.default ?? null
      if (value !== null) synonyms.push({ name: each, value: hidden ? null : value, source: configSources.default })
    }
    const first = synonyms.findIndex(synonym => synonym.name === name)
    return first < 0 ? [] : synonyms.slice(first)
  }

  #layers(): readonly { readonly values: ReadonlyMap<string, string>; readonly source: number }[] {
    return [
      { values: this.#dynamic(this.#nodeName), source: configSources.dynamicBroker },
      { values: this.#dynamic(''), source: configSources.dynamicDefaultBroker },
      { values: this.#properties, source: configSources.staticBroker },
    ]
  }

  #dynamic(broker: string): ReadonlyMap<string, string> {
    return this.#image.configs('broker' satisfies ConfigResourceType, broker)
  }
}

function describeAll<Definition extends ConfigDefinition>(
  definitions: ReadonlyMap<string, Definition>,
  describe: (definition: Definition) => DescribedConfig,
): DescribedConfig[] {
  return [...definitions.values()].map(describe)
}

function described(
  definition: ConfigDefinition,
  synonyms: readonly ConfigSynonym[],
  rest: { readonly value: string | null; readonly isReadOnly?: boolean },
): DescribedConfig {
  const hidden = isSensitive(definition)
  return {
    name: definition.name,
    value: hidden ? null : rest.value,
    source: synonyms[0]?.source ?? configSources.default,
    isReadOnly: rest.isReadOnly ?? false,
    isSensitive: hidden,
    type: configTypeNumbers[definition.type],
    documentation: definition.documentation,
    synonyms,
  }
}

function ownSynonyms(
  definition: ConfigDefinition,
  set: ReadonlyMap<string, string>,
  source: number,
): readonly ConfigSynonym[] {
  const value = set.get(definition.name)
  if (value === undefined) return []
  return [{ name: definition.name, value: normalizedValue(definition, value), source }]
}

function defaultSynonym(definition: ConfigDefinition): ConfigSynonym {
  return { name: definition.name, value: definition.default, source: configSources.default }
}

/** How many milliseconds the unit is that a name ends in. */
function unitMs(name: string): bigint {
  if (name.endsWith('.hours')) return 3_600_000n
  return name.endsWith('.minutes') ? 60_000n : 1n
}
