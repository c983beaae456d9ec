/**
 * What a comparison overlooks, no sequence finds: differences are found at every depth, and rules take what they name alone.
 */
import { describe, expect, test } from 'vitest'
import { compare, type Rule } from './compare.js'

const whole = { api: 'Fetch', version: 12, request: {}, note: '' }

function found(kafka: unknown, samsa: unknown, rules: readonly Rule[] = []): string[] {
  return compare(kafka, samsa, whole, rules).differences.map(each => each.where)
}

describe('a comparison', () => {
  test('finds nothing between equal answers', () => {
    const answer = () => ({ topics: [{ name: 'a', offset: 5n, ids: [1, 2], nothing: null, not: undefined }] })
    expect(found(answer(), answer())).toEqual([])
  })

  test.each<[unknown, unknown, string]>([
    [{ a: 1 }, { a: 2 }, 'a'],
    [{ a: 1 }, { a: 1n }, 'a'],
    [{ a: null }, { a: '' }, 'a'],
    [{ a: [] }, { a: null }, 'a'],
    [{ a: [1] }, { a: [1, 2] }, 'a'],
    [{ a: [{ b: 1 }, { b: 2 }] }, { a: [{ b: 1 }, { b: 3 }] }, 'a[1].b'],
    [{ a: {} }, { a: { b: 0 } }, 'a.b'],
    ['closes the connection', { errorCode: 0 }, ''],
  ])('tells %o from %o', (kafka, samsa, where) => {
    expect(found(kafka, samsa)).toEqual([where])
  })

  test('overlooks what a rule permits, there and nowhere else', () => {
    const rule: Rule = { api: 'Fetch', path: 'topics.errorCode', permits: ({ kafka }) => kafka === -1, reason: '' }
    const kafka = { topics: [{ errorCode: -1 }, { errorCode: 3 }], errorCode: -1 }
    const samsa = { topics: [{ errorCode: 0 }, { errorCode: 0 }], errorCode: 0 }
    expect(found(kafka, samsa, [rule])).toEqual(['topics[1].errorCode', 'errorCode'])
    expect(compare(kafka, samsa, whole, [rule]).used).toEqual([rule])
    expect(found(kafka, samsa, [{ ...rule, api: 'Produce' }])).toHaveLength(3)
  })
})
