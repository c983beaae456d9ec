import { KafkaError } from '@samsa/runtime'
import { expect, test, vi } from 'vitest'
import { ProtocolError } from './protocol-error.js'

test('says what, where and why, at a byte or in a field', () => {
  const error = new ProtocolError({ what: 'record batch', where: 17, why: 'it is torn' })
  expect(error.message).toBe('record batch at byte 17: it is torn')
  expect([error.name, error.code, error.retriable]).toEqual(['ProtocolError', 'PROTOCOL_ERROR', false])
  expect(new ProtocolError({ what: 'frame', where: 'length', why: 'it is -1' }).message).toBe(
    'frame at length: it is -1',
  )
})

test('is recognised as one of another installed copy', async () => {
  vi.resetModules()
  const copy = await import('./protocol-error.js')
  expect(copy.ProtocolError).not.toBe(ProtocolError)
  const error: unknown = new copy.ProtocolError({ what: 'frame', where: 0, why: 'it is torn' })
  expect(error instanceof ProtocolError).toBe(true)
  expect(ProtocolError.is(error)).toBe(true)
  expect(ProtocolError.is(new KafkaError('another', { code: 'PROTOCOL_ERROR' }))).toBe(false)
})
