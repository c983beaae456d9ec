/**
 * Whose fault it is that a transaction was not committed: a record's, so that it counts as an attempt; nobody's, so that the
 * same again may help; or such that the loop must end. Pure.
 */
import { RecordDeserializationError } from '@samsa/consumer'
import {
  AuthenticationError,
  AuthorizationError,
  CommitFailedError,
  KafkaError,
  PayloadMismatchError,
} from '@samsa/runtime'
import { MissingIdError } from '../record-id.js'

export type Fault = 'record' | 'hopeless-record' | 'passing' | 'loop'

export interface Failure {
  readonly error: unknown
  /** How far the transaction had come. */
  readonly stage: 'begin' | 'work' | 'commit'
  /** The first that was sent and failed. */
  readonly sendError: unknown
}

/** What a producer or broker refuses because of the record itself. */
const OF_RECORDS: ReadonlySet<string> = new Set([
  'MESSAGE_TOO_LARGE',
  'RECORD_LIST_TOO_LARGE',
  'SERIALIZATION_FAILED',
  'INVALID_RECORD',
  'INVALID_TIMESTAMP',
  'INVALID_TOPIC_EXCEPTION',
  'INVALID_PARTITION',
  'PARTITIONER_FAILED',
])

const CLOSED: ReadonlySet<string> = new Set(['PRODUCER_CLOSED', 'CONSUMER_CLOSED', 'CLIENT_CLOSED'])
const MOST_CAUSES = 8

/** `counts` says of what the work threw whether that is a record's fault. */
export function faultOf({ error, stage, sendError }: Failure, counts: (error: unknown) => boolean = () => true): Fault {
  const refused = sendError ?? (saysOnlyAborted(error) ? error : undefined)
  if (refused !== undefined) return faultOfSending(refused)
  // What the application throws may be anything, and says nothing of the producer.
  if (stage === 'work') {
    if (!counts(error)) return 'passing'
    return isHopeless(error) ? 'hopeless-record' : 'record'
  }
  return faultOfKafka(error)
}

/** The record was not sent since something else has failed, or was to be aborted. */
export function saysOnlyAborted(error: unknown): boolean {
  return error instanceof KafkaError && error.code === 'TRANSACTION_ABORTED'
}

/** Of what the consumer or the coordinators said. */
export function faultOfKafka(error: unknown): 'passing' | 'loop' {
  const causes = causesOf(error)
  if (causes.length === 0 || endsLoop(causes)) return 'loop'
  const isPassing = causes.some(cause => cause.retriable || cause.abortable || cause instanceof CommitFailedError)
  return isPassing ? 'passing' : 'loop'
}

function faultOfSending(error: unknown): Fault {
  const causes = causesOf(error)
  if (endsLoop(causes)) return 'loop'
  // A partitioner or an interceptor threw what it liked.
  if (causes.length === 0 || causes.some(({ code }) => OF_RECORDS.has(code))) return 'record'
  return 'passing'
}

/**
 * A fatal error further down does not count: a batch that is refused for its epoch makes its transaction one to abort, and only
 * the end of that says whether the producer is fenced.
 */
function endsLoop(causes: readonly KafkaError[]): boolean {
  const isRefused = (error: KafkaError): boolean =>
    error instanceof AuthorizationError || error instanceof AuthenticationError || CLOSED.has(error.code)
  return causes[0]?.fatal === true || causes.some(isRefused)
}

/** The same record would fail in the same way. */
function isHopeless(error: unknown): boolean {
  return (
    error instanceof RecordDeserializationError ||
    error instanceof MissingIdError ||
    error instanceof PayloadMismatchError
  )
}

function causesOf(error: unknown): readonly KafkaError[] {
  const causes: KafkaError[] = []
  for (let cause = error; cause instanceof KafkaError && causes.length < MOST_CAUSES; cause = cause.cause) {
    causes.push(cause)
  }
  return causes
}
