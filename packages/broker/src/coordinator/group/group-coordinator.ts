/**
 * GroupCoordinator: the groups as one node serves them. Checks what can be checked without a group, and asks the shard that
 * keeps it. Owner of nothing: shards are the runtime's.
 */
import type { Coordinators } from '../../cluster/coordinators.js'
import { codeOf } from '../../cluster/partitions.js'
import { NodeShards } from '../node-shards.js'
import type { CoordinatorRuntime } from '../runtime.js'
import type { TransactionOf } from '../shard.js'
import type { GenerationReference, MemberReference, SyncRequest } from './classic-contract.js'
import { type JoinAnswer, type JoinRequest, joinRefusal, type SyncAnswer, syncRefusal } from './classic-member.js'
import { type ConsumerAnswer, type ConsumerHeartbeat, refusal } from './consumer-contract.js'
import type { Group } from './group.js'
import type { GroupOffsets, TopicPartition } from './group-offsets.js'
import type { GroupShard, OffsetToCommit } from './group-shard.js'

export interface GroupLimits {
  readonly minSessionMs: number
  readonly maxSessionMs: number
  /** Longest text that may be committed with an offset. */
  readonly maxMetadataLength: number
  /** That consumer groups can choose from, by name. */
  readonly assignors: readonly string[]
}

interface GroupCoordinatorOptions {
  readonly nodeId: number
  readonly runtime: CoordinatorRuntime<GroupShard>
  readonly coordinators: Coordinators
  readonly limits: GroupLimits
}

/** Whether an open transaction has an offset of the partition. */
export type IsPending = (topic: string, partition: number) => boolean

/** Who asks for offsets: a member that says in which epoch it is, or anyone. */
export interface OffsetReader {
  readonly memberId: string | null
  readonly memberEpoch: number
}

/** Codes for what was named, or the code of why nothing was looked at. */
export type Codes = readonly number[] | number

export class GroupCoordinator {
  readonly limits: GroupLimits
  readonly #shards: NodeShards<GroupShard>

  constructor({ limits, ...options }: GroupCoordinatorOptions) {
    const partitionOf = (groupId: string): number => options.coordinators.groupPartition(groupId)
    this.limits = limits
    this.#shards = new NodeShards({ ...options, keyType: 'group', partitionOf })
  }

  /** Whether this node looks after the group. */
  isHere(groupId: string): boolean {
    return this.#shards.isHere(groupId)
  }

  join(groupId: string, request: JoinRequest): Promise<JoinAnswer> {
    const { memberId, sessionTimeoutMs } = request
    const { minSessionMs, maxSessionMs } = this.limits
    if (groupId === '') return Promise.resolve(joinRefusal(memberId, codeOf('INVALID_GROUP_ID')))
    if (sessionTimeoutMs < minSessionMs || sessionTimeoutMs > maxSessionMs) {
      return Promise.resolve(joinRefusal(memberId, codeOf('INVALID_SESSION_TIMEOUT')))
    }
    return this.#shards.replied(
      groupId,
      (shard, at, reply) => shard.join(groupId, request, reply, at),
      code => joinRefusal(memberId, code),
    )
  }

  /** A heartbeat of the consumer protocol, with which a member joins and leaves as well. */
  consumerHeartbeat(groupId: string, request: ConsumerHeartbeat): Promise<ConsumerAnswer> {
    return this.#shards.replied(
      groupId,
      (shard, at, reply) => shard.consumerHeartbeat(groupId, request, reply, at),
      code => refusal(code, null),
    )
  }

  sync(groupId: string, request: SyncRequest): Promise<SyncAnswer> {
    if (groupId === '') return Promise.resolve(syncRefusal(codeOf('INVALID_GROUP_ID')))
    return this.#shards.replied(groupId, (shard, at, reply) => shard.sync(groupId, request, reply, at), syncRefusal)
  }

  heartbeat(groupId: string, member: GenerationReference): Promise<number> {
    if (groupId === '') return Promise.resolve(codeOf('INVALID_GROUP_ID'))
    return this.#shards.orCode(groupId, (shard, at) => shard.heartbeat(groupId, member, at))
  }

  leave(groupId: string, members: readonly MemberReference[]): Promise<Codes> {
    if (groupId === '') return Promise.resolve(codeOf('INVALID_GROUP_ID'))
    return this.#shards.orCode<Codes>(groupId, (shard, at) => shard.leave(groupId, members, at))
  }

  /** 0, or the code for all of the offsets. */
  commit(
    groupId: string,
    member: GenerationReference,
    offsets: readonly OffsetToCommit[],
    isNewClient: boolean,
  ): Promise<number> {
    return this.#shards.orCode(groupId, (shard, at) => ({
      step: shard.commit(groupId, member, offsets, { at, isNewClient }),
      result: 0,
    }))
  }

  /** The same as part of a producer's transaction, which must be open. */
  commitTransactional(
    groupId: string,
    member: GenerationReference,
    offsets: readonly OffsetToCommit[],
    transaction: TransactionOf,
  ): Promise<number> {
    return this.#shards.orCode(groupId, shard => ({
      step: shard.commitTransactional(groupId, member, offsets, transaction),
      result: 0,
    }))
  }

  /** Those that are committed now, as `read` sees them; undefined for a group that is not there. */
  offsets<Result>(
    groupId: string,
    reader: OffsetReader,
    read: (offsets: GroupOffsets | undefined, isPending: IsPending) => Result,
  ): Promise<Result | number> {
    return this.#shards.orCode<Result | number>(groupId, shard => {
      const isPending: IsPending = (topic, partition) => shard.isPending(groupId, topic, partition)
      return { step: {}, result: read(shard.offsetsOf(groupId, reader), isPending) }
    })
  }

  deleteOffsets(groupId: string, named: readonly TopicPartition[]): Promise<Codes> {
    return this.#shards.orCode<Codes>(groupId, shard => shard.deleteOffsets(groupId, named))
  }

  describe<Result>(groupId: string, read: (group: Group | undefined) => Result): Promise<Result | number> {
    return this.#shards.orCode<Result | number>(groupId, shard => ({ step: {}, result: read(shard.get(groupId)) }))
  }

  delete(groupId: string): Promise<number> {
    return this.#shards.orCode(groupId, shard => ({ step: shard.delete(groupId), result: 0 }))
  }

  /** All groups that this node coordinates, as `read` sees them. Throws while not all of them are loaded. */
  list<Result>(read: (group: Group) => Result): Promise<Result[]> {
    const shards = this.#shards
    return shards.all(shard => [...shard.groups()].filter(({ groupId }) => shards.isHere(groupId)).map(read))
  }
}
