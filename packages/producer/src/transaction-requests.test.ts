import { expect, test } from 'vitest'
import { txnOffsetCommitRequest } from './transaction-requests.js'

const identity = { producerId: 1, producerEpoch: 2 }
const member = { groupId: 'g', generationId: 4, memberId: 'm', groupInstanceId: null }

test('offsets of a member go with its generation, and not at all to a broker that cannot check it', () => {
  expect(txnOffsetCommitRequest(3, 'id', identity, { group: member, topics: [] })).toMatchObject(member)
  expect(() => txnOffsetCommitRequest(2, 'id', identity, { group: member, topics: [] })).toThrow(
    expect.objectContaining({ code: 'UNSUPPORTED_VERSION' }),
  )
})

test('offsets of nobody in particular go to any broker', () => {
  const group = { groupId: 'g' }
  expect(txnOffsetCommitRequest(2, 'id', identity, { group, topics: [] })).toEqual({
    ...{ transactionalId: 'id', producerId: 1n, producerEpoch: 2, groupId: 'g', topics: [] },
  })
})
