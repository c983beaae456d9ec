/**
 * From a decoded answer to what is compared. What must differ between two brokers gets a name in place of its value (ids,
 * addresses, times at which a broker stamped something), records are opened up, and what belongs to other sequences or to
 * nobody is left out. Lists whose order means nothing in Kafka, since it takes them out of a hash map or a set, are sorted.
 */
import { type AnyBatch, batchesIn, crc32c, ZERO_UUID } from '@samsa/protocol'
import { isStruct } from './compare.js'
import type { Answered } from './step.js'

export interface Surroundings {
  readonly answered: Answered
  /** What all topics of the sequence begin with. */
  readonly prefix: string
  /** `host:port` of the broker that answered. */
  readonly address: string
  /** From here on a time is one that the broker stamped. */
  readonly startedMs: number
  readonly api: string
}

/** By API, the lists without an order. Everywhere else the order is compared. */
const UNORDERED: Readonly<Record<string, readonly string[]>> = {
  // Kafka puts known and unknown topics together from a partition of sets.
  Metadata: ['topics'],
  // The broker answers what it refused by itself first; the controller's part is a hash map.
  CreateTopics: ['topics'],
  DeleteTopics: ['responses'],
  CreatePartitions: ['results'],
  AlterConfigs: ['responses'],
  IncrementalAlterConfigs: ['responses'],
  DescribeConfigs: ['results', 'configs'],
  DeleteRecords: ['topics', 'partitions'],
  ListOffsets: ['topics', 'partitions'],
  OffsetForLeaderEpoch: ['topics', 'partitions'],
  DescribeLogDirs: ['topics', 'partitions'],
  DescribeProducers: ['topics', 'partitions', 'activeProducers'],
  ElectLeaders: ['replicaElectionResults', 'partitionResult'],
  ListConfigResources: ['configResources'],
  ApiVersions: ['supportedFeatures', 'finalizedFeatures'],
  // Refused partitions come before those that the logs were asked for.
  Produce: ['responses'],
  Fetch: ['responses'],
}

const TEXTS = new Set(['errorMessage', 'batchIndexErrorMessage', 'documentation'])
const TIMES = new Set(['logAppendTimeMs', 'timestamp', 'lastTimestamp', 'maxTimestamp', 'baseTimestamp'])
const IDENTITY = ['name', 'topic', 'resourceName', 'topicId', 'resourceType', 'index', 'partitionIndex', 'partition']
const NAMES = new Set(['name', 'topic', 'topicName', 'resourceName'])

export function normalised(answer: unknown, surroundings: Surroundings): unknown {
  return told('', answer, surroundings)
}

function told(name: string, value: unknown, surroundings: Surroundings): unknown {
  if (Array.isArray(value)) return listOf(name, value, surroundings)
  if (value instanceof Uint8Array) return name === 'records' ? batchesOf(value, surroundings) : hex(value)
  if (typeof value === 'object' && value !== null) return structOf(value, surroundings)
  return scalarOf(name, value, surroundings)
}

function listOf(name: string, values: readonly unknown[], surroundings: Surroundings): unknown[] {
  const kept = values.filter(value => !isForeign(value, surroundings))
  const list = flat(name, kept).map(value => told(name, value, surroundings))
  if (UNORDERED[surroundings.api]?.includes(name) !== true) return list
  return list
    .map(value => ({ value, text: sortText(value) }))
    .sort((a, b) => (a.text < b.text ? -1 : a.text > b.text ? 1 : 0))
    .map(({ value }) => value)
}

/** Produce and Fetch answer partition by partition: which of them share an entry of a topic follows from the order. */
function flat(name: string, values: readonly unknown[]): unknown[] {
  if (name !== 'responses') return [...values]
  return values.flatMap(value => {
    if (!isStruct(value)) return [value]
    const { partitions, partitionResponses, ...topic } = value
    const inner = partitions ?? partitionResponses
    return Array.isArray(inner) ? inner.map(partition => ({ ...topic, ...Object(partition) })) : [value]
  })
}

function structOf(struct: object, surroundings: Surroundings): Record<string, unknown> | null {
  // A page of all topics may end where another sequence's begin, if there is any.
  if (isForeign(struct, surroundings)) return null
  const entries = Object.entries(struct)
  return Object.fromEntries(entries.map(([name, value]) => [name, told(name, value, surroundings)]))
}

