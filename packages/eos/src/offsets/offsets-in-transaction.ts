/**
 * `offsetsInTransaction`: results and the offset behind their records are one commit of the application's database.
 */

import { OffsetsLoop, type OffsetsWork } from './offsets-loop.js'
import { checkedOffsets, type OffsetsInTransactionOptions } from './offsets-options.js'

export interface OffsetsRun {
  /**
   * Subscribes, and works until `signal` is aborted: the transaction under way is finished then, and the promise resolves.
   * Rejects when work has failed `maxAttempts` times, or when it cannot go on.
   */
  run(options?: { readonly signal?: AbortSignal | undefined }): Promise<void>
}

/**
 * Exactly once for what goes through `tx`: it is committed together with the offset behind the records, by a compare-and-set
 * that one of two owners can win. So a crash at any step leaves both or neither, and the next owner goes on where the results
 * end. Not covered: what the work does past `tx` (it may happen again), records that a producer has written twice, and a
 * database that loses commits which it has acknowledged.
 */
export function offsetsInTransaction<Tx, Key, Value>(
  options: OffsetsInTransactionOptions<Tx, Key, Value>,
  work: OffsetsWork<Tx, Key, Value>,
): OffsetsRun {
  const config = checkedOffsets(options)
  const { consumer, store } = options
  return {
    run: ({ signal = new AbortController().signal } = {}) =>
      new OffsetsLoop({ consumer, store, config, work, signal }).run(),
  }
}
