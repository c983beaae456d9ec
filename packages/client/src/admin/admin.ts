/**
 * Admin: what an administrator asks of a cluster. Owns a Client, unless it was given one that others use too. Any number
 * of calls may be under way.
 */
import type { WaitOptions } from '@samsa/runtime'
import { Client } from '../client.js'
import type { ClientOptions } from '../client-options.js'
import type { TopicInfo } from '../topic-info.js'
import { type ClusterDescription, describeCluster } from './cluster.js'
import {
  type CreatedTopic,
  type CreateTopicsOptions,
  createTopics,
  deleteTopics,
  describeTopics,
  type ListTopicsOptions,
  listTopics,
  type NewTopic,
  type TopicListing,
} from './topics.js'

export class Admin implements AsyncDisposable {
  readonly #client: Client
  readonly #isShared: boolean

  /** Opens nothing. A client that is given stays open when the Admin is closed. */
  constructor(options: ClientOptions | { readonly client: Client }) {
    this.#isShared = 'client' in options
    this.#client = 'client' in options ? options.client : new Client(options, { allowAutoTopicCreation: false })
  }

  /** Makes topics. Rejects with a TopicsError when some cannot be made; the others are. */
  createTopics(topics: readonly NewTopic[], options: CreateTopicsOptions = {}): Promise<readonly CreatedTopic[]> {
    return createTopics(this.#client, topics, options)
  }

  /** Deletes topics, for good. Rejects with a TopicsError when some cannot be deleted; the others are. */
  deleteTopics(topics: readonly string[], options: WaitOptions = {}): Promise<void> {
    return deleteTopics(this.#client, topics, options)
  }

  /** Every topic that the client may see. */
  listTopics(options: ListTopicsOptions = {}): Promise<readonly TopicListing[]> {
    return listTopics(this.#client, options)
  }

  /** Partitions, leaders and replicas. Rejects with a TopicsError when some are not there. */
  describeTopics(topics: readonly string[], options: WaitOptions = {}): Promise<readonly TopicInfo[]> {
    return describeTopics(this.#client, topics, options)
  }

  describeCluster(options: WaitOptions = {}): Promise<ClusterDescription> {
    return describeCluster(this.#client, options)
  }

  /** Calls under way fail with CLIENT_CLOSED. Twice is harmless. */
  close(options: { readonly timeoutMs?: number | undefined } = {}): Promise<void> {
    return this.#isShared ? Promise.resolve() : this.#client.close(options)
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }
}
