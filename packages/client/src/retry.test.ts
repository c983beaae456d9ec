import { errorCodes } from '@samsa/protocol'
import { AuthenticationError, ConfigError, KafkaError, NetworkError, TimeoutError } from '@samsa/runtime'
import { describe, expect, test } from 'vitest'
import { nextStep } from './retry.js'

describe('what to do about an error', () => {
  test.each([
    [7, 'retry'],
    [14, 'retry'],
    [6, 'refresh'],
    [41, 'refresh'],
    [16, 'find-coordinator'],
    [15, 'find-coordinator'],
    [17, 'give-up'],
    [29, 'give-up'],
    [27, 'give-up'],
    [-1, 'give-up'],
    [30_000, 'give-up'],
  ])('code %i: %s', (code, step) => {
    expect(nextStep(code)).toBe(step)
  })

  test('every code that may be retried has a step, and only those', () => {
    for (const { code, reaction } of errorCodes) {
      const isRetried = reaction === 'retry' || reaction === 'refresh' || reaction === 'find-coordinator'
      expect(nextStep(code)).toBe(isRetried ? reaction : 'give-up')
    }
  })

  test('a lost connection sends to metadata, or to whoever took over from the coordinator', () => {
    expect(nextStep(new NetworkError('lost'))).toBe('refresh')
    expect(nextStep(new NetworkError('lost'), 'any')).toBe('refresh')
    expect(nextStep(new NetworkError('lost'), 'coordinator')).toBe('find-coordinator')
  })

  test('errors of our own go by what they say of themselves', () => {
    expect(nextStep(new KafkaError('busy', { code: 'TOO_MANY_IN_FLIGHT', retriable: true }))).toBe('retry')
    expect(nextStep(new KafkaError('no', { code: 'CLIENT_CLOSED' }))).toBe('give-up')
    expect(nextStep(new TimeoutError('late'))).toBe('retry')
    expect(nextStep(new AuthenticationError('who?'))).toBe('give-up')
    expect(nextStep(new ConfigError('wrong'))).toBe('give-up')
    expect(nextStep(new TypeError('a mistake'))).toBe('give-up')
    expect(nextStep(undefined)).toBe('give-up')
  })
})
