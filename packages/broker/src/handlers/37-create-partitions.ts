/**
 * CreatePartitions: gives topics more partitions; never fewer.
 *
 * Versions 0 to 3. Each topic succeeds or fails on its own. Other than Kafka: a request for more than 10,000 partitions is
 * refused with POLICY_VIOLATION.
 */
import { type CreatePartitionsRequest, type CreatePartitionsResponse, createPartitions } from '@samsa/protocol'
import type { Handler } from '../server/context.js'
import { type AdminDeps, failureOf, whenDurable } from './admin.js'

export function createPartitionsHandler(deps: AdminDeps): Handler<CreatePartitionsRequest, CreatePartitionsResponse> {
  return {
    api: createPartitions,
    versions: { min: 0, max: 3 },
    handle: (_context, { topics, validateOnly }) => {
      const results = deps.controller.createPartitions(topics, validateOnly)
      return whenDurable(deps, { throttleTimeMs: 0, results })
    },
    failure: (_context, { topics }, error) => {
      const failure = failureOf(error)
      return failure && { throttleTimeMs: 0, results: topics.map(({ name }) => ({ name, ...failure })) }
    },
  }
}
