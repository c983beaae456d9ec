/**
 * TransactionalProducer: a producer of the second generation, request by request, that writes ten records of 100 bytes to one
 * partition in each of its transactions.
 */
import { setTimeout } from 'node:timers/promises'
import { BatchBuilder, endTxn, errorByCode, findCoordinator, initProducerId, produce } from '@samsa/protocol'

const RECORDS = 10
const VALUE = Buffer.alloc(100, 'x')
const MOST_TRIES = 1000
/** What passes by itself; a benchmark waits for it as a producer does. */
const PASSING = new Set([
  'CONCURRENT_TRANSACTIONS',
  'COORDINATOR_LOAD_IN_PROGRESS',
  'COORDINATOR_NOT_AVAILABLE',
  'NOT_COORDINATOR',
  'NOT_ENOUGH_REPLICAS',
  'UNKNOWN_TOPIC_OR_PARTITION',
])

export class TransactionalProducer {
  constructor(connection, { transactionalId, topic, partition }) {
    this.connection = connection
    this.transactionalId = transactionalId
    this.topic = topic
    this.partition = partition
  }

  async init() {
    await this.connection.request(findCoordinator, 4, { keyType: 1, coordinatorKeys: [this.transactionalId] })
    await this.#patiently(async () => {
      const request = { transactionalId: this.transactionalId, transactionTimeoutMs: 600_000 }
      const answer = await this.connection.request(initProducerId, 5, request)
      if (answer.errorCode === 0) this.#is(answer)
      return answer.errorCode
    })
  }

  write() {
    const builder = new BatchBuilder()
    for (let count = 0; count < RECORDS; count++) builder.append(Date.now(), null, VALUE)
    const producer = { producerId: Number(this.producerId), producerEpoch: this.producerEpoch, baseSequence: 0 }
    const records = builder.close({ producer, isTransactional: true })
    return this.#patiently(async () => {
      const { responses } = await this.connection.request(produce, 12, {
        transactionalId: this.transactionalId,
        acks: -1,
        timeoutMs: 30_000,
        topicData: [{ name: this.topic, partitionData: [{ index: this.partition, records: Buffer.from(records) }] }],
      })
      return responses[0].partitionResponses[0].errorCode
    })
  }

  commit() {
    return this.#patiently(async () => {
      const { transactionalId, producerId, producerEpoch } = this
      const request = { transactionalId, producerId, producerEpoch, committed: true }
      const answer = await this.connection.request(endTxn, 5, request)
      if (answer.errorCode === 0) this.#is(answer)
      return answer.errorCode
    })
  }

  #is({ producerId, producerEpoch }) {
    this.producerId = producerId
    this.producerEpoch = producerEpoch
  }

  async #patiently(ask) {
    for (let tries = 0; ; tries++) {
      const { name } = errorByCode(await ask())
      if (name === 'NONE') return
      if (!PASSING.has(name) || tries >= MOST_TRIES) throw new Error(`${this.transactionalId}: ${name}`)
      await setTimeout(name === 'CONCURRENT_TRANSACTIONS' ? 1 : 50)
    }
  }
}
