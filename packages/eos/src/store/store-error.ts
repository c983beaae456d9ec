/**
 * Errors that every store has in common.
 */
import { KafkaError } from '@samsa/runtime'

export function inconsistentTopicId(topic: string, partition: number): KafkaError {
  return new KafkaError(
    `The offset that is stored for ${topic}-${partition} belongs to an earlier topic of that name. Decide where to begin in the new one, and remove the stored offset.`,
    { code: 'INCONSISTENT_TOPIC_ID', topic, partition },
  )
}

/** The database itself would not; what a handler's own statements threw is left as it is. */
export function storeFailed(what: string, cause: unknown): KafkaError {
  const reason = cause instanceof Error ? cause.message : String(cause)
  return new KafkaError(`The store could not ${what}: ${reason}.`, { code: 'STORE_FAILED', retriable: true, cause })
}

export function transactionIsOver(): KafkaError {
  return new KafkaError(
    'This transaction is over, so nothing can be done through it: await everything that a handler does with tx before it returns.',
    { code: 'TRANSACTION_OVER' },
  )
}

export function storeClosed(): KafkaError {
  return new KafkaError('The store is closed; make a new one.', { code: 'STORE_CLOSED', fatal: true })
}

/** The connection was lost between COMMIT and its answer: the id tells when the record comes again. */
export function commitUnknown(cause: unknown): KafkaError {
  const reason = cause instanceof Error ? cause.message : String(cause)
  return new KafkaError(
    `The database was asked to commit, and nobody knows whether it has: ${reason}. When the record is handled again, its id is there or not.`,
    { code: 'COMMIT_UNKNOWN', retriable: true, cause },
  )
}

export function storeReadOnly(database: string, cause: unknown): KafkaError {
  return new KafkaError(
    `${database} takes no changes, so nothing was kept: it is a replica, or was made read-only. Connect to the primary, or wait until it is one.`,
    { code: 'STORE_READ_ONLY', retriable: true, cause },
  )
}

export function transactionLost(database: string, cause?: unknown): KafkaError {
  return new KafkaError(
    `${database} has rolled the transaction back because of an earlier error in it, so nothing of it was kept.`,
    { code: 'TRANSACTION_LOST', retriable: true, cause },
  )
}

export function invalidParameter(index: number, value: unknown): KafkaError {
  const shown = typeof value === 'bigint' || typeof value === 'number' ? `the ${typeof value} ${value}` : typeof value
  return new KafkaError(
    `Parameter ${index + 1} of a statement must be a string, a finite number, a bigint of 64 bits, a boolean, bytes or null, got ${shown}.`,
    { code: 'INVALID_PARAMETER' },
  )
}

/** Another transaction has removed the row that was in the way, or a trigger has left this one out. */
export function rowNotWritten(table: string): KafkaError {
  return storeFailed(`write a row of ${table}`, 'the database did not take it, and has none with its key')
}

/** Tables that a later release has made. */
export function storeTooNew(version: number, known: number): KafkaError {
  return new KafkaError(
    `The database has version ${version} of the tables of @samsa/eos, and this release knows ${known}: use the newer release.`,
    { code: 'STORE_TOO_NEW', fatal: true },
  )
}

/** `ON CONFLICT` and its like need one. */
export function noUniqueConstraint(table: string, columns: readonly string[], cause: unknown): KafkaError {
  return new KafkaError(
    `The table ${table} has no unique constraint on (${columns.join(', ')}), so it cannot tell a duplicate: make that its primary key, or add a unique index.`,
    { code: 'NO_UNIQUE_CONSTRAINT', fatal: true, cause },
  )
}
