/**
 * Requests that a live broker can make sense of, drawn from a seed: those that lead somewhere (topics that come and go,
 * batches into them, fetches from them), and messages of every API that is served with whatever a schema allows.
 */
import {
  type Api,
  apiByKey,
  apiVersions,
  BatchBuilder,
  createPartitions,
  createTopics,
  deleteRecords,
  deleteTopics,
  describeConfigs,
  encodeRequest,
  fetch,
  incrementalAlterConfigs,
  initProducerId,
  listOffsets,
  metadata,
  produce,
} from '@samsa/protocol'
import type { SeededRandom } from '@samsa/runtime'
import { MessageSource } from '../protocol/random-message.js'
import type { Message } from '../protocol/schemas.js'

const TOPICS = ['fuzz-a', 'fuzz-b', 'fuzz-c']
const TOPIC_RESOURCE = 2
const SET = 0

export interface ServedApi {
  readonly api: Api
  readonly min: number
  readonly max: number
}

export interface LiveRequest {
  readonly api: Api
  readonly version: number
  readonly bytes: Buffer
  /** The broker answers it at once and keeps the connection; of others that is not known. */
  readonly isPlain: boolean
}

export class RequestSource {
  readonly #random: SeededRandom
  readonly #served: readonly ServedApi[]
  readonly #schemas: ReadonlyMap<string, Message>
  #lastCorrelationId = 0

  constructor(random: SeededRandom, served: readonly ServedApi[], schemas: ReadonlyMap<string, Message>) {
    this.#random = random
    this.#served = served
    this.#schemas = schemas
  }

  /** Correlation ids count from 1. */
  next(): LiveRequest {
    return this.#random.integer(0, 3) === 0 ? this.#anyMessage() : this.#sensible()
  }

  #anyMessage(): LiveRequest {
    const { api, min, max } = this.#pick(this.#served)
    const schema = this.#schemas.get(api.request.name)
    if (schema === undefined) throw new Error(`no schema of ${api.request.name}`)
    // Versions of Produce below 3 are told of, for the sake of old clients, and not served.
    const version = this.#random.integer(api.key === produce.key ? 3 : min, max + 1)
    const request = new MessageSource(schema, version, 'mixed', this.#random).next()
    // Whatever waits would wait for as long as the message says, and Produce may want no answer.
    const isPlain = api.key !== produce.key && api.key !== fetch.key
    return this.#encoded(api, version, request, isPlain)
  }

  #sensible(): LiveRequest {
    const topic = this.#pick(TOPICS)
    const partition = this.#random.integer(0, 3)
    const fetchOffset = BigInt(this.#random.integer(0, 50))
    const topics = [{ topic, partitions: [{ partition, fetchOffset, partitionMaxBytes: 100_000 }] }]
    switch (this.#random.integer(0, 12)) {
      case 0:
        return this.#encoded(apiVersions, 3, { clientSoftwareName: 'fuzz', clientSoftwareVersion: '1' })
      case 1:
        return this.#encoded(createTopics, 5, {
          topics: [{ name: topic, numPartitions: 3, replicationFactor: 1, assignments: [], configs: [] }],
          timeoutMs: 1000,
          validateOnly: false,
        })
      case 2:
        return this.#encoded(deleteTopics, 5, { topicNames: [topic], timeoutMs: 1000 })
      case 3:
        return this.#encoded(metadata, 9, { topics: this.#random.integer(0, 2) === 0 ? null : [{ name: topic }] })
      case 4:
        return this.#encoded(initProducerId, 4, { transactionalId: null, transactionTimeoutMs: 60_000 })
      case 5:
        return this.#encoded(listOffsets, 7, {
          replicaId: -1,
          isolationLevel: 0,
          topics: [{ name: topic, partitions: [{ partitionIndex: partition, timestamp: -1n }] }],
        })
      case 6:
        return this.#encoded(describeConfigs, 4, {
          resources: [{ resourceType: TOPIC_RESOURCE, resourceName: topic, configurationKeys: null }],
          includeSynonyms: true,
        })
      case 7:
        return this.#encoded(incrementalAlterConfigs, 1, {
          resources: [
            {
              resourceType: TOPIC_RESOURCE,
              resourceName: topic,
              configs: [{ name: 'segment.bytes', configOperation: SET, value: '1048576' }],
            },
          ],
          validateOnly: false,
        })
      case 8:
        return this.#encoded(deleteRecords, 2, {
          topics: [{ name: topic, partitions: [{ partitionIndex: partition, offset: -1n }] }],
          timeoutMs: 1000,
        })
      case 9:
        return this.#encoded(createPartitions, 3, {
          topics: [{ name: topic, count: 4, assignments: null }],
          timeoutMs: 1000,
          validateOnly: false,
        })
      case 10:
        return this.#encoded(fetch, 12, { maxWaitMs: 5, minBytes: 1, topics, rackId: '' })
      default:
        return this.#encoded(produce, 12, {
          acks: -1,
          timeoutMs: 1000,
          topicData: [{ name: topic, partitionData: [{ index: partition, records: this.#batch() }] }],
        })
    }
  }

  #batch(): Buffer {
    const builder = new BatchBuilder()
    for (let left = this.#random.integer(1, 6); left > 0; left--)
      builder.append(1_900_000_000_000, null, Buffer.from(this.#random.bytes(this.#random.integer(0, 100))))
    return builder.close()
  }

  #encoded<Request>(api: Api<Request>, version: number, request: Request, isPlain = true): LiveRequest {
    const correlationId = ++this.#lastCorrelationId
    const bytes = Buffer.concat(encodeRequest(api, request, { version, correlationId, clientId: 'fuzz' }))
    const found = apiByKey(api.key)
    if (found === undefined) throw new Error(`no API ${api.key}`)
    return { api: found, version, bytes, isPlain }
  }

  #pick<Item>(items: readonly Item[]): Item {
    const item = items[this.#random.integer(0, items.length)]
    if (item === undefined) throw new Error('nothing to pick from')
    return item
  }
}
