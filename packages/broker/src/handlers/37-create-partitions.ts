/**
 * CreatePartitions: more partitions for topics that are there. `count` is the number that the topic is to have.
 *
 * Versions 0 to 3. A number that is not larger than today's is INVALID_PARTITIONS.
 */
import { type CreatePartitionsRequest, type CreatePartitionsResponse, createPartitions } from '@samsa/protocol'
import type { Controller } from '../metadata/controller.js'
import type { Handler } from '../server/context.js'

export function createPartitionsHandler(
  controller: Controller,
): Handler<CreatePartitionsRequest, CreatePartitionsResponse> {
  return {
    api: createPartitions,
    versions: { min: 0, max: 3 },
    handle: (_context, { topics, validateOnly }) => ({
      throttleTimeMs: 0,
      results: controller.createPartitions(topics, validateOnly),
    }),
  }
}
