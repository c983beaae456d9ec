/**
 * Members of classic groups for tests of a whole broker: what a client says in a group, in a few words.
 */
import { heartbeat, joinGroup, leaveGroup, offsetCommit, offsetFetch, syncGroup } from '@samsa/protocol'
import type { TestClient } from '../handlers/test-broker.js'

export interface MemberOptions {
  readonly groupId?: string
  readonly sessionTimeoutMs?: number
  readonly groupInstanceId?: string | null
}

const SUBSCRIPTION = Buffer.from('000000000001000174ffffffff', 'hex')

/** One member over a connection of its own; a JoinGroup that waits holds up what follows on the connection. */
export class GroupMember {
  readonly groupId: string
  readonly client: TestClient
  memberId = ''
  generationId = -1
  members: readonly string[] = []
  readonly #sessionTimeoutMs: number
  readonly #groupInstanceId: string | null

  constructor(client: TestClient, options: MemberOptions = {}) {
    this.client = client
    this.groupId = options.groupId ?? 'g'
    this.#sessionTimeoutMs = options.sessionTimeoutMs ?? 10_000
    this.#groupInstanceId = options.groupInstanceId ?? null
  }

  /** With the id that the coordinator wants it to have. Returns the error's code. */
  async join(): Promise<number> {
    for (;;) {
      const answer = await this.client.request(joinGroup, 9, {
        groupId: this.groupId,
        sessionTimeoutMs: this.#sessionTimeoutMs,
        rebalanceTimeoutMs: 10_000,
        memberId: this.memberId,
        groupInstanceId: this.#groupInstanceId,
        protocolType: 'consumer',
        protocols: [{ name: 'range', metadata: SUBSCRIPTION }],
      })
      this.memberId = answer.memberId
      if (answer.errorCode === 79) continue
      if (answer.errorCode === 0) this.generationId = answer.generationId
      this.members = answer.members.map(({ memberId }) => memberId)
      return answer.errorCode
    }
  }

  /** The leader says who gets what. Returns what this member got, or the error's code. */
  async sync(assignments: Readonly<Record<string, string>> = {}): Promise<string | number> {
    const { errorCode, assignment } = await this.client.request(syncGroup, 5, {
      ...this.#self(),
      protocolType: 'consumer',
      protocolName: 'range',
      assignments: Object.entries(assignments).map(([memberId, text]) => ({ memberId, assignment: Buffer.from(text) })),
    })
    return errorCode === 0 ? Buffer.from(assignment).toString() : errorCode
  }

  async heartbeat(): Promise<number> {
    return (await this.client.request(heartbeat, 4, this.#self())).errorCode
  }

  async leave(): Promise<number> {
    const members = [{ memberId: this.memberId, groupInstanceId: this.#groupInstanceId }]
    const { errorCode, members: left } = await this.client.request(leaveGroup, 5, { groupId: this.groupId, members })
    return errorCode === 0 ? (left[0]?.errorCode ?? -1) : errorCode
  }

  commit(offset: number, topic = 't', partition = 0): Promise<number> {
    const { groupId, memberId, generationId, groupInstanceId } = this.#self()
    const member = { memberId, groupInstanceId, generationIdOrMemberEpoch: generationId }
    return commitOffset(this.client, groupId, { topic, partition, offset, ...member })
  }

  #self() {
    const { groupId, memberId, generationId } = this
    return { groupId, memberId, generationId, groupInstanceId: this.#groupInstanceId }
  }
}

interface Commit {
  readonly topic: string
  readonly partition: number
  readonly offset: number
  readonly metadata?: string
  readonly memberId?: string
  readonly generationIdOrMemberEpoch?: number
  readonly groupInstanceId?: string | null
}

/** Returns the error's code. Without a member: as one who only keeps offsets. */
export async function commitOffset(client: TestClient, groupId: string, commit: Commit): Promise<number> {
  const { topic, partition, offset, metadata = '', ...member } = commit
  const partitions = [{ partitionIndex: partition, committedOffset: BigInt(offset), committedMetadata: metadata }]
  const answer = await client.request(offsetCommit, 9, {
    groupId,
    generationIdOrMemberEpoch: -1,
    memberId: '',
    ...member,
    topics: [{ name: topic, partitions }],
  })
  return answer.topics[0]?.partitions[0]?.errorCode ?? -1
}

/** `topic-partition=offset` of all that the group has committed, sorted; or the error's code. */
export async function committedOf(client: TestClient, groupId: string): Promise<string[] | number> {
  const { groups } = await client.request(offsetFetch, 9, { groups: [{ groupId, topics: null }] })
  const [group] = groups
  if (group === undefined || group.errorCode !== 0) return group?.errorCode ?? -1
  return group.topics
    .flatMap(({ name, partitions }) =>
      partitions.map(({ partitionIndex, committedOffset }) => `${name}-${partitionIndex}=${committedOffset}`),
    )
    .sort()
}
