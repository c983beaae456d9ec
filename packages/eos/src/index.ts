/**
 * Exactly-once helpers for Kafka consumers, and what their stores promise.
 */
export { BatchError, type RecordFailure } from './batch-error.js'
export { type DeadLetterMiddlewareOptions, deadLetter } from './dead-letter.js'
export { dedup, type LeaseContext, type TxContext } from './dedup.js'
export {
  type BatchContext,
  type BatchDedupOptions,
  type BatchHandler,
  type BatchMiddleware,
  dedupBatch,
} from './dedup-batch.js'
export type { LeaseDedupOptions, TxDedupOptions } from './dedup-options.js'
export { type KafkaIdStore, type KafkaStoreOptions, kafkaStore } from './kafka-store/kafka-store.js'
export { type LedgerEntry, type LedgerOptions, ledger } from './ledger.js'
export type { LoopDedupOptions, LoopOptions, PoisonOptions } from './loop/loop-options.js'
export type { LoopContext, LoopWork } from './loop/loop-run.js'
export type { Output } from './loop/output.js'
export { type LoopRunOptions, type TransactionalLoop, transactionalLoop } from './loop/transactional-loop.js'
export { type MemoryStore, type MemoryStoreOptions, memoryStore } from './memory/memory-store.js'
export type { MemoryTx } from './memory/memory-tx.js'
export type { HandlerWith, Middleware } from './middleware.js'
export { type EosMetricsSnapshot, eosMetrics, type Finding, type HelperName } from './observation.js'
export { type OffsetsRun, offsetsInTransaction } from './offsets/offsets-in-transaction.js'
export type { OffsetsContext, OffsetsWork } from './offsets/offsets-loop.js'
export type { OffsetsInTransactionOptions } from './offsets/offsets-options.js'
export { Outbox, outbox, type RecordToPut, type WaitingInBox } from './outbox/outbox.js'
export type { OutboxOptions, RelayOptions } from './outbox/outbox-options.js'
export type { Relay } from './outbox/relay.js'
export { type FingerprintOf, type Id, type IdOf, MissingIdError } from './record-id.js'
export { type DelayTopic, type RetryMiddlewareOptions, retry } from './retry.js'
export { retryHeaders } from './retry-trail.js'
export type { Claim, ClaimOutcome, ClaimRequest, Durability, LeaseStore } from './store/lease-store.js'
export type { AcquiredOffset, OffsetMove, OffsetPlace, OffsetStore } from './store/offset-store.js'
export type {
  OutboxLane,
  OutboxPlace,
  OutboxRecord,
  OutboxStore,
  WaitingInLane,
  WaitingRecord,
} from './store/outbox-store.js'
export type { Row, RowStore, Value } from './store/row-store.js'
export type { Store } from './store/store.js'
export type { OnceOutcome, OnceRow, TxStore } from './store/tx-store.js'
export {
  type ExpectedVersionOptions,
  type PreconditionOptions,
  type VersionCheckOptions,
  type VersionOutcome,
  versionCheck,
} from './version-check.js'
export { VersionError, type VersionMiss } from './version-error.js'
