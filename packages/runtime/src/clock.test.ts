import { getEventListeners } from 'node:events'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { systemClock } from './clock.js'

const dayMs = 86_400_000

beforeEach(() => {
  vi.useFakeTimers({ now: 1_000_000 })
})

afterEach(() => {
  vi.useRealTimers()
})

describe('the system clock', () => {
  test('tells the time of day in whole milliseconds and durations from a start of its own', () => {
    expect(systemClock.now()).toBe(1_000_000)
    const start = systemClock.monotonic()
    vi.advanceTimersByTime(250)
    expect(systemClock.now()).toBe(1_000_250)
    expect(systemClock.monotonic() - start).toBe(250)
    vi.setSystemTime(5)
    expect(systemClock.now()).toBe(5)
    expect(systemClock.monotonic() - start).toBe(250)
  })

  test('fires a timer once, after its delay', () => {
    const fired = vi.fn()
    const timer = systemClock.timer(100, fired)
    expect(timer.active).toBe(true)
    vi.advanceTimersByTime(99)
    expect(fired).not.toHaveBeenCalled()
    vi.advanceTimersByTime(500)
    expect(fired).toHaveBeenCalledTimes(1)
    expect(timer.active).toBe(false)
  })

  test('rounds a delay up, so that nothing fires before its time', () => {
    const fired = vi.fn()
    systemClock.timer(1.2, fired)
    vi.advanceTimersByTime(1)
    expect(fired).not.toHaveBeenCalled()
    vi.advanceTimersByTime(1)
    expect(fired).toHaveBeenCalledTimes(1)
  })

  test('does not fire a cancelled timer, and cancelling twice is harmless', () => {
    const fired = vi.fn()
    const timer = systemClock.timer(100, fired)
    timer.cancel()
    timer.cancel()
    vi.advanceTimersByTime(1000)
    expect(fired).not.toHaveBeenCalled()
    expect(vi.getTimerCount()).toBe(0)
  })

  test.each([
    ['armed', 0],
    ['fired', 150],
  ])('restarts a timer that is %s, for its full delay', (_state, beforeMs) => {
    const fired = vi.fn()
    const timer = systemClock.timer(100, fired)
    vi.advanceTimersByTime(beforeMs)
    fired.mockClear()
    timer.restart()
    vi.advanceTimersByTime(99)
    expect(fired).not.toHaveBeenCalled()
    expect(timer.active).toBe(true)
    vi.advanceTimersByTime(1)
    expect(fired).toHaveBeenCalledTimes(1)
  })

  test('restarts a cancelled timer, and one from within its own callback', () => {
    let left = 3
    const timer = systemClock.timer(10, () => {
      if (--left > 0) timer.restart()
    })
    timer.cancel()
    timer.restart()
    vi.advanceTimersByTime(1000)
    expect(left).toBe(0)
    expect(timer.active).toBe(false)
  })

  test('waits for months, which a timer of Node cannot', () => {
    const fired = vi.fn()
    const timer = systemClock.timer(60 * dayMs, fired)
    vi.advanceTimersByTime(59 * dayMs)
    expect(fired).not.toHaveBeenCalled()
    expect(timer.active).toBe(true)
    timer.restart()
    vi.advanceTimersByTime(59 * dayMs)
    expect(fired).not.toHaveBeenCalled()
    vi.advanceTimersByTime(dayMs)
    expect(fired).toHaveBeenCalledTimes(1)
  })

  test('never fires an infinite timer and can cancel it', () => {
    const fired = vi.fn()
    const timer = systemClock.timer(Infinity, fired)
    vi.advanceTimersByTime(100 * dayMs)
    expect(fired).not.toHaveBeenCalled()
    timer.cancel()
    expect(vi.getTimerCount()).toBe(0)
  })

  test('lets go of the process when asked to', () => {
    const holds = vi.spyOn(globalThis, 'setTimeout')
    systemClock.timer(10, () => {})
    systemClock.timer(10, () => {}, { unref: true })
    const results = holds.mock.results.map(result => (result.type === 'return' ? result.value.hasRef() : undefined))
    expect(results).toEqual([true, false])
  })

  test('refuses a delay that is no number', () => {
    expect(() => systemClock.timer(Number.NaN, () => {})).toThrow(/delay in milliseconds/)
  })
})

describe('sleep', () => {
  test('resolves after its time and leaves nothing on the signal', async () => {
    const controller = new AbortController()
    const sleeping = systemClock.sleep(50, { signal: controller.signal })
    vi.advanceTimersByTime(50)
    await expect(sleeping).resolves.toBeUndefined()
    expect(getEventListeners(controller.signal, 'abort')).toHaveLength(0)
  })

  test('rejects with the reason of the signal and leaves no timer', async () => {
    const controller = new AbortController()
    const sleeping = systemClock.sleep(50, { signal: controller.signal })
    const reason = new Error('enough')
    controller.abort(reason)
    await expect(sleeping).rejects.toBe(reason)
    expect(vi.getTimerCount()).toBe(0)
  })

  test('does not begin when the signal is aborted already', async () => {
    await expect(systemClock.sleep(50, { signal: AbortSignal.abort('no') })).rejects.toBe('no')
    expect(vi.getTimerCount()).toBe(0)
  })
})
