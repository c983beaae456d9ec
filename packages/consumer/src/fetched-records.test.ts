import { crc32, gzipSync } from 'node:zlib'
import { BatchBuilder, endTransactionBatch } from '@samsa/protocol'
import { RecordTooLargeError } from '@samsa/runtime'
import { expect, test } from 'vitest'
import { FetchedRecords } from './fetched-records.js'
import type { AbortedTransaction } from './isolation.js'
import { PartitionState } from './subscription-state.js'
import { batchOf } from './test-cluster.js'

function fetchedAt(offset: number, data: Uint8Array, aborted: readonly AbortedTransaction[] = []): FetchedRecords {
  const state = new PartitionState({ topic: 't', partition: 0 })
  state.seek(offset)
  return new FetchedRecords(state, data, aborted, { checkCrcs: true, keySerde: undefined, valueSerde: undefined })
}

/** Everything that is left of it, as `5=text`. */
function rest(fetched: FetchedRecords): string[] {
  const found: string[] = []
  for (let record = fetched.next(); record !== undefined; record = fetched.next()) {
    found.push(`${record.offset}=${record.value}`)
  }
  return found
}

/** One message as a broker before 0.11 wrote it. */
function oldMessage(offset: number, attributes: number, value: Buffer): Buffer {
  const body = Buffer.alloc(18 + value.length)
  body[0] = 1
  body[1] = attributes
  body.writeBigInt64BE(1234n, 2)
  body.writeInt32BE(-1, 10)
  body.writeInt32BE(value.length, 14)
  value.copy(body, 18)
  const head = Buffer.alloc(16)
  head.writeBigInt64BE(BigInt(offset))
  head.writeInt32BE(body.length + 4, 8)
  head.writeUInt32BE(crc32(body), 12)
  return Buffer.concat([head, body])
}

function inTransaction(producerId: number, baseOffset: number, value: string): Buffer {
  const builder = new BatchBuilder({})
  builder.append(1, null, value, [])
  const producer = { producerId, producerEpoch: 0, baseSequence: 0 }
  return builder.close({ baseOffset, producer, isTransactional: true })
}

test('a batch that begins before what was asked for is given from there on', () => {
  const fetched = fetchedAt(6, batchOf(5, ['a', 'b', 'c']))
  expect(rest(fetched)).toEqual(['6=b', '7=c'])
  expect([fetched.nextOffset, fetched.state.position, fetched.bytes]).toEqual([8, 8, 0])
})

test('old formats are read, also compressed ones and those behind which the format changes', () => {
  const inside = Buffer.concat([oldMessage(0, 0, Buffer.from('b')), oldMessage(1, 0, Buffer.from('c'))])
  const data = Buffer.concat([
    oldMessage(10, 0, Buffer.from('a')),
    oldMessage(12, 1, gzipSync(inside)),
    batchOf(13, ['d']),
  ])
  const fetched = fetchedAt(10, data)
  const first = fetched.next()
  expect([first?.offset, first?.timestamp, first?.timestampType, first?.leaderEpoch]).toEqual([
    10n,
    1234,
    'createTime',
    undefined,
  ])
  expect(first?.headers).toEqual([])
  expect(rest(fetched)).toEqual(['11=b', '12=c', '13=d'])
})

test('what was aborted is passed over, markers too, and the position moves on behind them', () => {
  const marker = (producerId: number, baseOffset: number, isCommit: boolean) =>
    endTransactionBatch({ producerId, producerEpoch: 0, coordinatorEpoch: 0, isCommit, timestamp: 1, baseOffset })
  const data = Buffer.concat([
    inTransaction(1, 0, 'out'),
    inTransaction(2, 1, 'in'),
    marker(1, 2, false),
    inTransaction(1, 3, 'in again'),
    marker(2, 4, true),
    marker(1, 5, true),
  ])
  const fetched = fetchedAt(0, data, [{ producerId: 1n, firstOffset: 0n }])
  expect(rest(fetched)).toEqual(['1=in', '3=in again'])
  expect(fetched.state.position).toBe(6)
})

test('what is left keeps nothing of the answer that it came in, and goes on where it was', () => {
  const answer = Buffer.concat([batchOf(0, ['a', 'b']), batchOf(2, ['c'])])
  const fetched = fetchedAt(0, answer)
  fetched.next()
  fetched.detach()
  answer.fill(0)
  expect(rest(fetched)).toEqual(['1=b', '2=c'])
})

test('a tail that was cut off is left for the next fetch, a batch that never fits is an error', () => {
  const [first, second] = [batchOf(0, ['a']), batchOf(1, ['b'])]
  const fetched = fetchedAt(0, Buffer.concat([first, second.subarray(0, 40)]))
  expect([rest(fetched), fetched.nextOffset]).toEqual([['0=a'], 1])
  const cut = fetchedAt(0, first.subarray(0, 50))
  expect(() => cut.next()).toThrow(RecordTooLargeError)
  expect(() => cut.next()).toThrow('Raise maxPartitionFetchBytes')
})
