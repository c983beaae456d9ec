import { describe, expect, test } from 'vitest'
import { exactly } from './destination.js'

describe.each([1000, 1_000_000])('room for %i bytes', capacity => {
  test('is what the writer sees, and what it wrote is what comes out', () => {
    const output = exactly(capacity, target => {
      expect(target).toHaveLength(capacity)
      return target.write('short')
    })
    expect(output.toString()).toBe('short')
  })

  test('is not kept alive by little', () => {
    expect(exactly(capacity, () => 5).buffer.byteLength).toBeLessThanOrEqual(128 * 1024)
  })

  test('is not shared from one output to the next', () => {
    const outputs = ['one', 'two'].map(text => exactly(capacity, target => target.fill(text).length))
    expect(outputs.map(output => output.toString('latin1', 0, 3))).toEqual(['one', 'two'])
  })
})
