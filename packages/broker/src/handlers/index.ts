/**
 * The APIs that are served: one handler each. What is not listed here is not advertised, and closes the connection.
 */
import type { Clock } from '@samsa/runtime'
import { autoCreator } from '../cluster/auto-create.js'
import type { Partitions } from '../cluster/partitions.js'
import type { Configs } from '../config/dynamic-config.js'
import type { FetchSessions } from '../fetch/fetch-sessions.js'
import type { LogManager } from '../log/log-manager.js'
import type { Controller } from '../metadata/controller.js'
import { supportedFeatures } from '../metadata/features.js'
import type { MetadataImage } from '../metadata/image.js'
import type { ProducerIds } from '../metadata/producer-ids.js'
import { KRAFT_VERSION } from '../metadata/quorum-records.js'
import type { Handler } from '../server/context.js'
import { produceHandler } from './00-produce.js'
import { fetchHandler } from './01-fetch.js'
import { listOffsetsHandler } from './02-list-offsets.js'
import { metadataHandler } from './03-metadata.js'
import { apiVersionsHandler } from './18-api-versions.js'
import { createTopicsHandler } from './19-create-topics.js'
import { deleteTopicsHandler } from './20-delete-topics.js'
import { deleteRecordsHandler } from './21-delete-records.js'
import { initProducerIdHandler } from './22-init-producer-id.js'
import { offsetForLeaderEpochHandler } from './23-offset-for-leader-epoch.js'
import { describeLogDirsHandler } from './35-describe-log-dirs.js'
import { createPartitionsHandler } from './37-create-partitions.js'
import { describeClusterHandler } from './60-describe-cluster.js'
import { describeProducersHandler } from './61-describe-producers.js'
import { describeTopicPartitionsHandler } from './75-describe-topic-partitions.js'

export interface HandlerDeps {
  readonly clock: Clock
  readonly configs: Configs
  readonly controller: Controller
  readonly image: MetadataImage
  readonly logs: LogManager
  readonly nodeId: number
  readonly partitions: Partitions
  readonly producerIds: ProducerIds
  readonly sessions: FetchSessions
  /** The data directory as answers name it, and the room on its volume. */
  readonly directory: string
  readonly space: () => { readonly total: number; readonly usable: number }
}

/** All of them, ApiVersions among them, which tells of the others. */
export function brokerHandlers(deps: HandlerDeps): Handler[] {
  const { clock, configs, controller, image, logs, nodeId, partitions, producerIds, sessions } = deps
  const { clusterId } = logs
  const handlers: Handler[] = [
    produceHandler({ partitions, logs }),
    fetchHandler({ partitions, sessions, clock, fetchMaxBytes: configs.number('fetch.max.bytes') }),
    listOffsetsHandler(partitions),
    metadataHandler({ image, clusterId, nodeId, autoCreate: autoCreator(controller, configs) }),
    createTopicsHandler(controller, configs),
    deleteTopicsHandler(controller),
    deleteRecordsHandler(partitions),
    initProducerIdHandler(() => producerIds.next()),
    offsetForLeaderEpochHandler(partitions),
    describeLogDirsHandler({ logs, directory: deps.directory, space: deps.space }),
    createPartitionsHandler(controller),
    describeClusterHandler({ image, clusterId, nodeId }),
    describeProducersHandler(partitions),
    describeTopicPartitionsHandler(image, configs.number('max.request.partition.size.limit')),
  ]
  const apiVersions = apiVersionsHandler({
    handlers,
    supportedFeatures: supportedFeatures.map(({ name, min, max }) => ({ name, minVersion: min, maxVersion: max })),
    finalizedFeatures: () => ({
      epoch: BigInt(image.metadataOffset),
      levels: new Map([...image.features, ['kraft.version', KRAFT_VERSION]]),
    }),
  })
  return [...handlers, apiVersions]
}
