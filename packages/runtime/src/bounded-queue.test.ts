import { describe, expect, test } from 'vitest'
import { BoundedQueue, type BoundedQueueOptions } from './bounded-queue.js'
import { BufferExhaustedError, KafkaError, TimeoutError } from './errors.js'
import { ManualClock } from './manual-clock.js'
import { SeededRandom } from './random.js'

interface SetUp {
  readonly clock: ManualClock
  readonly queue: BoundedQueue<string>
}

/** By weight, an item weighs as much as it has characters. */
function setUp(options: Partial<BoundedQueueOptions<string>> = {}): SetUp {
  const clock = new ManualClock()
  return { clock, queue: new BoundedQueue<string>({ clock, name: 'the queue', limit: 3, ...options }) }
}

const byLength = { weigh: (item: string): number => item.length, limit: 10 }

function log(promises: Record<string, Promise<unknown>>): string[] {
  const lines: string[] = []
  for (const [name, promise] of Object.entries(promises)) {
    promise.then(
      value => lines.push(value === undefined ? name : `${name} ${value}`),
      (error: unknown) => lines.push(`${name} ${error}`),
    )
  }
  return lines
}

describe('without waiting', () => {
  test('takes items up to its limit and gives them back in order', () => {
    const { queue } = setUp()
    expect(['a', 'b', 'c', 'd'].map(item => queue.offer(item))).toEqual([true, true, true, false])
    expect([queue.size, queue.weight]).toEqual([3, 3])
    expect([queue.poll(), queue.poll(), queue.poll(), queue.poll()]).toEqual(['a', 'b', 'c', undefined])
  })

  test('counts by weight when it is told how', () => {
    const { queue } = setUp(byLength)
    expect([queue.offer('123456'), queue.offer('12345'), queue.offer('1234')]).toEqual([true, false, true])
    expect([queue.size, queue.weight]).toEqual([2, 10])
    queue.poll()
    expect(queue.weight).toBe(4)
  })

  test('refuses at once what can never fit', () => {
    const { queue } = setUp(byLength)
    expect(() => queue.offer('12345678901')).toThrow(/an item of 11 can never fit into the queue, which holds 10/)
    expect(() => queue.offer('')).toThrow(/an item of the queue weighs 0/)
  })
})

describe('waiting for room', () => {
  test('is in order, and nobody overtakes even with an item that would fit', async () => {
    const { clock, queue } = setUp(byLength)
    queue.offer('1234567')
    const lines = log({ heavy: queue.put('12345'), light: queue.put('1') })
    expect(queue.offer('2')).toBe(false)
    await clock.settle()
    expect(lines).toEqual([])
    expect(queue.waiting).toBe(2)
    queue.poll()
    await clock.settle()
    expect(lines).toEqual(['heavy', 'light'])
    expect([queue.poll(), queue.poll(), queue.poll()]).toEqual(['12345', '1', undefined])
  })

  test('ends when its time is over, and lets those behind in if they fit', async () => {
    const { clock, queue } = setUp(byLength)
    queue.offer('12345678')
    const lines = log({ heavy: queue.put('12345', { timeoutMs: 100 }), light: queue.put('12') })
    await clock.advance(100)
    expect(lines).toEqual([
      'heavy TimeoutError: no room in the queue within 100 ms (8 of 10 in use, 2 waiting)',
      'light',
    ])
    expect([queue.poll(), queue.poll(), queue.poll()]).toEqual(['12345678', '12', undefined])
  })

  test('ends with the reason of the signal', async () => {
    const { queue } = setUp({ limit: 1 })
    queue.offer('a')
    const controller = new AbortController()
    const waiting = queue.put('b', { signal: controller.signal })
    controller.abort(new Error('enough'))
    await expect(waiting).rejects.toThrow('enough')
    expect([queue.poll(), queue.poll()]).toEqual(['a', undefined])
  })

  test('ends with the error of the owner where it has one', async () => {
    const putTimeoutError = (waitedMs: number): Error => new BufferExhaustedError(`full for ${waitedMs} ms`)
    const { clock, queue } = setUp({ limit: 1, putTimeoutError })
    queue.offer('a')
    const lines = log({ put: queue.put('b', { timeoutMs: 60_000 }) })
    await clock.advance(60_000)
    expect(lines).toEqual(['put BufferExhaustedError: full for 60000 ms'])
  })

  test('has a limit of its own', async () => {
    const { queue } = setUp({ limit: 1, maxWaiting: 1 })
    queue.offer('a')
    log({ first: queue.put('b') })
    await expect(queue.put('c')).rejects.toMatchObject({ code: 'TOO_MANY_WAITING' })
  })
})

