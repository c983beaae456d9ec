import { describe, expect, test } from 'vitest'
import {
  allowedIn,
  nextRequest,
  type TransactionCall,
  type TransactionState,
  TransactionStateError,
  type TransactionView,
  transitions,
  wrongState,
} from './transaction-states.js'

const states = Object.keys(transitions) as TransactionState[]
const calls = Object.keys(allowedIn) as TransactionCall[]

describe('states', () => {
  test('each can be reached, and each but fatal can fail for good', () => {
    const reached = new Set<TransactionState>(['uninitialized'])
    for (const state of reached) for (const next of transitions[state]) reached.add(next)
    expect([...reached].toSorted()).toEqual(states.toSorted())
    expect(states.filter(state => !transitions[state].includes('fatal'))).toEqual(['fatal'])
    expect(transitions.fatal).toEqual([])
  })

  test('a failed transaction is left by an abort, and by nothing else', () => {
    expect(transitions.abortable).toEqual(['aborting', 'fatal'])
    expect(transitions.aborting).not.toContain('abortable')
    expect(calls.filter(call => allowedIn[call].includes('abortable'))).toEqual(['abortTransaction'])
  })

  test('while something is under way, and after a fatal failure, no call is right', () => {
    for (const call of calls) {
      for (const state of ['initializing', 'committing', 'aborting', 'fatal'] as const)
        expect(allowedIn[call], `${call} in ${state}`).not.toContain(state)
    }
  })

  test('a wrong call is told what to do instead', () => {
    for (const call of calls) {
      for (const state of states) {
        const error = wrongState(call, state)
        expect(error).toBeInstanceOf(TransactionStateError)
        expect(error).toMatchObject({ code: 'INVALID_TXN_STATE', retriable: false, fatal: false, abortable: false })
        expect(error.message).toContain(`${call}()`)
      }
    }
    expect(wrongState('send', 'ready').message).toBe(
      'send() cannot be done now: no transaction is open: beginTransaction() opens one.',
    )
  })
})

const idle: TransactionView = {
  state: 'inTransaction',
  generation: 1,
  partitionsToAdd: 0,
  offsets: 'none',
  isDrained: false,
  isHeldBack: false,
}

describe('the next request', () => {
  test.each([
    // An identity comes before everything else.
    [{ state: 'initializing', partitionsToAdd: 1, offsets: 'groupNotAdded', isDrained: true }, 'InitProducerId'],
    // What belongs to the transaction comes before its end.
    [{ partitionsToAdd: 1, offsets: 'groupNotAdded' }, 'AddPartitionsToTxn'],
    [{ offsets: 'groupNotAdded' }, 'AddOffsetsToTxn'],
    [{ offsets: 'groupAdded' }, 'TxnOffsetCommit'],
    [{ state: 'committing', isDrained: true, partitionsToAdd: 1 }, 'AddPartitionsToTxn'],
    [{ state: 'committing', isDrained: true, offsets: 'groupNotAdded' }, 'AddOffsetsToTxn'],
    [{ state: 'committing', isDrained: true, offsets: 'groupAdded' }, 'TxnOffsetCommit'],
    [{ state: 'committing', isDrained: true }, 'EndTxn'],
    // The broker adds groups by itself.
    [{ generation: 2, offsets: 'groupNotAdded' }, 'TxnOffsetCommit'],
    // Nor may offsets come before the last transaction has ended everywhere, and no end comes before them.
    [{ generation: 2, offsets: 'groupNotAdded', isHeldBack: true }, undefined],
    [{ generation: 2, state: 'committing', isDrained: true, offsets: 'groupNotAdded', isHeldBack: true }, undefined],
    // An end waits for its records, and an abort for nothing else.
    [{ state: 'committing' }, undefined],
    [{ state: 'aborting' }, undefined],
    [{ state: 'aborting', isDrained: true, partitionsToAdd: 1, offsets: 'groupNotAdded' }, 'EndTxn'],
    [{}, undefined],
    [{ state: 'uninitialized' }, undefined],
    [{ state: 'ready', isDrained: true }, undefined],
    [{ state: 'abortable', partitionsToAdd: 1, offsets: 'groupAdded', isDrained: true }, undefined],
    [{ state: 'fatal', partitionsToAdd: 1, offsets: 'groupAdded', isDrained: true }, undefined],
  ] as const)('of %j is %s', (view, expected) => {
    expect(nextRequest({ ...idle, ...view })).toBe(expected)
  })
})
