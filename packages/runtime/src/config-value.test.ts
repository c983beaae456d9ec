import { describe, expect, test } from 'vitest'
import type { OptionKind } from './config-table.js'
import { describeKind, readText, readValue } from './config-value.js'

const positive: OptionKind = { type: 'integer', min: 0 }
const level: OptionKind = { type: 'integer', min: 1, max: 17 }
const endless: OptionKind = { type: 'integer', min: 0, max: 10, infinity: true }
const ratio: OptionKind = { type: 'number', min: 0, max: 1 }
const acks: OptionKind = { type: 'enum', values: ['all', 0, 1], kafkaValues: { '-1': 'all' } }
const isolation: OptionKind = { type: 'enum', values: ['readUncommitted', 'readCommitted'] }
const id: OptionKind = { type: 'string', nonEmpty: true, maxLength: 5, pattern: /^[a-z]*$/g }
const even = { type: 'list', of: { type: 'integer', min: 2 }, nonEmpty: true } as const
const partitioner: OptionKind = {
  type: 'either',
  of: [
    { type: 'enum', values: ['default', 'random'] },
    { type: 'function', expects: 'a function that chooses' },
  ],
}
const date: OptionKind = { type: 'object', guard: value => value instanceof Date, expects: 'a Date' }

describe('a value from code', () => {
  test.each<[OptionKind, readonly unknown[], readonly unknown[]]>([
    [{ type: 'boolean' }, [true, false], ['true', 1, null]],
    [positive, [0, 2 ** 53 - 1], [-1, 1.5, '5', Infinity, Number.NaN, 5n, 2 ** 53]],
    [level, [1, 17], [0, 18]],
    [endless, [0, 10, Infinity], [11, -Infinity]],
    [ratio, [0, 0.5, 1], [1.1, Infinity, Number.NaN]],
    [acks, ['all', 0, 1], ['0', -1, '-1', 'ALL', 2]],
    [{ type: 'string' }, ['', 'x'], [1, null, ['x']]],
    // Twice the same: a pattern with the flag g must not remember where it was.
    [id, ['abc', 'abc', 'abcde'], ['', 'abcdef', 'A']],
    [{ type: 'regex' }, [/x/], ['x']],
    [{ type: 'function' }, [() => 1, class {}], [{}, 'x']],
    [{ type: 'object' }, [{}, []], [null, 'x', () => 1]],
    [date, [new Date(0)], [{}, 0]],
    [partitioner, ['random', () => 0], ['other', 1]],
    [even, [[2], [2, 4]], [[], [1], ['2'], [2, 2], 2]],
    [{ type: 'list' }, [[], ['a'], 'a,b'], [[''], 'a,,b', 'a,a', [1]]],
    [{ type: 'list', duplicates: 'allowed' }, [['a', 'a']], []],
  ])('%j takes what it should and nothing else', (kind, good, bad) => {
    for (const value of good) expect(readValue(kind, value), String(value)).toMatchObject({ ok: true })
    for (const value of bad) expect(readValue(kind, value), String(value)).toMatchObject({ ok: false })
  })

  test('a list is copied and cannot be changed afterwards', () => {
    const given = ['a', 'b']
    const reading = readValue({ type: 'list' }, given)
    given.push('c')
    expect(reading).toEqual({ ok: true, value: ['a', 'b'] })
    expect(reading.ok && Object.isFrozen(reading.value)).toBe(true)
  })
})

describe('a value from text', () => {
  test.each<[OptionKind, string, unknown]>([
    [{ type: 'boolean' }, ' TRUE ', true],
    [{ type: 'boolean' }, 'false', false],
    [positive, ' 42 ', 42],
    [positive, '+42', 42],
    [endless, 'Infinity', Infinity],
    [ratio, '0.5', 0.5],
    [ratio, '5e-1', 0.5],
    [acks, 'all', 'all'],
    [acks, '-1', 'all'],
    [acks, '1', 1],
    [isolation, 'read_committed', 'readCommitted'],
    [isolation, 'READ-UNCOMMITTED', 'readUncommitted'],
    [{ type: 'string' }, '  x ', 'x'],
    [{ type: 'list' }, ' a , b ', ['a', 'b']],
    [{ type: 'list' }, '  ', []],
    [even, '2,4', [2, 4]],
    [partitioner, 'DEFAULT', 'default'],
  ])('%j reads %j as %j', (kind, text, value) => {
    expect(readText(kind, text)).toEqual({ ok: true, value })
  })

  test('a regular expression is read as one', () => {
    expect(readText({ type: 'regex' }, '^orders-')).toEqual({ ok: true, value: /^orders-/ })
  })

  test.each<[OptionKind, string]>([
    [{ type: 'boolean' }, 'yes'],
    [positive, ''],
    [positive, '0x10'],
    [positive, '5ms'],
    [positive, 'Infinity'],
    [acks, '2'],
    [acks, '−1'],
    [{ type: 'regex' }, '('],
    [{ type: 'function' }, 'org.example.Partitioner'],
    [partitioner, 'org.example.Partitioner'],
    [even, ''],
    [{ type: 'list' }, 'a,,b'],
  ])('%j refuses %j', (kind, text) => {
    expect(readText(kind, text)).toMatchObject({ ok: false })
  })
})

describe('in words', () => {
  test.each<[OptionKind, string]>([
    [{ type: 'boolean' }, 'true or false'],
    [positive, 'a whole number of at least 0'],
    [level, 'a whole number from 1 to 17'],
    [endless, 'a whole number from 0 to 10 or Infinity'],
    [{ type: 'number', max: 1 }, 'a number of at most 1'],
    [acks, "'all', 0 or 1"],
    [id, 'a non-empty string of at most 5 characters matching /^[a-z]*$/g'],
    [{ type: 'list' }, 'a list of strings'],
    [even, 'a list of items that are each a whole number of at least 2'],
    [partitioner, "'default' or 'random' or a function that chooses"],
    [date, 'a Date'],
  ])('%j is %s', (kind, words) => {
    expect(describeKind(kind)).toBe(words)
  })

  test.each<[OptionKind, unknown, string]>([
    [positive, -1, 'must be a whole number of at least 0'],
    [even, [2, 1], 'item 2 must be a whole number of at least 2'],
    [even, [2, 4, 2], 'item 3 must not be there twice'],
    [even, [], 'must have at least one item'],
  ])('the problem of %j with %j goes on after a name', (kind, value, problem) => {
    expect(readValue(kind, value)).toEqual({ ok: false, problem })
  })
})
