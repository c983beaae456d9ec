import { AsyncLocalStorage } from 'node:async_hooks'
import { channel, type TracingChannelSubscribers, tracingChannel } from 'node:diagnostics_channel'
import { afterEach, describe, expect, test } from 'vitest'
import { eventChannelNames, observedEvents, observedOperations, operationChannelNames } from './diagnostics.js'
import type { FlushPayload } from './diagnostics-payloads.js'

const cleanUps: (() => void)[] = []

afterEach(() => {
  for (const cleanUp of cleanUps.splice(0)) cleanUp()
})

/** Subscribes as a user would, by name, and notes what comes. */
function observeFlush(): string[] {
  const log: string[] = []
  const note =
    (stage: string) =>
    (payload: FlushPayload & { result?: unknown; error?: unknown }): void =>
      void log.push(`${stage} ${payload.records} ${payload.error ?? payload.result ?? ''}`.trim())
  const subscribers: TracingChannelSubscribers<FlushPayload> = {
    start: note('start'),
    end: note('end'),
    asyncStart: note('asyncStart'),
    asyncEnd: note('asyncEnd'),
    error: note('error'),
  }
  const flush = tracingChannel<unknown, FlushPayload>('samsa:flush')
  flush.subscribe(subscribers)
  cleanUps.push(() => flush.unsubscribe(subscribers))
  return log
}

const payload = (): FlushPayload => ({ clientId: 'shop', records: 3 })

function unwanted(): never {
  throw new Error('a payload was made for nobody')
}

test('the names of the channels are a contract', () => {
  expect(Object.values(operationChannelNames)).toEqual(
    'send flush fetch process commit rebalance transaction request connect'.split(' ').map(name => `samsa:${name}`),
  )
  expect(Object.values(eventChannelNames)).toEqual([
    'samsa:lag',
    'samsa:throttle',
    'samsa:poll-overdue',
    'samsa:fault',
    'samsa:exactly-once',
  ])
  expect(Object.keys(observedOperations)).toEqual(Object.keys(operationChannelNames))
  expect(Object.keys(observedEvents)).toEqual(Object.keys(eventChannelNames))
})

describe('an operation', () => {
  test('makes no payload and no wrapper when nobody looks in', () => {
    const promise = Promise.resolve(1)
    expect(observedOperations.flush.observed).toBe(false)
    expect(observedOperations.flush.run(unwanted, () => promise)).toBe(promise)
  })

  test('that is one function is told from start to end, with its result', async () => {
    const log = observeFlush()
    expect(observedOperations.flush.observed).toBe(true)
    await expect(observedOperations.flush.run(payload, async () => 'done')).resolves.toBe('done')
    expect(log).toEqual(['start 3', 'end 3', 'asyncStart 3 done', 'asyncEnd 3 done'])
  })

  test('that fails is told with its error, and fails as before', async () => {
    const log = observeFlush()
    const failing = observedOperations.flush.run(payload, () => Promise.reject(new Error('no')))
    await expect(failing).rejects.toThrow('no')
    expect(log).toContain('error 3 Error: no')
    expect(log.at(-1)).toBe('asyncEnd 3 Error: no')
  })

  test('that ends elsewhere is told in the same steps', () => {
    const log = observeFlush()
    const told = payload()
    expect(observedOperations.flush.begin(told, () => 7)).toBe(7)
    observedOperations.flush.finish(told, 'done')
    expect(log).toEqual(['start 3', 'end 3', 'asyncStart 3 done', 'asyncEnd 3 done'])
  })

  test('that cannot even begin, or fails elsewhere, is told too', () => {
    const log = observeFlush()
    const broken = (): never => {
      throw new Error('at once')
    }
    expect(() => observedOperations.flush.begin(payload(), broken)).toThrow('at once')
    expect(log.splice(0)).toEqual(['start 3', 'error 3 Error: at once', 'end 3 Error: at once'])
    const told = payload()
    observedOperations.flush.begin(told, () => {})
    observedOperations.flush.fail(told, new Error('later'))
    expect(log.slice(2)).toEqual(['error 3 Error: later', 'asyncStart 3 Error: later', 'asyncEnd 3 Error: later'])
  })

  test('runs in the context that an observer sets up', async () => {
    const span = new AsyncLocalStorage<string>()
    const { start } = tracingChannel<string, FlushPayload>('samsa:flush')
    start.bindStore(span, told => `span of ${told.clientId}`)
    cleanUps.push(() => void start.unbindStore(span))
    const inside = await observedOperations.flush.run(payload, async () => {
      await Promise.resolve()
      return span.getStore()
    })
    expect(inside).toBe('span of shop')
    expect(observedOperations.flush.begin(payload(), () => span.getStore())).toBe('span of shop')
    expect(span.getStore()).toBeUndefined()
  })
})

test('an event is told to those who look in, and made for nobody else', () => {
  observedEvents.throttle.publish(unwanted)
  const told: unknown[] = []
  const listener = (message: unknown): void => void told.push(message)
  const throttle = channel('samsa:throttle')
  throttle.subscribe(listener)
  cleanUps.push(() => void throttle.unsubscribe(listener))
  const message = { clientId: 'shop', broker: 'one:9092', api: 'Produce', throttleTimeMs: 40 }
  observedEvents.throttle.publish(() => message)
  expect(told).toEqual([message])
})
