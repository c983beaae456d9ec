import { RecordBatch } from '@samsa/protocol'
import { describe, expect, test } from 'vitest'
import { MemoryFileSystem } from '../storage/memory.js'
import { decodeSnapshot, encodeSnapshot, loadSnapshot, snapshotPath, writeSnapshot } from './producer-snapshot.js'
import { type AppendOrigin, ProducerStates, type TransactionMarker } from './producer-state.js'
import { batchOf, NOW_MS } from './test-log.js'

const DAY_MS = 86_400_000

interface Sent {
  readonly producerId?: number
  readonly epoch?: number
  readonly sequence: number
  readonly records?: number
  readonly offset?: number
  readonly isTransactional?: boolean
  readonly timestamp?: number
  readonly isControl?: boolean
}

function batch(sent: Sent): RecordBatch {
  const { producerId = 7, epoch = 0, sequence, records = 1, offset = 0 } = sent
  const values = Array.from({ length: records }, (_, index) => `v${index}`)
  return new RecordBatch(
    batchOf(values, {
      producer: { producerId, producerEpoch: epoch, baseSequence: sequence },
      baseOffset: offset,
      isTransactional: sent.isTransactional ?? false,
      isControl: sent.isControl ?? false,
      timestamp: sent.timestamp ?? NOW_MS,
    }),
  )
}

/** `ok`, `duplicate of <offset>`, or the error's code. */
function send(states: ProducerStates, sent: Sent, origin: AppendOrigin = 'client', marker?: TransactionMarker): string {
  const sentBatch = batch(sent)
  const duplicate = origin === 'client' ? states.findDuplicate(sentBatch) : undefined
  if (duplicate !== undefined) return `duplicate of ${duplicate.lastOffset - duplicate.offsetDelta}`
  try {
    states.check(sentBatch, { origin, marker })
  } catch (error) {
    return error instanceof Error && 'code' in error ? String(error.code) : String(error)
  }
  states.apply(sentBatch, marker)
  return 'ok'
}

describe('sequences', () => {
  test.each<{ title: string; steps: [Sent, string][] }>([
    {
      title: 'go up without a gap',
      steps: [
        [{ sequence: 0, records: 3 }, 'ok'],
        [{ sequence: 3 }, 'ok'],
        [{ sequence: 5 }, 'OUT_OF_ORDER_SEQUENCE_NUMBER'],
        [{ sequence: 4 }, 'ok'],
      ],
    },
    {
      title: 'begin anywhere for a producer that is not known',
      steps: [
        [{ sequence: 41 }, 'ok'],
        [{ sequence: 42 }, 'ok'],
      ],
    },
    {
      title: 'begin at 0 in a new epoch',
      steps: [
        [{ sequence: 0 }, 'ok'],
        [{ sequence: 1, epoch: 1 }, 'OUT_OF_ORDER_SEQUENCE_NUMBER'],
        [{ sequence: 0, epoch: 1 }, 'ok'],
        [{ sequence: 1, epoch: 0 }, 'INVALID_PRODUCER_EPOCH'],
      ],
    },
    {
      title: 'wrap around behind the greatest int32, between batches and inside of one',
      steps: [
        [{ sequence: 2 ** 31 - 2, records: 2 }, 'ok'],
        [{ sequence: 0 }, 'ok'],
        [{ sequence: 1 }, 'ok'],
        [{ sequence: 2 ** 31 - 1, records: 2, producerId: 8 }, 'ok'],
        [{ sequence: 1, producerId: 8 }, 'ok'],
        [{ sequence: 2 ** 31 - 1, records: 2, producerId: 8 }, 'duplicate of 0'],
      ],
    },
  ])('$title', ({ steps }) => {
    const states = new ProducerStates(DAY_MS)
    for (const [sent, outcome] of steps) expect(send(states, sent), JSON.stringify(sent)).toBe(outcome)
  })

  test('the last five batches are known when they come again, an older one is out of order', () => {
    const states = new ProducerStates(DAY_MS)
    for (let index = 0; index < 6; index++) {
      expect(send(states, { sequence: index * 2, records: 2, offset: 100 + index * 2 })).toBe('ok')
    }
    for (let index = 1; index < 6; index++) {
      expect(send(states, { sequence: index * 2, records: 2 })).toBe(`duplicate of ${100 + index * 2}`)
    }
    expect(send(states, { sequence: 0, records: 2 })).toBe('OUT_OF_ORDER_SEQUENCE_NUMBER')
    expect(send(states, { sequence: 10, records: 1 })).toBe('OUT_OF_ORDER_SEQUENCE_NUMBER')
  })

  test('what a leader has written is taken as it is', () => {
    const states = new ProducerStates(DAY_MS)
    send(states, { sequence: 0 })
    expect(send(states, { sequence: 9 }, 'replication')).toBe('ok')
    expect(send(states, { sequence: 10 })).toBe('ok')
  })
})

