/**
 * Whose fault a failure is, as far as its error tells: the record's, or that of something that passes or that has to be mended
 * around it.
 */
import { AuthorizationError, ConfigError, KafkaError } from '@samsa/runtime'

/** The same record may get through when it is tried again. Errors of the application's own may always. */
export function mayPass(error: unknown): boolean {
  return !(error instanceof KafkaError) || (error.retriable && !error.fatal)
}

/**
 * Setting the record aside is an answer to it. It is none to a store that is down, a producer that was fenced or a setting that is
 * wrong: the next record would fail the same way, and so would all.
 */
export function isOfRecord(error: unknown): boolean {
  if (!(error instanceof KafkaError)) return true
  const isAroundIt = error.fatal || error instanceof ConfigError || error instanceof AuthorizationError
  return !error.retriable && !isAroundIt
}

/** Nothing has failed: the record comes again, here or elsewhere, because its partition goes or the run ends. */
export function isGivenUp(error: unknown, { signal }: { readonly signal: AbortSignal }): boolean {
  return signal.aborted || (error instanceof KafkaError && error.code === 'HANDLER_GIVEN_UP')
}
