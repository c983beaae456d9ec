import { describe, expect, test } from 'vitest'
import { FetchSession, type FetchTarget } from './fetch-session.js'

function target(partition: number, fetchOffset: number, topicId = 'id'): FetchTarget {
  return { topic: 't', topicId, partition, fetchOffset, leaderEpoch: 0, maxBytes: 100 }
}

/** `id/epoch [0@5 1@7] -[2]`: partitions with their offsets, and those that are forgotten. */
function next(session: FetchSession, wanted: readonly FetchTarget[], usesIds = true): string {
  const { sessionId, sessionEpoch, targets, forgotten } = session.next(wanted, usesIds)
  const sent = targets.map(({ partition, fetchOffset }) => `${partition}@${fetchOffset}`).join(' ')
  return `${sessionId}/${sessionEpoch} [${sent}] -[${forgotten.map(({ partition }) => partition).join(' ')}]`
}

describe('a fetch session', () => {
  test('begins with a full request, and then names only what is new, has moved, or is gone', () => {
    const session = new FetchSession()
    expect(next(session, [target(0, 5), target(1, 7), target(2, 0)])).toBe('0/0 [0@5 1@7 2@0] -[]')
    session.answered(9)
    expect(next(session, [target(0, 6), target(1, 7)])).toBe('9/1 [0@6] -[2]')
    session.answered(9)
    expect(next(session, [target(0, 6), target(1, 7)])).toBe('9/2 [] -[]')
    session.answered(9)
    expect(next(session, [target(0, 6), target(1, 7), target(3, 1)])).toBe('9/3 [3@1] -[]')
  })

  test('that the broker does not make leaves every request a full one', () => {
    const session = new FetchSession()
    next(session, [target(0, 5)])
    session.answered(0)
    expect(next(session, [target(0, 6), target(1, 1)])).toBe('0/0 [0@6 1@1] -[]')
  })

  test('in doubt is closed by the next request, which is a full one', () => {
    const session = new FetchSession()
    next(session, [target(0, 5)])
    session.answered(9)
    next(session, [target(0, 6)])
    session.restart()
    expect(next(session, [target(0, 6)])).toBe('9/0 [0@6] -[]')
    session.answered(10)
    expect(next(session, [target(0, 6)])).toBe('10/1 [] -[]')
    session.forget()
    expect(next(session, [target(0, 6)])).toBe('0/0 [0@6] -[]')
  })

  test('tells the broker to forget a topic that was made anew, under its old id', () => {
    const session = new FetchSession()
    next(session, [target(0, 5, 'old')])
    session.answered(9)
    const { targets, forgotten } = session.next([target(0, 5, 'new')], true)
    expect(targets.map(({ topicId }) => topicId)).toEqual(['new'])
    expect(forgotten.map(({ topicId }) => topicId)).toEqual(['old'])
  })

  test('begins anew when topics cannot be named by their ids any more', () => {
    const session = new FetchSession()
    next(session, [target(0, 5)])
    session.answered(9)
    expect(next(session, [target(0, 5)], false)).toBe('9/0 [0@5] -[]')
  })

  test('counts from 1 again after the last number', () => {
    expect(FetchSession.epochAfter(0x7fff_ffff)).toBe(1)
    expect(FetchSession.epochAfter(1)).toBe(2)
  })

  test('is closed by one last request, and nothing is there to be closed twice', () => {
    const session = new FetchSession()
    expect(session.farewell()).toBeUndefined()
    next(session, [target(0, 5)])
    session.answered(7)
    expect(session.farewell()).toEqual({ sessionId: 7, sessionEpoch: -1, targets: [], forgotten: [] })
    expect(session.farewell()).toBeUndefined()
  })
})
