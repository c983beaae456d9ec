import { describe, expect, test } from 'vitest'
import { compare, type SentBatch, type StoredId } from './ledger.js'

function batch(ids: string, acknowledgedAt?: number): SentBatch {
  return { ids: [...ids], records: undefined, acknowledgedAt }
}

function stored(ids: string): StoredId[] {
  return [...ids].map((id, offset) => ({ id, offset }))
}

describe('the ledger of a writer', () => {
  test('what was acknowledged and is there is in order', () => {
    expect(compare([batch('ab', 0), batch('c', 2)], stored('abc')).problems).toEqual([])
  })

  test('without an answer a batch may be there or not', () => {
    const inDoubt = batch('cd')
    expect(compare([batch('ab', 0), inDoubt], stored('ab'))).toEqual({ problems: [], foundInDoubt: new Map() })
    expect(compare([batch('ab', 0), inDoubt], stored('abcd')).foundInDoubt).toEqual(new Map([[inDoubt, 2]]))
    expect(compare([batch('ab', 0), batch('cd'), batch('e', 2)], stored('abe')).problems).toEqual([])
  })

  test.each([
    ['an acknowledged batch that is lost', [batch('ab', 0), batch('c', 2)], 'ab'],
    ['a batch of which a part is lost', [batch('ab', 0)], 'a'],
    ['a batch that is there twice', [batch('ab', 0), batch('c', 2)], 'ababc'],
    ['a batch without an answer that is there twice', [batch('ab', 0), batch('c')], 'abcc'],
    ['batches that changed places', [batch('a', 0), batch('b', 1)], 'ba'],
    ['a part of a batch without an answer', [batch('a', 0), batch('bc')], 'ab'],
    ['a record that nobody sent', [batch('a', 0)], 'ax'],
    ['a batch at another offset than was said', [batch('a', 1)], 'a'],
  ])('%s is found', (_, sent, ids) => {
    expect(compare(sent, stored(ids)).problems).toHaveLength(1)
  })

  test('a gap between offsets is found', () => {
    const withGap = stored('abc').map(({ id, offset }) => ({ id, offset: offset === 2 ? 3 : offset }))
    expect(compare([batch('ab', 0), batch('c')], withGap).problems).toHaveLength(1)
  })
})
