import { deadLetterHeaders } from '@samsa/consumer'
import { restGivenUp } from '@samsa/consumer/internal'
import { ConfigError, FencedError, KafkaError, ManualClock, PayloadMismatchError } from '@samsa/runtime'
import { afterAll, afterEach, describe, expect, test, vi } from 'vitest'
import { type DeadLetterMiddlewareOptions, deadLetter } from './dead-letter.js'
import { dedup } from './dedup.js'
import { armFailpoint, disarmFailpoint, type FailpointName } from './failpoint.js'
import { memoryStore } from './memory/memory-store.js'
import { eosMetrics } from './observation.js'
import { MissingIdError } from './record-id.js'
import { retry } from './retry.js'
import { sqliteStore } from './sqlite/sqlite-store.js'
import type { LeaseStore } from './store/lease-store.js'
import { removeTemporaryFiles, temporaryPath } from './test-files.js'
import { contextOf, KeptRecords, readRecord, type TestRecord, type TestValue } from './test-records.js'

afterAll(removeTemporaryFiles)

type Options = DeadLetterMiddlewareOptions<string, TestValue>

const failure = new TypeError('no such currency')
const crash = new Error('crash')

afterEach(disarmFailpoint)

const order = (more: object = {}): TestRecord =>
  readRecord({ topic: 'orders', partition: 3, offset: 42, timestamp: 1_234, key: 'k', value: '{"id":"a"}', ...more })

function scene(options: Partial<Options> = {}) {
  const clock = new ManualClock()
  const producer = new KeptRecords()
  const revoked = new AbortController()
  const context = contextOf(revoked.signal, clock)
  const handler = vi.fn((_: TestRecord, __: unknown): unknown => {
    throw failure
  })
  const handle = deadLetter<string, TestValue>({ producer, topic: 'orders.dead', clock, ...options }, handler)
  return { clock, producer, revoked, context, handler, handle }
}

describe('a record whose handler fails', () => {
  test('is sent to the dead letters as it came, with where from and why', async () => {
    const { handle, context, producer } = scene()
    await handle(order({ headers: [['trace', '1']] }), context)
    expect(producer.records).toHaveLength(1)
    const letter = producer.last()
    expect([letter.topic, letter.keyBytes?.toString(), letter.valueBytes?.toString(), letter.header('trace')]).toEqual([
      'orders.dead',
      'k',
      '{"id":"a"}',
      '1',
    ])
    const told = Object.fromEntries(
      Object.entries(deadLetterHeaders).map(([name, header]) => [name, letter.header(header)]),
    )
    expect(told).toMatchObject({
      topic: 'orders',
      partition: '3',
      offset: '42',
      timestamp: '1234',
      groupId: 'billing',
      errorName: 'TypeError',
      errorMessage: 'no such currency',
      attempts: '1',
    })
  })

  test('can go to a topic of its kind', async () => {
    const { handle, context, producer } = scene({ topic: ({ topic }, error) => `${topic}.${(error as Error).name}` })
    await handle(order(), context)
    expect(producer.last().topic).toBe('orders.TypeError')
  })

  test.each([
    ['has no id', new MissingIdError('no id'), true],
    ['has the id of another', new PayloadMismatchError('another payload'), true],
    ['fails in a way of the application’s', 'a text', true],
    ['meets a store that is down', new KafkaError('down', { code: 'STORE_FAILED', retriable: true }), false],
    ['meets a producer that was fenced', new FencedError('another one is here'), false],
    ['meets a setting that is wrong', new ConfigError('no scope'), false],
  ])('that %s is buried only if it is the one to blame', async (_, error, isBuried) => {
    const { handle, context, producer, handler } = scene()
    handler.mockImplementation(() => {
      throw error
    })
    if (isBuried) await handle(order(), context)
    else await expect(handle(order(), context)).rejects.toBe(error)
    expect(producer.records).toHaveLength(isBuried ? 1 : 0)
  })

  test('whose value cannot be read is buried with its bytes', async () => {
    const { handle, context, producer, handler } = scene()
    handler.mockImplementation(record => record.value)
    await handle(order({ value: Buffer.from([123, 255]) }), context)
    expect(producer.last().valueBytes).toEqual(Buffer.from([123, 255]))
    expect(producer.last().header(deadLetterHeaders.errorName)).toBe('RecordDeserializationError')
  })

  test('is buried when `when` says so, whatever the error', async () => {
    const gap = new KafkaError('ahead', { code: 'VERSION_GAP', retriable: true })
    const { handle, context, producer, handler } = scene({ when: error => error === gap })
    handler.mockImplementationOnce(() => {
      throw gap
    })
    await handle(order(), context)
    await expect(handle(order(), context)).rejects.toBe(failure)
    expect(producer.records).toHaveLength(1)
  })

  test('is not buried by who had to give it up', async () => {
    const { handle, context, producer, handler, revoked } = scene()
    handler.mockImplementation(() => {
      revoked.abort(crash)
      throw failure
    })
    await expect(handle(order(), context)).rejects.toBe(failure)
    expect(producer.records).toEqual([])
  })

  test('fails as its handler did when the letter cannot be sent, and is not lost', async () => {
    const onSendFailure = vi.fn()
    const { handle, context, producer } = scene({ onSendFailure })
    producer.failure = new Error('no leader')
    const record = order()
    await expect(handle(record, context)).rejects.toBe(failure)
    expect(onSendFailure).toHaveBeenCalledWith(producer.failure, record)
    producer.failure = undefined
    await handle(record, context)
    expect(producer.records).toHaveLength(1)
  })

  test('is done when the letter is safe, and not before', async () => {
    const { context } = scene()
    let acknowledge: () => void = () => {}
    const slow = { send: () => new Promise<void>(resolve => (acknowledge = resolve)) }
    const store = memoryStore()
    const handle = deadLetter<string, TestValue>({ producer: slow, topic: 'dead', store, maxDeliveries: 1 }, () => {
      throw failure
    })
    let isDone = false
    const done = handle(order(), context).then(() => (isDone = true))
    await new ManualClock().settle()
    expect(isDone).toBe(false)
    const count = await store.claim({
      scope: '["deliveries","billing"]',
      key: '["orders",3,"42n"]',
      owner: 'other',
      leaseMs: 1,
      ttlMs: 1,
    })
    expect(count.status).not.toBe('done')
    acknowledge()
    await done
  })
})

