/**
 * ProducerMetrics: what a producer has done so far, counted by batch and not by record. `producer.metrics()` is a copy.
 */
import type { ProducerBatch } from './producer-batch.js'

export interface ProducerMetricsSnapshot {
  /** Records that were acknowledged. */
  readonly recordsSent: number
  readonly recordsFailed: number
  readonly batchesSent: number
  readonly batchRetries: number
  readonly requestsSent: number
  /** Of record batches, as they were on the wire. */
  readonly bytesSent: number
  readonly batchSizeAvg: number
  readonly recordsPerBatchAvg: number
  readonly bufferUsedBytes: number
  readonly bufferLimitBytes: number
  /** Sends that wait for memory, or for their topic to be known. */
  readonly waitingSends: number
  /** Batches that are not settled. */
  readonly incompleteBatches: number
}

export class ProducerMetrics {
  recordsSent = 0
  failed = 0
  batchesSent = 0
  batchRetries = 0
  requestsSent = 0
  bytesSent = 0

  requestSent(batches: readonly { readonly batch: ProducerBatch }[]): void {
    this.requestsSent++
    for (const { batch } of batches) this.bytesSent += batch.size
  }

  batchWritten(batch: ProducerBatch): void {
    this.batchesSent++
    this.recordsSent += batch.recordCount
  }

  batchRetried(): void {
    this.batchRetries++
  }

  recordsFailed(count: number): void {
    this.failed += count
  }
}
