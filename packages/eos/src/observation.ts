/**
 * What the helpers of this process have found out and done: counted, and told to observers of `samsa:exactly-once`.
 */
import type { ConsumerRecord } from '@samsa/consumer'
import { observedEvents } from '@samsa/runtime/internal'

export type HelperName =
  | 'dedup'
  | 'ledger'
  | 'versionCheck'
  | 'offsetsInTransaction'
  | 'transactionalLoop'
  | 'outbox'
  | 'retry'
  | 'deadLetter'

export type Finding =
  | 'processed'
  | 'duplicate'
  | 'busy'
  | 'takeover'
  | 'leaseLost'
  | 'fenced'
  | 'mismatch'
  | 'stale'
  | 'gap'
  | 'conflict'
  | 'retried'
  | 'delayed'
  | 'deadLetter'
  | 'aborted'
  | 'unknownCommit'
  | 'relayed'

/** By helper, and then by what it found; what never happened is left out. */
export type EosMetricsSnapshot = { readonly [Helper in HelperName]?: { readonly [What in Finding]?: number } }

const counts = new Map<HelperName, Map<Finding, number>>()

/** Of one record, or of `records` without a place. */
export function found(
  helper: HelperName,
  what: Finding,
  about: ConsumerRecord<unknown, unknown> | { readonly records: number },
): void {
  const ofHelper = counts.get(helper) ?? new Map<Finding, number>()
  counts.set(helper, ofHelper)
  const isMany = 'records' in about
  ofHelper.set(what, (ofHelper.get(what) ?? 0) + (isMany ? about.records : 1))
  observedEvents.exactlyOnce.publish(() => {
    if (isMany) return { helper, what, records: about.records }
    const { topic, partition, offset } = about
    return { helper, what, topic, partition, offset }
  })
}

/** Of all helpers in this process, since it began. */
export function eosMetrics(): EosMetricsSnapshot {
  return Object.fromEntries([...counts].map(([helper, findings]) => [helper, Object.fromEntries(findings)]))
}
