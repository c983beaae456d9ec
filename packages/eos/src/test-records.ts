/**
 * Records and contexts as a run would hand them out.
 */
import { type HandlerContext, json } from '@samsa/consumer'
import { ConsumerRecord } from '@samsa/consumer/internal'
import { BatchBuilder, batchesIn, MessageSet } from '@samsa/protocol'
import type { Clock } from '@samsa/runtime'
import { contextOutsideOfRun } from './middleware.js'

export interface TestValue {
  readonly id?: string
  readonly text?: string
}

export type TestRecord = ConsumerRecord<string, TestValue>

export function recordOf(value: TestValue, offset = 0n): TestRecord {
  const valueBytes = Buffer.from(JSON.stringify(value))
  return { topic: 'orders', partition: 0, offset, value, valueBytes } as TestRecord
}

export interface SentRecord {
  readonly topic: string
  readonly partition?: number
  readonly offset?: number
  readonly timestamp?: number
  readonly key?: string | Uint8Array | null
  readonly value: string | Uint8Array | null
  readonly headers?: readonly (readonly [name: string, value: string | Uint8Array | null])[]
}

/** As a consumer reads it: by the topic a serde tells whose record it is. */
export function readRecord({ topic, partition = 0, offset = 0, timestamp = 1000, ...sent }: SentRecord): TestRecord {
  const builder = new BatchBuilder({})
  const headers = (sent.headers ?? []).map(([key, value]) => ({
    key,
    value: value === null ? null : Buffer.from(value),
  }))
  builder.append(timestamp, sent.key ?? null, sent.value, headers)
  const [batch] = batchesIn(builder.close({ baseOffset: offset, leaderEpoch: 3 }))
  if (batch === undefined || batch instanceof MessageSet) throw new Error('there is no batch')
  const cursor = batch.records()
  cursor.next()
  const { bytes } = cursor
  const source = {
    place: { topic, partition },
    bytes,
    memory: bytes.buffer,
    memoryOffset: bytes.byteOffset,
    baseOffset: offset,
    leaderEpoch: 3,
    timestampType: 'createTime',
    keySerde: undefined,
    valueSerde: json<TestValue>(),
  } as const
  return new ConsumerRecord<string, TestValue>(source, cursor)
}

/** A producer that keeps what it is given, or fails. */
export class KeptRecords {
  readonly records: SentRecord[] = []
  failure: Error | undefined

  async send(record: SentRecord): Promise<void> {
    if (this.failure !== undefined) throw this.failure
    this.records.push(record)
  }

  /** The last one, as the next consumer reads it. */
  last(): TestRecord {
    const record = this.records.at(-1)
    if (record === undefined) throw new Error('nothing was sent')
    return readRecord({ ...record, partition: 7, offset: 70 + this.records.length })
  }
}

export function contextOf(signal: AbortSignal = new AbortController().signal, clock?: Clock): HandlerContext {
  return contextOutsideOfRun('billing', signal, clock)
}
