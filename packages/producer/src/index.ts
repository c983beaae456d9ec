/**
 * A producer for Kafka: batching, idempotent, ordered. Start with `Producer`.
 */
export { buffer, int32, int64, json, type Serde, type SerdeContext, standard, string, uuid } from '@samsa/client'
export { type DeliveryCallback, RecordMetadata } from './delivery.js'
export type { Interceptor } from './interceptors.js'
export { keyPartition, type Partitioner, type PartitionerTopic, type PartitionFunction } from './partitioner.js'
export { Producer } from './producer.js'
export type { ProducerMetricsSnapshot } from './producer-metrics.js'
export type { ProducerOptions } from './producer-options.js'
export { fromProperties } from './producer-properties.js'
export type { Bytes, HeaderValue, ProducerRecord, RecordHeaders } from './record.js'
export type { Transaction } from './running-transaction.js'
export { nodeWritable, webWritable } from './streams.js'
export type { GroupMetadata, TransactionOffset, TransactionOffsets } from './transaction-offsets.js'
export { TransactionStateError } from './transaction-states.js'
