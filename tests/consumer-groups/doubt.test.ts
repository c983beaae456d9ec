/**
 * A member is doubted when its trouble is old enough for it to be out of the group, and no sooner; and only for as long as it
 * takes to hear of that.
 */
import { expect, test } from 'vitest'
import { Doubt } from './doubt.js'
import { MAX_POLL_INTERVAL_MS, SESSION_TIMEOUT_MS } from './script.js'

function at(): { readonly doubt: Doubt; move(ms: number): void } {
  let now = 0
  const doubt = new Doubt(() => now)
  return { doubt, move: ms => (now += ms) }
}

test('one without trouble is not doubted, and not excused', () => {
  const { doubt, move } = at()
  move(60_000)
  expect([doubt.isPossible, doubt.isExcused]).toEqual([false, false])
})

test('one that is cut off is doubted when its session may be over, until it has had time to hear of it', () => {
  const { doubt, move } = at()
  move(60_000)
  doubt.trouble(9000)
  move(SESSION_TIMEOUT_MS - 2000)
  expect([doubt.isPossible, doubt.isExcused]).toEqual([false, true])
  move(2000)
  expect(doubt.isPossible).toBe(true)
  doubt.end()
  move(4000)
  expect(doubt.isPossible).toBe(true)
  move(1)
  expect([doubt.isPossible, doubt.isExcused]).toEqual([false, false])
})

test('short troubles add up when they follow each other, and do not when there was peace between them', () => {
  for (const [peaceMs, isPossible] of [
    [4000, true],
    [4001, false],
  ] as const) {
    const { doubt, move } = at()
    doubt.trouble(0)
    move(peaceMs)
    doubt.trouble(2000)
    move(2000)
    expect(doubt.isPossible).toBe(isPossible)
  }
})

test('an application that does not poll is doubted when its interval may be over, if it has something in hand', () => {
  for (const isBusy of [true, false]) {
    const { doubt, move } = at()
    doubt.polled(isBusy)
    move(MAX_POLL_INTERVAL_MS - 2000)
    expect(doubt.isPossible).toBe(false)
    move(1000)
    expect(doubt.isPossible).toBe(isBusy)
  }
})

test('a restart of the broker excuses calls that fail, and puts nobody out', () => {
  const { doubt, move } = at()
  doubt.excuse(3000)
  move(6000)
  expect([doubt.isPossible, doubt.isExcused]).toEqual([false, true])
  move(1001)
  expect(doubt.isExcused).toBe(false)
})
