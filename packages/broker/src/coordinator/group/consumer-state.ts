/**
 * ConsumerState: a consumer group as its records say it is: epochs, members, targets, and who holds which partition.
 * Changed by replayed records alone, live and after loading alike; `consumer-group.ts` decides what is written.
 *
 * A group's epoch rises when members, subscriptions or topics change; the target assignment follows it, and the members'
 * epochs follow the target's. Records of a compacted log come in an order of their own, so nothing here insists on one.
 */
import type { ServerAssignor, TargetAssignment, Uuid } from '@samsa/protocol/internal'
import type { CoordinatorRecord } from '../shard.js'
import { type ConsumerMember, hasReached, newMember } from './consumer-member.js'
import {
  type ConsumerRecord,
  epochRecord,
  memberTombstone,
  partitionMetadataTombstone,
  patternRecord,
  progressTombstone,
  targetEpochRecord,
  targetRecord,
} from './consumer-records.js'
import { Subscriptions } from './consumer-subscriptions.js'
import { type Holdings, NO_HOLDINGS } from './holdings.js'
import { preferredAssignor } from './target-assignment.js'

export type ConsumerGroupState = 'Empty' | 'Assigning' | 'Reconciling' | 'Stable'

/** A group begins with it, and with a target of the same epoch that gives nobody anything. */
const FIRST_EPOCH = 1
/** Of one that has left for good. */
const GONE = -1
/** Nobody holds the partition. */
const FREE = -1
const NO_TARGET: TargetAssignment = new Map()

export class ConsumerState {
  readonly groupId: string
  readonly subscriptions: Subscriptions = new Subscriptions()
  readonly #members = new Map<string, ConsumerMember>()
  readonly #targets = new Map<string, TargetAssignment>()
  readonly #memberIds = new Map<string, string>()
  /** The epoch of who holds a partition, be it to give it up. */
  readonly #holders = new Map<Uuid, Map<number, number>>()
  #epoch = FIRST_EPOCH
  #metadataHash = 0n
  #targetEpoch = FIRST_EPOCH
  #targetAtMs = 0
  #hasPartitionMetadata = false
  #state: ConsumerGroupState | undefined

  constructor(groupId: string) {
    this.groupId = groupId
  }

  get epoch(): number {
    return this.#epoch
  }

  get metadataHash(): bigint {
    return this.#metadataHash
  }

  get targetEpoch(): number {
    return this.#targetEpoch
  }

  /** When the target was made, in the time of the day; 0 when that is not known. */
  get targetAtMs(): number {
    return this.#targetAtMs
  }

  /** A coordinator before 4.1 wrote what is now taken away. */
  get hasPartitionMetadata(): boolean {
    return this.#hasPartitionMetadata
  }

  get members(): ReadonlyMap<string, ConsumerMember> {
    return this.#members
  }

  get targets(): ReadonlyMap<string, TargetAssignment> {
    return this.#targets
  }

  target(memberId: string): TargetAssignment {
    return this.#targets.get(memberId) ?? NO_TARGET
  }

  ofInstance(instanceId: string): ConsumerMember | undefined {
    const memberId = this.#memberIds.get(instanceId)
    return memberId === undefined ? undefined : this.#members.get(memberId)
  }

