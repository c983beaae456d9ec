/**
 * A producer of so many records a second, one a request, and a consumer that waits for them, on a connection each. The
 * schedule is open: a record is due at its time whether or not those before it were acknowledged, and what it took counts
 * from when it was due, so that a broker that stands still for a moment pays for everyone who had to wait.
 */
import { BatchBuilder, batchesIn, errorByCode, fetch, produce } from '@samsa/protocol'
import { connectTo } from './brokers.mjs'

const PRODUCE_VERSION = 12
const FETCH_VERSION = 12
const FETCH_BYTES = 1024 * 1024
const RECORD_BYTES = 1000
const TOPIC_DEADLINE_MS = 10_000

/** Resolves to milliseconds of each record of the last `measuredMs`: until acknowledged, and until the consumer has it. */
export async function produceAtRate({ address, topic, perSecond, warmUpMs, measuredMs }) {
  const total = Math.round(((warmUpMs + measuredMs) * perSecond) / 1000)
  const producer = await connectTo(address, { maxInFlight: total })
  const consumer = await connectTo(address)
  await untilThere(consumer, topic)
  const startsAt = performance.now() + 100
  const dueAt = index => startsAt + (index * 1000) / perSecond
  const acknowledged = new Array(total)
  const received = new Array(total)
  try {
    await Promise.all([
      send(producer, topic, total, dueAt, index => {
        acknowledged[index] = performance.now() - dueAt(index)
      }),
      receive(consumer, topic, total, index => {
        received[index] = performance.now() - dueAt(index)
      }),
    ])
  } finally {
    producer.close()
    consumer.close()
  }
  const from = Math.round((warmUpMs * perSecond) / 1000)
  return { acknowledged: acknowledged.slice(from), received: received.slice(from) }
}

/** A topic that was just created is known to every part of Apache Kafka a moment later. */
async function untilThere(connection, topic) {
  const startedAt = performance.now()
  const partitions = [{ partition: 0, fetchOffset: 0n, partitionMaxBytes: FETCH_BYTES }]
  const request = { maxWaitMs: 100, minBytes: 0, topics: [{ topic, partitions }], rackId: '' }
  for (;;) {
    const { responses } = await connection.request(fetch, FETCH_VERSION, request)
    if (responses[0]?.partitions[0]?.errorCode === 0) return
    if (performance.now() - startedAt > TOPIC_DEADLINE_MS) throw new Error(`${topic} is not there`)
    await new Promise(resolve => setTimeout(resolve, 20))
  }
}

async function send(connection, topic, total, dueAt, onAcknowledged) {
  const answers = []
  const value = Buffer.alloc(RECORD_BYTES, 'x')
  for (let index = 0; index < total; ) {
    for (const now = performance.now(); index < total && dueAt(index) <= now; index++) {
      const answer = sendOne(connection, topic, value).then(onAcknowledged.bind(undefined, index))
      // Told where all are waited for.
      answer.catch(() => {})
      answers.push(answer)
    }
    // The shortest that a timer can be: what comes of it is the same for every broker.
    await new Promise(resolve => setTimeout(resolve, 1))
  }
  await Promise.all(answers)
}

async function sendOne(connection, topic, value) {
  const builder = new BatchBuilder()
  builder.append(Date.now(), null, value)
  const topicData = [{ name: topic, partitionData: [{ index: 0, records: builder.close() }] }]
  const answer = await connection.request(produce, PRODUCE_VERSION, { acks: -1, timeoutMs: 30_000, topicData })
  const { errorCode = -1 } = answer.responses[0]?.partitionResponses[0] ?? {}
  if (errorCode !== 0) throw new Error(`${topic}: ${errorByCode(errorCode).name}`)
}

/** Offsets are indexes: the topic is new, and nobody else writes to it. */
async function receive(connection, topic, total, onReceived) {
  for (let offset = 0; offset < total; ) {
    const partitions = [{ partition: 0, fetchOffset: BigInt(offset), partitionMaxBytes: FETCH_BYTES }]
    const request = { maxWaitMs: 500, minBytes: 1, topics: [{ topic, partitions }], rackId: '' }
    const { errorCode, responses } = await connection.request(fetch, FETCH_VERSION, request)
    const found = responses[0]?.partitions[0]
    if (found?.errorCode !== 0) throw new Error(`${topic}: ${errorByCode(found?.errorCode ?? errorCode).name}`)
    for (const batch of batchesIn(found.records ?? new Uint8Array(0)))
      for (; offset <= batch.lastOffset; offset++) onReceived(offset)
  }
}
