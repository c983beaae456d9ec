/**
 * AlterConfigs: replaces all that is set for a resource. What the request leaves out goes back to its default, which is
 * why clients prefer IncrementalAlterConfigs.
 *
 * Versions 0 to 2. Each resource succeeds or fails as a whole.
 */
import { type AlterConfigsRequest, type AlterConfigsResponse, alterConfigs } from '@samsa/protocol'
import { configOperations } from '../metadata/controller-configs.js'
import type { Handler } from '../server/context.js'
import { type AdminDeps, failureOf, whenDurable } from './admin.js'

export function alterConfigsHandler(deps: AdminDeps): Handler<AlterConfigsRequest, AlterConfigsResponse> {
  return {
    api: alterConfigs,
    versions: { min: 0, max: 2 },
    handle: (_context, { resources, validateOnly }) => {
      const changes = resources.map(resource => ({
        ...resource,
        configs: resource.configs.map(config => ({ ...config, configOperation: configOperations.set })),
      }))
      const responses = deps.controller.alterConfigs(changes, { isFull: true, validateOnly })
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
