/**
 * deadLetter(retry(dedup(…))) around handlers, from topic to topic, against a broker: the bundled one, or any running Kafka that
 * SAMSA_KAFKA=host:port names.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { Consumer, type ConsumerRecord, deadLetterHeaders, json } from '@samsa/consumer'
import { deadLetter, dedup, dedupBatch, retry, retryHeaders } from '@samsa/eos'
import { type SqliteTx, sqliteStore } from '@samsa/eos/sqlite'
import { Producer } from '@samsa/producer'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { temporaryFolder } from '../interop/temporary-folder.js'
import { eventually } from './eventually.js'
import { type ReadRecord, RunningKafka } from './running-kafka.js'

interface Order {
  readonly id?: string
  readonly does?: 'fail' | 'fail at first' | 'kill'
}

const WORKER = fileURLToPath(new URL('dying-worker.mjs', import.meta.url))
const folder = temporaryFolder()
let kafka: RunningKafka

beforeAll(async () => {
  kafka = await RunningKafka.start()
}, 60_000)

afterAll(async () => {
  await kafka[Symbol.asyncDispose]()
  folder.remove()
})

const until = (holds: () => boolean): Promise<true> => eventually(async () => (holds() ? true : undefined))
const headerOf = ({ headers }: ReadRecord, name: string): string | undefined =>
  headers.findLast(({ key }) => key === name)?.value?.toString()

async function send(topic: string, values: readonly (Order | string)[]): Promise<void> {
  await using producer = new Producer({ bootstrapServers: kafka.bootstrapServers })
  const texts = values.map(value => (typeof value === 'string' ? value : JSON.stringify(value)))
  await producer.sendAll(texts.map(value => ({ topic, partition: 0, value })))
}

async function topics() {
  const [main, soon, later, dead] = await Promise.all(Array.from({ length: 4 }, () => kafka.topic(1)))
  if (main === undefined || soon === undefined || later === undefined || dead === undefined)
    throw new Error('no topics')
  return { main, soon, later, dead }
}

function member(groupId: string): Consumer<Uint8Array, Order> {
  const { bootstrapServers } = kafka
  return new Consumer({
    bootstrapServers,
    groupId,
    value: json<Order>(),
    autoOffsetReset: 'earliest',
    fetchMaxWaitMs: 50,
  })
}

async function committed(group: string, topic: string): Promise<bigint | undefined> {
  await using reader = member(group)
  const [offset] = await reader.committed([{ topic, partition: 0 }])
  return offset?.offset
}

test('each record is handled once, later, or set aside with its reason; what is behind it does not wait', async () => {
  const { main, soon, later, dead } = await topics()
  const group = `samsa-behaviour-${randomUUID()}`
  await using store = sqliteStore(`${folder.path}/orders.db`)
  await using producer = new Producer({ bootstrapServers: kafka.bootstrapServers })
  await using consumer = member(group)
  await store.transaction(async tx => tx.run('CREATE TABLE done (id TEXT)'))
  await send(main, [
    { id: 'a' },
    { id: 'slow', does: 'fail at first' },
    { id: 'b' },
    { id: 'a' },
    { id: 'never', does: 'fail' },
    {},
    'no JSON',
    { id: 'c' },
  ])
  const handled: string[] = []
  const seen: string[] = []
  const failures = new Map<string, number>()
  const count = (record: ConsumerRecord<Uint8Array, Order>, { tx }: { readonly tx: SqliteTx }): void => {
    const { id = '', does } = record.value ?? {}
    seen.push(`${id} of ${record.topic === main ? 'main' : record.topic} at ${record.offset}`)
    tx.run('INSERT INTO done VALUES (?)', id)
    const times = (failures.get(id) ?? 0) + 1
    failures.set(id, times)
    if (does === 'fail' || (does === 'fail at first' && times < 3)) throw new Error(`${id} cannot be had`)
    handled.push(id)
  }
  const stop = new AbortController()
  consumer.subscribe([main, soon, later])
  const delays = [
    { topic: soon, delayMs: 300 },
    { topic: later, delayMs: 600 },
  ]
  const run = consumer.run(
    deadLetter(
      { producer, topic: dead, store },
      retry({ attempts: 1, topics: delays, producer }, dedup({ store, key: record => record.value?.id }, count)),
    ),
    { signal: stop.signal },
  )
  const letters = await eventually(async () => {
    const records = await kafka.read(dead, 0)
    return records.length === 3 && handled.includes('slow') ? records : undefined
  })
  stop.abort()
  await run
  // One handler at a time, and none of them waited for a delay.
  expect(handled).toEqual(['a', 'b', 'c', 'slow'])
  expect(seen.filter(place => place.startsWith('slow'))).toEqual(Array(3).fill('slow of main at 1'))
  const rows = await store.transaction(async tx => tx.all('SELECT id FROM done').map(({ id }) => id))
  expect(rows).toEqual(handled)
  const told = letters.map(letter => [
    letter.value,
    headerOf(letter, deadLetterHeaders.errorName),
    headerOf(letter, deadLetterHeaders.topic) === main,
    headerOf(letter, deadLetterHeaders.offset),
    headerOf(letter, deadLetterHeaders.attempts),
  ])
  expect(told).toEqual([
    ['{}', 'MissingIdError', true, '5', '1'],
    ['no JSON', 'RecordDeserializationError', true, '6', '1'],
    ['{"id":"never","does":"fail"}', 'Error', true, '4', '3'],
  ])
  const [, , last] = letters
  const time = (name: keyof typeof retryHeaders): number =>
    Number(last === undefined ? Number.NaN : headerOf(last, retryHeaders[name]))
  expect(time('lastFailureAt') - time('firstFailureAt')).toBeGreaterThanOrEqual(300)
  expect(await committed(group, main)).toBe(8n)
}, 60_000)

test('a copy that is not due holds up neither the others nor the end of the run', async () => {
  const { main, later } = await topics()
  const group = `samsa-behaviour-${randomUUID()}`
  await using producer = new Producer({ bootstrapServers: kafka.bootstrapServers })
  await using consumer = member(group)
  await send(main, [{ id: 'a', does: 'fail' }])
  const handled: string[] = []
  const stop = new AbortController()
  consumer.subscribe([main, later])
  const run = consumer.run(
    retry({ attempts: 1, topics: [{ topic: later, delayMs: 3_600_000 }], producer }, ({ value }) => {
      if (value?.does === 'fail') throw new Error('on purpose')
      handled.push(value?.id ?? '')
    }),
    { signal: stop.signal },
  )
  await until(() => consumer.health().partitions.some(({ state, topic }) => topic === later && state === 'resting'))
  await send(main, [{ id: 'b' }, { id: 'c' }])
  await until(() => handled.length === 2)
  const start = performance.now()
  stop.abort()
  await run
  expect(performance.now() - start).toBeLessThan(10_000)
  expect(handled).toEqual(['b', 'c'])
  // It comes again, and is still waited for then.
  expect((await committed(group, later)) ?? 0n).toBe(0n)
  expect(await committed(group, main)).toBe(3n)
}, 60_000)

test('batches of a consumer are handled once each, and committed when they are', async () => {
  const { main } = await topics()
  const group = `samsa-behaviour-${randomUUID()}`
  await using store = sqliteStore(`${folder.path}/batches.db`)
  await store.transaction(async tx => tx.run('CREATE TABLE done (id TEXT)'))
  await send(
    main,
    ['a', 'b', 'a', 'c', 'b', 'd'].map(id => ({ id })),
  )
  const handle = dedupBatch<SqliteTx, Uint8Array, Order>(
    { store, key: ({ value }) => value?.id },
    (records, { tx }) => {
      for (const { value } of records) tx.run('INSERT INTO done VALUES (?)', value?.id ?? '')
    },
  )
  const read = async (): Promise<void> => {
    await using consumer = member(group)
    consumer.subscribe([main])
    let left = 6
    for await (const records of consumer.batches()) {
      await handle(records, { groupId: group })
      left -= records.count
      if (left <= 0) break
    }
  }
  await read()
  await send(
    main,
    ['a', 'b', 'e', 'e', 'd', 'f'].map(id => ({ id })),
  )
  await read()
  const rows = await store.transaction(async tx => tx.all('SELECT id FROM done').map(({ id }) => id))
  expect(rows).toEqual(['a', 'b', 'c', 'd', 'e', 'f'])
}, 60_000)

test('a record that kills its process is set aside after so many deliveries, wherever else it is killed', async () => {
  const { main, soon, dead } = await topics()
  const path = `${folder.path}/dying.db`
  const group = `samsa-behaviour-${randomUUID()}`
  const job = { bootstrapServers: kafka.bootstrapServers, group, main, soon, dead, path, maxDeliveries: 3 }
  await send(main, [
    { id: 'a' },
    {},
    { id: 'fails', does: 'fail' },
    { id: 'b' },
    { id: 'kills', does: 'kill' },
    { id: 'a' },
    { id: 'c' },
  ])
  const start = (failpoint: string): ChildProcess => {
    const env = { ...process.env, WORKER_JOB: JSON.stringify(job), SAMSA_EOS_FAILPOINT: failpoint }
    return spawn(process.execPath, ['--no-warnings', WORKER], { env, stdio: ['ignore', 'ignore', 'inherit'] })
  }
  let signals: (NodeJS.Signals | null)[] = []
  /** Until the letters are there, or the worker dies before. */
  const live = async (failpoint: string): Promise<void> => {
    const worker = start(failpoint)
    const closed = once(worker, 'close') as Promise<[number | null, NodeJS.Signals | null]>
    let isOver = false
    void closed.then(() => (isOver = true))
    await eventually(async () => isOver || (await isSettled()) || undefined)
    worker.kill('SIGTERM')
    const [, signal] = await closed
    signals = [...signals, signal]
  }
  const doneIn = async (): Promise<readonly unknown[]> => {
    await using store = sqliteStore(path)
    return await store.transaction(async tx => tx.all('SELECT id FROM done').map(({ id }) => id))
  }
  const isSettled = async (): Promise<boolean> => {
    const values = (await kafka.read(dead, 0)).map(({ value }) => value ?? '')
    const isBuried = ['fails', 'kills'].every(id => values.some(value => value.includes(id)))
    return isBuried && (await doneIn()).includes('c')
  }
  for (const failpoint of ['deadLetter.afterSend:1', 'retry.afterSend:1']) await live(failpoint)
  for (let lives = 0; lives < 6 && signals.at(-1) !== null; lives++) await live('')
  // Two at steps, and each time that the record was handed over.
  expect(signals).toEqual([...Array(5).fill('SIGKILL'), null])
  expect((await doneIn()).toSorted()).toEqual(['a', 'b', 'c'])
  const letters = await kafka.read(dead, 0)
  const killer = letters.filter(({ value }) => value?.includes('kills'))
  expect(killer.map(letter => headerOf(letter, deadLetterHeaders.attempts))).toEqual(['3'])
  expect(headerOf(killer[0] as ReadRecord, deadLetterHeaders.errorMessage)).toContain('3 times')
  // At least once: by the process that died behind the letter, and by the next one.
  expect(letters.filter(({ value }) => value === '{}')).toHaveLength(2)
  expect(letters.filter(({ value }) => value?.includes('fails')).length).toBeGreaterThanOrEqual(1)
}, 120_000)
