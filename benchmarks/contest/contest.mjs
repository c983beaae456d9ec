/**
 * A contest of clients: each contender in a process of its own, all on one broker, in turns and rounds, with the medians as
 * Markdown. What they do, and what of it is told, is the benchmark's: see `producer/main.mjs` and `consumer/main.mjs`.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { benchmarkRecords } from '../protocol/records.ts'
import { brokerOf, Topics } from './cluster.mjs'
import { installedClients, profiled } from './contenders.mjs'
import { hottest } from './profile.mjs'
import { environmentOf, rowsOf } from './report.mjs'

/** All topics of a contest have so many. */
export const PARTITIONS = 6
/** The records of a size are these over and over, the same for everyone. */
export const DISTINCT_RECORDS = 10_000

const PROFILE_INTERVAL_MICROSECONDS = 250
const PROFILE_FUNCTIONS = 25
/** A broker in Java compiles its code while it runs: whoever comes first would pay for it. */
const WARM_UP_RUNS = 3

/**
 * `contest` is `{ name, conditions, load, workloads, prepare, profiled }`:
 * - `load` is the program of contenders in JavaScript, `conditions` a text on how all of them are run.
 * - `clients(folder)` gives further ones, by name as `installedClients` does; may be left out.
 * - `workloads({ quick })` gives `{ title, recordBytes, codec, contenders, table, rounds? }` each; `table(rows)` is Markdown, and
 *   `rounds` says how many one asked for is. A contender is `{ name, client, … }`; the others are compared with the first.
 * - `prepare(workload, stage)` resolves to `{ figuresOf(contender, command), end() }`: what one contender has done in a
 *   process that `command` starts. The stage has `broker`, `topics`, `payload` (the file with the records) and `topicName()`.
 * - `profiled(workload)` is the same one, long enough for what a profile has of loading to count for little.
 */
