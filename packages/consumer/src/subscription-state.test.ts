import { describe, expect, test } from 'vitest'
import { PartitionState, SubscriptionState } from './subscription-state.js'

const place = { topic: 't', partition: 0 }

describe('a partition', () => {
  test('has what was fetched between its position and what is asked for next', () => {
    const state = new PartitionState(place)
    state.seek(10)
    state.fetched(50, 3)
    expect([state.position, state.fetchOffset]).toEqual([10, 50])
    state.handedOut(20, 3)
    expect([state.position, state.positionEpoch, state.fetchOffset, state.fetchEpoch]).toEqual([20, 3, 50, 3])
    state.refetch()
    expect([state.fetchOffset, state.fetchEpoch]).toEqual([20, 3])
  })

  test.each([
    ['a seek', (state: PartitionState) => state.seek(5)],
    ['a reset', (state: PartitionState) => state.requestReset('earliest')],
    ['fetching again', (state: PartitionState) => state.refetch()],
    [
      'its end',
      (state: PartitionState) => {
        state.isAssigned = false
      },
    ],
  ])('is past answers to what was asked before %s', (_, move) => {
    const state = new PartitionState(place)
    state.seek(10)
    const { generation } = state
    expect(state.isCurrent(generation)).toBe(true)
    move(state)
    expect(state.isCurrent(generation)).toBe(false)
  })

  test('is to be validated when a leader follows that has not written what was read', () => {
    const state = new PartitionState(place)
    state.seek(10)
    state.observeLeader(4)
    state.fetched(50, 4)
    state.observeLeader(4)
    expect(state.needsValidation).toBe(false)
    state.observeLeader(6)
    expect(state.needsValidation).toBe(true)
    expect(state.isFetchable).toBe(false)
    state.seek(7)
    expect(state.isFetchable).toBe(true)
  })

  test('needs no validation without an epoch, nor under the leader that gave the position', () => {
    const state = new PartitionState(place)
    state.seek(10)
    state.observeLeader(4)
    state.observeLeader(5)
    expect(state.needsValidation).toBe(false)
    state.seek(10, 2, 5)
    state.observeLeader(5)
    expect(state.needsValidation).toBe(false)
    // As a committed offset would come: nobody has asked this leader yet.
    state.seek(10, 2)
    state.observeLeader(5)
    expect(state.needsValidation).toBe(true)
  })
})

test('an assignment takes the place of the one before, and who stays keeps its position', () => {
  const subscription = new SubscriptionState()
  subscription.assign([place, { topic: 't', partition: 1 }])
  subscription.assigned(place).seek(42)
  const { gone, come } = subscription.assign([place, { topic: 'u', partition: 0 }])
  expect(gone.map(({ partition }) => partition)).toEqual([1])
  expect(come.map(({ topic }) => topic)).toEqual(['u'])
  expect(subscription.assigned(place).position).toBe(42)
  expect(gone[0]?.isAssigned).toBe(false)
  expect(() => subscription.assigned({ topic: 't', partition: 1 })).toThrow('t-1 is not assigned')
})
