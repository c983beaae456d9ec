/**
 * What a partition's error code in the answer to a fetch means: ask again, with newer metadata where that may help; look
 * for another position; or tell the application. A table over the reactions of the protocol's error codes. Pure.
 */
import { nextStep } from '@samsa/client/internal'
import { errorByCode } from '@samsa/protocol'

export type FetchOutcome = 'records' | 'again' | 'refresh' | 'out-of-range' | 'failed'

/** Where fetching differs from what the code means elsewhere. */
const OWN: Readonly<Record<string, FetchOutcome>> = {
  NONE: 'records',
  OFFSET_OUT_OF_RANGE: 'out-of-range',
  // The broker's disk has them so: asking again would hide that for ever.
  CORRUPT_MESSAGE: 'failed',
  // The new leader will know soon; by then it may be another one.
  OFFSET_NOT_AVAILABLE: 'refresh',
  UNKNOWN_SERVER_ERROR: 'again',
}

export function fetchOutcome(errorCode: number): FetchOutcome {
  const { name } = errorByCode(errorCode)
  const own = Object.hasOwn(OWN, name) ? OWN[name] : undefined
  if (own !== undefined) return own
  const step = nextStep(errorCode)
  if (step === 'retry') return 'again'
  return step === 'refresh' ? 'refresh' : 'failed'
}
