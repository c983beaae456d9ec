/**
 * StorageError: the one error that a file system throws, with what was tried, on which path, and the system's own code
 * where it has one. Its code is Kafka's name for a failed disk, so that it can be told to a client as it is.
 */
import { KafkaError } from '@samsa/runtime'

/** What was tried, as a verb that the path can follow. */
export type StorageOperation =
  | 'open'
  | 'append to'
  | 'write to'
  | 'read'
  | 'truncate'
  | 'sync'
  | 'close'
  | 'list'
  | 'inspect'
  | 'replace'
  | 'make directory'
  | 'rename'
  | 'remove'
  | 'lock'

export interface StorageErrorDetail {
  readonly operation: StorageOperation
  readonly path: string
  /** Half a sentence without a full stop: `no space left on device`. */
  readonly why: string
  /** The system's name of the error: `ENOENT`, `ENOSPC`. */
  readonly systemCode?: string | undefined
  readonly cause?: unknown
}

export class StorageError extends KafkaError {
  readonly operation: StorageOperation
  readonly path: string
  readonly systemCode: string | undefined

  constructor(detail: StorageErrorDetail) {
    super(`cannot ${detail.operation} ${detail.path}: ${detail.why}`, {
      code: 'KAFKA_STORAGE_ERROR',
      cause: detail.cause,
    })
    this.operation = detail.operation
    this.path = detail.path
    this.systemCode = detail.systemCode
  }
}

const texts = {
  EBADF: 'the file is closed',
  EEXIST: 'it is there already',
  EINVAL: 'the argument is outside of what the file allows',
  EISDIR: 'it is a directory',
  ENOENT: 'no such file or directory',
  ENOSPC: 'no space left',
  ENOTDIR: 'a part of the path is not a directory',
  ENOTEMPTY: 'the directory is not empty',
} as const

/** An error that the system did not throw itself, in the system's terms. */
export function systemError(operation: StorageOperation, path: string, systemCode: keyof typeof texts): StorageError {
  return new StorageError({ operation, path, why: texts[systemCode], systemCode })
}

/** What node:fs threw, as a StorageError; one that is a StorageError already stays what it is. */
export function storageErrorOf(operation: StorageOperation, path: string, cause: unknown): StorageError {
  if (cause instanceof StorageError) return cause
  const message = cause instanceof Error ? cause.message : String(cause)
  return new StorageError({
    operation,
    path,
    // Node writes `ENOSPC: no space left on device, write`: what follows the comma is said better by the operation.
    why: message.replace(/, \w+(?: '.*)?$/s, ''),
    systemCode: systemCodeOf(cause),
    cause,
  })
}

/** The system's name of the error, where it has one. */
export function systemCodeOf(error: unknown): string | undefined {
  if (error instanceof StorageError) return error.systemCode
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined
}

/** The process, or the whole system, has no descriptor left. */
export function isOutOfDescriptors(error: unknown): boolean {
  const code = systemCodeOf(error)
  return code === 'EMFILE' || code === 'ENFILE'
}

/** Codes of what passes: a full or read-only volume, a quota, a process that has used up what it may have. */
const PASSING: ReadonlySet<string | undefined> = new Set(['ENOSPC', 'EDQUOT', 'EROFS', 'EMFILE', 'ENFILE', 'ENOMEM'])

/** Whether the same may succeed later with nobody having looked at the files. */
export function isPassing(error: unknown): boolean {
  return PASSING.has(systemCodeOf(error))
}
