import { BatchBuilder, endTransactionBatch, RecordBatch } from '@samsa/protocol'
import { describe, expect, test } from 'vitest'
import { NOW_MS } from '../test-log.js'
import type { AbortedTransaction } from '../txn-index.js'
import { BatchFilter, type BatchFilterOptions, type LastOfProducer } from './batch-filter.js'
import { CleanedTransactions } from './cleaned-transactions.js'
import { textOf } from './test-cleaning.js'

const RETENTION_MS = 1000
const HORIZON = NOW_MS + RETENTION_MS

interface Batch {
  readonly base: number
  /** Where it ends, when that is behind its last record. */
  readonly last?: number
  /** `key=value`, `key` for a tombstone, `=value` without a key; one behind the other, `-` for a gap. */
  readonly records: string
  readonly producer?: number
  readonly epoch?: number
  readonly isTransactional?: boolean
  readonly horizon?: number
  readonly compression?: number
  readonly appendTimeMs?: number
}

function data(batch: Batch): RecordBatch {
  const { base, producer, epoch = 0, isTransactional = false, horizon, compression = 0, appendTimeMs } = batch
  const builder = new BatchBuilder({ compression, ...(horizon === undefined ? {} : { deleteHorizonMs: horizon }) })
  const words = batch.records === '' ? [] : batch.records.split(' ')
  words.forEach((word, delta) => {
    if (word === '-') return
    const [key = '', value] = word.split('=')
    builder.appendAt(delta, NOW_MS - 100 + delta, key === '' ? null : key, value ?? null)
  })
  const bytes = builder.close({
    baseOffset: base,
    leaderEpoch: 3,
    isTransactional,
    lastOffsetDelta: (batch.last ?? base + words.length - 1) - base,
    ...(producer === undefined ? {} : { producer: { producerId: producer, producerEpoch: epoch, baseSequence: base } }),
    ...(appendTimeMs === undefined ? {} : { appendTimeMs }),
  })
  return new RecordBatch(bytes)
}

function marker(base: number, producer: number, isCommit: boolean, horizon?: number): RecordBatch {
  const end = { producerId: producer, producerEpoch: 0, coordinatorEpoch: 1, isCommit, timestamp: NOW_MS }
  const batch = new RecordBatch(endTransactionBatch({ ...end, baseOffset: base, leaderEpoch: 3 }))
  if (horizon === undefined) return batch
  const cursor = batch.records()
  cursor.next()
  const builder = new BatchBuilder({ deleteHorizonMs: horizon })
  builder.append(cursor.timestamp, cursor.key(), cursor.value())
  const producerStamp = { producerId: producer, producerEpoch: 0, baseSequence: -1 }
  const closing = { baseOffset: base, leaderEpoch: 3, isTransactional: true, isControl: true, producer: producerStamp }
  return new RecordBatch(builder.close(closing))
}

function aborted(producerId: number, firstOffset: number, lastOffset: number): AbortedTransaction {
  return { producerId, firstOffset, lastOffset, lastStableOffset: lastOffset + 1 }
}

interface Situation extends Partial<Omit<BatchFilterOptions, 'lastOffsetOf'>> {
  /** Last offset of each key. */
  readonly last?: Readonly<Record<string, number>>
  readonly aborted?: readonly AbortedTransaction[]
  readonly producers?: Readonly<Record<number, LastOfProducer>>
}

/** What stays of the batches, as text; and what the index of aborted transactions gets. */
function filtered(batches: readonly RecordBatch[], situation: Situation = {}): string[] {
  const { last = {}, aborted: transactions = [], producers = {}, ...options } = situation
  const filter = new BatchFilter({
    lastOffsetOf: key => last[Buffer.from(key).toString()] ?? -1,
    mappedTo: 1000,
    transactions: new CleanedTransactions(),
    nowMs: NOW_MS,
    deleteRetentionMs: RETENTION_MS,
    rangeEnd: 1000,
    ...options,
  })
  filter.expectAborted(transactions)
  const known = new Map(Object.entries(producers).map(([id, value]) => [Number(id), value] as const))
  const index: string[] = []
  const keepAborted = (transaction: AbortedTransaction): void =>
    void index.push(`aborted p${transaction.producerId} ${transaction.firstOffset}-${transaction.lastOffset}`)
  const kept = batches.map(batch => filter.filter(batch, { producers: known, keepAborted }))
  return [...kept.filter(batch => batch !== undefined).map(textOf), ...index]
}

