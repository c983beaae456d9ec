/**
 * Logs follow the metadata, also where the disk does not let them.
 */
import { createPartitions, deleteTopics, fetch, incrementalAlterConfigs, produce, ZERO_UUID } from '@samsa/protocol'
import type { LogMethod } from '@samsa/runtime'
import { describe, expect, test } from 'vitest'
import { batchOf, startBroker, type TestClient, valuesIn } from '../handlers/test-broker.js'
import { override } from '../log/test-log.js'
import type { FileSystem } from '../storage/file-system.js'
import { MemoryFileSystem } from '../storage/memory.js'
import { StorageError, type StorageOperation } from '../storage/storage-error.js'
import { codeOf } from './partitions.js'

const STORAGE_ERROR = codeOf('KAFKA_STORAGE_ERROR')

async function append(client: TestClient, value: string, index = 0): Promise<number | undefined> {
  const topicData = [{ name: 'events', partitionData: [{ index, records: batchOf([value]) }] }]
  const { responses } = await client.request(produce, 12, { acks: -1, timeoutMs: 1000, topicData })
  return responses[0]?.partitionResponses[0]?.errorCode
}

async function read(client: TestClient): Promise<string[] | number> {
  const partitions = [{ partition: 0, fetchOffset: 0n, partitionMaxBytes: 1_000_000 }]
  const request = { maxWaitMs: 0, minBytes: 0, topics: [{ topic: 'events', partitions }], rackId: '' }
  const answer = (await client.request(fetch, 12, request)).responses[0]?.partitions[0]
  return answer?.errorCode === 0 ? valuesIn(answer.records) : (answer?.errorCode ?? -1)
}

async function deleteEvents(client: TestClient): Promise<number | undefined> {
  const topics = [{ name: 'events', topicId: ZERO_UUID }]
  return (await client.request(deleteTopics, 6, { topics, timeoutMs: 1000 })).responses[0]?.errorCode
}

/** A disk on which renames of what has `events-0` in its path fail while `isBroken`. */
function stubbornDisk(): { readonly fileSystem: FileSystem; isBroken: boolean } {
  const disk = new MemoryFileSystem()
  const state = { isBroken: false }
  const fileSystem = override<FileSystem>(disk, {
    rename(from, to) {
      if (state.isBroken && from.endsWith('/events-0')) {
        throw new StorageError({ operation: 'rename', path: from, why: 'a fault of the test' })
      }
      disk.rename(from, to)
    },
  })
  return Object.assign(state, { fileSystem })
}

/** A disk that is full for what has `part` in its path, while `isFull`. */
function fullDisk(part: string): { readonly fileSystem: FileSystem; isFull: boolean } {
  const disk = new MemoryFileSystem()
  const state = { isFull: false }
  const refuse = (operation: StorageOperation, path: string): void => {
    if (!state.isFull || !path.includes(part)) return
    throw new StorageError({ operation, path, why: 'a fault of the test', systemCode: 'ENOSPC' })
  }
  const fileSystem = override<FileSystem>(disk, {
    open(path, options) {
      if (options?.create === true) refuse('open', path)
      const handle = disk.open(path, options)
      return override(handle, {
        append(chunks) {
          refuse('append to', path)
          handle.append(chunks)
        },
      })
    },
  })
  return Object.assign(state, { fileSystem })
}

