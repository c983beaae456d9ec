/**
 * Benchmarks of @samsa/protocol beside kafkajs and @platformatic/kafka. Started by benchmarks/run.mjs.
 *
 * The contenders of one benchmark share a process and take turns in it. Every benchmark has processes of its own: what V8
 * learnt of the code in one would decide how another comes out. It has more than one, because V8 does not always come to
 * the same code: of these the least ratio counts, where the other one was at its best.
 */
import { execFileSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import type { Benchmark } from '../measure/benchmark.ts'
import { environmentOf } from '../measure/environment.ts'
import { heapBytesPerRun, hottestFunctions } from '../measure/inspector.ts'
import { type Options, readOptions, USAGE } from '../measure/options.ts'
import { environmentLines, leastOf, type Row, tableHead, tableLine } from '../measure/report.ts'
import { type RoundOptions, timeRounds } from '../measure/rounds.ts'
import { batchBenchmarks } from './batches.ts'
import { messageBenchmarks } from './messages.ts'
import { loadPeers, PEER_NAMES, type Peers } from './peers.ts'

const PROFILE_MS = 2000
const HOTTEST = 12

const options = readOptions(process.argv.slice(2))
if (options.help) print(USAGE)
else await main(options)

async function main({ only, one, json, profile, processes, timing }: Options): Promise<void> {
  const notes = new Set<string>()
  const peers = await loadPeers()
  for (const name of PEER_NAMES.filter(peer => peers[peer] === undefined))
    notes.add(`${name} is not installed and is left out: scripts/interop-install ${name}`)
  const all = [...batchBenchmarks(peers, text => notes.add(text)), ...messageBenchmarks(peers)]
  const chosen = all.filter(({ name }) => (one === undefined ? name.includes(only) : name === one))
  if (chosen.length === 0) throw new Error(`no benchmark has ${JSON.stringify(one ?? only)} in its name`)
  if (one !== undefined) {
    for (const benchmark of chosen) print(JSON.stringify(await measure(benchmark, timing)))
    return
  }
  const environment = environmentOf(versionsOf(peers))
  if (!json) for (const line of [...environmentLines(environment), ...notes]) print(line)
  if (profile) return showProfiles(chosen)
  const rows: Row[] = []
  if (!json) for (const line of ['', ...tableHead(PEER_NAMES)]) print(line)
  for (const { name } of chosen) {
    const row = leastOf(Array.from({ length: processes }, () => measureApart(name)))
    rows.push(row)
    if (!json) print(tableLine(row, PEER_NAMES))
  }
  if (json) print(JSON.stringify({ environment, notes: [...notes], processes, timing, rows }, undefined, 2))
}

/** In a process of its own, with the options that this one was given. */
function measureApart(name: string): Row {
  const args = [...process.execArgv, fileURLToPath(import.meta.url), ...process.argv.slice(2), '--one', name]
  const output = execFileSync(process.execPath, args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] })
  const row: Row = JSON.parse(output)
  return row
}

async function measure(benchmark: Benchmark, timing: RoundOptions): Promise<Row> {
  // Before anything is timed: the wrong thing may be faster.
  await benchmark.check()
  const timings = await timeRounds(benchmark, timing)
  const heap = new Map<string, number>()
  for (const contender of benchmark.contenders) {
    const bytes = await heapBytesPerRun(contender, timing.roundMs)
    heap.set(contender.name, bytes / benchmark.unitsPerRun)
  }
  return {
    name: benchmark.name,
    unit: benchmark.unit,
    timings: timings.map(entry => ({ ...entry, heapBytesPerUnit: heap.get(entry.name) ?? Number.NaN })),
  }
}

async function showProfiles(benchmarks: readonly Benchmark[]): Promise<void> {
  for (const { name, contenders } of benchmarks) {
    const [own] = contenders
    if (own === undefined) continue
    print(`\n${name}`)
    for (const { name: functionName, where, share } of await hottestFunctions(own, PROFILE_MS, HOTTEST))
      print(`  ${(share * 100).toFixed(1).padStart(5)} %  ${functionName}  ${where}`)
  }
}

function versionsOf(peers: Peers): Record<string, string> {
  const found = PEER_NAMES.flatMap(name => {
    const version = peers[name]?.version
    return version === undefined ? [] : [[name, version]]
  })
  return Object.fromEntries(found)
}

function print(line: string): void {
  process.stdout.write(`${line}\n`)
}
