import { decodeAssignment, decodeSubscription, heartbeat, joinGroup, syncGroup } from '@samsa/protocol'
import { FencedError } from '@samsa/runtime'
import { describe, expect, test } from 'vitest'
import { place } from '../test-scene.js'
import {
  assignment,
  BEAT_MS,
  beating,
  HOPELESS,
  joined,
  joining,
  PASSING,
  type Scene,
  SESSION_MS,
  stable,
  subscription,
} from './test-classic-scene.js'
import { TestCoordinator } from './test-coordinator.js'

describe('the way in', () => {
  test('first without an id, then at once with the one that the coordinator gives', async () => {
    const scene = await joining()
    const first = scene.coordinator.sent(joinGroup)
    expect(first.body).toMatchObject({
      groupId: 'g',
      memberId: '',
      sessionTimeoutMs: SESSION_MS,
      rebalanceTimeoutMs: 60_000,
      reason: 'the consumer joins the group',
    })
    first.refuse('MEMBER_ID_REQUIRED', { memberId: 'given' })
    await scene.settle()
    expect(scene.coordinator.sent(joinGroup).body.memberId).toBe('given')
    expect(scene.coordinator.warnings).toEqual([])
  })

  test('who does not lead sends nothing along, and gets what the leader has shared out', async () => {
    const scene = await joining()
    await joined(scene)
    const sync = scene.coordinator.sent(syncGroup)
    expect(sync.body).toMatchObject({ generationId: 1, memberId: 'm', assignments: [], protocolName: 'range' })
    sync.answer({ assignment: assignment(1) })
    await scene.settle()
    expect(scene.task).toBe('take t-1')
  })

  test('the leader shares out to all, those too that are in other racks', async () => {
    const coordinator = new TestCoordinator([1, 2])
    coordinator.nodes = [1, 2].map(id => ({ id, host: 'test', port: id, rack: `rack-${id}` }))
    const leading = await joining({}, coordinator)
    const members = ['m', 'n'].map((memberId, index) => ({
      memberId,
      groupInstanceId: null,
      metadata: subscription(`rack-${2 - index}`),
    }))
    await joined(leading, { leader: 'm', members })
    const shared = leading.coordinator.sent(syncGroup).body.assignments ?? []
    // Without racks, m would have the first partition, which node 1 leads.
    expect(shared.map(each => [each.memberId, decodeAssignment(each.assignment).partitions])).toEqual([
      ['m', [{ topic: 't', partitions: [1] }]],
      ['n', [{ topic: 't', partitions: [0] }]],
    ])
  })

  test('says in which rack it is', async () => {
    const scene = await joining({ clientRack: 'rack-2' })
    const [range] = scene.coordinator.sent(joinGroup).body.protocols
    expect(decodeSubscription(range?.metadata ?? new Uint8Array()).rackId).toBe('rack-2')
  })

  test('a leader that was away and is told to skip it shares out nothing', async () => {
    const scene = await joining({ groupInstanceId: 'i' })
    scene.coordinator.sent(joinGroup).answer({
      generationId: 4,
      memberId: 'm',
      leader: 'm',
      protocolType: 'consumer',
      protocolName: 'range',
      members: [{ memberId: 'm', groupInstanceId: 'i', metadata: subscription() }],
      skipAssignment: true,
    })
    await scene.settle()
    expect(scene.coordinator.sent(syncGroup).body).toMatchObject({ groupInstanceId: 'i', assignments: [] })
  })

  test('an assignment of topics that are not subscribed to any more is not taken: it joins again', async () => {
    const scene = await joining()
    await joined(scene)
    scene.want('u')
    scene.coordinator.sent(syncGroup).answer({ assignment: assignment(0) })
    await scene.settle()
    expect(scene.task).toBeUndefined()
    const [range] = scene.coordinator.sent(joinGroup).body.protocols
    expect(decodeSubscription(range?.metadata ?? new Uint8Array()).topics).toEqual(['u'])
  })

  test.each([
    ['a protocol that was not offered', { protocolName: 'mine' }, 'INCONSISTENT_GROUP_PROTOCOL'],
    ['another kind of group', { protocolType: 'connect' }, 'INCONSISTENT_GROUP_PROTOCOL'],
  ])('%s is told', async (_, generation, code) => {
    const scene = await joining()
    await joined(scene, generation)
    expect(scene.member.takeFailure()?.code).toBe(code)
  })

  test('an old broker is not asked to keep a place for a static member', async () => {
    const coordinator = new TestCoordinator()
    coordinator.versions.set(joinGroup.name, 4)
    const scene = await joining({ groupInstanceId: 'i' }, coordinator)
    expect(scene.member.takeFailure()).toMatchObject({ code: 'UNSUPPORTED_VERSION' })
  })
})

