/**
 * MemberUpdate: what one member's request comes to, as records that are not replayed yet: what it told, the group's epoch
 * where that changed anything for the group, the target assignment where it is behind, and the member's next step towards
 * it. Owner of the records; the group's state stays as it is until they are in the log.
 */
import type { TargetAssignment, Uuid } from '@samsa/protocol/internal'
import { KafkaError } from '@samsa/runtime'
import type { CoordinatorRecord, Moment } from '../shard.js'
import type { ConsumerGroupSettings } from './consumer-contract.js'
import { type ConsumerMember, patternOf, sameMetadata, sameProgress, sameTopics } from './consumer-member.js'
import {
  epochRecord,
  memberRecord,
  memberTombstone,
  partitionMetadataTombstone,
  patternRecord,
  progressRecord,
  progressTombstone,
  type ResolvedPattern,
  targetEpochRecord,
  targetRecord,
} from './consumer-records.js'
import type { ConsumerState } from './consumer-state.js'
import { hashOfTopics } from './group-topics.js'
import { type PartitionsOfTopicId, sameTarget } from './holdings.js'
import { reconcile } from './reconciliation.js'
import { assignTargets, preferredAssignor } from './target-assignment.js'

export class MemberUpdate {
  readonly records: CoordinatorRecord[] = []
  readonly #state: ConsumerState
  readonly #settings: ConsumerGroupSettings
  readonly #before: ConsumerMember
  /** A static member whose place this one takes, under an id of its own. */
  readonly #replaced: ConsumerMember | undefined
  /** Patterns that will stand for other topics, or for nothing. */
  readonly #resolved = new Map<string, ResolvedPattern | null>()
  #member: ConsumerMember
  #epoch: number
  #targetEpoch: number
  #target: TargetAssignment
  #hasMoved = false

  constructor(
    { state, settings }: { readonly state: ConsumerState; readonly settings: ConsumerGroupSettings },
    before: ConsumerMember,
    replaced?: ConsumerMember,
  ) {
    this.#state = state
    this.#settings = settings
    this.#before = before
    this.#replaced = replaced
    this.#member = before
    this.#epoch = state.epoch
    this.#targetEpoch = state.targetEpoch
    this.#target = state.target(replaced?.memberId ?? before.memberId)
    if (replaced !== undefined) this.#putInPlaceOf(replaced)
  }

  /** As it is now, and will be. */
  get member(): ConsumerMember {
    return this.#member
  }

  /** Whether it made a step towards its target. */
  get hasMoved(): boolean {
    return this.#hasMoved
  }

  /** The group's target is not the one of an older epoch. */
  get isTargetNew(): boolean {
    return this.#targetEpoch >= this.#epoch
  }

