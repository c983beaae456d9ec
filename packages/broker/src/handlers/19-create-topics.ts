/**
 * CreateTopics: new topics, each with so many partitions or with replicas named for each.
 *
 * Versions 2 to 7. Partitions or replicas of -1 are the broker's defaults. What is wrong with one topic does not stop the
 * others; a name that stands twice is refused. From version 5 on the answer describes the topic's configuration, from
 * version 7 on it tells the topic's id. The topics are there when the answer is sent.
 */
import {
  type CreateTopicsRequest,
  type CreateTopicsResponse,
  type CreateTopicsResponseTopic,
  createTopics,
} from '@samsa/protocol'
import type { Configs } from '../config/dynamic-config.js'
import type { Controller } from '../metadata/controller.js'
import type { CreatedTopic } from '../metadata/controller-topics.js'
import type { Handler } from '../server/context.js'

export function createTopicsHandler(
  controller: Controller,
  configs: Configs,
): Handler<CreateTopicsRequest, CreateTopicsResponse> {
  return {
    api: createTopics,
    versions: { min: 2, max: 7 },
    handle: (_context, request) => ({
      topics: controller.createTopics(request.topics, request.validateOnly).map(topic => answered(configs, topic)),
    }),
  }
}

function answered(configs: Configs, topic: CreatedTopic): CreateTopicsResponseTopic {
  const { name, topicId, errorCode, errorMessage, numPartitions, replicationFactor } = topic
  if (errorCode !== 0) return { name, errorCode, errorMessage, configs: [] }
  const described = configs.describeTopic(name, topic.configs).map(each => ({
    name: each.name,
    value: each.value,
    readOnly: each.isReadOnly,
    configSource: each.source,
    isSensitive: each.isSensitive,
  }))
  return { name, topicId, errorCode, errorMessage: null, numPartitions, replicationFactor, configs: described }
}
