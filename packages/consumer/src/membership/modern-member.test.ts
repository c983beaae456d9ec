import { consumerGroupHeartbeat, metadata } from '@samsa/protocol'
import { describe, expect, test } from 'vitest'
import type { ConsumerOptions } from '../consumer-options.js'
import { ModernMember } from './modern-member.js'
import type { TestCoordinator } from './test-coordinator.js'
import { MemberScene } from './test-member-scene.js'

const BEAT_MS = 5000
const T = 'AAAAAAAAAAAAAAAAAAAAAQ'
const U = 'AAAAAAAAAAAAAAAAAAAAAg'

type Scene = MemberScene<ModernMember>

function newScene(options: Partial<ConsumerOptions> = {}): Scene {
  const scene = new MemberScene(parts => new ModernMember(parts), {
    groupProtocol: 'consumer',
    maxPollIntervalMs: 60_000,
    ...options,
  })
  scene.coordinator.answers.set(metadata.name, namesOf(new Map([[T, 't']])))
  return scene
}

/** Topics are asked for by id. */
const namesOf =
  (names: ReadonlyMap<string, string>) =>
  ({ topics }: { topics: readonly { topicId: string }[] }) => ({
    topics: topics.map(({ topicId }) => ({
      topicId,
      name: names.get(topicId) ?? null,
      errorCode: names.has(topicId) ? 0 : 100,
    })),
  })

const target = (...topicPartitions: { topicId: string; partitions: number[] }[]) => ({ topicPartitions })

async function joining(options: Partial<ConsumerOptions> = {}): Promise<Scene> {
  const scene = newScene(options)
  scene.want('t')
  await scene.advance(0)
  return scene
}

/** The word of the member that waits for an answer. */
const word = ({ coordinator }: Scene) => coordinator.sent(consumerGroupHeartbeat)

async function answer(scene: Scene, memberEpoch: number, assignment: object | null = null): Promise<void> {
  word(scene).answer({ memberEpoch, heartbeatIntervalMs: BEAT_MS, assignment, errorMessage: null })
  await scene.settle()
}

/** It has its assignment, and the coordinator knows that. */
async function stable(options: Partial<ConsumerOptions> = {}): Promise<Scene> {
  const scene = await joining(options)
  await answer(scene, 1, target({ topicId: T, partitions: [0, 1] }))
  expect(scene.task).toBe('take t-0 t-1')
  await scene.do()
  await scene.advance(0)
  await answer(scene, 1)
  expect([scene.task, scene.member.standing]).toEqual([undefined, 'member'])
  return scene
}

/** The next heartbeat is on its way. */
async function beating(scene: Scene) {
  await scene.advance(BEAT_MS)
  return word(scene)
}

const sentTo = (coordinator: TestCoordinator): number => coordinator.count(consumerGroupHeartbeat)

describe('the way in', () => {
  test('says everything when it joins, what it has when it has it, and then only that it lives', async () => {
    const scene = await joining({ clientRack: 'here', groupRemoteAssignor: 'uniform' })
    const { memberId } = scene.member.identity
    expect(word(scene).body).toEqual({
      groupId: 'g',
      memberId,
      memberEpoch: 0,
      instanceId: null,
      rackId: 'here',
      rebalanceTimeoutMs: 60_000,
      serverAssignor: 'uniform',
      subscribedTopicNames: ['t'],
      subscribedTopicRegex: null,
      topicPartitions: [],
    })
    expect(scene.member.standing).toBe('rebalancing')

    const other = await joining()
    await answer(other, 3, target({ topicId: T, partitions: [1] }))
    await other.do()
    await other.advance(0)
    const said = word(other)
    expect(said.body).toMatchObject({ memberEpoch: 3, topicPartitions: [{ topicId: T, partitions: [1] }] })
    said.answer({ memberEpoch: 3, heartbeatIntervalMs: BEAT_MS, assignment: null })
    expect((await beating(other)).body).toEqual({
      groupId: 'g',
      memberId: other.member.identity.memberId,
      memberEpoch: 3,
      instanceId: null,
      rebalanceTimeoutMs: -1,
    })
  })

  test('a member that gets nothing yet is one all the same', async () => {
    const scene = await joining()
    await answer(scene, 1, target())
    expect(scene.task).toBe('take')
    await scene.do()
    expect(scene.member.standing).toBe('member')
  })

  test('the interval is the coordinator’s', async () => {
    const scene = await stable()
    const before = sentTo(scene.coordinator)
    await scene.advance(BEAT_MS - 1)
    expect(sentTo(scene.coordinator)).toBe(before)
    await scene.advance(1)
    expect(sentTo(scene.coordinator)).toBe(before + 1)
  })

  test('one heartbeat at a time', async () => {
    const scene = await stable()
    await beating(scene)
    const before = sentTo(scene.coordinator)
    await scene.advance(4 * BEAT_MS)
    scene.want('t', 'u')
    await scene.advance(0)
    expect(sentTo(scene.coordinator)).toBe(before)
  })
})

