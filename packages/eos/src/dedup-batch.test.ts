import { KafkaError } from '@samsa/runtime'
import { afterAll, afterEach, describe, expect, test, vi } from 'vitest'
import { BatchError } from './batch-error.js'
import { dedup } from './dedup.js'
import { type BatchDedupOptions, type BatchHandler, dedupBatch } from './dedup-batch.js'
import { armFailpoint, disarmFailpoint, type FailpointName } from './failpoint.js'
import { type MemoryStore, memoryStore } from './memory/memory-store.js'
import type { MemoryTx } from './memory/memory-tx.js'
import { eosMetrics } from './observation.js'
import { sqliteStore } from './sqlite/sqlite-store.js'
import { removeTemporaryFiles, temporaryPath } from './test-files.js'
import { contextOf, recordOf, type TestRecord, type TestValue } from './test-records.js'

afterAll(removeTemporaryFiles)

const key = (record: TestRecord): string | undefined => record.value?.id
const crash = new Error('crash')
const billing = { groupId: 'billing' }

afterEach(disarmFailpoint)

/** Of one partition, in the order of their offsets. */
const batchOf = (...ids: string[]): TestRecord[] => ids.map((id, offset) => recordOf({ id }, BigInt(offset)))
const of = (partition: number, record: TestRecord): TestRecord => ({ ...record, partition }) as TestRecord

/** Counts in the store how often each id was handled, and fails for those called bad. */
const count: BatchHandler<MemoryTx, string, TestValue> = (records, { tx }) => {
  for (const { value } of records) {
    const id = value?.id ?? ''
    tx.set(id, (tx.get<number>(id) ?? 0) + 1)
    if (id.startsWith('bad')) throw crash
  }
}

function scene(options: Partial<BatchDedupOptions<MemoryTx, string, TestValue>> = {}) {
  const store = memoryStore()
  const handler = vi.fn(count)
  const onDuplicate = vi.fn()
  const handle = dedupBatch({ store, key, onDuplicate, ...options }, handler)
  const calls = (): string[][] => handler.mock.calls.map(([records]) => records.map(({ value }) => value?.id ?? ''))
  return { store, handler, handle, calls, onDuplicate }
}

async function counted(store: MemoryStore, ...ids: string[]): Promise<(number | undefined)[]> {
  return store.transaction(async tx => ids.map(id => tx.get<number>(id)))
}

describe('a batch', () => {
  test('is handled at once, without the records that were handled before', async () => {
    const { handle, calls, onDuplicate, store } = scene()
    await handle(batchOf('a', 'b'), billing)
    await handle(batchOf('b', 'c', 'a', 'd'), billing)
    expect(calls()).toEqual([
      ['a', 'b'],
      ['c', 'd'],
    ])
    expect(onDuplicate.mock.calls.map(([record]) => record.value.id)).toEqual(['b', 'a'])
    expect(await counted(store, 'a', 'b', 'c', 'd')).toEqual([1, 1, 1, 1])
  })

  test('counts its own repetitions as such', async () => {
    const { handle, calls, onDuplicate } = scene()
    await handle(batchOf('a', 'b', 'a', 'a'), billing)
    expect(calls()).toEqual([['a', 'b']])
    expect(onDuplicate.mock.calls.map(([record]) => record.offset)).toEqual([2n, 3n])
  })

  test('of repetitions alone calls nobody, and neither does an empty one', async () => {
    const { handle, handler } = scene()
    await handle(batchOf('a', 'b'), billing)
    await handle(batchOf('a', 'b'), billing)
    await handle([], billing)
    expect(handler).toHaveBeenCalledTimes(1)
  })

  test('knows the ids of records that were handled one by one, and the other way round', async () => {
    const { handle, handler, store } = scene()
    const single = vi.fn()
    const handleOne = dedup({ store, key }, single)
    await handleOne(recordOf({ id: 'a' }), contextOf())
    await handle(batchOf('a', 'b'), billing)
    await handleOne(recordOf({ id: 'b' }), contextOf())
    expect([single.mock.calls.length, handler.mock.calls.length]).toEqual([1, 1])
  })

  test('needs a group or a scope', async () => {
    await expect(scene().handle(batchOf('a', 'b'))).rejects.toThrow('scope must say whose ids these are')
    await scene({ scope: 'billing' }).handle(batchOf('a', 'b'))
  })

  test('is counted with its repetitions', async () => {
    const before = eosMetrics().dedup
    await scene().handle(batchOf('a', 'b', 'a'), billing)
    const { dedup: after } = eosMetrics()
    expect([
      (after?.processed ?? 0) - (before?.processed ?? 0),
      (after?.duplicate ?? 0) - (before?.duplicate ?? 0),
    ]).toEqual([2, 1])
  })
})

