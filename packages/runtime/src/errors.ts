/**
 * KafkaError, the root of every error that Samsa throws on purpose, and the named classes that users catch.
 *
 * A program may hold two installed copies of this package. Each class therefore carries its name as a brand on its
 * prototype, under a symbol that both copies share, and `instanceof` asks for the brand instead of for the one class
 * object. A class without a brand of its own (one that a user derives) is recognised in JavaScript's ordinary way.
 */
const brand = Symbol.for('samsa.error')

/** Longest chain of prototypes or of causes that is followed. */
const depthLimit = 16

export interface KafkaErrorOptions {
  /** Kafka's name of the error, or one of ours: stable, meant for `switch`. */
  readonly code: string
  /** The same call may succeed when it is made again. */
  readonly retriable?: boolean | undefined
  /** The object that threw cannot go on; close it and make a new one. */
  readonly fatal?: boolean | undefined
  /** The transaction must be aborted, after which the producer can go on. */
  readonly abortable?: boolean | undefined
  readonly topic?: string | undefined
  readonly partition?: number | undefined
  /** Where the error came from: `host:port`, with the node id when it is known. */
  readonly broker?: string | undefined
  /** The request that failed, by Kafka's name: `Produce`, `JoinGroup`. */
  readonly api?: string | undefined
  readonly cause?: unknown
}

/** What is known about an error whose class decides the code. */
export type KafkaErrorDetail = Omit<KafkaErrorOptions, 'code'>

/** What is known about an error whose class stands for several codes. */
export type KafkaErrorDetailWithCode<Code extends string> = KafkaErrorDetail & { readonly code: Code }

/** Any class of errors, whatever its constructor takes. */
export type ErrorClass<T = unknown> = abstract new (...parameters: never[]) => T

/** Every error of Samsa is one of these: switch on `code`, or ask `retriable`, `abortable` and `fatal`. */
export class KafkaError extends Error {
  declare readonly code: string
  declare readonly retriable: boolean
  declare readonly fatal: boolean
  declare readonly abortable: boolean
  declare readonly topic: string | undefined
  declare readonly partition: number | undefined
  declare readonly broker: string | undefined
  declare readonly api: string | undefined

  static {
    brandError(KafkaError, 'KafkaError')
  }

  constructor(message: string, options: KafkaErrorOptions) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause })
    if (ownBrandOf(new.target.prototype) === undefined) defineHidden(this, 'name', new.target.name)
    this.code = options.code
    this.retriable = options.retriable ?? false
    this.fatal = options.fatal ?? false
    this.abortable = options.abortable ?? false
    // What is not known is not set at all, so that a printed error shows only what it has to say.
    if (options.topic !== undefined) this.topic = options.topic
    if (options.partition !== undefined) this.partition = options.partition
    if (options.broker !== undefined) this.broker = options.broker
    if (options.api !== undefined) this.api = options.api
  }

  /** `TimeoutError.is(value)`: the same answer as `instanceof`, also for an error of another installed copy. */
  static is<T>(this: ErrorClass<T>, value: unknown): value is T {
    // biome-ignore lint/complexity/noThisInStatic: the class asked, which need not be the one that defines this
    return value instanceof this
  }

  static override [Symbol.hasInstance](this: ErrorClass, value: unknown): boolean {
    // biome-ignore lint/complexity/noThisInStatic: the class asked, which need not be the one that defines this
    return isInstance(this, value)
  }

  /** Everything but the stack, the causes included, in a form that `JSON.stringify` can always write. */
  toJSON(): Record<string, unknown> {
    return errorToJson(this, 0)
  }
}

/** It was not done in time. Make the call again, or raise the time limit that the message names. */
export class TimeoutError extends KafkaError {
  static {
    brandError(TimeoutError, 'TimeoutError')
  }
  constructor(
    message: string,
    detail: KafkaErrorDetail & { readonly code?: 'REQUEST_TIMED_OUT' | 'BUFFER_EXHAUSTED' } = {},
  ) {
    super(message, { code: 'REQUEST_TIMED_OUT', retriable: true, ...detail })
  }
}

