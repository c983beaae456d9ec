/**
 * Benchmarks of producers, each in a process of its own, on one broker: started by `run.mjs`. See --help and the README.
 */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { benchmarkRecords } from '../protocol/records.ts'
import { brokerOf, Topics } from './cluster.mjs'
import { installedClients, profiled, runJob } from './contenders.mjs'
import { hottest } from './profile.mjs'
import { environmentOf, figuresOf, latencyTable, rowsOf, sendingTable } from './report.mjs'
import { DISTINCT_RECORDS, jobOf, PARTITIONS, workloads } from './workloads.mjs'

const HELP = `SAMSA_KAFKA_BIN=LAUNCHER node benchmarks/producer/run.mjs [OPTIONS]

  --broker HOST:PORT  send there, in place of a broker of our own making; it must lead all partitions
  --samsa-broker      send to the bundled broker, in place of Apache Kafka
  --rounds N          default 3
  --quick             one round with a tenth of the records: whether it runs
  --only WORD         workloads with this in their title, as "100 B" or "lz4" or "one at a time"
  --clients A,B       contenders whose names begin with one of these, as "samsa send,franz-go"
  --profile           ours alone, under --cpu-prof: where its time goes
  --json FILE         all figures of all rounds, for a program
`
const PROFILE_INTERVAL_MICROSECONDS = 250
const PROFILE_FUNCTIONS = 25
const WARM_UP_RUNS = 3
/** So that what a profile has of loading and of warming up counts for little. */
const PROFILE_TIMES = 5

const { values: options } = parseArgs({
  options: {
    broker: { type: 'string' },
    'samsa-broker': { type: 'boolean', default: false },
    rounds: { type: 'string' },
    quick: { type: 'boolean', default: false },
    only: { type: 'string', default: '' },
    clients: { type: 'string', default: '' },
    profile: { type: 'boolean', default: false },
    json: { type: 'string' },
    help: { type: 'boolean', default: false },
  },
})
const rounds = Number(options.rounds ?? (options.quick ? 1 : 3))
const runName = `producers-${process.pid}`
let runCount = 0

if (options.help) print(HELP)
else {
  const folder = mkdtempSync(join(tmpdir(), 'samsa-producers-'))
  await main(folder).finally(() => rmSync(folder, { recursive: true, force: true }))
}

async function main(folder) {
  const clients = installedClients(folder)
  const broker = await brokerOf({
    address: options.broker,
    launcher: process.env.SAMSA_KAFKA_BIN,
    isSamsa: options['samsa-broker'],
    folder,
  })
  try {
    const topics = await Topics.connect(broker.address, PARTITIONS)
    const environment = environmentOf(broker.name, clients)
    printEnvironment(environment)
    const results = []
    await warmUp({ clients, broker, topics, folder })
    for (const workload of workloads(options)) {
      if (!workload.title.includes(options.only)) continue
      const run = { workload, clients, broker, topics, folder, payload: payloadOf(folder, workload.recordBytes) }
      if (options.profile)
        await profile({ ...run, workload: { ...workload, records: workload.records * PROFILE_TIMES } })
      else results.push(await measure(run))
    }
    topics.close()
    if (options.json !== undefined) writeFileSync(options.json, JSON.stringify({ environment, results }, undefined, 2))
  } finally {
    await broker.stop()
  }
}

/** A broker in Java compiles its code while it runs: whoever comes first would pay for it. */
async function warmUp(run) {
  const [workload] = workloads(options)
  const [contender] = workload.contenders
  const payload = payloadOf(run.folder, workload.recordBytes)
  for (let time = 0; time < WARM_UP_RUNS; time++) {
    await figuresIn({ ...run, workload, payload }, contender, run.clients[contender.client].command)
  }
}

