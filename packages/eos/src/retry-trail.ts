/**
 * The trail of a record through delay topics: headers that say where it first was, how often it failed, and when it is due. By
 * them a copy is known as the record that it is a copy of.
 */
import type { ConsumerRecord, DeadLetterRecord, HandlerContext } from '@samsa/consumer'
import { errorIn, type RecordOrigin, recordFrom } from '@samsa/consumer/internal'
import type { Clock } from '@samsa/runtime'

/** Behind the headers that the record had; times are milliseconds since 1970. */
export const retryHeaders = {
  /** The delay topic that this copy is for. In any other topic the trail means nothing. */
  delayTopic: 'retry-delay-topic',
  topic: 'retry-topic',
  partition: 'retry-partition',
  offset: 'retry-offset',
  timestamp: 'retry-timestamp',
  groupId: 'retry-group-id',
  attempts: 'retry-attempts',
  firstFailureAt: 'retry-first-failure-at',
  lastFailureAt: 'retry-last-failure-at',
  dueAt: 'retry-due-at',
  errorName: 'retry-error-name',
  errorMessage: 'retry-error-message',
} as const

const OWN_NAMES: ReadonlySet<string> = new Set(Object.values(retryHeaders))

export interface Trail {
  readonly origin: RecordOrigin
  readonly attempts: number
  readonly firstFailureAt: number
  readonly lastFailureAt: number
  readonly dueAt: number
}

/** Of a copy in the delay topic that it was made for; undefined of any other record. */
export function trailOf(record: ConsumerRecord<unknown, unknown>): Trail | undefined {
  if (record.header(retryHeaders.delayTopic) !== record.topic) return undefined
  const topic = record.header(retryHeaders.topic)
  const offset = wholeNumber(record, 'offset')
  const numbers = {
    partition: wholeNumber(record, 'partition'),
    timestamp: wholeNumber(record, 'timestamp'),
    attempts: wholeNumber(record, 'attempts'),
    firstFailureAt: wholeNumber(record, 'firstFailureAt'),
    lastFailureAt: wholeNumber(record, 'lastFailureAt'),
    dueAt: wholeNumber(record, 'dueAt'),
  }
  const isWhole = Object.values(numbers).every(number => number !== undefined)
  if (topic === undefined || topic === '' || offset === undefined || !isWhole) return undefined
  const { partition, timestamp, ...times } = numbers as Readonly<Record<keyof typeof numbers, number>>
  return { origin: { topic, partition, offset: BigInt(offset), timestamp }, ...times }
}

/** As it was before it was moved: what helpers, and a key of topic and offset, see is the same each time. */
export function originalOf<Key, Value>(record: ConsumerRecord<Key, Value>): ConsumerRecord<Key, Value> {
  const trail = trailOf(record)
  return trail === undefined ? record : recordFrom(record, trail.origin)
}

/**
 * When a copy is due. Never longer than its delay from now on, whatever the clock said that wrote it. Others have the handler's place
 * meanwhile, and neither a rebalance nor the end of a run waits for it.
 */
export async function untilDue(
  record: ConsumerRecord<unknown, unknown>,
  context: HandlerContext,
  clock: Clock,
): Promise<void> {
  const trail = trailOf(record)
  if (trail === undefined) return
  const leftMs = Math.min(trail.dueAt - clock.now(), trail.dueAt - trail.lastFailureAt)
  if (leftMs > 0) await context.rest(leftMs)
}

export interface Move {
  readonly record: ConsumerRecord<unknown, unknown>
  readonly groupId: string | undefined
  readonly error: unknown
  /** With those before it was moved the last time. */
  readonly attempts: number
  readonly now: number
}

/** The time of the copy is its own: by the record's, a topic that keeps records for days might remove it at once. */
export function copyFor(
  { topic, delayMs }: { readonly topic: string; readonly delayMs: number },
  { record, groupId, error, attempts, now }: Move,
): DeadLetterRecord {
  const trail = trailOf(record)
  const origin = trail?.origin ?? record
  const { name, message } = errorIn(error)
  const added: [string, string][] = [
    [retryHeaders.delayTopic, topic],
    [retryHeaders.topic, origin.topic],
    [retryHeaders.partition, String(origin.partition)],
    [retryHeaders.offset, String(origin.offset)],
    [retryHeaders.timestamp, String(origin.timestamp)],
    [retryHeaders.attempts, String(attempts)],
    [retryHeaders.firstFailureAt, String(trail?.firstFailureAt ?? now)],
    [retryHeaders.lastFailureAt, String(now)],
    [retryHeaders.dueAt, String(now + delayMs)],
    [retryHeaders.errorName, name],
    [retryHeaders.errorMessage, message],
  ]
  if (groupId !== undefined) added.push([retryHeaders.groupId, groupId])
  const kept = record.headers.filter(({ key }) => !OWN_NAMES.has(key)).map(({ key, value }) => [key, value] as const)
  return { topic, key: record.keyBytes, value: record.valueBytes, headers: [...kept, ...added] }
}

/** How often the handling of a record has been tried, for those around `retry`, who do not see its attempts. */
export const attemptsMade: WeakMap<object, number> = new WeakMap()

function wholeNumber(
  record: ConsumerRecord<unknown, unknown>,
  name: Exclude<keyof typeof retryHeaders, 'topic' | 'groupId'>,
): number | undefined {
  const text = record.header(retryHeaders[name])
  const number = text === undefined || !/^-?\d{1,16}$/.test(text) ? undefined : Number(text)
  // Logs that are too old for timestamps have -1.
  const least = name === 'timestamp' ? -1 : 0
  return number !== undefined && Number.isSafeInteger(number) && number >= least ? number : undefined
}
