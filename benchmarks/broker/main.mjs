/**
 * Benchmarks of the broker beside a real Apache Kafka, in one run on one machine:
 * `node benchmarks/broker/main.mjs [--rounds N] [--megabytes N] [--slow-megabytes N] [--seconds N] [--only WORD] [--profile FOLDER]`.
 * Apache Kafka takes part where SAMSA_KAFKA_BIN names its launcher, and Java's tool with it. Needs a build.
 */
import { execFile } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { cpus, loadavg, tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs, promisify } from 'node:util'
import { cpuSeconds, residentMebibytes, startKafka, startSamsa } from './brokers.mjs'
import { latencies } from './latency.mjs'
import { createTopic, loads } from './loads.mjs'
import { readSlowly } from './slow-reader.mjs'

const RECORD_BYTES = 1000
const SLOW_BYTES_PER_SECOND = 150e6
const { values: options } = parseArgs({
  options: {
    rounds: { type: 'string', default: '3' },
    megabytes: { type: 'string', default: '300' },
    'slow-megabytes': { type: 'string', default: '1000' },
    seconds: { type: 'string', default: '10' },
    only: { type: 'string', default: '' },
    profile: { type: 'string' },
  },
})
const launcher = process.env.SAMSA_KAFKA_BIN
const rounds = Number(options.rounds)
const folder = mkdtempSync(join(tmpdir(), 'samsa-benchmark-'))
let topicCount = 0

await main().finally(() => rmSync(folder, { recursive: true, force: true }))

async function main() {
  const cpu = cpus()
  print(
    `${cpu[0]?.model.trim()}, ${cpu.length} cores; Node ${process.versions.node}; load average ${loadavg()[0]?.toFixed(1)}`,
  )
  if (launcher === undefined) print('SAMSA_KAFKA_BIN is not set: no Apache Kafka and no Java tool')
  if ('start'.includes(options.only)) await starts()
  if ('latency'.includes(options.only)) {
    const seconds = Number(options.seconds)
    await latencies({ launcher, folder, rounds, seconds, nodeArgs: profilerArgs(), print })
  }
  if (options.only === 'latency') return
  const brokers = [await startSamsa({ dataDir: join(folder, 'samsa'), nodeArgs: profilerArgs() })]
  try {
    if (launcher !== undefined) brokers.push(await startKafka({ launcher, folder: join(folder, 'kafka') }))
    await figures(brokers)
    await throughput(brokers)
    if ('slow'.includes(options.only)) await slowReader(brokers)
  } finally {
    for (const broker of brokers) await broker.stop()
  }
}

/** Fresh processes and fresh directories. */
async function starts() {
  const inMemory = []
  const fromProcess = []
  for (let round = 0; round < Math.max(rounds, 5); round++) {
    const program = fileURLToPath(new URL('first-answer.mjs', import.meta.url))
    const { stdout } = await promisify(execFile)(process.execPath, [program])
    inMemory.push(Number(stdout))
    const broker = await startSamsa({ dataDir: join(folder, `start-${round}`) })
    fromProcess.push(broker.startMs)
    await broker.stop()
  }
  print(`createBroker() in memory to the first answer: ${median(inMemory).toFixed(0)} ms`)
  print(`start of the process with a fresh directory to the first answer: ${median(fromProcess).toFixed(0)} ms`)
}

async function figures(brokers) {
  for (const { name, startMs, processId, address } of brokers) {
    const idle = residentMebibytes(processId)
    const startedAt = performance.now()
    await createTopic(address, 'thousand', 1000)
    const createMs = performance.now() - startedAt
    print(
      `${name}: started in ${startMs.toFixed(0)} ms, idle RSS ${idle.toFixed(0)} MiB, 1,000 partitions in ${createMs.toFixed(0)} ms`,
    )
  }
}

