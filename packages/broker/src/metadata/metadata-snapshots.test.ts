/**
 * Snapshots of the metadata: they hold all there is, shorten what a start reads, and nothing is lost when one is not written.
 */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import {
  accessControlEntryRecord,
  beginTransactionRecord,
  clientQuotaRecord,
  configRecord,
  createTopics,
  endTransactionRecord,
  metadata,
  partitionChangeRecord,
  partitionRecord,
  producerIdsRecord,
  type RecordBatch,
  removeAccessControlEntryRecord,
  removeTopicRecord,
  topicRecord,
  userScramCredentialRecord,
  uuidFromBytes,
} from '@samsa/protocol'
import { ManualClock, type Random, SeededRandom, silentLogger } from '@samsa/runtime'
import { beforeEach, describe, expect, test } from 'vitest'
import { startBroker } from '../handlers/test-broker.js'
import { override } from '../log/test-log.js'
import type { FileSystem } from '../storage/file-system.js'
import { MemoryFileSystem } from '../storage/memory.js'
import { StorageError } from '../storage/storage-error.js'
import { MetadataImage } from './image.js'
import { recordsOf } from './image-records.js'
import { MetadataLog } from './metadata-log.js'
import { type MetadataRecord, metadataRecord } from './metadata-records.js'
import { MetadataSnapshots } from './metadata-snapshots.js'
import { arrayMetadataStorage } from './metadata-storage.js'
import { snapshotFile, snapshotsIn } from './quorum-records.js'
import { registerNode } from './registration.js'

const GOLDEN = join(import.meta.dirname, '../../../../tests/golden/log-dir/__cluster_metadata-0')
const DIRECTORY = '/data/__cluster_metadata-0'
const HOUR_MS = 3_600_000
const listener = { name: 'PLAINTEXT', host: 'localhost', port: 9092, securityProtocol: 0 }
const node = {
  nodeId: 1,
  directoryId: '9LxQPCF2tfGINvzERJDEQA',
  listeners: [listener],
  controllerListener: { ...listener, name: 'CONTROLLER', port: 9093 },
  rack: null,
}

let fileSystem: FileSystem
let batches: RecordBatch[]
let clock: ManualClock
let random: SeededRandom

beforeEach(() => {
  fileSystem = new MemoryFileSystem()
  fileSystem.makeDirectory(DIRECTORY)
  batches = []
  clock = new ManualClock({ startMs: Date.UTC(2030, 0, 1) })
  random = new SeededRandom('snapshots')
})

function open(): MetadataLog {
  return MetadataLog.open({ storage: arrayMetadataStorage(batches), fileSystem, directory: DIRECTORY, clock })
}

function start(): MetadataLog {
  const log = open()
  registerNode(log, node, random, true)
  return log
}

function snapshotsOf(log: MetadataLog, limits: { maxBytesBetween?: number; retentionBytes?: number } = {}) {
  const snapshots = new MetadataSnapshots({
    log,
    fileSystem,
    directory: DIRECTORY,
    clock,
    logger: silentLogger,
    maxBytesBetween: 20_000_000,
    maxIntervalMs: HOUR_MS,
    retentionBytes: -1,
    ...limits,
  })
  snapshots.start()
  return snapshots
}

/** The image as the records that it is made of, in no order. */
function contentOf(image: MetadataImage): string[] {
  return Array.from(recordsOf(image), value => Buffer.from(value).toString('hex')).sort()
}

function files(): string[] {
  return snapshotsIn(fileSystem.list(DIRECTORY)).map(({ file }) => file)
}

function topic(name: string, from: Random = random): { topicId: string; records: MetadataRecord[] } {
  const topicId = uuidFromBytes(from.bytes(16))
  const replicas = { replicas: [1], isr: [1], removingReplicas: [], addingReplicas: [], leader: 1 }
  const partitions = Array.from({ length: from.integer(1, 4) }, (_, partitionId) =>
    metadataRecord(partitionRecord, { ...replicas, topicId, partitionId, leaderEpoch: 0, partitionEpoch: 0 }),
  )
  return { topicId, records: [metadataRecord(topicRecord, { name, topicId }), ...partitions] }
}

function acl(id: string): MetadataRecord {
  return metadataRecord(accessControlEntryRecord, {
    ...{ id, resourceType: 2, resourceName: 'orders', patternType: 3, principal: 'User:ada', host: '*' },
    ...{ operation: 3, permissionType: 3 },
  })
}

