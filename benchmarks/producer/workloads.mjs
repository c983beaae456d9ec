/**
 * What is sent, and who sends it how. A contender is one client in one way of using it; `share` is the part of the records
 * that one gets which could not finish otherwise.
 */
import { KEY_BYTES } from '../contest/payload.mjs'
import {
  BROKER_CPU,
  CPU,
  CPU_RATIO,
  latencyTable,
  MEGABYTES,
  RATE,
  RATE_RANGE,
  RATE_RATIO,
  RSS,
  tableOf,
} from '../contest/report.mjs'

export const OUTSTANDING = 10_000

const SIZES = [
  { title: '100 B', recordBytes: 100, records: 500_000 },
  { title: '1 KiB', recordBytes: 1024, records: 100_000 },
]
const CODECS = ['none', 'lz4', 'zstd']
const QUICK_SHARE = 1 / 10
/** A request for each record, so that both client and broker are slow: few records, and few calls at a time. */
const SINGLE = { share: 1 / 100, outstanding: 1000, codecs: ['none'] }

/** Those of ours stand first: the others are compared with the first of them. */
const SENDING = [
  { name: 'samsa send', client: 'samsa', mode: 'send' },
  { name: 'samsa enqueue', client: 'samsa', mode: 'enqueue' },
  { name: 'platformatic stream', client: 'platformatic', mode: 'stream' },
  { name: 'platformatic send of 1,000', client: 'platformatic', mode: 'sendBatch' },
  { name: 'platformatic send', client: 'platformatic', mode: 'send', ...SINGLE },
  { name: 'kafkajs sendBatch of 1,000', client: 'kafkajs', mode: 'sendBatch' },
  { name: 'kafkajs send', client: 'kafkajs', mode: 'send', ...SINGLE },
  { name: 'node-rdkafka', client: 'node-rdkafka', mode: 'produce' },
  { name: 'franz-go', client: 'franz-go', mode: 'produce' },
]
const ONE_BY_ONE = ['samsa', 'platformatic', 'kafkajs', 'node-rdkafka', 'franz-go']

const SENDING_COLUMNS = [RATE, RATE_RANGE, MEGABYTES, CPU, BROKER_CPU, RSS, RATE_RATIO, CPU_RATIO]

/** Each with a title, the contenders and what they send; `isLatency` where they await each record. */
export function workloads({ quick }) {
  const share = quick ? QUICK_SHARE : 1
  const throughput = SIZES.flatMap(({ title, recordBytes, records }) =>
    CODECS.map(codec => ({
      title: `${title}, ${codec}`,
      isLatency: false,
      recordBytes,
      codec,
      records: records * share,
      contenders: SENDING.filter(({ codecs = CODECS }) => codecs.includes(codec)),
      table: rows => tableOf(rows, SENDING_COLUMNS),
    })),
  )
  const latency = {
    title: 'one at a time',
    isLatency: true,
    recordBytes: 100,
    codec: 'none',
    records: 2000 * share,
    contenders: ONE_BY_ONE.map(client => ({ name: client, client, mode: 'latency' })),
    table: latencyTable,
  }
  return [...throughput, latency]
}

/** What a contender is told to do; a tenth of it before, so that it is warm and connected. */
export function jobOf(workload, contender) {
  const { recordBytes, codec } = workload
  const { client, mode, share = 1, outstanding = OUTSTANDING } = contender
  const records = Math.max(Math.round(workload.records * share), 100)
  const warmUp = workload.isLatency ? records / 4 : Math.max(records / 10, Math.min(outstanding, records))
  return { client, mode, codec, recordBytes, keyBytes: KEY_BYTES, outstanding, records, warmUp }
}
