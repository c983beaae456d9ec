/**
 * What consumer groups know of the cluster's topics, and the hash by which they notice that topics changed: Kafka's own,
 * since it is written down. Pure.
 */
import { type Uuid, uuidToBytes } from '@samsa/protocol'
import { xxh3 } from '@samsa/protocol/internal'

export interface GroupTopic {
  readonly id: Uuid
  readonly name: string
  readonly partitionCount: number
  /** Of the replicas of a partition that are in one. */
  racksOf(partition: number): readonly string[]
}

export interface GroupTopics {
  byName(name: string): GroupTopic | undefined
  byId(id: Uuid): GroupTopic | undefined
  names(): Iterable<string>
  /** Grows with every change of the cluster's metadata. */
  readonly version: bigint
}

const VERSION = 0
const NO_TOPICS = 0n

/** Of the topics that are there. */
export function hashOfTopics(names: Iterable<string>, topics: GroupTopics): bigint {
  const hashes: bigint[] = []
  for (const name of [...names].sort()) {
    const topic = topics.byName(name)
    if (topic !== undefined) hashes.push(hashOfTopic(topic))
  }
  if (hashes.length === 0) return NO_TOPICS
  const bytes = Buffer.alloc(8 * hashes.length)
  for (const [index, hash] of hashes.entries()) bytes.writeBigInt64LE(hash, 8 * index)
  return xxh3(bytes)
}

function hashOfTopic(topic: GroupTopic): bigint {
  const parts: Buffer[] = [Buffer.of(VERSION), reversedHalves(topic.id), text(topic.name), int32(topic.partitionCount)]
  for (let partition = 0; partition < topic.partitionCount; partition++) {
    parts.push(int32(partition))
    for (const rack of [...topic.racksOf(partition)].sort()) parts.push(int32(rack.length), text(rack))
  }
  return xxh3(Buffer.concat(parts))
}

/** A uuid is two numbers, and numbers begin with their lowest byte here. */
function reversedHalves(id: Uuid): Buffer {
  const bytes = Buffer.from(uuidToBytes(id))
  return Buffer.concat([bytes.subarray(0, 8).reverse(), bytes.subarray(8).reverse()])
}

/** Java's characters, and then how many. */
function text(value: string): Buffer {
  return Buffer.concat([Buffer.from(value, 'utf16le'), int32(value.length)])
}

function int32(value: number): Buffer {
  const bytes = Buffer.alloc(4)
  bytes.writeInt32LE(value)
  return bytes
}