/** Things that come, change and go. */
function randomChanges(seed: number): MetadataRecord[][] {
  const from = new SeededRandom(seed)
  const topics: { topicId: string; name: string }[] = []
  const acls: string[] = []
  const change = (step: number): MetadataRecord[] => {
    const kind = from.integer(0, 8)
    const some = topics[from.integer(0, Math.max(1, topics.length))]
    if (kind <= 1 || some === undefined) {
      const { topicId, records } = topic(`t${step}`, from)
      topics.push({ topicId, name: `t${step}` })
      return records
    }
    const { topicId, name } = some
    if (kind === 2) {
      topics.splice(topics.indexOf(some), 1)
      return [metadataRecord(removeTopicRecord, { topicId })]
    }
    if (kind === 3) {
      const value = from.integer(0, 3) === 0 ? null : String(step)
      return [metadataRecord(configRecord, { resourceType: 2, resourceName: name, name: 'retention.ms', value })]
    }
    if (kind === 4) return [metadataRecord(partitionChangeRecord, { topicId, partitionId: 0, leader: -1, isr: [] })]
    if (kind === 5) {
      const nextProducerId = BigInt(step * 1000)
      return [metadataRecord(producerIdsRecord, { brokerId: 1, brokerEpoch: 5n, nextProducerId })]
    }
    if (kind === 6) {
      acls.push(uuidFromBytes(from.bytes(16)))
      return [acl(acls.at(-1) ?? '')]
    }
    const id = acls.shift()
    return id === undefined ? [] : [metadataRecord(removeAccessControlEntryRecord, { id })]
  }
  return Array.from({ length: 60 }, (_, step) => change(step + 1))
}

describe('a snapshot', () => {
  test.each(Array.from({ length: 20 }, (_, seed) => seed))(
    'gives the same image as the records before it, seed %i',
    async seed => {
      const log = start()
      for (const records of randomChanges(seed)) log.append(records)
      const before = contentOf(log.image)
      await log.writeSnapshot()
      log.startAt(log.endOffset)
      expect(batches).toEqual([])
      const again = new MetadataImage()
      for (const value of recordsOf(log.image)) again.replay(value, 0)
      expect(contentOf(again)).toEqual(before)
      // As a restart sees it: from the file alone.
      expect(contentOf(openAfter(log.endOffset).image)).toEqual(before)
    },
  )

  test('holds what this broker does not act on: rights, quotas, passwords', async () => {
    const log = start()
    const quota = (value: number, remove = false) =>
      metadataRecord(clientQuotaRecord, {
        entity: [{ entityType: 'user', entityName: 'ada' }],
        key: 'producer_byte_rate',
        value,
        remove,
      })
    const password = metadataRecord(userScramCredentialRecord, {
      ...{ name: 'ada', mechanism: 1, salt: Buffer.from('salt'), storedKey: Buffer.from('stored') },
      ...{ serverKey: Buffer.from('server'), iterations: 4096 },
    })
    const [first, second] = [uuidFromBytes(random.bytes(16)), uuidFromBytes(random.bytes(16))]
    log.append([acl(first), acl(second), quota(1), password])
    log.append([metadataRecord(removeAccessControlEntryRecord, { id: first }), quota(2)])
    const carried = Array.from(log.image.carriedRecords(), value => Buffer.from(value).toString('hex'))
    for (const kept of [acl(second), quota(2), password]) {
      expect(carried).toContain(Buffer.from(kept.value).toString('hex'))
    }
    expect(carried).not.toContain(Buffer.from(acl(first).value).toString('hex'))
    await log.writeSnapshot()
    expect(contentOf(openAfter(log.endOffset).image)).toEqual(contentOf(log.image))
    log.append([quota(0, true)])
    expect(Array.from(log.image.carriedRecords())).toHaveLength(carried.length - 1)
  })

  test('of what a real Kafka wrote gives the same image', async () => {
    for (const file of ['00000000000000000000-0000000000.checkpoint', 'quorum-state']) {
      fileSystem.writeFileAtomically(`${DIRECTORY}/${file}`, readFileSync(join(GOLDEN, file)))
    }
    const log = start()
    await log.writeSnapshot()
    expect(contentOf(openAfter(log.endOffset).image)).toEqual(contentOf(log.image))
  })
})

/** What a start finds whose log begins behind the newest snapshot. */
function openAfter(endOffset: number): MetadataLog {
  return MetadataLog.open({
    storage: { ...arrayMetadataStorage(), startOffset: endOffset, endOffset, batches: () => [] },
    fileSystem,
    directory: DIRECTORY,
    clock,
  })
}

