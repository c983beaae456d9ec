/**
 * The APIs that are served: one handler each. What is not listed here is not advertised, and closes the connection.
 */
import type { Clock } from '@samsa/runtime'
import type { Coordinators } from '../cluster/coordinators.js'
import type { Partitions } from '../cluster/partitions.js'
import type { GroupCoordinator } from '../coordinator/group/group-coordinator.js'
import type { TransactionAdmission } from '../coordinator/txn/transaction-admission.js'
import type { TransactionCoordinator } from '../coordinator/txn/transaction-coordinator.js'
import type { TransactionMarkers } from '../coordinator/txn/transaction-markers.js'
import type { FetchSessions } from '../fetch/fetch-sessions.js'
import { METADATA_TOPIC } from '../log/data-directory.js'
import type { LogManager } from '../log/log-manager.js'
import type { Controller } from '../metadata/controller.js'
import { supportedFeatures } from '../metadata/features.js'
import type { MetadataImage } from '../metadata/image.js'
import type { ProducerIds } from '../metadata/producer-ids.js'
import { KRAFT_VERSION } from '../metadata/quorum-records.js'
import type { Handler } from '../server/context.js'
import type { ServedVersions } from '../server/served-versions.js'
import { produceHandler } from './00-produce.js'
import { fetchHandler } from './01-fetch.js'
import { listOffsetsHandler } from './02-list-offsets.js'
import { metadataHandler } from './03-metadata.js'
import { offsetCommitHandler } from './08-offset-commit.js'
import { offsetFetchHandler } from './09-offset-fetch.js'
import { findCoordinatorHandler } from './10-find-coordinator.js'
import { joinGroupHandler } from './11-join-group.js'
import { heartbeatHandler } from './12-heartbeat.js'
import { leaveGroupHandler } from './13-leave-group.js'
import { syncGroupHandler } from './14-sync-group.js'
import { describeGroupsHandler } from './15-describe-groups.js'
import { listGroupsHandler } from './16-list-groups.js'
import { type ApiVersionsDependencies, apiVersionsHandler } from './18-api-versions.js'
import { createTopicsHandler } from './19-create-topics.js'
import { deleteTopicsHandler } from './20-delete-topics.js'
import { deleteRecordsHandler } from './21-delete-records.js'
import { initProducerIdHandler } from './22-init-producer-id.js'
import { offsetForLeaderEpochHandler } from './23-offset-for-leader-epoch.js'
import { addPartitionsToTxnHandler } from './24-add-partitions-to-txn.js'
import { addOffsetsToTxnHandler } from './25-add-offsets-to-txn.js'
import { endTxnHandler } from './26-end-txn.js'
import { writeTxnMarkersHandler } from './27-write-txn-markers.js'
import { txnOffsetCommitHandler } from './28-txn-offset-commit.js'
import { describeConfigsHandler } from './32-describe-configs.js'
import { alterConfigsHandler } from './33-alter-configs.js'
import { describeLogDirsHandler } from './35-describe-log-dirs.js'
import { createPartitionsHandler } from './37-create-partitions.js'
import { deleteGroupsHandler } from './42-delete-groups.js'
import { electLeadersHandler } from './43-elect-leaders.js'
import { incrementalAlterConfigsHandler } from './44-incremental-alter-configs.js'
import { alterPartitionReassignmentsHandler } from './45-alter-partition-reassignments.js'
import { listPartitionReassignmentsHandler } from './46-list-partition-reassignments.js'
import { offsetDeleteHandler } from './47-offset-delete.js'
import { describeClusterHandler } from './60-describe-cluster.js'
import { describeProducersHandler } from './61-describe-producers.js'
import { describeTransactionsHandler } from './65-describe-transactions.js'
import { listTransactionsHandler } from './66-list-transactions.js'
import { consumerGroupHeartbeatHandler } from './68-consumer-group-heartbeat.js'
import { consumerGroupDescribeHandler } from './69-consumer-group-describe.js'
import { listConfigResourcesHandler } from './74-list-config-resources.js'
import { describeTopicPartitionsHandler } from './75-describe-topic-partitions.js'
import type { AdminDeps } from './admin.js'

