/**
 * What a client is told that asked a node which does not lead the partition, or under an epoch that is over (KIP-951): who
 * leads now, under which epoch, and where that node can be reached, so that it can go on without asking for metadata first.
 */
import type { FetchResponse } from '@samsa/protocol'
import { codeOf, type Partitions, type TopicReference } from '../cluster/partitions.js'
import type { MetadataImage } from '../metadata/image.js'
import { reachableBrokers } from './admin.js'

type NodeEndpoints = NonNullable<FetchResponse['nodeEndpoints']>

interface CurrentLeader {
  readonly leaderId: number
  readonly leaderEpoch: number
}

const HAS_ANOTHER_LEADER: ReadonlySet<number> = new Set(['NOT_LEADER_OR_FOLLOWER', 'FENCED_LEADER_EPOCH'].map(codeOf))

export interface LeaderView {
  readonly image: MetadataImage
  readonly partitions: Partitions
  /** As the client reaches brokers. */
  readonly listenerName: string
}

/** The leaders that one answer names. */
export class CurrentLeaders {
  readonly #view: LeaderView
  readonly #named = new Set<number>()

  constructor(view: LeaderView) {
    this.#view = view
  }

  /** A partition's answer, with its leader where the error makes it worth knowing. */
  tell<Answer extends { readonly errorCode?: number }>(
    answer: Answer,
    topic: TopicReference,
    index: number,
  ): Answer & { readonly currentLeader?: CurrentLeader } {
    if (!HAS_ANOTHER_LEADER.has(answer.errorCode ?? 0)) return answer
    const current = this.#view.partitions.topic(topic)?.partitions[index]
    if (current === undefined) return answer
    this.#named.add(current.leader)
    return { ...answer, currentLeader: { leaderId: current.leader, leaderEpoch: current.leaderEpoch } }
  }

  /** Where the leaders that were named can be reached. */
  endpoints(): NodeEndpoints {
    if (this.#named.size === 0) return []
    const { image, listenerName } = this.#view
    return reachableBrokers(image, listenerName, false)
      .filter(({ broker }) => this.#named.has(broker.id))
      .map(({ broker, endpoint }) => ({
        nodeId: broker.id,
        host: endpoint.host,
        port: endpoint.port,
        rack: broker.rack,
      }))
  }
}
