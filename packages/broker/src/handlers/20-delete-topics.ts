/**
 * DeleteTopics: removes topics with all they hold.
 *
 * Versions 1 to 6; from version 6 on by id too. A topic is gone when the answer is there, its files a little later.
 * Answers come in the order of the request, a name or id given twice once.
 */
import {
  type Decoded,
  type DeleteTopicsRequest,
  type DeleteTopicsResponse,
  deleteTopics,
  ZERO_UUID,
} from '@samsa/protocol'
import { codeOf } from '../cluster/partitions.js'
import type { Handler } from '../server/context.js'
import { type AdminDeps, failureOf, whenDurable } from './admin.js'

const FIRST_WITH_IDS = 6
const FIRST_THAT_KNOWS_DISABLED = 3

export function deleteTopicsHandler(deps: AdminDeps): Handler<DeleteTopicsRequest, DeleteTopicsResponse> {
  return {
    api: deleteTopics,
    versions: { min: 1, max: 6 },
    handle: ({ version }, request) => {
      const responses = deps.controller.deleteTopics(wantedTopics(version, request))
      const isDisabled = codeOf('TOPIC_DELETION_DISABLED')
      return whenDurable(deps, {
        responses: responses.map(each =>
          each.errorCode === isDisabled && version < FIRST_THAT_KNOWS_DISABLED
            ? { ...each, errorCode: codeOf('INVALID_REQUEST') }
            : each,
        ),
      })
    },
    failure: ({ version }, request, error) => {
      const failure = failureOf(error)
      return failure && { responses: wantedTopics(version, request).map(topic => ({ ...topic, ...failure })) }
    },
  }
}

function wantedTopics(version: number, request: Decoded<DeleteTopicsRequest>): Decoded<DeleteTopicsRequest>['topics'] {
  if (version >= FIRST_WITH_IDS) return request.topics
  return request.topicNames.map(name => ({ name, topicId: ZERO_UUID, unknownTags: [] }))
}
