import { errorByName, errorCodes, errorOf } from '@samsa/protocol'
import { CommitFailedError, KafkaError, ProducerFencedError, TimeoutError } from '@samsa/runtime'
import { describe, expect, test } from 'vitest'
import { failureOf, gravest, recordFailure, type Verdict, verdictOf } from './transaction-failures.js'
import type { TransactionRequest } from './transaction-states.js'

const REQUESTS: readonly TransactionRequest[] = [
  'InitProducerId',
  'AddPartitionsToTxn',
  'AddOffsetsToTxn',
  'TxnOffsetCommit',
  'EndTxn',
]

const code = (name: string): number => errorByName(name)?.code ?? Number.NaN

/** In this order: of REQUESTS. */
const TABLE: readonly (readonly [string, readonly Verdict[]])[] = [
  ['CONCURRENT_TRANSACTIONS', ['soon', 'soon', 'soon', 'soon', 'soon']],
  ['COORDINATOR_LOAD_IN_PROGRESS', ['retry', 'retry', 'retry', 'soon', 'retry']],
  ['UNKNOWN_TOPIC_OR_PARTITION', ['retry', 'retry', 'retry', 'retry', 'retry']],
  ['REQUEST_TIMED_OUT', ['retry', 'retry', 'retry', 'find-coordinator', 'retry']],
  ['NOT_COORDINATOR', Array(5).fill('find-coordinator')],
  ['COORDINATOR_NOT_AVAILABLE', Array(5).fill('find-coordinator')],
  ['PRODUCER_FENCED', Array(5).fill('fenced')],
  ['INVALID_PRODUCER_EPOCH', Array(5).fill('fenced')],
  ['INVALID_TXN_STATE', Array(5).fill('fatal')],
  ['INVALID_PRODUCER_ID_MAPPING', Array(5).fill('fatal')],
  ['UNSUPPORTED_VERSION', Array(5).fill('fatal')],
  ['UNKNOWN_SERVER_ERROR', Array(5).fill('fatal')],
  ['INVALID_TRANSACTION_TIMEOUT', Array(5).fill('fatal')],
  ['TRANSACTION_ABORTABLE', Array(5).fill('abortable')],
  ['UNKNOWN_PRODUCER_ID', Array(5).fill('abortable')],
  ['TRANSACTIONAL_ID_AUTHORIZATION_FAILED', ['denied', 'fatal', 'fatal', 'fatal', 'fatal']],
  ['CLUSTER_AUTHORIZATION_FAILED', ['denied', 'fatal', 'fatal', 'fatal', 'fatal']],
  ['TOPIC_AUTHORIZATION_FAILED', ['fatal', 'abortable', 'fatal', 'abortable', 'fatal']],
  ['GROUP_AUTHORIZATION_FAILED', ['fatal', 'fatal', 'abortable', 'abortable', 'fatal']],
  ['OPERATION_NOT_ATTEMPTED', ['fatal', 'abortable', 'fatal', 'fatal', 'fatal']],
  ['ILLEGAL_GENERATION', ['fatal', 'fatal', 'fatal', 'abortable', 'fatal']],
  ['UNKNOWN_MEMBER_ID', ['fatal', 'fatal', 'fatal', 'abortable', 'fatal']],
  ['FENCED_INSTANCE_ID', ['fatal', 'fatal', 'fatal', 'abortable', 'fatal']],
]

