/**
 * What is forgotten in the course of time: offsets that were kept long enough, groups that have nobody and nothing left,
 * offsets of topics that are gone. Pure.
 */
import { type Uuid, ZERO_UUID } from '@samsa/protocol'
import type { CoordinatorRecord } from '../shard.js'
import type { Group } from './group.js'
import { offsetRecord } from './group-records.js'

/** So many are forgotten in one go; requests that came meanwhile are next. */
const MAX_TOMBSTONES = 1000

export interface Forgotten {
  readonly records: readonly CoordinatorRecord[]
  readonly hasMore: boolean
}

export function forgetExpired(groups: Iterable<Group>, nowMs: number, retentionMs: number): Forgotten {
  const records = new Tombstones()
  for (const group of groups) {
    let left = Array.from(group.offsets.all()).length
    for (const { topic, partition } of group.offsets.expired(nowMs, retentionMs, group.retentionStart)) {
      if (!records.add([offsetRecord({ group: group.groupId, topic, partition }, null)])) {
        return { records: records.all, hasMore: true }
      }
      left--
    }
    if (left > 0 || !group.isAbandoned) continue
    if (!records.add(group.tombstones())) return { records: records.all, hasMore: true }
  }
  return { records: records.all, hasMore: false }
}

/**
 * Topics by name, with their ids: one that has come since under the same name is another. What a transaction is about to
 * commit goes too.
 */
export function forgetTopics(groups: Iterable<Group>, topics: ReadonlyMap<string, Uuid>): Forgotten {
  const records = new Tombstones()
  for (const { groupId: group, offsets } of groups) {
    for (const { topic, partition, committed } of [...offsets.all(), ...offsets.pending()]) {
      const id = topics.get(topic)
      if (id === undefined || (committed.topicId !== id && committed.topicId !== ZERO_UUID)) continue
      if (!records.add([offsetRecord({ group, topic, partition }, null)])) {
        return { records: records.all, hasMore: true }
      }
    }
  }
  return { records: records.all, hasMore: false }
}

/** What is forgotten in one go. */
class Tombstones {
  readonly all: CoordinatorRecord[] = []

  /** Whether there was room. */
  add(records: readonly CoordinatorRecord[]): boolean {
    if (this.all.length >= MAX_TOMBSTONES) return false
    this.all.push(...records)
    return true
  }
}
