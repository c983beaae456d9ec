import {
  type Assignor,
  cooperativeStickyAssignor,
  type GroupMember,
  rangeAssignor,
  roundRobinAssignor,
  stickyAssignor,
  stillOwned,
} from '@samsa/protocol'
import { serverRangeAssignor, type TargetAssignment, uniformAssignor } from '@samsa/protocol/internal'
import { SeededRandom } from '@samsa/runtime'
import { describe, expect, it } from 'vitest'
import {
  joiningAgain,
  member,
  type Owners,
  ownersOf,
  ownersOfTargets,
  randomMembers,
  randomTopics,
  sizesOf,
  type Topics,
  targetMember,
} from './random-groups.js'

const SEEDS = Array.from({ length: 150 }, (_, seed) => seed)

/** Where racks or subscriptions differ, a rebalance may have other plans for what was given up in the one before. */
const MAX_REBALANCES = 10

/** One rule, with the group's memory of earlier assignments: what a rebalance makes of members and topics. */
interface Subject {
  readonly name: string
  start(topics: Topics): (members: readonly GroupMember[], topics?: Topics) => Owners
}

const classic = (create: () => Assignor): Subject => ({
  name: create().name,
  start(first) {
    let assigned: ReturnType<Assignor['assign']> = new Map()
    let generation = 0
    return (members, topics = first) => {
      // A cooperative group rebalances again as long as somebody has to give something up.
      for (let rebalance = 0; rebalance < MAX_REBALANCES; rebalance++) {
        const joining = joiningAgain(create, members, assigned, generation++)
        assigned = create().assign(joining, topics)
        if (!create().supportedProtocols.includes('cooperative')) break
        expect(stillOwned(joining, assigned)).toEqual([])
        if (!joining.some(each => givesUp(each, assigned))) break
      }
      return ownersOf(assigned)
    }
  },
})

const server = (assignor: typeof uniformAssignor): Subject => ({
  name: `server's ${assignor.name}`,
  start(first) {
    let targets: ReadonlyMap<string, TargetAssignment> = new Map()
    return (members, topics = first) => {
      const counts = new Map([...topics].map(([topic, { partitions }]) => [idOf(topic), partitions]))
      const withIds = members.map(each => ({
        ...each,
        subscription: { ...each.subscription, topics: each.subscription.topics.map(idOf) },
      }))
      targets = assignor.assign(
        withIds.map(each => targetMember(each, targets.get(each.memberId) ?? new Map())),
        counts,
      )
      const owners = [...ownersOfTargets(targets)]
      return new Map(owners.map(([key, held]) => [`topic-${key.charCodeAt(0) - 65}${key.slice(22)}`, held]))
    }
  },
})

const idOf = (topic: string): string => String.fromCharCode(65 + Number(topic.slice(6))) + 'A'.repeat(21)

const range = classic(rangeAssignor)
const roundRobin = classic(roundRobinAssignor)
const sticky = classic(stickyAssignor)
const cooperative = classic(cooperativeStickyAssignor)
const uniform = server(uniformAssignor)
const serverRange = server(serverRangeAssignor)
const all = [range, roundRobin, sticky, cooperative, uniform, serverRange]

describe.each(all)('the $name assignor', ({ start }) => {
  it.each([
    { racks: false, mixed: false },
    { racks: false, mixed: true },
    { racks: true, mixed: false },
    { racks: true, mixed: true },
  ])('gives every partition to one of its subscribers (racks: $racks, mixed: $mixed)', ({ racks, mixed }) => {
    for (const seed of SEEDS) {
      const random = new SeededRandom(seed)
      const topics = randomTopics(random, racks)
      const rebalance = start(topics)
      for (let round = 0; round < 3; round++) {
        const members = randomMembers(random, topics, racks, mixed)
        expectOneOwnerEach(topics, members, rebalance(members), seed)
      }
    }
  })
})

describe.each([roundRobin, sticky, cooperative, uniform])(
  'the $name assignor, with equal subscriptions',
  ({ start }) => {
    it('lets no member have two more than another', () => {
      for (const seed of SEEDS) {
        const random = new SeededRandom(seed)
        const racks = seed % 2 === 0
        const topics = randomTopics(random, racks)
        const rebalance = start(topics)
        for (let round = 0; round < 3; round++) {
          const members = randomMembers(random, topics, racks, false)
          const sizes = [...sizesOf(members, rebalance(members)).values()]
          expect(Math.max(...sizes) - Math.min(...sizes), `seed ${seed}`).toBeLessThanOrEqual(1)
        }
      }
    })
  },
)

describe.each([range, serverRange])('the $name assignor', ({ start }) => {
  it('lets no subscriber of a topic have two partitions of it more than another', () => {
    for (const seed of SEEDS) {
      const random = new SeededRandom(seed)
      const topics = randomTopics(random, seed % 2 === 0)
      const members = randomMembers(random, topics, seed % 2 === 0, true)
      const owners = start(topics)(members)
      for (const topic of topics.keys()) {
        const subscribers = members.filter(({ subscription }) => subscription.topics.includes(topic))
        const ofTopic = new Map([...owners].filter(([key]) => key.startsWith(`${topic}/`)))
        const sizes = [...sizesOf(subscribers, ofTopic).values()]
        expect(Math.max(0, ...sizes) - Math.min(...sizes), `seed ${seed}`).toBeLessThanOrEqual(1)
      }
    }
  })
})