  isTaken(topicId: Uuid, partition: number): boolean {
    return (this.#holders.get(topicId)?.get(partition) ?? FREE) !== FREE
  }

  get state(): ConsumerGroupState {
    this.#state ??= this.#stateNow()
    return this.#state
  }

  /** The one that the group's members want. */
  assignor(assignors: readonly ServerAssignor[]): ServerAssignor | undefined {
    return preferredAssignor(
      Array.from(this.#members.values(), ({ assignor }) => assignor),
      assignors,
    )
  }

  countClassic(): number {
    let count = 0
    for (const { classic } of this.#members.values()) if (classic !== null) count++
    return count
  }

  /** What takes the whole group out of the log. Members under new ids that are not replayed yet go by those. */
  tombstones(idOf: (memberId: string) => string = memberId => memberId): CoordinatorRecord[] {
    const { groupId } = this
    const ids = Array.from(this.#members.keys(), idOf)
    return [
      ...ids.map(memberId => progressTombstone(groupId, memberId)),
      ...ids.map(memberId => targetRecord(groupId, memberId, null)),
      targetEpochRecord(groupId, null),
      ...ids.map(memberId => memberTombstone(groupId, memberId)),
      ...Array.from(this.subscriptions.resolved.keys(), pattern => patternRecord(groupId, pattern, null)),
      partitionMetadataTombstone(groupId),
      epochRecord(groupId, null),
    ]
  }

  /** All but the record that takes the group itself away: whoever keeps the groups does. */
  replay(record: ConsumerRecord): void {
    this.#state = undefined
    switch (record.kind) {
      case 'epoch':
        this.#epoch = record.said?.epoch ?? FIRST_EPOCH
        this.#metadataHash = record.said?.metadataHash ?? 0n
        return
      case 'partition metadata':
        this.#hasPartitionMetadata = record.isThere
        return
      case 'member':
        if (record.said === null) this.#remove(record.memberId)
        else this.#update({ ...this.#memberOrNew(record.memberId), ...record.said })
        return
      case 'target epoch':
        this.#targetEpoch = record.said?.epoch ?? GONE
        this.#targetAtMs = record.said?.atMs ?? 0
        return
      case 'target':
        if (record.said === null) this.#targets.delete(record.memberId)
        else this.#targets.set(record.memberId, record.said)
        return
      case 'progress':
        this.#progress(record.memberId, record.said)
        return
      case 'pattern':
        this.subscriptions.resolve(record.pattern, record.said)
    }
  }

  #progress(memberId: string, said: Partial<ConsumerMember> | null): void {
    if (said !== null) this.#update({ ...this.#memberOrNew(memberId), ...said })
    else {
      const member = this.#members.get(memberId)
      if (member === undefined) return
      this.#update({ ...member, epoch: GONE, previousEpoch: GONE, assigned: NO_HOLDINGS, revoking: NO_HOLDINGS })
    }
  }

  #memberOrNew(memberId: string): ConsumerMember {
    return this.#members.get(memberId) ?? newMember(memberId)
  }

  #update(member: ConsumerMember): void {
    const old = this.#members.get(member.memberId)
    this.#members.set(member.memberId, member)
    this.subscriptions.replace(old, member)
    if (old !== undefined) this.#release(old)
    this.#hold(member.assigned, member.epoch)
    this.#hold(member.revoking, member.epoch)
    if (member.instanceId !== null) this.#memberIds.set(member.instanceId, member.memberId)
  }

  #remove(memberId: string): void {
    const member = this.#members.get(memberId)
    if (member === undefined) return
    this.#members.delete(memberId)
    this.subscriptions.replace(member, undefined)
    this.#release(member)
    const { instanceId } = member
    if (instanceId !== null && this.#memberIds.get(instanceId) === memberId) this.#memberIds.delete(instanceId)
  }

  /** A later holder has a later epoch, whichever of the two records comes first. */
  #hold(holdings: Holdings, epoch: number): void {
    for (const [topicId, partitions] of holdings) {
      const holders = this.#holders.get(topicId) ?? new Map<number, number>()
      for (const partition of partitions.keys()) {
        const known = holders.get(partition)
        if (known === undefined || known < epoch) holders.set(partition, epoch)
      }
      if (holders.size > 0) this.#holders.set(topicId, holders)
    }
  }

  #release({ assigned, revoking, epoch }: ConsumerMember): void {
    for (const holdings of [assigned, revoking]) {
      for (const [topicId, partitions] of holdings) {
        const holders = this.#holders.get(topicId)
        for (const partition of partitions.keys()) if (holders?.get(partition) === epoch) holders.delete(partition)
        if (holders?.size === 0) this.#holders.delete(topicId)
      }
    }
  }

  #stateNow(): ConsumerGroupState {
    if (this.#members.size === 0) return 'Empty'
    if (this.#epoch > this.#targetEpoch) return 'Assigning'
    for (const member of this.#members.values()) if (!hasReached(member, this.#targetEpoch)) return 'Reconciling'
    return 'Stable'
  }
}
