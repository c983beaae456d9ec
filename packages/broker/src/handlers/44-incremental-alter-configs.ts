/**
 * IncrementalAlterConfigs: sets, deletes, appends to and subtracts from configs, and leaves the others alone.
 *
 * Versions 0 to 1. Each resource succeeds or fails as a whole. Left out: loggers; Kafka's rule that thread counts change by
 * half or double at most, since there are no threads.
 */
import {
  type IncrementalAlterConfigsRequest,
  type IncrementalAlterConfigsResponse,
  incrementalAlterConfigs,
} from '@samsa/protocol'
import type { Handler } from '../server/context.js'
import { type AdminDeps, failureOf, whenDurable } from './admin.js'

export function incrementalAlterConfigsHandler(
  deps: AdminDeps,
): Handler<IncrementalAlterConfigsRequest, IncrementalAlterConfigsResponse> {
  return {
    api: incrementalAlterConfigs,
    versions: { min: 0, max: 1 },
    handle: (_context, { resources, validateOnly }) => {
      const responses = deps.controller.alterConfigs(resources, { isFull: false, validateOnly })
      return whenDurable(deps, { throttleTimeMs: 0, responses })
    },
    failure: (_context, { resources }, error) => {
      const failure = failureOf(error)
      if (failure === undefined) return undefined
      const responses = resources.map(({ resourceType, resourceName }) => ({ resourceType, resourceName, ...failure }))
      return { throttleTimeMs: 0, responses }
    },
  }
}
