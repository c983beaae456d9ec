/**
 * Results as a table in Markdown, line by line as they come, or as one JSON document at the end.
 */
import type { Benchmark } from './benchmark.ts'
import type { Environment } from './environment.ts'
import type { Spread, Timing } from './rounds.ts'

export interface Row {
  readonly name: string
  readonly unit: Benchmark['unit']
  readonly timings: readonly (Timing & { readonly heapBytesPerUnit: number })[]
}

export function environmentLines({ machine, node, load, versions }: Environment): string[] {
  const packages = Object.entries(versions).map(([name, version]) => `${name} ${version}`)
  return [machine, [`Node ${node}`, ...packages, `load average at the start ${load.toFixed(1)}`].join(', ')]
}

export function tableHead(peers: readonly string[]): string[] {
  const columns = ['', 'samsa', ...peers.flatMap(peer => [peer, 'samsa is']), 'bytes on the heap']
  return [`| ${columns.join(' | ')} |`, `|${columns.map((_, index) => (index === 0 ? ' --- |' : ' ---: |')).join('')}`]
}

export function tableLine({ name, timings }: Row, peers: readonly string[]): string {
  const [own] = timings
  const cells = peers.flatMap(peer => {
    const timing = timings.find(candidate => candidate.name === peer)
    return timing === undefined ? ['-', '-'] : [rate(timing.perSecond.median), times(timing.firstIsTimes)]
  })
  const heap = timings.map(({ heapBytesPerUnit }) => size(heapBytesPerUnit)).join(' / ')
  return `| ${[name, rate(own?.perSecond.median ?? Number.NaN), ...cells, heap].join(' | ')} |`
}

/** Of the rows of several processes, each contender's where the first one is the least times as fast as it. */
export function leastOf(rows: readonly Row[]): Row {
  const [first] = rows
  if (first === undefined) throw new RangeError('there are no rows')
  const timings = first.timings.map((timing, index) => {
    const found = rows.flatMap(row => row.timings[index] ?? [])
    // The first one is always as fast as itself: there it is the process in the middle.
    if (index === 0) return found.sort(byRate)[Math.floor(found.length / 2)] ?? timing
    return found.sort((left, right) => left.firstIsTimes.median - right.firstIsTimes.median)[0] ?? timing
  })
  return { ...first, timings }
}

function byRate(left: Timing, right: Timing): number {
  return left.perSecond.median - right.perSecond.median
}

function rate(perSecond: number): string {
  if (perSecond >= 1e6) return `${digits(perSecond / 1e6)} M/s`
  return perSecond >= 1e3 ? `${digits(perSecond / 1e3)} k/s` : `${digits(perSecond)}/s`
}

function times({ median, least, most }: Spread): string {
  return `**${digits(median)}x** (${digits(least)}-${digits(most)})`
}

function size(bytes: number): string {
  return bytes >= 10_000 ? `${digits(bytes / 1000)} k` : String(Math.round(bytes))
}

/** Two significant digits at the least, and no decimals from 100 on. */
function digits(value: number): string {
  if (value >= 100) return value.toFixed(0)
  return value >= 10 ? value.toFixed(1) : value.toFixed(2)
}
