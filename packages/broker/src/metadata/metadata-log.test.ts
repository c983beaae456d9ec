import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import {
  batchesIn,
  beginTransactionRecord,
  configRecord,
  featureLevelRecord,
  noOpRecord,
  partitionChangeRecord,
  partitionRecord,
  RecordBatch,
  registerBrokerRecord,
  removeTopicRecord,
  topicRecord,
  Writer,
  ZERO_UUID,
} from '@samsa/protocol'
import { ManualClock, SeededRandom } from '@samsa/runtime'
import { beforeEach, describe, expect, test } from 'vitest'
import { MemoryFileSystem } from '../storage/memory.js'
import { MetadataLog } from './metadata-log.js'
import { type MetadataRecord, metadataRecord } from './metadata-records.js'
import { arrayMetadataStorage } from './metadata-storage.js'
import { type LocalNode, registerNode } from './registration.js'

const GOLDEN = join(import.meta.dirname, '../../../../tests/golden/log-dir/__cluster_metadata-0')
const DIRECTORY = '/data/__cluster_metadata-0'
const TOPIC = 'AAECAwQFBgcICQoLDA0ODw'
const listener = { name: 'PLAINTEXT', host: 'localhost', port: 9092, securityProtocol: 0 }
const node: LocalNode = {
  nodeId: 1,
  directoryId: '9LxQPCF2tfGINvzERJDEQA',
  listeners: [listener],
  controllerListener: { ...listener, name: 'CONTROLLER', port: 9093 },
  rack: null,
}

let fileSystem: MemoryFileSystem
let batches: RecordBatch[]
let random: SeededRandom

beforeEach(() => {
  fileSystem = new MemoryFileSystem()
  fileSystem.makeDirectory(DIRECTORY)
  batches = []
  random = new SeededRandom('metadata')
})

function open(): MetadataLog {
  return MetadataLog.open({
    storage: arrayMetadataStorage(batches),
    fileSystem,
    directory: DIRECTORY,
    clock: new ManualClock(),
  })
}

function start(wasCleanStop = true): MetadataLog {
  const log = open()
  registerNode(log, node, random, wasCleanStop)
  return log
}

/** A topic of two partitions. */
function topicRecords(name = 'orders', topicId = TOPIC): MetadataRecord[] {
  const partition = { topicId, replicas: [1], isr: [1], removingReplicas: [], addingReplicas: [], leader: 1 }
  return [
    metadataRecord(topicRecord, { name, topicId }),
    ...[0, 1].map(partitionId =>
      metadataRecord(partitionRecord, { ...partition, partitionId, leaderEpoch: 0, partitionEpoch: 0 }),
    ),
  ]
}

describe('a new metadata log', () => {
  test('begins with what a real Kafka begins with', () => {
    const log = start()
    expect(Object.fromEntries(log.image.features)).toEqual({
      'metadata.version': 30,
      'eligible.leader.replicas.version': 1,
      'group.version': 1,
      'share.version': 1,
      'streams.version': 1,
      'transaction.version': 2,
    })
    expect([...log.image.configs('broker', '')]).toEqual([['min.insync.replicas', '1']])
    expect(log.image.broker(1)).toMatchObject({ endpoints: [listener], isFenced: false, epoch: 13n })
    expect(batches[0]).toMatchObject({ isControl: true, leaderEpoch: 1, recordCount: 3, baseOffset: 0 })
    expect(fileSystem.list(DIRECTORY).sort()).toEqual(['00000000000000000000-0000000000.checkpoint', 'quorum-state'])
  })

  test('has the control records, the vote and the first snapshot that a real Kafka wrote', () => {
    const log = open()
    const endpoint = { name: 'CONTROLLER', host: '127.0.0.1', port: 20592 }
    log.startTerm({ nodeId: 1, directoryId: node.directoryId, endpoints: [endpoint] })
    const [termStart] = goldenBatches('00000000000000000000.log')
    expect(batches.map(valuesOf)).toEqual([termStart === undefined ? [] : valuesOf(termStart)])
    expect(fileSystem.readFile(`${DIRECTORY}/quorum-state`).toString()).toBe(
      readFileSync(join(GOLDEN, 'quorum-state'), 'utf8'),
    )
    // The very first record of a snapshot holds the time of its writing.
    const shapeOf = (of: RecordBatch[]) => of.map(batch => [batch.baseOffset, valuesOf(batch).slice(1)])
    const snapshot = '00000000000000000000-0000000000.checkpoint'
    const ours = recordBatchesIn(fileSystem.readFile(`${DIRECTORY}/${snapshot}`))
    expect(shapeOf(ours)).toEqual(shapeOf(goldenBatches(snapshot)))
  })

  test('takes no records before its term starts, and no more than one batch holds', () => {
    const log = open()
    expect(() => log.append([metadataRecord(noOpRecord, {})])).toThrow('before its term starts')
    registerNode(log, node, random, true)
    const many = new Array<MetadataRecord>(10_001).fill(metadataRecord(noOpRecord, {}))
    expect(() => log.append(many)).toThrow('10001 records are more than the 10000')
  })
})

