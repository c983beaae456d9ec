/**
 * The load of a long run: writers and readers whose records say themselves where they belong, and an administrator. Each
 * goes on until it is told to stop, and throws when anything is not as it must be.
 *
 * One writer owns a partition, and writes the number of each record as its value: in a log that lost, doubled or mixed up
 * nothing, the number is the offset.
 */
import { setTimeout as pause } from 'node:timers/promises'
import { Connection, connectTcp, parseAddress } from '@samsa/client'
import {
  BatchBuilder,
  batchesIn,
  createTopics,
  deleteTopics,
  errorByCode,
  fetch,
  incrementalAlterConfigs,
  initProducerId,
  listOffsets,
  produce,
} from '@samsa/protocol'

const EARLIEST = -2n
const TOPIC_RESOURCE = 2
const MAX_RECORDS = 20
const MAX_PADDING_BYTES = 2000
const WRITE_EVERY_MS = 20
const COLD_READ_EVERY_MS = 200
/** A megabyte, of the two that are kept. */
const MOST_UNREAD = 1000
const ADMIN_EVERY_MS = 500
const MIB = 1024 * 1024

export async function open(address) {
  return new Connection(await connectTcp(parseAddress(address)), { clientId: 'long run', requestTimeoutMs: 120_000 })
}

function mustBeFine(errorCode, what) {
  if (errorCode !== 0) throw new Error(`${what}: ${errorByCode(errorCode ?? -1).name}`)
}

/** Writes a batch every few milliseconds; `state.next` is the next offset, `state.latencies` what each answer took. */
export async function write({ address, topic, partition, isIdempotent, random, isOver, state }) {
  const connection = await open(address)
  const producer = isIdempotent ? await identity(connection) : undefined
  while (!isOver()) {
    const builder = new BatchBuilder()
    const baseSequence = state.next
    const count = random.integer(1, MAX_RECORDS + 1)
    for (let index = 0; index < count; index++)
      builder.append(Date.now(), null, `${state.next + index} ${'.'.repeat(random.integer(0, MAX_PADDING_BYTES))}`)
    const records = builder.close(producer === undefined ? {} : { producer: { ...producer, baseSequence } })
    const startedAt = performance.now()
    const { responses } = await connection.request(produce, 12, {
      acks: -1,
      timeoutMs: 60_000,
      topicData: [{ name: topic, partitionData: [{ index: partition, records }] }],
    })
    const { errorCode, baseOffset } = responses[0]?.partitionResponses[0] ?? {}
    mustBeFine(errorCode, `${topic}-${partition}`)
    if (Number(baseOffset) !== state.next)
      throw new Error(`${topic}-${partition}: written at ${baseOffset}, not at ${state.next}`)
    state.latencies.push(performance.now() - startedAt)
    state.next += count
    // Retention must not overtake a reader whom a busy machine holds up.
    do await pause(WRITE_EVERY_MS)
    while (state.next - state.read > MOST_UNREAD && !isOver())
  }
  connection.close()
}

async function identity(connection) {
  const request = { transactionalId: null, transactionTimeoutMs: 60_000 }
  const { errorCode, producerId, producerEpoch } = await connection.request(initProducerId, 4, request)
  mustBeFine(errorCode, 'InitProducerId')
  return { producerId: Number(producerId), producerEpoch }
}

/** Reads everything from the first record on, as it comes; resolves when it is over and all was read that was written. */
export async function readTail({ address, topic, partition, isOver, state }) {
  const connection = await open(address)
  let offset = 0
  while (!isOver() || offset < state.next) {
    const { next, isGone } = await readOnce(connection, topic, partition, offset, 200)
    if (isGone) throw new Error(`${topic}-${partition}: ${offset} was deleted before the reader at the tail had it`)
    state.read = offset = next
  }
  connection.close()
}

/** Reads again and again from where the log begins to where it ended then; what is deleted on the way it starts over. */
export async function readCold({ address, topic, partition, isOver, state }) {
  const connection = await open(address)
  while (!isOver()) {
    const end = state.next
    let offset = await earliest(connection, topic, partition)
    while (offset < end && !isOver()) {
      const { next, isGone } = await readOnce(connection, topic, partition, offset, 0)
      offset = isGone ? await earliest(connection, topic, partition) : next
    }
    state.coldReads++
    await pause(COLD_READ_EVERY_MS)
  }
  connection.close()
}

async function earliest(connection, topic, partition) {
  const { topics } = await connection.request(listOffsets, 7, {
    replicaId: -1,
    isolationLevel: 0,
    topics: [{ name: topic, partitions: [{ partitionIndex: partition, timestamp: EARLIEST }] }],
  })
  const { errorCode, offset } = topics[0]?.partitions[0] ?? {}
  mustBeFine(errorCode, `${topic}-${partition}`)
  return Number(offset)
}

const OFFSET_OUT_OF_RANGE = 1

async function readOnce(connection, topic, partition, offset, maxWaitMs) {
  const partitions = [{ partition, fetchOffset: BigInt(offset), partitionMaxBytes: MIB }]
  const request = { maxWaitMs, minBytes: 1, topics: [{ topic, partitions }], rackId: '' }
  const { errorCode, responses } = await connection.request(fetch, 12, request)
  const found = responses[0]?.partitions[0]
  if (found?.errorCode === OFFSET_OUT_OF_RANGE) return { next: offset, isGone: true }
  mustBeFine(found?.errorCode ?? errorCode, `${topic}-${partition}`)
  let next = offset
  for (const batch of batchesIn(found.records ?? new Uint8Array(0))) {
    batch.checkCrc()
    for (const cursor = batch.records(); cursor.next(); ) {
      if (cursor.offset < offset) continue
      const number = Number.parseInt(cursor.valueText() ?? '', 10)
      if (cursor.offset !== next || number !== next)
        throw new Error(`${topic}-${partition}: record ${number} at offset ${cursor.offset}, where ${next} is due`)
      next++
    }
  }
  return { next, isGone: false }
}

/** Topics come, are written to, and go; segments become larger and smaller. */
export async function administrate({ address, topics, random, isOver, state }) {
  const connection = await open(address)
  for (; !isOver(); state.changes++) {
    const name = `passing-${state.changes}`
    const created = await connection.request(createTopics, 5, {
      topics: [{ name, numPartitions: 3, replicationFactor: 1, assignments: [], configs: [] }],
      timeoutMs: 60_000,
      validateOnly: false,
    })
    mustBeFine(created.topics[0]?.errorCode, name)
    const builder = new BatchBuilder()
    builder.append(Date.now(), null, name)
    const topicData = [{ name, partitionData: [{ index: 1, records: builder.close() }] }]
    const { responses } = await connection.request(produce, 12, { acks: -1, timeoutMs: 60_000, topicData })
    mustBeFine(responses[0]?.partitionResponses[0]?.errorCode, name)
    const deleted = await connection.request(deleteTopics, 5, { topicNames: [name], timeoutMs: 60_000 })
    mustBeFine(deleted.responses[0]?.errorCode, name)
    const resourceName = topics[random.integer(0, topics.length)]
    const value = String(random.integer(MIB, 2 * MIB))
    const altered = await connection.request(incrementalAlterConfigs, 1, {
      resources: [
        {
          resourceType: TOPIC_RESOURCE,
          resourceName,
          configs: [{ name: 'segment.bytes', configOperation: 0, value }],
        },
      ],
      validateOnly: false,
    })
    mustBeFine(altered.responses[0]?.errorCode, resourceName)
    await pause(ADMIN_EVERY_MS)
  }
  connection.close()
}
