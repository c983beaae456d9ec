/**
 * GroupShard: the groups that one partition of `__consumer_offsets` keeps: their machines and their offsets. Decides and
 * replays; the runtime appends. Owner of its groups.
 *
 * Offsets and consumer groups are what the replayed records say, live and after loading alike. A classic group's machine
 * knows before its record is written what it will say; a record that is replayed while it lives changes nothing, and after
 * a crash makes it anew. A group that only commits offsets has no record, and is there as long as they are. A group that
 * is new, or comes to the other protocol, is a machine that waits for its first record to be replayed.
 */

import type { Uuid } from '@samsa/protocol'
import { NO_PRODUCER_ID } from '@samsa/protocol'
import { KafkaError } from '@samsa/runtime'
import { codeOf } from '../../cluster/partitions.js'
import type {
  Answer,
  CoordinatorRecord,
  CoordinatorShard,
  Moment,
  RecordOrigin,
  Reply,
  Step,
  TransactionEnd,
  TransactionOf,
} from '../shard.js'
import type {
  ClassicGroupSettings,
  GenerationReference,
  GroupStep,
  MemberReference,
  SyncRequest,
} from './classic-contract.js'
import { ClassicGroup } from './classic-group.js'
import {
  type JoinAnswer,
  type JoinRequest,
  joinAnswer,
  joinRefusal,
  NO_MEMBER_ID,
  type SyncAnswer,
  syncAnswer,
  syncRefusal,
} from './classic-member.js'
import { heartbeatAsClassic, joinAsClassic, leaveByRequest, RejoinNeeded, syncAsClassic } from './classic-side.js'
import {
  type ConsumerAnswer,
  type ConsumerGroupSettings,
  type ConsumerHeartbeat,
  consumerAnswer,
  JOINING,
  refusal,
} from './consumer-contract.js'
import { ConsumerGroup } from './consumer-group.js'
import { type ConsumerRecord, consumerRecordOf } from './consumer-records.js'
import { type CommitCircumstances, Group } from './group.js'
import type { GroupOffsets, TopicPartition } from './group-offsets.js'
import {
  type CommittedOffset,
  type GroupRecord,
  groupRecord,
  groupRecordOf,
  newGroupRecord,
  offsetRecord,
} from './group-records.js'
import { upgraded } from './migration-to-consumer.js'
import { forgetExpired, forgetTopics } from './offset-expiry.js'

export interface GroupShardSettings extends ClassicGroupSettings {
  readonly offsetsRetentionMs: number
  readonly retentionCheckMs: number
  /** Whether no group may be added any more. Default: never. */
  readonly isFull?: () => boolean
  readonly consumer: ConsumerGroupSettings
}

export interface Decided<Result> {
  readonly step: Step
  readonly result: Result
}

export interface OffsetToCommit extends TopicPartition {
  readonly committed: CommittedOffset
}

/** Wakes up for the groups are named by them; this one is no group's. */
const RETENTION = 'retention'
const GROUP_PREFIX = 'group '

export class GroupShard implements CoordinatorShard {
  readonly #settings: GroupShardSettings
  readonly #groups = new Map<string, Group>()
  /** Groups that have offsets in a producer's open transaction. */
  readonly #open = new Map<number, Set<string>>()
  #isLive = false
  /** What a group becomes with the records of the step that was decided last. */
  #candidate: ClassicGroup | ConsumerGroup | undefined

  constructor(settings: GroupShardSettings) {
    this.#settings = settings
  }

  // What the runtime asks

  replay(record: CoordinatorRecord, origin: RecordOrigin): void {
    const said = groupRecordOf(record)
    if (said?.kind === 'group') this.#replayClassic(said)
    else if (said?.kind === 'offset') {
      this.#replayOffset(said, origin)
    } else {
      const consumer = consumerRecordOf(record)
      if (consumer !== undefined) this.#replayConsumer(consumer)
    }
  }

