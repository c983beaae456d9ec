import { findCoordinator } from '@samsa/protocol'
import { describe, expect, test } from 'vitest'
import { codeOf } from '../cluster/partitions.js'
import { startBroker } from '../handlers/test-broker.js'
import { override } from '../log/test-log.js'
import type { FileSystem } from '../storage/file-system.js'
import { MemoryFileSystem } from '../storage/memory.js'
import { StorageError } from '../storage/storage-error.js'
import { commitOffset, committedOf, GroupMember } from './test-groups.js'

/** A disk whose files of the groups' topic take nothing while it is full, and whose syncs fail while it is broken. */
function troubledDisk() {
  const disk = new MemoryFileSystem()
  const state = { isFull: false, isBroken: false, why: 'EIO' }
  const fileSystem = override<FileSystem>(disk, {
    open(path, options) {
      const handle = disk.open(path, options)
      if (!path.includes('__consumer_offsets')) return handle
      return override(handle, {
        append(chunks) {
          if (state.isFull)
            throw new StorageError({
              operation: 'append to',
              path,
              why: 'no space left on device',
              systemCode: 'ENOSPC',
            })
          return handle.append(chunks)
        },
        sync() {
          if (!state.isBroken) return handle.sync()
          return Promise.reject(
            new StorageError({ operation: 'sync', path, why: 'input/output error', systemCode: state.why }),
          )
        },
      })
    },
  })
  return { fileSystem, state }
}

async function start(flush: 'always' | 'os') {
  const { fileSystem, state } = troubledDisk()
  const properties = { 'group.initial.rebalance.delay.ms': '0' }
  const kafka = await startBroker({ fileSystem, dataDir: '/data', flush, properties })
  await kafka.client.request(findCoordinator, 6, { keyType: 0, coordinatorKeys: ['g'] })
  await kafka.createTopic('t')
  return { ...kafka, state }
}

describe('a coordinator whose log takes nothing', () => {
  test('refuses what would have been written, keeps what was, and goes on when there is room', async () => {
    const { client, broker, state } = await start('os')
    const commit = (offset: number) => commitOffset(client, 'g', { topic: 't', partition: 0, offset })
    expect(await commit(1)).toBe(0)
    state.isFull = true
    expect(await commit(2)).toBe(codeOf('NOT_COORDINATOR'))
    const member = new GroupMember(client, { groupId: 'new' })
    expect(await member.join()).toBe(codeOf('NOT_COORDINATOR'))
    expect(await committedOf(client, 'g')).toEqual(['t-0=1'])
    state.isFull = false
    expect(await commit(3)).toBe(0)
    expect(await committedOf(client, 'g')).toEqual(['t-0=3'])
    member.memberId = ''
    expect(await member.join()).toBe(0)
    await broker.close()
  })
})

describe('a coordinator whose log does not reach the disk', () => {
  test('acknowledges nothing, and answers nothing any more from what it cannot be sure of', async () => {
    const { client, broker, state } = await start('always')
    const commit = (offset: number) => commitOffset(client, 'g', { topic: 't', partition: 0, offset })
    expect(await commit(1)).toBe(0)
    state.isBroken = true
    expect(await commit(2)).toBe(codeOf('NOT_COORDINATOR'))
    expect(await committedOf(client, 'g')).toBe(codeOf('NOT_COORDINATOR'))
    await broker.close().catch(() => undefined)
  })

  test('goes on from what is in its log where that goes on', async () => {
    const { client, broker, state } = await start('always')
    const commit = (offset: number) => commitOffset(client, 'g', { topic: 't', partition: 0, offset })
    expect(await commit(1)).toBe(0)
    Object.assign(state, { isBroken: true, why: 'EMFILE' })
    for (const offset of [2, 3]) expect(await commit(offset)).toBe(codeOf('NOT_COORDINATOR'))
    state.isBroken = false
    const codes: number[] = []
    while (codes.at(-1) !== 0 && codes.length < 20) codes.push(await commit(4))
    expect(codes.at(-1)).toBe(0)
    expect(await committedOf(client, 'g')).toEqual(['t-0=4'])
    await broker.close()
  })

  test('goes on where nobody asks too', async () => {
    const { client, broker, clock, state } = await start('always')
    const commit = (offset: number) => commitOffset(client, 'g', { topic: 't', partition: 0, offset })
    expect(await commit(1)).toBe(0)
    Object.assign(state, { isBroken: true, why: 'EMFILE' })
    expect(await commit(2)).toBe(codeOf('NOT_COORDINATOR'))
    state.isBroken = false
    await clock.advance(1000)
    expect(await commit(3)).toBe(0)
    await broker.close()
  })
})
