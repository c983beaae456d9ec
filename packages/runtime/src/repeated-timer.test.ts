import { describe, expect, test } from 'vitest'
import { ManualClock } from './manual-clock.js'
import { repeatEvery } from './repeated-timer.js'

function fail(error: unknown): never {
  throw error
}

describe('repeatEvery', () => {
  test('runs on every beat until it is cancelled', async () => {
    const clock = new ManualClock()
    const runs: number[] = []
    const repeated = repeatEvery(clock, 100, () => void runs.push(clock.monotonic()), { onError: fail })
    await clock.advance(350)
    expect(runs).toEqual([100, 200, 300])
    repeated.cancel()
    await clock.advance(350)
    expect(runs).toEqual([100, 200, 300])
    expect(clock.pendingTimers).toBe(0)
  })

  test('never overlaps itself and skips the beats that a long run has missed', async () => {
    const clock = new ManualClock()
    const log: string[] = []
    repeatEvery(
      clock,
      100,
      async () => {
        log.push(`begin ${clock.monotonic()}`)
        await clock.sleep(250)
        log.push(`end ${clock.monotonic()}`)
      },
      { onError: fail },
    )
    await clock.advance(800)
    expect(log).toEqual(['begin 100', 'end 350', 'begin 400', 'end 650', 'begin 700'])
  })

  test('goes on after a run that throws or rejects', async () => {
    const clock = new ManualClock()
    const errors: unknown[] = []
    let count = 0
    const run = (): Promise<void> => {
      count++
      if (count === 1) throw new Error('thrown')
      return Promise.reject(new Error('rejected'))
    }
    repeatEvery(clock, 10, run, { onError: error => errors.push(error) })
    await clock.advance(20)
    expect(errors).toEqual([new Error('thrown'), new Error('rejected')])
  })

  test('restart begins a new beat', async () => {
    const clock = new ManualClock()
    const runs: number[] = []
    const repeated = repeatEvery(clock, 100, () => void runs.push(clock.monotonic()), { onError: fail })
    await clock.advance(70)
    repeated.restart()
    await clock.advance(300)
    expect(runs).toEqual([170, 270, 370])
  })

  test('cancelled during a run does not come back, restarted during a run does', async () => {
    const clock = new ManualClock()
    const runs: number[] = []
    const repeated = repeatEvery(
      clock,
      100,
      async () => {
        runs.push(clock.monotonic())
        repeated.cancel()
        await clock.sleep(30)
        if (runs.length === 1) repeated.restart()
      },
      { onError: fail },
    )
    await clock.advance(1_000)
    expect(runs).toEqual([100, 230])
    expect(repeated.active).toBe(false)
  })

  test('restarted during a run does not begin the next one before this one has ended', async () => {
    const clock = new ManualClock()
    const log: string[] = []
    const repeated = repeatEvery(
      clock,
      100,
      async () => {
        log.push(`begin ${clock.monotonic()}`)
        repeated.restart()
        await clock.sleep(150)
        log.push(`end ${clock.monotonic()}`)
      },
      { onError: fail },
    )
    await clock.advance(550)
    expect(log).toEqual(['begin 100', 'end 250', 'begin 300', 'end 450', 'begin 500'])
  })

  test('refuses a period of nothing', () => {
    expect(() => repeatEvery(new ManualClock(), 0, () => {}, { onError: fail })).toThrow(/at least 1 ms, got 0/)
  })
})
