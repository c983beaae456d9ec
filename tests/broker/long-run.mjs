/**
 * A broker on disk under mixed load for as long as you like: `node tests/broker/long-run.mjs [--minutes N | --seconds N]
 * [--seed TEXT]`. Needs a build, and Linux for the count of open files. Segments roll and are deleted all the time, topics
 * come and go, records are read at the tail and from the beginning.
 *
 * Ends with 1 and says why when memory or open files grew, answers became slower, or a record was lost, doubled or out of
 * place. Bounds are on what the whole run after its warm-up grew by, however long it was: the longer, the sharper.
 */
import { spawn } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { SeededRandom } from '@samsa/runtime'
import { afterWarmUp, growth, median, slowdown } from './long-run-figures.mjs'
import { administrate, readCold, readTail, write } from './long-run-load.mjs'

const PROGRAM = fileURLToPath(new URL('../hostile/live-broker-child.mjs', import.meta.url))
const MIB = 1024 * 1024
const TOPICS = { plain: false, idempotent: true }
const PARTITIONS = 2
const SAMPLES = 60
/** A collector that has not come to it yet, buffers that stay with the process: what a leak of a minute is above. */
const MOST_HEAP_GROWTH = 16 * MIB
const MOST_RSS_GROWTH = 80 * MIB
/** Segments of deleted topics and of the last seconds are closed with a delay. */
const MOST_FILE_GROWTH = 40
/** Answers take a millisecond; what is below the floor is the machine's doing. */
const MOST_SLOWDOWN = 10
const LATENCY_FLOOR_MS = 20

const { values } = parseArgs({
  options: {
    minutes: { type: 'string', default: '30' },
    seconds: { type: 'string' },
    seed: { type: 'string', default: randomUUID() },
  },
})
const runMs = values.seconds === undefined ? Number(values.minutes) * 60_000 : Number(values.seconds) * 1000
if (!(runMs >= 1000)) {
  process.stderr.write('--minutes and --seconds take a number that makes at least a second\n')
  process.exit(2)
}

const folder = mkdtempSync(join(tmpdir(), 'samsa-long-run-'))
process.exitCode = await main().finally(() => rmSync(folder, { recursive: true, force: true }))

async function main() {
  say(`${runMs / 1000} s, --seed ${values.seed}`)
  const broker = await start()
  try {
    const { states, samples, problems } = await run(broker)
    problems.push(...broker.problems, ...judge(states, samples))
    for (const problem of problems) say(`WRONG: ${problem}`)
    return problems.length === 0 ? 0 : 1
  } finally {
    broker.child.kill('SIGKILL')
  }
}

/** `look` gives memory after collecting garbage, and open files. */
async function start() {
  const options = {
    dataDir: folder,
    recentBytes: 4 * MIB,
    topics: Object.fromEntries(Object.keys(TOPICS).map(topic => [topic, { partitions: PARTITIONS }])),
    properties: {
      'log.segment.bytes': String(MIB),
      'log.retention.bytes': String(2 * MIB),
      'log.retention.check.interval.ms': '1000',
      'log.segment.delete.delay.ms': '1000',
    },
  }
  const child = spawn(process.execPath, ['--expose-gc', PROGRAM, JSON.stringify(options)], {
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  })
  const ended = once(child, 'close').then(([status, signal]) => {
    throw new Error(`the broker ended (${status ?? signal})`)
  })
  // Told to whoever waits for it.
  ended.catch(() => {})
  const [{ address }] = await Promise.race([once(child, 'message'), ended])
  const problems = []
  const look = async () => {
    child.send({ id: 1, collect: true })
    const [{ rss, heapUsed, lines }] = await Promise.race([once(child, 'message'), ended])
    for (const line of lines) problems.push(`the broker says: ${JSON.stringify(line)}`)
    return { rss, heapUsed, files: openFiles(child.pid) }
  }
  return { address, child, ended, problems, look }
}

function openFiles(processId) {
  return process.platform === 'linux' ? readdirSync(`/proc/${processId}/fd`).length : 0
}

