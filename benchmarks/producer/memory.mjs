#!/usr/bin/env node
/**
 * How far the memory of an application grows while its broker stands still: `node benchmarks/producer/memory.mjs
 * [--seconds N] [--kafka]`. Needs a build, and a system with SIGSTOP and /proc.
 *
 * The broker's process is stopped, which no client can tell from a slow one, and the application goes on: it sends and
 * forgets, or it uses `enqueue` and waits where that says so. Beside them it runs once without the producer, making as many
 * records as it can and keeping none: what that takes is its own. Beyond it, sending and forgetting may take bufferMemory and
 * 50 MB; the exit status is 1 where it was more. --kafka stops the Apache Kafka that SAMSA_KAFKA_BIN starts, in place of the bundled broker.
 */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { brokerOf, Topics } from '../contest/cluster.mjs'
import { PARTITIONS } from '../contest/contest.mjs'

const APPLICATION = fileURLToPath(new URL('memory-application.mjs', import.meta.url))
const MEBIBYTE = 1024 * 1024
const BUFFER_MEMORY = 32 * MEBIBYTE
const ALLOWANCE = 50e6
const { values: options } = parseArgs({
  options: { seconds: { type: 'string', default: '5' }, kafka: { type: 'boolean', default: false } },
})
const CASES = [100, 1024, 64 * 1024].flatMap(recordBytes =>
  ['no producer', 'send and forget', 'enqueue'].map(mode => ({ mode, recordBytes })),
)

const folder = mkdtempSync(join(tmpdir(), 'samsa-memory-'))
await main().finally(() => rmSync(folder, { recursive: true, force: true }))

async function main() {
  const launcher = process.env.SAMSA_KAFKA_BIN
  const broker = await brokerOf({ launcher, isSamsa: !options.kafka, folder })
  const topics = await Topics.connect(broker.address, PARTITIONS)
  const limit = BUFFER_MEMORY + ALLOWANCE
  try {
    print(`Node ${process.versions.node}; ${broker.name} stopped for ${options.seconds} s`)
    print(`bufferMemory and 50 MB are ${mebibytes(limit)} MiB\n`)
    print(
      '| | record | calls | refused | RSS before, MiB | growth at most, MiB | within |\n|---|---:|---:|---:|---:|---:|---|',
    )
    let own = 0
    for (const [index, each] of CASES.entries()) {
      const topic = `memory-${index}`
      await topics.create(topic)
      const { calls, refused, before, most } = await whileStopped(broker, { ...each, topic })
      if (each.mode === 'no producer') own = most - before
      // Who awaits room makes no records meanwhile.
      const isWithin = most - before - (each.mode === 'send and forget' ? own : 0) <= limit
      if (!isWithin) process.exitCode = 1
      const cells = [`${each.recordBytes} B`, calls, refused, mebibytes(before), mebibytes(most - before)]
      print(`| ${each.mode} | ${cells.join(' | ')} | ${isWithin ? 'yes' : 'no'} |`)
    }
  } finally {
    topics.close()
    await broker.stop()
  }
}

async function whileStopped(broker, job) {
  const settings = { ...job, address: broker.address, bufferMemory: BUFFER_MEMORY, seconds: Number(options.seconds) }
  const child = spawn(process.execPath, [APPLICATION, JSON.stringify(settings)], { stdio: ['pipe', 'pipe', 'inherit'] })
  const ended = once(child, 'close')
  const lines = createInterface({ input: child.stdout })
  const said = async () => {
    const [line] = await Promise.race([
      once(lines, 'line'),
      ended.then(() => Promise.reject(new Error('it ended early'))),
    ])
    return JSON.parse(line)
  }
  await said()
  process.kill(broker.processId, 'SIGSTOP')
  try {
    child.stdin.end('go\n')
    return await said()
  } finally {
    process.kill(broker.processId, 'SIGCONT')
    await ended
  }
}

function mebibytes(bytes) {
  return (bytes / MEBIBYTE).toFixed(0)
}

function print(line) {
  process.stdout.write(`${line}\n`)
}
