/**
 * AppendPlan: everything that is decided of batches before a byte is written: whether they are valid, known already, in
 * order, and which offsets they get. Changes nothing but the batches' own bytes.
 */
import { assignOffset, NO_PRODUCER_ID, NO_TIMESTAMP, type RecordBatch } from '@samsa/protocol'
import { AppendError } from './append-error.js'
import type { AppendOptions } from './log-contract.js'
import type { ProducerBatch, ProducerStates, TransactionMarker } from './producer-state.js'
import { markerOf } from './recovery.js'
import { type AppendRules, validateAppend } from './validate.js'

export interface AppendPlan {
  readonly batches: readonly RecordBatch[]
  readonly sizeInBytes: number
  readonly baseOffset: number
  readonly lastOffset: number
  readonly maxTimestamp: number
  /** The markers among the batches; undefined where there is none, which is nearly always. */
  readonly markers: ReadonlyMap<RecordBatch, TransactionMarker> | undefined
}

/** The batch of the log that a client's batch repeats, or what to write. Throws an AppendError for what is refused. */
export function planAppend(
  records: Buffer,
  rules: AppendRules & AppendOptions,
  producers: ProducerStates,
): AppendPlan | { readonly duplicate: ProducerBatch } {
  const { origin, nextOffset, leaderEpoch } = rules
  const batches = validateAppend(records, rules)
  let sizeInBytes = 0
  let maxTimestamp = NO_TIMESTAMP
  for (const batch of batches) {
    sizeInBytes += batch.bytes.length
    maxTimestamp = Math.max(maxTimestamp, batch.maxTimestamp)
  }
  checkSegmentSize(sizeInBytes, rules.config.segmentBytes)
  const duplicate = origin === 'client' ? duplicateOf(batches, producers) : undefined
  if (duplicate !== undefined) return { duplicate }
  const markers = checkProducers(batches, producers, rules)
  if (origin !== 'replication') assignOffsets(batches, nextOffset, leaderEpoch)
  const baseOffset = batches[0]?.baseOffset ?? nextOffset
  const lastOffset = batches.at(-1)?.lastOffset ?? nextOffset
  return { batches, sizeInBytes, baseOffset, lastOffset, maxTimestamp, markers }
}

function checkSegmentSize(sizeInBytes: number, segmentBytes: number): void {
  if (sizeInBytes <= segmentBytes) return
  throw new AppendError(`${sizeInBytes} bytes of batches are more than segment.bytes, ${segmentBytes}`, {
    code: 'RECORD_LIST_TOO_LARGE',
  })
}

function duplicateOf(batches: readonly RecordBatch[], producers: ProducerStates): ProducerBatch | undefined {
  const batch = batches[0]
  return batch === undefined || batch.producerId === NO_PRODUCER_ID ? undefined : producers.findDuplicate(batch)
}

function checkProducers(
  batches: readonly RecordBatch[],
  producers: ProducerStates,
  { origin, transactionVersion }: AppendOptions,
): ReadonlyMap<RecordBatch, TransactionMarker> | undefined {
  let markers: Map<RecordBatch, TransactionMarker> | undefined
  for (const batch of batches) {
    if (batch.producerId === NO_PRODUCER_ID) continue
    const marker = markerOf(batch)
    producers.check(batch, { origin, marker, transactionVersion })
    if (marker === undefined) continue
    markers ??= new Map()
    markers.set(batch, marker)
  }
  return markers
}

function assignOffsets(batches: readonly RecordBatch[], nextOffset: number, leaderEpoch: number): void {
  let offset = nextOffset
  for (const batch of batches) {
    assignOffset(batch.bytes, offset, leaderEpoch)
    offset += batch.lastOffsetDelta + 1
  }
}