describe('records', () => {
  test('only the last of each key stays, and the batch keeps its offsets', () => {
    const batches = [data({ base: 0, records: 'a=1 b=2 a=3' }), data({ base: 3, records: 'a=4 c=5' })]
    expect(filtered(batches, { last: { a: 3, b: 1, c: 4 } })).toEqual(['0-2 b@1=2', '3-4 a@3=4 c@4=5'])
  })

  test('a batch of which nothing goes keeps its bytes', () => {
    const batch = data({ base: 5, records: 'a=1 - b=2', compression: 1 })
    const filter = new BatchFilter({
      lastOffsetOf: () => 5,
      mappedTo: 100,
      transactions: new CleanedTransactions(),
      nowMs: NOW_MS,
      deleteRetentionMs: 0,
      rangeEnd: 1000,
    })
    const kept = filter.filter(batch, { producers: new Map(), keepAborted: () => {} })
    expect(kept?.bytes).toBe(batch.bytes)
  })

  test.each([0, 1, 2])('of a batch with codec %i, what stays is compressed the same way', compression => {
    const batch = data({ base: 0, records: 'a=1 b=2 a=3', compression })
    expect(filtered([batch], { last: { a: 2, b: 1 } })).toEqual(['0-2 b@1=2 a@2=3'])
  })

  test('a key of an earlier pass that has nothing newer stays', () => {
    expect(filtered([data({ base: 0, records: 'a=1 b=2' })], { last: { a: 50 } })).toEqual(['0-1 b@1=2'])
  })

  test('a record that is newer than what the map says of its key stays', () => {
    expect(filtered([data({ base: 10, records: 'a=1' })], { last: { a: 4 } })).toEqual(['10-10 a@10=1'])
  })

  test('nothing goes from where the map ends on', () => {
    const batch = data({ base: 0, records: 'a=1 a=2 a=3 =4' })
    expect(filtered([batch], { last: { a: 900 }, mappedTo: 2 })).toEqual(['0-3 a@2=3 @3=4'])
  })

  test('a record without a key goes', () => {
    expect(filtered([data({ base: 0, records: '=1 a=2 =3' })], { last: { a: 1 } })).toEqual(['0-2 a@1=2'])
  })

  test('timestamps, headers and the greatest timestamp are those of what stays', () => {
    const builder = new BatchBuilder()
    builder.append(NOW_MS, 'a', '1', [{ key: 'h', value: 'x' }])
    builder.append(NOW_MS + 50, 'b', '2')
    const batch = new RecordBatch(builder.close({ baseOffset: 4 }))
    const filter = new BatchFilter({
      lastOffsetOf: key => (Buffer.from(key).toString() === 'b' ? 90 : -1),
      mappedTo: 100,
      transactions: new CleanedTransactions(),
      nowMs: NOW_MS,
      deleteRetentionMs: 0,
      rangeEnd: 1000,
    })
    const kept = filter.filter(batch, { producers: new Map(), keepAborted: () => {} })
    const cursor = kept?.records()
    expect(cursor?.next()).toBe(true)
    expect([cursor?.timestamp, kept?.maxTimestamp, kept?.baseTimestamp]).toEqual([NOW_MS, NOW_MS, NOW_MS])
    expect(cursor?.headers()).toEqual([{ key: 'h', value: Buffer.from('x') }])
  })

  test('the time that a log stamped stays', () => {
    const batch = data({ base: 0, records: 'a=1 b=2', appendTimeMs: NOW_MS + 7 })
    const [text] = filtered([batch], { last: { a: 0, b: 80 } })
    expect(text).toBe('0-1 a@0=1')
    const empty = data({ base: 0, records: 'a=1', appendTimeMs: NOW_MS + 7 })
    const filter = new BatchFilter({
      lastOffsetOf: () => 90,
      mappedTo: 100,
      transactions: new CleanedTransactions(),
      nowMs: NOW_MS,
      deleteRetentionMs: 0,
      rangeEnd: 1,
    })
    const kept = filter.filter(empty, { producers: new Map(), keepAborted: () => {} })
    expect([kept?.isLogAppendTime, kept?.maxTimestamp]).toEqual([true, NOW_MS + 7])
  })
})

