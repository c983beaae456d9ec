/**
 * What is read, and who reads it how. A contender is one client in one way of using it.
 */
import {
  BROKER_CPU,
  CPU,
  CPU_RATIO,
  latencyTable,
  RATE,
  RATE_RANGE,
  RATE_RATIO,
  RSS,
  short,
  tableOf,
  times,
} from '../contest/report.mjs'

const SIZES = [
  { size: '100 B', recordBytes: 100, records: 1_000_000 },
  { size: '1 KiB', recordBytes: 1024, records: 200_000 },
]
const CODECS = ['none', 'lz4', 'zstd']
const QUICK_SHARE = 1 / 10
const WARM_UP_SHARE = 1 / 10
const RECORDS_A_SECOND = 500
/** Of processes that only start, in each round that was asked for. */
const STARTS = 5

/** Those of ours stand first: the others are compared with the first of them. */
const READING = [
  { name: 'samsa poll', client: 'samsa', mode: 'poll' },
  { name: 'samsa batches', client: 'samsa', mode: 'batches' },
  { name: 'samsa for await', client: 'samsa', mode: 'for await' },
  { name: 'samsa run', client: 'samsa', mode: 'run' },
  { name: 'platformatic tuned', client: 'platformatic', mode: 'tuned' },
  { name: 'platformatic', client: 'platformatic', mode: 'default', codecs: ['none'] },
  { name: 'kafkajs eachBatch', client: 'kafkajs', mode: 'eachBatch' },
  { name: 'kafkajs eachMessage', client: 'kafkajs', mode: 'eachMessage', codecs: ['none'] },
  { name: 'node-rdkafka', client: 'node-rdkafka', mode: 'consume' },
  { name: 'franz-go', client: 'franz-go', mode: 'read' },
]
/** With little to read at a time; franz-go's mode is the kind itself. */
const ONE_BY_ONE = [
  { name: 'samsa', client: 'samsa', mode: 'for await' },
  { name: 'platformatic', client: 'platformatic', mode: 'tuned' },
  { name: 'kafkajs', client: 'kafkajs', mode: 'eachBatch' },
  { name: 'node-rdkafka', client: 'node-rdkafka', mode: 'flowing' },
]

const RATE_FROM_FIRST = ['from the first record on', ({ medians }) => short(medians.recordsPerSecondFromFirst)]
const READING_COLUMNS = [RATE, RATE_RANGE, RATE_FROM_FIRST, CPU, BROKER_CPU, RSS, RATE_RATIO, CPU_RATIO]
const START_COLUMNS = [
  ['ms', ({ medians }) => medians.firstMs.toFixed(1)],
  ['least-most', ({ ranges }) => ranges.firstMs.map(ms => ms.toFixed(1)).join('-')],
  ['client CPU ms', ({ medians }) => (medians.cpuSecondsPerMillion / 1000).toFixed(0)],
  ['theirs to ours', ({ ratios }) => times(ratios.firstMs)],
]

/** Each with a title, a `kind`, the contenders and what they read. */
export function workloads({ quick }) {
  const share = quick ? QUICK_SHARE : 1
  const reading = SIZES.flatMap(({ size, recordBytes, records }) =>
    CODECS.map(codec => ({
      title: `${size}, ${codec}`,
      kind: 'reading',
      recordBytes,
      codec,
      records: records * share,
      warmUp: records * share * WARM_UP_SHARE,
      contenders: READING.filter(({ codecs = CODECS }) => codecs.includes(codec)),
      table: rows => tableOf(rows, READING_COLUMNS),
    })),
  )
  const small = { recordBytes: 100, codec: 'none' }
  const endToEnd = {
    ...small,
    title: 'end to end',
    kind: 'endToEnd',
    records: 10 * RECORDS_A_SECOND * share,
    warmUp: 2 * RECORDS_A_SECOND * share,
    intervalMs: 1000 / RECORDS_A_SECOND,
    contenders: [...ONE_BY_ONE, { name: 'franz-go', client: 'franz-go', mode: 'end to end' }],
    table: latencyTable,
  }
  const firstRecord = {
    ...small,
    title: 'first record',
    kind: 'firstRecord',
    records: 600,
    warmUp: 0,
    rounds: quick ? 1 : STARTS,
    contenders: [...ONE_BY_ONE, { name: 'franz-go', client: 'franz-go', mode: 'first record' }],
    table: rows => tableOf(rows, START_COLUMNS),
  }
  return [...reading, endToEnd, firstRecord]
}