describe('a restart', () => {
  test('leads to the same image, in a new term', () => {
    const before = start()
    before.append(topicRecords())
    before.append([
      metadataRecord(configRecord, { resourceType: 2, resourceName: 'orders', name: 'retention.ms', value: '5' }),
    ])
    const after = open()
    expect([...after.image.topics()]).toEqual([...before.image.topics()])
    expect([...after.image.configs('topic', 'orders')]).toEqual([['retention.ms', '5']])
    expect(after.image.metadataOffset).toBe(before.image.metadataOffset)
    registerNode(after, { ...node, listeners: [{ ...listener, port: 1234 }] }, random, true)
    expect(after.leaderEpoch).toBe(2)
    expect(after.image.broker(1)?.endpoints[0]?.port).toBe(1234)
    expect(after.image.topicByName('orders')?.partitions[0]).toMatchObject({ leader: 1, leaderEpoch: 0 })
  })

  test('after a crash gives every partition a new leader epoch', () => {
    start().append(topicRecords())
    const after = start(false)
    expect(after.image.topicByName('orders')?.partitions).toMatchObject([
      { leader: 1, leaderEpoch: 1, partitionEpoch: 1 },
      { leader: 1, leaderEpoch: 1, partitionEpoch: 1 },
    ])
  })

  test('drops a transaction that its controller did not end', () => {
    const before = start()
    before.append([metadataRecord(beginTransactionRecord, { name: 'half' }), ...topicRecords()])
    expect(before.image.topicByName('orders')).toBeUndefined()
    const after = start()
    expect(after.image.isInTransaction).toBe(false)
    after.append(topicRecords())
    expect(after.image.topicByName('orders')?.id).toBe(TOPIC)
  })

  test('reads the newest snapshot and only what follows it', () => {
    const before = start()
    before.append(topicRecords())
    const end = before.endOffset
    before.append(topicRecords('later', 'AQECAwQFBgcICQoLDA0ODw'))
    const newest = `${String(end).padStart(20, '0')}-0000000001.checkpoint`
    const golden = readFileSync(join(GOLDEN, '00000000000000000000-0000000000.checkpoint'))
    fileSystem.writeFileAtomically(`${DIRECTORY}/${newest}`, golden)
    const names = [...open().image.topics()].map(topic => topic.name)
    expect(names).toEqual(['later'])
    fileSystem.writeFileAtomically(`${DIRECTORY}/${newest}`, golden.subarray(0, 100))
    expect(open).toThrow('its end is missing')
  })
})

describe('listeners', () => {
  test('are told what an append changed, after the image has it', () => {
    const log = start()
    const seen: unknown[] = []
    const stop = log.onChange(delta => {
      seen.push({
        grown: [...delta.grownTopics].map(topic => [topic.name, topic.partitions.length]),
        deleted: [...delta.deletedTopics].map(topic => topic.name),
        changed: [...delta.changedPartitions.values()].map(({ topic, index }) => `${topic.name}-${index}`),
        configs: [...delta.changedConfigs.values()],
      })
    })
    log.append(topicRecords())
    log.append([metadataRecord(partitionChangeRecord, { topicId: TOPIC, partitionId: 1, leader: 1 })])
    log.append([metadataRecord(configRecord, { resourceType: 2, resourceName: 'orders', name: 'a', value: 'b' })])
    log.append([metadataRecord(removeTopicRecord, { topicId: TOPIC })])
    stop()
    log.append(topicRecords())
    const nothing = { grown: [], deleted: [], changed: [], configs: [] }
    expect(seen).toEqual([
      { ...nothing, grown: [['orders', 2]] },
      { ...nothing, changed: ['orders-1'] },
      { ...nothing, configs: [{ type: 'topic', name: 'orders' }] },
      { ...nothing, deleted: ['orders'] },
    ])
    expect([...log.image.configs('topic', 'orders')]).toEqual([])
  })
})