async function throughput(brokers) {
  const volume = { records: Math.round((Number(options.megabytes) * 1e6) / RECORD_BYTES), recordBytes: RECORD_BYTES }
  const chosen = loads(launcher).filter(({ name }) => name.includes(options.only))
  print(
    `\n${volume.records} records of ${RECORD_BYTES} B to or from one partition, ${rounds} rounds; acks=all, no compression`,
  )
  print(`\n| | ${brokers.map(({ name }) => `${name} MB/s | CPU s/GB`).join(' | ')} | samsa is |`)
  print(`|---|${brokers.map(() => '---:|---:').join('|')}|---:|`)
  for (const load of chosen) {
    const missing =
      load.needs?.() ?? (load.name.includes('Java') && launcher === undefined ? 'no Java tool' : undefined)
    if (missing !== undefined) print(`| ${load.name} | ${missing} |`)
    else await throughputOf(load, brokers, volume)
  }
}

/** Brokers take turns within a round, so that a slow minute of the machine hits all of them. */
async function throughputOf(load, brokers, volume) {
  const results = brokers.map(() => ({ rates: [], cpu: [] }))
  for (let round = 0; round < rounds; round++) {
    for (let step = 0; step < brokers.length; step++) {
      const index = (round + step) % brokers.length
      const { address, processId } = brokers[index]
      const topic = await topicFor(load, address, volume)
      const cpuBefore = cpuSeconds(processId)
      results[index].rates.push(await load.run(address, topic, volume))
      results[index].cpu.push(((cpuSeconds(processId) - cpuBefore) * 1e9) / (volume.records * volume.recordBytes))
    }
  }
  const cells = results.map(({ rates, cpu }) => `${median(rates).toFixed(0)} | ${median(cpu).toFixed(2)}`)
  const ratios = results[1]?.rates.map((rate, round) => (results[0]?.rates[round] ?? Number.NaN) / rate)
  print(`| ${load.name} | ${cells.join(' | ')} | ${ratios === undefined ? '-' : `${median(ratios).toFixed(2)}x`} |`)
}

/** A new topic; one that is read from is filled first. */
async function topicFor(load, address, volume) {
  const topic = `load-${++topicCount}`
  await createTopic(address, topic)
  if (load.reads === true) await fill(address, topic, volume)
  return topic
}

async function fill(address, topic, volume) {
  const writer = loads(launcher).find(
    ({ name, needs }) =>
      name.includes('produce') && needs?.() === undefined && (launcher !== undefined || !name.includes('Java')),
  )
  if (writer === undefined)
    throw new Error('there is nothing to fill a topic with: neither node-rdkafka nor SAMSA_KAFKA_BIN')
  await writer.run(address, topic, volume)
}

async function slowReader(brokers) {
  const volume = { records: Number(options['slow-megabytes']) * 1000, recordBytes: 1000 }
  print(
    `\nA consumer that reads ${volume.records / 1000} MB at ${SLOW_BYTES_PER_SECOND / 1e6} MB/s in fetches of 50 MiB; RSS in MiB:`,
  )
  for (const { name, address, processId } of brokers) {
    await createTopic(address, 'slow')
    await fill(address, 'slow', volume)
    const { before, most, after } = await readSlowly({
      address,
      processId,
      topic: 'slow',
      endOffset: volume.records,
      bytesPerSecond: SLOW_BYTES_PER_SECOND,
    })
    print(`${name}: ${before.toFixed(0)} before, ${most.toFixed(0)} at most, ${after.toFixed(0)} after`)
  }
}

function profilerArgs() {
  if (options.profile === undefined) return []
  mkdirSync(options.profile, { recursive: true })
  return ['--cpu-prof', `--cpu-prof-dir=${options.profile}`]
}

function median(values) {
  const sorted = [...values].sort((left, right) => left - right)
  const middle = (sorted.length - 1) / 2
  return ((sorted[Math.floor(middle)] ?? Number.NaN) + (sorted[Math.ceil(middle)] ?? Number.NaN)) / 2
}

function print(line) {
  process.stdout.write(`${line}\n`)
}
