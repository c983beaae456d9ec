import { ConfigError, ManualClock } from '@samsa/runtime'
import { afterAll, afterEach, expect, test, vi } from 'vitest'
import { deadLetter } from './dead-letter.js'
import { armFailpoint, disarmFailpoint, type FailpointName } from './failpoint.js'
import { type MemoryStore, memoryStore } from './memory/memory-store.js'
import type { MemoryTx } from './memory/memory-tx.js'
import { retry } from './retry.js'
import { sqliteStore } from './sqlite/sqlite-store.js'
import type { Row, RowStore } from './store/row-store.js'
import { removeTemporaryFiles, temporaryPath } from './test-files.js'
import { contextOf, KeptRecords, readRecord, recordOf, type TestRecord, type TestValue } from './test-records.js'
import { type VersionOutcome, versionCheck } from './version-check.js'

afterAll(removeTemporaryFiles)

afterEach(disarmFailpoint)

interface Step {
  readonly id: string
  readonly expected: bigint
  readonly email: string
}

function scene<Tx>(store: RowStore<Tx>) {
  const outcomes: VersionOutcome[] = []
  const handler = vi.fn()
  const apply = async ({ id, expected, email }: Step): Promise<void> => {
    const handle = versionCheck(
      {
        store,
        table: 'profiles',
        row: () => ({ name: 'ann' }),
        expected: () => expected,
        set: () => ({ email }),
        key: () => id,
        onOutcome: outcome => outcomes.push(outcome),
      },
      handler,
    )
    await handle(recordOf({ id }), contextOf())
  }
  const row = (): Promise<Row | undefined> => store.transaction(tx => store.readRow(tx, 'profiles', { name: 'ann' }))
  return { outcomes, handler, apply, row }
}

async function inFile() {
  const store = sqliteStore(temporaryPath('versions.db'))
  await store.transaction(async tx =>
    tx.run('CREATE TABLE profiles (name TEXT PRIMARY KEY, email TEXT, version INTEGER, last_msg_id TEXT)'),
  )
  return store
}

test.each([
  ['memory', async () => memoryStore()],
  ['SQLite', inFile],
])('in %s each version is applied once and in order, and the rest is told apart', async (_, open) => {
  const store = (await open()) as MemoryStore
  const { outcomes, handler, apply, row } = scene(store)
  await apply({ id: 'm1', expected: 0n, email: 'one' })
  await apply({ id: 'm2', expected: 1n, email: 'two' })
  await apply({ id: 'm2', expected: 1n, email: 'two' })
  await expect(apply({ id: 'm3', expected: 1n, email: 'other' })).rejects.toMatchObject({
    outcome: 'conflict',
    code: 'VERSION_CONFLICT',
    retriable: false,
  })
  await expect(apply({ id: 'm5', expected: 4n, email: 'five' })).rejects.toMatchObject({
    outcome: 'gap',
    code: 'VERSION_GAP',
    retriable: true,
  })
  await apply({ id: 'm1', expected: 0n, email: 'one' })
  expect(outcomes).toEqual(['applied', 'applied', 'stale', 'conflict', 'gap', 'stale'])
  expect(handler).toHaveBeenCalledTimes(2)
  const { email, version, last_msg_id } = (await row()) ?? {}
  expect([email, Number(version), last_msg_id]).toEqual(['two', 2, 'm2'])
  await store.close()
})

test('a version of a row that is not there is a gap, unless it is the first', async () => {
  const { apply, outcomes } = scene(memoryStore())
  await expect(apply({ id: 'm2', expected: 1n, email: 'two' })).rejects.toMatchObject({ outcome: 'gap' })
  await apply({ id: 'm1', expected: 0n, email: 'one' })
  await apply({ id: 'm2', expected: 1n, email: 'two' })
  expect(outcomes).toEqual(['gap', 'applied', 'applied'])
})

test('a row that another transaction makes while it is looked for is not made twice', async () => {
  const store = memoryStore()
  const { apply, handler, outcomes, row } = scene(store)
  await apply({ id: 'm1', expected: 0n, email: 'one' })
  // As a database shows it, while the other transaction is not committed.
  vi.spyOn(store, 'readRow').mockResolvedValueOnce(undefined).mockResolvedValueOnce(undefined)
  await apply({ id: 'm1', expected: 0n, email: 'one' })
  await expect(apply({ id: 'm2', expected: 0n, email: 'two' })).rejects.toMatchObject({ outcome: 'conflict' })
  expect(outcomes).toEqual(['applied', 'stale', 'conflict'])
  expect(handler).toHaveBeenCalledTimes(1)
  expect(await row()).toMatchObject({ email: 'one', last_msg_id: 'm1' })
})

