/**
 * Directories of partitions that cannot be opened: each takes down its own partition, which answers with a storage error,
 * and the broker says once why. All others are served.
 */
import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { createBroker } from '@samsa/broker'
import { BatchBuilder, crc32c, describeLogDirs, MAX_TIMESTAMP_AT } from '@samsa/protocol'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { connectTo } from '../interop/stored-batches.js'
import { type TemporaryFolder, temporaryFolder } from '../interop/temporary-folder.js'
import { keptLines } from './kept-lines.js'
import { PlainClient } from './plain-client.js'

const LOG = '00000000000000000000.log'
/** In a batch, of what stands behind it. */
const CRC_AT = 17
const PARTITIONS = 3

let folder: TemporaryFolder

beforeEach(() => {
  folder = temporaryFolder()
})

afterEach(() => folder.remove())

async function writeEverywhere(): Promise<void> {
  const broker = await createBroker({ port: 0, dataDir: folder.path, topics: { events: { partitions: PARTITIONS } } })
  const client = await PlainClient.connect(broker.bootstrapServers)
  for (let partition = 0; partition < PARTITIONS; partition++) {
    expect(await client.produce('events', partition, `value ${partition}`)).toBe('NONE')
  }
  client.close()
  await broker.close()
}

const partitionFolder = (): string => join(folder.path, 'events-1')

test.each<[string, string, () => void]>([
  [
    'a directory in the place of its log',
    'illegal operation on a directory',
    () => {
      rmSync(join(partitionFolder(), LOG))
      mkdirSync(join(partitionFolder(), LOG))
      writeFileSync(join(partitionFolder(), LOG, 'inside'), '')
    },
  ],
  [
    'a batch that is intact and makes no sense',
    'is intact, but Samsa cannot read it',
    () => {
      rmSync(join(folder.path, '.kafka_cleanshutdown'))
      const builder = new BatchBuilder()
      builder.append(0, null, 'from far away')
      const batch = builder.close()
      batch.writeBigInt64BE(2n ** 60n, MAX_TIMESTAMP_AT)
      batch.writeUInt32BE(crc32c(batch, CRC_AT + 4), CRC_AT)
      writeFileSync(join(partitionFolder(), LOG), batch)
    },
  ],
  [
    'a directory in the place of its topic id',
    'illegal operation on a directory',
    () => {
      rmSync(join(partitionFolder(), 'partition.metadata'))
      mkdirSync(join(partitionFolder(), 'partition.metadata'))
    },
  ],
])('%s takes down that partition alone', async (_, why, damage) => {
  await writeEverywhere()
  damage()
  const { logger, lines } = keptLines()
  const broker = await createBroker({ port: 0, dataDir: folder.path, logger })
  const client = await PlainClient.connect(broker.bootstrapServers)
  try {
    const failures = lines.filter(line => line.includes(partitionFolder()) && line.includes(why))
    expect(failures, lines.join('\n')).toHaveLength(1)
    expect(await client.fetchAll('events', 1)).toBe('KAFKA_STORAGE_ERROR')
    expect(await client.produce('events', 1, 'lost')).toBe('KAFKA_STORAGE_ERROR')
    for (const partition of [0, 2]) {
      expect(await client.produce('events', partition, 'more')).toBe('NONE')
      expect(await client.fetchAll('events', partition)).toEqual([`value ${partition}`, 'more'])
    }
    expect(await describedPartitions(broker.bootstrapServers)).toEqual([0, 2])
    // Who deletes the topic is rid of it.
    expect(await client.deleteTopic('events')).toBe('NONE')
    expect(await client.createTopic('events', PARTITIONS)).toBe('NONE')
    expect(await client.produce('events', 1, 'new')).toBe('NONE')
  } finally {
    client.close()
    await broker.close()
  }
})

test('a directory that names another topic is set aside with all it holds, as Kafka does, and its partition begins anew', async () => {
  await writeEverywhere()
  const metadata = join(partitionFolder(), 'partition.metadata')
  const held = readFileSync(join(partitionFolder(), LOG))
  writeFileSync(metadata, 'version: 0\ntopic_id: Tn6lmnAJQO2QrQuqVKJNeQ')
  const { logger, lines } = keptLines()
  const broker = await createBroker({ port: 0, dataDir: folder.path, logger })
  const client = await PlainClient.connect(broker.bootstrapServers)
  try {
    expect(lines.filter(line => line.includes('belongs to no topic and is set aside'))).toHaveLength(1)
    expect(await client.fetchAll('events', 1)).toEqual([])
    expect(await client.produce('events', 1, 'anew')).toBe('NONE')
    expect(await client.fetchAll('events', 2)).toEqual(['value 2'])
    const strays = readdirSync(folder.path).filter(name => name.endsWith('-stray'))
    expect(strays).toHaveLength(1)
    expect(readFileSync(join(folder.path, strays[0] ?? '', LOG)).equals(held)).toBe(true)
    expect(await describedPartitions(broker.bootstrapServers)).toEqual([0, 1, 2])
  } finally {
    client.close()
    await broker.close()
  }
})

test('a file in the place of a directory takes down that partition alone, until it is gone and the broker starts again', async () => {
  await writeEverywhere()
  const elsewhere = join(folder.path, 'elsewhere')
  renameSync(partitionFolder(), elsewhere)
  writeFileSync(partitionFolder(), '')
  const { logger, lines } = keptLines()
  const broker = await createBroker({ port: 0, dataDir: folder.path, logger })
  const client = await PlainClient.connect(broker.bootstrapServers)
  expect(await client.produce('events', 1, 'lost')).toBe('KAFKA_STORAGE_ERROR')
  expect(await client.fetchAll('events', 2)).toEqual(['value 2'])
  expect(lines.filter(line => line.includes(partitionFolder()))).toHaveLength(1)
  client.close()
  await broker.close()
  rmSync(partitionFolder())
  renameSync(elsewhere, partitionFolder())
  const again = await createBroker({ port: 0, dataDir: folder.path })
  const later = await PlainClient.connect(again.bootstrapServers)
  expect(await later.fetchAll('events', 1)).toEqual(['value 1'])
  later.close()
  await again.close()
})

/** Partitions of the topic, as DescribeLogDirs tells them, all with their size. */
async function describedPartitions(address: string): Promise<number[]> {
  const connection = await connectTo(address)
  try {
    const { errorCode, results } = await connection.request(describeLogDirs, 4, { topics: null })
    expect([errorCode, results.map(result => result.errorCode)]).toEqual([0, [0]])
    const partitions = results[0]?.topics.find(({ name }) => name === 'events')?.partitions ?? []
    expect(partitions.every(({ partitionSize }) => partitionSize > 0n)).toBe(true)
    return partitions.map(({ partitionIndex }) => partitionIndex).sort()
  } finally {
    connection.close()
  }
}