const PASSING = ['NOT_COORDINATOR', 'COORDINATOR_NOT_AVAILABLE', 'COORDINATOR_LOAD_IN_PROGRESS', 'REQUEST_TIMED_OUT']
const HOPELESS = [
  'GROUP_AUTHORIZATION_FAILED',
  'INVALID_REQUEST',
  'GROUP_MAX_SIZE_REACHED',
  'UNSUPPORTED_ASSIGNOR',
  'UNSUPPORTED_VERSION',
  'INVALID_REGULAR_EXPRESSION',
  'GROUP_ID_NOT_FOUND',
]

describe('a heartbeat', () => {
  test.each([...PASSING, 'connection lost', 'answer late'])(
    '%s: the next one comes soon, and says everything, for nobody knows what came of the last',
    async how => {
      const scene = await stable()
      const beat = await beating(scene)
      const before = sentTo(scene.coordinator)
      if (how === 'connection lost') beat.lose()
      else if (how === 'answer late') await scene.advance(30_000)
      else beat.refuse(how)
      await scene.advance(150)
      expect(sentTo(scene.coordinator)).toBe(before + 1)
      expect(word(scene).body).toMatchObject({
        memberEpoch: 1,
        subscribedTopicNames: ['t'],
        rebalanceTimeoutMs: 60_000,
        topicPartitions: [{ topicId: T, partitions: [0, 1] }],
      })
      expect([scene.task, scene.member.standing]).toEqual([undefined, 'member'])
    },
  )

  test.each(PASSING)('%s when it joins: it joins again, as epoch 0', async code => {
    const scene = await joining()
    word(scene).refuse(code)
    await scene.advance(150)
    expect(word(scene).body).toMatchObject({ memberEpoch: 0, topicPartitions: [] })
  })

  test.each(['FENCED_MEMBER_EPOCH', 'UNKNOWN_MEMBER_ID'])(
    '%s: everything is lost, and it joins again under its id when the application knows',
    async code => {
      const scene = await stable()
      const { memberId } = scene.member.identity
      const beat = await beating(scene)
      beat.refuse(code)
      await scene.settle()
      expect(scene.task).toBe(`lose all: the coordinator put the member out (${code})`)
      expect(scene.member.standing).toBe('out')
      const before = sentTo(scene.coordinator)
      await scene.advance(60_000)
      expect(sentTo(scene.coordinator)).toBe(before)
      await scene.do()
      await scene.advance(0)
      expect(word(scene).body).toMatchObject({ memberId, memberEpoch: 0, topicPartitions: [] })
    },
  )

  test('that puts the member out when it joins: it joins again after a pause', async () => {
    const scene = await joining()
    word(scene).refuse('UNKNOWN_MEMBER_ID')
    await scene.settle()
    await scene.do()
    await scene.advance(50)
    expect(scene.coordinator.unanswered).toEqual([])
    await scene.advance(100)
    expect(word(scene).body.memberEpoch).toBe(0)
  })

  test.each([...HOPELESS, 'FENCED_INSTANCE_ID'])('%s: is told', async code => {
    const scene = await stable()
    const beat = await beating(scene)
    beat.refuse(code)
    await scene.settle()
    const before = sentTo(scene.coordinator)
    await scene.advance(60_000)
    expect(sentTo(scene.coordinator)).toBe(before)
    expect(scene.member.takeFailure()?.code).toBe(code)
    // Who was displaced stays out; what an administrator can mend is tried again.
    if (code === 'FENCED_INSTANCE_ID') expect(scene.member.takeFailure()?.code).toBe(code)
    else expect(scene.task).toBe(`lose all: the member joins again after ${code}`)
  })

  test('TOPIC_AUTHORIZATION_FAILED: is told, and it goes on', async () => {
    const scene = await stable()
    const beat = await beating(scene)
    beat.refuse('TOPIC_AUTHORIZATION_FAILED')
    await scene.settle()
    expect(scene.member.takeFailure()?.code).toBe('TOPIC_AUTHORIZATION_FAILED')
    expect([scene.member.hasFailure, scene.member.standing]).toEqual([false, 'member'])
    await scene.advance(150)
    expect(scene.coordinator.unanswered).toEqual(['ConsumerGroupHeartbeat'])
  })

  test('UNRELEASED_INSTANCE_ID: waits for the one before it, but not for ever', async () => {
    const scene = await joining({ groupInstanceId: 'i' })
    for (let tries = 0; tries < 10; tries++) {
      word(scene).refuse('UNRELEASED_INSTANCE_ID')
      await scene.advance(150)
      expect(scene.member.hasFailure).toBe(false)
    }
    word(scene).refuse('UNRELEASED_INSTANCE_ID')
    await scene.settle()
    expect(scene.member.takeFailure()?.code).toBe('UNRELEASED_INSTANCE_ID')
  })

  test('an answer that is lost after the coordinator had moved the epoch on: the same is said again', async () => {
    const scene = await joining()
    await answer(scene, 1, target({ topicId: T, partitions: [0] }))
    await scene.do()
    await scene.advance(0)
    word(scene).lose()
    await scene.advance(150)
    const again = word(scene)
    expect(again.body).toMatchObject({ memberEpoch: 1, topicPartitions: [{ topicId: T, partitions: [0] }] })
    again.answer({ memberEpoch: 2, heartbeatIntervalMs: BEAT_MS, assignment: null })
    await scene.settle()
    expect(scene.member.identity.generationId).toBe(2)
  })

  test('of a blocked event loop is warned about by name', async () => {
    const scene = await stable()
    scene.coordinator.clock.block(50_000)
    await scene.advance(BEAT_MS)
    expect(scene.coordinator.warnings).toContainEqual(expect.stringContaining('the event loop was blocked'))
  })
})