describe('JoinGroup', () => {
  test.each([...PASSING, 'REBALANCE_IN_PROGRESS'])('%s: again after a pause, as who it is', async code => {
    const scene = await joining()
    scene.coordinator.sent(joinGroup).refuse('MEMBER_ID_REQUIRED', { memberId: 'given' })
    await scene.settle()
    scene.coordinator.sent(joinGroup).refuse(code, { memberId: '' })
    await scene.settle()
    expect(scene.coordinator.unanswered).toEqual([])
    await scene.advance(150)
    expect(scene.coordinator.sent(joinGroup).body.memberId).toBe('given')
    expect(scene.member.hasFailure).toBe(false)
  })

  test.each(['connection lost', 'answer late'])('%s: again, although the coordinator may have it', async how => {
    const scene = await joining()
    const first = scene.coordinator.sent(joinGroup)
    if (how === 'connection lost') first.lose()
    else {
      // It waits as long as a rebalance may last.
      await scene.advance(64_000)
      expect(scene.coordinator.count(joinGroup)).toBe(1)
      await scene.advance(1001)
    }
    await scene.advance(150)
    await joined(scene, { generationId: 2 })
    expect(scene.coordinator.sent(syncGroup).body.generationId).toBe(2)
  })

  test.each([
    ['UNKNOWN_MEMBER_ID', ''],
    ['ILLEGAL_GENERATION', 'm'],
  ])('%s: everything is lost, and it comes back as "%s"', async (code, memberId) => {
    const scene = await stable()
    scene.member.rejoin('the test')
    await scene.do()
    scene.coordinator.sent(joinGroup).refuse(code, { memberId: '' })
    await scene.settle()
    expect(scene.task).toMatch(/^lose all: /)
    await scene.do()
    // Not at once: it would have the same answer.
    expect(scene.coordinator.unanswered).toEqual([])
    await scene.advance(150)
    expect(scene.coordinator.sent(joinGroup).body.memberId).toBe(memberId)
  })

  test.each([...HOPELESS, 'INCONSISTENT_GROUP_PROTOCOL', 'INVALID_SESSION_TIMEOUT', 'GROUP_MAX_SIZE_REACHED'])(
    '%s: is told once, and tried again by the poll after that',
    async code => {
      const scene = await joining()
      scene.coordinator.sent(joinGroup).refuse(code)
      await scene.advance(60_000)
      expect(scene.coordinator.count(joinGroup)).toBe(1)
      expect(scene.member.takeFailure()?.code).toBe(code)
      expect(scene.member.hasFailure).toBe(false)
      await scene.do()
      expect(scene.coordinator.sent(joinGroup).body.reason).toContain(code)
    },
  )

  test('FENCED_INSTANCE_ID: the end, told with every poll', async () => {
    const scene = await joining({ groupInstanceId: 'i' })
    scene.coordinator.sent(joinGroup).refuse('FENCED_INSTANCE_ID')
    await scene.advance(60_000)
    expect(scene.member.takeFailure()).toBeInstanceOf(FencedError)
    expect(scene.member.takeFailure()).toBeInstanceOf(FencedError)
    expect([scene.coordinator.unanswered, scene.member.standing]).toEqual([[], 'out'])
  })
})

