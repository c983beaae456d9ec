import { expect, test } from 'vitest'
import { SeededRandom } from './random.js'
import { RingBuffer } from './ring-buffer.js'

test('gives back what was put in, in order, while it grows, wraps and shrinks', () => {
  const random = new SeededRandom('ring')
  const ring = new RingBuffer<number>()
  const expected: number[] = []
  let next = 0
  for (const pushShare of [0.8, 0.5, 0.2, 0.6, 0.1]) {
    for (let step = 0; step < 500; step++) {
      if (random.next() < pushShare) {
        ring.push(next)
        expected.push(next++)
      } else if (ring.shift() !== expected.shift()) {
        expect.unreachable(`the order broke at item ${next}`)
      }
      if (ring.size !== expected.length) expect.unreachable(`size ${ring.size} of ${expected.length} items`)
    }
  }
  while (expected.length > 0) expect(ring.shift()).toBe(expected.shift())
  expect(ring.shift()).toBeUndefined()
  expect(next).toBeGreaterThan(800)
})
