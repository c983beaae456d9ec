/**
 * How a member of a classic group comes to leave its generation or the group: by its own will, because nobody polls, or
 * because of a commit.
 */
import { heartbeat, joinGroup, leaveGroup, syncGroup } from '@samsa/protocol'
import { describe, expect, test } from 'vitest'
import { assignment, BEAT_MS, HOPELESS, joined, joining, PASSING, stable } from './test-classic-scene.js'

describe('rejoin()', () => {
  test('has partitions given up and the group joined, with the reason', async () => {
    const scene = await stable()
    scene.member.rejoin('the application asked for it')
    expect(scene.task).toBe('give up all: the application asked for it')
    await scene.do()
    expect(scene.coordinator.sent(joinGroup).body.reason).toBe('the application asked for it')
  })

  test('that comes during a rebalance is done after it, with the first of the reasons', async () => {
    const scene = await stable()
    scene.member.rejoin('one')
    await scene.do()
    scene.member.rejoin('two')
    scene.member.rejoin('three')
    await joined(scene, { generationId: 2 })
    scene.coordinator.sent(syncGroup).answer({ assignment: assignment(0) })
    await scene.settle()
    await scene.do()
    expect(scene.task).toBe('give up all: two')
  })

  test('tells no more of a reason than a broker takes', async () => {
    const scene = await stable()
    scene.member.rejoin('x'.repeat(1000))
    await scene.do()
    expect(scene.coordinator.sent(joinGroup).body.reason).toBe('x'.repeat(255))
  })
})

describe('leaving', () => {
  test('is said to the coordinator, with the reason, and nothing is sent after it', async () => {
    const scene = await stable()
    const left = scene.member.leave({ reason: 'closed', timeoutMs: 5000 })
    const leave = scene.coordinator.sent(leaveGroup)
    expect(leave.body.members).toEqual([{ memberId: 'm', groupInstanceId: null, reason: 'closed' }])
    leave.answer({})
    await left
    await scene.advance(60_000)
    expect(scene.coordinator.count(heartbeat)).toBe(0)
  })

  test.each([...PASSING, ...HOPELESS, 'UNKNOWN_MEMBER_ID', 'connection lost', 'answer late'])(
    '%s: is tried once, and fails nobody',
    async how => {
      const scene = await stable()
      const left = scene.member.leave({ reason: 'closed', timeoutMs: 5000 })
      const leave = scene.coordinator.sent(leaveGroup)
      if (how === 'connection lost') leave.lose()
      else if (how === 'answer late') await scene.advance(5000)
      else leave.refuse(how)
      await left
      expect(scene.coordinator.count(leaveGroup)).toBe(1)
      expect(scene.coordinator.warnings).toContainEqual(expect.stringContaining('could not take leave'))
    },
  )

  test('while a join waits: the coordinator is told at once, and the answer to the join changes nothing', async () => {
    const scene = await stable()
    scene.member.rejoin('the test')
    await scene.do()
    const left = scene.member.leave({ reason: 'closed', timeoutMs: 5000 })
    scene.coordinator.sent(leaveGroup).answer({})
    await left
    await joined(scene, { generationId: 2 })
    await scene.advance(60_000)
    expect([scene.task, scene.coordinator.unanswered]).toEqual([undefined, []])
  })

  test('while it pauses before the next join ends the pause', async () => {
    const scene = await joining()
    scene.coordinator.sent(joinGroup).refuse('COORDINATOR_LOAD_IN_PROGRESS', { memberId: '' })
    await scene.settle()
    await scene.member.leave({ reason: 'closed', timeoutMs: 5000 })
    await scene.advance(60_000)
    expect(scene.coordinator.count(joinGroup)).toBe(1)
  })

  test('is not said for a static member, whose place waits for it', async () => {
    const scene = await stable({ groupInstanceId: 'i' })
    await scene.member.leave({ reason: 'closed', timeoutMs: 5000 })
    expect(scene.coordinator.count(leaveGroup)).toBe(0)
  })
})

describe('an application that does not poll', () => {
  test('has its member leave, with the reason, and loses everything by the next poll', async () => {
    const scene = await stable({ maxPollIntervalMs: 5000 })
    scene.coordinator.answers.set(heartbeat.name, () => ({ errorCode: 0 }))
    await scene.advance(BEAT_MS)
    scene.isPolling = false
    await scene.advance(5000)
    expect(scene.member.standing).toBe('member')
    await scene.advance(BEAT_MS)
    const [left] = scene.coordinator.sent(leaveGroup).body.members ?? []
    expect(left?.reason).toContain('maxPollIntervalMs')
    expect(scene.task).toMatch(/^lose all: .*maxPollIntervalMs \(5000 ms\)/)
    expect([scene.member.standing, scene.member.whyOut]).toEqual(['out', expect.stringContaining('maxPollIntervalMs')])
    await scene.do()
    expect(scene.coordinator.sent(joinGroup).body.memberId).toBe('')
  })

  test('does not leave where the member is static: its session runs out', async () => {
    const scene = await stable({ maxPollIntervalMs: 5000, groupInstanceId: 'i' })
    scene.coordinator.answers.set(heartbeat.name, () => ({ errorCode: 0 }))
    scene.isPolling = false
    await scene.advance(7000)
    const beats = scene.coordinator.count(heartbeat)
    await scene.advance(20_000)
    expect([scene.coordinator.count(leaveGroup), scene.coordinator.count(heartbeat)]).toEqual([0, beats])
  })
})

describe('a commit', () => {
  test('that meets a rebalance has the member join', async () => {
    const scene = await stable()
    scene.member.commitRefused('REBALANCE_IN_PROGRESS', scene.member.identity)
    expect(scene.task).toBe('give up all: a commit met a rebalance')
  })

  test('of the generation before changes nothing', async () => {
    const scene = await stable()
    scene.member.commitRefused('UNKNOWN_MEMBER_ID', { ...scene.member.identity, generationId: 0 })
    expect([scene.task, scene.member.standing]).toEqual([undefined, 'member'])
  })
})
