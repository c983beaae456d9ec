/**
 * `retry`: a handler that fails is tried again after a pause, and then by way of delay topics, so that what is behind it need not
 * wait.
 */
import {
  type ConsumerRecord,
  type DeadLetterProducer,
  type HandlerContext,
  RecordDeserializationError,
  type RetryOptions,
} from '@samsa/consumer'
import { errorIn, FailurePolicy, retryComplaint } from '@samsa/consumer/internal'
import { type Clock, ConfigError, KafkaError, type Random, systemClock, systemRandom } from '@samsa/runtime'
import { configTable, hasMethods, parseOptions, surroundingRows } from '@samsa/runtime/internal'
import { reach } from './failpoint.js'
import { contextWith, type Middleware } from './middleware.js'
import { found } from './observation.js'
import { isGivenUp, isOfRecord, mayPass } from './record-fault.js'
import { placeOf } from './record-id.js'
import { attemptsMade, copyFor, originalOf, trailOf, untilDue } from './retry-trail.js'

export interface DelayTopic {
  readonly topic: string
  readonly delayMs: number
}

/** What `run()` takes as `retry`, and delay topics. */
export interface RetryMiddlewareOptions<Key, Value> extends Omit<RetryOptions, 'retryIf'> {
  /** Whether this failure is worth another attempt. Default: all but a KafkaError that is not `retriable`. */
  readonly retryIf?: ((error: unknown, record: ConsumerRecord<Key, Value>, attempt: number) => boolean) | undefined
  /**
   * Where a record goes when its attempts in place are over: the first one, then the next. Subscribe the same consumer to them; no
   * other group should. At most 20.
   */
  readonly topics?: readonly DelayTopic[] | undefined
  /** Needed with `topics`; without serdes. */
  readonly producer?: DeadLetterProducer | undefined
  /** Time, for tests. */
  readonly clock?: Clock | undefined
  /** Chance, for tests. */
  readonly random?: Random | undefined
}

const MOST_TOPICS = 20

const ROWS = {
  topics: {
    type: 'object',
    expects: `a list of at most ${MOST_TOPICS} topics, { topic, delayMs }, each there once`,
    guard: isTopicList as (value: unknown) => value is readonly DelayTopic[],
    optional: true,
    kafka: null,
    text: 'Where a record goes when its attempts in place are over.',
  },
  producer: {
    type: 'object',
    expects: 'an object with a method send',
    guard: (value => hasMethods(value, 'send')) as (value: unknown) => value is DeadLetterProducer,
    optional: true,
    kafka: null,
    text: 'Sends records to the delay topics.',
  },
  clock: surroundingRows.clock,
  random: surroundingRows.random,
} as const

const retryTable = configTable({ name: 'retry', rows: ROWS })

/**
 * A handler that fails is called again in place, `attempts` times in all, with growing pauses, in which others have its place. Then,
 * with `topics`, its record goes to the first delay topic, as it came and with headers by which it is known (`retryHeaders`), and
 * counts as handled here; read from there it waits until it is due, is tried as often, and goes to the next one. Behind the last one,
 * and when trying again cannot help, the error is thrown on. At least once: a process that dies between the copy and the commit of
 * the offset moves the record again, which an inner `dedup` notices. The order of a record that was moved and of those behind
 * it is lost.
 */
export function retry<Key, Value>(
  options: RetryMiddlewareOptions<Key, Value>,
  handler: (record: ConsumerRecord<Key, Value>, context: HandlerContext) => unknown,
): Middleware<Key, Value> {
  const { attempts, initialMs, maxMs, multiplier, jitter, retryIf = mayPass, ...others } = options
  const { topics = [], producer, clock, random } = checked(others)
  const pauses = { attempts, initialMs, maxMs, multiplier, jitter }
  const complaint = retryComplaint({ ...pauses, retryIf })
  if (complaint !== undefined) throw new ConfigError(`retry: ${complaint}.`)
  const policy = new FailurePolicy(pauses, false, random)

  const move = async (record: ConsumerRecord<Key, Value>, context: HandlerContext, error: unknown): Promise<void> => {
    const next = topics[topics.findIndex(({ topic }) => topic === record.topic) + 1]
    if (next === undefined || producer === undefined) throw error
    const { groupId } = context
    const move = { record, groupId, error, attempts: attemptsMade.get(record) ?? 1, now: clock.now() }
    try {
      await producer.send(copyFor(next, move))
    } catch (failure) {
      throw notMoved(record, next.topic, { error, failure })
    }
    reach('retry.afterSend')
    found('retry', 'delayed', record)
  }

  return async (record, context) => {
    await untilDue(record, context, clock)
    const original = originalOf(record)
    const before = (trailOf(record)?.attempts ?? 0) + context.attempt - 1
    for (let attempt = 1; ; attempt++) {
      try {
        await handler(original, contextWith(context, { attempt: before + attempt }))
        return
      } catch (error) {
        attemptsMade.set(record, before + attempt)
        const isHopeless = isGivenUp(error, context) || error instanceof RecordDeserializationError
        if (isHopeless || !retryIf(error, original, before + attempt)) throw error
        const step = policy.step(error, original as ConsumerRecord<unknown, unknown>, attempt)
        if (step.kind !== 'again') return await move(record, context, error)
        found('retry', 'retried', original)
        await context.rest(step.delayMs)
      }
    }
  }
}

function checked(options: object) {
  const config = parseOptions(retryTable, options)
  if (config.topics !== undefined && config.producer === undefined) {
    throw new ConfigError('retry: topics need a producer, which sends records there.')
  }
  return { ...config, clock: config.clock ?? systemClock, random: config.random ?? systemRandom }
}

function isTopicList(value: unknown): boolean {
  if (!Array.isArray(value) || value.length === 0 || value.length > MOST_TOPICS) return false
  const areWhole = value.every(
    (each: Partial<DelayTopic> | null) =>
      typeof each?.topic === 'string' &&
      each.topic !== '' &&
      Number.isSafeInteger(each.delayMs) &&
      (each.delayMs ?? -1) >= 0,
  )
  return areWhole && new Set(value.map(({ topic }: DelayTopic) => topic)).size === value.length
}

/** Not what the handler threw: the record has attempts left, and whoever sets records aside must not take it for hopeless. */
function notMoved(
  record: ConsumerRecord<unknown, unknown>,
  target: string,
  { error, failure }: { readonly error: unknown; readonly failure: unknown },
): KafkaError {
  const { topic, partition } = record
  const isHopeless = failure instanceof KafkaError && isOfRecord(failure)
  return new KafkaError(
    `The record at ${placeOf(record)} failed (${errorIn(error).message}), and could not be moved to ${target}: ${errorIn(failure).message}. It is not committed, so nothing is lost.`,
    { code: 'RETRY_NOT_SENT', retriable: !isHopeless, topic, partition, cause: failure },
  )
}