/** The producer's memory stayed full for `maxBlockMs`. Send more slowly, or raise `bufferMemory` or `maxBlockMs`. */
export class BufferExhaustedError extends TimeoutError {
  static {
    brandError(BufferExhaustedError, 'BufferExhaustedError')
  }
  constructor(message: string, detail: KafkaErrorDetail = {}) {
    super(message, { ...detail, code: 'BUFFER_EXHAUSTED' })
  }
}

/**
 * One record is larger than the client or the topic allows. Make it smaller, or raise `maxRequestSize` and the topic's
 * `max.message.bytes`.
 */
export class RecordTooLargeError extends KafkaError {
  static {
    brandError(RecordTooLargeError, 'RecordTooLargeError')
  }
  constructor(message: string, detail: KafkaErrorDetail = {}) {
    super(message, { ...detail, code: 'MESSAGE_TOO_LARGE' })
  }
}

/** A key, value or header could not be turned into bytes or back. Look at `cause`, then at the record or its serde. */
export class SerializationError extends KafkaError {
  static {
    brandError(SerializationError, 'SerializationError')
  }
  constructor(message: string, detail: KafkaErrorDetail = {}) {
    super(message, { ...detail, code: 'SERIALIZATION_FAILED' })
  }
}

/**
 * The broker did not accept who we are. Correct the credentials, the mechanism or the certificates, then make a new
 * client.
 */
export class AuthenticationError extends KafkaError {
  static {
    brandError(AuthenticationError, 'AuthenticationError')
  }
  constructor(
    message: string,
    detail: KafkaErrorDetail & {
      readonly code?:
        | 'SASL_AUTHENTICATION_FAILED'
        | 'SSL_AUTHENTICATION_FAILED'
        | 'UNSUPPORTED_SASL_MECHANISM'
        | 'ILLEGAL_SASL_STATE'
    } = {},
  ) {
    super(message, { code: 'SASL_AUTHENTICATION_FAILED', fatal: true, ...detail })
  }
}

/** The broker knows who we are and says no. Grant the permission that `code` and the message name. */
export class AuthorizationError extends KafkaError {
  static {
    brandError(AuthorizationError, 'AuthorizationError')
  }
  constructor(
    message: string,
    detail: KafkaErrorDetailWithCode<
      | 'TOPIC_AUTHORIZATION_FAILED'
      | 'GROUP_AUTHORIZATION_FAILED'
      | 'CLUSTER_AUTHORIZATION_FAILED'
      | 'TRANSACTIONAL_ID_AUTHORIZATION_FAILED'
      | 'DELEGATION_TOKEN_AUTHORIZATION_FAILED'
    >,
  ) {
    super(message, detail)
  }
}

/**
 * The group has moved on without this consumer, so its offsets were not stored. Poll again; if it recurs, handle fewer
 * records per poll or raise `maxPollIntervalMs`.
 */
export class CommitFailedError extends KafkaError {
  static {
    brandError(CommitFailedError, 'CommitFailedError')
  }
  constructor(message: string, detail: KafkaErrorDetail = {}) {
    super(message, { ...detail, code: 'COMMIT_FAILED' })
  }
}

/** The group is being rebalanced. Poll until it has settled, then commit what is still assigned. */
export class RebalanceInProgressError extends KafkaError {
  static {
    brandError(RebalanceInProgressError, 'RebalanceInProgressError')
  }
  constructor(message: string, detail: KafkaErrorDetail = {}) {
    super(message, { ...detail, code: 'REBALANCE_IN_PROGRESS' })
  }
}