  /** Takes what the member says. Returns whether it names other topics than before. */
  tell(member: ConsumerMember): boolean {
    this.#member = member
    if (!sameMetadata(this.#before, member)) this.records.push(memberRecord(this.#groupId, member))
    return !sameTopics(this.#before, member)
  }

  /** Nobody subscribes with the pattern any more. */
  letGo(pattern: string): void {
    if (!this.#state.subscriptions.resolved.has(pattern)) return
    this.#resolved.set(pattern, null)
    this.records.push(patternRecord(this.#groupId, pattern, null))
  }

  /** Returns whether a pattern stands for other topics than before. */
  resolve(resolved: ReadonlyMap<string, ResolvedPattern>): boolean {
    for (const [pattern, now] of resolved) {
      this.#resolved.set(pattern, now)
      this.records.push(patternRecord(this.#groupId, pattern, now))
    }
    return standForOthers(this.#state, resolved)
  }

  /** The group comes to its next epoch where it must, or where its topics are not what they were. */
  follow(mustRise: boolean): void {
    const topics = this.#state.subscriptions.topicsAfter([{ old: this.#before, member: this.#member }], this.#resolved)
    const metadataHash = hashOfTopics(topics, this.#settings.topics)
    if (mustRise || metadataHash !== this.#state.metadataHash) {
      this.#epoch++
      this.records.push(epochRecord(this.#groupId, { epoch: this.#epoch, metadataHash }))
    }
    if (this.#state.hasPartitionMetadata) this.records.push(partitionMetadataTombstone(this.#groupId))
  }

  /** A target for the group's epoch, unless the last one is too new. */
  assign({ nowMs }: Moment): void {
    if (this.isTargetNew) return
    const { targetAtMs } = this.#state
    const { assignmentMs } = this.#settings.times(this.#groupId)
    // A target from the future was made by a clock that was wrong.
    if (targetAtMs !== 0 && nowMs >= targetAtMs && nowMs < targetAtMs + assignmentMs) return
    const members = this.#membersAfter()
    const assignor = preferredAssignor(
      members.map(({ assignor: wish }) => wish),
      this.#settings.assignors,
    )
    if (assignor === undefined) throw new KafkaError('there is no assignor', { code: 'UNKNOWN_SERVER_ERROR' })
    const assignable = members.map(member => ({
      member,
      topics: this.#topicsOf(member),
      target: member === this.#member ? this.#target : this.#state.target(member.memberId),
    }))
    const targets = assignTargets(assignor, assignable, this.#settings.topics)
    for (const { memberId } of members) this.#aim(memberId, targets.get(memberId) ?? new Map())
    this.#targetEpoch = this.#epoch
    this.records.push(targetEpochRecord(this.#groupId, { epoch: this.#epoch, atMs: nowMs }))
  }

  /** The member's next step, with what it says that it owns. */
  reconcile(owned: readonly PartitionsOfTopicId[] | null, hasNewSubscription: boolean): void {
    const before = this.#member
    const topics = this.#topicsOf(before)
    this.#member = reconcile(before, {
      targetEpoch: this.#targetEpoch,
      target: this.#target,
      isSubscribedTo: (topicId: Uuid) => topics.has(this.#settings.topics.byId(topicId)?.name ?? ''),
      isTaken: (topicId, partition) => this.#state.isTaken(topicId, partition),
      owned,
      hasNewSubscription,
    })
    this.#hasMoved = !sameProgress(before, this.#member)
    if (this.#hasMoved) this.records.push(progressRecord(this.#groupId, this.#member))
  }

  get #groupId(): string {
    return this.#state.groupId
  }

  #putInPlaceOf(replaced: ConsumerMember): void {
    this.records.push(
      ...removalOf(this.#groupId, replaced.memberId),
      memberRecord(this.#groupId, this.#before),
      targetRecord(this.#groupId, this.#before.memberId, this.#target),
      progressRecord(this.#groupId, this.#before),
    )
  }

  #membersAfter(): ConsumerMember[] {
    const { memberId } = this.#member
    const others = [...this.#state.members.values()].filter(
      other => other.memberId !== memberId && other.memberId !== this.#replaced?.memberId,
    )
    return [...others, this.#member]
  }

  #aim(memberId: string, target: TargetAssignment): void {
    const isOwn = memberId === this.#member.memberId
    const known = isOwn && this.#replaced !== undefined ? this.#target : this.#state.targets.get(memberId)
    if (known === undefined || !sameTarget(known, target)) {
      this.records.push(targetRecord(this.#groupId, memberId, target))
    }
    if (isOwn) this.#target = target
  }

  #topicsOf(member: ConsumerMember): ReadonlySet<string> {
    const pattern = patternOf(member)
    const resolved = pattern === undefined ? undefined : this.#resolved.get(pattern)
    if (resolved === undefined) return this.#state.subscriptions.topicsOf(member)
    return resolved === null ? member.topics : new Set([...member.topics, ...resolved.topics])
  }
}

/** Takes a member out of the log. */
export function removalOf(groupId: string, memberId: string): CoordinatorRecord[] {
  return [
    progressTombstone(groupId, memberId),
    targetRecord(groupId, memberId, null),
    memberTombstone(groupId, memberId),
  ]
}

export function standForOthers(state: ConsumerState, resolved: ReadonlyMap<string, ResolvedPattern>): boolean {
  return [...resolved].some(([pattern, { topics }]) => {
    const known = state.subscriptions.resolvedTopics(pattern)
    return known.size !== topics.size || [...topics].some(topic => !known.has(topic))
  })
}
