#!/usr/bin/env node
/**
 * How far the memory of an application grows whose handler is stuck while its topic has much more: `node
 * benchmarks/consumer/memory.mjs [--seconds N] [--kafka]`. Needs a build.
 *
 * A topic is filled with eight times what a consumer may fetch ahead. Then an application, in a process of its own, handles
 * its first record for so long, with `run`, in the body of a loop, or between two polls. Beyond the buffer and 80 MB, which
 * code and the answer under way take, it may not grow; the exit status is 1 where it did. --kafka reads from the
 * Apache Kafka that SAMSA_KAFKA_BIN starts, in place of the bundled broker.
 */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { Producer } from '@samsa/producer'
import { brokerOf, Topics } from '../contest/cluster.mjs'
import { PARTITIONS } from '../contest/contest.mjs'

const APPLICATION = fileURLToPath(new URL('memory-application.mjs', import.meta.url))
const MEBIBYTE = 1024 * 1024
const BUFFER_BYTES = 64 * MEBIBYTE
const ALLOWANCE = 80e6
const RECORD_BYTES = 1024
const RECORDS = (8 * BUFFER_BYTES) / RECORD_BYTES
const TOPIC = 'memory'
const { values: options } = parseArgs({
  options: { seconds: { type: 'string', default: '60' }, kafka: { type: 'boolean', default: false } },
})

const folder = mkdtempSync(join(tmpdir(), 'samsa-memory-'))
await main().finally(() => rmSync(folder, { recursive: true, force: true }))

async function main() {
  const broker = await brokerOf({ launcher: process.env.SAMSA_KAFKA_BIN, isSamsa: !options.kafka, folder })
  const topics = await Topics.connect(broker.address, PARTITIONS)
  const limit = BUFFER_BYTES + ALLOWANCE
  try {
    await topics.create(TOPIC)
    await fill(broker.address)
    print(
      `Node ${process.versions.node}; ${broker.name}; stuck for ${options.seconds} s; ${mebibytes(limit)} MiB allowed\n`,
    )
    print('| | RSS before, MiB | RSS at most, MiB | records in hand | within |\n|---|---:|---:|---:|---|')
    for (const mode of ['run', 'for await', 'poll']) {
      const { before, most, started } = await stuck({ mode, topic: TOPIC, address: broker.address })
      const isWithin = most - before <= limit
      if (!isWithin) process.exitCode = 1
      print(`| ${mode} | ${mebibytes(before)} | ${mebibytes(most)} | ${started} | ${isWithin ? 'yes' : 'no'} |`)
    }
  } finally {
    topics.close()
    await broker.stop()
  }
}

async function fill(address) {
  const producer = new Producer({ bootstrapServers: address, lingerMs: 5 })
  const value = Buffer.alloc(RECORD_BYTES, 'x')
  for (let index = 0; index < RECORDS; index++) {
    const room = producer.enqueue({ topic: TOPIC, partition: index % PARTITIONS, value })
    if (room !== undefined) await room
  }
  await producer.close()
}

async function stuck(job) {
  const settings = JSON.stringify({ ...job, seconds: Number(options.seconds) })
  const child = spawn(process.execPath, [APPLICATION, settings], { stdio: ['ignore', 'pipe', 'inherit'] })
  let said = ''
  child.stdout.on('data', text => {
    said += text
  })
  const [status] = await once(child, 'close')
  if (status !== 0) throw new Error(`the application with ${job.mode} ended with ${status}`)
  return JSON.parse(said)
}

function mebibytes(bytes) {
  return (bytes / MEBIBYTE).toFixed(0)
}

function print(line) {
  process.stdout.write(`${line}\n`)
}
