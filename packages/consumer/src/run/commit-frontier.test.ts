import { SeededRandom } from '@samsa/runtime'
import { describe, expect, test } from 'vitest'
import { CommitFrontier } from './commit-frontier.js'

test('it stands where reading began until the first record is finished', () => {
  const frontier = new CommitFrontier(7, 2)
  const first = frontier.taken(8, 3)
  expect([frontier.offset, frontier.epoch, frontier.pending]).toEqual([7, 2, 1])
  expect(frontier.finished(first)).toBe(true)
  expect([frontier.offset, frontier.epoch, frontier.pending]).toEqual([8, 3, 0])
})

test('a record that is not finished holds it, however many behind it are', () => {
  const frontier = new CommitFrontier(0, 0)
  const numbers = [1, 2, 3, 4].map(nextOffset => frontier.taken(nextOffset, 0))
  for (const number of numbers.slice(1)) expect(frontier.finished(number)).toBe(false)
  expect([frontier.offset, frontier.pending]).toEqual([0, 4])
  expect(frontier.finished(numbers[0] ?? -1)).toBe(true)
  expect([frontier.offset, frontier.pending]).toEqual([4, 0])
})

test('a record is finished once, and one that was never taken not at all', () => {
  const frontier = new CommitFrontier(0, 0)
  const first = frontier.taken(1, 0)
  const second = frontier.taken(2, 0)
  expect(frontier.finished(first)).toBe(true)
  expect(frontier.finished(first)).toBe(false)
  expect(frontier.finished(second + 1)).toBe(false)
  expect(frontier.offset).toBe(1)
})

test('markers behind the last record are passed over when nothing before them is unfinished', () => {
  const frontier = new CommitFrontier(0, 0)
  const only = frontier.taken(1, 0)
  frontier.passOver(5, 4)
  expect(frontier.offset).toBe(0)
  frontier.finished(only)
  frontier.passOver(5, 4)
  expect([frontier.offset, frontier.epoch]).toEqual([5, 4])
  frontier.passOver(3, 1)
  expect(frontier.offset).toBe(5)
})

describe('in any order', () => {
  test.each(Array.from({ length: 20 }, (_, seed) => seed))('it is the end of the finished run (seed %i)', seed => {
    const random = new SeededRandom(seed)
    const frontier = new CommitFrontier(100, 0)
    // The model: every record taken, in order, and whether it is finished.
    const model: { number: number; nextOffset: number; isFinished: boolean }[] = []
    let nextOffset = 100
    for (let step = 0; step < 1000; step++) {
      const open = model.filter(({ isFinished }) => !isFinished)
      if (open.length === 0 || (open.length < 200 && random.next() < 0.5)) {
        nextOffset += random.integer(1, 4)
        model.push({ number: frontier.taken(nextOffset, 0), nextOffset, isFinished: false })
      } else {
        const chosen = open[random.integer(0, open.length)]
        if (chosen === undefined) continue
        chosen.isFinished = true
        frontier.finished(chosen.number)
      }
      const firstOpen = model.findIndex(({ isFinished }) => !isFinished)
      const end = firstOpen < 0 ? model.length : firstOpen
      expect(frontier.offset).toBe(model[end - 1]?.nextOffset ?? 100)
      expect(frontier.pending).toBe(model.length - end)
    }
  })
})
