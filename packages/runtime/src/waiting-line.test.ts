import { getEventListeners } from 'node:events'
import { describe, expect, test } from 'vitest'
import { TimeoutError } from './errors.js'
import { ManualClock } from './manual-clock.js'
import { WaitingLine, type WaitingLineOptions } from './waiting-line.js'

function setUp(options: Partial<WaitingLineOptions> = {}): { clock: ManualClock; line: WaitingLine<number, string> } {
  const clock = new ManualClock()
  return { clock, line: new WaitingLine({ clock, name: 'buffer memory', limit: 5, ...options }) }
}

/** The outcome of each promise, in the order in which they settled. */
function outcomes(promises: Record<string, Promise<unknown>>): string[] {
  const log: string[] = []
  for (const [name, promise] of Object.entries(promises)) {
    promise.then(
      value => log.push(`${name}: ${value}`),
      (error: unknown) => log.push(`${name}: ${error}`),
    )
  }
  return log
}

describe('a waiting line', () => {
  test('admits in the order of coming and tells what the first wants', async () => {
    const { clock, line } = setUp()
    const log = outcomes({ a: line.join(3), b: line.join(1), c: line.join(2) })
    expect([line.size, line.firstWant]).toEqual([3, 3])
    line.admitFirst('x')
    expect(line.firstWant).toBe(1)
    line.admitFirst('y')
    line.admitFirst('z')
    await clock.settle()
    expect(log).toEqual(['a: x', 'b: y', 'c: z'])
    expect(line.firstWant).toBeUndefined()
    expect(() => line.admitFirst('nobody')).toThrow(/nobody waits for buffer memory/)
  })

  test('lets one go from the middle, by time or by signal, and keeps the order of the others', async () => {
    const { clock, line } = setUp()
    const controller = new AbortController()
    const log = outcomes({
      a: line.join(1),
      b: line.join(2, { timeoutMs: 50 }),
      c: line.join(3, { signal: controller.signal }),
      d: line.join(4),
    })
    await clock.advance(50)
    controller.abort('enough')
    line.admitFirst('x')
    line.admitFirst('y')
    await clock.settle()
    expect(log).toEqual(['b: TimeoutError: no buffer memory within 50 ms', 'c: enough', 'a: x', 'd: y'])
    expect(line.size).toBe(0)
  })

  test('tells its owner when the first gives up, and only then', async () => {
    let gone = 0
    const { clock, line } = setUp({ onFirstGone: () => gone++ })
    outcomes({ a: line.join(1, { timeoutMs: 20 }), b: line.join(2, { timeoutMs: 10 }), c: line.join(3) })
    await clock.advance(10)
    expect(gone).toBe(0)
    await clock.advance(10)
    expect([gone, line.firstWant]).toEqual([1, 3])
    line.admitFirst('x')
    expect(gone).toBe(1)
  })

  test('leaves no timer and no listener behind, however a wait ends', async () => {
    const { clock, line } = setUp()
    const { signal } = new AbortController()
    const log = outcomes({ a: line.join(1, { signal, timeoutMs: 10 }), b: line.join(2, { signal, timeoutMs: 20 }) })
    line.admitFirst('x')
    line.failAll(new Error('closed'))
    expect(clock.pendingTimers).toBe(0)
    expect(getEventListeners(signal, 'abort')).toHaveLength(0)
    await clock.advance(100)
    expect(log).toEqual(['a: x', 'b: Error: closed'])
  })

  test('refuses at once: an aborted signal, no time at all, one more than the limit', async () => {
    const { line } = setUp({ limit: 1, timeoutError: waitedMs => new TimeoutError(`own after ${waitedMs}`) })
    await expect(line.join(1, { signal: AbortSignal.abort('no') })).rejects.toBe('no')
    await expect(line.join(1, { timeoutMs: 0 })).rejects.toThrow('own after 0')
    await expect(line.join(1, { timeoutMs: Number.NaN })).rejects.toThrow(/NaN/)
    outcomes({ a: line.join(1) })
    await expect(line.join(2)).rejects.toMatchObject({
      code: 'TOO_MANY_WAITING',
      message: expect.stringContaining('1 callers wait for buffer memory already'),
    })
    expect(line.size).toBe(1)
  })

  test('ends everybody under one signal, each once, when the owner closes on the first abort', async () => {
    const { clock, line } = setUp({ onFirstGone: () => line.failAll(new Error('closed')) })
    const controller = new AbortController()
    const { signal } = controller
    const log = outcomes({ a: line.join(1, { signal }), b: line.join(2, { signal }), c: line.join(3, { signal }) })
    controller.abort('enough')
    await clock.settle()
    expect(log).toEqual(['a: enough', 'b: Error: closed', 'c: Error: closed'])
    expect(line.size).toBe(0)
  })
})