describe('tombstones', () => {
  test('the first pass gives the batch a horizon; the tombstone stays', () => {
    expect(filtered([data({ base: 0, records: 'a b=1' })], { last: { a: 0, b: 1 } })).toEqual([
      `0-1 horizon=${HORIZON} a@0 b@1=1`,
    ])
  })

  test('a horizon is never moved', () => {
    const batch = data({ base: 0, records: 'a b=1', horizon: NOW_MS + 1 })
    expect(filtered([batch], { last: { a: 0, b: 1 } })).toEqual([`0-1 horizon=${NOW_MS + 1} a@0 b@1=1`])
  })

  test('when the horizon has come, the tombstone goes and the rest stays', () => {
    const batch = data({ base: 0, records: 'a b=1', horizon: NOW_MS })
    expect(filtered([batch], { last: { a: 0, b: 1 } })).toEqual([`0-1 horizon=${NOW_MS} b@1=1`])
  })

  test('a tombstone that is followed by a record of its key goes at once', () => {
    expect(filtered([data({ base: 0, records: 'a b=1' })], { last: { a: 70, b: 1 } })).toEqual(['0-1 b@1=1'])
  })

  test('one beyond the map stays, whatever its horizon', () => {
    const batch = data({ base: 0, records: 'a b=1', horizon: NOW_MS - 5 })
    expect(filtered([batch], { last: { a: 0, b: 1 }, mappedTo: 0 })).toEqual([`0-1 horizon=${NOW_MS - 5} a@0 b@1=1`])
  })
})

describe('batches that stay without records', () => {
  const gone = { last: { a: 500 } }
  const batch = data({ base: 4, last: 6, records: 'a=1', producer: 7, epoch: 2 })

  test('a batch without any is gone', () => {
    expect(filtered([batch], gone)).toEqual([])
  })

  test('the last batch of an active producer stays', () => {
    const stays = { ...gone, producers: { 7: { producerEpoch: 2, lastDataOffset: 6 } } }
    expect(filtered([batch], stays)).toEqual(['4-6 p7:2/4'])
  })

  test.each([
    { producerEpoch: 2, lastDataOffset: 9 },
    { producerEpoch: 2, lastDataOffset: 5 },
    { producerEpoch: 2, lastDataOffset: -1 },
  ])('another batch of an active producer does not: $lastDataOffset', last => {
    expect(filtered([batch], { ...gone, producers: { 7: last } })).toEqual([])
  })

  test('the batch that ends where the range ends stays', () => {
    expect(filtered([batch], { ...gone, rangeEnd: 7 })).toEqual(['4-6 p7:2/4'])
    expect(filtered([batch], { ...gone, rangeEnd: 6 })).toEqual([])
  })

  test('and has neither codec nor horizon, but its greatest timestamp', () => {
    const compressed = data({ base: 4, records: 'a=1', compression: 1, horizon: NOW_MS - 1 })
    const filter = new BatchFilter({
      lastOffsetOf: () => 90,
      mappedTo: 100,
      transactions: new CleanedTransactions(),
      nowMs: NOW_MS,
      deleteRetentionMs: 0,
      rangeEnd: 5,
    })
    const kept = filter.filter(compressed, { producers: new Map(), keepAborted: () => {} })
    expect([kept?.attributes, kept?.recordCount, kept?.bytes.length]).toEqual([0, 0, 61])
    expect([kept?.baseTimestamp, kept?.maxTimestamp]).toEqual([-1, NOW_MS - 100])
  })
})