describe('a batch that fails', () => {
  test('is handled one by one, so that one bad record fails alone and is named', async () => {
    const { handle, store } = scene()
    const batch = batchOf('a', 'bad', 'c').map((record, index) => of(index, record))
    const failed = await handle(batch, billing).catch((error: unknown) => error)
    expect(failed).toBeInstanceOf(BatchError)
    expect(failed).toMatchObject({ code: 'BATCH_FAILED', retriable: false, cause: crash, held: 0 })
    expect((failed as BatchError).failures).toEqual([{ record: batch[1], error: crash }])
    expect((failed as BatchError).message).toContain('offset 1 of orders-1 (crash)')
    expect(await counted(store, 'a', 'bad', 'c')).toEqual([1, undefined, 1])
  })

  test('keeps the order of its partitions: what is behind the bad record waits', async () => {
    const { handle, store } = scene()
    const batch = [...batchOf('a', 'bad', 'c'), of(1, recordOf({ id: 'd' }))]
    await expect(handle(batch, billing)).rejects.toMatchObject({ held: 1 })
    expect(await counted(store, 'a', 'bad', 'c', 'd')).toEqual([1, undefined, undefined, 1])
  })

  test('may come again, whole: nothing is handled twice and nothing is left out', async () => {
    const { handle, handler, store } = scene()
    await expect(handle(batchOf('a', 'bad', 'c'), billing)).rejects.toThrow(BatchError)
    handler.mockImplementation((records, { tx }) => {
      for (const { value } of records) tx.set(value?.id ?? '', (tx.get<number>(value?.id ?? '') ?? 0) + 1)
    })
    await handle(batchOf('a', 'bad', 'c'), billing)
    expect(await counted(store, 'a', 'bad', 'c')).toEqual([1, 1, 1])
  })

  test('goes through what is put around single records', async () => {
    const buried: string[] = []
    const { handle, store } = scene({
      alone: handler => async (record, context) => {
        try {
          await handler(record, context)
        } catch {
          buried.push(record.value?.id ?? '')
        }
      },
    })
    await handle(batchOf('a', 'bad', 'c'), billing)
    expect(buried).toEqual(['bad'])
    expect(await counted(store, 'a', 'bad', 'c')).toEqual([1, undefined, 1])
  })

  test.each([
    ['no id', [{ id: 'a' }, { text: 'lost' }], 'MISSING_ID'],
    ['another content under an id of the batch', [{ id: 'a' }, { id: 'a', text: 'other' }], 'PAYLOAD_MISMATCH'],
  ])('because of %s names the record', async (_, values, code) => {
    const { handle, store } = scene()
    const batch = values.map((value, index) => of(index, recordOf(value)))
    const failed = await handle(batch, billing).catch((error: unknown) => error)
    expect((failed as BatchError).failures).toMatchObject([{ record: batch[1], error: { code } }])
    expect(await counted(store, 'a')).toEqual([1])
  })

  test('because the store is down is no record’s fault', async () => {
    const { handle, store, handler } = scene()
    const down = new KafkaError('down', { code: 'STORE_FAILED', retriable: true })
    vi.spyOn(store, 'transaction').mockRejectedValue(down)
    await expect(handle(batchOf('a', 'b', 'c'), billing)).rejects.toBe(down)
    expect(store.transaction).toHaveBeenCalledTimes(2)
    expect(handler).not.toHaveBeenCalled()
  })

  test('and is given up goes no further', async () => {
    const { handle, handler } = scene()
    const revoked = new AbortController()
    handler.mockImplementationOnce(() => {
      revoked.abort(crash)
      throw new Error('in the middle')
    })
    await expect(handle(batchOf('a', 'b'), { ...billing, signal: revoked.signal })).rejects.toThrow('in the middle')
    expect(handler).toHaveBeenCalledTimes(1)
  })
})

describe.each([
  ['memory', () => memoryStore()],
  ['SQLite', () => sqliteStore(temporaryPath('batch.db'))],
])('in %s', (_, open) => {
  test.each<FailpointName>(['dedup.batchAfterInsert', 'dedup.batchAfterHandler', 'tx.beforeCommit', 'tx.afterCommit'])(
    'a crash at %s neither loses nor doubles',
    async name => {
      await using store = open() as MemoryStore
      const entry = (tx: MemoryTx, id: string) => store.insertOnce(tx, [{ scope: 'effects', key: id, ttlMs: 1000 }])
      const doubled: string[] = []
      const handle = dedupBatch<MemoryTx, string, TestValue>({ store, key }, async (records, { tx }) => {
        for (const { value } of records) {
          const [outcome] = await entry(tx, value?.id ?? '')
          if (outcome?.isFresh === false) doubled.push(value?.id ?? '')
        }
      })
      const revoked = new AbortController()
      // The signal stands for the process: nothing goes on behind the crash.
      armFailpoint(name, 1, () => {
        revoked.abort()
        throw crash
      })
      await expect(handle(batchOf('a', 'b'), { ...billing, signal: revoked.signal })).rejects.toBe(crash)
      await handle(batchOf('a', 'b'), billing)
      expect(doubled).toEqual([])
      const left = await store.transaction(async tx => [await entry(tx, 'a'), await entry(tx, 'b')].flat())
      expect(left.map(({ isFresh }) => isFresh)).toEqual([false, false])
    },
  )
})
