/**
 * GroupShard: the groups that one partition of `__consumer_offsets` keeps: their machines and their offsets. Decides and
 * replays; the runtime appends. Owner of its groups.
 *
 * Offsets are what the replayed records say, live and after loading alike. A group's machine knows before its record is
 * written what it will say; a record that is replayed while it lives changes nothing, and after a crash makes it anew.
 * A group that only commits offsets has no record, and is there as long as they are.
 */
import { KafkaError } from '@samsa/runtime'
import { codeOf } from '../../cluster/partitions.js'
import type { Answer, CoordinatorRecord, CoordinatorShard, Moment, Reply, Step } from '../shard.js'
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
import { CONSUMER_PROTOCOL, isSubscribed, subscribedTopics } from './subscriptions.js'

export interface GroupShardSettings extends ClassicGroupSettings {
  readonly offsetsRetentionMs: number
  readonly retentionCheckMs: number
  /** Whether no group may be added any more. Default: never. */
  readonly isFull?: () => boolean
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
/** So many are forgotten in one go; requests that came meanwhile are next. */
const MAX_TOMBSTONES = 1000

export class GroupShard implements CoordinatorShard {
  readonly #settings: GroupShardSettings
  readonly #groups = new Map<string, Group>()
  #isLive = false

  constructor(settings: GroupShardSettings) {
    this.#settings = settings
  }

  // What the runtime asks

  replay(record: CoordinatorRecord): void {
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
    const { group: groupId, topic, partition } = said.key
    if (said.committed === null) this.#groups.get(groupId)?.offsets.delete(topic, partition)
    else this.#groupOrNew(groupId, said.committed.committedAtMs).offsets.set(topic, partition, said.committed)
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
    if (isNew && (memberId !== NO_MEMBER_ID || this.#isFull)) {
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
      if (this.#isFull) throw refused('COORDINATOR_NOT_AVAILABLE')
    }
    const fault = group?.classic.commitFault(member, at)
    if (fault !== undefined) throw refused(fault)
    const records = offsets.map(({ topic, partition, committed }) =>
      offsetRecord({ group: groupId, topic, partition }, committed),
    )
    return { records }
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
      if (offsets.get(topic, partition) !== undefined) {
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
          return { step: records.step, result: true }
        }
      }
    }
    return { step: records.step, result: false }
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
    if (group.classic.state !== 'Empty') throw refused('NON_EMPTY_GROUP')
    const offsets = Array.from(group.offsets.all(), ({ topic, partition }) =>
      offsetRecord({ group: groupId, topic, partition }, null),
    )
    // The group last: with part of it written, the rest can be deleted again.
    return { records: [...offsets, groupRecord(groupId, null)], isDivisible: true }
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
        if (!records.add(offsetRecord({ group, topic, partition }, null))) return this.#forget(records, at, true)
        left--
      }
      if (left > 0 || classic.state !== 'Empty' || classic.isAwaited) continue
      if (!records.add(groupRecord(group, null))) return this.#forget(records, at, true)
    }
    return this.#forget(records, at, false)
  }

  #forget(records: Tombstones, at: Moment, hasMore: boolean): Step {
    const later = { wakes: [this.#retentionWake(at)] }
    const wakes = hasMore ? [{ key: RETENTION, atMs: at.monotonicMs }] : later.wakes
    return { ...records.step, wakes, refused: () => later }
  }

  get #isFull(): boolean {
    return this.#settings.isFull?.() === true
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

/** What is forgotten in one go. */
class Tombstones {
  readonly #records: CoordinatorRecord[] = []

  /** Whether there was room. */
  add(record: CoordinatorRecord): boolean {
    if (this.#records.length >= MAX_TOMBSTONES) return false
    this.#records.push(record)
    return true
  }

  get step(): Step {
    return { records: this.#records, isDivisible: true }
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
