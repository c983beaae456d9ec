/**
 * What the log of `__consumer_offsets` says of a group, read record by record and with nothing of the broker's: the last word
 * of each key counts.
 */
import {
  batchesIn,
  coordinatorKeyType,
  coordinatorPartition,
  decodeVersioned,
  fetch,
  groupMetadataKey,
  groupMetadataValue,
  listOffsets,
  offsetCommitKey,
  offsetCommitValue,
} from '@samsa/protocol'
import type { Machine } from '../durability/machine.js'

export const LOG_PARTITIONS = 2

const TOPIC = '__consumer_offsets'
const EARLIEST = -2n
const FETCH_BYTES = 1_000_000

export interface WrittenGroup {
  readonly generation: number
  readonly members: readonly {
    readonly memberId: string
    readonly groupInstanceId: string | null
    readonly assignment: string
  }[]
}

export interface Written {
  /** Undefined where there is no record of the group itself, or a tombstone. */
  group: WrittenGroup | undefined
  /** By partition of the one topic. */
  readonly offsets: Map<number, number>
  /** Offsets of the log that no record has any more. */
  compactedAway: number
}

/** Undefined when the machine stopped meanwhile. */
export async function writtenOf(machine: Machine, groupId: string): Promise<Written | undefined> {
  const partition = coordinatorPartition(groupId, LOG_PARTITIONS)
  const written: Written = { group: undefined, offsets: new Map(), compactedAway: 0 }
  let at = await startOf(machine, partition)
  for (;;) {
    if (at === undefined) return undefined
    const partitions = [{ partition, fetchOffset: BigInt(at), partitionMaxBytes: FETCH_BYTES }]
    const answer = await machine.request(fetch, 12, {
      maxWaitMs: 0,
      minBytes: 0,
      topics: [{ topic: TOPIC, partitions }],
      rackId: '',
    })
    const found = answer?.responses[0]?.partitions[0]
    if (found === undefined) return undefined
    if (found.errorCode !== 0) throw new Error(`the groups' log answers ${found.errorCode} at ${at}`)
    const next = take(found.records ?? new Uint8Array(0), groupId, written, at)
    if (next === at) return written
    at = next
  }
}

async function startOf(machine: Machine, partitionIndex: number): Promise<number | undefined> {
  const topics = [{ name: TOPIC, partitions: [{ partitionIndex, timestamp: EARLIEST }] }]
  const answer = await machine.request(listOffsets, 7, { replicaId: -1, topics })
  const found = answer?.topics[0]?.partitions[0]
  return found === undefined ? undefined : Number(found.offset)
}

function take(records: Uint8Array, groupId: string, into: Written, from: number): number {
  let next = from
  for (const batch of batchesIn(records)) {
    into.compactedAway += batch.lastOffset + 1 - next
    next = batch.lastOffset + 1
    batch.checkCrc()
    for (const cursor = batch.records(); cursor.next(); ) {
      into.compactedAway--
      const key = cursor.key()
      if (key !== null) takeRecord(key, cursor.value(), groupId, into)
    }
  }
  return next
}

function takeRecord(key: Uint8Array, value: Uint8Array | null, groupId: string, into: Written): void {
  if (coordinatorKeyType(key) === groupMetadataKey.id) {
    if (decodeVersioned(groupMetadataKey, key).group !== groupId) return
    into.group = value === null ? undefined : groupIn(value)
    return
  }
  const { group, partition } = decodeVersioned(offsetCommitKey, key)
  if (group !== groupId) return
  if (value === null) into.offsets.delete(partition)
  else into.offsets.set(partition, Number(decodeVersioned(offsetCommitValue, value).offset))
}

function groupIn(value: Uint8Array): WrittenGroup {
  const { generation, members } = decodeVersioned(groupMetadataValue, value)
  return {
    generation,
    members: members.map(({ memberId, groupInstanceId, assignment }) => ({
      memberId,
      groupInstanceId,
      assignment: Buffer.from(assignment).toString(),
    })),
  }
}
