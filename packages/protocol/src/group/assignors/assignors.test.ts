import { describe, expect, it } from 'vitest'
import { type Assignor, type GroupMember, stillOwned, type TopicLayout } from '../assignor.js'
import { encodeGenerationUserData, encodeStickyUserData, type Subscription } from '../consumer-protocol.js'
import type { TargetMember } from '../server-assignor.js'
import { cooperativeStickyAssignor } from './cooperative-sticky.js'
import { rangeAssignor } from './range.js'
import { roundRobinAssignor } from './round-robin.js'
import { serverRangeAssignor } from './server-range.js'
import { stickyAssignor } from './sticky.js'
import { uniformAssignor } from './uniform.js'

type Table = Readonly<Record<string, string>>

function member(
  memberId: string,
  subscription: Partial<Subscription>,
  groupInstanceId: string | null = null,
): GroupMember {
  const none = { topics: [], userData: null, ownedPartitions: [], generationId: -1, rackId: null }
  return { memberId, groupInstanceId, subscription: { ...none, ...subscription } }
}

/** Who gets what, as `a0 a1 b0`. */
function table(
  assignor: Assignor,
  members: readonly GroupMember[],
  topics: Readonly<Record<string, number | TopicLayout>>,
): Table {
  const layouts = Object.entries(topics).map(([topic, layout]) => {
    return [topic, typeof layout === 'number' ? { partitions: layout } : layout] as const
  })
  const assigned = assignor.assign(members, new Map(layouts))
  return Object.fromEntries(
    [...assigned].map(([memberId, { partitions }]) => [
      memberId,
      partitions.flatMap(entry => entry.partitions.map(partition => `${entry.topic}${partition}`)).join(' '),
    ]),
  )
}

const both = { topics: ['a', 'b'] }

describe('range', () => {
  it('cuts each topic by itself, the first ranges longer', () => {
    const members = [member('1', both), member('2', both)]
    expect(table(rangeAssignor(), members, { a: 3, b: 3 })).toEqual({ 1: 'a0 a1 b0 b1', 2: 'a2 b2' })
  })

  it('serves static members first, by instance', () => {
    const members = [member('1', both), member('2', both, 'y'), member('3', both, 'x')]
    expect(table(rangeAssignor(), members, { a: 2 })).toEqual({ 1: '', 2: 'a1', 3: 'a0' })
  })

  it('gives equal partitions of topics to one member that is near to both', () => {
    const members = [member('1', { ...both, rackId: 'east' }), member('2', { ...both, rackId: 'west' })]
    const layout = { partitions: 2, racks: [['west'], ['east']] }
    expect(table(rangeAssignor(), members, { a: layout, b: layout })).toEqual({ 1: 'a1 b1', 2: 'a0 b0' })
  })
})

describe('roundrobin', () => {
  it('goes on with the next member from topic to topic, past those that are not subscribed', () => {
    const members = [member('1', { topics: ['a'] }), member('2', both), member('3', both)]
    expect(table(roundRobinAssignor(), members, { a: 2, b: 3 })).toEqual({ 1: 'a0', 2: 'a1 b1', 3: 'b0 b2' })
  })
})

const owns = (topic: string, ...partitions: number[]): Pick<Subscription, 'ownedPartitions' | 'generationId'> => ({
  ownedPartitions: [{ topic, partitions }],
  generationId: 1,
})
const had = (generationId: number, topic: string, ...partitions: number[]): Pick<Subscription, 'userData'> => ({
  userData: encodeStickyUserData({ partitions: [{ topic, partitions }], generationId }),
})

describe('sticky', () => {
  it('has nothing to say before it got an assignment, and then what it got', () => {
    const assignor = stickyAssignor()
    expect(assignor.subscriptionUserData?.(['a'])).toBeNull()
    const partitions = [{ topic: 'a', partitions: [1] }]
    const membership = { groupId: 'g', generationId: 7, memberId: '1', groupInstanceId: null }
    assignor.onAssignment?.({ partitions, userData: null }, membership)
    expect(assignor.subscriptionUserData?.(['a'])).toEqual(encodeStickyUserData({ partitions, generationId: 7 }))
  })

  it('believes the later of two claims, and neither of two in one generation', () => {
    const later = [member('1', { topics: ['a'], ...had(4, 'a', 1) }), member('2', { topics: ['a'], ...had(5, 'a', 1) })]
    expect(table(stickyAssignor(), later, { a: 2 })).toEqual({ 1: 'a0', 2: 'a1' })
    const tied = [member('1', { topics: ['a'], ...had(5, 'a', 1) }), member('2', { topics: ['a'], ...had(5, 'a', 1) })]
    expect(table(stickyAssignor(), tied, { a: 2 })).toEqual({ 1: 'a0', 2: 'a1' })
  })

  it('takes a member whose user data it cannot read for one that had nothing', () => {
    const members = [
      member('1', { topics: ['a'], userData: Buffer.from([255]) }),
      member('2', { topics: ['a'], ...had(1, 'a', 0) }),
    ]
    expect(table(stickyAssignor(), members, { a: 2 })).toEqual({ 1: 'a1', 2: 'a0' })
  })

  it('lets go of partitions that are gone', () => {
    const members = [member('1', { topics: ['a'], ...had(1, 'a', 0, 5) }), member('2', { topics: ['a'] })]
    expect(table(stickyAssignor(), members, { a: 2 })).toEqual({ 1: 'a0', 2: 'a1' })
  })

  it('stays even where near members could take everything, which Kafka fails on', () => {
    const members = ['east', 'west', 'south'].map((rackId, index) => member(`${index}`, { topics: ['a'], rackId }))
    const layout = { partitions: 4, racks: [['east'], ['east'], ['west'], ['west']] }
    expect(table(stickyAssignor(), members, { a: layout })).toEqual({ 0: 'a0 a1', 1: 'a2', 2: 'a3' })
  })
})

