/**
 * Events of a history: what producers and consumers were asked for and what came of it, one JSON document a line. Here are
 * their types, and the check of a line that somebody else has written.
 */
import { KafkaError } from '@samsa/runtime'

/** How an operation stands: asked for, done, certainly not done, or nobody knows. */
export type HistoryOutcome = 'invoke' | 'ok' | 'fail' | 'info'

export interface HistoryPlace {
  readonly topic: string
  readonly partition: number
}

export interface HistoryOffset extends HistoryPlace {
  readonly offset: number
}

/** `id` is null where the record was not sent by anybody who writes this history. */
export interface HistoryRecord extends HistoryOffset {
  readonly id: string | null
}

export interface HistoryEnd extends HistoryPlace {
  readonly lastStableOffset: number
  readonly highWatermark: number
}

/** A process is one producer or one consumer, from its making to its end. */
interface OfProcess {
  readonly process: string
}

export interface SendEvent extends OfProcess {
  readonly op: 'send'
  readonly type: HistoryOutcome
  /** No other record of the history has it. */
  readonly id: string
  /** With `invoke` and `ok`. */
  readonly topic?: string | undefined
  /** With `ok`; with `invoke` where the application chose it. */
  readonly partition?: number | undefined
  /** With `ok`. */
  readonly offset?: number | undefined
  /** With `invoke`: the transaction that it is part of. */
  readonly transaction?: string | undefined
  /** With `invoke`: the id of the record that it was made of. */
  readonly input?: string | undefined
  readonly error?: string | undefined
}

export interface TransactionEvent extends OfProcess {
  readonly op: 'begin' | 'commit' | 'abort'
  readonly type: HistoryOutcome
  /** No other transaction of the history has it. */
  readonly transaction: string
  readonly error?: string | undefined
}

export interface OffsetsEvent extends OfProcess {
  readonly op: 'offsets'
  readonly type: HistoryOutcome
  readonly group: string
  /** Undefined where they were committed by themselves. */
  readonly transaction?: string | undefined
  readonly offsets: readonly HistoryOffset[]
  readonly error?: string | undefined
}

export interface PollEvent extends OfProcess {
  readonly op: 'poll'
  /** In the order in which they were handed out. */
  readonly records: readonly HistoryRecord[]
  readonly isolation?: 'readCommitted' | 'readUncommitted' | undefined
}

/** From here on nothing is expected of the order in which these partitions are read, but for `offset` where it is there. */
export interface PartitionsEvent extends OfProcess {
  readonly op: 'assigned' | 'revoked' | 'lost' | 'seek'
  readonly partitions: readonly (HistoryPlace & { readonly offset?: number | undefined })[]
}

/** The process was handed everything that there is when the history ends. */
export interface CaughtUpEvent extends OfProcess {
  readonly op: 'caughtUp'
}

/** What somebody reads, committed and from the beginning, who comes when all is over; as many such lines as it takes. */
export interface RemainsEvent {
  readonly op: 'remains'
  /** All of whose records are told; one without any must be named. */
  readonly topics: readonly string[]
  readonly records: readonly HistoryRecord[]
}

export interface EndsEvent {
  readonly op: 'ends'
  readonly partitions: readonly HistoryEnd[]
}

/** Where a group goes on when all is over. */
export interface GroupEvent {
  readonly op: 'group'
  readonly group: string
  readonly offsets: readonly HistoryOffset[]
  /** Every record that the group is past was to have an output: one that names it as its input. */
  readonly copies?: boolean | undefined
}

export type HistoryEvent =
  | SendEvent
  | TransactionEvent
  | OffsetsEvent
  | PollEvent
  | PartitionsEvent
  | CaughtUpEvent
  | RemainsEvent
  | EndsEvent
  | GroupEvent

type Check = (value: unknown) => boolean

const isText: Check = value => typeof value === 'string' && value !== ''
const isOffset: Check = value => Number.isSafeInteger(value) && Number(value) >= 0
const isOutcome: Check = value => ['invoke', 'ok', 'fail', 'info'].includes(String(value))
const isFlag: Check = value => typeof value === 'boolean'
const optional =
  (check: Check): Check =>
  value =>
    value === undefined || check(value)
const listOf =
  (check: Check): Check =>
  value =>
    Array.isArray(value) && value.every(check)
const shape =
  (fields: Readonly<Record<string, Check>>): Check =>
  value =>
    isObject(value) && Object.entries(fields).every(([name, check]) => check(value[name]))

const place = { topic: isText, partition: isOffset }
const offsets = listOf(shape({ ...place, offset: isOffset }))
const records = listOf(shape({ ...place, offset: isOffset, id: value => value === null || isText(value) }))

const transaction = { process: isText, type: isOutcome, transaction: isText, error: optional(isText) }
const partitions = { process: isText, partitions: listOf(shape({ ...place, offset: optional(isOffset) })) }

const fieldsByOp: Readonly<Record<HistoryEvent['op'], Readonly<Record<string, Check>>>> = {
  send: {
    process: isText,
    type: isOutcome,
    id: isText,
    topic: optional(isText),
    partition: optional(isOffset),
    offset: optional(isOffset),
    transaction: optional(isText),
    input: optional(isText),
    error: optional(isText),
  },
  begin: transaction,
  commit: transaction,
  abort: transaction,
  offsets: {
    process: isText,
    type: isOutcome,
    group: isText,
    transaction: optional(isText),
    offsets,
    error: optional(isText),
  },
  poll: {
    process: isText,
    records,
    isolation: optional(value => value === 'readCommitted' || value === 'readUncommitted'),
  },
  assigned: partitions,
  revoked: partitions,
  lost: partitions,
  seek: partitions,
  caughtUp: { process: isText },
  remains: { topics: listOf(isText), records },
  ends: { partitions: listOf(shape({ ...place, lastStableOffset: isOffset, highWatermark: isOffset })) },
  group: { group: isText, offsets, copies: optional(isFlag) },
}

/** Fields that are not known are left alone: a history may hold more than is checked. */
export function historyEvent(value: unknown, line: number): HistoryEvent {
  if (!isObject(value)) throw invalidHistory('it is no JSON object', line)
  const { op } = value
  if (typeof op !== 'string' || !Object.hasOwn(fieldsByOp, op)) {
    throw invalidHistory(`its op must be one of ${Object.keys(fieldsByOp).join(', ')}, got ${shown(op)}`, line)
  }
  for (const [name, check] of Object.entries(fieldsByOp[op as HistoryEvent['op']])) {
    if (check(value[name])) continue
    const isThere = value[name] !== undefined
    const what = isThere ? `the ${name} of a ${op} cannot be ${shown(value[name])}` : `a ${op} needs ${name}`
    throw invalidHistory(what, line)
  }
  const isPlaced = value['topic'] !== undefined && (value['type'] !== 'ok' || value['partition'] !== undefined)
  const needsPlace = op === 'send' && (value['type'] === 'invoke' || value['type'] === 'ok')
  if (needsPlace && !isPlaced)
    throw invalidHistory(`a send with type ${value['type']} needs the place of its record`, line)
  return value as unknown as HistoryEvent
}

/** Lines are counted from 1; events that come from elsewhere are counted too. */
export function invalidHistory(what: string, line: number): KafkaError {
  return new KafkaError(`This is no history that can be checked. Line ${line}: ${what}.`, { code: 'INVALID_HISTORY' })
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function shown(value: unknown): string {
  return String(JSON.stringify(value)).slice(0, 80)
}
