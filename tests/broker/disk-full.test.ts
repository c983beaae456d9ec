/**
 * A disk that is full, and one that became read-only, under a running broker: nothing acknowledged is lost, reading goes
 * on, and when there is room again everything goes on without a restart.
 */
import { join } from 'node:path'
import { type Broker, createBroker } from '@samsa/broker'
import { DiskFileSystem } from '@samsa/broker/internal'
import { describe, expect, test } from 'vitest'
import { eventually } from '../behaviour/eventually.js'
import { temporaryFolder } from '../interop/temporary-folder.js'
import { keptLines } from './kept-lines.js'
import { PlainClient } from './plain-client.js'
import { SmallVolume } from './small-volume.js'

/** Everything that happens from time to time happens often, and segments are small. */
const PROPERTIES = {
  'log.segment.bytes': '1048576',
  'log.index.interval.bytes': '64',
  'log.flush.offset.checkpoint.interval.ms': '50',
  'log.retention.check.interval.ms': '50',
}

interface Setup {
  readonly volume: SmallVolume
  readonly client: PlainClient
  readonly lines: string[]
  /** Does something while the broker is stopped. */
  readonly restart: (meanwhile?: () => void) => Promise<PlainClient>
}

const volumeOrReason = SmallVolume.make(1)
const reason = typeof volumeOrReason === 'string' ? ` (${volumeOrReason})` : ''
if (typeof volumeOrReason !== 'string') volumeOrReason.remove()

/** A broker on a volume of its own, for the time of `work`. */
async function onSmallVolume(
  options: { readonly flush?: 'os' | 'always'; readonly fileSystem?: DiskFileSystem },
  work: (setup: Setup) => Promise<void>,
): Promise<void> {
  const volume = SmallVolume.make(16)
  if (typeof volume === 'string') throw new Error(volume)
  const { logger, lines } = keptLines()
  let broker: Broker | undefined
  const clients: PlainClient[] = []
  const restart = async (meanwhile: () => void = () => {}): Promise<PlainClient> => {
    await broker?.close()
    meanwhile()
    broker = await createBroker({
      port: 0,
      dataDir: join(volume.path, 'data'),
      properties: PROPERTIES,
      logger,
      ...options,
    })
    const client = await PlainClient.connect(broker.bootstrapServers)
    clients.push(client)
    return client
  }
  try {
    await work({ volume, client: await restart(), lines, restart })
  } finally {
    for (const client of clients) client.close()
    await broker?.close()
    volume.remove()
  }
}

