import { expect, test } from 'vitest'
import { KafkaError } from './errors.js'
import { InvariantError, invariant, unreachable, violated } from './invariant.js'

test('an invariant that holds costs no text', () => {
  invariant(true, () => {
    throw new Error('the text was built')
  })
})

test('a violated invariant throws with the values in the text', () => {
  const applied = 7
  expect(() => invariant(applied < 5, () => `applied ${applied} < committed 5`)).toThrow(
    'this is a bug in Samsa, please report it with the stack: applied 7 < committed 5',
  )
  expect(() => invariant(false, 'never empty')).toThrow(InvariantError)
  expect(() => violated('never here')).toThrow(/never here$/)
  expect(() => unreachable('bogus' as never, 'state')).toThrow(/state cannot be bogus$/)
})

test('a bug of ours is not mistaken for an error that can be handled', () => {
  const error = new InvariantError('x')
  expect(KafkaError.is(error)).toBe(false)
  expect(error).toMatchObject({ name: 'InvariantError', code: 'INVARIANT_VIOLATED' })
})
