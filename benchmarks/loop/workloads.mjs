/**
 * What is copied in transactions, and by whom.
 */
import { BROKER_CPU, CPU, CPU_RATIO, RATE, RATE_RANGE, RATE_RATIO, RSS, tableOf } from '../contest/report.mjs'

const QUICK_SHARE = 1 / 10
const WARM_UP_SHARE = 1 / 4
/** Of what is measured; so that nobody waits at the end for a transaction to be full. */
const SPARE_SHARE = 1 / 10

/** Ours stands first: the others are compared with it. */
const CONTENDERS = [
  { name: 'samsa', client: 'samsa' },
  { name: 'Java', client: 'java' },
  { name: 'node-rdkafka', client: 'node-rdkafka' },
]

const COLUMNS = [
  RATE,
  RATE_RANGE,
  ['transactions/s', ({ medians }) => medians.transactionsPerSecond.toFixed(0)],
  ['records each', ({ medians }) => medians.recordsPerTransaction.toFixed(0)],
  CPU,
  BROKER_CPU,
  RSS,
  RATE_RATIO,
  CPU_RATIO,
]

export function workloads({ quick }) {
  return [
    copying('copied, 100 records of 100 B a transaction', 60_000, 100, quick),
    copying('copied, 500 records of 100 B a transaction', 120_000, 500, quick),
  ]
}

function copying(title, records, batchRecords, quick) {
  const measured = records * (quick ? QUICK_SHARE : 1)
  return {
    title,
    recordBytes: 100,
    codec: 'none',
    batchRecords,
    records: measured,
    contenders: CONTENDERS,
    table: rows => tableOf(rows, COLUMNS),
  }
}

export function sizesOf({ records }) {
  const warmUp = Math.round(records * WARM_UP_SHARE)
  return { records, warmUp, written: Math.round(warmUp + records * (1 + SPARE_SHARE)) }
}
