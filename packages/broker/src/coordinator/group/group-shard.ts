/**
 * GroupShard: the groups that one partition of `__consumer_offsets` keeps: their machines and their offsets. Decides and
 * replays; the runtime appends. Owner of its groups.
 *
 * Offsets are what the replayed records say, live and after loading alike. A group's machine knows before its record is
 * written what it will say; a record that is replayed while it lives changes nothing, and after a crash makes it anew.
 * A group that only commits offsets has no record, and is there as long as they are.
 */
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
import { GroupOffsets, type TopicPartition } from './group-offsets.js'
import { type CommittedOffset, groupRecord, groupRecordOf, newGroupRecord, offsetRecord } from './group-records.js'
import { PendingOffsets } from './pending-offsets.js'
import { CONSUMER_PROTOCOL, isSubscribed, subscribedTopics } from './subscriptions.js'

export interface GroupShardSettings extends ClassicGroupSettings {
  readonly offsetsRetentionMs: number
  readonly retentionCheckMs: number
}

export interface Decided<Result> {
  readonly step: Step
  readonly result: Result
}

export interface OffsetToCommit extends TopicPartition {
  readonly committed: CommittedOffset
}

/** A whole group. */
export interface Group {
  readonly classic: ClassicGroup
  readonly offsets: GroupOffsets
}

/** Wakes up for the groups are named by them; this one is no group's. */
const RETENTION = 'retention'
const GROUP_PREFIX = 'group '
/** What is forgotten at once: a batch of so many records, each of a few dozen bytes, fits into every log. */
const MAX_TOMBSTONES = 1000
const MAX_TOMBSTONE_BYTES = 256 * 1024
/** Groups of one partition; more are refused, so that ids without end cost no memory without end. */
const MAX_GROUPS = 100_000

export class GroupShard implements CoordinatorShard {
  readonly #settings: GroupShardSettings
  readonly #groups = new Map<string, Group>()
  readonly #pending = new PendingOffsets()
  #isLive = false

  constructor(settings: GroupShardSettings) {
    this.#settings = settings
  }

  // What the runtime asks

