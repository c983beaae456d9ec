import { expect, test } from 'vitest'
import { TestTopics } from './test-topics.js'
import { checkPattern, PatternScan } from './topic-patterns.js'

function topicsNamed(count: number, name: (index: number) => string): TestTopics {
  const topics = new TestTopics()
  for (let index = 0; index < count; index++) topics.set(name(index), 1)
  return topics
}

test('a pattern matches whole names', () => {
  const topics = topicsNamed(3, index => ['orders', 'my-orders', 'orders-2'][index] ?? '')
  const scan = new PatternScan(['orders', 'orders.*', '(?i)ORDERS'], topics, 7)
  expect(scan.advance()).toBe(true)
  expect(Object.fromEntries([...scan.resolved()].map(([text, { topics: matched }]) => [text, [...matched]]))).toEqual({
    orders: ['orders'],
    'orders.*': ['orders', 'orders-2'],
    '(?i)ORDERS': ['orders'],
  })
})

const malformed = ['(', '(?=a)', 'a{1001}', '((a{100}){100}){100}', 'x'.repeat(5000), '\\1']
const tooMuch = [
  ['(?:.{0,1000})', 315],
  ['.{0,1000}', 100],
  ['\\pL{900}', 100],
  ['(?:[a-z]{2,40}x?)', 60],
] as const

test.each(malformed.map(pattern => [pattern.slice(0, 40), pattern]))('%s is refused', (_, pattern) => {
  expect(() => checkPattern(pattern)).toThrow(expect.objectContaining({ code: 'INVALID_REGULAR_EXPRESSION' }))
})

test.each(tooMuch)('%s is refused %i times over', (part, times) => {
  expect(() => checkPattern(part.repeat(times))).toThrow(/repetition is written out/)
})

test.each([
  'orders-[0-9]{1,20}',
  '(eu|us)\\.[a-z]+\\.(?:v[1-9]){1,3}',
  '\\Q{9999}\\E',
  '[{9999}]',
  '[]{999}]+',
  'a{3,}',
  '\\p{Greek}{100}',
])('%s is not', pattern => {
  expect(() => checkPattern(pattern)).not.toThrow()
})

test('a pattern that is slow for many topics is looked at a part at a time, and nothing is left out', () => {
  const topics = topicsNamed(2000, index => `${'x'.repeat(200)}${index}`)
  const scan = new PatternScan(['(x+x+)+y', '(x?){300}x*[0-9]+'], topics, 0)
  let parts = 1
  while (!scan.advance()) parts++
  expect(parts).toBeGreaterThan(10)
  expect([...scan.resolved().values()].map(({ topics: matched }) => matched.size)).toEqual([0, 2000])
})
