import { describe, expect, test, vi } from 'vitest'
import { ManualClock } from './manual-clock.js'

function recorder(clock: ManualClock): { log: string[]; note: (name: string) => () => void } {
  const log: string[] = []
  return { log, note: name => () => log.push(`${clock.monotonic()} ${name}`) }
}

describe('advance', () => {
  test('runs what is due in order of time, ties in order of arming, each at its own moment', async () => {
    const clock = new ManualClock({ startMs: 1_000 })
    const { log, note } = recorder(clock)
    clock.timer(20, note('c'))
    clock.timer(10, note('a'))
    clock.timer(20, note('d'))
    clock.timer(31, note('later'))
    clock.timer(10, note('b'))
    await clock.advance(30)
    expect(log).toEqual(['10 a', '10 b', '20 c', '20 d'])
    expect(clock.now()).toBe(1_030)
    expect(clock.nextTimerAt).toBe(1_031)
    expect(clock.pendingTimers).toBe(1)
  })

  test('runs timers that come up on the way, and none beyond its end', async () => {
    const clock = new ManualClock()
    const { log, note } = recorder(clock)
    clock.timer(10, () => {
      clock.timer(0, note('at once'))
      clock.timer(5, note('soon'))
      clock.timer(90, note('at the very end'))
      clock.timer(91, note('too late'))
    })
    await clock.advance(100)
    expect(log).toEqual(['10 at once', '15 soon', '100 at the very end'])
  })

  test('lets chains of promises settle before, between and after timers', async () => {
    const clock = new ManualClock()
    const { log, note } = recorder(clock)
    void (async () => {
      await Promise.resolve()
      note('before')()
      for (const step of ['one', 'two']) {
        await clock.sleep(10)
        for (let link = 0; link < 50; link++) await Promise.resolve()
        note(step)()
      }
    })()
    clock.timer(15, note('between'))
    await clock.advance(20)
    expect(log).toEqual(['0 before', '10 one', '15 between', '20 two'])
  })

  test('lets a request and its response cross over immediates before the next timer', async () => {
    const clock = new ManualClock()
    const { log, note } = recorder(clock)
    clock.timer(10, () => {
      setImmediate(() => Promise.resolve().then(() => setImmediate(note('response'))))
    })
    clock.timer(11, note('next'))
    await clock.advance(11)
    expect(log).toEqual(['10 response', '11 next'])
  })

  test('takes words for a span', async () => {
    const clock = new ManualClock({ startMs: 0 })
    await clock.advance({ days: 1, hours: 1, minutes: 1, seconds: 1, ms: 1 })
    expect(clock.now()).toBe(90_061_001)
  })

  test('ends with what a timer throws, at the moment of the timer, and can go on', async () => {
    const clock = new ManualClock()
    const { log, note } = recorder(clock)
    clock.timer(10, () => {
      throw new Error('broken')
    })
    clock.timer(20, note('after'))
    await expect(clock.advance(100)).rejects.toThrow('broken')
    expect(clock.monotonic()).toBe(10)
    await clock.advance(90)
    expect(log).toEqual(['20 after'])
  })

  test('is refused while another is under way, and for a span that is not whole', async () => {
    const clock = new ManualClock()
    const first = clock.advance(10)
    await expect(clock.advance(10)).rejects.toThrow(/already under way/)
    await first
    expect(clock.monotonic()).toBe(10)
    await expect(clock.advance(-1)).rejects.toThrow(/whole number of milliseconds, 0 or more, got -1/)
    await expect(clock.advance({ seconds: 0.0001 })).rejects.toThrow(/got 0.1/)
  })

  test('names the timer that never comes to rest', async () => {
    const clock = new ManualClock({ maxTimersPerAdvance: 50, settleTurns: 1 })
    const busy = clock.timer(0, () => busy.restart(), { name: 'linger' })
    clock.timer(0, function housekeeping() {})
    await expect(clock.advance(10)).rejects.toThrow(/has run 50 timers, 49 of them "linger"/)
  })

  test('names the timer that is armed without end', () => {
    const clock = new ManualClock({ maxTimers: 3 })
    clock.timer(5, () => {}, { name: 'other' })
    clock.timer(5, function requestTimeout() {})
    clock.timer(5, function requestTimeout() {})
    expect(() => clock.timer(5, () => {})).toThrow(/3 timers are armed, 2 of them "requestTimeout"/)
  })

  test('works beside faked global timers', async () => {
    vi.useFakeTimers()
    const clock = new ManualClock()
    const { log, note } = recorder(clock)
    clock.timer(5, note('ran'))
    await clock.advance(5)
    vi.useRealTimers()
    expect(log).toEqual(['5 ran'])
  })
})

describe('a timer of the manual clock', () => {
  test('can be cancelled and restarted at any moment', async () => {
    const clock = new ManualClock()
    const { log, note } = recorder(clock)
    const timer = clock.timer(10, note('timer'))
    const other = clock.timer(10, note('other'))
    await clock.advance(9)
    timer.restart()
    other.cancel()
    expect([timer.active, other.active]).toEqual([true, false])
    await clock.advance(9)
    expect(log).toEqual([])
    await clock.advance(1)
    expect(log).toEqual(['19 timer'])
    expect(timer.active).toBe(false)
    timer.restart()
    await clock.advance(10)
    expect(log).toEqual(['19 timer', '29 timer'])
  })

  test('cancelled by a timer of the same moment does not run', async () => {
    const clock = new ManualClock()
    const { log, note } = recorder(clock)
    clock.timer(10, () => second.cancel())
    const second = clock.timer(10, note('second'))
    await clock.advance(10)
    expect(log).toEqual([])
  })

  test('that never fires is not armed', async () => {
    const clock = new ManualClock()
    const never = clock.timer(Infinity, () => {})
    expect([never.active, clock.pendingTimers, clock.nextTimerAt]).toEqual([true, 0, undefined])
    never.cancel()
    expect(never.active).toBe(false)
  })

  test('rounds a delay up as the system clock does', () => {
    const clock = new ManualClock({ startMs: 0 })
    clock.timer(0.1, () => {})
    expect(clock.nextTimerAt).toBe(1)
  })
})

test('advanceToNextTimer goes from timer to timer and stands still when there is none', async () => {
  const clock = new ManualClock()
  const { log, note } = recorder(clock)
  clock.timer(1_000, note('one'))
  clock.timer(60_000, note('two'))
  expect(await clock.advanceToNextTimer()).toBe(true)
  expect(await clock.advanceToNextTimer()).toBe(true)
  expect(await clock.advanceToNextTimer()).toBe(false)
  expect(log).toEqual(['1000 one', '60000 two'])
  expect(clock.monotonic()).toBe(60_000)
})

test('setting the hour of the day moves no timer', async () => {
  const clock = new ManualClock({ startMs: 1_000 })
  const { log, note } = recorder(clock)
  clock.timer(10, note('timer'))
  clock.setNow(0)
  expect([clock.now(), clock.monotonic(), clock.nextTimerAt]).toEqual([0, 0, 10])
  await clock.advance(10)
  expect(log).toEqual(['10 timer'])
})

test('sleep ends on its moment, or with the reason of the signal', async () => {
  const clock = new ManualClock()
  const controller = new AbortController()
  const slept = clock.sleep(10)
  const aborted = clock.sleep(10, { signal: controller.signal })
  controller.abort('enough')
  await expect(aborted).rejects.toBe('enough')
  expect(clock.pendingTimers).toBe(1)
  await clock.advance(10)
  await expect(slept).resolves.toBeUndefined()
})
