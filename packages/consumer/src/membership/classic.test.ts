import { errorByName, errorOf } from '@samsa/protocol'
import type { KafkaError } from '@samsa/runtime'
import { describe, expect, test } from 'vitest'
import { ClassicMembership } from './classic.js'

const error = (name: string): KafkaError => errorOf(errorByName(name)?.code ?? 0)

/** A member of generation 1, with its assignment. */
function stable(memberId = 'm', leader = 'm'): ClassicMembership {
  const member = new ClassicMembership()
  member.wantRebalance('first')
  member.prepared()
  member.joined({ memberId, generationId: 1, leader })
  member.synced()
  member.taken()
  return member
}

test('the way in: an id, a generation, an assignment', () => {
  const member = new ClassicMembership()
  member.wantRebalance('first')
  expect([member.mustPrepare, member.isLost, member.hasHeartbeat]).toEqual([true, true, false])
  member.prepared()
  expect(member.joinFailed(error('MEMBER_ID_REQUIRED'), 'given')).toBe('join')
  expect(member.memberId).toBe('given')
  expect(member.joined({ memberId: 'given', generationId: 1, leader: 'given' })).toBe('assign')
  expect([member.phase, member.hasHeartbeat]).toEqual(['syncing', true])
  expect(member.synced()).toBe('take')
  member.taken()
  expect([member.phase, member.mustPrepare, member.isLost]).toEqual(['stable', false, false])
})

test('who does not lead waits for what the leader shares out', () => {
  const member = new ClassicMembership()
  member.prepared()
  expect(member.joined({ memberId: 'a', generationId: 1, leader: 'b' })).toBe('sync')
})

describe('an answer to JoinGroup', () => {
  test.each([
    ['COORDINATOR_LOAD_IN_PROGRESS', 'join-later', 'joining'],
    ['NOT_COORDINATOR', 'join-later', 'joining'],
    ['REBALANCE_IN_PROGRESS', 'join-later', 'joining'],
    ['UNKNOWN_MEMBER_ID', 'rest', 'out'],
    ['INCONSISTENT_GROUP_PROTOCOL', 'rest', 'failed'],
    ['GROUP_AUTHORIZATION_FAILED', 'rest', 'failed'],
    ['FENCED_INSTANCE_ID', 'rest', 'failed'],
  ])('of %s means %s, and the member is %s', (name, step, phase) => {
    const member = new ClassicMembership()
    member.prepared()
    expect(member.joinFailed(error(name), '')).toBe(step)
    expect(member.phase).toBe(phase)
    expect(member.failure?.code).toBe(phase === 'failed' ? name : undefined)
  })
})

describe('an answer to SyncGroup', () => {
  test.each([
    ['REBALANCE_IN_PROGRESS', 'join', 'joining', 'm'],
    ['NOT_COORDINATOR', 'join-later', 'joining', 'm'],
    ['UNKNOWN_MEMBER_ID', 'rest', 'out', ''],
    ['ILLEGAL_GENERATION', 'rest', 'out', 'm'],
    ['GROUP_AUTHORIZATION_FAILED', 'rest', 'failed', 'm'],
  ])('of %s means %s, and the member is %s with the id "%s"', (name, step, phase, memberId) => {
    const member = new ClassicMembership()
    member.prepared()
    member.joined({ memberId: 'm', generationId: 1, leader: 'x' })
    expect(member.syncFailed(error(name))).toBe(step)
    expect([member.phase, member.memberId]).toEqual([phase, memberId])
  })
})

describe('a heartbeat', () => {
  test('that meets a rebalance asks the application to prepare, and keeps the membership', () => {
    const member = stable()
    expect(member.heartbeatFailed(error('REBALANCE_IN_PROGRESS'), 1)).toBe(true)
    expect([member.mustPrepare, member.isLost, member.generationId]).toEqual([true, false, 1])
  })

  test('of an older generation tells nothing', () => {
    const member = stable()
    member.heartbeatFailed(error('UNKNOWN_MEMBER_ID'), 0)
    expect(member.phase).toBe('stable')
  })

  test.each([
    ['UNKNOWN_MEMBER_ID', ''],
    ['ILLEGAL_GENERATION', 'm'],
  ])('of %s loses the generation, and leaves the id "%s"', (name, memberId) => {
    const member = stable()
    const { round } = member
    member.heartbeatFailed(error(name), 1)
    expect([member.memberId, member.isLost, member.mustPrepare]).toEqual([memberId, true, true])
    expect(member.round).toBeGreaterThan(round)
  })

  test('that is not answered loses nothing; the session decides', () => {
    const member = stable()
    expect(member.heartbeatFailed(error('NOT_COORDINATOR'), 1)).toBe(false)
    expect(member.phase).toBe('stable')
  })

  test('of a displaced static member is the end', () => {
    const member = stable()
    member.heartbeatFailed(error('FENCED_INSTANCE_ID'), 1)
    expect(member.failure).toMatchObject({ code: 'FENCED_INSTANCE_ID', fatal: true })
  })
})

describe('a refused commit', () => {
  test('counts for the membership that it was made under, and for no other', () => {
    const member = stable()
    member.commitRefused('UNKNOWN_MEMBER_ID', { memberId: 'm', generationId: 0 })
    expect(member.phase).toBe('stable')
    member.commitRefused('ILLEGAL_GENERATION', { memberId: 'm', generationId: 1 })
    expect([member.phase, member.isLost]).toEqual(['out', true])
  })

  test('does not disturb a rebalance that has begun', () => {
    const member = stable()
    member.wantRebalance('again')
    member.prepared()
    member.commitRefused('UNKNOWN_MEMBER_ID', { memberId: 'm', generationId: 1 })
    expect([member.phase, member.memberId]).toEqual(['joining', 'm'])
  })
})

test('a rebalance that is wanted while the application takes its partitions comes after', () => {
  const member = stable()
  member.wantRebalance('one')
  member.prepared()
  member.joined({ memberId: 'm', generationId: 2, leader: 'm' })
  member.synced()
  member.heartbeatFailed(error('REBALANCE_IN_PROGRESS'), 2)
  expect(member.mustPrepare).toBe(false)
  member.taken()
  expect([member.mustPrepare, member.rejoinReason]).toEqual([true, 'the group is rebalancing'])
})