describe('transactions', () => {
  const first = data({ base: 0, records: 'a=1 b=2', producer: 7, isTransactional: true })

  test('what was committed is data, and its marker stays', () => {
    expect(filtered([first, marker(2, 7, true)], { last: { a: 0, b: 1 } })).toEqual([
      '0-1 p7:0/0 txn a@0=1 b@1=2',
      '2-2 p7:0/-1 marker @2',
    ])
  })

  test('what was aborted goes at once; its marker and index entry stay for this pass', () => {
    const batches = [first, marker(2, 7, false)]
    expect(filtered(batches, { last: { a: 0, b: 1 }, aborted: [aborted(7, 0, 2)] })).toEqual([
      '2-2 p7:0/-1 marker @2',
      'aborted p7 0-2',
    ])
  })

  test('a marker whose transaction is gone gets a horizon, and its index entry goes', () => {
    for (const isCommit of [true, false]) {
      expect(filtered([marker(2, 7, isCommit)], { aborted: [aborted(7, 0, 2)] })).toEqual([
        `2-2 p7:0/-1 marker horizon=${HORIZON} @2`,
      ])
    }
  })

  test('a marker goes when its horizon has come', () => {
    expect(filtered([marker(2, 7, true, NOW_MS + 1)])).toEqual([`2-2 p7:0/-1 marker horizon=${NOW_MS + 1} @2`])
    expect(filtered([marker(2, 7, true, NOW_MS)])).toEqual([])
  })

  test('a marker with a horizon that has come stays while a batch of its transaction does', () => {
    const batches = [first, marker(2, 7, true, NOW_MS - 1)]
    expect(filtered(batches, { last: { a: 0, b: 80 } })).toEqual([
      '0-1 p7:0/0 txn a@0=1',
      `2-2 p7:0/-1 marker horizon=${NOW_MS - 1} @2`,
    ])
  })

  test('an empty batch of the transaction keeps marker and index entry', () => {
    const producers = { 7: { producerEpoch: 0, lastDataOffset: 1 } }
    const batches = [data({ base: 0, last: 1, records: '', producer: 7, isTransactional: true }), marker(2, 7, false)]
    expect(filtered(batches, { producers, aborted: [aborted(7, 0, 2)] })).toEqual([
      '0-1 p7:0/0 txn',
      '2-2 p7:0/-1 marker @2',
      'aborted p7 0-2',
    ])
  })

  test('the last thing of a producer without data in its epoch is the marker, which stays empty', () => {
    const producers = { 7: { producerEpoch: 0, lastDataOffset: -1 } }
    expect(filtered([marker(2, 7, true, NOW_MS - 1)], { producers })).toEqual(['2-2 p7:0/-1 marker'])
    const later = { 7: { producerEpoch: 1, lastDataOffset: -1 } }
    expect(filtered([marker(2, 7, true, NOW_MS - 1)], { producers: later })).toEqual([])
  })

  test('a marker without a record, from an earlier pass, is gone when nothing needs it', () => {
    const producers = { 7: { producerEpoch: 0, lastDataOffset: -1 } }
    const filter = filterFor(3)
    const empty = filter.filter(marker(2, 7, true, NOW_MS - 1), { producers: new Map(), keepAborted: () => {} })
    expect(empty === undefined ? undefined : textOf(empty)).toBe('2-2 p7:0/-1 marker')
    if (empty === undefined) return
    expect(filtered([empty])).toEqual([])
    expect(filtered([empty], { producers })).toEqual(['2-2 p7:0/-1 marker'])
  })

  test('producers are told apart, and so are transactions of one', () => {
    const batches = [
      data({ base: 0, records: 'a=1', producer: 7, isTransactional: true }),
      data({ base: 1, records: 'b=2', producer: 8, isTransactional: true }),
      marker(2, 8, true),
      data({ base: 3, records: 'c=3', producer: 8, isTransactional: true }),
      marker(4, 7, false),
      marker(5, 8, false),
      data({ base: 6, records: 'd=4', producer: 7, isTransactional: true }),
      marker(7, 7, true),
      data({ base: 8, records: 'e=5', producer: 8 }),
    ]
    const last = { a: 0, b: 1, c: 3, d: 6, e: 8 }
    expect(filtered(batches, { last, aborted: [aborted(8, 3, 5), aborted(7, 0, 4), aborted(7, 0, 4)] })).toEqual([
      '1-1 p8:0/1 txn b@1=2',
      '2-2 p8:0/-1 marker @2',
      '4-4 p7:0/-1 marker @4',
      '5-5 p8:0/-1 marker @5',
      '6-6 p7:0/6 txn d@6=4',
      '7-7 p7:0/-1 marker @7',
      '8-8 p8:0/8 e@8=5',
      'aborted p7 0-4',
      'aborted p8 3-5',
    ])
  })

  function filterFor(rangeEnd: number): BatchFilter {
    return new BatchFilter({
      lastOffsetOf: () => -1,
      mappedTo: 1000,
      transactions: new CleanedTransactions(),
      nowMs: NOW_MS,
      deleteRetentionMs: RETENTION_MS,
      rangeEnd,
    })
  }
})
