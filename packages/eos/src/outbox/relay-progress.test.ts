import { expect, test } from 'vitest'
import { placesFromText, placesToText } from './relay-progress.js'

test('places come back as they were written, whatever their size', () => {
  const places = [
    { sequence: 1n, id: 'a' },
    { sequence: 2n ** 63n - 1n, id: 'b' },
  ]
  expect(placesFromText(placesToText(places))).toEqual(places)
})

test.each(['', 'no JSON', '{}', '[1]', '[["1"]]', '[[1,"a"]]', '[["x","a"]]'])('%j is no progress', text => {
  expect(() => placesFromText(text)).toThrow('The progress of the relay cannot be read')
})
