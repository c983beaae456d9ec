import {
  AuthorizationError,
  FencedError,
  KafkaError,
  ManualClock,
  RecordTooLargeError,
  SeededRandom,
} from '@samsa/runtime'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { dedup } from './dedup.js'
import { armFailpoint, disarmFailpoint } from './failpoint.js'
import { memoryStore } from './memory/memory-store.js'
import { eosMetrics } from './observation.js'
import { MissingIdError } from './record-id.js'
import { type RetryMiddlewareOptions, retry } from './retry.js'
import { retryHeaders } from './retry-trail.js'
import { contextOf, KeptRecords, readRecord, type TestRecord, type TestValue } from './test-records.js'

const failure = new Error('out of stock')
const topics = [
  { topic: 'orders.soon', delayMs: 5_000 },
  { topic: 'orders.later', delayMs: 60_000 },
]

afterEach(disarmFailpoint)

function scene(options: RetryMiddlewareOptions<string, TestValue> = {}) {
  const clock = new ManualClock()
  const producer = new KeptRecords()
  const revoked = new AbortController()
  const context = contextOf(revoked.signal, clock)
  const seen: { readonly record: TestRecord; readonly attempt: number; readonly at: number }[] = []
  const handler = vi.fn((record: TestRecord, { attempt }: { readonly attempt: number }) => {
    seen.push({ record, attempt, at: clock.monotonic() })
    throw failure
  })
  const handle = (options: RetryMiddlewareOptions<string, TestValue>) =>
    retry({ initialMs: 200, jitter: 0, clock, random: new SeededRandom(1), ...options }, handler)
  const wrapped = handle(options)
  const run = (record: TestRecord) => {
    const outcome = { error: undefined as unknown, isOver: false }
    void wrapped(record, context).then(
      () => Object.assign(outcome, { isOver: true }),
      (error: unknown) => Object.assign(outcome, { isOver: true, error }),
    )
    return outcome
  }
  return { clock, producer, revoked, context, seen, handler, handle, run }
}

const order = (more: object = {}): TestRecord =>
  readRecord({
    topic: 'orders',
    partition: 3,
    offset: 42,
    timestamp: 1_234,
    key: 'k',
    value: '{"id":"a"}',
    headers: [
      ['trace', Buffer.from([0, 255])],
      ['nothing', null],
    ],
    ...more,
  })

describe('retry in place', () => {
  test('tries again after pauses that grow, and gives up after the last attempt', async () => {
    const { clock, seen, run } = scene({ attempts: 4, maxMs: 500 })
    const outcome = run(order())
    await clock.advance({ seconds: 10 })
    expect(seen.map(({ at }) => at)).toEqual([0, 200, 600, 1100])
    expect(seen.map(({ attempt }) => attempt)).toEqual([1, 2, 3, 4])
    expect(outcome.error).toBe(failure)
  })

  test('is over when an attempt succeeds', async () => {
    const { clock, handler, run } = scene()
    handler.mockImplementationOnce(() => {
      throw failure
    })
    handler.mockImplementationOnce(() => undefined as never)
    const outcome = run(order())
    await clock.advance({ seconds: 10 })
    expect([handler.mock.calls.length, outcome]).toEqual([2, { error: undefined, isOver: true }])
  })

  test('ends a pause with the signal, and tries no more', async () => {
    const { clock, handler, run, revoked } = scene()
    const outcome = run(order())
    await clock.settle()
    const gone = new Error('revoked')
    revoked.abort(gone)
    await clock.advance({ seconds: 10 })
    expect([handler.mock.calls.length, outcome.error]).toEqual([1, gone])
  })

  test('does not try a handler again that was told to stop', async () => {
    const { clock, handler, run, revoked } = scene()
    handler.mockImplementation(() => {
      revoked.abort()
      throw failure
    })
    const outcome = run(order())
    await clock.advance({ seconds: 10 })
    expect([handler.mock.calls.length, outcome.error]).toEqual([1, failure])
  })

  test.each([
    ['a record without an id', new MissingIdError('no id'), 1],
    ['an error that is fatal', new FencedError('another one is here'), 1],
    ['an error that says that it passes', new KafkaError('busy', { code: 'STORE_BUSY', retriable: true }), 5],
    ['what is not an error at all', 'a text', 5],
  ])('tries %s as often as makes sense', async (_, error, times) => {
    const { clock, handler, run } = scene()
    handler.mockImplementation(() => {
      throw error
    })
    const outcome = run(order())
    await clock.advance({ seconds: 60 })
    expect([handler.mock.calls.length, outcome.error]).toEqual([times, error])
  })

  test('tries what retryIf says, but never what cannot be read', async () => {
    const { clock, handler, run } = scene({ retryIf: (_, __, attempt) => attempt < 2 })
    run(order())
    await clock.advance({ seconds: 60 })
    expect(handler).toHaveBeenCalledTimes(2)
    const unread = scene({ retryIf: () => true })
    unread.handler.mockImplementation(({ value }) => expect(value).toBe('never') as never)
    const outcome = unread.run(order({ value: 'not JSON' }))
    await unread.clock.advance({ seconds: 60 })
    expect(unread.handler).toHaveBeenCalledTimes(1)
    expect(outcome.error).toMatchObject({ code: 'SERIALIZATION_FAILED' })
  })

  test('refuses wrong options at once', () => {
    const make = (options: object) => () => retry(options as never, vi.fn())
    expect(make({ attempts: 0 })).toThrow('retry: needs at least 1 attempt')
    expect(make({ topics })).toThrow('topics need a producer')
    expect(make({ topics: [topics[0], topics[0]], producer: new KeptRecords() })).toThrow('each there once')
    expect(make({ topics: [{ topic: 'a', delayMs: -1 }], producer: new KeptRecords() })).toThrow('{ topic, delayMs }')
    expect(make({ atempts: 3 })).toThrow('atempts: unknown option')
  })
})

