/**
 * What a transaction has, and who makes some. `share` is the part of the transactions that a client gets which could not
 * finish otherwise.
 */
import { KEY_BYTES } from '../contest/payload.mjs'
import { orDash, tableOf, times } from '../contest/report.mjs'

const QUICK_SHARE = 1 / 10
const WARM_UP_SHARE = 1 / 5
const LEAST = 20

/** Ours stands first: the others are compared with it. */
const CONTENDERS = [
  { name: 'samsa', client: 'samsa' },
  { name: 'Java', client: 'java' },
  { name: 'node-rdkafka', client: 'node-rdkafka' },
  { name: 'franz-go', client: 'franz-go' },
  { name: 'kafkajs', client: 'kafkajs', share: 1 / 10 },
  { name: 'platformatic', client: 'platformatic', share: 1 / 40 },
]

const COLUMNS = [
  ['transactions/s', ({ medians }) => rate(medians.transactionsPerSecond)],
  ['least-most', ({ ranges }) => ranges.transactionsPerSecond.map(rate).join('-')],
  ['p50 ms', ({ medians }) => medians.p50Ms.toFixed(2)],
  ['p99 ms', ({ medians }) => medians.p99Ms.toFixed(1)],
  ['commit p50 ms', ({ medians }) => medians.commitP50Ms.toFixed(2)],
  ['commit p99 ms', ({ medians }) => medians.commitP99Ms.toFixed(1)],
  ['client CPU ms each', ({ medians }) => medians.cpuMsPerTransaction.toFixed(2)],
  ['broker CPU ms each', ({ medians }) => orDash(medians.brokerCpuMsPerTransaction)],
  ['ours is, in transactions/s', ({ ratios }) => `**${times(ratios.transactionsPerSecond)}**`],
  ['p99: theirs to ours', ({ ratios }) => times(ratios.p99Ms)],
]

export function workloads({ quick }) {
  return [
    {
      title: '100 records of 100 B',
      recordBytes: 100,
      codec: 'none',
      batchRecords: 100,
      transactions: 1000 * (quick ? QUICK_SHARE : 1),
      contenders: CONTENDERS,
      table: rows => tableOf(rows, COLUMNS),
    },
  ]
}

/** What a contender is told to do; a part of it before, so that it is warm and connected. */
export function jobOf({ recordBytes, batchRecords, transactions }, { client, share = 1 }) {
  const count = Math.max(Math.round(transactions * share), LEAST)
  const warmUp = Math.round(count * WARM_UP_SHARE)
  return { client, mode: 'transactions', recordBytes, keyBytes: KEY_BYTES, batchRecords, transactions: count, warmUp }
}

function rate(perSecond) {
  return perSecond >= 100 ? perSecond.toFixed(0) : perSecond.toFixed(1)
}
