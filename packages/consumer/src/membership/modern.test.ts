import { errorByName, errorOf } from '@samsa/protocol'
import type { KafkaError } from '@samsa/runtime'
import { describe, expect, test } from 'vitest'
import { ModernMembership } from './modern.js'

const error = (name: string): KafkaError => errorOf(errorByName(name)?.code ?? 0)

function stable(): ModernMembership {
  const member = new ModernMembership()
  member.join()
  member.answered(3, true, true)
  member.reconciled()
  member.answered(3, false, true)
  return member
}

test('the way in: joining, taking, acknowledging', () => {
  const member = new ModernMembership()
  member.join()
  expect([member.epoch, member.isUrgent, member.mustSayAll, member.isMember]).toEqual([0, true, true, false])
  member.answered(3, true, true)
  expect([member.phase, member.isUrgent, member.mustSayAll]).toEqual(['reconciling', false, false])
  member.answered(3, false, false)
  expect(member.phase).toBe('reconciling')
  member.reconciled()
  expect([member.phase, member.isUrgent]).toEqual(['acknowledging', true])
  member.answered(4, false, false)
  expect(member.phase).toBe('acknowledging')
  member.answered(4, false, true)
  expect([member.phase, member.epoch]).toEqual(['stable', 4])
})

describe('a heartbeat that is refused', () => {
  test.each([
    ['FENCED_MEMBER_EPOCH', 'lost', 'fenced', 0],
    ['UNKNOWN_MEMBER_ID', 'lost', 'fenced', 0],
    ['NOT_COORDINATOR', 'again-later', 'stable', 3],
    ['COORDINATOR_LOAD_IN_PROGRESS', 'again-later', 'stable', 3],
    ['TOPIC_AUTHORIZATION_FAILED', 'told', 'stable', 3],
    ['GROUP_AUTHORIZATION_FAILED', 'failed', 'failed', 3],
    ['UNSUPPORTED_ASSIGNOR', 'failed', 'failed', 3],
    ['INVALID_REGULAR_EXPRESSION', 'failed', 'failed', 3],
  ])('with %s is %s, and the member is %s in epoch %i', (name, reaction, phase, epoch) => {
    const member = stable()
    expect(member.refused(error(name))).toBe(reaction)
    expect([member.phase, member.epoch, member.mustSayAll]).toEqual([phase, epoch, true])
  })

  test('because its instance is still there is tried again, but not for ever', () => {
    const member = new ModernMembership()
    member.join()
    const reactions = Array.from({ length: 11 }, () => member.refused(error('UNRELEASED_INSTANCE_ID')))
    expect(reactions.slice(0, 10).every(reaction => reaction === 'again-later')).toBe(true)
    expect(reactions[10]).toBe('failed')
  })
})