describe('delay topics', () => {
  /** What happens to a record on its way through all of them. */
  function journey(options: RetryMiddlewareOptions<string, TestValue> = {}) {
    const parts = scene()
    const { producer, clock } = parts
    const handle = parts.handle({ attempts: 2, topics, producer, ...options })
    return { ...parts, handle, at: () => clock.now() }
  }

  test('have the record as it came, with headers that say where from and why', async () => {
    const { handle, context, producer, clock, at } = journey()
    const done = handle(order(), context)
    await clock.advance({ seconds: 1 })
    await done
    const [sent] = producer.records
    expect(sent).toMatchObject({ topic: 'orders.soon' })
    expect(sent?.timestamp).toBeUndefined()
    const copy = producer.last()
    expect([copy.keyBytes?.toString(), copy.valueBytes?.toString()]).toEqual(['k', '{"id":"a"}'])
    expect(copy.headers.slice(0, 2)).toEqual([
      { key: 'trace', value: Buffer.from([0, 255]) },
      { key: 'nothing', value: null },
    ])
    const told = Object.fromEntries(Object.entries(retryHeaders).map(([name, header]) => [name, copy.header(header)]))
    const failedAt = at() - 800
    expect(told).toEqual({
      delayTopic: 'orders.soon',
      topic: 'orders',
      partition: '3',
      offset: '42',
      timestamp: '1234',
      groupId: 'billing',
      attempts: '2',
      firstFailureAt: String(failedAt),
      lastFailureAt: String(failedAt),
      dueAt: String(failedAt + 5_000),
      errorName: 'Error',
      errorMessage: 'out of stock',
    })
  })

  test('are gone through one after the other, each when it is due; then the error goes on', async () => {
    const { handle, context, producer, clock, seen } = journey()
    const start = handle(order(), context)
    await clock.advance({ ms: 200 })
    await start
    const soon = handle(producer.last(), context)
    await clock.advance({ ms: 4_999 })
    expect(seen).toHaveLength(2)
    await clock.advance({ ms: 201 })
    await soon
    expect(seen).toHaveLength(4)
    const later = expect(handle(producer.last(), context)).rejects.toBe(failure)
    await clock.advance({ ms: 59_999 })
    expect(seen).toHaveLength(4)
    await clock.advance({ ms: 201 })
    await later
    expect(producer.records.map(({ topic }) => topic)).toEqual(['orders.soon', 'orders.later'])
    expect(seen.map(({ attempt }) => attempt)).toEqual([1, 2, 3, 4, 5, 6])
    // One trail, the newest; the first failure stays the first.
    const copy = producer.last()
    expect(copy.headers.filter(({ key }) => key.startsWith('retry-'))).toHaveLength(Object.keys(retryHeaders).length)
    expect(Number(copy.header(retryHeaders.lastFailureAt)) - Number(copy.header(retryHeaders.firstFailureAt))).toBe(
      5_200,
    )
  })

  test('show the handler the record as it was, wherever it is read from', async () => {
    const { handle, context, producer, clock, seen } = journey({ attempts: 1 })
    await handle(order(), context)
    const soon = handle(producer.last(), context)
    await clock.advance({ seconds: 5 })
    await soon
    const whole = ({ topic, partition, offset, timestamp, key, value }: TestRecord) => ({
      topic,
      partition,
      offset,
      timestamp,
      key: Buffer.from(key ?? '').toString(),
      value,
    })
    expect(seen.map(({ record }) => whole(record))).toEqual(Array(2).fill(whole(order())))
    expect(seen[1]?.record.header('trace')).toBe(seen[0]?.record.header('trace'))
  })

  test('keep the identity of a record: what was done before it was moved is not done again', async () => {
    const { context, clock, producer } = journey()
    const store = memoryStore({ clock })
    const handler = vi.fn()
    // By place, which is what a copy has another of.
    const byPlace = (record: TestRecord) => `${record.topic} ${record.partition} ${record.offset}`
    const once = dedup({ store, key: byPlace }, handler)
    let isBroken = true
    const handle = retry<string, TestValue>({ attempts: 1, topics, producer, clock }, async (record, context) => {
      await once(record, context)
      if (isBroken) throw failure
    })
    await handle(order(), context)
    isBroken = false
    const soon = handle(producer.last(), context)
    await clock.advance({ seconds: 5 })
    await soon
    expect(handler).toHaveBeenCalledTimes(1)
  })

  test('do not take a copy along that belongs to another topic, as one that was sent back by hand', async () => {
    const { handle, context, producer, clock, seen } = journey({ attempts: 1 })
    await handle(order(), context)
    const back = readRecord({ ...producer.records[0], value: '{"id":"a"}', topic: 'orders', partition: 1, offset: 99 })
    await handle(back, context)
    expect(clock.monotonic()).toBe(0)
    expect(seen.map(({ record, attempt }) => [record.offset, attempt])).toEqual([
      [42n, 1],
      [99n, 1],
    ])
  })

  test.each([
    ['a number that is none', retryHeaders.dueAt, 'soon'],
    ['no topic', retryHeaders.topic, ''],
    ['an offset below zero', retryHeaders.offset, '-4'],
  ])('take a copy whose trail has %s for a record of its own', async (_, name, value) => {
    const { handle, context, producer, seen } = journey({ attempts: 1 })
    await handle(order(), context)
    const [sent] = producer.records
    const headers = (sent?.headers ?? []).map(each => (each[0] === name ? ([name, value] as const) : each))
    await handle(readRecord({ ...sent, headers, value: '{}', topic: 'orders.soon', offset: 5 }), context)
    expect(seen[1]?.record).toMatchObject({ topic: 'orders.soon', offset: 5n })
  })

  test('wait no longer than their delay, whatever the clock said where the copy was written', async () => {
    const { handle, context, producer, clock, seen } = journey({ attempts: 1 })
    await handle(order(), context)
    clock.setNow(clock.now() - 3_600_000)
    void handle(producer.last(), context)
    await clock.advance({ seconds: 5 })
    expect(seen).toHaveLength(2)
  })

  test('give a wait up with the signal, and nothing was tried', async () => {
    const { handle, context, producer, clock, revoked, seen } = journey({ attempts: 1 })
    await handle(order(), context)
    const waiting = handle(producer.last(), context)
    await clock.settle()
    revoked.abort(failure)
    await expect(waiting).rejects.toBe(failure)
    expect(seen).toHaveLength(1)
  })

  test('lose nothing when a copy cannot be sent: the error says so, and that it passes', async () => {
    const { handle, context, producer } = journey({ attempts: 1 })
    producer.failure = new Error('no leader')
    const failed = handle(order(), context)
    await expect(failed).rejects.toMatchObject({ code: 'RETRY_NOT_SENT', retriable: true, cause: producer.failure })
    await expect(failed).rejects.toThrow('failed (out of stock), and could not be moved to orders.soon: no leader')
  })

  test('cannot have a record that is too large for them, which is its own fault', async () => {
    const { handle, context, producer } = journey({ attempts: 1 })
    producer.failure = new RecordTooLargeError('too large')
    await expect(handle(order(), context)).rejects.toMatchObject({ code: 'RETRY_NOT_SENT', retriable: false })
    producer.failure = new AuthorizationError('no right', { code: 'TOPIC_AUTHORIZATION_FAILED' })
    await expect(handle(order(), context)).rejects.toMatchObject({ code: 'RETRY_NOT_SENT', retriable: true })
  })

  test('are not for what trying again cannot mend', async () => {
    const { handle, context, producer, handler } = journey()
    handler.mockImplementation(() => {
      throw new MissingIdError('no id')
    })
    await expect(handle(order(), context)).rejects.toThrow(MissingIdError)
    expect(producer.records).toEqual([])
  })

  test('have a record twice when its process dies behind the copy: at least once', async () => {
    const { handle, context, producer } = journey({ attempts: 1 })
    const crash = new Error('crash')
    armFailpoint('retry.afterSend', 1, () => {
      throw crash
    })
    await expect(handle(order(), context)).rejects.toBe(crash)
    await handle(order(), context)
    expect(producer.records.map(({ topic }) => topic)).toEqual(['orders.soon', 'orders.soon'])
  })
})

test('attempts and moves are counted', async () => {
  const { handle, context, clock, producer } = scene()
  const before = { retried: 0, delayed: 0, ...eosMetrics().retry }
  void handle({ attempts: 3, topics, producer })(order(), context)
  await clock.advance({ seconds: 1 })
  const after = { retried: 0, delayed: 0, ...eosMetrics().retry }
  expect([after.retried - before.retried, after.delayed - before.delayed]).toEqual([2, 1])
})
