/**
 * A coordinator that has a long log to load: what is asked meanwhile is told to come again, what is read at a time is
 * bounded, and afterwards everything is there.
 */
import { describeGroups, findCoordinator, listGroups, offsetCommit } from '@samsa/protocol'
import { expect, test } from 'vitest'
import { codeOf } from '../cluster/partitions.js'
import { startBroker, type TestClient } from '../handlers/test-broker.js'
import { override } from '../log/test-log.js'
import type { FileSystem } from '../storage/file-system.js'
import { MemoryFileSystem } from '../storage/memory.js'
import { commitOffset, committedOf, GroupMember } from './test-groups.js'

const LOADING = codeOf('COORDINATOR_LOAD_IN_PROGRESS')
const PARTITIONS = 500
const COMMITS = 40
const LOAD_BYTES = 100_000
/** A read begins where the index knows a position, and may end behind a batch. */
const MORE_BYTES = 16_384
/** Of one commit of all partitions, and less than what is read at once. */
const MOST_BATCH_BYTES = 60_000
const MOST_TRIES = 10_000

async function commitAll(client: TestClient, offset: number): Promise<void> {
  const partitions = Array.from({ length: PARTITIONS }, (_, partitionIndex) => ({
    partitionIndex,
    committedOffset: BigInt(offset),
    committedMetadata: '',
  }))
  const { topics } = await client.request(offsetCommit, 9, { groupId: 'g', topics: [{ name: 't', partitions }] })
  expect(topics[0]?.partitions.every(({ errorCode }) => errorCode === 0)).toBe(true)
}

/** A long log of one group's, and a member in another group of the same partition. */
async function write(fileSystem: FileSystem) {
  const properties = { 'offsets.topic.num.partitions': '1', 'group.initial.rebalance.delay.ms': '0' }
  const { client, broker, createTopic } = await startBroker({ fileSystem, dataDir: '/data', properties })
  await client.request(findCoordinator, 6, { keyType: 0, coordinatorKeys: ['g'] })
  await createTopic('t', PARTITIONS)
  const member = new GroupMember(client, { groupId: 'm' })
  expect(await member.join()).toBe(0)
  expect(await member.sync({ [member.memberId]: 'all' })).toBe('all')
  for (let offset = 1; offset <= COMMITS; offset++) await commitAll(client, offset)
  await broker.close()
  return member
}

/** Counts what is read of the groups' log, and lets reads go on when it is told to. */
function watched(disk: FileSystem) {
  const reads: number[] = []
  let release = (): void => undefined
  const released = new Promise<void>(resolve => {
    release = resolve
  })
  const fileSystem = override<FileSystem>(disk, {
    open(path, options) {
      const handle = disk.open(path, options)
      if (!(path.includes('__consumer_offsets') && path.endsWith('.log'))) return handle
      return override(handle, {
        async read(position, target) {
          await released
          reads.push(target.length)
          return handle.read(position, target)
        },
      })
    },
  })
  return { fileSystem, reads, release }
}

test('requests are told to come again while it loads, and answered then; it reads a portion at a time', async () => {
  const disk = new MemoryFileSystem()
  const written = await write(disk)
  const { fileSystem, reads, release } = watched(disk)
  const properties = { 'offsets.load.buffer.size': String(LOAD_BYTES) }
  const { client, broker } = await startBroker({ fileSystem, dataDir: '/data', recentBytes: 0, properties })
  const member = new GroupMember(client, { groupId: 'm' })
  const commit = { topic: 't', partition: 0, offset: COMMITS + 1 }
  const described = client.request(describeGroups, 6, { groups: ['g'] })
  const listed = client.request(listGroups, 5, {})
  const refused = [member.join(), member.heartbeat(), member.leave(), commitOffset(client, 'g', commit)]
  const fetched = committedOf(client, 'g')
  expect((await described).groups[0]?.errorCode).toBe(LOADING)
  expect((await listed).errorCode).toBe(LOADING)
  expect(await Promise.all(refused)).toEqual(refused.map(() => LOADING))
  expect(await fetched).toBe(LOADING)
  release()
  let offsets = await committedOf(client, 'g')
  for (let tries = 0; offsets === LOADING && tries < MOST_TRIES; tries++) offsets = await committedOf(client, 'g')
  expect(offsets).toEqual(Array.from({ length: PARTITIONS }, (_, index) => `t-${index}=${COMMITS}`).sort())
  expect((await client.request(listGroups, 5, {})).groups.map(({ groupId }) => groupId).sort()).toEqual(['g', 'm'])
  Object.assign(member, { memberId: written.memberId, generationId: written.generationId })
  expect(await member.heartbeat()).toBe(0)
  expect(await commitOffset(client, 'g', commit)).toBe(0)
  const large = reads.filter(bytes => bytes > MOST_BATCH_BYTES)
  expect(large.length).toBeGreaterThan(5)
  expect(Math.max(...reads)).toBeLessThanOrEqual(LOAD_BYTES + MORE_BYTES)
  await broker.close()
})
