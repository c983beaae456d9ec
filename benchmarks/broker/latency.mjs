/**
 * How long a producer of 1,000 records a second waits for its acknowledgements, and a consumer for the records, in each
 * flush mode of ours and beside Apache Kafka with a topic of the same flush setting.
 */
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { startKafka, startSamsa } from './brokers.mjs'
import { produceAtRate } from './latency-load.mjs'
import { createTopic } from './loads.mjs'

const PER_SECOND = 1000
const WARM_UP_MS = 2000
const PROGRAM = fileURLToPath(new URL('flush-broker.mjs', import.meta.url))
/** Kafka's settings of a topic that promise the same; nothing where the system decides in both. */
const MODES = [
  { name: 'os', flush: 'os', configs: {} },
  { name: 'every 100 ms', flush: { everyMs: 100 }, configs: { 'flush.ms': '100' } },
  { name: 'always', flush: 'always', configs: { 'flush.messages': '1' } },
]

/** Rows of a table, each line printed as it is known. */
export async function latencies({ launcher, folder, rounds, seconds, nodeArgs, print }) {
  const kafka =
    launcher === undefined ? undefined : await startKafka({ launcher, folder: join(folder, 'latency-kafka') })
  try {
    print(
      `\n${PER_SECOND} records of 1,000 B a second, one a request, ${rounds} rounds of ${seconds} s after ${WARM_UP_MS / 1000} s; ms from when a record was due`,
    )
    const columns = ['p50', 'p99', 'to the consumer p50', 'p99']
    const names = kafka === undefined ? ['samsa'] : ['samsa', 'Apache Kafka']
    print(`\n| flush | ${names.map(name => columns.map(column => `${name} ${column}`).join(' | ')).join(' | ')} |`)
    print(`|---|${names.map(() => columns.map(() => '---:').join('|')).join('|')}|`)
    for (const mode of MODES) await row({ mode, kafka, folder, rounds, seconds, nodeArgs, print })
  } finally {
    await kafka?.stop()
  }
}

/** Brokers take turns within a round, so that a slow minute of the machine hits all of them. */
async function row({ mode, kafka, folder, rounds, seconds, nodeArgs, print }) {
  const dataDir = join(folder, `latency-${mode.name.replaceAll(' ', '-')}`)
  const options = JSON.stringify({ dataDir, flush: mode.flush })
  const samsa = await startSamsa({ program: [PROGRAM, options], nodeArgs })
  const brokers = kafka === undefined ? [samsa] : [samsa, kafka]
  const results = brokers.map(() => [])
  try {
    for (let round = 0; round < rounds; round++) {
      for (let step = 0; step < brokers.length; step++) {
        const index = (round + step) % brokers.length
        const { address } = brokers[index]
        const topic = `latency-${mode.name.replaceAll(' ', '-')}-${round}`
        await createTopic(address, topic, 1, brokers[index] === kafka ? mode.configs : {})
        const figures = await produceAtRate({
          address,
          topic,
          perSecond: PER_SECOND,
          warmUpMs: WARM_UP_MS,
          measuredMs: seconds * 1000,
        })
        results[index].push([
          percentile(figures.acknowledged, 0.5),
          percentile(figures.acknowledged, 0.99),
          percentile(figures.received, 0.5),
          percentile(figures.received, 0.99),
        ])
      }
    }
  } finally {
    await samsa.stop()
  }
  const cells = results.map(perRound => [0, 1, 2, 3].map(column => median(perRound, column).toFixed(1)).join(' | '))
  print(`| ${mode.name} | ${cells.join(' | ')} |`)
}

function percentile(values, share) {
  const sorted = [...values].sort((left, right) => left - right)
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))]
}

/** Of the rounds; the lower middle where there are two. */
function median(perRound, column) {
  return percentile(
    perRound.map(each => each[column]),
    0.499,
  )
}
