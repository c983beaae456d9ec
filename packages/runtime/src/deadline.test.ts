import { getEventListeners } from 'node:events'
import { describe, expect, test } from 'vitest'
import { Deadline, settleWithin } from './deadline.js'
import { TimeoutError } from './errors.js'
import { ManualClock } from './manual-clock.js'

describe('a deadline', () => {
  test('counts down to 0 and stays there', async () => {
    const clock = new ManualClock()
    const deadline = new Deadline(clock, 100)
    await clock.advance(99)
    expect([deadline.remainingMs, deadline.elapsedMs, deadline.passed]).toEqual([1, 99, false])
    await clock.advance(1)
    expect([deadline.remainingMs, deadline.passed]).toEqual([0, true])
    await clock.advance(50)
    expect([deadline.remainingMs, deadline.elapsedMs]).toEqual([0, 150])
  })

  test('that is infinite never passes', async () => {
    const clock = new ManualClock()
    const deadline = new Deadline(clock, Infinity)
    await clock.advance({ days: 400 })
    expect([deadline.remainingMs, deadline.passed]).toEqual([Infinity, false])
  })

  test('does not move when the hour of the day is set', () => {
    const clock = new ManualClock()
    const deadline = new Deadline(clock, 100)
    clock.setNow(0)
    expect(deadline.remainingMs).toBe(100)
  })

  test('refuses what is no number', () => {
    expect(() => new Deadline(new ManualClock(), Number.NaN)).toThrow(/NaN/)
  })
})

describe('settleWithin', () => {
  const never = new Promise<never>(() => {})

  test('gives the outcome of the promise and leaves no timer and no listener', async () => {
    const clock = new ManualClock()
    const { signal } = new AbortController()
    const options = { signal, timeoutMs: 100 }
    await expect(settleWithin(clock, Promise.resolve(7), options)).resolves.toBe(7)
    await expect(settleWithin(clock, Promise.reject(new Error('own')), options)).rejects.toThrow('own')
    await clock.settle()
    expect(clock.pendingTimers).toBe(0)
    expect(getEventListeners(signal, 'abort')).toHaveLength(0)
  })

  test('hands the promise through when nothing limits the wait', () => {
    const promise = Promise.resolve(1)
    expect(settleWithin(new ManualClock(), promise, { timeoutMs: Infinity })).toBe(promise)
  })

  test('ends with a TimeoutError, or with the error that the caller prefers', async () => {
    const clock = new ManualClock()
    const { signal } = new AbortController()
    const plain = settleWithin(clock, never, { timeoutMs: 30, signal }).catch((error: unknown) => error)
    const own = settleWithin(clock, never, { timeoutMs: 30, timeoutError: ms => new Error(`own after ${ms}`) })
    const caught = own.catch((error: unknown) => error)
    await clock.advance(30)
    expect(await plain).toBeInstanceOf(TimeoutError)
    expect(await caught).toEqual(new Error('own after 30'))
    expect(getEventListeners(signal, 'abort')).toHaveLength(0)
  })

  test('ends with the reason of the signal, also when that came first', async () => {
    const clock = new ManualClock()
    const controller = new AbortController()
    const waiting = settleWithin(clock, never, { timeoutMs: 30, signal: controller.signal })
    controller.abort('enough')
    await expect(waiting).rejects.toBe('enough')
    await expect(settleWithin(clock, never, { signal: controller.signal })).rejects.toBe('enough')
    expect(clock.pendingTimers).toBe(0)
  })

  test('drops a failure that comes after the wait has ended', async () => {
    const clock = new ManualClock()
    let fail: (error: Error) => void = () => {}
    const late = new Promise<never>((_resolve, reject) => {
      fail = reject
    })
    const waiting = settleWithin(clock, late, { timeoutMs: 1 }).catch((error: unknown) => error)
    await clock.advance(1)
    fail(new Error('too late to matter'))
    await clock.settle()
    expect(await waiting).toBeInstanceOf(TimeoutError)
  })
})