describe.skipIf(reason !== '')(`a disk in trouble${reason}`, () => {
  test.each(['os', 'always'] as const)(
    'that is full refuses records and keeps those it has, and takes new ones when there is room (flush %s)',
    async flush => {
      await onSmallVolume({ flush }, async ({ volume, client, lines, restart }) => {
        expect(await client.createTopic('events', 2)).toBe('NONE')
        const stored: string[] = []
        const produce = async (size: number): Promise<string> => {
          const value = `${stored.length} ${'.'.repeat(size)}`
          const code = await client.produce('events', 0, value)
          if (code === 'NONE') stored.push(value)
          return code
        }
        for (let index = 0; index < 200; index++) expect(await produce(index * 5)).toBe('NONE')
        for (let round = 0; round < 3; round++) {
          volume.fill()
          // Small ones first fill what is left of blocks that are taken.
          const codes = new Set<string>()
          for (let index = 0; index < 150; index++) codes.add(await produce(index < 100 ? 10 : 9000))
          expect([...codes].sort()).toEqual(['KAFKA_STORAGE_ERROR', 'NONE'])
          expect(await produce(9000)).toBe('KAFKA_STORAGE_ERROR')
          expect(await client.fetchAll('events', 0)).toEqual(stored)
          volume.empty()
          for (let index = 0; index < 60; index++) expect(await produce(2000)).toBe('NONE')
        }
        expect(await client.fetchAll('events', 0)).toEqual(stored)
        expect(await client.produce('events', 1, 'other')).toBe('NONE')
        const refusals = lines.filter(line => line.includes('the disk takes no records of a log'))
        expect(refusals.length).toBeLessThan(10)
        expect(refusals[0]).toContain('no space left on device')
        expect(lines.some(line => line.includes('the disk takes records of a log again'))).toBe(true)
        expect(lines.filter(line => line.includes('offline'))).toEqual([])
        // A stop that has no room to be a clean one, and a start that finds room again.
        volume.fill()
        const after = await restart(() => volume.empty())
        expect(await after.fetchAll('events', 0)).toEqual(stored)
        expect(await after.fetchAll('events', 1)).toEqual(['other'])
        expect(await after.produce('events', 0, 'after')).toBe('NONE')
      })
    },
  )

  test('that is full refuses topics, and makes the logs of those that it could take later', async () => {
    await onSmallVolume({}, async ({ volume, client, lines, restart }) => {
      expect(await client.createTopic('before', 1)).toBe('NONE')
      volume.fill()
      expect(await client.createTopic('large', 200)).toBe('KAFKA_STORAGE_ERROR')
      expect(await client.produce('large', 0, 'a')).toBe('UNKNOWN_TOPIC_OR_PARTITION')
      // The record of a small one has room in the block that the metadata log has; its directory has none.
      expect(await client.createTopic('small', 1)).toBe('NONE')
      expect(await client.produce('small', 0, 'a')).toBe('KAFKA_STORAGE_ERROR')
      expect(lines.filter(line => line.includes('the log does not follow the metadata'))).toHaveLength(1)
      volume.empty()
      expect(await client.createTopic('large', 200)).toBe('NONE')
      await eventually(async () => ((await client.produce('small', 0, 'a')) === 'NONE' ? true : undefined))
      expect(await client.produce('large', 199, 'a')).toBe('NONE')
      const after = await restart()
      for (const [topic, partition] of [
        ['small', 0],
        ['large', 199],
      ] as const) {
        expect(await after.fetchAll(topic, partition)).toEqual(['a'])
      }
    })
  })

  test('that is full gets room by retention', async () => {
    await onSmallVolume({}, async ({ volume, client, restart }) => {
      const configs = { 'retention.bytes': '1048576', 'file.delete.delay.ms': '0' }
      expect(await client.createTopic('short', 1, configs)).toBe('NONE')
      // Three megabytes: less than a tenth of what comes.
      volume.fill(750)
      let stored = 0
      for (let index = 0; index < 400; index++) {
        const value = `${index} ${'.'.repeat(90_000)}`
        await eventually(async () => ((await client.produce('short', 0, value)) === 'NONE' ? true : undefined))
        stored++
      }
      expect(stored).toBe(400)
      expect(await client.fetchAll('short', 0)).toBe('OFFSET_OUT_OF_RANGE')
      expect(await client.fetchAll('short', 0, 395)).toHaveLength(5)
      const after = await restart()
      expect(await after.produce('short', 0, 'after')).toBe('NONE')
    })
  })

  test('that became read-only is read, refuses what would change it, and is written when it no longer is', async () => {
    const other = temporaryFolder()
    // With one file open at most, another one lets go of the last that is open for writing, as the system demands.
    const fileSystem = new DiskFileSystem({ maxOpenFiles: 1 })
    try {
      await onSmallVolume({ fileSystem }, async ({ volume, client, lines }) => {
        for (const topic of ['events', 'moving']) expect(await client.createTopic(topic, 1)).toBe('NONE')
        expect(await client.produce('moving', 0, 'first')).toBe('NONE')
        const stored = Array.from({ length: 100 }, (_, index) => `${index} ${'.'.repeat(1000)}`)
        for (const value of stored) expect(await client.produce('events', 0, value)).toBe('NONE')
        const elsewhere = fileSystem.open(join(other.path, 'file'), { create: true })
        await eventually(async () => {
          elsewhere.append([Buffer.from('x')])
          return volume.makeReadOnly() ? true : undefined
        })
        expect(await client.produce('events', 0, 'refused')).toBe('KAFKA_STORAGE_ERROR')
        expect(await client.createTopic('more', 1)).toBe('KAFKA_STORAGE_ERROR')
        expect(await client.fetchAll('events', 0)).toEqual(stored)
        // Work that is done from time to time meets it too, where there is any to do.
        expect(await client.deleteRecords('moving', 0, 1n)).toBe('KAFKA_STORAGE_ERROR')
        await eventually(async () => lines.find(line => line.includes('write checkpoints')))
        volume.makeWritable()
        expect(await client.produce('events', 0, 'again')).toBe('NONE')
        expect(await client.createTopic('more', 1)).toBe('NONE')
        expect(await client.fetchAll('events', 0)).toEqual([...stored, 'again'])
        elsewhere.close()
      })
    } finally {
      other.remove()
    }
  })
})