function scalarOf(name: string, value: unknown, { answered, address, startedMs }: Surroundings): unknown {
  const [host, port] = address.split(':')
  if (TEXTS.has(name)) return typeof value === 'string' && value !== '' ? '<text>' : value
  if (TIMES.has(name) && isStamped(value, startedMs)) return '<when it was written>'
  switch (name) {
    case 'clusterId':
      return typeof value === 'string' && value !== '' ? '<cluster>' : value
    case 'host':
      return value === host ? '<host>' : value
    case 'port':
      return value === Number(port) ? '<port>' : value
    case 'topicId':
      return typeof value === 'string' && value !== ZERO_UUID ? answered.nameOfId(value) : value
    case 'producerId':
      return typeof value === 'bigint' || typeof value === 'number' ? answered.nameOfProducer(BigInt(value)) : value
    case 'sessionId':
      return typeof value === 'number' ? answered.nameOfSession(value) : value
    case 'logDir':
      return '<directory>'
    case 'totalBytes':
    case 'usableBytes':
      return typeof value === 'bigint' && value > 0n ? '<bytes>' : value
    case 'finalizedFeaturesEpoch':
      return typeof value === 'bigint' && value > 0n ? '<epoch>' : value
    default:
      return value
  }
}

function isStamped(value: unknown, startedMs: number): boolean {
  const number = typeof value === 'bigint' ? Number(value) : value
  return typeof number === 'number' && number >= startedMs && number < startedMs + 600_000
}

/** Of another sequence, or one that the broker made for itself. */
function isForeign(value: unknown, { prefix }: Surroundings): boolean {
  if (typeof value !== 'object' || value === null) return false
  for (const [name, text] of Object.entries(value)) {
    if (!NAMES.has(name) || typeof text !== 'string') continue
    if (/^dt\d/.test(text) && !text.startsWith(prefix)) return true
    if (/^(__|barrier)/.test(text)) return true
  }
  return false
}

/** Names and numbers first, so that what differs besides does not change the order. */
function sortText(value: unknown): string {
  const keys = isStruct(value) ? IDENTITY.map(name => value[name] ?? '') : []
  return JSON.stringify([keys, value], (_key, inner: unknown) => (typeof inner === 'bigint' ? String(inner) : inner))
}

/**
 * Whole batches alone: Kafka cuts a fetch off at its limit, in the middle of a batch, and clients pass over the rest. The
 * bytes of compressed records may be another encoder's, so it is the records that are compared.
 */
function batchesOf(bytes: Uint8Array, surroundings: Surroundings): unknown[] {
  const batches: unknown[] = []
  try {
    for (const batch of batchesIn(bytes)) batches.push(batchOf(batch, surroundings))
  } catch (error) {
    batches.push(`unreadable: ${error instanceof Error ? error.message : String(error)}`)
  }
  return batches
}

function batchOf(batch: AnyBatch, surroundings: Surroundings): unknown {
  const { magic, lastOffset, compression } = batch
  const records: unknown[] = []
  const scalar = (name: string, value: unknown): unknown => scalarOf(name, value, surroundings)
  try {
    batch.checkCrc()
    for (const cursor = batch.records(); cursor.next(); ) {
      const [key, value] = [cursor.key(), cursor.value()]
      records.push({
        offset: cursor.offset,
        timestamp: scalar('timestamp', cursor.timestamp),
        key: key === null ? null : hex(key),
        value: value === null ? null : hex(value),
        headers: cursor.headers().map(({ key: name, value: text }) => [name, text === null ? null : hex(text)]),
      })
    }
  } catch (error) {
    records.push(`unreadable: ${error instanceof Error ? error.message : String(error)}`)
  }
  const header = { magic, lastOffset, compression }
  if (!('leaderEpoch' in batch)) return { ...header, records }
  const { baseOffset, leaderEpoch, attributes, baseTimestamp, maxTimestamp } = batch
  const { producerId, producerEpoch, baseSequence } = batch
  const times = {
    baseTimestamp: scalar('baseTimestamp', baseTimestamp),
    maxTimestamp: scalar('maxTimestamp', maxTimestamp),
  }
  const producer = { producerId: scalar('producerId', producerId), producerEpoch, baseSequence }
  return { ...header, baseOffset, leaderEpoch, attributes, ...times, ...producer, records }
}

function hex(bytes: Uint8Array): string {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length)
  const text = buffer.toString('latin1')
  if (/^[ -~]*$/.test(text)) return text.length <= 60 ? text : `${text.slice(0, 60)}… ${text.length} ${crc32c(buffer)}`
  return buffer.length <= 60 ? `0x${buffer.toString('hex')}` : `0x… ${buffer.length} ${crc32c(buffer)}`
}
