/**
 * A disk that fails for one file of a running broker: that partition says so, all others go on, and a start finds what is
 * there.
 */
import { createBroker } from '@samsa/broker'
import { DiskFileSystem, nodeCalls } from '@samsa/broker/internal'
import { expect, test } from 'vitest'
import { temporaryFolder } from '../interop/temporary-folder.js'
import { keptLines } from './kept-lines.js'
import { PlainClient } from './plain-client.js'

/** Fails with EIO what is done to files whose path has `part` in it, while `failing` says so. */
function failingDisk(part: string): { readonly fileSystem: DiskFileSystem; failing: 'sync' | 'read' | undefined } {
  const state: { failing: 'sync' | 'read' | undefined } = { failing: undefined }
  const concerned = new Set<number>()
  const error = (): Error => Object.assign(new Error('EIO: i/o error, call'), { code: 'EIO' })
  const mustFail = (kind: 'sync' | 'read', descriptor: number): boolean =>
    state.failing === kind && concerned.has(descriptor)
  const fileSystem = new DiskFileSystem({
    calls: {
      open(path, flags) {
        const descriptor = nodeCalls.open(path, flags)
        if (path.includes(part)) concerned.add(descriptor)
        else concerned.delete(descriptor)
        return descriptor
      },
      sync(descriptor, done) {
        if (mustFail('sync', descriptor)) done(error())
        else nodeCalls.sync(descriptor, done)
      },
      async read(descriptor, ...rest) {
        if (mustFail('read', descriptor)) throw error()
        return await nodeCalls.read(descriptor, ...rest)
      },
    },
  })
  return Object.assign(state, { fileSystem })
}

const TOPICS = { events: { partitions: 2 } }

test('a partition whose log cannot be synced is offline until the next start, and the other is served', async () => {
  const folder = temporaryFolder()
  const disk = failingDisk('events-1/00000000000000000000.log')
  const { logger, lines } = keptLines()
  const options = { port: 0, dataDir: folder.path, topics: TOPICS, flush: 'always', logger } as const
  const broker = await createBroker({ ...options, fileSystem: disk.fileSystem })
  const client = await PlainClient.connect(broker.bootstrapServers)
  try {
    for (const partition of [0, 1]) expect(await client.produce('events', partition, 'kept')).toBe('NONE')
    disk.failing = 'sync'
    expect(await client.produce('events', 1, 'in doubt')).toBe('KAFKA_STORAGE_ERROR')
    disk.failing = undefined
    expect(await client.produce('events', 1, 'refused')).toBe('KAFKA_STORAGE_ERROR')
    expect(await client.fetchAll('events', 1)).toBe('KAFKA_STORAGE_ERROR')
    expect(await client.produce('events', 0, 'more')).toBe('NONE')
    expect(await client.fetchAll('events', 0)).toEqual(['kept', 'more'])
    expect(lines.filter(line => line.includes('use events-1') && line.includes('EIO'))).toHaveLength(1)
  } finally {
    client.close()
    await broker.close()
  }
  const again = await createBroker(options)
  const later = await PlainClient.connect(again.bootstrapServers)
  try {
    // What was answered with an error may be there; nothing acknowledged is missing.
    expect(await later.fetchAll('events', 1)).toEqual(['kept', 'in doubt'])
    expect(await later.fetchAll('events', 0)).toEqual(['kept', 'more'])
    expect(await later.produce('events', 1, 'goes on')).toBe('NONE')
  } finally {
    later.close()
    await again.close()
    folder.remove()
  }
})

test('a read that fails is answered with a storage error, and the next one reads', async () => {
  const folder = temporaryFolder()
  const disk = failingDisk('events-1/00000000000000000000.log')
  const broker = await createBroker({
    port: 0,
    dataDir: folder.path,
    topics: TOPICS,
    recentBytes: 0,
    fileSystem: disk.fileSystem,
  })
  const client = await PlainClient.connect(broker.bootstrapServers)
  try {
    for (const partition of [0, 1]) expect(await client.produce('events', partition, 'kept')).toBe('NONE')
    disk.failing = 'read'
    expect(await client.fetchAll('events', 1)).toBe('KAFKA_STORAGE_ERROR')
    expect(await client.fetchAll('events', 0)).toEqual(['kept'])
    expect(await client.produce('events', 1, 'more')).toBe('NONE')
    disk.failing = undefined
    expect(await client.fetchAll('events', 1)).toEqual(['kept', 'more'])
  } finally {
    client.close()
    await broker.close()
    folder.remove()
  }
})
