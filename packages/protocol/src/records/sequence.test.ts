import { describe, expect, test } from 'vitest'
import { addSequence, subtractSequence } from './sequence.js'

const LAST = 0x7fff_ffff

describe('sequence numbers', () => {
  test('wrap from the greatest int32 to 0', () => {
    expect(addSequence(LAST, 1)).toBe(0)
    expect(addSequence(LAST - 2, 5)).toBe(2)
    expect(addSequence(0, LAST)).toBe(LAST)
    expect(addSequence(7, 0)).toBe(7)
  })

  test('go back the way they came', () => {
    for (const sequence of [0, 1, 4, LAST - 1, LAST]) {
      for (const step of [0, 1, 5, 1000, LAST])
        expect(subtractSequence(addSequence(sequence, step), step)).toBe(sequence)
    }
  })
})
