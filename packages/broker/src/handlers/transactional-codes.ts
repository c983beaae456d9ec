/**
 * Errors of transactions as older clients know them. Keeps no state.
 */
import { codeOf } from '../cluster/partitions.js'

const FIRST_VERSION_WITH_FENCED = 2

/** For AddPartitionsToTxn, AddOffsetsToTxn and EndTxn: before version 2 nobody knew PRODUCER_FENCED. */
export function codeForVersion(code: number, version: number): number {
  const isUnknown = version < FIRST_VERSION_WITH_FENCED && code === codeOf('PRODUCER_FENCED')
  return isUnknown ? codeOf('INVALID_PRODUCER_EPOCH') : code
}
