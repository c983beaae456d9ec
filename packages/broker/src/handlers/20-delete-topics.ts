/**
 * DeleteTopics: topics and all that is in them, by name or, from version 6 on, by id.
 *
 * Versions 1 to 6. Up to version 5 the request is a list of names. Where `delete.topic.enable` is false all are refused.
 */
import { type DeleteTopicsRequest, type DeleteTopicsResponse, deleteTopics, ZERO_UUID } from '@samsa/protocol'
import type { Controller } from '../metadata/controller.js'
import type { Handler } from '../server/context.js'

const FIRST_VERSION_WITH_IDS = 6

export function deleteTopicsHandler(controller: Controller): Handler<DeleteTopicsRequest, DeleteTopicsResponse> {
  return {
    api: deleteTopics,
    versions: { min: 1, max: 6 },
    handle: ({ version }, request) => {
      const asked =
        version >= FIRST_VERSION_WITH_IDS
          ? request.topics
          : request.topicNames.map(name => ({ name, topicId: ZERO_UUID, unknownTags: undefined }))
      return {
        responses: controller.deleteTopics(asked).map(({ name, topicId, errorCode, errorMessage }) => ({
          name,
          errorCode,
          errorMessage,
          ...(version >= FIRST_VERSION_WITH_IDS ? { topicId } : {}),
        })),
      }
    },
  }
}
