import { uuidFromBytes, ZERO_UUID } from '@samsa/protocol'
import { expect, test } from 'vitest'
import { ClassicGroup } from './classic-group.js'
import { Group } from './group.js'
import { groupRecordOf } from './group-records.js'
import { forgetTopics } from './offset-expiry.js'

const settings = { initialRebalanceDelayMs: 0, maxSize: 10, newMemberId: (prefix: string) => prefix }

test('offsets of a topic that is gone are forgotten, and not those of one that has come under its name', () => {
  const group = new Group(new ClassicGroup('g', settings, 0))
  const [gone, come] = [uuidFromBytes(Buffer.alloc(16, 1)), uuidFromBytes(Buffer.alloc(16, 2))]
  // Offsets of long ago do not say which topic was meant.
  for (const [partition, topicId] of [gone, come, ZERO_UUID].entries()) {
    const committed = { offset: 1n, leaderEpoch: 0, metadata: '', committedAtMs: 0, expiresAtMs: undefined, topicId }
    group.offsets.set('t', partition, { ...committed, recordOffset: partition })
  }
  const { records, hasMore } = forgetTopics([group], new Map([['t', gone]]))
  const named = records.map(record => {
    const said = groupRecordOf(record)
    return said?.kind === 'offset' ? said.key.partition : undefined
  })
  expect([named, hasMore]).toEqual([[0, 2], false])
})