describe('what the member may have', () => {
  test('changes while the application takes it: the newer one counts', async () => {
    const scene = await joining()
    await answer(scene, 1, target({ topicId: T, partitions: [0, 1] }))
    const { task } = scene.member
    await scene.advance(BEAT_MS)
    await answer(scene, 2, target({ topicId: T, partitions: [1] }))
    expect(scene.task).toBe('take t-1')
    if (task !== undefined) scene.member.done(task, { revoked: [] })
    expect(scene.task).toBe('take t-1')
    await scene.do()
    await scene.advance(0)
    expect(word(scene).body).toMatchObject({ memberEpoch: 2, topicPartitions: [{ topicId: T, partitions: [1] }] })
  })

  test('comes by id: what has a name already is taken, the rest when it has one', async () => {
    const scene = await joining()
    await answer(scene, 1, target({ topicId: T, partitions: [0] }, { topicId: U, partitions: [3] }))
    expect(scene.task).toBe('take t-0')
    await scene.do()
    await scene.advance(0)
    scene.coordinator.answers.set(metadata.name, namesOf(new Map([[U, 'u']])))
    await answer(scene, 1)
    expect(scene.task).toBe('take t-0 u-3')
    await scene.do()
    await scene.advance(0)
    expect(word(scene).body.topicPartitions).toEqual([
      { topicId: T, partitions: [0] },
      { topicId: U, partitions: [3] },
    ])
  })

  test('is not taken on by a member that was put out meanwhile', async () => {
    const scene = await joining()
    await answer(scene, 1, target({ topicId: T, partitions: [0] }))
    const { task } = scene.member
    const beat = await beating(scene)
    beat.refuse('FENCED_MEMBER_EPOCH')
    await scene.settle()
    if (task !== undefined) scene.member.done(task, { revoked: [] })
    expect(scene.task).toMatch(/^lose all/)
  })
})

describe('the subscription', () => {
  test('is said anew when it changes, at once', async () => {
    const scene = await stable()
    scene.want('t', 'u')
    await scene.advance(0)
    expect(word(scene).body).toMatchObject({ memberEpoch: 1, subscribedTopicNames: ['t', 'u'] })
  })

  test('that changes while a heartbeat is under way is said with the next, which comes at once', async () => {
    const scene = await stable()
    const beat = await beating(scene)
    scene.want('u')
    beat.answer({ memberEpoch: 1, heartbeatIntervalMs: BEAT_MS, assignment: null })
    await scene.advance(0)
    expect(word(scene).body.subscribedTopicNames).toEqual(['u'])
  })

  test('by a pattern is the broker’s to match, and is taken back with an empty one', async () => {
    const scene = newScene()
    scene.member.want({ topics: [], serverPattern: 't.*' })
    await scene.advance(0)
    expect(word(scene).body).toMatchObject({ subscribedTopicNames: [], subscribedTopicRegex: 't.*' })
    scene.member.want({ topics: ['t'], serverPattern: null })
    await scene.advance(30_000)
    await scene.advance(150)
    expect(word(scene).body).toMatchObject({ subscribedTopicNames: ['t'], subscribedTopicRegex: null })

    const other = newScene()
    other.member.want({ topics: [], serverPattern: 't.*' })
    await other.advance(0)
    await answer(other, 1)
    other.member.want({ topics: ['t'], serverPattern: null })
    await other.advance(0)
    expect(word(other).body).toMatchObject({ subscribedTopicNames: ['t'], subscribedTopicRegex: '' })
  })

  test('by a pattern is refused to a broker that cannot match it', async () => {
    const scene = newScene()
    scene.coordinator.versions.set(consumerGroupHeartbeat.name, 0)
    scene.member.want({ topics: [], serverPattern: 't.*' })
    await scene.advance(0)
    expect(scene.member.takeFailure()?.code).toBe('UNSUPPORTED_VERSION')
  })
})

