/**
 * What a consumer with `readCommitted` sees of a partition, told by Fetch alone: no records of open transactions, none of
 * aborted ones, no markers.
 */
import type { Connection } from '@samsa/client'
import { batchesIn, type Decoded, errorByCode, type FetchResponse, fetch, RecordBatch } from '@samsa/protocol'

/** The last version that goes by the topic's name. */
const VERSION = 12
const READ_COMMITTED = 1
const MOST_BYTES = 8 * 1024 * 1024

export interface CommittedRecords {
  readonly values: readonly (string | null)[]
  /** Up to where it could read, and where the log ends. */
  readonly lastStableOffset: bigint
  readonly highWatermark: bigint
}

/** Everything from the beginning. */
export async function committedRecords(
  connection: Connection,
  topic: string,
  partition: number,
): Promise<CommittedRecords> {
  const values: (string | null)[] = []
  const aborted = new Map<number, number[]>()
  for (let offset = 0; ; ) {
    const answer = await fetchFrom(connection, topic, partition, offset)
    for (const { producerId, firstOffset } of answer.abortedTransactions ?? []) {
      const id = Number(producerId)
      const starts = new Set([...(aborted.get(id) ?? []), Number(firstOffset)])
      aborted.set(id, [...starts])
    }
    const before = offset
    for (const batch of batchesIn(answer.records ?? new Uint8Array(0))) {
      if (!(batch instanceof RecordBatch)) throw new Error('a batch of a format before transactions')
      batch.checkCrc()
      if (batch.lastOffset < offset) continue
      offset = batch.lastOffset + 1
      // A marker ends the transaction that was first aborted.
      const starts = aborted.get(batch.producerId) ?? []
      const isAborted = starts.some(start => start <= batch.baseOffset)
      if (batch.isControl && isAborted) aborted.set(batch.producerId, starts.toSorted((a, b) => a - b).slice(1))
      if (batch.isControl || (batch.isTransactional && isAborted)) continue
      for (const cursor = batch.records(); cursor.next(); ) values.push(cursor.valueText())
    }
    if (offset === before) {
      const { lastStableOffset, highWatermark } = answer
      return { values, lastStableOffset, highWatermark }
    }
  }
}

type PartitionData = Decoded<FetchResponse>['responses'][number]['partitions'][number]

async function fetchFrom(
  connection: Connection,
  topic: string,
  partition: number,
  offset: number,
): Promise<PartitionData> {
  const answer = await connection.request(fetch, VERSION, {
    maxWaitMs: 0,
    minBytes: 0,
    isolationLevel: READ_COMMITTED,
    topics: [{ topic, partitions: [{ partition, fetchOffset: BigInt(offset), partitionMaxBytes: MOST_BYTES }] }],
    rackId: '',
  })
  const data = answer.responses[0]?.partitions[0]
  const code = data?.errorCode ?? answer.errorCode
  if (data === undefined || code !== 0) throw new Error(`fetch of ${topic}-${partition}: ${errorByCode(code).name}`)
  return data
}
