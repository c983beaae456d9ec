/**
 * Group: a group with its offsets, whichever protocol its members speak: what requests about groups ask of both kinds.
 */
import { KafkaError } from '@samsa/runtime'
import { codeOf } from '../../cluster/partitions.js'
import type { CoordinatorRecord, Moment } from '../shard.js'
import type { GenerationReference } from './classic-contract.js'
import type { ClassicGroup } from './classic-group.js'
import { type CommittedPartition, ConsumerGroup } from './consumer-group.js'
import { GroupOffsets, type RetentionStart } from './group-offsets.js'
import { groupRecord, offsetRecord } from './group-records.js'
import { CONSUMER_PROTOCOL, isSubscribed, subscribedTopics } from './subscriptions.js'

export interface CommitCircumstances {
  readonly at: Moment
  /** From version 9 on: what it names may be the epoch of a consumer group, and it knows GROUP_ID_NOT_FOUND. */
  readonly isNewClient: boolean
}

export class Group {
  readonly groupId: string
  readonly offsets: GroupOffsets = new GroupOffsets()
  machine: ClassicGroup | ConsumerGroup

  constructor(machine: ClassicGroup | ConsumerGroup) {
    this.groupId = machine.groupId
    this.machine = machine
  }

  /** Undefined for a group of the other protocol, and so is `consumer`. */
  get classic(): ClassicGroup | undefined {
    return this.machine.type === 'classic' ? this.machine : undefined
  }

  get consumer(): ConsumerGroup | undefined {
    return this.machine.type === 'consumer' ? this.machine : undefined
  }

  get stateName(): string {
    return this.machine.type === 'classic' ? this.machine.state : this.machine.stateName
  }

  get protocolType(): string {
    return this.machine.protocolType ?? ''
  }

  get isEmpty(): boolean {
    return this.stateName === 'Empty'
  }

  /** Nobody is in it, and nobody was told that it may come. */
  get isAbandoned(): boolean {
    return this.isEmpty && this.classic?.isAwaited !== true && !this.offsets.hasPending
  }

  commitFault(
    member: GenerationReference,
    offsets: readonly CommittedPartition[],
    { at, isNewClient }: CommitCircumstances,
  ): string | undefined {
    const { machine } = this
    if (machine instanceof ConsumerGroup) {
      return machine.commitFault(member, offsets, { isTransactional: false, knowsEpochs: isNewClient })
    }
    return machine.commitFault(member, at)
  }

  /** The same for a commit in a transaction, whose clients know no epochs. */
  transactionalCommitFault(member: GenerationReference, offsets: readonly CommittedPartition[]): string | undefined {
    const { machine } = this
    if (!(machine instanceof ConsumerGroup)) return machine.transactionalCommitFault(member)
    const fault = machine.commitFault(member, offsets, { isTransactional: true, knowsEpochs: false })
    return fault === 'STALE_MEMBER_EPOCH' ? 'ILLEGAL_GENERATION' : fault
  }

  isSubscribed(topic: string): boolean {
    return this.machine.type === 'classic'
      ? isSubscribed(this.machine, topic)
      : this.machine.state.subscriptions.has(topic)
  }

  /** Throws where members of a kind that says nothing of its topics may need any offset. */
  mustLetGoOfOffsets(): void {
    if (this.isEmpty || this.protocolType === CONSUMER_PROTOCOL) return
    throw new KafkaError('the group has members', { code: 'NON_EMPTY_GROUP' })
  }

  /** Since when an offset is not needed, by what the group is: nobody's, or of a topic that nobody in it reads. */
  get retentionStart(): RetentionStart {
    const { machine } = this
    if (machine.type === 'consumer') {
      const { subscriptions } = machine.state
      return (topic, { committedAtMs }) => (subscriptions.has(topic) ? undefined : committedAtMs)
    }
    if (machine.protocolType === undefined) return (_, { committedAtMs }) => committedAtMs
    if (machine.state === 'Empty') return (_, { committedAtMs }) => machine.stateSinceMs ?? committedAtMs
    const topics = machine.state === 'Stable' ? subscribedTopics(machine) : undefined
    if (topics === undefined) return () => undefined
    return (topic, { committedAtMs }) => (topics.has(topic) ? undefined : committedAtMs)
  }

  /** Take the group out of the log, but for its offsets. */
  tombstones(): CoordinatorRecord[] {
    return this.machine.type === 'classic' ? [groupRecord(this.groupId, null)] : this.machine.state.tombstones()
  }

  offsetTombstones(): CoordinatorRecord[] {
    const { groupId: group } = this
    const places = [...this.offsets.all(), ...this.offsets.pending()]
    return places.map(({ topic, partition }) => offsetRecord({ group, topic, partition }, null))
  }

  /** Codes of an administrator's request: 0 where the offset may go. */
  deletionCode(topic: string): number {
    return this.isSubscribed(topic) ? codeOf('GROUP_SUBSCRIBED_TO_TOPIC') : 0
  }
}