describe.each<[string, (clock: ManualClock) => LeaseStore]>([
  ['memory', clock => memoryStore({ clock })],
  ['SQLite', clock => sqliteStore(temporaryPath('deliveries.db'), { clock })],
])('deliveries counted in %s', (_, open) => {
  function counted() {
    const clock = new ManualClock()
    const store = open(clock)
    const parts = scene({ store, maxDeliveries: 3, clock })
    /** Each delivery ends with its process. */
    const crashes = async (times: number): Promise<void> => {
      for (let time = 0; time < times; time++) {
        armFailpoint('deadLetter.afterCount', 1, () => {
          throw crash
        })
        await expect(parts.handle(order(), parts.context)).rejects.toBe(crash)
        await clock.advance(2)
      }
    }
    return { ...parts, clock, store, crashes }
  }

  test('bury a record that has ended its process each time', async () => {
    const { handle, context, handler, producer, store, crashes } = counted()
    await crashes(3)
    await handle(order(), context)
    expect(handler).not.toHaveBeenCalled()
    expect(producer.records).toHaveLength(1)
    const letter = producer.last()
    expect(letter.header(deadLetterHeaders.attempts)).toBe('3')
    expect(letter.header(deadLetterHeaders.errorMessage)).toContain('handed to its handler 3 times')
    // Its offset was not committed, so it comes again.
    await handle(order(), context)
    expect(handler).not.toHaveBeenCalled()
    expect(producer.records).toHaveLength(1)
    await store.close()
  })

  test('begin anew with a record that was handled', async () => {
    const { handle, context, handler, producer, store, crashes, clock } = counted()
    await crashes(2)
    handler.mockImplementation(() => undefined)
    for (let time = 0; time < 5; time++) {
      await handle(order(), context)
      await clock.advance(2)
    }
    expect([handler.mock.calls.length, producer.records.length]).toEqual([5, 0])
    await store.close()
  })

  test('are not of a record that had the same offset in an earlier topic of that name', async () => {
    const { handle, context, handler, producer, store } = counted()
    await handle(order(), context)
    await handle(order(), context)
    expect([handler.mock.calls.length, producer.records.length]).toEqual([1, 1])
    await handle(order({ timestamp: 5_678 }), context)
    expect([handler.mock.calls.length, producer.records.length]).toEqual([2, 2])
    await store.close()
  })

  test('are of the record and not of its copy', async () => {
    const { store, context, producer, clock } = counted()
    const topics = [{ topic: 'orders.soon', delayMs: 0 }]
    const handle = deadLetter<string, TestValue>(
      { producer, topic: 'orders.dead', store, maxDeliveries: 2, clock },
      retry({ attempts: 1, topics, producer, clock }, () => {
        throw failure
      }),
    )
    await handle(order(), context)
    const [sent] = producer.records
    // Moved twice, as by a process that died behind the first time.
    for (const offset of [71, 72]) {
      armFailpoint('deadLetter.afterCount', 1, () => {
        throw crash
      })
      const copy = readRecord({ topic: '', value: null, ...sent, offset })
      await expect(handle(copy, context)).rejects.toBe(crash)
      await clock.advance(2)
    }
    await handle(producer.last(), context)
    expect(producer.records.map(({ topic }) => topic)).toEqual(['orders.soon', 'orders.dead'])
    expect(producer.last().header(deadLetterHeaders.topic)).toBe('orders')
    expect(producer.last().header(deadLetterHeaders.offset)).toBe('42')
    await store.close()
  })
})

