import { SeededRandom } from '@samsa/runtime'
import { describe, expect, test } from 'vitest'
import {
  FetchSessions,
  type PartitionAnswer,
  type SessionFetch,
  type SessionPartition,
  type SessionRequest,
} from './fetch-sessions.js'

const ID = 'AAAAAAAAAAAAAAAAAAAAAA'

function wanted(partition: number, fetchOffset = 0): SessionPartition {
  return {
    topic: 't',
    topicId: ID,
    partition,
    fetchOffset,
    maxBytes: 100,
    currentLeaderEpoch: -1,
    lastFetchedEpoch: -1,
  }
}

function answer(of: SessionPartition, rest: Partial<PartitionAnswer> = {}): PartitionAnswer {
  return { wanted: of, errorCode: 0, recordBytes: 0, highWatermark: 5, logStartOffset: 0, isDiverging: false, ...rest }
}

function request(
  sessionId: number,
  sessionEpoch: number,
  partitions: SessionPartition[],
  rest: Partial<SessionRequest> = {},
): SessionRequest {
  return { sessionId, sessionEpoch, usesTopicIds: false, partitions, forgotten: [], ...rest }
}

function begun(fetch: SessionFetch | string): SessionFetch {
  if (typeof fetch === 'string') throw new Error(fetch)
  return fetch
}

function sessions(maxSessions = 2): FetchSessions {
  return new FetchSessions({ maxSessions, evictionMs: 1000, random: new SeededRandom(1) })
}

/** Opens a session on partitions 0, 1 and 2 with high watermark 5. */
function opened(all: FetchSessions, nowMs = 0): number {
  const fetch = begun(all.begin(request(0, 0, [wanted(0), wanted(1), wanted(2)]), nowMs))
  return fetch.settle(fetch.partitions.map(each => answer(each))).sessionId
}

