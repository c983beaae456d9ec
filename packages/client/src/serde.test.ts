import { describe, expect, test } from 'vitest'
import {
  buffer,
  int32,
  int64,
  isSerde,
  json,
  type Serde,
  type StandardSchema,
  standard,
  string,
  uuid,
} from './serde.js'

const context = { topic: 't', isKey: false }

function bytesOf(serde: Serde<unknown>, value: unknown): Buffer {
  return Buffer.from(serde.serialize(value, context))
}

const positive: StandardSchema<number> = {
  '~standard': {
    version: 1,
    vendor: 'test',
    validate: value =>
      typeof value === 'number' && value > 0 ? { value } : { issues: [{ message: 'must be positive' }] },
  },
}

describe('a serde', () => {
  test.each<[string, Serde<unknown>, unknown, string]>([
    ['string', string, 'zoë', Buffer.from('zoë').toString('hex')],
    ['buffer', buffer, new Uint8Array([1, 255]), '01ff'],
    ['json', json<unknown>(), { a: [1, null] }, Buffer.from('{"a":[1,null]}').toString('hex')],
    ['int32', int32, -2, 'fffffffe'],
    ['int64', int64, -2n, 'fffffffffffffffe'],
    [
      'uuid',
      uuid,
      '123e4567-e89b-12d3-a456-426614174000',
      Buffer.from('123e4567-e89b-12d3-a456-426614174000').toString('hex'),
    ],
    ['standard', standard(positive), 5, '35'],
  ])('%s writes what it reads, and the bytes that Java writes', (_name, serde, value, hex) => {
    const bytes = bytesOf(serde, value)
    expect(bytes.toString('hex')).toBe(hex)
    const read: unknown = serde.deserialize(bytes, context)
    expect(read instanceof Uint8Array ? Buffer.from(read).toString('hex') : read).toEqual(
      value instanceof Uint8Array ? hex : value,
    )
    expect(isSerde(serde)).toBe(true)
  })

  test.each<[string, Serde<unknown>, unknown]>([
    ['string', string, 5],
    ['buffer', buffer, 'text'],
    ['json', json<unknown>(), undefined],
    ['json', json<unknown>(), () => 1],
    ['int32', int32, 2 ** 31],
    ['int32', int32, 0.5],
    ['int64', int64, 2n ** 63n],
    ['int64', int64, 5],
    ['uuid', uuid, 'no uuid'],
    ['standard', standard(positive), -1],
  ])('%s refuses what it is not for', (_name, serde, value) => {
    expect(() => bytesOf(serde, value)).toThrow()
  })

  test.each<[string, Serde<unknown>, string]>([
    ['string', string, 'ff'],
    ['json', json<unknown>(), '7b'],
    ['int32', int32, '000000'],
    ['int64', int64, '0000000000'],
    ['uuid', uuid, '00'],
    ['standard', standard(positive), '2d31'],
  ])('%s refuses bytes that are none of its', (_name, serde, hex) => {
    expect(() => serde.deserialize(Buffer.from(hex, 'hex'), context)).toThrow()
  })

  test('an asynchronous validator cannot be one', () => {
    const later: StandardSchema<unknown> = {
      '~standard': { version: 1, vendor: 'later', validate: async value => ({ value }) },
    }
    expect(() => standard(later).serialize(1, context)).toThrow(/asynchronous/)
  })
})
