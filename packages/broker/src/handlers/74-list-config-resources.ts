/**
 * ListConfigResources: the names of everything that can be configured, by type.
 *
 * Versions 0 to 1. Version 0 knows metrics subscriptions alone; from version 1 on no types are all types. Groups and
 * subscriptions are those that something was set for, topics and brokers those that exist. The broker stands for its
 * loggers too, as in Kafka.
 */
import { type ListConfigResourcesRequest, type ListConfigResourcesResponse, listConfigResources } from '@samsa/protocol'
import { codeOf } from '../cluster/partitions.js'
import type { MetadataImage } from '../metadata/image.js'
import { configResourceTypes } from '../metadata/image-parts.js'
import type { Handler } from '../server/context.js'
import type { AdminDeps } from './admin.js'

const BROKER_LOGGER = 8
const listed: readonly number[] = [...Object.values(configResourceTypes), BROKER_LOGGER]

export function listConfigResourcesHandler(
  deps: Pick<AdminDeps, 'controller'>,
): Handler<ListConfigResourcesRequest, ListConfigResourcesResponse> {
  return {
    api: listConfigResources,
    versions: { min: 0, max: 1 },
    handle: ({ version }, { resourceTypes }) => {
      const all = resourceTypes.length === 0 ? listed : resourceTypes
      const types = version === 0 ? [configResourceTypes['client-metrics']] : [...new Set(all)]
      if (types.some(type => !listed.includes(type))) {
        return { throttleTimeMs: 0, errorCode: codeOf('UNSUPPORTED_VERSION'), configResources: [] }
      }
      const { image } = deps.controller.view
      const configResources = types.flatMap(type =>
        namesOf(image, type).map(resourceName => ({ resourceName, resourceType: type })),
      )
      return { throttleTimeMs: 0, errorCode: 0, configResources }
    },
  }
}

function namesOf(image: MetadataImage, type: number): string[] {
  switch (type) {
    case configResourceTypes.topic:
      return [...image.topics()].map(topic => topic.name)
    case configResourceTypes.group:
      return [...image.configNames('group')]
    case configResourceTypes['client-metrics']:
      return [...image.configNames('client-metrics')]
    default:
      return [...image.brokers()].map(broker => String(broker.id))
  }
}
