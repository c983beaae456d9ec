import { describe, expect, test, vi } from 'vitest'
import { Emitter } from './events.js'

interface Events {
  assigned: readonly number[]
  closed: undefined
}

function setUp(maxListeners?: number): { emitter: Emitter<Events>; errors: string[] } {
  const errors: string[] = []
  const onListenerError = (error: unknown, event: keyof Events): void => void errors.push(`${event} ${error}`)
  return { emitter: new Emitter<Events>({ onListenerError, maxListeners }), errors }
}

describe('an emitter', () => {
  test('calls the listeners of the event in order, and no others', () => {
    const { emitter } = setUp()
    const log: string[] = []
    emitter.on('assigned', partitions => void log.push(`one ${partitions}`))
    emitter.on('assigned', partitions => void log.push(`two ${partitions}`))
    emitter.on('closed', () => void log.push('closed'))
    emitter.emit('assigned', [1, 2])
    expect(log).toEqual(['one 1,2', 'two 1,2'])
  })

  test('calls a once listener once, also when it emits the event itself', () => {
    const { emitter } = setUp()
    const listener = vi.fn(() => emitter.emit('closed', undefined))
    emitter.once('closed', listener)
    emitter.emit('closed', undefined)
    emitter.emit('closed', undefined)
    expect(listener).toHaveBeenCalledTimes(1)
    expect(emitter.listenerCount('closed')).toBe(0)
  })

  test('does not call a once listener again that an inner emit has used up', () => {
    const { emitter } = setUp()
    let inner = false
    const once = vi.fn()
    emitter.on('closed', () => {
      if (inner) return
      inner = true
      emitter.emit('closed', undefined)
    })
    emitter.once('closed', once)
    emitter.emit('closed', undefined)
    expect(once).toHaveBeenCalledTimes(1)
  })

  test('removes a listener by itself, by what adding it returned, and one of two', () => {
    const { emitter } = setUp()
    const listener = vi.fn()
    const remove = emitter.on('closed', listener)
    emitter.on('closed', listener)
    emitter.emit('closed', undefined)
    expect(listener).toHaveBeenCalledTimes(2)
    emitter.off('closed', listener)
    expect(emitter.listenerCount('closed')).toBe(1)
    emitter.once('closed', listener)
    emitter.off('closed', listener)
    emitter.off('closed', listener)
    emitter.off('closed', listener)
    remove()
    emitter.emit('closed', undefined)
    expect(listener).toHaveBeenCalledTimes(2)
  })

  test('delivers to those who were there when the event came', () => {
    const { emitter } = setUp()
    const log: string[] = []
    emitter.on('closed', () => {
      removeSecond()
      emitter.on('closed', () => void log.push('newcomer'))
    })
    const removeSecond = emitter.on('closed', () => void log.push('second'))
    emitter.emit('closed', undefined)
    expect(log).toEqual(['second'])
    emitter.emit('closed', undefined)
    expect(log).toEqual(['second', 'newcomer'])
  })

  test('reports a listener that throws or rejects and calls the others', async () => {
    const { emitter, errors } = setUp()
    const last = vi.fn()
    emitter.on('closed', () => {
      throw new Error('thrown')
    })
    emitter.on('closed', async () => {
      throw new Error('rejected')
    })
    emitter.on('closed', last)
    emitter.emit('closed', undefined)
    await Promise.resolve()
    expect(last).toHaveBeenCalledTimes(1)
    expect(errors).toEqual(['closed Error: thrown', 'closed Error: rejected'])
  })

  test('does not lose the failure of a broken error handler', () => {
    const later = vi.spyOn(globalThis, 'queueMicrotask').mockImplementation(() => {})
    const emitter = new Emitter<Events>({
      onListenerError: () => {
        throw new Error('broken handler')
      },
    })
    const last = vi.fn()
    emitter.on('closed', () => {
      throw new Error('thrown')
    })
    emitter.on('closed', last)
    emitter.emit('closed', undefined)
    expect(last).toHaveBeenCalledTimes(1)
    const rethrow = later.mock.calls[0]?.[0]
    expect(rethrow).toThrow('broken handler')
    later.mockRestore()
  })

  test('refuses listeners without end', () => {
    const { emitter } = setUp(2)
    emitter.on('closed', () => {})
    emitter.on('closed', () => {})
    expect(() => emitter.on('closed', () => {})).toThrow(/closed: 2 listeners are there already; remove/)
    emitter.on('assigned', () => {})
  })
})
