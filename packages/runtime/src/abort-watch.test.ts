import { getEventListeners } from 'node:events'
import { expect, test, vi } from 'vitest'
import { unwatchAbort, watchAbort } from './abort-watch.js'

test('hundreds wait under one signal with one listener, and are all called once', () => {
  const controller = new AbortController()
  const callbacks = Array.from({ length: 200 }, () => vi.fn())
  for (const callback of callbacks) watchAbort(controller.signal, callback)
  expect(getEventListeners(controller.signal, 'abort')).toHaveLength(1)
  controller.abort()
  controller.abort()
  expect(callbacks.every(callback => callback.mock.calls.length === 1)).toBe(true)
})

test('the listener goes with the last who waits and comes back with the next', () => {
  const controller = new AbortController()
  const [one, other] = [vi.fn(), vi.fn()]
  watchAbort(controller.signal, one)
  watchAbort(controller.signal, other)
  unwatchAbort(controller.signal, one)
  unwatchAbort(controller.signal, one)
  expect(getEventListeners(controller.signal, 'abort')).toHaveLength(1)
  unwatchAbort(controller.signal, other)
  expect(getEventListeners(controller.signal, 'abort')).toHaveLength(0)
  watchAbort(controller.signal, other)
  controller.abort()
  expect([one.mock.calls.length, other.mock.calls.length]).toEqual([0, 1])
})

test('who is unwatched while the signal is being told is not called', () => {
  const controller = new AbortController()
  const second = vi.fn()
  watchAbort(controller.signal, () => unwatchAbort(controller.signal, second))
  watchAbort(controller.signal, second)
  controller.abort()
  expect(second).not.toHaveBeenCalled()
})
