/**
 * CreateTopics: makes topics, by numbers or by a placement of every replica, with configs.
 *
 * Versions 2 to 7. Each topic succeeds or fails on its own; validateOnly goes through all checks and creates nothing. From
 * version 5 on the answer describes what was made. The topics are there when the answer is: timeoutMs has nothing to
 * limit on one node. Left out: the policy classes and the quota on mutations.
 */
import { type CreateTopicsRequest, type CreateTopicsResponse, createTopics } from '@samsa/protocol'
import type { CreatedTopic } from '../metadata/controller-topics.js'
import type { Handler } from '../server/context.js'
import { type AdminDeps, failureOf, whenDurable } from './admin.js'

export function createTopicsHandler(deps: AdminDeps): Handler<CreateTopicsRequest, CreateTopicsResponse> {
  return {
    api: createTopics,
    versions: { min: 2, max: 7 },
    handle: (_context, request) => {
      const created = deps.controller.createTopics(request.topics, request.validateOnly)
      return whenDurable(deps, { topics: created.map(topic => toldTopic(deps, topic)) })
    },
    failure: (_context, request, error) => {
      const failure = failureOf(error)
      return failure && { topics: request.topics.map(({ name }) => ({ name, ...failure })) }
    },
  }
}

function toldTopic({ controller }: AdminDeps, topic: CreatedTopic): CreateTopicsResponse['topics'][number] {
  const { name, topicId, errorCode, errorMessage, numPartitions, replicationFactor } = topic
  const configs = errorCode === 0 ? controller.view.configs.describeTopic(name, topic.configs) : []
  return {
    name,
    topicId,
    errorCode,
    errorMessage,
    numPartitions,
    replicationFactor,
    configs: configs.map(config => ({
      name: config.name,
      // As it was given, blanks and all: only DescribeConfigs writes values anew.
      value: topic.configs.get(config.name) ?? config.value,
      readOnly: config.isReadOnly,
      configSource: config.source,
      isSensitive: config.isSensitive,
    })),
  }
}
