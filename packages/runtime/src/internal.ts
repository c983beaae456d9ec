/**
 * The door for the packages of Samsa: what users see, and what only the packages share. About the latter no promise is
 * made from one version to the next.
 */
export { unwatchAbort, watchAbort } from './abort-watch.js'
export { Backoff, type BackoffOptions } from './backoff.js'
export { BoundedQueue, type BoundedQueueOptions } from './bounded-queue.js'
export { BufferPool, type BufferPoolOptions } from './buffer-pool.js'
export * from './byte-stream.js'
export { sleepOn, timerDelay } from './clock.js'
export { optionsPage } from './config-page.js'
export { parseOptions, redactedConfig } from './config-parse.js'
export { fromProperties } from './config-properties.js'
export {
  type ConfigDefinition,
  type ConfigRule,
  configTable,
  type DraftOf,
  kafkaNames,
  kafkaTypeOf,
} from './config-table.js'
export { describeKind, type Reading, readText, readValue } from './config-value.js'
export { Deadline, settleWithin } from './deadline.js'
export { ObservedEvent, ObservedOperation, observedEvents, observedOperations } from './diagnostics.js'
export { brandError } from './errors.js'
export { Emitter, type EmitterOptions, type EventMap, type Listener } from './events.js'
export * from './index.js'
export { invariant, unreachable, violated } from './invariant.js'
export { childLogger, logLevels } from './logger.js'
export * from './memory-stream.js'
export { editDistance, nearestName } from './nearest-name.js'
export { parseProperties } from './properties-file.js'
export { type RepeatOptions, repeatEvery } from './repeated-timer.js'
export { RingBuffer } from './ring-buffer.js'
export * from './socket-stream.js'
export * from './surroundings.js'
export { WaitingLine, type WaitingLineOptions } from './waiting-line.js'
