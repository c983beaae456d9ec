/**
 * The checks can fail: a history that breaks each promise has its problem, and the one next to it that does not has none.
 */
import { expect, test } from 'vitest'
import { type Actor, History } from './history.js'
import { REQUEST_TIMEOUT_MS } from './script.js'

const place = { topic: 'orders', partition: 0 }

class Story {
  now = 0
  readonly history = new History(() => this.now)
  readonly #doubted = new Set<Actor>()

  member(name: string, isByKey = false): Actor {
    const isDoubted = (actor: Actor): boolean => this.#doubted.has(actor)
    return {
      name,
      isByKey,
      get isInDoubt() {
        return isDoubted(this)
      },
    }
  }

  doubt(actor: Actor): void {
    this.#doubted.add(actor)
  }

  /** A member has the partition, and handles records from 0 on. */
  handled(actor: Actor, count: number): void {
    for (let offset = 0; offset < count; offset++) {
      this.history.begun(actor, place, offset, 'k')
      this.history.handled(actor, place, offset)
    }
  }

  commit(actor: Actor, offset: number, askedAt?: number): void {
    this.history.committed(actor, [{ ...place, offset: BigInt(offset) }], askedAt)
  }

  get problems(): readonly string[] {
    return this.history.problems
  }
}

test('a peaceful history has no problem: handled, committed, given up, and handled again by the next', () => {
  const story = new Story()
  const [first, second] = [story.member('first'), story.member('second')]
  story.history.assigned(first, [place])
  story.handled(first, 3)
  story.commit(first, 3)
  story.history.gone(first, [place], 'revoked')
  story.history.assigned(second, [place])
  story.handled(second, 3)
  story.commit(second, 3)
  expect(story.problems).toEqual([])
  expect(story.history.counts).toMatchObject({ handled: 6, repeated: 3, superseded: 0 })
})

test('two members with one partition are a problem, unless the first may have lost it unheard', () => {
  const story = new Story()
  const [first, second, third] = [story.member('first'), story.member('second'), story.member('third')]
  story.history.assigned(first, [place])
  story.doubt(first)
  story.history.assigned(second, [place])
  expect(story.problems).toEqual([])
  story.history.assigned(third, [place])
  expect(story.problems).toEqual(['at 0: third is assigned orders-0, which second has and must know to be its own'])
})

test('a partition that is assigned to its owner again, or taken from who does not have it, is a problem', () => {
  const story = new Story()
  const member = story.member('m')
  story.history.assigned(member, [place])
  story.history.assigned(member, [place])
  expect(story.problems).toEqual(['at 0: m is assigned orders-0, which it has'])
  story.history.gone(member, [place], 'revoked')
  story.history.gone(member, [place], 'lost')
  expect(story.problems[1]).toBe('at 0: orders-0 is lost of m, which did not have it')
})

test('a record of a partition that is not assigned is a problem', () => {
  const story = new Story()
  const member = story.member('m')
  story.history.begun(member, place, 0, 'k')
  expect(story.problems).toEqual(['at 0: m is handed orders-0 at 0, which it does not have'])
})

test('a record that a member is through with after its partition went is a problem', () => {
  const story = new Story()
  const member = story.member('m')
  story.history.assigned(member, [place])
  story.history.begun(member, place, 0, 'k')
  story.history.gone(member, [place], 'revoked')
  story.history.handled(member, place, 0)
  expect(story.problems).toEqual(['at 0: m is through with orders-0 at 0 behind the end of its ownership'])
})

test('records out of order are a problem: in a partition, or by key where keys go side by side', () => {
  const story = new Story()
  const [member, byKey] = [story.member('m'), story.member('k', true)]
  story.history.assigned(member, [place])
  story.handled(member, 3)
  story.history.begun(member, place, 1, 'k')
  expect(story.problems).toEqual(['at 0: m is handed orders-0 at 1 behind 2'])
  story.history.gone(member, [place], 'revoked')
  story.history.assigned(byKey, [place])
  story.history.begun(byKey, place, 2, 'a')
  story.history.begun(byKey, place, 1, 'b')
  expect(story.problems).toHaveLength(1)
  story.history.begun(byKey, place, 0, 'b')
  expect(story.problems[1]).toBe('at 0: k is handed orders-0 at 0 behind 1')
})

test('a record that nobody handled and that is passed over is a problem', () => {
  const story = new Story()
  const member = story.member('m')
  story.history.assigned(member, [place])
  story.handled(member, 2)
  story.history.begun(member, place, 3, 'k')
  expect(story.problems).toEqual(['at 0: m is handed orders-0 at 3, although nobody has handled 2'])
})

test('a commit ahead of what is handled is a problem', () => {
  const story = new Story()
  const member = story.member('m', true)
  story.history.assigned(member, [place])
  story.history.begun(member, place, 0, 'a')
  story.history.begun(member, place, 1, 'b')
  story.history.handled(member, place, 1)
  story.commit(member, 0)
  expect(story.problems).toEqual([])
  story.commit(member, 2)
  expect(story.problems).toEqual(['at 0: m commits orders-0 at 2, and 0 is not handled'])
})

test('a commit of one whose partition another has by now is a problem, if it was asked for since then', () => {
  const story = new Story()
  const [zombie, heir] = [story.member('zombie'), story.member('heir')]
  story.history.assigned(zombie, [place])
  story.handled(zombie, 1)
  story.doubt(zombie)
  story.now = 100
  story.history.assigned(heir, [place])
  story.now = 200
  story.commit(zombie, 1, 90)
  story.now = 100 + REQUEST_TIMEOUT_MS
  story.commit(zombie, 1)
  expect(story.problems).toEqual([])
  story.commit(zombie, 1, 101)
  story.now++
  story.commit(zombie, 1)
  const problem = 'zombie commits orders-0, which another member has since 100'
  expect(story.problems).toEqual([
    `at ${100 + REQUEST_TIMEOUT_MS}: ${problem}`,
    `at ${101 + REQUEST_TIMEOUT_MS}: ${problem}`,
  ])
  story.history.gone(zombie, [place], 'lost')
  story.commit(heir, 1, story.now)
  expect(story.problems).toHaveLength(2)
})
