/**
 * How long a broker with much data takes to start after a clean stop: `node benchmarks/broker/start.mjs [--partitions N]
 * [--mb N] [--segment-mb N] [--rounds N] [--dir PATH]`. Needs a build, and as much room as partitions times megabytes.
 *
 * One partition is produced into; the others get copies of its files, byte by byte, since a start looks at nothing else.
 * Their pages are in the system's cache or not, as they happen to be. Told is the time of a fresh process until its line
 * that says it answers, and the same without data, which is what Node and the program take.
 */
import { spawn } from 'node:child_process'
import { copyFileSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { createBroker } from '@samsa/broker'
import { Connection, connectTcp, parseAddress } from '@samsa/client'
import { BatchBuilder, produce } from '@samsa/protocol'

const rootFolder = dirname(dirname(dirname(fileURLToPath(import.meta.url))))
const { values } = parseArgs({
  options: {
    partitions: { type: 'string', default: '1000' },
    mb: { type: 'string', default: '10' },
    'segment-mb': { type: 'string', default: '1' },
    rounds: { type: 'string', default: '5' },
    dir: { type: 'string', default: tmpdir() },
  },
})
const partitions = Number(values.partitions)
const folder = mkdtempSync(join(values.dir, 'samsa-start-'))

try {
  const bytes = await write(join(folder, 'data'))
  const empty = join(folder, 'empty')
  await start(empty)
  process.stdout.write(
    `${partitions} partitions, ${(bytes / 1e9).toFixed(1)} GB, ${values['segment-mb']} MB a segment\n`,
  )
  for (let round = 1; round <= Number(values.rounds); round++) {
    const [full, none] = [await start(join(folder, 'data')), await start(empty)]
    process.stdout.write(`${full.readyMs.toFixed(0)} ms until ready, ${none.readyMs.toFixed(0)} ms without data; `)
    process.stdout.write(`stop ${full.stopMs.toFixed(0)} ms\n`)
  }
} finally {
  rmSync(folder, { recursive: true, force: true })
}

/** Returns how many bytes all logs have together. */
async function write(dataDir) {
  const configs = { 'segment.bytes': String(Number(values['segment-mb']) * 1024 * 1024) }
  const broker = await createBroker({ port: 0, dataDir, topics: { events: { partitions, configs } } })
  const connection = new Connection(await connectTcp(parseAddress(broker.bootstrapServers)))
  let written = 0
  while (written < Number(values.mb) * 1e6) {
    const builder = new BatchBuilder()
    for (let record = 0; record < 16; record++) builder.append(Date.now(), null, 'x'.repeat(1000))
    const records = builder.close()
    written += records.length
    const topicData = [{ name: 'events', partitionData: [{ index: 0, records }] }]
    await connection.request(produce, 12, { acks: -1, timeoutMs: 30_000, topicData })
  }
  connection.close()
  await broker.close()
  const from = join(dataDir, 'events-0')
  for (let partition = 1; partition < partitions; partition++) {
    const to = join(dataDir, `events-${partition}`)
    mkdirSync(to, { recursive: true })
    for (const name of readdirSync(from)) copyFileSync(join(from, name), join(to, name))
  }
  return written * partitions
}

/** Starts a broker in a process of its own and stops it as Ctrl-C does. */
async function start(dataDir) {
  const beganAt = performance.now()
  const program = join(rootFolder, 'packages/samsa/dist/main.js')
  const child = spawn(process.execPath, [program, 'broker', '--json', '--port', '0', '--data-dir', dataDir], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  await new Promise((resolve, reject) => {
    createInterface({ input: child.stdout }).once('line', resolve)
    child.once('exit', status => reject(new Error(`the broker ended with ${status}`)))
  })
  const readyMs = performance.now() - beganAt
  const ended = new Promise(resolve => child.once('close', resolve))
  child.kill('SIGINT')
  await ended
  return { readyMs, stopMs: performance.now() - beganAt - readyMs }
}