describe('on a full disk', () => {
  test('logs that could not be made are made when there is room, and are tried for less and less often', async () => {
    const disk = fullDisk('/events-0/')
    const lines: string[] = []
    const keep: LogMethod = (_fields, message) => void lines.push(message)
    const logger = { trace: keep, debug: keep, info: keep, warn: keep, error: keep, fatal: keep }
    const { client, createTopic, broker, clock } = await startBroker({ fileSystem: disk.fileSystem, logger })
    disk.isFull = true
    await createTopic('events', 2)
    expect([await append(client, 'a'), await append(client, 'a', 1)]).toEqual([STORAGE_ERROR, 0])
    await clock.advance({ seconds: 100 })
    expect(await append(client, 'a')).toBe(STORAGE_ERROR)
    expect(lines.filter(line => line.includes('does not follow'))).toHaveLength(1)
    disk.isFull = false
    await clock.advance({ seconds: 30 })
    expect(await append(client, 'a')).toBe(0)
    expect(await read(client)).toEqual(['0=a'])
    expect(lines.filter(line => line.includes('the log follows the metadata now'))).toHaveLength(1)
    await broker.close()
    expect(clock.pendingTimers).toBe(0)
  })

  test('topics that are deleted meanwhile are not tried for any more', async () => {
    const disk = fullDisk('/events-0/')
    const { client, createTopic, broker, clock } = await startBroker({ fileSystem: disk.fileSystem })
    disk.isFull = true
    await createTopic('events')
    expect(await deleteEvents(client)).toBe(0)
    disk.isFull = false
    await clock.advance({ minutes: 2 })
    expect(await read(client)).toBe(codeOf('UNKNOWN_TOPIC_OR_PARTITION'))
    await createTopic('events')
    expect(await append(client, 'a')).toBe(0)
    await broker.close()
  })

  test('what the metadata log does not take is answered with a storage error, and is not there', async () => {
    const disk = fullDisk('/__cluster_metadata-0/')
    const { client, createTopic, broker } = await startBroker({ fileSystem: disk.fileSystem })
    await createTopic('events')
    disk.isFull = true
    await expect(createTopic('more')).rejects.toThrow('The metadata log takes no records: cannot append to')
    expect(await deleteEvents(client)).toBe(STORAGE_ERROR)
    const topics = [{ name: 'events', count: 2, assignments: null }]
    const grown = await client.request(createPartitions, 3, { topics, timeoutMs: 1000, validateOnly: false })
    expect(grown.results[0]?.errorCode).toBe(STORAGE_ERROR)
    expect([await append(client, 'a'), await append(client, 'a', 1)]).toEqual([0, codeOf('UNKNOWN_TOPIC_OR_PARTITION')])
    disk.isFull = false
    await createTopic('more')
    await broker.close()
  })
})

describe('logs', () => {
  test('are made for partitions that a topic grows by', async () => {
    const { client, createTopic, broker } = await startBroker()
    await createTopic('events')
    expect(await append(client, 'a', 1)).toBe(codeOf('UNKNOWN_TOPIC_OR_PARTITION'))
    const topics = [{ name: 'events', count: 2, assignments: null }]
    await client.request(createPartitions, 3, { topics, timeoutMs: 1000, validateOnly: false })
    expect(await append(client, 'a', 1)).toBe(0)
    await broker.close()
  })

  test.each([
    ['of the topic', 2, 'events', 'max.message.bytes'],
    ['of all brokers', 4, '', 'message.max.bytes'],
  ])('follow the configuration %s at once', async (_whose, resourceType, resourceName, name) => {
    const { client, createTopic, broker } = await startBroker()
    await createTopic('events')
    expect(await append(client, 'a'.repeat(200))).toBe(0)
    const configs = [{ name, configOperation: 0, value: '100' }]
    const { responses } = await client.request(incrementalAlterConfigs, 1, {
      resources: [{ resourceType, resourceName, configs }],
      validateOnly: false,
    })
    expect(responses[0]?.errorCode).toBe(0)
    expect(await append(client, 'b'.repeat(200))).toBe(codeOf('MESSAGE_TOO_LARGE'))
    await broker.close()
  })
})

describe('a log whose files cannot be removed', () => {
  test('is gone for clients, and its records do not come back in a topic of the same name', async () => {
    const disk = stubbornDisk()
    const { client, createTopic, broker } = await startBroker({ fileSystem: disk.fileSystem })
    await createTopic('events')
    await append(client, 'old')
    disk.isBroken = true
    expect(await deleteEvents(client)).toBe(0)
    expect(await read(client)).toBe(codeOf('UNKNOWN_TOPIC_OR_PARTITION'))
    await createTopic('events')
    expect(await read(client)).toBe(STORAGE_ERROR)
    expect(await append(client, 'lost')).toBe(STORAGE_ERROR)
    disk.isBroken = false
    await deleteEvents(client)
    await createTopic('events')
    expect(await read(client)).toEqual([])
    expect(await append(client, 'new')).toBe(0)
    expect(await read(client)).toEqual(['0=new'])
    await broker.close()
  })

  test('does not keep the broker from starting, and goes at the first start that can remove it', async () => {
    const disk = stubbornDisk()
    const options = { dataDir: '/data', fileSystem: disk.fileSystem }
    const first = await startBroker(options)
    await first.createTopic('events')
    await append(first.client, 'old')
    disk.isBroken = true
    await deleteEvents(first.client)
    await first.broker.close()
    const second = await startBroker(options)
    expect(await read(second.client)).toBe(codeOf('UNKNOWN_TOPIC_OR_PARTITION'))
    await second.broker.close()
    expect(disk.fileSystem.exists('/data/events-0')).toBe(true)
    disk.isBroken = false
    const third = await startBroker(options)
    expect(disk.fileSystem.exists('/data/events-0')).toBe(false)
    await third.broker.close()
  })
})
