/**
 * Auto-creation: topics that clients ask for and that are not there, where the broker's settings allow it. The internal
 * topics are never made this way: they belong to the coordinators.
 */
import type { Configs } from '../config/dynamic-config.js'
import type { Controller } from '../metadata/controller.js'

/** What cannot be created is left: the client is told that it is not there, and asks again or gives up. */
export function autoCreator(controller: Controller, configs: Configs): (names: readonly string[]) => void {
  return names => {
    if (names.length === 0 || !configs.boolean('auto.create.topics.enable')) return
    controller.createTopics(
      names.map(name => ({
        name,
        numPartitions: -1,
        replicationFactor: -1,
        assignments: [],
        configs: [],
        unknownTags: undefined,
      })),
      false,
    )
  }
}