describe('leaving', () => {
  test.each([
    ['for good', undefined, -1],
    ['for a while, where it is static', 'i', -2],
  ])('%s', async (_, groupInstanceId, memberEpoch) => {
    const scene = await stable({ groupInstanceId })
    const left = scene.member.leave({ timeoutMs: 5000 })
    const last = word(scene)
    expect(last.body).toMatchObject({ memberEpoch, instanceId: groupInstanceId ?? null })
    last.answer({ memberEpoch, heartbeatIntervalMs: 0, assignment: null })
    await left
    const before = sentTo(scene.coordinator)
    await scene.advance(60_000)
    expect(sentTo(scene.coordinator)).toBe(before)
  })

  test.each([...PASSING, ...HOPELESS, 'UNKNOWN_MEMBER_ID', 'connection lost', 'answer late'])(
    '%s: is tried once, and fails nobody',
    async how => {
      const scene = await stable()
      const left = scene.member.leave({ timeoutMs: 5000 })
      const last = word(scene)
      if (how === 'connection lost') last.lose()
      else if (how === 'answer late') await scene.advance(5000)
      else last.refuse(how)
      await left
      expect(scene.coordinator.warnings).toContainEqual(expect.stringContaining('could not take leave'))
      expect(scene.coordinator.unanswered).toEqual([])
    },
  )

  test('while a join waits: its answer, which comes later, changes nothing', async () => {
    const scene = await joining()
    const join = word(scene)
    const left = scene.member.leave({ timeoutMs: 5000 })
    join.answer({ memberEpoch: 1, heartbeatIntervalMs: BEAT_MS, assignment: target({ topicId: T, partitions: [0] }) })
    await scene.settle()
    const last = word(scene)
    expect(last.body.memberEpoch).toBe(-1)
    last.answer({ memberEpoch: -1, heartbeatIntervalMs: 0, assignment: null })
    await left
    await scene.advance(60_000)
    expect([scene.task, scene.coordinator.unanswered, scene.member.standing]).toEqual([undefined, [], 'out'])
  })
})

describe('an application that does not poll', () => {
  test('has its member leave, loses everything by the next poll, and joins again', async () => {
    const scene = await stable({ maxPollIntervalMs: 12_000 })
    scene.isPolling = false
    for (const _ of [1, 2]) {
      const beat = await beating(scene)
      beat.answer({ memberEpoch: 1, heartbeatIntervalMs: BEAT_MS, assignment: null })
    }
    const leave = await beating(scene)
    expect(leave.body.memberEpoch).toBe(-1)
    leave.answer({ memberEpoch: -1, heartbeatIntervalMs: 0, assignment: null })
    await scene.settle()
    expect(scene.task).toMatch(/^lose all: .*maxPollIntervalMs \(12000 ms\)/)
    expect([scene.member.standing, scene.member.whyOut]).toEqual(['out', expect.stringContaining('maxPollIntervalMs')])
    await scene.do()
    await scene.advance(0)
    expect(word(scene).body.memberEpoch).toBe(0)
  })
})

describe('a commit', () => {
  test('that meets STALE_MEMBER_EPOCH has the newer epoch learned at once', async () => {
    const scene = await stable()
    scene.member.commitRefused('STALE_MEMBER_EPOCH')
    await scene.advance(0)
    await answer(scene, 7)
    expect(scene.member.identity.generationId).toBe(7)
  })
})

test('rejoin() says that there is nothing to be enforced', async () => {
  const scene = await stable()
  scene.member.rejoin('the test')
  expect(scene.task).toBeUndefined()
  expect(scene.coordinator.warnings).toContainEqual(expect.stringContaining('nothing to be enforced'))
})
