/**
 * Memory of fetches is used again: whatever readers do, each gets the bytes that are in the log.
 */
import { batchesIn, fetch, produce, RecordBatch } from '@samsa/protocol'
import { SeededRandom } from '@samsa/runtime'
import { expect, test } from 'vitest'
import { batchOf, startBroker, type TestBroker } from './test-broker.js'

const RECORDS = 60
/** Above what a pool keeps, so that it does. */
const VALUE_BYTES = 40_000

async function fill({ client }: TestBroker, topic: string): Promise<void> {
  for (let index = 0; index < RECORDS; index++) {
    const records = batchOf([`${index}:`.padEnd(VALUE_BYTES, String.fromCharCode(97 + (index % 26)))])
    const topicData = [{ name: topic, partitionData: [{ index: 0, records }] }]
    await client.request(produce, 12, { acks: -1, timeoutMs: 1000, topicData })
  }
}

/** Reads the topics from an offset on, and checks every byte of what comes. Returns how many batches that was. */
async function read(broker: TestBroker, topics: readonly string[], offset: number, maxBytes: number): Promise<number> {
  const client = broker.connect()
  const partitions = [{ partition: 0, fetchOffset: BigInt(offset), partitionMaxBytes: maxBytes }]
  const request = { maxWaitMs: 0, minBytes: 0, topics: topics.map(topic => ({ topic, partitions })), rackId: '' }
  const { responses } = await client.request(fetch, 12, request)
  // Others read and write before this one looks at its answer.
  for (let turn = 0; turn < 5; turn++) await new Promise(resolve => setImmediate(resolve))
  let count = 0
  for (const { partitions: found } of responses) {
    for (const batch of batchesIn(found[0]?.records ?? new Uint8Array(0))) {
      if (!(batch instanceof RecordBatch)) throw new Error('a batch of an old format')
      batch.checkCrc()
      const records = batch.records()
      while (records.next()) expect(records.valueText()?.startsWith(`${records.offset % RECORDS}:`)).toBe(true)
      count++
    }
  }
  client.close()
  return count
}

test.each([
  ['files', 0],
  ['memory that holds some', 1_000_000],
])('readers at the same time, of several topics, are served from %s with what is there', async (_, recentBytes) => {
  const broker = await startBroker({ recentBytes })
  const topics = ['first', 'second', 'third']
  for (const topic of topics) {
    await broker.createTopic(topic)
    await fill(broker, topic)
  }
  const random = new SeededRandom('readers')
  const writing = fill(broker, 'first')
  const counts = await Promise.all(
    Array.from({ length: 60 }, () => {
      const some = topics.slice(0, random.integer(1, topics.length + 1))
      return read(broker, some, random.integer(0, RECORDS), random.integer(1, 10) * VALUE_BYTES)
    }),
  ).finally(() => writing)
  expect(Math.max(...counts)).toBeGreaterThan(3)
  await broker.broker.close()
})
