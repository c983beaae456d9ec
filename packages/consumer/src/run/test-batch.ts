/**
 * A batch for tests of runs.
 */
import { BatchBuilder } from '@samsa/protocol'

export function batchWith(
  baseOffset: number,
  records: readonly (readonly [key: string | null, value: string])[],
): Buffer {
  const builder = new BatchBuilder({})
  for (const [key, value] of records)
    builder.append(1000, key, value, [{ key: 'origin', value: Buffer.from([1, 255]) }])
  return builder.close({ baseOffset, leaderEpoch: 3 })
}

/** Records with these keys in turn, and their number as value. */
export function numbered(
  count: number,
  keys: readonly (string | null)[] = ['k'],
): (readonly [string | null, string])[] {
  return Array.from({ length: count }, (_, index) => [keys[index % keys.length] ?? null, String(index)] as const)
}