describe('waiting for an item', () => {
  test('gives the first item to the first who asked', async () => {
    const { clock, queue } = setUp()
    const lines = log({ one: queue.take(), two: queue.take() })
    queue.offer('a')
    await queue.put('b')
    queue.offer('c')
    await clock.settle()
    expect(lines).toEqual(['one a', 'two b'])
    expect([queue.size, await queue.take()]).toEqual([1, 'c'])
  })

  test('ends when its time is over, and the item goes to the next', async () => {
    const { clock, queue } = setUp()
    const lines = log({ one: queue.take({ timeoutMs: 10 }), two: queue.take() })
    await clock.advance(10)
    queue.offer('a')
    await clock.settle()
    expect(lines).toEqual(['one TimeoutError: no item in the queue within 10 ms', 'two a'])
  })
})

describe('closing', () => {
  test('ends all waits, lets nothing more in and lets the rest out', async () => {
    const { clock, queue } = setUp({ limit: 1 })
    queue.offer('a')
    const lines = log({ put: queue.put('b') })
    queue.close(new KafkaError('the queue is closed', { code: 'CLOSED' }))
    queue.close(new Error('second'))
    expect(() => queue.offer('c')).toThrow('the queue is closed')
    await expect(queue.put('c')).rejects.toThrow('the queue is closed')
    await clock.settle()
    expect(lines).toEqual(['put KafkaError: the queue is closed'])
    expect(await queue.take()).toBe('a')
    await expect(queue.take()).rejects.toThrow('the queue is closed')
    expect([queue.poll(), queue.closed]).toEqual([undefined, true])
  })

  test('ends those who wait for an item', async () => {
    const { queue } = setUp()
    const waiting = queue.take()
    queue.close(new TimeoutError('over'))
    await expect(waiting).rejects.toThrow('over')
  })
})

test.each([1, 2, 3])('loses, doubles and reorders nothing under random use, seed %i', async seed => {
  const random = new SeededRandom(seed)
  const { clock, queue } = setUp({ ...byLength, maxWaiting: 5_000 })
  const admitted: string[] = []
  const taken: string[] = []
  for (let step = 0; step < 2_000; step++) {
    const action = random.next()
    const item = `${step}`.padStart(random.integer(4, 8), '0')
    if (action < 0.3) {
      if (queue.offer(item)) admitted.push(item)
    } else if (action < 0.55) {
      const limited = random.next() < 0.3 ? { timeoutMs: random.integer(1, 5) } : {}
      queue.put(item, limited).then(
        () => admitted.push(item),
        () => {},
      )
    } else if (action < 0.9) {
      const polled = queue.poll()
      if (polled !== undefined) taken.push(polled)
    } else {
      await clock.advance(1)
    }
    expect(queue.weight).toBeLessThanOrEqual(10)
  }
  await clock.settle()
  for (let item = queue.poll(); item !== undefined; item = queue.poll()) taken.push(item)
  await clock.settle()
  expect(taken.toSorted()).toEqual(admitted.toSorted())
  // Items carry the step at which they came, so whoever overtook would show here.
  const steps = taken.map(Number)
  expect(steps).toEqual(steps.toSorted((one, other) => one - other))
  expect(new Set(taken).size).toBe(taken.length)
  expect(taken.length).toBeGreaterThan(400)
})
