/**
 * What `samsa eos check` prints of a history: for people, by kinds of findings, and for programs.
 */
import type { AnomalyKind, HistoryVerdict } from '@samsa/eos/history'

/** Of each kind so many are shown to people. */
const MOST_SHOWN = 10

const meanings: Readonly<Record<AnomalyKind, string>> = {
  'aborted read': 'readers of committed records were handed what was aborted',
  'precommitted read': 'readers of committed records were handed what nobody had committed yet',
  phantom: 'records were read that nobody sent',
  'lost write': 'records were acknowledged or committed, and nobody will read them',
  duplicate: 'one record is in the log twice',
  'torn transaction': 'a part of a transaction is there, and a part is not',
  'inconsistent offset': 'one offset has two records, or its producer was told another one',
  'non-monotonic send': 'records of one producer lie in another order than they were sent in',
  'non-monotonic poll': 'a consumer was handed records backwards, without a seek or a rebalance',
  'skipped record': 'a consumer was not handed a record between two others',
  'unseen record': 'a consumer that came to the end was not handed the last records',
  'offset without output': 'a group is past records that have no output',
  'output without offset': 'there are outputs of records that the group is not past: they will be made again',
  'input copied twice': 'several transactions have made outputs of one record',
  'hanging transaction': 'a transaction has no end: readers of committed records wait for it',
}

export function verdictText(path: string, verdict: HistoryVerdict): string {
  const { anomalies, counts, events, records, transactions, reads } = verdict
  const size = `${events} events: ${records} records sent, ${transactions} transactions, ${reads} reads`
  if (anomalies.length === 0) return `${path} is as it should be.\n  ${size}\n`
  const kinds = Object.entries(counts).map(([kind, count]) => {
    const found = anomalies.filter(anomaly => anomaly.kind === kind)
    const shown = found.slice(0, MOST_SHOWN).map(({ text }) => `  ${text}`)
    const more = count > shown.length ? [`  and ${count - shown.length} more`] : []
    return [`\n${kind} (${count}): ${meanings[kind as AnomalyKind]}`, ...shown, ...more].join('\n')
  })
  const total = Object.values(counts).reduce((sum, count) => sum + count, 0)
  return `${path} is not as it should be: ${total} findings.\n  ${size}\n${kinds.join('\n')}\n`
}

export function verdictLine(path: string, verdict: HistoryVerdict): string {
  return `${JSON.stringify({ history: path, isGood: verdict.anomalies.length === 0, ...verdict })}\n`
}
