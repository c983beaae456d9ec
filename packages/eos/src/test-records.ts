/**
 * Records and contexts as a run would hand them out.
 */
import type { ConsumerRecord, HandlerContext } from '@samsa/consumer'
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

export function contextOf(signal: AbortSignal = new AbortController().signal, clock?: Clock): HandlerContext {
  return contextOutsideOfRun('billing', signal, clock)
}
