/**
 * CoordinatorRuntimes: the coordinators of groups and of transactions, and what binds them: markers end transactions in
 * the groups' logs too, and a transactional write asks before it is let in. Owner of both; all nodes of a broker share them.
 */
import type { Random } from '@samsa/runtime'
import { childLogger } from '@samsa/runtime/internal'
import type { Coordinators } from '../cluster/coordinators.js'
import type { MetadataDelta } from '../metadata/image-parts.js'
import type { ProducerIds } from '../metadata/producer-ids.js'
import type { CoordinatorParts } from './coordinator-parts.js'
import { followMetadata, type GroupRuntime, groupRuntime } from './group/group-runtime.js'
import { TransactionAdmission } from './txn/transaction-admission.js'
import { TransactionMarkers } from './txn/transaction-markers.js'
import { followLeaders, type TransactionRuntime, transactionRuntime } from './txn/transaction-runtime.js'

export interface CoordinatorRuntimesOptions extends CoordinatorParts {
  readonly random: Random
  readonly rebalanceHeartbeatMs: number
  readonly producerIds: ProducerIds
  readonly coordinators: Coordinators
}

export class CoordinatorRuntimes {
  readonly groups: GroupRuntime
  readonly transactions: TransactionRuntime
  readonly markers: TransactionMarkers
  readonly admission: TransactionAdmission

  constructor({ producerIds, coordinators, ...options }: CoordinatorRuntimesOptions) {
    const { logger } = options
    this.groups = groupRuntime({ ...options, logger: childLogger(logger, { part: 'groups' }) })
    const about = { ...options, logger: childLogger(logger, { part: 'transactions' }) }
    this.markers = new TransactionMarkers({ ...about, groups: this.groups })
    const nextProducerId = (): number => producerIds.next()
    this.transactions = transactionRuntime({ ...about, markers: this.markers, nextProducerId })
    const { clock, configs } = options
    this.admission = new TransactionAdmission({
      runtime: this.transactions,
      coordinators,
      clock,
      settings: {
        verifies: () => configs.boolean('transaction.partition.verification.enable'),
        longestWaitMs: configs.number('add.partitions.to.txn.retry.backoff.max.ms'),
        pauseMs: configs.number('add.partitions.to.txn.retry.backoff.ms'),
      },
    })
  }

  /** Brings the coordinators in line with who leads their partitions now. */
  follow(): void {
    this.groups.follow()
    this.transactions.follow()
  }

  followMetadata(delta: MetadataDelta): void {
    followMetadata(this.groups, delta)
    followLeaders(this.transactions, delta)
  }

  /** Answers everyone who waits. */
  close(): void {
    this.groups.close()
    this.transactions.close()
  }
}
