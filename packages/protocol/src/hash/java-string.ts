/**
 * Java's `String.hashCode`, and what Kafka derives from it: the partition of an internal topic that keeps a group's or a
 * transaction's state, and with it the coordinator.
 */

/** Over the UTF-16 units, as a signed 32-bit number. */
export function javaStringHash(text: string): number {
  let hash = 0
  for (let at = 0; at < text.length; at++) hash = (Math.imul(hash, 31) + text.charCodeAt(at)) | 0
  return hash
}

/**
 * The partition of `__consumer_offsets`, `__transaction_state` or `__share_group_state` that keeps this id. Kafka takes
 * the absolute value here (and 0 for the one hash that has none), where for a record's key it drops the sign bit.
 */
export function coordinatorPartition(id: string, partitionCount: number): number {
  const hash = javaStringHash(id)
  return hash === -0x80000000 ? 0 : Math.abs(hash) % partitionCount
}