  replay(record: CoordinatorRecord, { offset: recordOffset, producerId }: RecordOrigin): void {
    const said = groupRecordOf(record)
    if (said === undefined) return
    if (said.kind === 'group') {
      if (said.snapshot === null) this.#groups.delete(said.group)
      else if (!this.#isLive) {
        const classic = ClassicGroup.restore(said.group, this.#settings, said.snapshot)
        this.#groups.set(said.group, { classic, offsets: this.#groups.get(said.group)?.offsets ?? new GroupOffsets() })
      }
      return
    }
    const { key, committed } = said
    const { group: groupId, topic, partition } = key
    if (committed === null) {
      this.#groups.get(groupId)?.offsets.delete(topic, partition)
      this.#pending.forget(key)
      return
    }
    const { offsets } = this.#groupOrNew(groupId, committed.committedAtMs)
    if (producerId === NO_PRODUCER_ID) offsets.set(topic, partition, { ...committed, recordOffset })
    else this.#pending.add(producerId, { key, committed, recordOffset })
  }

  replayEnd(producerId: number, isCommit: boolean): void {
    for (const { key, committed, recordOffset } of this.#pending.end(producerId)) {
      if (!isCommit) continue
      const { offsets } = this.#groupOrNew(key.group, committed.committedAtMs)
      // What was committed later than this, without a transaction or in a shorter one, is newer.
      const known = offsets.get(key.topic, key.partition)
      if (known === undefined || known.recordOffset < recordOffset) {
        offsets.set(key.topic, key.partition, { ...committed, recordOffset })
      }
    }
  }

  loaded(at: Moment): Step {
    this.#isLive = true
    const steps = [...this.#groups].map(([groupId, { classic }]) => this.#stepOf(groupId, classic.begin(at)))
    const wakes = steps.flatMap(step => step.wakes ?? [])
    return { wakes: [...wakes, this.#retentionWake(at)], answers: steps.flatMap(step => step.answers ?? []) }
  }

  wake(key: string, at: Moment): Step {
    if (key === RETENTION) return this.#forgetExpired(at)
    const groupId = key.slice(GROUP_PREFIX.length)
    const group = this.#groups.get(groupId)
    return group === undefined ? {} : this.#stepOf(groupId, group.classic.wake(at))
  }

  unloaded(code: number): readonly Answer[] {
    return [...this.#groups.values()].flatMap(({ classic }) => classic.dissolve(code))
  }

  // Members

  join(groupId: string, request: JoinRequest, reply: Reply<JoinAnswer>, at: Moment): Step {
    const isNew = !this.#groups.has(groupId)
    const { memberId } = request
    if (isNew && (memberId !== NO_MEMBER_ID || this.#groups.size >= MAX_GROUPS)) {
      const code = memberId === NO_MEMBER_ID ? 'COORDINATOR_NOT_AVAILABLE' : 'UNKNOWN_MEMBER_ID'
      return { answers: [joinAnswer(reply, joinRefusal(memberId, codeOf(code)))] }
    }
    const { classic } = this.#groupOrNew(groupId, at.nowMs)
    const step = this.#stepOf(groupId, classic.join(request, reply, at))
    if (!isNew || step.records !== undefined) return step
    // Whatever became of the first join: as in Kafka the group is there from then on.
    return {
      ...step,
      records: [newGroupRecord(groupId, at.nowMs)],
      refused: code => {
        this.#groups.delete(groupId)
        const refused = [...(step.answers ?? []), ...classic.dissolve(code)]
        return { answers: refused.map(answer => ({ ...answer, give: () => answer.refuse(code) })) }
      },
    }
  }

  sync(groupId: string, request: SyncRequest, reply: Reply<SyncAnswer>, at: Moment): Step {
    const group = this.#groups.get(groupId)
    if (group === undefined) return { answers: [syncAnswer(reply, syncRefusal(codeOf('UNKNOWN_MEMBER_ID')))] }
    return this.#stepOf(groupId, group.classic.sync(request, reply, at))
  }

  heartbeat(groupId: string, member: GenerationReference, at: Moment): number {
    return this.#groups.get(groupId)?.classic.heartbeat(member, at) ?? codeOf('UNKNOWN_MEMBER_ID')
  }

  leave(groupId: string, leaving: readonly MemberReference[], at: Moment): Decided<readonly number[]> {
    const left = this.#groups.get(groupId)?.classic.leave(leaving, at)
    if (left === undefined) return { step: {}, result: leaving.map(() => codeOf('UNKNOWN_MEMBER_ID')) }
    return { step: this.#stepOf(groupId, left.step), result: left.codes }
  }

  // Offsets

  /** Commits, or throws why that is refused. `isNewClient` is told that the group is unknown, others know no such error. */
  commit(
    groupId: string,
    member: GenerationReference,
    offsets: readonly OffsetToCommit[],
    { at, isNewClient }: { readonly at: Moment; readonly isNewClient: boolean },
  ): Step {
    const group = this.#groups.get(groupId)
    if (group === undefined) {
      if (member.generationId >= 0) throw refused(isNewClient ? 'GROUP_ID_NOT_FOUND' : 'ILLEGAL_GENERATION')
      if (this.#groups.size >= MAX_GROUPS) throw refused('COORDINATOR_NOT_AVAILABLE')
    }
    const fault = group?.classic.commitFault(member, at)
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
      if (this.#groups.size >= MAX_GROUPS) throw refused('COORDINATOR_NOT_AVAILABLE')
    }
    const fault = group?.classic.transactionalCommitFault(member)
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
    return this.#pending.has(groupId, topic, partition)
  }

  offsetsOf(groupId: string): GroupOffsets | undefined {
    return this.#groups.get(groupId)?.offsets
  }

  /** Codes in the order of what was named. */
  deleteOffsets(groupId: string, named: readonly TopicPartition[]): Decided<readonly number[]> {
    const group = this.#groups.get(groupId)
    if (group === undefined) throw refused('GROUP_ID_NOT_FOUND')
    const { classic, offsets } = group
    if (classic.state !== 'Empty' && classic.protocolType !== CONSUMER_PROTOCOL) throw refused('NON_EMPTY_GROUP')
    const records: CoordinatorRecord[] = []
    const result = named.map(({ topic, partition }) => {
      if (isSubscribed(classic, topic)) return codeOf('GROUP_SUBSCRIBED_TO_TOPIC')
      if (offsets.get(topic, partition) !== undefined || this.#pending.has(groupId, topic, partition)) {
        records.push(offsetRecord({ group: groupId, topic, partition }, null))
      }
      return 0
    })
    return { step: { records }, result }
  }

  /** Offsets of topics that are gone. Returns whether there are more of them. */
  forgetTopics(topics: ReadonlySet<string>): Decided<boolean> {
    const records = new Tombstones()
    for (const [group, { offsets }] of this.#groups) {
      for (const { topic, partition } of offsets.all()) {
        if (topics.has(topic) && !records.add(offsetRecord({ group, topic, partition }, null))) {
          return { step: { records: records.all }, result: true }
        }
      }
    }
    return { step: { records: records.all }, result: false }
  }

  // Groups

  get(groupId: string): Group | undefined {
    return this.#groups.get(groupId)
  }

  groups(): Iterable<Group> {
    return this.#groups.values()
  }

  delete(groupId: string): Step {
    const group = this.#groups.get(groupId)
    if (group === undefined) throw refused('GROUP_ID_NOT_FOUND')
    if (group.classic.state !== 'Empty') throw refused('NON_EMPTY_GROUP')
    const keys = [
      ...Array.from(group.offsets.all(), ({ topic, partition }) => ({ group: groupId, topic, partition })),
      ...this.#pending.ofGroup(groupId),
    ]
    const offsets = keys.map(key => offsetRecord(key, null))
    return { records: [...offsets, groupRecord(groupId, null)] }
  }

  /** Offsets that were kept long enough, and groups that have nobody and nothing left. */
  #forgetExpired(at: Moment): Step {
    const records = new Tombstones()
    for (const [group, { classic, offsets }] of this.#groups) {
      let left = Array.from(offsets.all()).length
      for (const { topic, partition } of offsets.expired(
        at.nowMs,
        this.#settings.offsetsRetentionMs,
        startOf(classic),
      )) {
        if (this.#pending.has(group, topic, partition)) continue
        if (!records.add(offsetRecord({ group, topic, partition }, null))) return this.#forget(records, at, true)
        left--
      }
      if (left > 0 || this.#pending.isOpen(group) || classic.state !== 'Empty' || classic.isAwaited) continue
      if (!records.add(groupRecord(group, null))) return this.#forget(records, at, true)
    }
    return this.#forget(records, at, false)
  }

  #forget(records: Tombstones, at: Moment, hasMore: boolean): Step {
    const later = { wakes: [this.#retentionWake(at)] }
    const wakes = hasMore ? [{ key: RETENTION, atMs: at.monotonicMs }] : later.wakes
    return { records: records.all, wakes, refused: () => later }
  }

  #retentionWake({ monotonicMs }: Moment): { readonly key: string; readonly atMs: number } {
    return { key: RETENTION, atMs: monotonicMs + this.#settings.retentionCheckMs }
  }

  #groupOrNew(groupId: string, nowMs: number): Group {
    const known = this.#groups.get(groupId)
    if (known !== undefined) return known
    const group = { classic: new ClassicGroup(groupId, this.#settings, nowMs), offsets: new GroupOffsets() }
    this.#groups.set(groupId, group)
    return group
  }

  #stepOf(groupId: string, { answers = [], snapshot, wakeAtMs, written, refused: failed }: GroupStep): Step {
    const wakes =
      wakeAtMs === undefined || wakeAtMs === Number.POSITIVE_INFINITY
        ? []
        : [{ key: GROUP_PREFIX + groupId, atMs: wakeAtMs }]
    return {
      answers,
      wakes,
      ...(snapshot !== undefined && { records: [groupRecord(groupId, snapshot)] }),
      ...(written !== undefined && { written: () => this.#stepOf(groupId, written()) }),
      ...(failed !== undefined && { refused: (code: number) => this.#stepOf(groupId, failed(code)) }),
    }
  }
}

/** As many as one batch holds. */
class Tombstones {
  readonly all: CoordinatorRecord[] = []
  #bytes = 0

  /** Whether there was room. */
  add(record: CoordinatorRecord): boolean {
    if (this.all.length >= MAX_TOMBSTONES || this.#bytes > MAX_TOMBSTONE_BYTES) return false
    this.all.push(record)
    this.#bytes += record.key.length
    return true
  }
}

/** Since when an offset is not needed, by what the group is: nobody's, or of a topic that nobody in it reads. */
function startOf(classic: ClassicGroup): (topic: string, offset: CommittedOffset) => number | undefined {
  if (classic.protocolType === undefined) return (_, { committedAtMs }) => committedAtMs
  if (classic.state === 'Empty') return (_, { committedAtMs }) => classic.stateSinceMs ?? committedAtMs
  const topics = classic.state === 'Stable' ? subscribedTopics(classic) : undefined
  if (topics === undefined) return () => undefined
  return (topic, { committedAtMs }) => (topics.has(topic) ? undefined : committedAtMs)
}

function refused(code: string): KafkaError {
  return new KafkaError(`the group coordinator refuses: ${code}`, { code })
}
