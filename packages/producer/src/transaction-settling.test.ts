import { ManualClock, SeededRandom } from '@samsa/runtime'
import { describe, expect, test } from 'vitest'
import type { ProducerCluster } from './cluster.js'
import { type Answer, TestCoordinator } from './test-coordinator.js'
import { TransactionSettling } from './transaction-settling.js'

const API = 'DescribeTransactions'

class Ends {
  readonly clock = new ManualClock()
  readonly coordinator = new TestCoordinator()
  readonly closing = new AbortController()
  settled = 0
  readonly settling = new TransactionSettling({
    cluster: {
      clock: this.clock,
      random: new SeededRandom(1),
      call: this.coordinator.call.bind(this.coordinator) as unknown as ProducerCluster['call'],
    },
    transactionalId: 'id',
    closing: this.closing.signal,
    onSettled: () => this.settled++,
  })

  /** An end after which the coordinator answers so; the next transaction begins at once. Returns how often it was asked. */
  async after(...answers: readonly Answer[]): Promise<number> {
    const before = this.coordinator.questions
    this.coordinator.will(API, ...answers)
    this.settling.begin()
    this.settling.ask()
    await this.clock.settle()
    await this.clock.advance(1000)
    return this.coordinator.questions - before
  }
}

describe('the end of a transaction', () => {
  test('is settled before there was one, without a question', () => {
    const { settling, coordinator } = new Ends()
    settling.ask()
    expect([settling.isOver, coordinator.questions]).toEqual([true, 0])
  })

  test('is asked about when the next one begins, after pauses that grow from 1 to 5 ms', async () => {
    const ends = new Ends()
    const { clock, coordinator, settling } = ends
    coordinator.will(API, ...Array<string>(6).fill('PrepareCommit'))
    settling.begin()
    await clock.advance(100)
    expect(coordinator.questions).toBe(0)
    settling.ask()
    settling.ask()
    expect(settling.isOver).toBe(false)
    await clock.settle()
    const askedAt = [clock.monotonic()]
    while (ends.settled === 0) {
      const before = coordinator.questions
      await clock.advance(1)
      if (coordinator.questions > before) askedAt.push(clock.monotonic())
    }
    const pauses = askedAt.slice(1).map((at, index) => at - (askedAt[index] ?? 0))
    expect(pauses).toHaveLength(6)
    expect(pauses[0]).toBeLessThanOrEqual(1)
    expect(Math.max(...pauses)).toBe(5)
    // They are spread by a fifth.
    expect(Math.min(...pauses.slice(-3))).toBeGreaterThanOrEqual(4)
    expect([ends.settled, settling.isOver]).toEqual([1, true])
  })

  test('of an abort is waited for as well', async () => {
    const ends = new Ends()
    expect(await ends.after('PrepareAbort', 'CompleteAbort')).toBe(2)
  })

  test('is taken as settled where the coordinator is not done for long: the broker waits by itself', async () => {
    const ends = new Ends()
    await ends.after(...Array<string>(1000).fill('PrepareCommit'))
    expect([ends.settled, ends.settling.isOver]).toEqual([1, true])
    expect(ends.coordinator.questions).toBeLessThan(200)
  })

  test('is taken as settled where the coordinator does not tell', async () => {
    const ends = new Ends()
    expect(await ends.after(new Error('refused'))).toBe(1)
    expect([ends.settled, ends.settling.isOver]).toEqual([1, true])
  })

  test('is rarely asked about where it always is settled or refused, and always again once it is not', async () => {
    const ends = new Ends()
    for (let index = 0; index < 8; index++) {
      expect(await ends.after(index % 2 === 0 ? 'CompleteCommit' : new Error('refused'))).toBe(1)
    }
    const questions = async (count: number): Promise<number> => {
      let sum = 0
      for (let index = 0; index < count; index++) sum += await ends.after()
      return sum
    }
    expect(await questions(160)).toBe(10)
    ends.coordinator.will(API, 'PrepareCommit')
    expect(await questions(16)).toBe(2)
    expect(await questions(8)).toBe(8)
    expect(await questions(16)).toBe(1)
  })

  test('is not waited for any more when the producer is closed', async () => {
    const ends = new Ends()
    ends.coordinator.will(API, new Promise<string>(() => {}))
    ends.settling.begin()
    ends.settling.ask()
    ends.closing.abort(new Error('closed'))
    await ends.clock.advance(1000)
    expect(ends.settled).toBe(0)
  })
})