/** Contenders take turns within a round, another one first each time, so that a slow minute of the machine hits all. */
async function measure(run) {
  const { workload, clients } = run
  print(`\n## ${workload.title}\n`)
  const taking = takingPart(workload.contenders, clients, workload.codec)
  const found = []
  for (let round = 0; round < rounds; round++) {
    const figures = {}
    for (let step = 0; step < taking.length; step++) {
      const contender = taking[(round + step) % taking.length]
      const { command } = clients[contender.client]
      figures[contender.name] = await figuresOrFailure(run, contender, command)
    }
    found.push(figures)
  }
  const rows = rowsOf(taking, found)
  print(workload.isLatency ? latencyTable(rows) : sendingTable(rows))
  return { workload: workload.title, records: workload.records, recordBytes: workload.recordBytes, rows, rounds: found }
}

async function figuresOrFailure(run, contender, command) {
  try {
    return await figuresIn(run, contender, command)
  } catch (error) {
    print(`${contender.name}: ${error.message}\n`)
    return undefined
  }
}

/** Every record must have arrived, once: the topic is new, and the sum of its ends says how many it has. */
async function figuresIn({ workload, broker, topics, payload }, contender, command) {
  const topic = `${runName}-${++runCount}`
  await topics.create(topic)
  try {
    const job = { ...jobOf(workload, contender), address: broker.address, topic, payload }
    const before = await topics.recordCount(topic)
    const taken = await runJob(command, job, broker.processId)
    const arrived = (await topics.recordCount(topic)) - before
    const sent = job.warmUp + job.records
    if (arrived !== sent) throw new Error(`${sent} records were acknowledged, and ${arrived} are there`)
    return figuresOf(job, taken)
  } finally {
    await topics.delete(topic)
  }
}

function takingPart(contenders, clients, codec) {
  const wanted = options.clients.split(',')
  return contenders.filter(({ name, client }) => {
    if (!wanted.some(start => name.startsWith(start))) return false
    const { missing, lacks = [] } = clients[client]
    const reason = missing ?? (lacks.includes(codec) ? `is built without ${codec}` : undefined)
    if (reason !== undefined) print(`${name} is left out: ${reason}\n`)
    return reason === undefined
  })
}

async function profile(run) {
  const { workload, clients, folder } = run
  for (const contender of takingPart(workload.contenders, clients, workload.codec)) {
    if (contender.client !== 'samsa') continue
    const profiles = join(folder, `profile-${++runCount}`)
    mkdirSync(profiles)
    const command = profiled(clients.samsa.command, profiles, PROFILE_INTERVAL_MICROSECONDS)
    const { recordsPerSecond, cpuSecondsPerMillion } = await figuresIn(run, contender, command)
    print(`\n## ${workload.title}: ${contender.name}\n`)
    print(`${Math.round(recordsPerSecond)} records/s, ${cpuSecondsPerMillion.toFixed(2)} CPU s/M under the profiler\n`)
    const { functions, files } = hottest(profiles, PROFILE_FUNCTIONS)
    for (const [kind, shares] of Object.entries({ function: functions, file: files })) {
      print(`| ${kind} | of its time |\n|---|---:|`)
      for (const { name, share } of shares) print(`| ${name} | ${(share * 100).toFixed(1)} % |`)
      print('')
    }
  }
}

/** One file for a size, which every contender reads: 8 bytes of key and the value, one record behind the other. */
function payloadOf(folder, recordBytes) {
  const path = join(folder, `records-${recordBytes}`)
  const records = benchmarkRecords(DISTINCT_RECORDS, recordBytes)
  writeFileSync(path, Buffer.concat(records.flatMap(({ key, value }) => [key, value])))
  return path
}

function printEnvironment({ machine, node, broker, load, versions }) {
  print(`${machine}`)
  const names = Object.entries(versions).map(([name, version]) => `${name} ${version}`)
  print(`Node ${node}; ${names.join(', ')}; broker: ${broker}; load average at the start ${load?.toFixed(1)}`)
  print(`${rounds} rounds, medians; acks=all, idempotent, ${PARTITIONS} partitions`)
}

function print(line) {
  process.stdout.write(`${line}\n`)
}
