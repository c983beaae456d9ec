import { topicRecord } from '@samsa/protocol'
import { ManualClock, SeededRandom } from '@samsa/runtime'
import { expect, test } from 'vitest'
import type { PartitionLog } from '../log/partition-log.js'
import { openLog } from '../log/test-log.js'
import type { FileSystem } from '../storage/file-system.js'
import { MemoryFileSystem } from '../storage/memory.js'
import { MetadataLog } from './metadata-log.js'
import { metadataRecord } from './metadata-records.js'
import { partitionMetadataStorage } from './metadata-storage.js'
import { registerNode } from './registration.js'

const DIRECTORY = '/data/__cluster_metadata-0'
const listener = { name: 'PLAINTEXT', host: 'localhost', port: 9092, securityProtocol: 0 }
const node = {
  nodeId: 1,
  directoryId: '9LxQPCF2tfGINvzERJDEQA',
  listeners: [listener],
  controllerListener: listener,
  rack: null,
}

function openPartition(fileSystem: FileSystem): PartitionLog {
  return openLog({ fileSystem, directory: DIRECTORY, topic: '__cluster_metadata', partition: 0 }).log
}

function openMetadata(fileSystem: FileSystem, log: PartitionLog): MetadataLog {
  const storage = partitionMetadataStorage(log, fileSystem, DIRECTORY)
  return MetadataLog.open({ storage, fileSystem, directory: DIRECTORY, clock: new ManualClock() })
}

test('the metadata log lives in the log of a partition, over segments and restarts', async () => {
  const fileSystem = new MemoryFileSystem()
  const random = new SeededRandom('storage')
  const first = openPartition(fileSystem)
  const before = openMetadata(fileSystem, first)
  registerNode(before, node, random, true)
  before.append([metadataRecord(topicRecord, { name: 'a', topicId: 'AAECAwQFBgcICQoLDA0ODw' })])
  first.roll()
  before.append([metadataRecord(topicRecord, { name: 'b', topicId: 'AQECAwQFBgcICQoLDA0ODw' })])
  expect(first.segmentCount).toBe(2)
  expect(first.highWatermark).toBe(before.endOffset)
  await before.sync()
  expect(first.recoveryPoint).toBe(before.endOffset)
  first.close()

  const second = openPartition(fileSystem)
  const after = openMetadata(fileSystem, second)
  expect([...after.image.topics()].map(topic => topic.name)).toEqual(['a', 'b'])
  expect(after.image.broker(1)).toEqual(before.image.broker(1))
  registerNode(after, node, random, true)
  expect([after.leaderEpoch, second.latestLeaderEpoch]).toEqual([2, 2])
  second.close()
})
