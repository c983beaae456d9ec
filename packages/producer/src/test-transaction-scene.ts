/**
 * Transactions without a producer around them, for tests: the manager and what users have of it, a coordinator that answers
 * as it is told, and time that stands still until the test moves it.
 */
import { errorByName, errorOf } from '@samsa/protocol'
import { type KafkaError, ManualClock, SeededRandom, silentLogger } from '@samsa/runtime'
import type { ProducerCluster } from './cluster.js'
import { PartitionQueue } from './partition-queue.js'
import { TestCoordinator } from './test-coordinator.js'
import { TransactionManager } from './transaction-manager.js'
import type { TransactionCall } from './transaction-states.js'
import { Transactions } from './transactions.js'

export const UNSENT = { stamp: undefined }
export const NUMBERED = { stamp: { producerId: 1, producerEpoch: 0, baseSequence: 0 } }
export const GROUP = { groupId: 'g', generationId: 4, memberId: 'm', groupInstanceId: 'i' }
export const OFFSETS = [{ topic: 't', partition: 0, offset: 7n }]

export class Scene {
  readonly clock = new ManualClock()
  readonly coordinator = new TestCoordinator()
  readonly manager: TransactionManager
  readonly transactions: Transactions
  changes = 0
  /** Set it for records that have no outcome yet. */
  undelivered: Promise<void> = Promise.resolve()

  constructor(level = 2) {
    this.coordinator.level = level
    this.manager = new TransactionManager({
      cluster: {
        clientId: 'test',
        clock: this.clock,
        random: new SeededRandom(1),
        logger: silentLogger,
        call: this.coordinator.call.bind(this.coordinator) as unknown as ProducerCluster['call'],
      },
      transactionalId: 'id',
      transactionTimeoutMs: 5000,
      retryBackoffMaxMs: 1000,
      drained: () => this.undelivered,
      onChange: () => this.changes++,
    })
    this.transactions = new Transactions({
      manager: this.manager,
      clock: this.clock,
      logger: silentLogger,
      maxBlockMs: 1000,
      transactionTimeoutMs: 5000,
    })
  }

  /** One that is ready. */
  static async ready(level = 2): Promise<Scene> {
    const scene = new Scene(level)
    await scene.transactions.init({})
    scene.coordinator.heard()
    return scene
  }

  /** One with a transaction that the broker knows of. */
  static async begun(level = 2): Promise<Scene> {
    const scene = await Scene.ready(level)
    scene.manager.begin()
    await scene.drain()
    scene.coordinator.heard()
    return scene
  }

  /** What the sender does with the first batch of a partition. */
  async drain(partition = 0): Promise<PartitionQueue> {
    const queue = new PartitionQueue('t', partition)
    if (!this.manager.mayDrain(queue, UNSENT)) await this.settle()
    if (!this.manager.mayDrain(queue, UNSENT)) throw new Error('the partition is not in the transaction')
    return queue
  }

  async settle(): Promise<void> {
    await this.clock.settle()
    await this.clock.advance(2000)
  }

  call(call: TransactionCall): Promise<unknown> {
    switch (call) {
      case 'initTransactions':
        return this.transactions.init({})
      case 'beginTransaction':
        return new Promise<void>(resolve => resolve(this.transactions.begin()))
      case 'send':
        return new Promise<void>(resolve => resolve(this.manager.checkSend()))
      case 'sendOffsetsToTransaction':
        return new Promise<void>(resolve => resolve(this.transactions.sendOffsets(OFFSETS, GROUP, {})))
      case 'commitTransaction':
        return new Promise<void>(resolve => resolve(this.transactions.commit({})))
      case 'abortTransaction':
        return new Promise<void>(resolve => resolve(this.transactions.abort({})))
    }
  }
}

export const errorNamed = (name: string): KafkaError => errorOf(errorByName(name)?.code ?? Number.NaN)
export const outcomeOf = (promise: Promise<unknown>): Promise<unknown> =>
  promise.then(
    () => 'done',
    (error: unknown) => error,
  )
