import { BatchBuilder, endTransactionBatch, RecordBatch } from '@samsa/protocol'
import { expect, test } from 'vitest'
import { AbortedTransactions } from './isolation.js'

function records(producerId: number, baseOffset: number, isTransactional = true): RecordBatch {
  const builder = new BatchBuilder({})
  builder.append(1, 'k', 'v', [])
  const producer = { producerId, producerEpoch: 0, baseSequence: 0 }
  return new RecordBatch(builder.close({ baseOffset, producer, isTransactional }))
}

function marker(producerId: number, baseOffset: number, isCommit: boolean): RecordBatch {
  return new RecordBatch(
    endTransactionBatch({ producerId, producerEpoch: 0, coordinatorEpoch: 0, isCommit, timestamp: 1, baseOffset }),
  )
}

test('records of an aborted transaction are left out up to its marker, whoever writes in between', () => {
  const aborted = new AbortedTransactions([
    // Not sorted, as some brokers send them.
    { producerId: 7n, firstOffset: 30n },
    { producerId: 7n, firstOffset: 10n },
  ])
  const seen: [RecordBatch, boolean][] = [
    [records(7, 5), false],
    [records(7, 10), true],
    [records(8, 11), false],
    [records(7, 12), true],
    [marker(7, 13, false), true],
    [records(7, 20), false],
    [marker(7, 21, true), false],
    [records(7, 30), true],
    [records(7, 31, false), false],
  ]
  expect(seen.map(([batch]) => aborted.includes(batch))).toEqual(seen.map(([, isOut]) => isOut))
})

test('a fetch that begins within an aborted transaction leaves out the rest of it', () => {
  const aborted = new AbortedTransactions([{ producerId: 7n, firstOffset: 10n }])
  expect(aborted.includes(records(7, 15))).toBe(true)
  expect(aborted.includes(marker(7, 16, false))).toBe(true)
  expect(aborted.includes(records(7, 17))).toBe(false)
})
