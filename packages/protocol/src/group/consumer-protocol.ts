/**
 * What consumers of a classic group say to each other through the coordinator, which only passes it on: subscriptions to
 * the leader, assignments back, and the user data in which the sticky assignors carry what a member had. All of it comes
 * from other clients, so reading refuses what cannot be with a `ProtocolError`, and limits what it announces.
 */
import {
  type ConsumerProtocolAssignmentAssignedPartition,
  consumerProtocolAssignment,
  consumerProtocolSubscription,
} from '../messages/records/consumer-protocol.js'
import { ProtocolError } from '../protocol-error.js'
import { decodeVersioned, encodeVersioned } from '../records/versioned.js'
import { Reader } from '../wire/reader.js'
import { Writer } from '../wire/writer.js'

/** The generation of a member that has been in none. */
export const NO_GENERATION = -1

/** What Kafka's own consumers write. Readers take what they know of newer ones. */
export const CONSUMER_PROTOCOL_VERSION: number = consumerProtocolSubscription.versions.max

/** Topics and partitions that one member may announce: far above any group, far below what memory could not hold. */
const MAX_ELEMENTS = 1_000_000

/** Some partitions of one topic. */
export interface PartitionsOfTopic {
  readonly topic: string
  readonly partitions: readonly number[]
}

export interface Subscription {
  readonly topics: readonly string[]
  /** The assignor's own; null for none. */
  readonly userData: Uint8Array | null
  /** What the member keeps until it is told otherwise: nothing where it gave everything up before joining. */
  readonly ownedPartitions: readonly PartitionsOfTopic[]
  /** When it got these; `NO_GENERATION` for never, and from members that do not say. */
  readonly generationId: number
  readonly rackId: string | null
}

export interface Assignment {
  readonly partitions: readonly PartitionsOfTopic[]
  /** The assignor's own; null for none. */
  readonly userData: Uint8Array | null
}

/** The user data of the sticky assignor: what a member had, since an eager one owns nothing when it joins. */
export interface StickyUserData {
  readonly partitions: readonly PartitionsOfTopic[]
  readonly generationId: number
}

/** Topics are written in order, as a set. Fields that `version` does not know are left out. */
export function encodeSubscription(
  subscription: Subscription,
  version: number = CONSUMER_PROTOCOL_VERSION,
): Uint8Array {
  const { topics, ownedPartitions } = subscription
  const message = { ...subscription, topics: [...new Set(topics)].sort(), ownedPartitions: inOrder(ownedPartitions) }
  return encodeVersioned(consumerProtocolSubscription, message, version)
}

export function decodeSubscription(bytes: Uint8Array): Subscription {
  const message = decodeVersioned(consumerProtocolSubscription, bytes, MAX_ELEMENTS)
  return {
    topics: [...new Set(message.topics)],
    userData: message.userData,
    ownedPartitions: checked(consumerProtocolSubscription.name, message.ownedPartitions),
    generationId: Math.max(NO_GENERATION, message.generationId),
    // Some clients write an empty text for "none".
    rackId: message.rackId === '' ? null : message.rackId,
  }
}

/** A member that gets nothing is told so: no partitions, which is not the same as no bytes. */
export function encodeAssignment(assignment: Assignment, version: number = CONSUMER_PROTOCOL_VERSION): Uint8Array {
  const message = { assignedPartitions: assignment.partitions, userData: assignment.userData }
  return encodeVersioned(consumerProtocolAssignment, message, version)
}

export function decodeAssignment(bytes: Uint8Array): Assignment {
  const { assignedPartitions, userData } = decodeVersioned(consumerProtocolAssignment, bytes, MAX_ELEMENTS)
  return { partitions: checked(consumerProtocolAssignment.name, assignedPartitions), userData }
}

/** In version 1, which ends with the generation. */
export function encodeStickyUserData({ partitions, generationId }: StickyUserData): Uint8Array {
  const writer = new Writer('sticky user data')
  writer.arrayLength(partitions.length, false)
  for (const entry of partitions) {
    writer.string(entry.topic, false)
    writer.arrayLength(entry.partitions.length, false)
    for (const partition of entry.partitions) writer.int32(partition)
  }
  writer.int32(generationId)
  return writer.toBytes()
}

/** Versions 0, where it ends after the partitions, and 1. Nothing but the length tells them apart. */
export function decodeStickyUserData(bytes: Uint8Array): StickyUserData {
  const reader = new Reader(bytes, 'sticky user data', MAX_ELEMENTS)
  const partitions: ConsumerProtocolAssignmentAssignedPartition[] = []
  for (let topics = reader.arrayLength(false, 6); topics > 0; topics--) {
    const topic = reader.string(false)
    const numbers: number[] = []
    for (let left = reader.arrayLength(false, 4); left > 0; left--) numbers.push(reader.int32())
    partitions.push({ topic, partitions: numbers })
  }
  const generationId = reader.remaining >= 4 ? reader.int32() : NO_GENERATION
  return { partitions: checked('sticky user data', partitions), generationId: Math.max(NO_GENERATION, generationId) }
}

/** The user data of the cooperative sticky assignor: the generation, for subscriptions that do not have it yet. */
export function encodeGenerationUserData(generationId: number): Uint8Array {
  const writer = new Writer('cooperative-sticky user data', 4)
  writer.int32(generationId)
  return writer.toBytes()
}

export function decodeGenerationUserData(bytes: Uint8Array): number {
  return Math.max(NO_GENERATION, new Reader(bytes, 'cooperative-sticky user data').int32())
}

function inOrder(owned: readonly PartitionsOfTopic[]): readonly PartitionsOfTopic[] {
  return owned
    .map(({ topic, partitions }) => ({ topic, partitions: [...partitions].sort((a, b) => a - b) }))
    .sort((a, b) => (a.topic < b.topic ? -1 : 1))
}

/** One entry a topic, each partition once, none below 0. */
function checked(what: string, entries: readonly PartitionsOfTopic[]): readonly PartitionsOfTopic[] {
  const byTopic = new Map<string, Set<number>>()
  for (const { topic, partitions } of entries) {
    const numbers = byTopic.get(topic) ?? new Set()
    byTopic.set(topic, numbers)
    for (const partition of partitions) {
      if (partition < 0)
        throw new ProtocolError({ what, where: 'partitions', why: `${topic} has a partition ${partition}` })
      numbers.add(partition)
    }
  }
  return [...byTopic].map(([topic, partitions]) => ({ topic, partitions: [...partitions] }))
}
