import { inspect } from 'node:util'
import { describe, expect, test } from 'vitest'
import * as errors from './errors.js'
import {
  AuthenticationError,
  AuthorizationError,
  BufferExhaustedError,
  ConfigError,
  FencedError,
  KafkaError,
  NetworkError,
  ProducerFencedError,
  TimeoutError,
} from './errors.js'

/** Every named class with the code and the flags that it stands for. */
const expected: Record<string, readonly [code: string, flags: string]> = {
  TimeoutError: ['REQUEST_TIMED_OUT', 'retriable'],
  BufferExhaustedError: ['BUFFER_EXHAUSTED', 'retriable'],
  RecordTooLargeError: ['MESSAGE_TOO_LARGE', ''],
  SerializationError: ['SERIALIZATION_FAILED', ''],
  AuthenticationError: ['SASL_AUTHENTICATION_FAILED', 'fatal'],
  AuthorizationError: ['TOPIC_AUTHORIZATION_FAILED', ''],
  CommitFailedError: ['COMMIT_FAILED', ''],
  RebalanceInProgressError: ['REBALANCE_IN_PROGRESS', ''],
  FencedError: ['FENCED', 'fatal'],
  ProducerFencedError: ['PRODUCER_FENCED', 'fatal'],
  LeaseLostError: ['LEASE_LOST', ''],
  PayloadMismatchError: ['PAYLOAD_MISMATCH', ''],
  ConcurrentModificationError: ['CONCURRENT_MODIFICATION', ''],
  WakeupError: ['WAKEUP', ''],
  NoOffsetForPartitionError: ['NO_OFFSET_FOR_PARTITION', ''],
  OffsetOutOfRangeError: ['OFFSET_OUT_OF_RANGE', ''],
  OutOfOrderSequenceError: ['OUT_OF_ORDER_SEQUENCE_NUMBER', ''],
  LeaderNotAvailableError: ['LEADER_NOT_AVAILABLE', 'retriable'],
  NotControllerError: ['NOT_CONTROLLER', 'retriable'],
  NetworkError: ['NETWORK_EXCEPTION', 'retriable'],
  ConfigError: ['INVALID_CONFIG', ''],
}

type NamedClass = new (message: string, detail?: errors.KafkaErrorDetail) => KafkaError

function namedClasses(): [string, NamedClass][] {
  const exported: [string, unknown][] = Object.entries(errors)
  return exported.filter((entry): entry is [string, NamedClass] => /^[A-Z].*Error$/.test(entry[0]))
}

/** AuthorizationError alone has no code of its own, so the test gives one to all; the others do not listen to it. */
function make(errorClass: NamedClass, name: string, detail: object = {}): KafkaError {
  return new errorClass(
    'told',
    name === 'AuthorizationError' ? { code: 'TOPIC_AUTHORIZATION_FAILED', ...detail } : detail,
  )
}

const named = namedClasses().filter(([name]) => name !== 'KafkaError')

describe('the named classes', () => {
  test('are exactly the ones that users are told about', () => {
    expect(named.map(([name]) => name).sort()).toEqual(Object.keys(expected).sort())
  })

  test.each(named)('%s has its code, its flags and its name', (name, errorClass) => {
    const error = make(errorClass, name)
    const flags = (['retriable', 'fatal', 'abortable'] as const).filter(flag => error[flag]).join()
    expect([error.code, flags]).toEqual(expected[name])
    expect(error.name).toBe(name)
    expect(String(error)).toBe(`${name}: told`)
    expect(error).toBeInstanceOf(KafkaError)
    expect(error).toBeInstanceOf(errorClass)
  })

  test.each(named)('%s takes the place where it happened and flags for the situation', (name, errorClass) => {
    const cause = new Error('below')
    const place = { topic: 'orders', partition: 3, broker: 'one:9092', api: 'Produce' }
    const error = make(errorClass, name, { ...place, cause, abortable: true })
    expect(error).toMatchObject({ ...place, abortable: true })
    expect(error.cause).toBe(cause)
  })

  test('a class recognises its descendants and nobody else', () => {
    expect(new BufferExhaustedError('full') instanceof TimeoutError).toBe(true)
    expect(new ProducerFencedError('newer') instanceof FencedError).toBe(true)
    expect(new TimeoutError('late') instanceof BufferExhaustedError).toBe(false)
    expect(new NetworkError('gone') instanceof TimeoutError).toBe(false)
    for (const value of [new Error('x'), null, undefined, 'TimeoutError', { name: 'TimeoutError' }, () => 1]) {
      expect(KafkaError.is(value)).toBe(false)
      expect(TimeoutError.is(value)).toBe(false)
    }
  })

  test('a class for several codes takes the one that the broker gave', () => {
    expect(new AuthorizationError('no', { code: 'GROUP_AUTHORIZATION_FAILED' }).code).toBe('GROUP_AUTHORIZATION_FAILED')
    expect(new AuthenticationError('no', { code: 'UNSUPPORTED_SASL_MECHANISM' })).toMatchObject({
      code: 'UNSUPPORTED_SASL_MECHANISM',
      fatal: true,
    })
  })
})