describe('deliveries', () => {
  test.each<FailpointName>(['deadLetter.afterSend'])('a crash at %s buries twice, and loses nothing', async name => {
    const { handle, context, producer } = scene()
    armFailpoint(name, 1, () => {
      throw crash
    })
    await expect(handle(order(), context)).rejects.toBe(crash)
    await handle(order(), context)
    expect(producer.records).toHaveLength(2)
  })

  test('a store that cannot count fails the record, which is not handled uncounted', async () => {
    const store = memoryStore()
    const down = new KafkaError('down', { code: 'STORE_FAILED', retriable: true })
    vi.spyOn(store, 'claim').mockRejectedValue(down)
    const { handle, context, handler, producer } = scene({ store })
    await expect(handle(order(), context)).rejects.toBe(down)
    expect(handler).not.toHaveBeenCalled()
    expect(producer.records).toEqual([])
  })

  test('a store that cannot forget does not fail a record that is handled', async () => {
    const store = memoryStore()
    vi.spyOn(store, 'complete').mockRejectedValue(new Error('down'))
    const { handle, context, handler } = scene({ store })
    handler.mockImplementation(() => undefined)
    await handle(order(), context)
    expect(handler).toHaveBeenCalledTimes(1)
  })

  test('a copy that is given up while it waits is not set aside, whatever `when` says', async () => {
    const clock = new ManualClock()
    const { producer } = scene()
    const topics = [{ topic: 'orders.soon', delayMs: 5_000 }]
    const handle = deadLetter<string, TestValue>(
      { producer, topic: 'orders.dead', when: () => true, clock },
      retry({ attempts: 1, topics, producer, clock }, () => {
        throw failure
      }),
    )
    await handle(order(), contextOf(undefined, clock))
    // As when the run ends: the time for finishing is not over, but nobody rests any more.
    const ending = { ...contextOf(undefined, clock), rest: () => Promise.reject(restGivenUp()) }
    await expect(handle(producer.last(), ending)).rejects.toMatchObject({ code: 'HANDLER_GIVEN_UP' })
    expect(producer.records.map(({ topic }) => topic)).toEqual(['orders.soon'])
  })

  test('a copy that waits until it is due is not counted before', async () => {
    const clock = new ManualClock()
    const store = memoryStore({ clock })
    const claim = vi.spyOn(store, 'claim')
    const { producer } = scene()
    const topics = [{ topic: 'orders.soon', delayMs: 5_000 }]
    const handle = deadLetter<string, TestValue>(
      { producer, topic: 'orders.dead', store, clock },
      retry({ attempts: 1, topics, producer, clock }, () => {
        throw failure
      }),
    )
    const revoked = new AbortController()
    const context = contextOf(revoked.signal, clock)
    await handle(order(), context)
    const waiting = handle(producer.last(), context)
    await clock.advance({ seconds: 4 })
    revoked.abort(crash)
    await expect(waiting).rejects.toBe(crash)
    expect(claim).toHaveBeenCalledTimes(1)
  })

  test('wrong options are refused at once', () => {
    const producer = new KeptRecords()
    const make = (options: object) => () => deadLetter(options as never, vi.fn())
    expect(make({ producer, topic: 'dead', maxDeliveries: 3 })).toThrow('maxDeliveries needs a store')
    expect(make({ producer: {}, topic: 'dead' })).toThrow('needs a method send')
    expect(make({ producer, topic: 'dead', store: {} })).toThrow('the store needs claim and complete')
  })
})

test('put around each other, they move what may pass, bury what does not, and repeat nothing', async () => {
  const clock = new ManualClock()
  const store = memoryStore({ clock })
  const producer = new KeptRecords()
  const context = contextOf(undefined, clock)
  const topics = [{ topic: 'orders.soon', delayMs: 5_000 }]
  const handled = vi.fn()
  let isBroken = true
  const handle = deadLetter<string, TestValue>(
    { producer, topic: 'orders.dead', store, clock },
    retry(
      { attempts: 2, initialMs: 10, topics, producer, clock },
      dedup({ store, key: record => record.value?.id }, record => {
        if (isBroken || record.value?.text === 'never') throw failure
        handled(record.offset)
      }),
    ),
  )
  const run = async (record: TestRecord): Promise<void> => {
    const done = handle(record, context)
    await clock.advance({ seconds: 6 })
    await done
  }
  const before = { deadLetter: 0, ...eosMetrics().deadLetter }
  await run(order())
  const copy = producer.last()
  isBroken = false
  await run(copy)
  await run(copy)
  await run(order({ offset: 43 }))
  expect(handled.mock.calls).toEqual([[42n]])
  await run(order({ offset: 44, value: '{}' }))
  expect(producer.last().header(deadLetterHeaders.errorName)).toBe('MissingIdError')
  await run(order({ offset: 45, value: '{"id":"b","text":"never"}' }))
  await run(producer.last())
  expect(producer.records.map(({ topic }) => topic)).toEqual([
    'orders.soon',
    'orders.dead',
    'orders.soon',
    'orders.dead',
  ])
  const letter = producer.last()
  expect([letter.header(deadLetterHeaders.offset), letter.header(deadLetterHeaders.attempts)]).toEqual(['45', '4'])
  expect((eosMetrics().deadLetter?.deadLetter ?? 0) - before.deadLetter).toBe(2)
})
