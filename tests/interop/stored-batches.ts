/**
 * What a broker really keeps in a partition, asked without any client's help: the batches as they lie there. Shows what
 * no client tells, as whether a batch was compressed at all.
 */
import { Connection, connectTcp, parseAddress } from '@samsa/client'
import { batchesIn, createTopics, errorByCode, fetch, type RecordCursor } from '@samsa/protocol'

const FETCH_VERSION = 12
const FETCH_BYTES = 16 * 1024 * 1024
const CODEC_NAMES = ['none', 'gzip', 'snappy', 'lz4', 'zstd']

export interface StoredRecord {
  readonly offset: number
  readonly timestamp: number
  readonly key: Buffer | null
  readonly value: Buffer | null
  readonly headers: readonly (readonly [name: string, value: Buffer | null])[]
}

export interface Stored {
  readonly records: readonly StoredRecord[]
  /** Of all batches, each once. */
  readonly codecs: readonly string[]
  /** Of batches that have one, each once. */
  readonly producerIds: readonly number[]
}

/** Creates a topic with one partition, or with as many as told. */
export async function createTopic(address: string, name: string, numPartitions = 1): Promise<void> {
  const connection = await connectTo(address)
  try {
    const { topics } = await connection.request(createTopics, 5, {
      topics: [{ name, numPartitions, replicationFactor: 1, assignments: [], configs: [] }],
      timeoutMs: 10_000,
      validateOnly: false,
    })
    for (const { errorCode, errorMessage } of topics)
      if (errorCode !== 0) throw new Error(`${name}: ${errorByCode(errorCode).name} ${errorMessage}`)
  } finally {
    connection.close()
  }
}

/** All records of a partition from its start to its end. */
export async function storedIn(address: string, topic: string, partition = 0): Promise<Stored> {
  const records: StoredRecord[] = []
  const codecs = new Set<string>()
  const producerIds = new Set<number>()
  const connection = await connectTo(address)
  try {
    for (let offset = 0; ; ) {
      const answer = await connection.request(fetch, FETCH_VERSION, {
        maxWaitMs: 100,
        minBytes: 1,
        topics: [{ topic, partitions: [{ partition, fetchOffset: BigInt(offset), partitionMaxBytes: FETCH_BYTES }] }],
        rackId: '',
      })
      const found = answer.responses[0]?.partitions[0]
      if (found === undefined || found.errorCode !== 0)
        throw new Error(`${topic}-${partition}: ${errorByCode(found?.errorCode ?? answer.errorCode).name}`)
      const start = offset
      for (const batch of batchesIn(found.records ?? new Uint8Array(0))) {
        batch.checkCrc()
        codecs.add(CODEC_NAMES[batch.compression] ?? `codec ${batch.compression}`)
        if ('producerId' in batch && batch.producerId >= 0) producerIds.add(batch.producerId)
        for (const cursor = batch.records(); cursor.next(); ) records.push(recordAt(cursor))
        offset = batch.lastOffset + 1
      }
      if (offset >= Number(found.highWatermark)) return { records, codecs: [...codecs], producerIds: [...producerIds] }
      if (offset === start) throw new Error(`${topic}-${partition}: nothing at ${offset} of ${found.highWatermark}`)
    }
  } finally {
    connection.close()
  }
}

export async function connectTo(address: string): Promise<Connection> {
  return new Connection(await connectTcp(parseAddress(address)), { clientId: 'samsa-tests' })
}

function recordAt(cursor: RecordCursor): StoredRecord {
  return {
    offset: cursor.offset,
    timestamp: cursor.timestamp,
    key: copyOf(cursor.key()),
    value: copyOf(cursor.value()),
    headers: cursor.headers().map(({ key, value }) => [key, copyOf(value)] as const),
  }
}

/** Not a view: the answer that it lies in is as large as a whole fetch. */
function copyOf(bytes: Uint8Array | string | null): Buffer | null {
  return bytes === null ? null : Buffer.from(bytes)
}
