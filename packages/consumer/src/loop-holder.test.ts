import { describe, expect, test } from 'vitest'
import { LoopHolder } from './loop-holder.js'
import { PartitionState } from './subscription-state.js'

function stateAt(partition: number, position: number): PartitionState {
  const state = new PartitionState({ topic: 't', partition })
  state.seek(position)
  return state
}

const record = (partition: number, offset: bigint) => ({ topic: 't', partition, offset })

describe('what a loop has in hand', () => {
  test('is not done with: of a poll that is the first record of each partition', () => {
    const hand = new LoopHolder()
    hand.takeAll([record(0, 5n), record(0, 6n), record(1, 9n), record(0, 7n)])
    expect([0, 1, 2].map(partition => hand.doneUpTo(stateAt(partition, 50)))).toEqual([5, 9, undefined])
    hand.release()
    hand.take(record(1, 12n))
    expect([0, 1].map(partition => hand.doneUpTo(stateAt(partition, 50)))).toEqual([undefined, 12])
  })

  test('is done with when the loop asks for more', () => {
    const hand = new LoopHolder()
    hand.takeAll([record(0, 5n)])
    hand.take(record(1, 6n))
    hand.release()
    expect([0, 1].map(partition => hand.doneUpTo(stateAt(partition, 50)))).toEqual([undefined, undefined])
  })

  test('does not count when the loop has sought back', () => {
    const hand = new LoopHolder()
    hand.take(record(0, 5n))
    expect(hand.doneUpTo(stateAt(0, 3))).toBe(3)
  })
})
