/**
 * What an error means for a transaction: the one place where a code, answered to one of its requests or to a record,
 * becomes what happens to it. Pure.
 */
import { errorByName, errorOf } from '@samsa/protocol'
import { CommitFailedError, KafkaError, ProducerFencedError } from '@samsa/runtime'
import type { TransactionRequest } from './transaction-states.js'

export type Verdict =
  /** The same request again, after a pause. */
  | 'retry'
  /** Again, after a short pause: what is in its way takes milliseconds. */
  | 'soon'
  | 'find-coordinator'
  /** Not now: the same call succeeds when the right is granted. */
  | 'denied'
  /** The transaction can only be aborted. */
  | 'abortable'
  /** The producer can only be closed. */
  | 'fatal'
  /** Fatal, because another producer has the transactional id. */
  | 'fenced'

/** What is wrong with one partition of an answer, or with all of it. */
export interface Finding {
  readonly code: number
  readonly topic?: string | undefined
  readonly partition?: number | undefined
}

export interface Failure {
  readonly verdict: Verdict
  readonly error: KafkaError
}

type Verdicts = Readonly<Record<string, Verdict>>

const OF_ANY: Verdicts = {
  CONCURRENT_TRANSACTIONS: 'soon',
  PRODUCER_FENCED: 'fenced',
  INVALID_PRODUCER_EPOCH: 'fenced',
  TRANSACTION_ABORTABLE: 'abortable',
  UNKNOWN_PRODUCER_ID: 'abortable',
}

const OF_REQUEST: Readonly<Record<TransactionRequest, Verdicts>> = {
  InitProducerId: { TRANSACTIONAL_ID_AUTHORIZATION_FAILED: 'denied', CLUSTER_AUTHORIZATION_FAILED: 'denied' },
  AddPartitionsToTxn: { TOPIC_AUTHORIZATION_FAILED: 'abortable', OPERATION_NOT_ATTEMPTED: 'abortable' },
  AddOffsetsToTxn: { GROUP_AUTHORIZATION_FAILED: 'abortable' },
  TxnOffsetCommit: {
    GROUP_AUTHORIZATION_FAILED: 'abortable',
    TOPIC_AUTHORIZATION_FAILED: 'abortable',
    ILLEGAL_GENERATION: 'abortable',
    UNKNOWN_MEMBER_ID: 'abortable',
    STALE_MEMBER_EPOCH: 'abortable',
    FENCED_INSTANCE_ID: 'abortable',
    REQUEST_TIMED_OUT: 'find-coordinator',
    // Also of a coordinator that is there: something else of the transaction is just being entered (KIP-890).
    COORDINATOR_LOAD_IN_PROGRESS: 'soon',
  },
  EndTxn: {},
}

/** For codes that stand in neither table, their reaction decides; what cannot be retried is fatal. */
export function verdictOf(request: TransactionRequest, name: string): Verdict {
  const known = OF_REQUEST[request][name] ?? OF_ANY[name]
  if (known !== undefined) return known
  const reaction = errorByName(name)?.reaction
  if (reaction === 'retry' || reaction === 'refresh') return 'retry'
  return reaction === 'find-coordinator' ? 'find-coordinator' : 'fatal'
}

const GRAVITY: readonly Verdict[] = ['soon', 'retry', 'find-coordinator', 'denied', 'abortable', 'fatal', 'fenced']

/** The gravest of what an answer says; undefined when nothing is wrong. */
export function gravest(request: TransactionRequest, findings: readonly Finding[]): Failure | undefined {
  const failures = findings
    .filter(({ code }) => code !== 0)
    .map(({ code, topic, partition }) => failureOf(request, errorOf(code, { api: request, topic, partition })))
  // That only says that another part has failed.
  const causes = failures.filter(({ error }) => error.code !== 'OPERATION_NOT_ATTEMPTED')
  const [first, ...others] = causes.length > 0 ? causes : failures
  if (first === undefined) return undefined
  return others.reduce((worst, each) => (gravityOf(each) > gravityOf(worst) ? each : worst), first)
}

function gravityOf({ verdict }: Failure): number {
  return GRAVITY.indexOf(verdict)
}

/** The error as users are to see it: its flags say what they can do. */
export function failureOf(request: TransactionRequest, cause: KafkaError): Failure {
  const verdict = verdictOf(request, cause.code)
  return { verdict, error: told(verdict, cause) }
}

function told(verdict: Verdict, cause: KafkaError): KafkaError {
  const { api, topic, partition, broker } = cause
  const where = { api, topic, partition, broker, cause }
  if (verdict === 'fenced') {
    return new ProducerFencedError(
      'Another producer has taken over the transactionalId, or the transaction was open for longer than transactionTimeoutMs.',
      { ...where, fatal: true },
    )
  }
  if (verdict === 'abortable') {
    if (
      cause.code === 'ILLEGAL_GENERATION' ||
      cause.code === 'UNKNOWN_MEMBER_ID' ||
      cause.code === 'STALE_MEMBER_EPOCH'
    )
      return new CommitFailedError('The group has moved on without this consumer: abort the transaction.', {
        ...where,
        abortable: true,
      })
    return asAbortable(cause)
  }
  return verdict === 'fatal' ? asFatal(cause) : cause
}

const FATAL_FOR_RECORDS = new Set([
  'CLUSTER_AUTHORIZATION_FAILED',
  'TRANSACTIONAL_ID_AUTHORIZATION_FAILED',
  'PRODUCER_FENCED',
  'UNSUPPORTED_VERSION',
  'INVALID_PRODUCER_ID_MAPPING',
])

/**
 * A record was not delivered. An epoch that is too old does not say by itself that the producer is fenced: the end of the
 * transaction will.
 */
export function recordFailure(cause: KafkaError): Failure {
  if (cause.code === 'PRODUCER_FENCED') return { verdict: 'fenced', error: told('fenced', cause) }
  if (FATAL_FOR_RECORDS.has(cause.code)) return { verdict: 'fatal', error: told('fatal', cause) }
  const { api, topic, partition, broker } = cause
  const error = new KafkaError(
    `A record of the transaction was not delivered, so it can only be aborted: ${cause.message}`,
    {
      code: 'TRANSACTION_ABORTABLE',
      abortable: true,
      api,
      topic,
      partition,
      broker,
      cause,
    },
  )
  return { verdict: 'abortable', error }
}

/** The same error, of a transaction that can only be aborted. */
export function asAbortable(cause: KafkaError): KafkaError {
  return withFlags(cause, { abortable: true, fatal: false })
}

export function asFatal(cause: KafkaError): KafkaError {
  return withFlags(cause, { abortable: false, fatal: true })
}

function withFlags(cause: KafkaError, flags: { readonly abortable: boolean; readonly fatal: boolean }): KafkaError {
  const { abortable, fatal, retriable, api, topic, partition, broker } = cause
  if (abortable === flags.abortable && fatal === flags.fatal && !retriable) return cause
  const detail = { ...flags, retriable: false, api, topic, partition, broker, cause }
  const code = errorByName(cause.code)?.code
  return code === undefined ? new KafkaError(cause.message, { ...detail, code: cause.code }) : errorOf(code, detail)
}
