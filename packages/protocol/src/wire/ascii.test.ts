import { describe, expect, test } from 'vitest'
import { asciiText, SHORT_TEXT } from './ascii.js'

describe('short text', () => {
  test('of every length comes out as it is', () => {
    const bytes = Buffer.from('\0 the quick brown fox \u007f')
    for (let start = 0; start < 4; start++)
      for (let end = start; end <= bytes.length; end++)
        expect(asciiText(bytes, start, end)).toBe(bytes.toString('latin1', start, end))
    expect(bytes.length).toBeGreaterThan(SHORT_TEXT)
  })

  test('with any character beyond ASCII is not taken', () => {
    for (let at = 0; at < 10; at++) {
      const bytes = Buffer.alloc(10, 'a')
      bytes[at] = 0x80
      expect(asciiText(bytes, 0, 10)).toBeUndefined()
      expect(asciiText(bytes, 0, at)).toBe('a'.repeat(at))
    }
  })

  test('does not reach beyond its bytes', () => {
    expect(asciiText(Buffer.from('abc'), 0, 4)).toBeUndefined()
    expect(asciiText(Buffer.from('abc'), 3, 4)).toBeUndefined()
  })
})
