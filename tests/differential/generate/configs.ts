/**
 * Requests that describe and change settings.
 */
import {
  alterConfigs,
  describeConfigs,
  type IncrementalAlterConfigsRequestConfig,
  incrementalAlterConfigs,
  listConfigResources,
} from '@samsa/protocol'
import { type Step, step } from '../step.js'
import { brokerSettings, groupSettings, metricsSettings, type Setting, topicSettings } from './settings.js'
import type { World } from './world.js'

const TOPIC = 2
const BROKER = 4
const LOGGER = 8
const CLIENT_METRICS = 16
const GROUP = 32
const LIST_SETTINGS = [
  'cleanup.policy',
  'follower.replication.throttled.replicas',
  'leader.replication.throttled.replicas',
  'metrics',
  'match',
  'log.cleanup.policy',
]

interface Resource {
  readonly resourceType: number
  readonly resourceName: string
}

function someResource(world: World, mayChange: boolean): Resource {
  const { draw } = world
  if (draw.percent(70)) return { resourceType: TOPIC, resourceName: world.someName() }
  switch (draw.integer(0, 5)) {
    case 0:
    case 1:
      // What is set for a broker is in every answer on settings, so that only those who are alone may set it.
      if (mayChange && !world.isAlone) return { resourceType: BROKER, resourceName: draw.one(['7', 'one', '-1']) }
      return { resourceType: BROKER, resourceName: draw.one(['1', '1', '', '', '7', 'one', '-1']) }
    case 2:
      return { resourceType: GROUP, resourceName: draw.one([`${world.prefix}g`, `${world.prefix}h`, '']) }
    case 3:
      return { resourceType: CLIENT_METRICS, resourceName: draw.one([`${world.prefix}m`, `${world.prefix}n`, '']) }
    default:
      return { resourceType: draw.one([0, 1, 3, 64, -1, LOGGER]), resourceName: draw.one(['x', '1', '']) }
  }
}

function someSetting({ draw }: World, type: number): Setting {
  if (type === TOPIC) return topicSettings.some(draw)
  const table = type === BROKER ? brokerSettings : type === GROUP ? groupSettings : metricsSettings
  const name = draw.one(Object.keys(table))
  return { name, value: draw.one(table[name] ?? ['1']) }
}

export function describeSettings(world: World): Step {
  const { draw } = world
  const version = draw.between(1, 4)
  const resources = draw.several(1, 3, () => {
    const resource = someResource(world, false)
    const names = (): string[] => draw.several(0, 3, () => someSetting(world, resource.resourceType).name)
    return { ...resource, configurationKeys: draw.percent(40) ? null : names() }
  })
  if (draw.percent(8)) resources.push(draw.one(resources))
  const includeDocumentation = version >= 3 && draw.percent(30)
  return step(describeConfigs, version, { resources, includeSynonyms: draw.percent(50), includeDocumentation })
}

export function replaceSettings(world: World): Step {
  const { draw } = world
  const resources = draw.several(1, 2, () => {
    const resource = someResource(world, true)
    return { ...resource, configs: draw.several(0, 3, () => someSetting(world, resource.resourceType)) }
  })
  // A real Kafka fails on a resource that is named twice, and never answers; all types that it does not know are one to it.
  const once = [...new Map(resources.map(each => [each.resourceName, each])).values()]
  noteCodecs(world, once)
  return step(alterConfigs, draw.between(0, 2), { resources: once, validateOnly: draw.percent(20) })
}

export function changeSettings(world: World): Step {
  const { draw } = world
  const resources = draw.several(1, 2, () => {
    const resource = someResource(world, true)
    return { ...resource, configs: draw.several(1, 3, () => change(world, resource.resourceType)) }
  })
  if (draw.percent(8)) resources.push(draw.one(resources))
  noteCodecs(world, resources)
  return step(incrementalAlterConfigs, draw.between(0, 1), { resources, validateOnly: draw.percent(20) })
}

function change(world: World, type: number): IncrementalAlterConfigsRequestConfig {
  const { draw } = world
  const { name, value } = someSetting(world, type)
  if (draw.percent(20)) return { name, value: draw.percent(70) ? null : value, configOperation: 1 }
  if (LIST_SETTINGS.includes(name) ? draw.percent(60) : draw.percent(5))
    return { name, value, configOperation: draw.one([2, 3]) }
  // Never an operation that there is not: it makes a real Kafka's controller give up its office.
  return { name, value, configOperation: 0 }
}

function noteCodecs(world: World, resources: readonly (Resource & { readonly configs: readonly Setting[] })[]): void {
  for (const { resourceName, configs } of resources) {
    if (!configs.some(config => config.name.startsWith('compression'))) continue
    for (const topic of world.topics) if (topic.name === resourceName) topic.isRecompressed = true
  }
}

export function listResources({ draw }: World): Step {
  const version = draw.between(0, 1)
  const types = (): number[] =>
    draw.several(0, 3, () => draw.one([TOPIC, TOPIC, BROKER, LOGGER, CLIENT_METRICS, GROUP, 0, 3]))
  return step(listConfigResources, version, version === 0 ? {} : { resourceTypes: types() })
}