describe('transactions', () => {
  const commit = { isCommit: true, coordinatorEpoch: 3 }

  test('the earliest that is open holds back, and one that ended above the high watermark still does', () => {
    const states = new ProducerStates(DAY_MS)
    send(states, { producerId: 1, sequence: 0, offset: 10, isTransactional: true })
    send(states, { producerId: 2, sequence: 0, offset: 11, isTransactional: true })
    send(states, { producerId: 1, sequence: 1, offset: 12, isTransactional: true })
    expect(states.firstUnstableOffset).toBe(10)
    const marker = batch({ producerId: 1, sequence: -1, offset: 13, isControl: true, isTransactional: true })
    expect(states.apply(marker, commit)).toEqual({ producerId: 1, firstOffset: 10, lastOffset: 13, isAborted: false })
    expect(states.firstUnstableOffset).toBe(10)
    states.onHighWatermark(13)
    expect(states.firstUnstableOffset).toBe(10)
    states.onHighWatermark(14)
    expect(states.firstUnstableOffset).toBe(11)
  })

  test('a marker of an older coordinator or an older epoch is refused', () => {
    const states = new ProducerStates(DAY_MS)
    const marker = { sequence: -1, isControl: true, isTransactional: true }
    send(states, { sequence: 0, epoch: 5, isTransactional: true })
    expect(send(states, { ...marker, epoch: 4 }, 'coordinator', commit)).toBe('INVALID_PRODUCER_EPOCH')
    expect(send(states, { ...marker, epoch: 5 }, 'coordinator', commit)).toBe('ok')
    expect(send(states, { ...marker, epoch: 5 }, 'coordinator', { isCommit: true, coordinatorEpoch: 2 })).toBe(
      'TRANSACTION_COORDINATOR_FENCED',
    )
  })

  test('a batch outside of the open transaction of its producer is refused', () => {
    const states = new ProducerStates(DAY_MS)
    send(states, { sequence: 0, isTransactional: true })
    expect(send(states, { sequence: 1 })).toBe('INVALID_TXN_STATE')
  })
})

describe('expiry', () => {
  test('takes producers that were silent for as long as the limit, but none with an open transaction', () => {
    const states = new ProducerStates(DAY_MS)
    send(states, { producerId: 1, sequence: 5 })
    send(states, { producerId: 2, sequence: 5, isTransactional: true })
    states.expire(NOW_MS + DAY_MS - 1)
    expect(states.size).toBe(2)
    states.expire(NOW_MS + DAY_MS)
    expect(states.states().map(({ producerId }) => producerId)).toEqual([2])
    expect(send(states, { producerId: 1, sequence: 9 })).toBe('ok')
  })
})

describe('snapshots', () => {
  test('keep what the next batch is judged by, and open transactions in their order', () => {
    const states = new ProducerStates(DAY_MS)
    send(states, { producerId: 2, sequence: 0, offset: 20, records: 4, isTransactional: true })
    send(states, { producerId: 1, sequence: 0, offset: 30, epoch: 6 })
    const entries = decodeSnapshot(encodeSnapshot(states)) ?? []
    const restored = new ProducerStates(DAY_MS)
    restored.restore(entries, NOW_MS)
    expect(restored.firstUnstableOffset).toBe(20)
    expect(restored.states()).toEqual(states.states())
    expect(send(restored, { producerId: 2, sequence: 0, records: 4, isTransactional: true })).toBe('duplicate of 20')
    expect(send(restored, { producerId: 1, sequence: 2, epoch: 6 })).toBe('OUT_OF_ORDER_SEQUENCE_NUMBER')
  })

  test('a damaged one is passed over and removed, wherever it is damaged', () => {
    const states = new ProducerStates(DAY_MS)
    send(states, { sequence: 0 })
    const whole = encodeSnapshot(states)
    for (let at = 0; at < whole.length; at++) {
      const damaged = Buffer.from(whole)
      damaged.writeUInt8((damaged[at] ?? 0) ^ 0x10, at)
      expect(decodeSnapshot(damaged)).toBeUndefined()
      expect(decodeSnapshot(whole.subarray(0, at))).toBeUndefined()
    }
    const fileSystem = new MemoryFileSystem()
    writeSnapshot(fileSystem, '', 5, states)
    fileSystem.writeFileAtomically(snapshotPath('', 9), whole.subarray(1))
    const restored = new ProducerStates(DAY_MS)
    expect(loadSnapshot({ fileSystem, directory: '', nowMs: NOW_MS }, restored, 0, 10)).toBe(5)
    expect(restored.size).toBe(1)
    expect(fileSystem.exists(snapshotPath('', 9))).toBe(false)
  })
})