export async function runContest(contest) {
  const options = optionsOf()
  if (options.help) {
    print(helpOf(contest))
    return
  }
  const folder = mkdtempSync(join(tmpdir(), `samsa-${contest.name}-`))
  try {
    await new Contest(contest, options, folder).run()
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

function optionsOf() {
  const { values } = parseArgs({
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
  return { ...values, rounds: Number(values.rounds ?? (values.quick ? 1 : 3)) }
}

function helpOf({ name, workloads }) {
  const titles = workloads({ quick: true }).map(({ title }) => `"${title}"`)
  return `SAMSA_KAFKA_BIN=LAUNCHER node benchmarks/${name}/run.mjs [OPTIONS]

  --broker HOST:PORT  on that one, in place of a broker of our own making; it must lead all partitions
  --samsa-broker      on the bundled broker, in place of Apache Kafka
  --rounds N          default 3
  --quick             one round with a tenth of the records: whether it runs
  --only WORD         workloads with this in their title: ${titles.join(', ')}
  --clients A,B       contenders whose names begin with one of these, as "samsa,franz-go"
  --profile           ours alone, under --cpu-prof: where its time goes
  --json FILE         all figures of all rounds, for a program
`
}

class Contest {
  #contest
  #options
  #folder
  #clients
  #broker
  #topics
  #topicCount = 0

  constructor(contest, options, folder) {
    this.#contest = contest
    this.#options = options
    this.#folder = folder
  }

  async run() {
    const { broker: address, 'samsa-broker': isSamsa, json } = this.#options
    const { load, clients } = this.#contest
    this.#clients = { ...installedClients(this.#folder, load), ...clients?.(this.#folder) }
    const launcher = process.env.SAMSA_KAFKA_BIN
    this.#broker = await brokerOf({ address, launcher, isSamsa, folder: this.#folder })
    try {
      this.#topics = await Topics.connect(this.#broker.address, PARTITIONS)
      const environment = environmentOf(this.#broker.name, this.#clients)
      this.#printEnvironment(environment)
      const results = await this.#results()
      this.#topics.close()
      if (json !== undefined) writeFileSync(json, JSON.stringify({ environment, results }, undefined, 2))
    } finally {
      await this.#broker.stop()
    }
  }

  async #results() {
    const workloads = this.#contest.workloads(this.#options)
    await this.#warmUp(workloads[0])
    const results = []
    for (const workload of workloads) {
      if (!workload.title.includes(this.#options.only)) continue
      if (this.#options.profile) await this.#profile(this.#contest.profiled(workload))
      else results.push(await this.#measure(workload))
    }
    return results
  }

  async #warmUp(workload) {
    const [contender] = workload.contenders
    await this.#prepared(workload, async ({ figuresOf }) => {
      for (let time = 0; time < WARM_UP_RUNS; time++) {
        await figuresOf(contender, this.#clients[contender.client].command)
      }
    })
  }

  /** Contenders take turns within a round, another one first each time, so that a slow minute of the machine hits all. */
  async #measure(workload) {
    print(`\n## ${workload.title}\n`)
    const taking = this.#takingPart(workload)
    const { title, records, recordBytes } = workload
    const rounds = await this.#prepared(workload, async ({ figuresOf }) => {
      const found = []
      for (let round = 0; round < this.#options.rounds * (workload.rounds ?? 1); round++) {
        const figures = {}
        for (let step = 0; step < taking.length; step++) {
          const contender = taking[(round + step) % taking.length]
          const { command } = this.#clients[contender.client]
          figures[contender.name] = await figuresOf(contender, command).catch(error => {
            print(`${contender.name}: ${error.message}\n`)
          })
        }
        found.push(figures)
      }
      return found
    })
    const rows = rowsOf(taking, rounds)
    print(workload.table(rows))
    return { workload: title, records, recordBytes, rows, rounds }
  }

  async #profile(workload) {
    const ours = this.#takingPart(workload).filter(({ client }) => client === 'samsa')
    await this.#prepared(workload, async ({ figuresOf }) => {
      for (const contender of ours) {
        const profiles = mkdtempSync(join(this.#folder, 'profile-'))
        const command = profiled(this.#clients.samsa.command, profiles, PROFILE_INTERVAL_MICROSECONDS)
        const { recordsPerSecond, cpuSecondsPerMillion } = await figuresOf(contender, command)
        print(`\n## ${workload.title}: ${contender.name}\n`)
        print(
          `${Math.round(recordsPerSecond)} records/s, ${cpuSecondsPerMillion.toFixed(2)} CPU s/M, under the profiler\n`,
        )
        printProfile(profiles)
      }
    })
  }

  async #prepared(workload, work) {
    const prepared = await this.#contest.prepare(workload, {
      broker: this.#broker,
      topics: this.#topics,
      payload: writePayload(this.#folder, workload.recordBytes),
      topicName: () => `${this.#contest.name}-${process.pid}-${++this.#topicCount}`,
    })
    try {
      return await work(prepared)
    } finally {
      await prepared.end()
    }
  }

  #takingPart({ contenders, codec }) {
    const wanted = this.#options.clients.split(',')
    return contenders.filter(({ name, client }) => {
      if (!wanted.some(start => name.startsWith(start))) return false
      const { missing, lacks = [] } = this.#clients[client]
      const reason = missing ?? (lacks.includes(codec) ? `is built without ${codec}` : undefined)
      if (reason !== undefined) print(`${name} is left out: ${reason}\n`)
      return reason === undefined
    })
  }

  #printEnvironment({ machine, node, broker, load, versions }) {
    print(`${machine}`)
    const names = Object.entries(versions).map(([name, version]) => `${name} ${version}`)
    print(`Node ${node}; ${names.join(', ')}; broker: ${broker}; load average at the start ${load?.toFixed(1)}`)
    print(`${this.#options.rounds} rounds, medians; ${this.#contest.conditions}, ${PARTITIONS} partitions`)
  }
}

/** One file for a size: a key with its value behind it, one record behind the other. */
function writePayload(folder, recordBytes) {
  const path = join(folder, `records-${recordBytes}`)
  const records = benchmarkRecords(DISTINCT_RECORDS, recordBytes)
  writeFileSync(path, Buffer.concat(records.flatMap(({ key, value }) => [key, value])))
  return path
}

function printProfile(folder) {
  const { functions, files } = hottest(folder, PROFILE_FUNCTIONS)
  for (const [kind, shares] of Object.entries({ function: functions, file: files })) {
    print(`| ${kind} | of its time |\n|---|---:|`)
    for (const { name, share } of shares) print(`| ${name} | ${(share * 100).toFixed(1)} % |`)
    print('')
  }
}

function print(line) {
  process.stdout.write(`${line}\n`)
}