describe('SyncGroup', () => {
  const syncing = async (): Promise<Scene> => {
    const scene = await joining()
    await joined(scene)
    return scene
  }

  test('REBALANCE_IN_PROGRESS: joins again at once', async () => {
    const scene = await syncing()
    scene.coordinator.sent(syncGroup).refuse('REBALANCE_IN_PROGRESS')
    await scene.settle()
    expect(scene.coordinator.sent(joinGroup).body.memberId).toBe('m')
  })

  test.each(PASSING)('%s: joins again after a pause', async code => {
    const scene = await syncing()
    scene.coordinator.sent(syncGroup).refuse(code)
    await scene.settle()
    expect(scene.coordinator.count(joinGroup)).toBe(1)
    await scene.advance(150)
    expect(scene.coordinator.sent(joinGroup).body.memberId).toBe('m')
  })

  test('an answer that is lost: it joins again, and takes what the next generation gives', async () => {
    const scene = await syncing()
    scene.coordinator.sent(syncGroup).lose()
    await scene.advance(150)
    await joined(scene, { generationId: 2 })
    scene.coordinator.sent(syncGroup).answer({ assignment: assignment(0) })
    await scene.settle()
    expect(scene.task).toBe('take t-0')
  })

  test.each([
    ['UNKNOWN_MEMBER_ID', ''],
    ['ILLEGAL_GENERATION', 'm'],
  ])('%s: everything is lost, and it comes back as "%s"', async (code, memberId) => {
    const scene = await syncing()
    scene.coordinator.sent(syncGroup).refuse(code)
    await scene.settle()
    await scene.do()
    expect(scene.coordinator.sent(joinGroup).body.memberId).toBe(memberId)
  })

  test.each(HOPELESS)('%s: is told', async code => {
    const scene = await syncing()
    scene.coordinator.sent(syncGroup).refuse(code)
    await scene.settle()
    expect(scene.member.takeFailure()?.code).toBe(code)
  })

  test('heartbeats go on while it waits, and one that meets the rebalance changes nothing', async () => {
    const scene = await syncing()
    const beat = await beating(scene)
    beat.refuse('REBALANCE_IN_PROGRESS')
    await scene.settle()
    scene.coordinator.sent(syncGroup).answer({ assignment: assignment(0) })
    await scene.settle()
    await scene.do()
    expect([scene.task, scene.member.standing]).toEqual([undefined, 'member'])
  })

  test('one that loses the member ends the wait: the answer that comes later is not taken', async () => {
    const scene = await syncing()
    const late = scene.coordinator.sent(syncGroup)
    const beat = await beating(scene)
    beat.refuse('UNKNOWN_MEMBER_ID')
    await scene.settle()
    expect(scene.task).toMatch(/^lose all: the coordinator does not know the member/)
    await scene.do()
    late.answer({ assignment: assignment(0, 1) })
    await scene.settle()
    expect([scene.task, scene.coordinator.unanswered]).toEqual([undefined, ['JoinGroup']])
  })
})

describe('a heartbeat', () => {
  test('goes out every heartbeatIntervalMs, one at a time', async () => {
    const scene = await stable()
    const beat = await beating(scene)
    expect(beat.body).toMatchObject({ groupId: 'g', generationId: 1, memberId: 'm', groupInstanceId: null })
    await scene.advance(3 * BEAT_MS)
    expect(scene.coordinator.count(heartbeat)).toBe(1)
    beat.answer({})
    await scene.advance(BEAT_MS)
    expect(scene.coordinator.count(heartbeat)).toBe(2)
  })

  test('REBALANCE_IN_PROGRESS: partitions are given up, and it joins as who it is', async () => {
    const scene = await stable()
    const beat = await beating(scene)
    beat.refuse('REBALANCE_IN_PROGRESS')
    await scene.settle()
    expect([scene.task, scene.member.standing]).toEqual(['give up all: the group is rebalancing', 'member'])
    await scene.do()
    expect(scene.coordinator.sent(joinGroup).body.memberId).toBe('m')
    expect(scene.member.standing).toBe('rebalancing')
  })

  test.each([
    ['UNKNOWN_MEMBER_ID', ''],
    ['ILLEGAL_GENERATION', 'm'],
  ])('%s: everything is lost, and it comes back as "%s"', async (code, memberId) => {
    const scene = await stable()
    const beat = await beating(scene)
    beat.refuse(code)
    await scene.settle()
    expect([scene.task?.split(':')[0], scene.member.standing]).toEqual(['lose all', 'out'])
    await scene.do()
    expect(scene.coordinator.sent(joinGroup).body.memberId).toBe(memberId)
  })

  test.each([...PASSING, 'connection lost'])('%s: the next one comes sooner, and nothing is lost', async how => {
    const scene = await stable()
    const beat = await beating(scene)
    if (how === 'connection lost') beat.lose()
    else beat.refuse(how)
    await scene.advance(150)
    expect(scene.coordinator.count(heartbeat)).toBe(2)
    expect([scene.task, scene.member.standing, scene.metrics.heartbeatsFailed]).toEqual([undefined, 'member', 1])
  })

  test('that is not answered within a session is given up, so that the next one may find the coordinator', async () => {
    const scene = await stable()
    await beating(scene)
    await scene.advance(SESSION_MS + 150)
    expect(scene.coordinator.count(heartbeat)).toBe(2)
  })

  test.each(HOPELESS)('%s: is told', async code => {
    const scene = await stable()
    const beat = await beating(scene)
    beat.refuse(code)
    await scene.settle()
    expect(scene.member.takeFailure()?.code).toBe(code)
  })

  test('FENCED_INSTANCE_ID: another one has the place, and nothing is sent any more', async () => {
    const scene = await stable({ groupInstanceId: 'i' })
    const beat = await beating(scene)
    beat.refuse('FENCED_INSTANCE_ID')
    await scene.settle()
    expect(scene.member.takeFailure()).toBeInstanceOf(FencedError)
    const { length } = scene.coordinator.history
    await scene.advance(60_000)
    expect(scene.coordinator.history).toHaveLength(length)
  })

  test('of a blocked event loop is warned about by name', async () => {
    const scene = await stable()
    scene.coordinator.clock.block(SESSION_MS)
    await scene.advance(BEAT_MS)
    expect(scene.coordinator.warnings).toContainEqual(expect.stringContaining('the event loop was blocked'))
  })
})