describe('fetch sessions', () => {
  test('a full fetch tells everything and opens a session', () => {
    const all = sessions()
    const fetch = begun(all.begin(request(0, 0, [wanted(0), wanted(1)]), 0))
    const { sessionId, send } = fetch.settle(fetch.partitions.map(each => answer(each)))
    expect(sessionId).toBeGreaterThan(0)
    expect(send).toHaveLength(2)
  })

  test('a full fetch of nothing opens a session, to which partitions are added later', () => {
    const all = sessions()
    const { sessionId } = begun(all.begin(request(0, 0, []), 0)).settle([])
    expect(sessionId).toBeGreaterThan(0)
    expect(begun(all.begin(request(sessionId, 1, [wanted(0)]), 1)).partitions).toEqual([wanted(0)])
  })

  test('an incremental fetch reads all of the session and tells only what moved', () => {
    const all = sessions()
    const id = opened(all)
    const fetch = begun(all.begin(request(id, 1, []), 0))
    expect(fetch.partitions.map(each => each.partition)).toEqual([0, 1, 2])
    const [p0, p1, p2] = fetch.partitions
    if (p0 === undefined || p1 === undefined || p2 === undefined) throw new Error('three partitions')
    const { sessionId, send } = fetch.settle([
      answer(p0),
      answer(p1, { highWatermark: 6 }),
      answer(p2, { recordBytes: 10 }),
    ])
    expect(sessionId).toBe(id)
    expect(send.map(each => each.wanted.partition)).toEqual([1, 2])
    expect(begun(all.begin(request(id, 2, []), 0)).settle([answer(p1, { highWatermark: 6 })]).send).toEqual([])
  })

  test('a partition that brought records is read last the next time', () => {
    const all = sessions()
    const id = opened(all)
    const fetch = begun(all.begin(request(id, 1, []), 0))
    fetch.settle(fetch.partitions.map(each => answer(each, { recordBytes: each.partition === 0 ? 9 : 0 })))
    expect(begun(all.begin(request(id, 2, []), 0)).partitions.map(each => each.partition)).toEqual([1, 2, 0])
  })

  test('an error is told every time, and what follows it too', () => {
    const all = sessions()
    const id = opened(all)
    const p0 = wanted(0)
    const tell = (epoch: number, rest: Partial<PartitionAnswer>): number =>
      begun(all.begin(request(id, epoch, []), 0)).settle([answer(p0, rest)]).send.length
    expect(tell(1, { errorCode: 6 })).toBe(1)
    expect(tell(2, { errorCode: 6 })).toBe(1)
    expect(tell(3, {})).toBe(1)
    expect(tell(4, {})).toBe(0)
    expect(tell(5, { isDiverging: true })).toBe(1)
    expect(tell(6, { logStartOffset: 3 })).toBe(1)
  })

  test('partitions are added, changed and forgotten; an emptied session ends', () => {
    const all = sessions()
    const id = opened(all)
    const forgotten = [0, 1].map(partition => ({ topic: 't', topicId: ID, partition }))
    const fetch = begun(all.begin(request(id, 1, [wanted(2, 77), wanted(9)], { forgotten }), 0))
    expect(fetch.partitions.map(each => [each.partition, each.fetchOffset])).toEqual([
      [2, 77],
      [9, 0],
    ])
    const rest = [2, 9].map(partition => ({ topic: 't', topicId: ID, partition }))
    const last = begun(all.begin(request(id, 2, [], { forgotten: rest }), 0))
    expect(last.partitions).toEqual([])
    expect(last.settle([]).sessionId).toBe(0)
    expect(all.count).toBe(0)
  })

  test('what is asked for and forgotten at once is read once more, without a session', () => {
    const all = sessions()
    const { sessionId } = begun(all.begin(request(0, 0, [wanted(0)]), 0)).settle([answer(wanted(0))])
    const last = begun(all.begin(request(sessionId, 1, [wanted(0, 3)], { forgotten: [wanted(0)] }), 1))
    expect(last.partitions).toEqual([wanted(0, 3)])
    expect([last.settle([answer(wanted(0, 3))]).sessionId, all.count]).toEqual([0, 0])
  })

  test('a wrong id, epoch or way to name topics is refused', () => {
    const all = sessions()
    const id = opened(all)
    expect(all.begin(request(id + 1, 1, []), 0)).toBe('FETCH_SESSION_ID_NOT_FOUND')
    expect(all.begin(request(id, 2, []), 0)).toBe('INVALID_FETCH_SESSION_EPOCH')
    expect(all.begin(request(id, 1, [], { usesTopicIds: true }), 0)).toBe('FETCH_SESSION_TOPIC_ID_ERROR')
    expect(typeof all.begin(request(id, 1, []), 0)).toBe('object')
    expect(all.begin(request(id, 1, []), 0)).toBe('INVALID_FETCH_SESSION_EPOCH')
  })

  test('epoch -1 fetches without a session and closes the one it names; epoch 0 opens a new one in its place', () => {
    const all = sessions()
    const id = opened(all)
    expect(begun(all.begin(request(id, -1, [wanted(0)]), 0)).settle([answer(wanted(0))]).sessionId).toBe(0)
    expect(all.count).toBe(0)
    const second = opened(all)
    const fetch = begun(all.begin(request(second, 0, [wanted(0)]), 0))
    expect(fetch.settle([answer(wanted(0))]).sessionId).not.toBe(second)
    expect(all.count).toBe(1)
  })

  test('a session has a limit too: behind it fetches go on without one', () => {
    const all = sessions()
    const many = (from: number, count: number): SessionPartition[] =>
      Array.from({ length: count }, (_, index) => wanted(from + index))
    const tooMany = begun(all.begin(request(0, 0, many(0, 20_001)), 0))
    expect(tooMany.settle(tooMany.partitions.map(each => answer(each))).sessionId).toBe(0)
    const full = begun(all.begin(request(0, 0, many(0, 20_000)), 0))
    const { sessionId } = full.settle(full.partitions.map(each => answer(each)))
    expect(sessionId).toBeGreaterThan(0)
    expect(all.begin(request(sessionId, 1, many(20_000, 1)), 0)).toBe('FETCH_SESSION_ID_NOT_FOUND')
    expect(all.count).toBe(0)
  })

  test('there is a limit, and only a session that rested makes room', () => {
    const all = sessions(2)
    const first = opened(all, 0)
    const second = opened(all, 500)
    expect(opened(all, 999)).toBe(0)
    const third = opened(all, 1000)
    expect(third).toBeGreaterThan(0)
    expect(all.begin(request(first, 1, []), 1000)).toBe('FETCH_SESSION_ID_NOT_FOUND')
    expect(typeof all.begin(request(second, 1, []), 1000)).toBe('object')
  })

  test('all sessions together have a limit on their partitions', () => {
    const all = sessions(1000)
    const many = Array.from({ length: 20_000 }, (_, index) => wanted(index))
    const open = (partitions: SessionPartition[]): number => {
      const fetch = begun(all.begin(request(0, 0, partitions), 0))
      return fetch.settle(fetch.partitions.map(each => answer(each))).sessionId
    }
    const ids = Array.from({ length: 25 }, () => open(many))
    expect(ids.every(id => id > 0)).toBe(true)
    expect(open([wanted(0)])).toBe(0)
    // One that is there goes on, and makes room when it gives up what it fetches.
    const forgotten = many.slice(1).map(({ topic, topicId, partition }) => ({ topic, topicId, partition }))
    expect(typeof all.begin(request(ids[0] ?? 0, 1, [], { forgotten }), 0)).toBe('object')
    expect(open([wanted(0)])).toBeGreaterThan(0)
  })
})