describe('snapshots', () => {
  test('are not there before the log is on disk as far as they reach', async () => {
    const log = start()
    let isSynced = false
    const storage = { ...arrayMetadataStorage(batches), endOffset: log.endOffset, batches: () => batches }
    const sync = async (): Promise<void> => {
      expect(files()).toEqual([snapshotFile(0, 0)])
      isSynced = true
    }
    const again = MetadataLog.open({ storage: { ...storage, sync }, fileSystem, directory: DIRECTORY, clock })
    await again.writeSnapshot()
    expect([isSynced, files().length]).toEqual([true, 2])
  })

  test('that end behind the log are not gone on from', async () => {
    const log = start()
    await log.writeSnapshot()
    const { endOffset } = log
    batches.pop()
    expect(open).toThrow(`the metadata log ends at offset ${endOffset - 2}, and the newest snapshot at ${endOffset}`)
  })

  test('come after so many bytes of records, and at the start where as much was left', async () => {
    const log = start()
    const snapshots = snapshotsOf(log, { maxBytesBetween: log.bytesSinceSnapshot + 1000 })
    expect(files()).toEqual([snapshotFile(0, 0)])
    let appended = 0
    for (; files().length === 1; appended++) {
      log.append(topic(`t${appended}`).records)
      await clock.advance(1)
    }
    expect(appended).toBeGreaterThan(1)
    expect(log.bytesSinceSnapshot).toBe(0)
    expect(files()).toEqual([snapshotFile(0, 0), snapshotFile(log.endOffset, 1)])
    await snapshots.stop()
    log.append(topic('last').records)
    const next = start()
    expect(next.image.topicByName('last')).toBeDefined()
    await snapshotsOf(next, { maxBytesBetween: 100 }).stop()
    expect(files().at(-1)).toBe(snapshotFile(next.endOffset, 2))
  })

  test('come an hour after the first record that none of them holds, and not without one', async () => {
    const log = start()
    const snapshots = snapshotsOf(log)
    await clock.advance(HOUR_MS)
    expect(files()).toEqual([snapshotFile(0, 0), snapshotFile(log.endOffset, 1)])
    await clock.advance(5 * HOUR_MS)
    expect(files()).toHaveLength(2)
    log.append(topic('late').records)
    await clock.advance(HOUR_MS - 120_000)
    expect(files()).toHaveLength(2)
    await clock.advance(180_000)
    expect(files().at(-1)).toBe(snapshotFile(log.endOffset, 1))
    await snapshots.stop()
  })

  test('hold what came while one was written too, where that is enough for another, also at a stop', async () => {
    const log = start()
    const snapshots = snapshotsOf(log, { maxBytesBetween: 1 })
    log.append(topic('a').records)
    log.append(topic('b').records)
    await snapshots.stop()
    expect(files().at(-1)).toBe(snapshotFile(log.endOffset, 1))
    expect(log.bytesSinceSnapshot).toBe(0)
  })

  test('wait until a transaction of the metadata has ended', async () => {
    const log = start()
    const snapshots = snapshotsOf(log, { maxBytesBetween: log.bytesSinceSnapshot + 1 })
    log.append([metadataRecord(beginTransactionRecord, { name: 'many topics' }), ...topic('a').records])
    await clock.advance(1)
    expect(files()).toHaveLength(1)
    log.append([metadataRecord(endTransactionRecord, {})])
    await clock.advance(1)
    expect(files()).toHaveLength(2)
    await snapshots.stop()
  })

  test('let what is older go where there is too much, but never the newest, nor the log behind it', async () => {
    const log = start()
    const snapshots = snapshotsOf(log, { maxBytesBetween: 1, retentionBytes: 1 })
    log.append(topic('a').records)
    await clock.advance(1)
    log.append(topic('b').records)
    await clock.advance(1)
    expect(files()).toEqual([snapshotFile(log.endOffset, 1)])
    expect(batches).toEqual([])
    await snapshots.stop()
  })

  test('are tried again when as much has come again, where one could not be written', async () => {
    let isFull = true
    const disk = fileSystem
    fileSystem = override(disk, {
      open(path, options) {
        if (isFull && path.endsWith('-0000000001.checkpoint.tmp')) {
          throw new StorageError({ operation: 'open', path, why: 'a fault of the test', systemCode: 'ENOSPC' })
        }
        return disk.open(path, options)
      },
    })
    const log = start()
    const snapshots = snapshotsOf(log, { maxBytesBetween: 100 })
    log.append(topic('a').records)
    await clock.advance(1)
    expect(files()).toEqual([snapshotFile(0, 0)])
    isFull = false
    log.append(topic('b').records)
    await clock.advance(1)
    expect(files()).toEqual([snapshotFile(0, 0), snapshotFile(log.endOffset, 1)])
    expect(contentOf(openAfter(log.endOffset).image)).toEqual(contentOf(log.image))
    await snapshots.stop()
  })
})

test('a broker goes on from a snapshot, with the log before it gone', async () => {
  const options = {
    dataDir: '/data',
    fileSystem,
    clock,
    properties: {
      'metadata.log.max.record.bytes.between.snapshots': '100',
      'metadata.max.retention.bytes': '1',
      'metadata.log.segment.ms': '1000',
    },
  }
  const first = await startBroker(options)
  for (const name of ['a', 'b']) {
    await clock.advance(2000)
    const topics = [{ name, numPartitions: 2, replicationFactor: 1, assignments: [], configs: [] }]
    await first.client.request(createTopics, 7, { topics, timeoutMs: 1000, validateOnly: false })
  }
  await clock.advance({ minutes: 5 })
  await first.broker.close()
  expect(fileSystem.list(DIRECTORY).filter(name => name.endsWith('.log'))).not.toContain(`${'0'.repeat(20)}.log`)
  const second = await startBroker(options)
  const { topics } = await second.client.request(metadata, 12, { topics: null })
  expect(topics.map(({ name, partitions }) => [name, partitions.length])).toEqual([
    ['a', 2],
    ['b', 2],
  ])
  await second.broker.close()
})
