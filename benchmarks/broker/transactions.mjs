/**
 * What transactions cost: many producers at once that each write ten records and commit, one alone whose commits are timed,
 * and ids with an open transaction, in memory and in two flush modes of ours and beside Apache Kafka: `node
 * benchmarks/broker/transactions.mjs [--rounds N] [--producers N] [--seconds N] [--open N]`. Apache Kafka takes part where
 * SAMSA_KAFKA_BIN names its launcher. Needs a build.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { connectTo, cpuSeconds, residentMebibytes, startKafka, startSamsa } from './brokers.mjs'
import { createTopic } from './loads.mjs'
import { TransactionalProducer } from './transactional-producer.mjs'

const PROGRAM = fileURLToPath(new URL('flush-broker.mjs', import.meta.url))
const TOPIC = 't'
const PARTITIONS = 8
const CONNECTIONS = 4
const { values: options } = parseArgs({
  options: {
    rounds: { type: 'string', default: '3' },
    producers: { type: 'string', default: '50' },
    seconds: { type: 'string', default: '3' },
    open: { type: 'string', default: '10000' },
  },
})
let made = 0
const folder = mkdtempSync(join(tmpdir(), 'samsa-transactions-'))

await main().finally(() => rmSync(folder, { recursive: true, force: true }))

async function main() {
  const launcher = process.env.SAMSA_KAFKA_BIN
  const brokers = []
  try {
    const ways = [
      ['in memory', {}],
      ['os', { dataDir: join(folder, 'os'), flush: 'os' }],
      ['always', { dataDir: join(folder, 'always'), flush: 'always' }],
    ]
    for (const [name, way] of ways) {
      brokers.push({ ...(await startSamsa({ program: [PROGRAM, JSON.stringify(way)] })), name: `samsa, ${name}` })
    }
    if (launcher !== undefined) brokers.push(await startKafka({ launcher, folder: join(folder, 'kafka') }))
    for (const { address } of brokers) await createTopic(address, TOPIC, PARTITIONS)
    await measure(brokers)
  } finally {
    for (const broker of brokers) await broker.stop()
  }
}

/** Brokers take turns within a round, so that a slow minute of the machine hits all of them. */
async function measure(brokers) {
  const found = brokers.map(() => ({ rates: [], cpu: [], trips: [] }))
  for (let round = 0; round < Number(options.rounds); round++) {
    for (const [index, { address, processId }] of brokers.entries()) {
      const { rates, cpu, trips } = found[index]
      const many = await producersOf(address, Number(options.producers))
      const before = cpuSeconds(processId)
      const transactions = await together(many)
      rates.push(transactions / Number(options.seconds))
      cpu.push(((cpuSeconds(processId) - before) * 1e6) / transactions)
      close(many)
      const one = await producersOf(address, 1)
      trips.push(...(await alone(one[0])))
      close(one)
    }
  }
  process.stdout.write('| | transactions/s | broker CPU, µs a transaction | EndTxn, p50 | p99 | open ids: KiB each |\n')
  process.stdout.write('|---|---:|---:|---:|---:|---:|\n')
  for (const [index, broker] of brokers.entries()) {
    const { rates, cpu, trips } = found[index]
    const memory = await openMany(broker)
    const times = [0.5, 0.99].map(part => `${quantile(trips, part).toFixed(2)} ms`)
    const cells = [broker.name, median(rates).toFixed(0), median(cpu).toFixed(0), ...times, memory.toFixed(1)]
    process.stdout.write(`| ${cells.join(' | ')} |\n`)
  }
}

/** Each commits, and begins again as soon as it was answered. Returns how many transactions that were. */
async function together(producers) {
  const endsAt = performance.now() + Number(options.seconds) * 1000
  let transactions = 0
  const work = async producer => {
    while (performance.now() < endsAt) {
      await producer.write()
      await producer.commit()
      transactions++
    }
  }
  await Promise.all(producers.map(work))
  return transactions
}

/** What one commit takes when there is no other. */
async function alone(producer) {
  const endsAt = performance.now() + (Number(options.seconds) * 1000) / 3
  const trips = []
  while (performance.now() < endsAt) {
    await producer.write()
    const begin = performance.now()
    await producer.commit()
    trips.push(performance.now() - begin)
  }
  return trips
}

/** By how much memory a broker grows for each id with an open transaction of one batch. */
async function openMany({ address, processId }) {
  const count = Number(options.open)
  const before = residentMebibytes(processId)
  const producers = await producersOf(address, count)
  for (let from = 0; from < count; from += 100)
    await Promise.all(producers.slice(from, from + 100).map(each => each.write()))
  const after = residentMebibytes(processId)
  close(producers)
  return ((after - before) * 1024) / count
}

async function producersOf(address, count) {
  const connections = await Promise.all(Array.from({ length: Math.min(count, CONNECTIONS) }, () => connectTo(address)))
  const producers = Array.from({ length: count }, (_, index) => {
    return new TransactionalProducer(connections[index % connections.length], {
      transactionalId: `id-${made++}`,
      topic: TOPIC,
      partition: index % PARTITIONS,
    })
  })
  for (let from = 0; from < count; from += 100)
    await Promise.all(producers.slice(from, from + 100).map(each => each.init()))
  return producers
}

function close(producers) {
  for (const connection of new Set(producers.map(producer => producer.connection))) connection.close()
}

function median(numbers) {
  return quantile(numbers, 0.5)
}

function quantile(numbers, part) {
  const sorted = numbers.toSorted((one, other) => one - other)
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))]
}
