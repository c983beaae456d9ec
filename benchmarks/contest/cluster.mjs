/**
 * The broker that all contenders talk to, and the topics on it, whose ends say how many records they have. One broker leads
 * everything.
 */
import { createTopics, deleteTopics, errorByCode, listOffsets } from '@samsa/protocol'
import { connectTo, startKafka, startSamsa } from '../broker/brokers.mjs'

const CREATE_TOPICS_VERSION = 5
const DELETE_TOPICS_VERSION = 4
const LIST_OFFSETS_VERSION = 5
const END_OF_LOG = -1n
const TOPIC_DEADLINE_MS = 20_000

/** The first member of a group is not to wait for others; the launcher of Apache Kafka sees to it itself. */
const WITHOUT_DELAY = { 'group.initial.rebalance.delay.ms': '0' }

/** `{ name, address, processId, stop }`; no `processId` where it runs already: then nobody knows what it costs. */
export async function brokerOf({ address, launcher, isSamsa, folder }) {
  if (address !== undefined) return { name: address, address, processId: undefined, stop: async () => {} }
  if (isSamsa) return startSamsa({ dataDir: `${folder}/samsa`, properties: WITHOUT_DELAY })
  if (launcher !== undefined) return startKafka({ launcher, folder: `${folder}/kafka` })
  throw new Error('say where that broker is: SAMSA_KAFKA_BIN=LAUNCHER, --broker HOST:PORT or --samsa-broker')
}

export class Topics {
  #connection
  #partitions

  static async connect(address, partitions) {
    const topics = new Topics()
    topics.#connection = await connectTo(address)
    topics.#partitions = partitions
    return topics
  }

  /** Resolves when every partition answers: a new topic is known to every part of Apache Kafka a moment later. */
  async create(name) {
    const { topics } = await this.#connection.request(createTopics, CREATE_TOPICS_VERSION, {
      topics: [{ name, numPartitions: this.#partitions, replicationFactor: 1, assignments: [], configs: [] }],
      timeoutMs: TOPIC_DEADLINE_MS,
      validateOnly: false,
    })
    mustBeFine(topics, name)
    for (const startedAt = performance.now(); ; ) {
      const found = await this.#ends(name)
      if (found.every(({ errorCode }) => errorCode === 0)) return
      if (performance.now() - startedAt > TOPIC_DEADLINE_MS) mustBeFine(found, name)
      await new Promise(resolve => setTimeout(resolve, 20))
    }
  }

  /** How many records all partitions have together. */
  async recordCount(name) {
    const found = await this.#ends(name)
    mustBeFine(found, name)
    return found.reduce((sum, { offset }) => sum + Number(offset), 0)
  }

  async delete(name) {
    const request = { topicNames: [name], timeoutMs: TOPIC_DEADLINE_MS }
    const { responses } = await this.#connection.request(deleteTopics, DELETE_TOPICS_VERSION, request)
    mustBeFine(responses, name)
  }

  close() {
    this.#connection.close()
  }

  async #ends(name) {
    const partitions = Array.from({ length: this.#partitions }, (_, partitionIndex) => ({
      partitionIndex,
      timestamp: END_OF_LOG,
    }))
    const request = { replicaId: -1, isolationLevel: 0, topics: [{ name, partitions }] }
    const { topics } = await this.#connection.request(listOffsets, LIST_OFFSETS_VERSION, request)
    return topics[0]?.partitions ?? []
  }
}

function mustBeFine(results, name) {
  for (const { errorCode } of results) if (errorCode !== 0) throw new Error(`${name}: ${errorByCode(errorCode).name}`)
}