/** Another instance has taken this one's place. Stop this one; if both should run, give them different ids. */
export class FencedError extends KafkaError {
  static {
    brandError(FencedError, 'FencedError')
  }
  constructor(
    message: string,
    detail: KafkaErrorDetail & {
      readonly code?: 'FENCED' | 'FENCED_INSTANCE_ID' | 'FENCED_MEMBER_EPOCH' | 'PRODUCER_FENCED'
    } = {},
  ) {
    super(message, { code: 'FENCED', fatal: true, ...detail })
  }
}

/** A newer producer has started with the same `transactionalId`. Close this one and let the newer one work. */
export class ProducerFencedError extends FencedError {
  static {
    brandError(ProducerFencedError, 'ProducerFencedError')
  }
  constructor(message: string, detail: KafkaErrorDetail = {}) {
    super(message, { ...detail, code: 'PRODUCER_FENCED' })
  }
}

/**
 * The lease on a piece of work ran out while it was being done. Give the work up: whoever holds the lease now does it.
 */
export class LeaseLostError extends KafkaError {
  static {
    brandError(LeaseLostError, 'LeaseLostError')
  }
  constructor(message: string, detail: KafkaErrorDetail = {}) {
    super(message, { ...detail, code: 'LEASE_LOST' })
  }
}

/**
 * Two different payloads came under one id. Find out which sender reused the id: neither is a duplicate of the other.
 */
export class PayloadMismatchError extends KafkaError {
  static {
    brandError(PayloadMismatchError, 'PayloadMismatchError')
  }
  constructor(message: string, detail: KafkaErrorDetail = {}) {
    super(message, { ...detail, code: 'PAYLOAD_MISMATCH' })
  }
}

/** Two callers used one consumer at once. Await each call before the next, or use a consumer for each caller. */
export class ConcurrentModificationError extends KafkaError {
  static {
    brandError(ConcurrentModificationError, 'ConcurrentModificationError')
  }
  constructor(message: string, detail: KafkaErrorDetail = {}) {
    super(message, { ...detail, code: 'CONCURRENT_MODIFICATION' })
  }
}

/** `wakeup()` ended the call that was waiting. Nothing is wrong: do what the wakeup was for, then go on or close. */
export class WakeupError extends KafkaError {
  static {
    brandError(WakeupError, 'WakeupError')
  }
  constructor(message: string, detail: KafkaErrorDetail = {}) {
    super(message, { ...detail, code: 'WAKEUP' })
  }
}

/** There is no committed offset and `autoOffsetReset` is `none`. Seek to a position, or choose a reset policy. */
export class NoOffsetForPartitionError extends KafkaError {
  static {
    brandError(NoOffsetForPartitionError, 'NoOffsetForPartitionError')
  }
  constructor(message: string, detail: KafkaErrorDetail = {}) {
    super(message, { ...detail, code: 'NO_OFFSET_FOR_PARTITION' })
  }
}

/** The position is outside what the partition holds. Seek to an offset that exists, or choose a reset policy. */
export class OffsetOutOfRangeError extends KafkaError {
  static {
    brandError(OffsetOutOfRangeError, 'OffsetOutOfRangeError')
  }
  constructor(message: string, detail: KafkaErrorDetail = {}) {
    super(message, { ...detail, code: 'OFFSET_OUT_OF_RANGE' })
  }
}

/**
 * The broker has not got the records before these. Some may be lost: check the topic; abort if a transaction is open.
 */
export class OutOfOrderSequenceError extends KafkaError {
  static {
    brandError(OutOfOrderSequenceError, 'OutOfOrderSequenceError')
  }
  constructor(message: string, detail: KafkaErrorDetail = {}) {
    super(message, { ...detail, code: 'OUT_OF_ORDER_SEQUENCE_NUMBER' })
  }
}

/**
 * The partition has no leader just now. Wait and try again; if it lasts, look at the brokers that hold its replicas.
 */
export class LeaderNotAvailableError extends KafkaError {
  static {
    brandError(LeaderNotAvailableError, 'LeaderNotAvailableError')
  }
  constructor(message: string, detail: KafkaErrorDetail = {}) {
    super(message, { retriable: true, ...detail, code: 'LEADER_NOT_AVAILABLE' })
  }
}

