/**
 * What a broker has written of a group, read back from its topic with Fetch and put into words in which two brokers can be
 * compared: times are left out, ids go by their order, and so do records of one kind that follow each other. The hash of
 * the group's topics has the topic's id in it, and so is each broker's own: it must be the one that we compute.
 */
import { hashOfTopics } from '@samsa/broker/internal'
import {
  batchesIn,
  consumerGroupTypes,
  coordinatorKeyType,
  coordinatorPartition,
  decodeVersioned,
  fetch,
  groupMetadataKey,
  groupMetadataValue,
  type RecordType,
} from '@samsa/protocol'
import type { Peer } from './peer.js'

const GROUP_TOPIC = '__consumer_offsets'
const GROUP_TOPIC_PARTITIONS = 50
const FETCH_BYTES = 16 * 1024 * 1024
const types: readonly RecordType[] = [...consumerGroupTypes, groupMetadataKey, groupMetadataValue]
/** When something happened, and in which of each broker's own metadata. */
const OWN_FIELDS = ['assignmentTimestamp', 'currentStateTimestamp', 'timestamp', 'version']

export interface ReadTopic {
  readonly name: string
  readonly id: string
  readonly partitionCount: number
}

export async function groupRecordsOf(peer: Peer, groupId: string, topic: ReadTopic): Promise<string[]> {
  const names = new Map([[topic.id, 'topic']])
  const known = hashOf(topic)
  const lines: { readonly type: number; readonly text: string }[] = []
  for (const { key, value } of await recordsOf(peer, coordinatorPartition(groupId, GROUP_TOPIC_PARTITIONS))) {
    const type = coordinatorKeyType(key)
    const [keyType, valueType] = ['coordinator-key', 'coordinator-value'].map(kind =>
      types.find(each => each.id === type && each.kind === kind),
    )
    if (keyType === undefined || valueType === undefined) continue
    const named = decodeVersioned(keyType, key) as { readonly groupId?: string; readonly group?: string }
    if ((named.groupId ?? named.group) !== groupId) continue
    const said = value && decodeVersioned(valueType, value)
    lines.push({ type, text: `${keyType.name} ${JSON.stringify([named, said], comparable)}` })
  }
  return inOrder(lines)

  function comparable(this: unknown, field: string, value: unknown): unknown {
    if (field === 'metadataHash') return value === 0n ? 'none' : value === known ? 'of the topic' : String(value)
    if (OWN_FIELDS.includes(field)) return 'its own'
    if (typeof value === 'bigint') return String(value)
    if (value instanceof Uint8Array) return Buffer.from(value).toString('hex')
    if (typeof value !== 'string') return value
    const id = /[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/.exec(value)?.[0] ?? (names.has(value) ? value : undefined)
    if (id === undefined) return value
    const name = names.get(id) ?? `#${names.size}`
    names.set(id, name)
    return value.replace(id, name)
  }
}

/** What a topic of that name, id and count has for a hash. */
function hashOf({ name, id, partitionCount }: ReadTopic): bigint {
  const topic = { id, name, partitionCount, racksOf: () => [] }
  return hashOfTopics([name], { byName: () => topic, byId: () => topic, names: () => [name], version: 0n })
}

async function recordsOf(peer: Peer, partition: number): Promise<{ key: Uint8Array; value: Uint8Array | null }[]> {
  const records: { key: Uint8Array; value: Uint8Array | null }[] = []
  for (let offset = 0; ; ) {
    const partitions = [{ partition, fetchOffset: BigInt(offset), partitionMaxBytes: FETCH_BYTES }]
    const topics = [{ topic: GROUP_TOPIC, partitions }]
    const answer = await peer.ask(fetch, 12, { maxWaitMs: 0, minBytes: 0, topics, rackId: '' })
    const found = answer.responses[0]?.partitions[0]
    if (found === undefined || found.errorCode !== 0) throw new Error(`${GROUP_TOPIC} cannot be read`)
    const start = offset
    for (const batch of batchesIn(found.records ?? new Uint8Array(0))) {
      offset = batch.lastOffset + 1
      for (const cursor = batch.records(); cursor.next(); ) {
        const key = cursor.key()
        if (key !== null) records.push({ key: Uint8Array.from(key), value: copied(cursor.value()) })
      }
    }
    if (offset === start) return records
  }
}

function copied(bytes: Uint8Array | null): Uint8Array | null {
  return bytes && Uint8Array.from(bytes)
}

/** Kafka's order of a group's members is its hash table's. */
function inOrder(lines: readonly { readonly type: number; readonly text: string }[]): string[] {
  const runs: { type: number; texts: string[] }[] = []
  for (const { type, text } of lines) {
    const last = runs.at(-1)
    if (last?.type === type) last.texts.push(text)
    else runs.push({ type, texts: [text] })
  }
  return runs.flatMap(({ texts }) => texts.sort())
}
