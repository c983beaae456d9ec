import { expect, test } from 'vitest'
import { editDistance, nearestName } from './nearest-name.js'
import { SeededRandom } from './random.js'

const names = ['lingerMs', 'batchSize', 'bufferMemory', 'maxBlockMs', 'acks', 'retries']

test.each([
  ['lingerms', 'lingerMs'],
  ['linger.ms', 'lingerMs'],
  ['LINGER_MS', 'lingerMs'],
  ['lignerMs', 'lingerMs'],
  ['batchSizes', 'batchSize'],
  ['bufferMemry', 'bufferMemory'],
  ['ack', 'acks'],
  ['retires', 'retries'],
  ['groupId', undefined],
  ['x', undefined],
  ['', undefined],
  ['lingerMs'.repeat(20), undefined],
])('%s is taken for %s', (name, expected) => {
  expect(nearestName(name, names)).toBe(expected)
})

test.each([
  ['', '', 0],
  ['abc', '', 3],
  ['', 'abc', 3],
  ['abc', 'abd', 1],
  ['abc', 'acb', 1],
  ['ab', 'ba', 1],
  ['ca', 'abc', 3],
  ['kitten', 'sitting', 3],
])('from %j to %j it is %i', (one, other, distance) => {
  expect(editDistance(one, other)).toBe(distance)
})

test('a distance is the same both ways, 0 only for equals, and at most the longer length', () => {
  const random = new SeededRandom('distance')
  const word = (): string => Array.from({ length: random.integer(0, 7) }, () => 'abc'[random.integer(0, 3)]).join('')
  for (let round = 0; round < 500; round++) {
    const [one, other] = [word(), word()]
    const distance = editDistance(one, other)
    const good =
      distance === editDistance(other, one) &&
      (distance === 0) === (one === other) &&
      distance <= Math.max(one.length, other.length) &&
      distance >= Math.abs(one.length - other.length)
    if (!good) expect.unreachable(`from ${one} to ${other}: ${distance}`)
  }
})
