/**
 * The judge of transactions itself: it tells what is wrong, of histories that are made up and of a program that does without
 * transactions.
 */
import { describe, expect, test } from 'vitest'
import { startTarget } from './target.js'
import { flawsOf, type TransactionHistory, type Transformation, wholeHistory } from './transaction-judge.js'
import { TransformScene } from './transform-scene.js'
import { nodeTransformer } from './transformer.js'

const TRANSFORMATION: Transformation = {
  topic: 'in',
  outputs: ['one', 'two'],
  groupId: 'g',
  input: [['a', 'b', 'c'], []],
}
const WHOLE = wholeHistory(TRANSFORMATION)

/** As it should be, but for what the first output's first partition shows, and the group's place in the input's. */
function seen(values: readonly string[], committed: number | string, unstable = 0): TransactionHistory {
  return {
    ...WHOLE,
    outputs: [
      [values, []],
      [['a!', 'b!', 'c!'].slice(0, values.length), []],
    ],
    unstable: [unstable, 0, unstable, 0],
    committed: [committed, 0],
  }
}

describe('the judge of transactions', () => {
  test('finds nothing wrong in the beginning of what is to be', () => {
    const fine = [WHOLE, seen([], 0), seen(['a!', 'b!'], 2), seen(['a!', 'b!'], 'UNSTABLE_OFFSET_COMMIT', 3)]
    expect(fine.map(history => flawsOf(history, TRANSFORMATION))).toEqual([[], [], [], []])
  })

  test.each([
    ['twice', ['a!', 'a!'], 2, ['one-0: a! stands where b! belongs']],
    ['left out', ['b!'], 1, ['one-0: b! stands where a! belongs']],
    ['in another order', ['b!', 'a!'], 2, ['one-0: b! stands where a! belongs']],
    ['more than there was', ['a!', 'b!', 'c!', 'd!'], 3, ['one-0: d! stands where undefined belongs']],
  ])('finds a record %s', (_, values, committed, flaws) => {
    expect(flawsOf(seen(values, committed), TRANSFORMATION)).toEqual(expect.arrayContaining(flaws))
  })

  test('finds what is seen without the offsets of its transaction, and the other way round', () => {
    expect(flawsOf(seen(['a!'], 0), TRANSFORMATION)).toEqual(
      ['one', 'two'].map(output => `${output}-0: 1 can be seen, and the group is at 0`),
    )
    expect(flawsOf(seen([], 1), TRANSFORMATION)).toHaveLength(2)
  })

  test('a program that does without transactions is found out', { timeout: 60_000 }, async () => {
    const target = await startTarget()
    try {
      const scene = await TransformScene.open({
        address: target.address,
        command: nodeTransformer('careless', process.execPath),
        resumes: true,
        transactionTimeoutMs: 60_000,
      })
      await scene.begin({ at: 'sent', after: 2 }).reaches('halted')
      await scene.kill()
      expect(await scene.flaws()).not.toEqual([])
      await scene.finish()
      expect(await scene.flaws()).not.toEqual([])
    } finally {
      await target.stop()
    }
  })
})
