import { describe, expect, test } from 'vitest'
import { apis } from './index.js'
import { apiByKey } from './table.js'

describe('the message table', () => {
  test('holds every API once, in order of key', () => {
    const keys = apis.map(api => api.key)
    expect(keys).toEqual([...new Set(keys)].sort((a, b) => a - b))
    expect([keys.length, keys[0], keys.at(-1)]).toEqual([89, 0, 92])
    expect(new Set(apis.map(api => api.name)).size).toBe(89)
  })

  test('finds each by its key', () => {
    for (const api of apis) expect(apiByKey(api.key)).toBe(api)
  })

  test.each([4, 5, 6, 7, 93, -1, 32_767, 0.5])('has nothing under the key %d', key => {
    expect(apiByKey(key)).toBeUndefined()
  })

  test('names messages after their API', () => {
    for (const api of apis)
      expect([api.request.name, api.response.name]).toEqual([`${api.name}Request`, `${api.name}Response`])
  })

  test('has ranges that make sense', () => {
    for (const { name, versions, flexibleFrom } of apis) {
      expect(versions.min, name).toBeGreaterThanOrEqual(0)
      expect([versions.max, versions.max - 1], name).toContain(versions.latestStable)
      expect(flexibleFrom, name).toBeGreaterThanOrEqual(-1)
    }
    expect(apis.filter(api => api.flexibleFrom < 0).map(api => api.name)).toEqual(['SaslHandshake', 'OffsetDelete'])
  })

  test.each([
    ['leader', ['Produce', 'Fetch', 'ListOffsets', 'OffsetForLeaderEpoch', 'DeleteRecords']],
    ['group', ['JoinGroup', 'SyncGroup', 'Heartbeat', 'LeaveGroup', 'OffsetCommit', 'OffsetFetch', 'TxnOffsetCommit']],
    ['transaction', ['InitProducerId', 'AddPartitionsToTxn', 'AddOffsetsToTxn', 'EndTxn']],
    ['controller', ['CreateTopics', 'DeleteTopics', 'CreatePartitions', 'ElectLeaders']],
    ['any', ['Metadata', 'FindCoordinator', 'DescribeCluster']],
    ['broker', ['ApiVersions', 'SaslHandshake', 'SaslAuthenticate', 'ListGroups']],
  ])('sends to the %s', (sentTo, names) => {
    expect(apis.filter(api => names.includes(api.name)).map(api => api.sentTo)).toEqual(names.map(() => sentTo))
  })
})