test('a membership that is lost while the application is about to give up makes that a loss', async () => {
  const scene = await stable()
  scene.member.rejoin('the test')
  const { task } = scene.member
  const beat = await beating(scene)
  beat.refuse('UNKNOWN_MEMBER_ID')
  await scene.settle()
  expect(scene.task).toMatch(/^lose all: the coordinator does not know/)
  if (task !== undefined) scene.member.done(task, { revoked: [] })
  expect(scene.coordinator.unanswered).toEqual([])
})

describe('cooperative members', () => {
  const cooperative = { partitionAssignmentStrategy: ['cooperativeSticky'] } as const

  test('keep what stays theirs through a rebalance, say what they have, and join again after giving up', async () => {
    const scene = await stable(cooperative)
    const beat = await beating(scene)
    beat.refuse('REBALANCE_IN_PROGRESS')
    await scene.settle()
    expect(scene.task).toBe('give up unsubscribed: the group is rebalancing')
    await scene.do()
    const join = scene.coordinator.sent(joinGroup)
    const [protocol] = join.body.protocols
    expect(decodeSubscription(protocol?.metadata ?? new Uint8Array())).toMatchObject({
      ownedPartitions: [{ topic: 't', partitions: [0, 1] }],
      generationId: 1,
    })
    join.answer({
      generationId: 2,
      memberId: 'm',
      leader: 'other',
      protocolType: 'consumer',
      protocolName: 'cooperative-sticky',
      members: [],
    })
    await scene.settle()
    scene.coordinator.sent(syncGroup).answer({ assignment: assignment(0) })
    await scene.settle()
    await scene.do()
    expect([scene.owned, scene.task]).toEqual([[place(0)], 'give up unsubscribed: partitions were given up'])
  })
})

describe('the leader', () => {
  test('has the group share out anew when a topic has grown', async () => {
    const scene = await joining()
    await joined(scene, {
      leader: 'm',
      members: [{ memberId: 'm', groupInstanceId: null, metadata: subscription() }],
    })
    scene.coordinator.sent(syncGroup).answer({ assignment: assignment(0, 1) })
    await scene.settle()
    await scene.do()
    scene.coordinator.changed()
    expect(scene.task).toBeUndefined()
    scene.coordinator.topic([1, 1, 1])
    expect(scene.task).toBe('give up all: topics have changed')
  })

  test('whose brokers move to other racks does so too', async () => {
    const coordinator = new TestCoordinator([1, 1])
    coordinator.nodes = [{ id: 1, host: 'test', port: 1, rack: 'a' }]
    const scene = await joining({}, coordinator)
    await joined(scene, {
      leader: 'm',
      members: [{ memberId: 'm', groupInstanceId: null, metadata: subscription() }],
    })
    scene.coordinator.sent(syncGroup).answer({ assignment: assignment(0, 1) })
    await scene.settle()
    await scene.do()
    coordinator.nodes = [{ id: 1, host: 'test', port: 1, rack: 'b' }]
    coordinator.changed()
    expect(scene.task).toBe('give up all: topics have changed')
  })
})
