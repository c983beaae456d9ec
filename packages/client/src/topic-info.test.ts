import { type Decoded, type MetadataResponseTopic, ZERO_UUID } from '@samsa/protocol'
import { describe, expect, test } from 'vitest'
import { mergeTopic, withLeader } from './topic-info.js'

const ID = 'AAAAAAAAAAAAAAAAAAAAAQ'
const OTHER_ID = 'AAAAAAAAAAAAAAAAAAAAAg'

function answer(
  leaders: readonly (readonly [leader: number, epoch: number])[],
  topicId = ID,
): Decoded<MetadataResponseTopic> {
  return {
    errorCode: 0,
    name: 'orders',
    topicId,
    isInternal: false,
    topicAuthorizedOperations: 0,
    unknownTags: undefined,
    partitions: leaders.map(([leaderId, leaderEpoch], partitionIndex) => ({
      errorCode: 0,
      partitionIndex,
      leaderId,
      leaderEpoch,
      replicaNodes: [1, 2],
      isrNodes: [1],
      offlineReplicas: [],
      unknownTags: undefined,
    })),
  }
}

const leadersOf = (topic: ReturnType<typeof mergeTopic>) => topic.partitions.map(({ leader }) => leader)

describe('what a broker says of a topic', () => {
  test('that is nothing new leaves the object what it is', () => {
    const known = mergeTopic(
      undefined,
      answer([
        [1, 5],
        [2, 5],
      ]),
    )
    expect(
      mergeTopic(
        known,
        answer([
          [1, 5],
          [2, 5],
        ]),
      ),
    ).toBe(known)
  })

  test('that is new makes a new object, in which the rest stays what it was', () => {
    const known = mergeTopic(
      undefined,
      answer([
        [1, 5],
        [2, 5],
      ]),
    )
    const next = mergeTopic(
      known,
      answer([
        [1, 5],
        [1, 6],
      ]),
    )
    expect(next).not.toBe(known)
    expect(leadersOf(next)).toEqual([1, 1])
    expect(next.partitions[0]).toBe(known.partitions[0])
  })

  test('from before a change of leader is left out, partition by partition', () => {
    const known = mergeTopic(
      undefined,
      answer([
        [1, 5],
        [2, 5],
      ]),
    )
    expect(
      leadersOf(
        mergeTopic(
          known,
          answer([
            [3, 4],
            [3, 6],
          ]),
        ),
      ),
    ).toEqual([1, 3])
  })

  test('counts whatever its epochs when the topic was made anew', () => {
    const known = mergeTopic(
      undefined,
      answer([
        [1, 5],
        [2, 5],
      ]),
    )
    const next = mergeTopic(known, answer([[3, 0]], OTHER_ID))
    expect(leadersOf(next)).toEqual([3])
    expect(next.id).toBe(OTHER_ID)
  })

  test('counts where the broker is too old for epochs and ids', () => {
    const known = mergeTopic(undefined, answer([[1, 5]]))
    const next = mergeTopic(known, answer([[2, -1]], ZERO_UUID))
    expect(leadersOf(next)).toEqual([2])
    expect(next.id).toBe(ID)
  })

  test('is put in order, and refused with gaps', () => {
    const mixed = answer([
      [1, 0],
      [2, 0],
    ])
    expect(leadersOf(mergeTopic(undefined, { ...mixed, partitions: [...mixed.partitions].reverse() }))).toEqual([1, 2])
    expect(() => mergeTopic(undefined, { ...mixed, partitions: mixed.partitions.slice(1) })).toThrow('with gaps')
  })
})

describe('a hint of who leads', () => {
  const known = mergeTopic(
    undefined,
    answer([
      [1, 5],
      [2, 5],
    ]),
  )

  test('counts when it is newer', () => {
    const next = withLeader(known, 1, { leaderId: 9, leaderEpoch: 6 })
    expect(next?.partitions[1]).toMatchObject({ leader: 9, leaderEpoch: 6, replicas: [1, 2] })
    expect(next?.partitions[0]).toBe(known.partitions[0])
    expect(leadersOf(known)).toEqual([1, 2])
  })

  test.each([
    [1, 5, 1],
    [1, 4, 1],
    [-1, 6, 1],
    [1, 6, 7],
  ])('is left out: leader %i, epoch %i, partition %i', (leaderId, leaderEpoch, partition) => {
    expect(withLeader(known, partition, { leaderId, leaderEpoch })).toBeUndefined()
  })
})