async function run({ address, ended, look }) {
  const random = new SeededRandom(values.seed)
  const states = Object.keys(TOPICS).flatMap(topic =>
    Array.from({ length: PARTITIONS }, (_, partition) => ({
      topic,
      partition,
      next: 0,
      read: 0,
      coldReads: 0,
      latencies: [],
    })),
  )
  const changes = { changes: 0 }
  const problems = []
  let isFailed = false
  const endsAt = performance.now() + runMs
  const isOver = () => isFailed || performance.now() >= endsAt
  const part = running =>
    running.catch(error => {
      isFailed = true
      problems.push(error.message)
    })
  const writers = states.map(state => {
    const { topic, partition } = state
    return part(write({ address, topic, partition, isIdempotent: TOPICS[topic], random, isOver, state }))
  })
  const writing = Promise.all(writers)
  let isWritten = false
  void writing.then(() => {
    isWritten = true
  })
  const parts = [
    writing,
    ...states.flatMap(state => {
      const { topic, partition } = state
      const isRead = () => isFailed || isWritten
      return [
        part(readTail({ address, topic, partition, isOver: isRead, state })),
        part(readCold({ address, topic, partition, isOver, state })),
      ]
    }),
    part(administrate({ address, topics: Object.keys(TOPICS), random, isOver, state: changes })),
  ]
  const samples = []
  const sampling = part(
    (async () => {
      while (!isOver()) {
        await pause(Math.max(10, runMs / SAMPLES))
        samples.push(await look())
        if (samples.length % 10 === 0) report(samples.at(-1), states, changes)
      }
    })(),
  )
  await Promise.race([Promise.all([...parts, sampling]), part(ended)])
  return { states, samples, problems }
}

function report({ rss, heapUsed, files }, states, { changes }) {
  const records = states.reduce((sum, { next }) => sum + next, 0)
  const cold = states.reduce((sum, { coldReads }) => sum + coldReads, 0)
  const latency = median(states.flatMap(({ latencies }) => latencies.slice(-200)))
  say(
    `RSS ${mebibytes(rss)}, heap ${mebibytes(heapUsed)}, ${files} files, ${records} records, ${cold} reads from the beginning, ${changes} topics, median answer ${latency.toFixed(1)} ms`,
  )
}

function judge(states, samples) {
  const problems = []
  const most = (what, found, bound) => {
    if (!(found <= bound)) problems.push(`${what}: ${found.toFixed(1)}, and no more than ${bound} is allowed`)
  }
  const heap = growth(afterWarmUp(samples.map(({ heapUsed }) => heapUsed))) / MIB
  const rss = growth(afterWarmUp(samples.map(sample => sample.rss))) / MIB
  const files = growth(afterWarmUp(samples.map(sample => sample.files)))
  const slower = Math.max(...states.map(({ latencies }) => slowdown(latencies, LATENCY_FLOOR_MS)))
  say(
    `growth after the warm-up: heap ${heap.toFixed(1)} MiB, RSS ${rss.toFixed(1)} MiB, ${files.toFixed(1)} files; slower by ${slower.toFixed(2)}x`,
  )
  most('MiB that the heap grew by', heap, MOST_HEAP_GROWTH / MIB)
  most('MiB that the resident memory grew by', rss, MOST_RSS_GROWTH / MIB)
  most('files more that are open', files, MOST_FILE_GROWTH)
  most('times slower in the last third than in the first', slower, MOST_SLOWDOWN)
  for (const { topic, partition, next, read, coldReads } of states) {
    if (read !== next)
      problems.push(`${topic}-${partition}: ${next} records were written, ${read} were read at the tail`)
    if (coldReads === 0) problems.push(`${topic}-${partition}: was never read from its beginning`)
  }
  return problems
}

function mebibytes(bytes) {
  return `${(bytes / MIB).toFixed(0)} MiB`
}

function say(line) {
  process.stdout.write(`${line}\n`)
}
