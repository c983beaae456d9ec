/**
 * DescribeConfigs: what topics, the broker, groups and metrics subscriptions are configured with, and where from.
 *
 * Versions 1 to 4. A broker is named by its id; the empty name stands for what was set for all brokers. Groups and
 * subscriptions need not exist: they have defaults all the same. Without names all configs are told, sorted by name.
 * Left out: loggers, since this broker has none whose level could be changed.
 */
import {
  type Decoded,
  type DescribeConfigsRequest,
  type DescribeConfigsRequestResource,
  type DescribeConfigsResponse,
  type DescribeConfigsResponseConfig,
  describeConfigs,
} from '@samsa/protocol'
import type { DescribedConfig } from '../config/dynamic-config.js'
import { type Refusal, refusal } from '../metadata/decision.js'
import { configResourceTypeOf } from '../metadata/image-parts.js'
import { topicNameFault } from '../metadata/topic-names.js'
import type { Handler } from '../server/context.js'
import type { AdminDeps } from './admin.js'

const BROKER_LOGGER = 8

export function describeConfigsHandler(
  deps: Pick<AdminDeps, 'controller'>,
): Handler<DescribeConfigsRequest, DescribeConfigsResponse> {
  return {
    api: describeConfigs,
    versions: { min: 1, max: 4 },
    handle: (_context, request) => {
      const fault = typeFault(request)
      const results = request.resources.map(resource => {
        const { resourceType, resourceName } = resource
        const configs = fault ?? describe(deps, resource)
        if ('errorCode' in configs) {
          const { errorCode, errorMessage } = configs
          return { errorCode, errorMessage: errorMessage ?? '', resourceType, resourceName, configs: [] }
        }
        const asked = configs.filter(config => isAsked(resource, config)).map(config => toldConfig(request, config))
        return { errorCode: 0, errorMessage: '', resourceType, resourceName, configs: asked }
      })
      return { throttleTimeMs: 0, results }
    },
  }
}

/** As in Kafka, one resource of a type that nobody knows fails the whole request. */
function typeFault({ resources }: Decoded<DescribeConfigsRequest>): Refusal | undefined {
  const unknown = resources.find(
    ({ resourceType }) => resourceType !== BROKER_LOGGER && configResourceTypeOf(resourceType) === undefined,
  )
  return unknown && refusal('INVALID_REQUEST', `Unsupported resource type: ${unknown.resourceType}`)
}

function describe(
  { controller }: Pick<AdminDeps, 'controller'>,
  { resourceType, resourceName: name }: Decoded<DescribeConfigsRequestResource>,
): readonly DescribedConfig[] | Refusal {
  const { configs, image, nodeId } = controller.view
  const bad = (message: string): Refusal => refusal('INVALID_REQUEST', message)
  switch (configResourceTypeOf(resourceType)) {
    case 'topic': {
      const fault = topicNameFault(name)
      if (fault !== undefined) return refusal('INVALID_TOPIC_EXCEPTION', fault)
      return image.topicByName(name) === undefined ? refusal('UNKNOWN_TOPIC_OR_PARTITION') : configs.describeTopic(name)
    }
    case 'broker':
      if (name === '') return configs.describeBrokerDefaults()
      if (!/^-?\d+$/.test(name)) return bad(`Broker id must be an integer, but it is: ${name}`)
      if (Number(name) === nodeId) return configs.describeBroker()
      return bad(`Unexpected broker id, expected ${nodeId} or empty string, but received ${name}`)
    case 'group':
      return name === '' ? bad('Group name must not be empty') : configs.describeGroup(name)
    case 'client-metrics':
      if (name === '') return bad('Client metrics subscription name must not be empty')
      return configs.describeClientMetrics(name)
    default:
      return bad(`Unsupported resource type: ${resourceType}`)
  }
}

function isAsked({ configurationKeys }: Decoded<DescribeConfigsRequestResource>, { name }: DescribedConfig): boolean {
  return configurationKeys === null || configurationKeys.length === 0 || configurationKeys.includes(name)
}

function toldConfig(request: Decoded<DescribeConfigsRequest>, config: DescribedConfig): DescribeConfigsResponseConfig {
  return {
    name: config.name,
    value: config.value,
    readOnly: config.isReadOnly,
    configSource: config.source,
    isSensitive: config.isSensitive,
    synonyms: request.includeSynonyms ? config.synonyms : [],
    configType: config.type,
    documentation: request.includeDocumentation ? config.documentation : null,
  }
}
