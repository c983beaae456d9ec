import { describe, expect, test } from 'vitest'
import { longestPropertiesText, parseProperties } from './properties-file.js'

function parsed(text: string): Record<string, string> {
  return Object.fromEntries(parseProperties(text))
}

describe('a .properties text', () => {
  test.each([
    ['equals, colon or blank', 'a=1\nb:2\nc 3\nd\t=\t4\ne  :  5', { a: '1', b: '2', c: '3', d: '4', e: '5' }],
    ['only one separator counts', 'a==1\nb:=2\nc = : 3', { a: '=1', b: '=2', c: ': 3' }],
    ['no value, no name', 'a\nb=\n=c', { a: '', b: '', '': 'c' }],
    ['comments and empty lines', '# x=1\n  ! y=2\n\n \t\f\na=1 # not a comment', { a: '1 # not a comment' }],
    ['blanks before the name go, after the value stay', '  a = 1  ', { a: '1  ' }],
    ['all ends of line', 'a=1\r\nb=2\rc=3\nd=4', { a: '1', b: '2', c: '3', d: '4' }],
    ['a line goes on after a backslash, without its blanks', 'a=one\\\n   two\\\r\n\tthree', { a: 'onetwothree' }],
    ['an even number of backslashes ends it', 'a=one\\\\\nb=2', { a: 'one\\', b: '2' }],
    ['a comment does not go on', '# one\\\na=1', { a: '1' }],
    ['a line that goes on is no comment', 'a=one\\\n#two', { a: 'one#two' }],
    ['an empty line ends what goes on', 'a=one\\\n\nb=2', { a: 'one', b: '2' }],
    ['separators in a name', 'a\\=b\\:c\\ d=1', { 'a=b:c d': '1' }],
    ['escapes', 'a=\\t\\n\\r\\f\\\\\\q\\u00e9\\uD83D\\uDE00', { a: '\t\n\r\f\\qé😀' }],
    ['an escape in a name', '\\u0061=1', { a: '1' }],
    ['the last of equal names', 'a=1\na=2', { a: '2' }],
    ['a byte order mark', '\uFEFFa=1', { a: '1' }],
    ['names that objects have of their own', '__proto__=1\nconstructor=2', { ['__proto__']: '1', constructor: '2' }],
  ])('%s', (_what, text, expected) => {
    expect(parsed(text)).toEqual(expected)
  })

  test('names the line of a broken escape', () => {
    expect(() => parsed('a=1\n# x\nb=\\\n \\u12g4')).toThrow(/line 3 of the properties: \\u needs four/)
  })

  test('has a limit, and is read up to it whatever it looks like', () => {
    for (const piece of ['\\', 'a', ' ', '=', 'a\\', '\\\n', '\\u0061', '\n']) {
      const text = piece.repeat(longestPropertiesText / piece.length)
      expect(parseProperties(text).size).toBeLessThanOrEqual(1)
    }
    expect(() => parseProperties(' '.repeat(longestPropertiesText + 1))).toThrow(/may have 1048576 characters/)
  })
})
