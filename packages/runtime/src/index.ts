/**
 * What users of Samsa may see of its runtime: errors to catch, clocks and randomness to put in, a logger's shape, the
 * names of the channels to observe. Packages of Samsa find the rest in internal.ts.
 */
export { type Clock, type SleepOptions, systemClock, type Timer, type TimerOptions } from './clock.js'
export type { FromPropertiesOptions } from './config-properties.js'
export type {
  ConfigOf,
  ConfigTable,
  InputOf,
  InputValueOf,
  KafkaType,
  OptionKind,
  OptionRow,
  OptionRows,
  ValueOf,
} from './config-table.js'
export type { WaitOptions } from './deadline.js'
export { eventChannelNames, operationChannelNames } from './diagnostics.js'
export type * from './diagnostics-payloads.js'
export {
  AuthenticationError,
  AuthorizationError,
  BufferExhaustedError,
  CommitFailedError,
  ConcurrentModificationError,
  ConfigError,
  type ErrorClass,
  FencedError,
  KafkaError,
  type KafkaErrorDetail,
  type KafkaErrorDetailWithCode,
  type KafkaErrorOptions,
  LeaderNotAvailableError,
  LeaseLostError,
  NetworkError,
  NoOffsetForPartitionError,
  NotControllerError,
  OffsetOutOfRangeError,
  OutOfOrderSequenceError,
  PayloadMismatchError,
  ProducerFencedError,
  RebalanceInProgressError,
  RecordTooLargeError,
  SerializationError,
  TimeoutError,
  WakeupError,
} from './errors.js'
export { InvariantError } from './invariant.js'
export {
  type ConsoleLike,
  type ConsoleLoggerOptions,
  consoleLogger,
  type Logger,
  type LogLevel,
  type LogMethod,
  silentLogger,
} from './logger.js'
export { type Duration, ManualClock, type ManualClockOptions } from './manual-clock.js'
export { type Random, SeededRandom, systemRandom } from './random.js'