test('an id that its column keeps as a number is known again', async () => {
  const store = sqliteStore(temporaryPath('numbered.db'))
  await store.transaction(async tx =>
    tx.run('CREATE TABLE profiles (name TEXT PRIMARY KEY, email TEXT, version INTEGER, last_msg_id INTEGER)'),
  )
  const { apply, outcomes } = scene(store)
  await apply({ id: '17', expected: 0n, email: 'one' })
  await apply({ id: '17', expected: 0n, email: 'one' })
  expect(outcomes).toEqual(['applied', 'stale'])
  await store.close()
})

test('a handler that throws leaves the version as it was', async () => {
  const { apply, handler, row, outcomes } = scene(memoryStore())
  handler.mockImplementationOnce(() => {
    throw new Error('on purpose')
  })
  await expect(apply({ id: 'm1', expected: 0n, email: 'one' })).rejects.toThrow('on purpose')
  expect(await row()).toBeUndefined()
  await apply({ id: 'm1', expected: 0n, email: 'one' })
  expect(outcomes).toEqual(['applied'])
})

test.each<FailpointName>([
  'versionCheck.afterUpdate',
  'versionCheck.afterHandler',
  'tx.beforeCommit',
  'tx.afterCommit',
])('a crash at %s neither loses nor doubles', async name => {
  const { apply, row } = scene(memoryStore())
  await apply({ id: 'm1', expected: 0n, email: 'one' })
  armFailpoint(name, 1, () => {
    throw new Error('crash')
  })
  await expect(apply({ id: 'm2', expected: 1n, email: 'two' })).rejects.toThrow('crash')
  await apply({ id: 'm2', expected: 1n, email: 'two' })
  expect(await row()).toMatchObject({ email: 'two', version: 2n, last_msg_id: 'm2' })
})

test('a precondition is any columns of the row', async () => {
  const store = memoryStore()
  await store.transaction(tx => store.insertRow(tx, 'accounts', { id: 'ann' }, { balance: 100 }))
  const outcomes: VersionOutcome[] = []
  const withdraw = (id: string, before: number, after: number) =>
    versionCheck({
      store,
      table: 'accounts',
      row: () => ({ id: 'ann' }),
      when: () => ({ balance: before }),
      set: () => ({ balance: after }),
      key: () => id,
      onConflict: 'ack',
      onOutcome: outcome => outcomes.push(outcome),
    })(recordOf({ id }), contextOf())
  await withdraw('m1', 100, 70)
  await withdraw('m1', 100, 70)
  await withdraw('m2', 100, 50)
  expect(outcomes).toEqual(['applied', 'stale', 'conflict'])
})

test('either a version or a precondition', () => {
  const basis = { store: memoryStore(), table: 't', row: () => ({}), set: () => ({}), key: () => 'a' }
  expect(() => versionCheck(basis as never)).toThrow(ConfigError)
  expect(() => versionCheck({ ...basis, when: () => ({}), expected: () => 1n } as never)).toThrow(ConfigError)
})

test('a gap is parked by way of delay topics until what was missing has come, and buried when it never does', async () => {
  const clock = new ManualClock()
  const store = memoryStore({ clock })
  const producer = new KeptRecords()
  const topics = [{ topic: 'profiles.later', delayMs: 60_000 }]
  const outcomes: string[] = []
  const check = versionCheck<MemoryTx, string, TestValue>({
    store,
    table: 'profiles',
    row: () => ({ name: 'ann' }),
    expected: record => BigInt(record.value?.text ?? 0),
    set: record => ({ email: record.value?.id ?? '' }),
    key: record => record.value?.id,
    onOutcome: (outcome, record) => outcomes.push(`${record.value?.id} ${outcome}`),
  })
  const handle = deadLetter(
    { producer, topic: 'profiles.dead', clock },
    retry({ attempts: 1, topics, producer, clock }, check),
  )
  const run = async (record: TestRecord): Promise<void> => {
    const done = handle(record, contextOf(undefined, clock))
    await clock.advance({ minutes: 1 })
    await done
  }
  const change = (id: string, text: string, offset: number): TestRecord =>
    readRecord({ topic: 'profiles', offset, value: JSON.stringify({ id, text }) })
  await run(change('second', '1', 0))
  const parked = producer.last()
  await run(change('first', '0', 1))
  await run(parked)
  await run(change('ninth', '8', 2))
  await run(producer.last())
  expect(outcomes).toEqual(['second gap', 'first applied', 'second applied', 'ninth gap', 'ninth gap'])
  expect(producer.records.map(({ topic }) => topic)).toEqual(['profiles.later', 'profiles.later', 'profiles.dead'])
})
