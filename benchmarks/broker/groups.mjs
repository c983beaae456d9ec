/**
 * What groups cost: offsets that many groups commit one after the other, side by side, in two flush modes of ours and beside
 * Apache Kafka: `node benchmarks/broker/groups.mjs [--rounds N] [--groups N] [--seconds N] [--profile FOLDER]`. Apache
 * Kafka takes part where SAMSA_KAFKA_BIN names its launcher. Needs a build.
 */
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { findCoordinator, offsetCommit } from '@samsa/protocol'
import { connectTo, cpuSeconds, startKafka, startSamsa } from './brokers.mjs'
import { createTopic } from './loads.mjs'

const PROGRAM = fileURLToPath(new URL('flush-broker.mjs', import.meta.url))
const CONNECTIONS = 4
const MOST_TRIES = 300
const { values: options } = parseArgs({
  options: {
    rounds: { type: 'string', default: '3' },
    groups: { type: 'string', default: '100' },
    seconds: { type: 'string', default: '3' },
    profile: { type: 'string' },
  },
})
const folder = mkdtempSync(join(tmpdir(), 'samsa-groups-'))

await main().finally(() => rmSync(folder, { recursive: true, force: true }))

async function main() {
  const launcher = process.env.SAMSA_KAFKA_BIN
  const brokers = []
  try {
    for (const flush of ['os', 'always']) {
      const program = [PROGRAM, JSON.stringify({ dataDir: join(folder, flush), flush })]
      brokers.push({ ...(await startSamsa({ program, nodeArgs: profilerArgs() })), name: `samsa, ${flush}` })
    }
    if (launcher !== undefined) brokers.push(await startKafka({ launcher, folder: join(folder, 'kafka') }))
    for (const { address } of brokers) await createTopic(address, 't')
    await measure(brokers)
  } finally {
    for (const broker of brokers) await broker.stop()
  }
}

/** Brokers take turns within a round, so that a slow minute of the machine hits all of them. */
async function measure(brokers) {
  const rates = brokers.map(() => [])
  const cpu = brokers.map(() => [])
  for (let round = 0; round < Number(options.rounds); round++) {
    for (const [index, { address, processId }] of brokers.entries()) {
      const before = cpuSeconds(processId)
      const commits = await commitFor(address, Number(options.seconds) * 1000)
      rates[index].push(commits / Number(options.seconds))
      cpu[index].push(((cpuSeconds(processId) - before) * 1e6) / commits)
    }
  }
  process.stdout.write(`| | commits/s | broker CPU, µs a commit |\n|---|---:|---:|\n`)
  for (const [index, { name }] of brokers.entries()) {
    process.stdout.write(`| ${name} | ${median(rates[index]).toFixed(0)} | ${median(cpu[index]).toFixed(0)} |\n`)
  }
}

/** Each group commits as soon as its last commit was answered. Returns how many were. */
async function commitFor(address, durationMs) {
  const connections = await Promise.all(Array.from({ length: CONNECTIONS }, () => connectTo(address)))
  const groups = Array.from({ length: Number(options.groups) }, (_, index) => ({
    groupId: `g${index}`,
    connection: connections[index % CONNECTIONS],
  }))
  await Promise.all(groups.map(ready))
  const endsAt = performance.now() + durationMs
  let commits = 0
  const work = async group => {
    while (performance.now() < endsAt) {
      if ((await commit(group, commits)) !== 0) throw new Error(`a commit of ${group.groupId} was refused`)
      commits++
    }
  }
  await Promise.all(groups.map(work))
  for (const connection of connections) connection.close()
  return commits
}

async function ready(group) {
  for (let tries = 0; tries < MOST_TRIES; tries++) {
    await group.connection.request(findCoordinator, 4, { keyType: 0, coordinatorKeys: [group.groupId] })
    if ((await commit(group, 0)) === 0) return
    await setTimeout(100)
  }
  throw new Error(`${group.groupId} has no coordinator`)
}

async function commit({ groupId, connection }, offset) {
  const partitions = [{ partitionIndex: 0, committedOffset: BigInt(offset), committedMetadata: '' }]
  const { topics } = await connection.request(offsetCommit, 8, { groupId, topics: [{ name: 't', partitions }] })
  return topics[0]?.partitions[0]?.errorCode
}

function profilerArgs() {
  if (options.profile === undefined) return []
  mkdirSync(options.profile, { recursive: true })
  return ['--cpu-prof', `--cpu-prof-dir=${options.profile}`]
}

function median(values) {
  return [...values].sort((left, right) => left - right)[Math.floor((values.length - 1) / 2)] ?? Number.NaN
}