/** The broker asked is not the controller any more. Try again: the new controller is looked up first. */
export class NotControllerError extends KafkaError {
  static {
    brandError(NotControllerError, 'NotControllerError')
  }
  constructor(message: string, detail: KafkaErrorDetail = {}) {
    super(message, { retriable: true, ...detail, code: 'NOT_CONTROLLER' })
  }
}

/** The connection failed or was lost. Try again; if it lasts, check the address, the network and the broker. */
export class NetworkError extends KafkaError {
  static {
    brandError(NetworkError, 'NetworkError')
  }
  constructor(message: string, detail: KafkaErrorDetail = {}) {
    super(message, { retriable: true, ...detail, code: 'NETWORK_EXCEPTION' })
  }
}

/** An option is unknown, missing, ill-typed or out of range. Correct the options that the message names. */
export class ConfigError extends KafkaError {
  static {
    brandError(ConfigError, 'ConfigError')
  }
  constructor(message: string, detail: KafkaErrorDetail = {}) {
    super(message, { ...detail, code: 'INVALID_CONFIG' })
  }
}

/**
 * Gives a class its brand and its `name`, both on the prototype: a minifier cannot change them, and they cost an
 * instance nothing. Called in the static block of every error class that users may catch.
 */
export function brandError(errorClass: { readonly prototype: object }, name: string): void {
  defineHidden(errorClass.prototype, brand, name)
  defineHidden(errorClass.prototype, 'name', name)
}

function isInstance(errorClass: ErrorClass, value: unknown): boolean {
  const name = ownBrandOf(errorClass.prototype)
  return name === undefined ? Function.prototype[Symbol.hasInstance].call(errorClass, value) : carriesBrand(value, name)
}

function defineHidden(target: object, key: PropertyKey, value: string): void {
  Object.defineProperty(target, key, { value, enumerable: false, writable: true, configurable: true })
}

function ownBrandOf(prototype: unknown): string | undefined {
  if (typeof prototype !== 'object' || prototype === null) return undefined
  const value: unknown = Object.getOwnPropertyDescriptor(prototype, brand)?.value
  return typeof value === 'string' ? value : undefined
}

function carriesBrand(value: unknown, name: string): boolean {
  if (typeof value !== 'object' || value === null) return false
  let prototype: unknown = Object.getPrototypeOf(value)
  for (let depth = 0; depth < depthLimit && typeof prototype === 'object' && prototype !== null; depth++) {
    if (ownBrandOf(prototype) === name) return true
    prototype = Object.getPrototypeOf(prototype)
  }
  return false
}

interface ErrorJson {
  name: string
  message: string
  errors?: unknown
  cause?: unknown
  [detail: string]: unknown
}

function errorToJson(error: Error, depth: number): ErrorJson {
  const json: ErrorJson = { name: error.name, message: error.message }
  for (const [key, value] of Object.entries(error)) json[key] = plainValue(value, depth)
  if (error instanceof AggregateError) json.errors = plainValue(error.errors, depth)
  if (error.cause !== undefined) json.cause = plainValue(error.cause, depth)
  return json
}

/**
 * What JSON has no word for becomes text; errors are opened up to the depth limit, other objects only if plain data.
 */
function plainValue(value: unknown, depth: number): unknown {
  if (value instanceof Error) {
    return depth < depthLimit ? errorToJson(value, depth + 1) : `${value.name}: ${value.message}`
  }
  if (typeof value === 'number' || typeof value === 'boolean' || typeof value === 'string') return value
  if (value === null || value === undefined) return value
  if (typeof value !== 'object') return String(value)
  if (depth >= depthLimit) return '[…]'
  if (Array.isArray(value)) return value.slice(0, 100).map(item => plainValue(item, depth + 1))
  if (Object.getPrototypeOf(value) !== Object.prototype) return Object.prototype.toString.call(value)
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, plainValue(item, depth + 1)]))
}
