/**
 * The cluster that messages speak of: 50 topics with 6 partitions each on three brokers, and the batches in them.
 */
import { BatchBuilder, type Uuid, uuidFromBytes, uuidToBytes } from '@samsa/protocol'
import { type BenchmarkRecord, benchmarkRecords } from '../records.ts'

export interface ClusterTopic {
  readonly name: string
  readonly id: Uuid
  /** The same id as platformatic writes it. */
  readonly hyphenatedId: string
}

export const PARTITIONS: readonly number[] = [0, 1, 2, 3, 4, 5]

export const TOPICS: readonly ClusterTopic[] = Array.from({ length: 50 }, (_, index) => {
  const bytes = Buffer.from(`topic id      ${String(index).padStart(2, '0')}`)
  const id = uuidFromBytes(bytes)
  return { name: `warehouse.orders.${index}`, id, hyphenatedId: hyphenated(id) }
})

/** What Produce and Fetch carry for one partition. */
export const PARTITION_RECORDS: readonly BenchmarkRecord[] = benchmarkRecords(100, 100)

export function partitionBatch(): Buffer {
  const builder = new BatchBuilder()
  for (const { timestamp, key, value } of PARTITION_RECORDS) builder.append(timestamp, key, value)
  return builder.close()
}

function hyphenated(id: Uuid): string {
  const hex = Buffer.from(uuidToBytes(id)).toString('hex')
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-')
}