export interface HandlerDeps {
  readonly clock: Clock
  readonly served: ServedVersions
  readonly controller: Controller
  readonly coordinators: Coordinators
  readonly groups: GroupCoordinator
  readonly transactions: TransactionCoordinator
  /** What lets transactional writes into the logs. */
  readonly admission: TransactionAdmission
  readonly markers: TransactionMarkers
  readonly logs: LogManager
  readonly partitions: Partitions
  readonly producerIds: ProducerIds
  readonly sessions: FetchSessions
  /** The data directory as answers name it, and the room on its volume. */
  readonly directory: string
  readonly space: () => { readonly total: number; readonly usable: number }
}

/** All of them, ApiVersions among them, which tells of the others. */
export function brokerHandlers(deps: HandlerDeps): Handler[] {
  const { clock, controller, coordinators, groups, logs, partitions, producerIds, served, sessions } = deps
  const { admission, markers, transactions } = deps
  const { configs, image } = controller.view
  const { clusterId } = logs
  const admin: AdminDeps = { controller, acknowledged: () => acknowledgedMetadata(logs) }
  const handlers: Handler[] = [
    produceHandler({ image, partitions, transactions: admission }),
    fetchHandler({ image, partitions, sessions, clock, fetchMaxBytes: configs.number('fetch.max.bytes') }),
    listOffsetsHandler(partitions),
    metadataHandler({ ...admin, clusterId }),
    offsetCommitHandler({ image, groups, clock }),
    offsetFetchHandler({ image, groups }),
    findCoordinatorHandler({ ...admin, coordinators }),
    joinGroupHandler(groups),
    heartbeatHandler(groups),
    leaveGroupHandler(groups),
    syncGroupHandler(groups),
    describeGroupsHandler(groups),
    listGroupsHandler(groups),
    createTopicsHandler(admin),
    deleteTopicsHandler(admin),
    deleteRecordsHandler({ partitions, logs }),
    initProducerIdHandler({ nextProducerId: () => producerIds.next(), transactions, acknowledged: admin.acknowledged }),
    offsetForLeaderEpochHandler(partitions),
    addPartitionsToTxnHandler({ image, transactions }),
    addOffsetsToTxnHandler({ transactions, coordinators }),
    endTxnHandler(transactions),
    writeTxnMarkersHandler({ partitions, markers }),
    txnOffsetCommitHandler({ image, partitions, groups, coordinators, transactions: admission, clock }),
    describeConfigsHandler(admin),
    alterConfigsHandler(admin),
    describeLogDirsHandler({ logs, partitions, directory: deps.directory, space: deps.space }),
    createPartitionsHandler(admin),
    deleteGroupsHandler(groups),
    electLeadersHandler(admin),
    incrementalAlterConfigsHandler(admin),
    alterPartitionReassignmentsHandler(admin),
    listPartitionReassignmentsHandler(),
    offsetDeleteHandler({ image, groups }),
    describeClusterHandler({ ...admin, clusterId }),
    describeProducersHandler(partitions),
    describeTransactionsHandler(transactions),
    listTransactionsHandler({ transactions, clock }),
    consumerGroupHeartbeatHandler({ groups, image }),
    consumerGroupDescribeHandler({ groups, image }),
    listConfigResourcesHandler(admin),
    describeTopicPartitionsHandler(admin),
  ]
  const narrowed = served.narrow(handlers)
  return [...narrowed, apiVersionsHandler({ handlers: narrowed, served, ...featuresOf(image, served) })]
}

/** Levels of another release are its own business; what is in the metadata, this broker goes by. */
function featuresOf(
  image: MetadataImage,
  { features }: ServedVersions,
): Pick<ApiVersionsDependencies, 'supportedFeatures' | 'finalizedFeatures'> {
  const supported = features ?? supportedFeatures
  const levels = features?.map(({ name, max }): [string, number] => [name, max])
  return {
    supportedFeatures: supported.map(({ name, min, max }) => ({ name, minVersion: min, maxVersion: max })),
    finalizedFeatures: () => ({
      epoch: levels?.length === 0 ? NO_EPOCH : BigInt(image.metadataOffset),
      levels: new Map(levels ?? [...image.features, ['kraft.version', KRAFT_VERSION]]),
    }),
  }
}

const NO_EPOCH = -1n

/** Metadata is as durable as records are: by the flush mode. */
function acknowledgedMetadata(logs: LogManager): Promise<void> | undefined {
  const log = logs.get(METADATA_TOPIC, 0)
  return log === undefined ? undefined : logs.acknowledged(log)
}