  replayEnd(producerId: number, isCommit: boolean): void {
    for (const groupId of this.#open.get(producerId) ?? []) this.#groups.get(groupId)?.offsets.end(producerId, isCommit)
    this.#open.delete(producerId)
  }

  loaded(at: Moment): Step {
    this.#isLive = true
    const steps = [...this.#groups].map(([groupId, { machine }]) => this.#stepOf(groupId, machine.begin(at)))
    const wakes = steps.flatMap(step => step.wakes ?? [])
    return { wakes: [...wakes, this.#retentionWake(at)], answers: steps.flatMap(step => step.answers ?? []) }
  }

  wake(key: string, at: Moment): Step {
    if (key === RETENTION) return this.#forgetExpired(at)
    const groupId = key.slice(GROUP_PREFIX.length)
    const group = this.#groups.get(groupId)
    return group === undefined ? {} : this.#stepOf(groupId, group.machine.wake(at))
  }

  unloaded(code: number): readonly Answer[] {
    return [...this.#groups.values()].flatMap(({ machine }) => machine.dissolve(code))
  }

  // Members of the consumer protocol

  consumerHeartbeat(groupId: string, request: ConsumerHeartbeat, reply: Reply<ConsumerAnswer>, at: Moment): Step {
    try {
      const { group, records, answers } = this.#consumerFor(groupId, request, at)
      const step = this.#stepOf(groupId, group.heartbeat(request, reply, at))
      if (this.#groups.get(groupId)?.machine === group) return step
      this.#candidate = group
      return {
        ...step,
        records: [...records, ...(step.records ?? [])],
        answers: [...answers, ...(step.answers ?? [])],
        wakes: this.#wakes(groupId, { wakeAtMs: group.nextMs(at) }),
      }
    } catch (error) {
      if (!(error instanceof KafkaError)) throw error
      const { code, message } = error
      return { answers: [consumerAnswer(reply, () => refusal(codeOf(code), message))] }
    }
  }

  /** Topics came, went or grew: groups that read them look for themselves, when they are next heard of. */
  topicsChanged(names: ReadonlySet<string>): void {
    for (const { consumer } of this.#groups.values()) consumer?.topicsChanged(names)
  }

  // Members of the classic protocol

  join(groupId: string, request: JoinRequest, reply: Reply<JoinAnswer>, at: Moment): Step {
    const known = this.#groups.get(groupId)
    const isNew = known === undefined || (known.consumer?.isEmpty ?? false)
    const { memberId } = request
    if (isNew && (memberId !== NO_MEMBER_ID || (known === undefined && this.#isFull))) {
      const code = memberId === NO_MEMBER_ID ? 'COORDINATOR_NOT_AVAILABLE' : 'UNKNOWN_MEMBER_ID'
      return { answers: [joinAnswer(reply, joinRefusal(memberId, codeOf(code)))] }
    }
    if (known?.classic !== undefined) return this.#stepOf(groupId, known.classic.join(request, reply, at))
    if (known?.consumer !== undefined && !isNew) {
      const { consumer } = known
      return this.#orRefusal(
        () => this.#stepOf(groupId, joinAsClassic(consumer, request, reply, at)),
        code => joinAnswer(reply, joinRefusal(NO_MEMBER_ID, code)),
      )
    }
    const classic = new ClassicGroup(groupId, this.#settings, at.nowMs)
    const step = this.#stepOf(groupId, classic.join(request, reply, at))
    this.#candidate = classic
    return {
      ...step,
      // Whatever became of the first join: as in Kafka the group is there from then on.
      records: [...(known?.tombstones() ?? []), ...(step.records ?? [newGroupRecord(groupId, at.nowMs)])],
      refused: code => {
        const refused = [...(step.answers ?? []), ...classic.dissolve(code)]
        return { answers: refused.map(answer => ({ ...answer, give: () => answer.refuse(code) })) }
      },
    }
  }

  sync(groupId: string, request: SyncRequest, reply: Reply<SyncAnswer>, at: Moment): Step {
    const refuse = (code: number): Answer => syncAnswer(reply, syncRefusal(code))
    const machine = this.#groups.get(groupId)?.machine
    if (machine === undefined) return { answers: [refuse(codeOf('UNKNOWN_MEMBER_ID'))] }
    if (machine.type === 'classic') return this.#stepOf(groupId, machine.sync(request, reply, at))
    return this.#orRefusal(() => this.#stepOf(groupId, syncAsClassic(machine, request, reply, at)), refuse)
  }

  heartbeat(groupId: string, member: GenerationReference, at: Moment): Decided<number> {
    const machine = this.#groups.get(groupId)?.machine
    if (machine === undefined) return { step: {}, result: codeOf('UNKNOWN_MEMBER_ID') }
    if (machine.type === 'classic') return { step: {}, result: machine.heartbeat(member, at) }
    const { code, step } = heartbeatAsClassic(machine, member, at)
    return { step: this.#stepOf(groupId, step), result: code }
  }

  leave(groupId: string, leaving: readonly MemberReference[], at: Moment): Decided<readonly number[]> {
    const machine = this.#groups.get(groupId)?.machine
    if (machine === undefined) return { step: {}, result: leaving.map(() => codeOf('UNKNOWN_MEMBER_ID')) }
    const { codes, step } =
      machine.type === 'classic' ? machine.leave(leaving, at) : leaveByRequest(machine, leaving, at)
    return { step: this.#stepOf(groupId, step), result: codes }
  }

  // Offsets

  /** Commits, or throws why that is refused. `isNewClient` is told that the group is unknown, others know no such error. */
  commit(
    groupId: string,
    member: GenerationReference,
    offsets: readonly OffsetToCommit[],
    circumstances: CommitCircumstances,
  ): Step {
    const group = this.#groups.get(groupId)
    if (group === undefined) {
      if (member.generationId >= 0) {
        throw refused(circumstances.isNewClient ? 'GROUP_ID_NOT_FOUND' : 'ILLEGAL_GENERATION')
      }
      if (this.#isFull) throw refused('COORDINATOR_NOT_AVAILABLE')
    }
    const fault = group?.commitFault(member, offsets, circumstances)
    if (fault !== undefined) throw refused(fault)
    const records = offsets.map(({ topic, partition, committed }) =>
      offsetRecord({ group: groupId, topic, partition }, committed),
    )
    return { records }
  }

  /** The same as part of a producer's transaction: the offsets are there when it is committed. */
  commitTransactional(
    groupId: string,
    member: GenerationReference,
    offsets: readonly OffsetToCommit[],
    transaction: TransactionOf,
  ): Step {
    const group = this.#groups.get(groupId)
    if (group === undefined) {
      if (member.generationId >= 0) throw refused('ILLEGAL_GENERATION')
      if (this.#isFull) throw refused('COORDINATOR_NOT_AVAILABLE')
    }
    const fault = group?.transactionalCommitFault(member, offsets)
    if (fault !== undefined) throw refused(fault)
    const records = offsets.map(({ topic, partition, committed }) =>
      offsetRecord({ group: groupId, topic, partition }, committed),
    )
    return { records, transaction }
  }

  endTransaction(marker: TransactionEnd, reply: Reply<number>): Step {
    return { marker, answers: [{ give: () => reply(0), refuse: reply }] }
  }

  /** Whether an open transaction has an offset of the partition. */
  isPending(groupId: string, topic: string, partition: number): boolean {
    return this.#groups.get(groupId)?.offsets.isPending(topic, partition) === true
  }

  /** Throws where they are not for this member to know. */
  offsetsOf(
    groupId: string,
    reader: { readonly memberId: string | null; readonly memberEpoch: number },
  ): GroupOffsets | undefined {
    const group = this.#groups.get(groupId)
    const fault = group?.consumer?.fetchFault(reader.memberId, reader.memberEpoch)
    if (fault !== undefined) throw refused(fault)
    return group?.offsets
  }

  /** Codes in the order of what was named. */
  deleteOffsets(groupId: string, named: readonly TopicPartition[]): Decided<readonly number[]> {
    const group = this.#groups.get(groupId)
    if (group === undefined) throw refused('GROUP_ID_NOT_FOUND')
    group.mustLetGoOfOffsets()
    const records: CoordinatorRecord[] = []
    const result = named.map(({ topic, partition }) => {
      const code = group.deletionCode(topic)
      const { offsets } = group
      const isThere = offsets.get(topic, partition) !== undefined || offsets.isPending(topic, partition)
      if (code === 0 && isThere) {
        records.push(offsetRecord({ group: groupId, topic, partition }, null))
      }
      return code
    })
    return { step: { records }, result }
  }

  /** Offsets of topics that are gone, by name and id. Returns whether there are more of them. */
  forgetTopics(topics: ReadonlyMap<string, Uuid>): Decided<boolean> {
    const { records, hasMore } = forgetTopics(this.#groups.values(), topics)
    return { step: { records, isDivisible: true }, result: hasMore }
  }

  // Groups

  get(groupId: string): Group | undefined {
    return this.#groups.get(groupId)
  }

  /** How many groups there are. */
  get size(): number {
    return this.#groups.size
  }

  groups(): Iterable<Group> {
    return this.#groups.values()
  }

  delete(groupId: string): Step {
    const group = this.#groups.get(groupId)
    if (group === undefined) throw refused('GROUP_ID_NOT_FOUND')
    if (!group.isEmpty) throw refused('NON_EMPTY_GROUP')
    // The group last: with part of it written, the rest can be deleted again.
    return { records: [...group.offsetTombstones(), ...group.tombstones()], isDivisible: true }
  }

  #forgetExpired(at: Moment): Step {
    const { records, hasMore } = forgetExpired(this.#groups.values(), at.nowMs, this.#settings.offsetsRetentionMs)
    const later = { wakes: [this.#retentionWake(at)] }
    const wakes = hasMore ? [{ key: RETENTION, atMs: at.monotonicMs }] : later.wakes
    return { records, isDivisible: true, wakes, refused: () => later }
  }

  get #isFull(): boolean {
    return this.#settings.isFull?.() === true
  }

  #retentionWake({ monotonicMs }: Moment): { readonly key: string; readonly atMs: number } {
    return { key: RETENTION, atMs: monotonicMs + this.#settings.retentionCheckMs }
  }

  // Records

  #replayOffset({ key, committed }: Extract<GroupRecord, { kind: 'offset' }>, origin: RecordOrigin): void {
    const { group: groupId, topic, partition } = key
    if (committed === null) {
      this.#groups.get(groupId)?.offsets.delete(topic, partition)
      return
    }
    const { offsets } = this.#groupOrNew(groupId, committed.committedAtMs)
    const kept = { ...committed, recordOffset: origin.offset }
    if (origin.producerId === NO_PRODUCER_ID) {
      offsets.set(topic, partition, kept)
      return
    }
    offsets.addPending(origin.producerId, topic, partition, kept)
    const groups = this.#open.get(origin.producerId) ?? new Set<string>()
    this.#open.set(origin.producerId, groups.add(groupId))
  }

  #replayClassic({ group: groupId, snapshot }: Extract<GroupRecord, { kind: 'group' }>): void {
    const known = this.#groups.get(groupId)
    if (snapshot === null) {
      if (known?.classic !== undefined) this.#release(known)
      return
    }
    const candidate = this.#takeCandidate(groupId)
    if (candidate?.type === 'classic') this.#become(candidate)
    else if (!this.#isLive) this.#become(ClassicGroup.restore(groupId, this.#settings, snapshot))
  }

  #replayConsumer(record: ConsumerRecord): void {
    const { groupId } = record
    const known = this.#groups.get(groupId)
    if (record.kind === 'epoch' && record.said === null) {
      if (known?.consumer !== undefined) this.#release(known)
      return
    }
    const takesAway = record.kind === 'partition metadata' ? !record.isThere : record.said === null
    if (known?.consumer === undefined) {
      if (takesAway) return
      const candidate = this.#takeCandidate(groupId)
      const consumer = candidate?.type === 'consumer' ? candidate : new ConsumerGroup(groupId, this.#settings.consumer)
      this.#become(consumer)
      consumer.state.replay(record)
    } else known.consumer.state.replay(record)
  }

  #takeCandidate(groupId: string): ClassicGroup | ConsumerGroup | undefined {
    const candidate = this.#candidate
    if (candidate?.groupId !== groupId) return undefined
    this.#candidate = undefined
    return candidate
  }

  #become(machine: ClassicGroup | ConsumerGroup): void {
    const known = this.#groups.get(machine.groupId)
    if (known === undefined) this.#groups.set(machine.groupId, new Group(machine))
    else known.machine = machine
  }

  /** The group is gone. Its offsets, if any, are still anyone's to read, also those that a transaction is about to commit. */
  #release(group: Group): void {
    if (group.offsets.isEmpty && !group.offsets.hasPending) this.#groups.delete(group.groupId)
    else group.machine = new ClassicGroup(group.groupId, this.#settings, undefined)
  }

  #groupOrNew(groupId: string, nowMs: number): Group {
    const known = this.#groups.get(groupId)
    if (known !== undefined) return known
    const group = new Group(new ClassicGroup(groupId, this.#settings, nowMs))
    this.#groups.set(groupId, group)
    return group
  }

  /** The consumer group that a member means, and what makes one of what there is. Throws where there is none for it. */
  #consumerFor(
    groupId: string,
    { memberEpoch }: ConsumerHeartbeat,
    at: Moment,
  ): {
    readonly group: ConsumerGroup
    readonly records: readonly CoordinatorRecord[]
    readonly answers: readonly Answer[]
  } {
    const known = this.#groups.get(groupId)
    if (known?.consumer !== undefined) return { group: known.consumer, records: [], answers: [] }
    if (memberEpoch !== JOINING) throw refused('GROUP_ID_NOT_FOUND')
    if (known?.classic !== undefined) return upgraded(known.classic, this.#settings.consumer, at)
    if (this.#isFull) throw refused('COORDINATOR_NOT_AVAILABLE')
    return { group: new ConsumerGroup(groupId, this.#settings.consumer), records: [], answers: [] }
  }

  #orRefusal(decide: () => Step, refuse: (code: number) => Answer): Step {
    try {
      return decide()
    } catch (error) {
      if (!(error instanceof KafkaError)) throw error
      const answers = [refuse(codeOf(error.code))]
      return error instanceof RejoinNeeded ? { answers, wakes: this.#wakes(error.groupId, error.step) } : { answers }
    }
  }

  #stepOf(groupId: string, step: GroupStep): Step {
    const { answers = [], snapshot, records = [], becomes, written, refused: failed } = step
    this.#candidate = becomes
    const all = snapshot === undefined ? records : [...records, groupRecord(groupId, snapshot)]
    return {
      answers,
      wakes: this.#wakes(groupId, step),
      ...(all.length > 0 && { records: all }),
      ...(written !== undefined && { written: () => this.#stepOf(groupId, written()) }),
      ...(failed !== undefined && { refused: (code: number) => this.#stepOf(groupId, failed(code)) }),
    }
  }

  #wakes(groupId: string, { wakeAtMs = Number.POSITIVE_INFINITY }: GroupStep): { key: string; atMs: number }[] {
    return wakeAtMs === Number.POSITIVE_INFINITY ? [] : [{ key: GROUP_PREFIX + groupId, atMs: wakeAtMs }]
  }
}

function refused(code: string): KafkaError {
  return new KafkaError(`the group coordinator refuses: ${code}`, { code })
}