describe('the brand', () => {
  test('lets two installed copies recognise the errors of each other', async () => {
    // The query makes the module loader evaluate the file a second time, as a second installed copy would be.
    const second: typeof errors = await import(/* @vite-ignore */ `${'./errors.js'}?second-copy`)
    expect(second.TimeoutError).not.toBe(TimeoutError)
    const foreign = new second.BufferExhaustedError('full')
    expect(foreign instanceof TimeoutError).toBe(true)
    expect(foreign instanceof KafkaError).toBe(true)
    expect(foreign instanceof NetworkError).toBe(false)
    expect(second.KafkaError.is(new NetworkError('gone'))).toBe(true)
  })

  test('is not claimed for a class that a user derives under one of our names', () => {
    const Derived = { TimeoutError: class extends KafkaError {} }.TimeoutError
    expect(new TimeoutError('late') instanceof Derived).toBe(false)
    const own = new Derived('mine', { code: 'MINE' })
    expect(own instanceof Derived).toBe(true)
    expect(own instanceof KafkaError).toBe(true)
    expect(own instanceof TimeoutError).toBe(false)
    expect(own.name).toBe('TimeoutError')
  })

  test('survives a class whose own name was shortened', () => {
    class T extends KafkaError {
      static {
        errors.brandError(T, 'LongNameError')
      }
    }
    expect(String(new T('text', { code: 'X' }))).toBe('LongNameError: text')
  })
})

describe('what is printed', () => {
  const error = new NetworkError('connection refused', { broker: 'one:9092', cause: new ConfigError('below') })

  test('inspect shows what is known, the cause with it, and nothing that is not known', () => {
    const text = inspect(error)
    expect(text).toContain('NetworkError: connection refused')
    expect(text).toContain("code: 'NETWORK_EXCEPTION'")
    expect(text).toContain("broker: 'one:9092'")
    expect(text).toContain('ConfigError: below')
    expect(text).not.toContain('undefined')
    expect(text).not.toContain('topic')
    expect(text.match(/NetworkError/g)).toHaveLength(1)
  })

  test('JSON has message, place and causes', () => {
    expect(JSON.parse(JSON.stringify(error))).toEqual({
      name: 'NetworkError',
      message: 'connection refused',
      code: 'NETWORK_EXCEPTION',
      retriable: true,
      fatal: false,
      abortable: false,
      broker: 'one:9092',
      cause: {
        name: 'ConfigError',
        message: 'below',
        code: 'INVALID_CONFIG',
        retriable: false,
        fatal: false,
        abortable: false,
      },
    })
  })

  test('JSON can always be written: bigints, cycles and the many causes of a failed connection', () => {
    const refused = Object.assign(new Error('refused'), { code: 'ECONNREFUSED', offset: 12n, when: new Date(0) })
    const cyclic = Object.assign(new NetworkError('cyclic', { cause: new AggregateError([refused]) }), {
      detail: {} as { self?: unknown },
    })
    cyclic.detail.self = cyclic.detail
    const text = JSON.stringify(cyclic)
    expect(text).toContain('"offset":"12"')
    expect(text).toContain('"errors":[{"name":"Error","message":"refused","code":"ECONNREFUSED"')
    expect(text).toContain('[object Date]')
  })
})
