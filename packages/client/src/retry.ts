/**
 * What to do about an error, decided in one place: a request that failed is tried again after a pause, after metadata
 * has been asked for, after its coordinator has been looked for, or not at all. Pure; the meaning of Kafka's own codes
 * is in the protocol's table.
 */
import { errorByName, errorOf, type Reaction } from '@samsa/protocol'
import { KafkaError } from '@samsa/runtime'

export type NextStep = 'retry' | 'refresh' | 'find-coordinator' | 'give-up'

/** What the request was meant for: who a lost connection leaves behind depends on it. */
export type Addressee = 'node' | 'any' | 'controller' | 'coordinator'

/** A code as a broker answered it, or the error that a call ended with. */
export function nextStep(failure: number | unknown, addressee: Addressee = 'node'): NextStep {
  const error = typeof failure === 'number' ? errorOf(failure) : failure
  if (!(error instanceof KafkaError) || error.fatal) return 'give-up'
  // Whoever takes over from a coordinator that is gone, metadata does not tell.
  if (error.code === 'NETWORK_EXCEPTION' && addressee === 'coordinator') return 'find-coordinator'
  const known = errorByName(error.code)
  if (known === undefined) return error.retriable ? 'retry' : 'give-up'
  return steps[known.reaction]
}

const steps: Readonly<Record<Reaction, NextStep>> = {
  none: 'give-up',
  retry: 'retry',
  refresh: 'refresh',
  'find-coordinator': 'find-coordinator',
  rejoin: 'give-up',
  abort: 'give-up',
  fence: 'give-up',
  fatal: 'give-up',
}
