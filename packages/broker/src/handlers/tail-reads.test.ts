import { fetch, produce } from '@samsa/protocol'
import { expect, test } from 'vitest'
import { override } from '../log/test-log.js'
import type { FileSystem } from '../storage/file-system.js'
import { MemoryFileSystem } from '../storage/memory.js'
import { batchOf, startBroker, type TestClient, valuesIn } from './test-broker.js'

const BATCHES = 300

/** A file system that counts how often records of the topic are read from their files. */
function counting(topic: string) {
  const disk = new MemoryFileSystem()
  const count = { reads: 0 }
  const fileSystem = override<FileSystem>(disk, {
    open(path, options) {
      const handle = disk.open(path, options)
      if (!path.includes(`${topic}-0`) || !path.endsWith('.log')) return handle
      return override(handle, {
        read: (position, length) => {
          count.reads++
          return handle.read(position, length)
        },
        readSync: (position, length) => {
          count.reads++
          return handle.readSync(position, length)
        },
      })
    },
  })
  return { fileSystem, count }
}

async function fetchAt(client: TestClient, offset: number, maxWaitMs: number): Promise<string[]> {
  const partitions = [{ partition: 0, fetchOffset: BigInt(offset), partitionMaxBytes: 1024 * 1024 }]
  const request = { maxWaitMs, minBytes: 1, topics: [{ topic: 'followed', partitions }], rackId: '' }
  const { responses } = await client.request(fetch, 12, request)
  expect(responses[0]?.partitions[0]?.errorCode).toBe(0)
  return valuesIn(responses[0]?.partitions[0]?.records ?? null)
}

async function write(client: TestClient, batch: number): Promise<void> {
  const records = batchOf([`a${batch}`, `${'b'.repeat(10_000)}${batch}`])
  const topicData = [{ name: 'followed', partitionData: [{ index: 0, records }] }]
  const { responses } = await client.request(produce, 12, { acks: -1, timeoutMs: 1000, topicData })
  expect(responses[0]?.partitionResponses[0]?.errorCode).toBe(0)
}

test('a consumer that follows a producer is served without reading a file, over rolled segments too', async () => {
  const { fileSystem, count } = counting('followed')
  const { client, connect, createTopic, broker } = await startBroker({ fileSystem })
  await createTopic('followed', 1, { 'segment.bytes': String(1024 * 1024) })
  const consumer = connect()
  for (let batch = 0; batch < BATCHES; batch++) {
    // It waits already, or asks when the batch is there.
    const waiting = batch % 2 === 0 ? fetchAt(consumer, 2 * batch, 60_000) : undefined
    await write(client, batch)
    const values = await (waiting ?? fetchAt(consumer, 2 * batch, 0))
    expect(values.map(value => value.slice(0, 9))).toEqual([
      `${2 * batch}=a${batch}`.slice(0, 9),
      `${2 * batch + 1}=${'b'.repeat(9)}`.slice(0, 9),
    ])
  }
  // One that is some way behind, but within what is kept, as well.
  await fetchAt(consumer, BATCHES, 0)
  expect(count.reads).toBe(0)
  const segments = fileSystem.list('/samsa/followed-0').filter(name => name.endsWith('.log'))
  expect(segments.length).toBeGreaterThan(2)
  await broker.close()
})

test('what is no longer kept in memory is read from the file', async () => {
  const { fileSystem, count } = counting('followed')
  const { client, createTopic, broker } = await startBroker({ fileSystem, recentBytes: 100_000 })
  await createTopic('followed')
  for (let batch = 0; batch < 30; batch++) await write(client, batch)
  expect(await fetchAt(client, 58, 0)).toHaveLength(2)
  expect(count.reads).toBe(0)
  expect((await fetchAt(client, 0, 0)).length).toBeGreaterThan(2)
  expect(count.reads).toBeGreaterThan(0)
  await broker.close()
})
