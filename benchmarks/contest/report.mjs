/**
 * What a contest has found, as Markdown: medians of the rounds. A ratio belongs to one round, in which contenders took turns;
 * the table has the median of them.
 */
import { cpus, loadavg, platform, release, totalmem } from 'node:os'

export function environmentOf(broker, clients) {
  const [processor] = cpus()
  const memory = Math.round(totalmem() / 2 ** 30)
  return {
    machine: `${processor?.model.trim()}, ${cpus().length} cores, ${memory} GiB, ${platform()} ${release()}`,
    node: process.versions.node,
    broker,
    load: loadavg()[0],
    versions: Object.fromEntries(
      Object.entries(clients).map(([name, { version, missing }]) => [name, version ?? `missing: ${missing}`]),
    ),
  }
}

/** What one contender's records have cost: the figures that every workload has. */
export function costsOf(records, { cpuSeconds, brokerCpuSeconds, maxRssMebibytes }) {
  return {
    cpuSecondsPerMillion: (cpuSeconds * 1e6) / records,
    brokerCpuSecondsPerMillion: (brokerCpuSeconds * 1e6) / records,
    maxRssMebibytes,
  }
}

export function throughputOf(records, recordBytes, elapsedMs) {
  return {
    recordsPerSecond: (records * 1000) / elapsedMs,
    megabytesPerSecond: (records * recordBytes) / 1000 / elapsedMs,
  }
}

export function latencyOf(latencies) {
  const sorted = latencies.toSorted((a, b) => a - b)
  return { p50Ms: at(sorted, 0.5), p99Ms: at(sorted, 0.99) }
}

/**
 * A row for each contender: `{ name, isExtrapolated, medians, ranges, ratios }`, the latter three by figure. Above 1 ours is
 * better, in all ratios.
 */
export function rowsOf(contenders, rounds) {
  const [ours] = contenders
  return contenders.flatMap(({ name, share = 1 }) => {
    const found = rounds.map(round => round[name]).filter(figures => figures !== undefined)
    if (found.length === 0) return []
    const byFigure = of => Object.fromEntries(Object.keys(found[0]).map(figure => [figure, of(figure)]))
    const valuesOf = figure => found.map(figures => figures[figure])
    return [
      {
        name,
        isExtrapolated: share < 1,
        medians: byFigure(figure => median(valuesOf(figure))),
        ranges: byFigure(figure => [Math.min(...valuesOf(figure)), Math.max(...valuesOf(figure))]),
        ratios: byFigure(figure => ratioOf(rounds, ours.name, name, figure)),
      },
    ]
  })
}

/** Columns of a table: `[title, cell of a row]`. */
export const RATE = [
  'records/s',
  ({ isExtrapolated, medians }) => `${isExtrapolated ? '~' : ''}${short(medians.recordsPerSecond)}`,
]
export const RATE_RANGE = ['least-most', ({ ranges }) => ranges.recordsPerSecond.map(short).join('-')]
export const MEGABYTES = ['MB/s', ({ medians }) => medians.megabytesPerSecond.toFixed(1)]
export const CPU = ['client CPU s/M', ({ medians }) => medians.cpuSecondsPerMillion.toFixed(2)]
export const BROKER_CPU = ['broker CPU s/M', ({ medians }) => orDash(medians.brokerCpuSecondsPerMillion)]
export const RSS = ['max RSS MiB', ({ medians }) => medians.maxRssMebibytes.toFixed(0)]
export const RATE_RATIO = ['ours is, in records/s', ({ ratios }) => `**${times(ratios.recordsPerSecond)}**`]
export const CPU_RATIO = ['CPU: theirs to ours', ({ ratios }) => times(ratios.cpuSecondsPerMillion)]

export function latencyTable(rows) {
  return tableOf(rows, [
    ['p50 ms', ({ medians }) => medians.p50Ms.toFixed(2)],
    ['p99 ms', ({ medians }) => medians.p99Ms.toFixed(2)],
    ['client CPU µs a record', ({ medians }) => medians.cpuSecondsPerMillion.toFixed(0)],
    ['broker CPU µs a record', ({ medians }) => orDash(medians.brokerCpuSecondsPerMillion)],
    ['p50: theirs to ours', ({ ratios }) => times(ratios.p50Ms)],
    ['p99: theirs to ours', ({ ratios }) => times(ratios.p99Ms)],
  ])
}

export function tableOf(rows, columns) {
  return [
    `| | ${columns.map(([title]) => title).join(' | ')} |`,
    `|---|${columns.map(() => '---:|').join('')}`,
    ...rows.map(row => `| ${row.name} | ${columns.map(([, cell]) => cell(row)).join(' | ')} |`),
  ].join('\n')
}

const MORE_IS_BETTER = new Set([
  'recordsPerSecond',
  'recordsPerSecondFromFirst',
  'megabytesPerSecond',
  'transactionsPerSecond',
])

function ratioOf(rounds, ours, theirs, figure) {
  const both = rounds.filter(round => round[ours] !== undefined && round[theirs] !== undefined)
  return median(
    both.map(round => {
      const [our, their] = [round[ours][figure], round[theirs][figure]]
      return MORE_IS_BETTER.has(figure) ? our / their : their / our
    }),
  )
}

function at(sorted, share) {
  return sorted[Math.min(Math.floor(sorted.length * share), sorted.length - 1)]
}

function median(values) {
  const sorted = values.toSorted((left, right) => left - right)
  const middle = (sorted.length - 1) / 2
  return ((sorted[Math.floor(middle)] ?? Number.NaN) + (sorted[Math.ceil(middle)] ?? Number.NaN)) / 2
}

/** A rate, in as few characters as tell it. */
export function short(rate) {
  if (rate >= 1e6) return `${(rate / 1e6).toFixed(2)} M`
  return rate >= 1e4 ? `${(rate / 1e3).toFixed(0)} k` : `${(rate / 1e3).toFixed(1)} k`
}

export function orDash(value) {
  return Number.isNaN(value) ? '-' : value.toFixed(2)
}

export function times(ratio) {
  if (Number.isNaN(ratio)) return '-'
  return `${ratio >= 10 ? ratio.toFixed(0) : ratio.toFixed(2)}x`
}
