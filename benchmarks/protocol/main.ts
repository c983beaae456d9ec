/**
 * Benchmarks of @samsa/protocol beside kafkajs and @platformatic/kafka, in one process. Started by benchmarks/run.mjs.
 */
import type { Benchmark } from '../measure/benchmark.ts'
import { environmentOf } from '../measure/environment.ts'
import { heapBytesPerRun, hottestFunctions } from '../measure/inspector.ts'
import { type Options, readOptions, USAGE } from '../measure/options.ts'
import { environmentLines, type Row, tableHead, tableLine } from '../measure/report.ts'
import { timeRounds } from '../measure/rounds.ts'
import { batchBenchmarks } from './batches.ts'
import { messageBenchmarks } from './messages.ts'
import { loadPeers, PEER_NAMES, type Peers } from './peers.ts'

const PROFILE_MS = 2000
const HOTTEST = 12

const options = readOptions(process.argv.slice(2))
if (options.help) print(USAGE)
else await main(options)

async function main({ only, json, profile, ...timing }: Options): Promise<void> {
  const notes = new Set<string>()
  const peers = await loadPeers()
  for (const name of PEER_NAMES.filter(peer => peers[peer] === undefined))
    notes.add(`${name} is not installed and is left out: scripts/interop-install ${name}`)
  const all = [...batchBenchmarks(peers, text => notes.add(text)), ...messageBenchmarks(peers)]
  const benchmarks = all.filter(({ name }) => name.includes(only))
  const environment = environmentOf(versionsOf(peers))
  if (!json) for (const line of [...environmentLines(environment), ...notes]) print(line)
  // Before anything is timed: the wrong thing may be faster.
  for (const benchmark of benchmarks) await benchmark.check()
  if (profile) return showProfiles(benchmarks)
  const rows: Row[] = []
  if (!json) for (const line of ['', ...tableHead(PEER_NAMES)]) print(line)
  for (const benchmark of benchmarks) {
    const row = await measure(benchmark, timing)
    rows.push(row)
    if (!json) print(tableLine(row, PEER_NAMES))
  }
  if (json) print(JSON.stringify({ environment, notes: [...notes], timing, rows }, undefined, 2))
}

async function measure(benchmark: Benchmark, timing: Omit<Options, 'only' | 'json' | 'profile'>): Promise<Row> {
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