describe('cooperative-sticky', () => {
  it('gives what one has to lose to nobody, and to another when it is free', () => {
    const first = [member('1', { topics: ['a'], ...owns('a', 0, 1) }), member('2', { topics: ['a'] })]
    expect(table(cooperativeStickyAssignor(), first, { a: 2 })).toEqual({ 1: 'a0', 2: '' })
    const then = [member('1', { topics: ['a'], ...owns('a', 0) }), member('2', { topics: ['a'] })]
    expect(table(cooperativeStickyAssignor(), then, { a: 2 })).toEqual({ 1: 'a0', 2: 'a1' })
  })

  it('holds back what leaves its owner because of racks, which Kafka hands out at once', () => {
    const members = [
      member('1', { topics: ['a'], rackId: 'east', ...owns('a', 0, 1) }),
      member('2', { topics: ['a'], rackId: 'west' }),
    ]
    const layout = { partitions: 2, racks: [['east'], ['west']] }
    expect(table(cooperativeStickyAssignor(), members, { a: layout })).toEqual({ 1: 'a0', 2: '' })
  })

  it('holds back what an earlier generation of the receiver had too, while another one owns it', () => {
    const stale = { ...owns('a', 2), generationId: 0 }
    const members = [member('1', { topics: ['a'], ...owns('a', 0, 1, 2) }), member('2', { topics: ['a'], ...stale })]
    expect(table(cooperativeStickyAssignor(), members, { a: 3 })).toEqual({ 1: 'a0 a1', 2: '' })
  })

  it('finds the generation in the user data of subscriptions that do not have it', () => {
    const claim = (memberId: string, generationId: number): GroupMember => {
      const userData = encodeGenerationUserData(generationId)
      return member(memberId, { topics: ['a'], ...owns('a', 0), generationId: -1, userData })
    }
    expect(table(cooperativeStickyAssignor(), [claim('1', 3), claim('2', 4)], { a: 1 })).toEqual({ 1: '', 2: 'a0' })
  })
})

describe('stillOwned', () => {
  it('names what goes to a member while another one owns it', () => {
    const members = [member('1', owns('a', 0, 1)), member('2', {})]
    const assigned = new Map([
      ['1', { partitions: [{ topic: 'a', partitions: [0] }], userData: null }],
      ['2', { partitions: [{ topic: 'a', partitions: [1, 2] }], userData: null }],
    ])
    expect(stillOwned(members, assigned)).toEqual([{ topic: 'a', partition: 1, owner: '1', receiver: '2' }])
  })
})

describe('the assignors of the coordinator', () => {
  const a = `${'A'.repeat(21)}Q`
  const b = `${'A'.repeat(21)}g`
  const target = (
    memberId: string,
    topics: readonly string[],
    held: Readonly<Record<string, number[]>> = {},
  ): TargetMember => ({
    memberId,
    groupInstanceId: null,
    subscribedTopicIds: new Set(topics),
    target: new Map(Object.entries(held)),
  })
  const counts = new Map([
    [a, 3],
    [b, 3],
  ])

  it('give every member a target, and nobody anything of a topic that is not there', () => {
    const members = [target('1', [b]), target('2', [])]
    for (const assignor of [uniformAssignor, serverRangeAssignor])
      expect(assignor.assign(members, new Map([[a, 3]]))).toEqual(
        new Map([
          ['1', new Map()],
          ['2', new Map()],
        ]),
      )
  })

  it('give an empty group nothing', () => {
    for (const assignor of [uniformAssignor, serverRangeAssignor]) expect(assignor.assign([], counts).size).toBe(0)
  })

  it('cut ranges without a look at what was before', () => {
    const members = [target('1', [a, b], { [a]: [2] }), target('2', [a, b])]
    expect(serverRangeAssignor.assign(members, counts)).toEqual(
      new Map([
        [
          '1',
          new Map([
            [a, [0, 1]],
            [b, [0, 1]],
          ]),
        ],
        [
          '2',
          new Map([
            [a, [2]],
            [b, [2]],
          ]),
        ],
      ]),
    )
  })

  it('leave a member what it had, as far as its share goes', () => {
    const members = [target('1', [a, b], { [a]: [0, 1, 2], [b]: [0, 1, 2] }), target('2', [a, b])]
    expect(uniformAssignor.assign(members, counts)).toEqual(
      new Map([
        ['1', new Map([[a, [0, 1, 2]]])],
        ['2', new Map([[b, [0, 1, 2]]])],
      ]),
    )
  })

  it('take from a member what it is not subscribed to any more', () => {
    const members = [target('1', [a], { [b]: [0, 1, 2] }), target('2', [a, b], { [a]: [0, 1, 2] })]
    expect(uniformAssignor.assign(members, counts)).toEqual(
      new Map([
        ['1', new Map([[a, [0, 1, 2]]])],
        ['2', new Map([[b, [0, 1, 2]]])],
      ]),
    )
  })
})
