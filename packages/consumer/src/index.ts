/**
 * A consumer for Kafka: partitions that it is given, read with backpressure. Start with `Consumer`.
 */
export { buffer, int32, int64, json, type Serde, type SerdeContext, standard, string, uuid } from '@samsa/client'
export type { Assignor, RecordHeader } from '@samsa/protocol'
export type { CommitCallback } from './commits.js'
export { Consumer } from './consumer.js'
export type { ConsumerMetricsSnapshot } from './consumer-metrics.js'
export type { ConsumerOptions } from './consumer-options.js'
export { fromProperties } from './consumer-properties.js'
export type { ConsumerRecord, TimestampType } from './consumer-record.js'
export type { ConsumerRecords } from './consumer-records.js'
export type { PartitionLag } from './fetch-reports.js'
export type { GroupMetadata } from './group.js'
export type { BusyHandler, ConsumerHealth, GroupHealth, PartitionActivity, PartitionHealth } from './health.js'
export type { ConsumerInterceptor } from './interceptors.js'
export type { CommittedOffset, OffsetToCommit } from './offset-commit-request.js'
export type { OffsetAndTimestamp } from './offset-lookups.js'
export type { PartitionsCallback, RebalanceListener } from './rebalance-listener.js'
export { RecordDeserializationError } from './record-deserialization-error.js'
export {
  type DeadLetterOptions,
  type DeadLetterProducer,
  type DeadLetterRecord,
  deadLetterHeaders,
} from './run/dead-letter.js'
export type { RetryOptions } from './run/failure-policy.js'
export type { RecordHandler } from './run/handler.js'
export { HandlerError } from './run/handler-error.js'
export type { HandlerContext } from './run/handler-task.js'
export type { RunOptions } from './run/run-options.js'
export { nodeReadable, webReadable } from './streams.js'
export type { ServerPattern } from './subscription.js'
export type { TopicPartition } from './topic-partition.js'