describe('an error that a request is answered with', () => {
  test.each(TABLE)('%s', (name, expected) => {
    expect(REQUESTS.map(request => verdictOf(request, name))).toEqual(expected)
  })

  test('is never left without a consequence, and its flags say which', () => {
    for (const { name, code: number } of errorCodes.filter(each => each.code !== 0)) {
      for (const request of REQUESTS) {
        const { verdict, error } = failureOf(request, errorOf(number, { api: request }))
        const what = `${name} to ${request}: ${verdict}`
        if (verdict === 'abortable')
          expect(error, what).toMatchObject({ abortable: true, fatal: false, retriable: false })
        if (verdict === 'fatal' || verdict === 'fenced')
          expect(error, what).toMatchObject({ abortable: false, fatal: true, retriable: false })
        if (verdict === 'fenced') expect(error, what).toBeInstanceOf(ProducerFencedError)
      }
    }
  })

  test('of a member that the group has left behind is a failed commit', () => {
    for (const name of ['ILLEGAL_GENERATION', 'UNKNOWN_MEMBER_ID']) {
      const { error } = failureOf('TxnOffsetCommit', errorOf(code(name)))
      expect(error).toBeInstanceOf(CommitFailedError)
      expect(error).toMatchObject({ abortable: true, cause: { code: name } })
    }
  })

  test('is the gravest where partitions differ, and a part that was not tried explains nothing', () => {
    const worst = (...names: string[]): string | undefined =>
      gravest(
        'AddPartitionsToTxn',
        names.map((name, partition) => ({ code: code(name), topic: 't', partition })),
      )?.error.code
    expect(worst('NONE', 'NONE')).toBeUndefined()
    expect(worst()).toBeUndefined()
    expect(worst('CONCURRENT_TRANSACTIONS', 'NOT_COORDINATOR')).toBe('NOT_COORDINATOR')
    expect(worst('OPERATION_NOT_ATTEMPTED', 'TOPIC_AUTHORIZATION_FAILED')).toBe('TOPIC_AUTHORIZATION_FAILED')
    expect(worst('OPERATION_NOT_ATTEMPTED', 'UNKNOWN_TOPIC_OR_PARTITION')).toBe('UNKNOWN_TOPIC_OR_PARTITION')
    expect(worst('OPERATION_NOT_ATTEMPTED', 'OPERATION_NOT_ATTEMPTED')).toBe('OPERATION_NOT_ATTEMPTED')
    expect(worst('INVALID_TXN_STATE', 'TOPIC_AUTHORIZATION_FAILED')).toBe('INVALID_TXN_STATE')
    expect(worst('TOPIC_AUTHORIZATION_FAILED', 'PRODUCER_FENCED')).toBe('PRODUCER_FENCED')
  })

  test('says which partition it is about', () => {
    const failure = gravest('AddPartitionsToTxn', [
      { code: code('TOPIC_AUTHORIZATION_FAILED'), topic: 't', partition: 3 },
    ])
    expect(failure?.error).toMatchObject({ topic: 't', partition: 3, api: 'AddPartitionsToTxn' })
  })
})

describe('a record that was not delivered', () => {
  test.each([
    'CLUSTER_AUTHORIZATION_FAILED',
    'TRANSACTIONAL_ID_AUTHORIZATION_FAILED',
    'UNSUPPORTED_VERSION',
    'INVALID_PRODUCER_ID_MAPPING',
  ])('for %s ends the producer', name => {
    expect(recordFailure(errorOf(code(name)))).toMatchObject({ verdict: 'fatal', error: { code: name, fatal: true } })
  })

  test('because another producer has taken over ends this one', () => {
    const { verdict, error } = recordFailure(errorOf(code('PRODUCER_FENCED')))
    expect(verdict).toBe('fenced')
    expect(error).toBeInstanceOf(ProducerFencedError)
  })

  test.each([
    errorOf(code('MESSAGE_TOO_LARGE')),
    errorOf(code('OUT_OF_ORDER_SEQUENCE_NUMBER')),
    errorOf(code('INVALID_PRODUCER_EPOCH')),
    errorOf(code('INVALID_TXN_STATE')),
    errorOf(code('TRANSACTION_ABORTABLE')),
    errorOf(code('TOPIC_AUTHORIZATION_FAILED')),
    new TimeoutError('too late'),
    new KafkaError('not writable', { code: 'SERIALIZATION_FAILED' }),
  ])('for any other reason leaves only the abort (%#)', cause => {
    expect(recordFailure(cause)).toMatchObject({
      verdict: 'abortable',
      error: { code: 'TRANSACTION_ABORTABLE', abortable: true, fatal: false, retriable: false, cause },
    })
  })
})