describe.each([sticky, cooperative, uniform])('the $name assignor, of members that had something', ({ start }) => {
  it('leaves everything where it was when nothing has changed', () => {
    for (const seed of SEEDS) {
      const random = new SeededRandom(seed)
      const topics = randomTopics(random, false)
      const members = randomMembers(random, topics, false, seed % 2 === 0)
      const rebalance = start(topics)
      const before = rebalance(members)
      expect(new Map(rebalance(members)), `seed ${seed}`).toEqual(before)
    }
  })

  it('moves only what a member that left had', () => {
    for (const seed of SEEDS) {
      const random = new SeededRandom(seed)
      const { topics, members } = equalGroup(random)
      const rebalance = start(topics)
      const before = rebalance(members)
      const gone = `member-${random.integer(0, members.length)}`
      const after = rebalance(members.filter(({ memberId }) => memberId !== gone))
      const moved = [...before].filter(([key, held]) => held[0] !== gone && after.get(key)?.[0] !== held[0])
      expect(moved, `seed ${seed}`).toEqual([])
    }
  })

  it('moves to a member that came what it gets, and nothing else', () => {
    for (const seed of SEEDS) {
      const { topics, members } = equalGroup(new SeededRandom(seed))
      const rebalance = start(topics)
      const before = rebalance(members)
      const after = rebalance([...members, member('member-x', [...topics.keys()])])
      const moved = [...before].filter(([key, held]) => after.get(key)?.[0] !== held[0])
      expect(
        moved.every(([key]) => after.get(key)?.[0] === 'member-x'),
        `seed ${seed}`,
      ).toBe(true)
      expect(moved.length, `seed ${seed}`).toBeLessThanOrEqual(Math.ceil(before.size / (members.length + 1)))
    }
  })
})

describe.each([sticky, cooperative, uniform])('the $name assignor, with different subscriptions', ({ start }) => {
  it('leaves no partition that a member with two fewer could have', () => {
    for (const seed of SEEDS) {
      const random = new SeededRandom(seed)
      const topics = randomTopics(random, false)
      const members = randomMembers(random, topics, false, true)
      const owners = start(topics)(members)
      const sizes = sizesOf(members, owners)
      let apart = 0
      for (const [key, [owner = '']] of owners) {
        const topic = key.slice(0, key.indexOf('/'))
        for (const { memberId, subscription } of members) {
          if (!subscription.topics.includes(topic)) continue
          apart = Math.max(apart, (sizes.get(owner) ?? 0) - (sizes.get(memberId) ?? 0))
        }
      }
      expect(apart, `seed ${seed}`).toBeLessThanOrEqual(1)
    }
  })
})

describe('the cooperative-sticky assignor', () => {
  it('hands out nothing that another member says it owns, whatever it says', () => {
    for (const seed of SEEDS) {
      const random = new SeededRandom(seed)
      const topics = randomTopics(random, true)
      const members = randomMembers(random, topics, true, seed % 2 === 0).map(each => {
        const ownedPartitions = [...topics].map(([topic, { partitions }]) => ({
          topic,
          partitions: Array.from({ length: partitions + 2 }, (_, index) => index).filter(() => random.next() < 0.3),
        }))
        return { ...each, subscription: { ...each.subscription, ownedPartitions, generationId: random.integer(-1, 3) } }
      })
      expect(stillOwned(members, cooperativeStickyAssignor().assign(members, topics)), `seed ${seed}`).toEqual([])
    }
  })
})

function equalGroup(random: SeededRandom): { topics: Topics; members: readonly GroupMember[] } {
  const topics = randomTopics(random, false)
  const members = Array.from({ length: random.integer(2, 12) }, (_, index) =>
    member(`member-${index}`, [...topics.keys()]),
  )
  return { topics, members }
}

function givesUp({ memberId, subscription }: GroupMember, assigned: ReturnType<Assignor['assign']>): boolean {
  const kept = assigned.get(memberId)?.partitions ?? []
  return subscription.ownedPartitions.some(({ topic, partitions }) => {
    const ofTopic = kept.find(entry => entry.topic === topic)?.partitions ?? []
    return partitions.some(partition => !ofTopic.includes(partition))
  })
}

function expectOneOwnerEach(topics: Topics, members: readonly GroupMember[], owners: Owners, seed: number): void {
  const wrong: string[] = []
  let wanted = 0
  for (const [topic, { partitions }] of topics) {
    const subscribers = members.filter(({ subscription }) => subscription.topics.includes(topic))
    if (subscribers.length === 0) continue
    wanted += partitions
    for (let partition = 0; partition < partitions; partition++) {
      const held = owners.get(`${topic}/${partition}`) ?? []
      const right = held.length === 1 && subscribers.some(({ memberId }) => memberId === held[0])
      if (!right) wrong.push(`${topic}/${partition}: ${held.join()}`)
    }
  }
  expect(wrong, `seed ${seed}`).toEqual([])
  expect(owners.size, `seed ${seed}`).toBe(wanted)
}