describe('a directory that a real Kafka wrote', () => {
  beforeEach(() => {
    for (const file of readdirSync(GOLDEN)) {
      fileSystem.writeFileAtomically(`${DIRECTORY}/${file}`, readFileSync(join(GOLDEN, file)))
    }
    batches.push(...goldenBatches('00000000000000000000.log'))
  })

  test('gives its topics, ids, partitions, configs, features and producer ids', () => {
    const { image } = open()
    expect(
      Object.fromEntries([...image.topics()].map(topic => [topic.name, [topic.id, topic.partitions.length]])),
    ).toEqual({
      events: ['Tn6lmnAJQO2QrQuqVKJNeQ', 2],
      'append-time': ['JmLASAbGQFmT0BBzzFTXlg', 1],
      compacted: ['fPyfVqbsSKGJ0iS1aVsRIQ', 1],
      indexed: ['l5EHydpKQDW450jj8KzJvw', 1],
      pending: ['eoMPZVjFQtiHFqsVC0MFpw', 1],
      __transaction_state: ['Mf4KIQgwR8KWu2hkJQ_qFA', 2],
      __consumer_offsets: ['Nq9vOH-wQwa6wuZVW8qbwA', 2],
    })
    expect(Object.fromEntries(image.configs('topic', 'events'))).toEqual({
      'segment.ms': '600000',
      'retention.ms': '-1',
      'min.insync.replicas': '1',
    })
    expect(image.nextProducerId).toBe(1000)
    expect(image.features.get('metadata.version')).toBe(30)
    expect(image.broker(1)).toMatchObject({ isFenced: true, epoch: 14n })
    expect(image.topicByName('events')?.partitions[1]).toMatchObject({ leader: -1, leaderEpoch: 1, isr: [] })
  })

  test('is led on from where it stopped', () => {
    const log = start()
    expect(log.leaderEpoch).toBe(2)
    expect(log.image.broker(1)).toMatchObject({ isFenced: false, endpoints: [listener] })
    for (const topic of log.image.topics()) {
      for (const partition of topic.partitions) {
        expect(partition).toMatchObject({ leader: 1, leaderEpoch: 2, partitionEpoch: 2, isr: [1], lastKnownElr: [] })
      }
    }
  })

  test('is refused where it belongs to another node', () => {
    expect(() => registerNode(open(), { ...node, nodeId: 2 }, random, true)).toThrow(
      'the data directory cannot be opened: broker 1 is registered in it, and this is node 2',
    )
  })
})

describe('what cannot be led', () => {
  test('a record of an unknown type or version', () => {
    const log = start()
    const unknownType = new Writer('record')
    for (const byte of [1, 99, 0]) unknownType.unsignedVarint(byte)
    const type: MetadataRecord = { type: 'New', message: {}, value: unknownType.toBytes() }
    expect(() => log.append([type])).toThrow('a record of type 99 at offset 15, which Kafka 4.3 does not know')
    const newer = metadataRecord(topicRecord, { name: 'a', topicId: TOPIC })
    newer.value[2] = 9
    expect(() => log.append([newer])).toThrow('version 9 is outside 0 to 0')
  })

  test('a cluster of two nodes', () => {
    const log = start()
    const other = { brokerId: 2, brokerEpoch: 5n, incarnationId: ZERO_UUID, endPoints: [], features: [], rack: null }
    log.append([metadataRecord(registerBrokerRecord, other)])
    expect(start).toThrow('broker 2 is registered in it, and this is node 1')
  })

  test('a replica elsewhere, or a feature level from the future', () => {
    const log = start()
    log.append(topicRecords())
    log.append([metadataRecord(partitionChangeRecord, { topicId: TOPIC, partitionId: 0, replicas: [1, 3] })])
    expect(start).toThrow('partition orders-0 has a replica on node 3')
    log.append([metadataRecord(removeTopicRecord, { topicId: TOPIC })])
    log.append([metadataRecord(featureLevelRecord, { name: 'transaction.version', featureLevel: 3 })])
    expect(start).toThrow('it uses the feature transaction.version at level 3')
  })

  test('a log that contradicts itself', () => {
    const log = start()
    const change = metadataRecord(partitionChangeRecord, { topicId: TOPIC, partitionId: 0, leader: 1 })
    expect(() => log.append([change])).toThrow(`is of the topic with id ${TOPIC}, which is not there`)
    log.append(topicRecords())
    expect(() => log.append(topicRecords())).toThrow("creates topic 'orders', which is there")
  })
})

function goldenBatches(file: string): RecordBatch[] {
  return recordBatchesIn(readFileSync(join(GOLDEN, file)))
}

function recordBatchesIn(bytes: Uint8Array): RecordBatch[] {
  return [...batchesIn(bytes)].filter(batch => batch instanceof RecordBatch)
}

function valuesOf(batch: RecordBatch): string[] {
  const values: string[] = []
  const records = batch.records()
  while (records.next()) values.push(Buffer.from(records.value() ?? []).toString('hex'))
  return values
}
