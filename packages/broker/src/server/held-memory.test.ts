import { expect, test } from 'vitest'
import { HeldMemory, UNCOUNTED_BYTES } from './held-memory.js'

const MIB = 1024 * 1024

function memory(limitBytes: number) {
  const gone: string[] = []
  return { gone, held: new HeldMemory<string>(limitBytes, holder => gone.push(holder)) }
}

test('what everybody may hold is not counted', () => {
  const { held, gone } = memory(MIB)
  for (let index = 0; index < 1000; index++) held.set(String(index), UNCOUNTED_BYTES, false)
  expect([held.bytes, held.isTight, gone]).toEqual([0, false, []])
})

test('above the limit the one goes that has completed nothing for the longest time', () => {
  const { held, gone } = memory(10 * MIB)
  held.set('first', 4 * MIB, false)
  held.set('second', 4 * MIB, false)
  held.set('first', 5 * MIB, true)
  held.set('second', 5 * MIB, false)
  expect([held.bytes, gone]).toEqual([10 * MIB, []])
  held.set('third', MIB, false)
  expect([held.bytes, gone]).toEqual([6 * MIB, ['second']])
})

test('as many go as are needed, and the one that asks when it is alone', () => {
  const { held, gone } = memory(10 * MIB)
  for (const name of ['a', 'b', 'c']) held.set(name, 3 * MIB, false)
  held.set('d', 7 * MIB, false)
  expect([held.bytes, gone]).toEqual([10 * MIB, ['a', 'b']])
  held.set('e', 11 * MIB, false)
  expect([held.bytes, gone]).toEqual([0, ['a', 'b', 'c', 'd', 'e']])
})

test('what is given back is room again', () => {
  const { held, gone } = memory(10 * MIB)
  held.set('a', 6 * MIB, false)
  expect(held.isTight).toBe(true)
  held.set('a', 0, true)
  held.set('b', 9 * MIB, false)
  held.release('b')
  held.release('b')
  held.set('c', 9 * MIB, false)
  expect([held.bytes, gone]).toEqual([9 * MIB, []])
})
