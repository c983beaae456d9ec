/**
 * The broker as a whole: what a restart keeps, what a start that fails gives back, what it takes over from a real Kafka, and
 * how it ends.
 */
import { cpSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import {
  BatchBuilder,
  batchesIn,
  deleteTopics,
  fetch,
  initProducerId,
  listOffsets,
  metadata,
  produce,
  RecordBatch,
  ZERO_UUID,
} from '@samsa/protocol'
import { ManualClock } from '@samsa/runtime'
import { afterEach, describe, expect, test } from 'vitest'
import { createBroker } from './broker.js'
import { codeOf } from './cluster/partitions.js'
import { batchOf, slowDisk, startBroker, type TestBroker, type TestClient, valuesIn } from './handlers/test-broker.js'
import { copyDirectory, faulty } from './log/test-log.js'
import { MemoryListener } from './server/listener.js'
import { DirectoryLock } from './storage/directory-lock.js'
import { DiskFileSystem } from './storage/disk.js'
import type { FileSystem } from './storage/file-system.js'
import { MemoryFileSystem } from './storage/memory.js'

const GOLDEN = fileURLToPath(new URL('../../../tests/golden/log-dir', import.meta.url))
/** An hour after the recording; its producers have not expired by then. */
const RECORDED_MS = 1_795_235_000_000
const DATA = '/data'

const directories: string[] = []

function temporaryDirectory(): string {
  const path = mkdtempSync(join(tmpdir(), 'samsa-broker-'))
  directories.push(path)
  return path
}

afterEach(() => {
  for (const path of directories.splice(0)) rmSync(path, { recursive: true, force: true })
})

/** A broker in memory whose directory outlives it. */
function onDirectory(fileSystem: FileSystem, options: Parameters<typeof startBroker>[0] = {}): Promise<TestBroker> {
  return startBroker({ dataDir: DATA, fileSystem, ...options })
}

async function send(client: TestClient, name: string, records: Uint8Array) {
  const { responses } = await client.request(produce, 12, {
    acks: -1,
    timeoutMs: 1000,
    topicData: [{ name, partitionData: [{ index: 0, records }] }],
  })
  return responses[0]?.partitionResponses[0]
}

async function fetchFrom(
  client: TestClient,
  topic: string,
  partition: number,
  fetchOffset: bigint,
  isolationLevel = 0,
) {
  const partitions = [{ partition, fetchOffset, partitionMaxBytes: 1_000_000 }]
  const request = { maxWaitMs: 0, minBytes: 0, isolationLevel, topics: [{ topic, partitions }], rackId: '' }
  const answer = (await client.request(fetch, 12, request)).responses[0]?.partitions[0]
  if (answer === undefined) throw new Error('the answer lacks the partition')
  return answer
}

async function endOf(client: TestClient, name: string): Promise<bigint | undefined> {
  const partitions = [{ partitionIndex: 0, timestamp: -1n }]
  const { topics } = await client.request(listOffsets, 9, { replicaId: -1, topics: [{ name, partitions }] })
  return topics[0]?.partitions[0]?.offset
}

describe('a restart', () => {
  async function newProducer(client: TestClient): Promise<number> {
    const answer = await client.request(initProducerId, 5, { transactionalId: null, transactionTimeoutMs: 0 })
    expect(answer.errorCode).toBe(0)
    return Number(answer.producerId)
  }

  /** The directory as the end of the process leaves it. */
  function crashed(from: FileSystem): MemoryFileSystem {
    const copy = new MemoryFileSystem()
    const copyAll = (path: string): void => {
      copy.makeDirectory(path)
      for (const name of from.list(path)) {
        const each = `${path}/${name}`
        if (from.isDirectory(each)) copyAll(each)
        else copy.writeFileAtomically(each, from.readFile(each))
      }
    }
    copyAll(DATA)
    return copy
  }

  test.each(['clean', 'a crash'])('after %s keeps topics, records and producers', async stop => {
    const first = await onDirectory(new MemoryFileSystem())
    const topicId = await first.createTopic('events', 2, { 'retention.ms': '-1' })
    const producerId = await newProducer(first.client)
    const batch = (): Buffer => batchOf(['a', 'b'], { producer: { producerId, producerEpoch: 0, baseSequence: 0 } })
    expect(await send(first.client, 'events', batch())).toMatchObject({ errorCode: 0, baseOffset: 0n })
    await send(first.client, 'events', batchOf(['c']))
    if (stop === 'clean') await first.broker.close()
    const fileSystem = stop === 'clean' ? first.fileSystem : crashed(first.fileSystem)

    const second = await onDirectory(fileSystem)
    expect(second.broker.clusterId).toBe(first.broker.clusterId)
    const { topics } = await second.client.request(metadata, 12, {
      topics: [{ name: 'events' }],
      allowAutoTopicCreation: false,
    })
    expect(topics[0]).toMatchObject({ errorCode: 0, topicId })
    expect(topics[0]?.partitions).toHaveLength(2)
    expect(await send(second.client, 'events', batch())).toMatchObject({ errorCode: 0, baseOffset: 0n })
    expect(await send(second.client, 'events', batchOf(['d']))).toMatchObject({ errorCode: 0, baseOffset: 3n })
    const { records } = await fetchFrom(second.client, 'events', 0, 0n)
    expect(valuesIn(records)).toEqual(['0=a', '1=b', '2=c', '3=d'])
    expect(await newProducer(second.client)).toBeGreaterThan(producerId)
    await second.broker.close()
    await first.broker.close()
  })

  test.each([12, 15, 16, 18])(
    'after a crash tells a fetch of version %d whose epoch is over who leads',
    async version => {
      const first = await onDirectory(new MemoryFileSystem())
      const topicId = await first.createTopic('events')
      await send(first.client, 'events', batchOf(['a']))
      const second = await onDirectory(crashed(first.fileSystem))
      const by = version >= 13 ? { topicId } : { topic: 'events' }
      const ask = (currentLeaderEpoch: number) => {
        const partitions = [{ partition: 0, fetchOffset: 0n, partitionMaxBytes: 1000, currentLeaderEpoch }]
        return second.client.request(fetch, version, { maxWaitMs: 0, minBytes: 0, topics: [{ ...by, partitions }] })
      }
      const isTold = version >= 16
      const fenced = await ask(0)
      expect(fenced.responses[0]?.partitions[0]).toMatchObject({
        errorCode: codeOf('FENCED_LEADER_EPOCH'),
        currentLeader: isTold ? { leaderId: 1, leaderEpoch: 1 } : { leaderId: -1, leaderEpoch: -1 },
      })
      expect(fenced.nodeEndpoints.map(each => each.nodeId)).toEqual(isTold ? [1] : [])
      const current = await ask(1)
      expect(current.responses[0]?.partitions[0]).toMatchObject({ errorCode: 0, currentLeader: { leaderId: -1 } })
      expect(current.nodeEndpoints).toEqual([])
      await second.broker.close()
      await first.broker.close()
    },
  )

  test('does not bring back what was deleted, and a topic of the same name begins anew', async () => {
    const first = await onDirectory(new MemoryFileSystem())
    await first.createTopic('events')
    await send(first.client, 'events', batchOf(['old']))
    await first.client.request(deleteTopics, 6, { topics: [{ name: 'events', topicId: ZERO_UUID }], timeoutMs: 1000 })
    await first.broker.close()
    const second = await onDirectory(first.fileSystem)
    expect(second.fileSystem.list(DATA).filter(name => name.startsWith('events'))).toEqual([])
    await second.createTopic('events')
    expect(await endOf(second.client, 'events')).toBe(0n)
    await second.broker.close()
  })

  test('creates the topics that it is asked for where they are missing', async () => {
    const topics = { events: { partitions: 3, configs: { 'retention.ms': '1000' } } }
    const first = await onDirectory(new MemoryFileSystem(), { topics })
    await send(first.client, 'events', batchOf(['a']))
    await first.broker.close()
    const second = await onDirectory(first.fileSystem, { topics })
    expect(await endOf(second.client, 'events')).toBe(1n)
    await second.broker.close()
  })
})

describe('a compacted topic', () => {
  test('loses what is out of date when the cleaner looks', async () => {
    const properties = { 'log.cleaner.backoff.ms': '60000' }
    const { broker, client, clock, createTopic } = await onDirectory(new MemoryFileSystem(), { properties })
    const configs = { 'cleanup.policy': 'compact', 'min.cleanable.dirty.ratio': '0.0', 'segment.ms': '1000' }
    await createTopic('table', 1, configs)
    for (const value of ['old', 'new', 'active']) {
      const builder = new BatchBuilder()
      builder.append(clock.now(), value === 'active' ? 'other' : 'key', value)
      await send(client, 'table', builder.close())
      await clock.advance(2000)
    }
    const valuesFrom = async (offset: bigint): Promise<string[]> =>
      valuesIn((await fetchFrom(client, 'table', 0, offset)).records)
    expect(await valuesFrom(0n)).toEqual(['0=old', '1=new', '2=active'])
    await clock.advance(60_000)
    await clock.settle()
    // A segment at a time, now that it comes from the file.
    expect(await valuesFrom(0n)).toEqual(['1=new'])
    expect(await valuesFrom(2n)).toEqual(['2=active'])
    await broker.close()
  })
})

describe('a start that fails', () => {
  test('at a port that is in use gives the directory back', async () => {
    const other = createServer()
    await new Promise<void>(resolve => other.listen(0, '127.0.0.1', resolve))
    const address = other.address()
    const port = typeof address === 'object' && address !== null ? address.port : 0
    const dataDir = temporaryDirectory()
    await expect(createBroker({ dataDir, port })).rejects.toMatchObject({ code: 'ADDRESS_IN_USE' })
    const lock = await DirectoryLock.acquire(dataDir)
    await lock.release()
    await new Promise(resolve => other.close(resolve))
    const broker = await createBroker({ dataDir, port })
    expect(broker.port).toBe(port)
    await broker.close()
  })

  test('at a topic that cannot be created says which, and leaves no timer and no listener', async () => {
    const clock = new ManualClock()
    const listener = new MemoryListener()
    const topics = { events: { configs: { 'no.such.config': '1' } } }
    await expect(createBroker({ clock, listener, topics })).rejects.toThrow("'events' cannot be created")
    expect(clock.pendingTimers).toBe(0)
    expect(() => listener.connect()).toThrow('nothing listens')
  })

  test('tells its own reason when the logs cannot be closed either', async () => {
    let isBroken = false
    const fileSystem = faulty(new MemoryFileSystem(), operation => isBroken && operation !== 'append')
    const listener = new MemoryListener()
    listener.listen = () => {
      isBroken = true
      return Promise.reject(new Error('no ear'))
    }
    await expect(createBroker({ dataDir: DATA, fileSystem, listener })).rejects.toThrow('no ear')
  })

  test('with a setting that an option is for says which option', async () => {
    await expect(createBroker({ properties: { 'log.dirs': '/tmp' } })).rejects.toThrow('dataDir')
  })

  test('on a directory that another broker has says so, and does not disturb it', async () => {
    const dataDir = temporaryDirectory()
    const broker = await createBroker({ dataDir, port: 0 })
    await expect(createBroker({ dataDir, port: 0 })).rejects.toThrow(dataDir)
    await broker.close()
    expect(existsSync(join(dataDir, '.kafka_cleanshutdown'))).toBe(true)
    await (await createBroker({ dataDir, port: 0 })).close()
  })
})

describe('a log that cannot be made', () => {
  test('answers with a storage error, and the others go on', async () => {
    const fault = (operation: string, path: string): boolean => operation === 'create' && path.includes('/events-1/')
    const { client, createTopic, broker } = await onDirectory(faulty(new MemoryFileSystem(), fault))
    await createTopic('events', 3)
    const answer = async (partition: number): Promise<number> =>
      (await fetchFrom(client, 'events', partition, 0n)).errorCode
    expect([await answer(0), await answer(1), await answer(2)]).toEqual([0, 56, 0])
    await broker.close()
  })
})

describe('the end', () => {
  test('leaves no timer, and comes once however often it is asked for', async () => {
    const { broker, clock, client } = await startBroker()
    await Promise.all([broker.close(), broker.close()])
    expect(clock.pendingTimers).toBe(0)
    expect(client.isClosed).toBe(true)
    await broker.close()
  })

  test('comes with `await using` too', async () => {
    const { broker, client } = await startBroker()
    await broker[Symbol.asyncDispose]()
    expect(client.isClosed).toBe(true)
  })

  test('comes after the answers to what was begun', async () => {
    const disk = slowDisk('/events-0/')
    const { broker, client, clock, createTopic } = await startBroker({ fileSystem: disk.fileSystem, flush: 'always' })
    await createTopic('events')
    const release = disk.hold()
    const answer = send(client, 'events', batchOf(['a']))
    await clock.settle()
    const closed = broker.close()
    await clock.settle()
    expect(client.waiting).toBe(1)
    release()
    expect(await answer).toMatchObject({ errorCode: 0, baseOffset: 0n })
    await closed
  })

  test('comes at its deadline when the disk does not answer, and is clean once it does', async () => {
    const disk = slowDisk('/events-0/')
    const options = { fileSystem: disk.fileSystem, flush: 'always', closeTimeoutMs: 300, dataDir: DATA } as const
    const { broker, client, clock, createTopic } = await startBroker(options)
    await createTopic('events')
    const release = disk.hold()
    const answer = send(client, 'events', batchOf(['a']))
    const refused = expect(answer).rejects.toThrow('closed the connection')
    await clock.settle()
    const closed = broker.close()
    await clock.advance(300)
    await refused
    expect(disk.fileSystem.exists(`${DATA}/.kafka_cleanshutdown`)).toBe(false)
    release()
    await closed
    expect(disk.fileSystem.exists(`${DATA}/.kafka_cleanshutdown`)).toBe(true)
  })
})

describe('a directory that a real Kafka wrote', () => {
  const partitions = readdirSync(GOLDEN, { withFileTypes: true })
    .filter(entry => entry.isDirectory() && entry.name !== '__cluster_metadata-0')
    .map(({ name }) => ({ name, topic: name.slice(0, name.lastIndexOf('-')), index: Number(name.split('-').at(-1)) }))

  function offsetsListed(name: string): string[] {
    const lines = readFileSync(`${GOLDEN}-batches.txt`, 'utf8').split('\n')
    return lines
      .filter(line => line.startsWith(`${name}/`))
      .map(line => line.split('\t'))
      .map(columns => `${columns[3]}-${columns[4]} (${columns[5]})`)
  }

  async function offsetsFetched(client: TestClient, topic: string, index: number): Promise<string[]> {
    const found: string[] = []
    for (let offset = 0; ; ) {
      const { errorCode, records, highWatermark } = await fetchFrom(client, topic, index, BigInt(offset))
      expect(errorCode).toBe(0)
      const before = offset
      for (const batch of batchesIn(records ?? new Uint8Array(0))) {
        if (!(batch instanceof RecordBatch)) throw new Error('a batch of an old format')
        batch.checkCrc()
        found.push(`${batch.baseOffset}-${batch.lastOffset} (${batch.recordCount})`)
        offset = batch.nextOffset
      }
      if (offset === before || BigInt(offset) >= highWatermark) return found
    }
  }

  async function expectAll(started: TestBroker): Promise<void> {
    for (const { name, topic, index } of partitions) {
      expect(await offsetsFetched(started.client, topic, index), name).toEqual(offsetsListed(name))
    }
  }

  test('is opened with every topic and record, and again after a stop and after a write', async () => {
    const fileSystem = new MemoryFileSystem()
    copyDirectory(GOLDEN, fileSystem, DATA)
    const clock = new ManualClock({ startMs: RECORDED_MS })
    const first = await onDirectory(fileSystem, { clock })
    await expectAll(first)
    await first.broker.close()

    const second = await onDirectory(fileSystem, { clock })
    await expectAll(second)
    const end = await endOf(second.client, 'events')
    expect(await send(second.client, 'events', batchOf(['new'], { timestamp: RECORDED_MS }))).toMatchObject({
      errorCode: 0,
      baseOffset: end,
    })
    await second.broker.close()

    const third = await onDirectory(fileSystem, { clock })
    expect(valuesIn((await fetchFrom(third.client, 'events', 0, end ?? 0n)).records)).toEqual([`${end}=new`])
    await third.createTopic('more')
    await third.broker.close()
  })

  test('without its metadata is left as it is', async () => {
    const fileSystem = new MemoryFileSystem()
    copyDirectory(GOLDEN, fileSystem, DATA)
    fileSystem.removeDirectory(`${DATA}/__cluster_metadata-0`)
    const before = fileSystem.list(`${DATA}/events-0`).filter(name => name.endsWith('.log'))
    for (let start = 0; start < 2; start++)
      await expect(onDirectory(fileSystem)).rejects.toThrow('Put __cluster_metadata-0 back')
    expect(fileSystem.list(`${DATA}/events-0`).filter(name => name.endsWith('.log'))).toEqual(before)
  })

  test('is opened on a disk', async () => {
    const dataDir = temporaryDirectory()
    cpSync(GOLDEN, dataDir, { recursive: true })
    for (let start = 0; start < 2; start++) {
      const clock = new ManualClock({ startMs: RECORDED_MS })
      const started = await startBroker({ dataDir, clock, fileSystem: new DiskFileSystem() })
      await expectAll(started)
      await started.broker.close()
    }
    const entries = readdirSync(dataDir)
    for (const { name } of partitions) expect(entries).toContain(name)
  })

  test('gives readers of committed records what was aborted, and stops them at what is open', async () => {
    const fileSystem = new MemoryFileSystem()
    copyDirectory(GOLDEN, fileSystem, DATA)
    const { client, broker } = await onDirectory(fileSystem, { clock: new ManualClock({ startMs: RECORDED_MS }) })
    const open = await fetchFrom(client, 'pending', 0, 0n, 1)
    expect(open).toMatchObject({ errorCode: 0, highWatermark: 2n, lastStableOffset: 0n })
    expect(valuesIn(open.records)).toEqual([])
    expect(valuesIn((await fetchFrom(client, 'pending', 0, 0n)).records)).toHaveLength(2)
    const aborted = [{ producerId: 6n, firstOffset: 32n }]
    expect(await fetchFrom(client, 'events', 0, 28n, 1)).toMatchObject({ abortedTransactions: aborted })
    expect(await fetchFrom(client, 'events', 0, 0n, 1)).toMatchObject({ abortedTransactions: [] })
    expect(await fetchFrom(client, 'events', 0, 28n)).toMatchObject({ abortedTransactions: null })
    await broker.close()
  })
})

test('a broker without a directory says that it has none', async () => {
  const { broker } = await startBroker()
  expect(broker.dataDir).toBeUndefined()
  await broker.close()
})
