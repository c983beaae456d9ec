import { describe, expect, test } from 'vitest'
import { offsetCommitKey, offsetCommitValue } from '../messages/records/classic-group.js'
import { consumerProtocolSubscription } from '../messages/records/consumer-protocol.js'
import { leaderChangeMessage } from '../messages/records/control-records.js'
import { topicRecord } from '../messages/records/metadata-log.js'
import { ProtocolError } from '../protocol-error.js'
import { coordinatorKeyType, decodeVersioned, encodeVersioned, metadataRecordType } from './versioned.js'

describe('versioned records', () => {
  test('a coordinator key starts with the number of its type', () => {
    const key = { group: 'billing', topic: 'orders', partition: 3 }
    const bytes = encodeVersioned(offsetCommitKey, key, 0)
    expect(Buffer.from(bytes).toString('hex')).toBe('0001000762696c6c696e6700066f726465727300000003')
    expect(coordinatorKeyType(bytes)).toBe(1)
    expect(decodeVersioned(offsetCommitKey, bytes)).toEqual(key)
  })

  test('a coordinator value starts with its version, and an unknown version is refused', () => {
    const bytes = encodeVersioned(
      offsetCommitValue,
      { offset: 42n, leaderEpoch: 7, metadata: 'note', commitTimestamp: 1000n },
      3,
    )
    expect(Buffer.from(bytes).readInt16BE()).toBe(3)
    expect(decodeVersioned(offsetCommitValue, bytes)).toMatchObject({ offset: 42n, leaderEpoch: 7, metadata: 'note' })
    const newer = Buffer.from(bytes)
    newer.writeInt16BE(99)
    expect(() => decodeVersioned(offsetCommitValue, newer)).toThrow(ProtocolError)
  })

  test('a newer payload of a peer is read as far as we know it', () => {
    const bytes = Buffer.from(encodeVersioned(consumerProtocolSubscription, { topics: ['a', 'b'], userData: null }, 3))
    bytes.writeInt16BE(9)
    const newer = Buffer.concat([bytes, Buffer.from('more')])
    expect(decodeVersioned(consumerProtocolSubscription, newer).topics).toEqual(['a', 'b'])
  })

  test('a metadata record has a frame of three varints', () => {
    const record = { name: 'orders', topicId: 'AAAAAAAAAAAAAAAAAAAAAQ' }
    const bytes = encodeVersioned(topicRecord, record, 0)
    expect([...bytes.subarray(0, 3)]).toEqual([1, 2, 0])
    expect(metadataRecordType(bytes)).toBe(2)
    expect(decodeVersioned(topicRecord, bytes)).toMatchObject(record)
  })

  test('a control record of the quorum is its own version', () => {
    const message = { version: 1, leaderId: 3, voters: [{ voterId: 3 }], grantingVoters: [] }
    const bytes = encodeVersioned(leaderChangeMessage, message, 1)
    expect([...bytes.subarray(0, 2)]).toEqual([0, 1])
    expect(decodeVersioned(leaderChangeMessage, bytes)).toMatchObject({ version: 1, leaderId: 3 })
  })

  test('a record of another type, and bytes left over, are refused', () => {
    const key = encodeVersioned(offsetCommitKey, { group: 'g', topic: 't', partition: 0 }, 0)
    const other = Buffer.from(key)
    other.writeInt16BE(2)
    expect(() => decodeVersioned(offsetCommitKey, other)).toThrow('record type 2')
    expect(() => decodeVersioned(offsetCommitKey, Buffer.concat([key, Buffer.from([0])]))).toThrow('left over')
  })
})
