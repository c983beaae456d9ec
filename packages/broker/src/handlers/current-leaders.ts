/**
 * What a client is told that fetched under an epoch which is over (KIP-951): who leads the partition now, under which
 * epoch, and where that broker can be reached, so that it can go on without asking for metadata first.
 */
import type { FetchResponse, FetchResponsePartition } from '@samsa/protocol'
import { codeOf, type Partitions } from '../cluster/partitions.js'
import type { SessionPartition } from '../fetch/fetch-sessions.js'
import type { MetadataImage } from '../metadata/image.js'
import { reachableBrokers } from './admin.js'

type NodeEndpoints = NonNullable<FetchResponse['nodeEndpoints']>

/** NOT_LEADER_OR_FOLLOWER belongs to it as well: on one node nobody else leads. */
const HAS_ANOTHER_LEADER: ReadonlySet<number> = new Set([codeOf('FENCED_LEADER_EPOCH')])

export interface LeaderView {
  readonly image: MetadataImage
  readonly partitions: Partitions
  /** As the client reaches brokers. */
  readonly listenerName: string
}

interface Answered {
  readonly wanted: SessionPartition
  readonly response: FetchResponsePartition
}

/** The same answers, with leaders where they are of use, and the addresses of those leaders. */
export function tellLeaders<Answer extends Answered>(
  { image, partitions, listenerName }: LeaderView,
  answers: readonly Answer[],
): { readonly answers: readonly Answer[]; readonly nodeEndpoints: NodeEndpoints } {
  const leaders = new Set<number>()
  const told = answers.map(answer => {
    if (!HAS_ANOTHER_LEADER.has(answer.response.errorCode ?? 0)) return answer
    const { topic: name, topicId, partition } = answer.wanted
    const current = partitions.topic({ name, topicId })?.partitions[partition]
    if (current === undefined) return answer
    leaders.add(current.leader)
    const currentLeader = { leaderId: current.leader, leaderEpoch: current.leaderEpoch }
    return { ...answer, response: { ...answer.response, currentLeader } }
  })
  const nodeEndpoints = reachableBrokers(image, listenerName, false)
    .filter(({ broker }) => leaders.has(broker.id))
    .map(({ broker, endpoint }) => ({ nodeId: broker.id, host: endpoint.host, port: endpoint.port, rack: broker.rack }))
  return { answers: leaders.size === 0 ? answers : told, nodeEndpoints }
}
