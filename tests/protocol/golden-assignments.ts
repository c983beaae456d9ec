/**
 * What Kafka's own assignors made of seeded groups, and the bytes in which its consumers put subscriptions and
 * assignments: tests/golden/assignments.jsonl and consumer-protocol.jsonl.
 */
import { readFileSync } from 'node:fs'
import { decodeSubscription, type GroupMember, type PartitionsOfTopic, type TopicLayout } from '@samsa/protocol'
import type { TargetMember } from '@samsa/protocol/internal'

/** Topics and their partitions: `{ orders: [0, 2] }`. */
export type ByTopic = Readonly<Record<string, readonly number[]>>

export interface ClassicCase {
  readonly assignor: string
  readonly members: readonly GroupMember[]
  readonly topics: ReadonlyMap<string, TopicLayout>
  readonly result: Readonly<Record<string, ByTopic>>
}

export interface ServerCase {
  readonly assignor: string
  readonly members: readonly TargetMember[]
  readonly partitionCounts: ReadonlyMap<string, number>
  readonly result: Readonly<Record<string, ByTopic>>
}

export interface ProtocolCase {
  readonly kind: string
  readonly version: number
  readonly topics: readonly string[]
  readonly userData: string | null
  readonly owned: ByTopic
  readonly generation: number
  readonly rack: string | null
  readonly hex: string
}

interface ClassicLine {
  readonly assignor: string
  readonly topics: Readonly<Record<string, TopicLayout>>
  readonly members: readonly { readonly id: string; readonly instance: string | null; readonly subscription: string }[]
  readonly result: Readonly<Record<string, ByTopic>>
}

interface ServerLine {
  readonly assignor: string
  readonly topics: Readonly<Record<string, number>>
  readonly members: readonly {
    readonly id: string
    readonly instance: string | null
    readonly topics: readonly string[]
    readonly target: ByTopic
  }[]
  readonly result: Readonly<Record<string, ByTopic>>
}

const isServer = (line: { readonly assignor: string }): boolean => line.assignor.startsWith('server-')

export const classicCases: readonly ClassicCase[] = lines<ClassicLine>('assignments.jsonl')
  .filter(line => !isServer(line))
  .map(line => ({
    ...line,
    topics: new Map(Object.entries(line.topics)),
    members: line.members.map(({ id, instance, subscription }) => ({
      memberId: id,
      groupInstanceId: instance,
      subscription: decodeSubscription(Buffer.from(subscription, 'hex')),
    })),
  }))

export const serverCases: readonly ServerCase[] = lines<ServerLine>('assignments.jsonl')
  .filter(isServer)
  .map(line => ({
    assignor: line.assignor,
    partitionCounts: new Map(Object.entries(line.topics)),
    members: line.members.map(({ id, instance, topics, target }) => ({
      memberId: id,
      groupInstanceId: instance,
      subscribedTopicIds: new Set(topics),
      target: new Map(Object.entries(target)),
    })),
    result: line.result,
  }))

export const protocolCases: readonly ProtocolCase[] = lines<ProtocolCase>('consumer-protocol.jsonl')

export function byTopic(partitions: readonly PartitionsOfTopic[]): ByTopic {
  return Object.fromEntries(partitions.map(entry => [entry.topic, entry.partitions]))
}

export function asPartitions(entries: ByTopic): readonly PartitionsOfTopic[] {
  return Object.entries(entries).map(([topic, partitions]) => ({ topic, partitions }))
}

function lines<Line>(name: string): readonly Line[] {
  const text = readFileSync(new URL(`../golden/${name}`, import.meta.url), 'utf8')
  return text
    .trimEnd()
    .split('\n')
    .map((line): Line => JSON.parse(line))
}
