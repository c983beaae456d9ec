/**
 * `deadLetter`: a record that cannot be handled is set aside, in a topic of its own, with headers that say where from and why.
 */
import type { ConsumerRecord, DeadLetterProducer, HandlerContext } from '@samsa/consumer'
import { type DeadLetterOptions, deadLetterOf, isDeadLetterOptions } from '@samsa/consumer/internal'
import { type Clock, ConfigError, KafkaError, systemClock } from '@samsa/runtime'
import { configTable, hasMethods, parseOptions, surroundingRows } from '@samsa/runtime/internal'
import { type Delivery, DeliveryCount } from './delivery-count.js'
import { reach } from './failpoint.js'
import { keptFor } from './kept-for.js'
import type { Middleware } from './middleware.js'
import { found } from './observation.js'
import { isGivenUp, isOfRecord } from './record-fault.js'
import { placeOf } from './record-id.js'
import { attemptsMade, originalOf, untilDue } from './retry-trail.js'
import type { LeaseStore } from './store/lease-store.js'
import { VersionError } from './version-error.js'

export interface DeadLetterMiddlewareOptions<Key, Value> {
  /** Without serdes. */
  readonly producer: DeadLetterProducer
  /** Its name, or what gives the name for a record. */
  readonly topic: string | ((record: ConsumerRecord<Key, Value>, error: unknown) => string)
  /**
   * Whether this failure sets the record aside; what else failed is thrown on, and the record comes again. Default: all but what is
   * no fault of the record's, which are errors that are `retriable` or `fatal`, and wrong settings and permissions; a VersionError
   * too that an inner `retry` has given up on.
   */
  readonly when?: ((error: unknown, record: ConsumerRecord<Key, Value>) => boolean) | undefined
  /** How often a record may be handed to the handler, whatever became of it; behind that it is set aside. Needs `store`. Default: 20. */
  readonly maxDeliveries?: number | undefined
  /** Counts deliveries where a crash does not take the count along. Without it they are not counted. */
  readonly store?: LeaseStore | undefined
  /** Whose deliveries these are. Default: the consumer's group. */
  readonly scope?: string | undefined
  /** How long a count is kept behind the last delivery. Default: 14 days. */
  readonly ttlMs?: number | undefined
  /** Told why a dead letter could not be sent; what its handler threw is thrown on then. */
  readonly onSendFailure?: ((failure: unknown, record: ConsumerRecord<Key, Value>) => void) | undefined
  /** Time, for tests. */
  readonly clock?: Clock | undefined
}

const ROWS = {
  producer: { type: 'object', required: true, kafka: null, text: 'Sends dead letters.' },
  topic: {
    type: 'either',
    of: [{ type: 'string', nonEmpty: true }, { type: 'function' }],
    required: true,
    kafka: null,
    text: 'Where dead letters go.',
  },
  when: { type: 'function', optional: true, kafka: null, text: 'Whether this failure sets the record aside.' },
  maxDeliveries: {
    type: 'integer',
    min: 1,
    max: 1_000_000,
    optional: true,
    kafka: null,
    text: 'How often a record may be handed to the handler.',
  },
  store: { type: 'object', optional: true, kafka: null, text: 'Where deliveries are counted.' },
  scope: { type: 'string', nonEmpty: true, optional: true, kafka: null, text: 'Whose deliveries these are.' },
  ttlMs: { ...keptFor, text: 'How long a count is kept.' },
  onSendFailure: { type: 'function', optional: true, kafka: null, text: 'Told why a dead letter could not be sent.' },
  clock: surroundingRows.clock,
} as const

const deadLetterTable = configTable({ name: 'deadLetter', rows: ROWS })
const DEFAULT_MAX_DELIVERIES = 20

/**
 * A record whose handler fails for a reason of its own is sent to the dead letters, as it came, with headers (`deadLetterHeaders`),
 * and counts as handled when that letter is safe. With a `store`, so is one that was handed to its handler more than
 * `maxDeliveries` times, also when each of them ended the process. At least once: a process that dies behind the letter and
 * before the commit may send it again. When it cannot be sent, what the handler threw is thrown on: the record is not
 * committed, and nothing is lost. Not covered: records that are handled beside one that ends the process are counted with it.
 */
export function deadLetter<Key, Value>(
  options: DeadLetterMiddlewareOptions<Key, Value>,
  handler: (record: ConsumerRecord<Key, Value>, context: HandlerContext) => unknown,
): Middleware<Key, Value> {
  const { maxDeliveries, counting, clock } = checked(options)
  const { when = isOfRecord, onSendFailure } = options
  const isMeant = (error: unknown, record: ConsumerRecord<Key, Value>, original: ConsumerRecord<Key, Value>): boolean =>
    when(error, original) || (options.when === undefined && error instanceof VersionError && attemptsMade.has(record))
  const letters = { producer: options.producer, topic: options.topic as DeadLetterOptions['topic'] }

  const bury = async (
    record: ConsumerRecord<Key, Value>,
    context: HandlerContext,
    error: unknown,
    attempts: number,
  ) => {
    const { groupId } = context
    try {
      await letters.producer.send(deadLetterOf(letters, { record, error, attempts, groupId }))
    } catch (failure) {
      onSendFailure?.(failure, record)
      throw error
    }
    reach('deadLetter.afterSend')
    found('deadLetter', 'deadLetter', record)
  }

  return async (record, context) => {
    const original = originalOf(record)
    let delivery: Delivery | undefined
    if (counting !== undefined) {
      // A copy that is not due yet is not handed over, and a rebalance while it waits does not count.
      await untilDue(record, context, clock)
      delivery = await counting.begin(original, context)
      if (delivery.isBuried) {
        found('deadLetter', 'duplicate', original)
        return
      }
      reach('deadLetter.afterCount')
      if (delivery.deliveries > maxDeliveries) {
        await bury(original, context, tooManyDeliveries(original, maxDeliveries), delivery.deliveries - 1)
        await counting.bury(delivery)
        return
      }
    }
    try {
      await handler(record, context)
    } catch (error) {
      if (isGivenUp(error, context) || !isMeant(error, record, original)) throw error
      await bury(original, context, error, attemptsMade.get(record) ?? delivery?.deliveries ?? context.attempt)
      if (delivery !== undefined) await counting?.bury(delivery)
      return
    }
    if (delivery !== undefined) await counting?.forget(delivery)
  }
}

function checked<Key, Value>(options: DeadLetterMiddlewareOptions<Key, Value>) {
  const { maxDeliveries, scope, ttlMs, clock = systemClock } = parseOptions(deadLetterTable, options)
  const { store } = options
  if (!isDeadLetterOptions(options)) {
    throw new ConfigError('deadLetter: the producer needs a method send.')
  }
  if (maxDeliveries !== undefined && store === undefined) {
    throw new ConfigError('deadLetter: maxDeliveries needs a store, where deliveries are counted.')
  }
  if (store !== undefined && !hasMethods(store, 'claim', 'complete')) {
    throw new ConfigError('deadLetter: the store needs claim and complete; this one cannot count deliveries.')
  }
  const counting = store === undefined ? undefined : new DeliveryCount({ store, scope, ttlMs, clock })
  return { maxDeliveries: maxDeliveries ?? DEFAULT_MAX_DELIVERIES, counting, clock }
}

function tooManyDeliveries(record: ConsumerRecord<unknown, unknown>, most: number): KafkaError {
  const { topic, partition } = record
  return new KafkaError(
    `The record at ${placeOf(record)} was handed to its handler ${most} times and was not finished: its process may have died each time.`,
    { code: 'TOO_MANY_DELIVERIES', topic, partition },
  )
}
