/**
 * Control records: what the log says to its readers. The key tells the type; the value of a transaction's marker carries
 * the epoch of the coordinator that wrote it.
 */
import { controlRecordTypeSchema, endTxnMarker } from '../messages/records/control-records.js'
import { ProtocolError } from '../protocol-error.js'
import { BatchBuilder } from './batch-builder.js'
import { NO_SEQUENCE } from './batch-layout.js'
import type { RecordCursor } from './record.js'
import { decodeVersioned, encodeVersioned } from './versioned.js'

export const ControlType = {
  abort: 0,
  commit: 1,
  leaderChange: 2,
  snapshotHeader: 3,
  snapshotFooter: 4,
  kraftVersion: 5,
  kraftVoters: 6,
} as const

export interface EndTransaction {
  readonly producerId: number
  readonly producerEpoch: number
  readonly coordinatorEpoch: number
  readonly isCommit: boolean
  readonly timestamp: number
  readonly baseOffset?: number
  readonly leaderEpoch?: number
}

/** The batch that ends a transaction in one partition. */
export function endTransactionBatch(end: EndTransaction): Buffer {
  const { producerId, producerEpoch, baseOffset, leaderEpoch } = end
  const builder = new BatchBuilder({ capacity: 128 })
  const type = end.isCommit ? ControlType.commit : ControlType.abort
  builder.append(
    end.timestamp,
    controlKey(type),
    encodeVersioned(endTxnMarker, { coordinatorEpoch: end.coordinatorEpoch }, 0),
  )
  return builder.close({
    producer: { producerId, producerEpoch, baseSequence: NO_SEQUENCE },
    isTransactional: true,
    isControl: true,
    ...(baseOffset === undefined ? {} : { baseOffset }),
    ...(leaderEpoch === undefined ? {} : { leaderEpoch }),
  })
}

/** The key of a control record of `type`. */
export function controlKey(type: number): Uint8Array {
  return encodeVersioned(controlRecordTypeSchema, { type }, 0)
}

/** The type of the control record that the cursor stands on. Readers pass over types they do not know. */
export function controlTypeOf(record: RecordCursor): number {
  const key = record.key()
  if (key === null) throw notControl('a control record without a key')
  return decodeVersioned(controlRecordTypeSchema, key).type
}

/** How the marker that the cursor stands on ends its transaction; undefined when it is no such marker. */
export function endTransactionOf(
  record: RecordCursor,
): { readonly isCommit: boolean; readonly coordinatorEpoch: number } | undefined {
  const type = controlTypeOf(record)
  if (type !== ControlType.commit && type !== ControlType.abort) return undefined
  const value = record.value()
  if (value === null) throw notControl('a transaction marker without a value')
  return {
    isCommit: type === ControlType.commit,
    coordinatorEpoch: decodeVersioned(endTxnMarker, value).coordinatorEpoch,
  }
}

function notControl(why: string): ProtocolError {
  return new ProtocolError({ what: 'control record', where: 'key', why, code: 'CORRUPT_MESSAGE' })
}
