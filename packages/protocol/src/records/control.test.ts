import { describe, expect, test } from 'vitest'
import { BatchBuilder } from './batch-builder.js'
import { ControlType, controlKey, controlTypeOf, endTransactionBatch, endTransactionOf } from './control.js'
import { RecordBatch } from './record-batch.js'

describe('transaction markers', () => {
  test.each([true, false])('say how the transaction ended (commit: %s) and who says so', isCommit => {
    const bytes = endTransactionBatch({
      producerId: 42,
      producerEpoch: 5,
      coordinatorEpoch: 9,
      isCommit,
      timestamp: 1000,
      baseOffset: 77,
      leaderEpoch: 2,
    })
    const batch = new RecordBatch(bytes)
    batch.checkCrc()
    expect(batch).toMatchObject({
      isControl: true,
      isTransactional: true,
      producerId: 42,
      producerEpoch: 5,
      baseSequence: -1,
      baseOffset: 77,
      leaderEpoch: 2,
      recordCount: 1,
    })
    const cursor = batch.records()
    expect(cursor.next()).toBe(true)
    expect(endTransactionOf(cursor)).toEqual({ isCommit, coordinatorEpoch: 9 })
    expect(controlTypeOf(cursor)).toBe(isCommit ? ControlType.commit : ControlType.abort)
    expect(cursor.next()).toBe(false)
  })

  test('of another type are no end of a transaction', () => {
    const builder = new BatchBuilder()
    builder.append(0, controlKey(99), null)
    const cursor = new RecordBatch(builder.close({ isControl: true })).records()
    cursor.next()
    expect(controlTypeOf(cursor)).toBe(99)
    expect(endTransactionOf(cursor)).toBeUndefined()
  })

  test('without key or value are refused', () => {
    const builder = new BatchBuilder()
    builder.append(0, null, null)
    builder.append(0, controlKey(ControlType.commit), null)
    const cursor = new RecordBatch(builder.close({ isControl: true })).records()
    cursor.next()
    expect(() => controlTypeOf(cursor)).toThrow('without a key')
    cursor.next()
    expect(() => endTransactionOf(cursor)).toThrow('without a value')
  })
})
