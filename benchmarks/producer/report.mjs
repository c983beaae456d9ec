/**
 * What a run has found, as Markdown: medians of the rounds. A ratio belongs to one round, in which contenders took turns; the
 * table has the median of them.
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

/** What one contender did in one round, per record; `~` before a rate says that it comes from few records. */
export function figuresOf(job, { elapsedMs, cpuSeconds, brokerCpuSeconds, maxRssMebibytes, latencies }) {
  const sorted = latencies === undefined || latencies === null ? undefined : latencies.toSorted((a, b) => a - b)
  return {
    recordsPerSecond: (job.records * 1000) / elapsedMs,
    megabytesPerSecond: (job.records * job.recordBytes) / 1000 / elapsedMs,
    cpuSecondsPerMillion: (cpuSeconds * 1e6) / job.records,
    brokerCpuSecondsPerMillion: (brokerCpuSeconds * 1e6) / job.records,
    maxRssMebibytes,
    ...(sorted === undefined ? {} : { p50Ms: at(sorted, 0.5), p99Ms: at(sorted, 0.99) }),
  }
}

/** A row for each contender: `{ name, isExtrapolated, medians, ratios }`, the ratios being ours to theirs. */
export function rowsOf(contenders, rounds) {
  const [ours] = contenders
  return contenders.flatMap(({ name, share = 1 }) => {
    const found = rounds.flatMap(round => (round[name] === undefined ? [] : [round[name]]))
    if (found.length === 0) return []
    const medians = Object.fromEntries(Object.keys(found[0]).map(key => [key, median(found.map(each => each[key]))]))
    const rates = found.map(({ recordsPerSecond }) => recordsPerSecond)
    const range = [Math.min(...rates), Math.max(...rates)]
    return [{ name, isExtrapolated: share < 1, medians, range, ratios: ratiosOf(rounds, ours.name, name) }]
  })
}

export function sendingTable(rows) {
  const columns = ['records/s', 'least-most', 'MB/s', 'client CPU s/M', 'broker CPU s/M', 'max RSS MiB']
  return [
    `| | ${columns.join(' | ')} | ours is, in records/s | CPU: theirs to ours |`,
    `|---|${columns.map(() => '---:').join('|')}|---:|---:|`,
    ...rows.map(({ name, isExtrapolated, medians, range, ratios }) => {
      const cells = [
        `${isExtrapolated ? '~' : ''}${short(medians.recordsPerSecond)}`,
        `${short(range[0])}-${short(range[1])}`,
        medians.megabytesPerSecond.toFixed(1),
        medians.cpuSecondsPerMillion.toFixed(2),
        orDash(medians.brokerCpuSecondsPerMillion),
        medians.maxRssMebibytes.toFixed(0),
      ]
      return `| ${name} | ${cells.join(' | ')} | **${times(ratios.recordsPerSecond)}** | ${times(ratios.cpu)} |`
    }),
  ].join('\n')
}

export function latencyTable(rows) {
  return [
    '| | p50 ms | p99 ms | client CPU µs a record | broker CPU µs a record | p50: theirs to ours |',
    '|---|---:|---:|---:|---:|---:|',
    ...rows.map(({ name, medians, ratios }) => {
      const cells = [medians.p50Ms.toFixed(2), medians.p99Ms.toFixed(2), medians.cpuSecondsPerMillion.toFixed(0)]
      return `| ${name} | ${cells.join(' | ')} | ${orDash(medians.brokerCpuSecondsPerMillion)} | ${times(ratios.p50)} |`
    }),
  ].join('\n')
}

/** Above 1 ours is better, in all of them. */
function ratiosOf(rounds, ours, theirs) {
  const both = rounds.filter(round => round[ours] !== undefined && round[theirs] !== undefined)
  const of = ratio => median(both.map(round => ratio(round[ours], round[theirs])))
  return {
    recordsPerSecond: of((our, their) => our.recordsPerSecond / their.recordsPerSecond),
    cpu: of((our, their) => their.cpuSecondsPerMillion / our.cpuSecondsPerMillion),
    p50: of((our, their) => their.p50Ms / our.p50Ms),
  }
}

function at(sorted, share) {
  return sorted[Math.min(Math.floor(sorted.length * share), sorted.length - 1)]
}

function median(values) {
  const sorted = values.toSorted((left, right) => left - right)
  const middle = (sorted.length - 1) / 2
  return ((sorted[Math.floor(middle)] ?? Number.NaN) + (sorted[Math.ceil(middle)] ?? Number.NaN)) / 2
}

function short(rate) {
  if (rate >= 1e6) return `${(rate / 1e6).toFixed(2)} M`
  return rate >= 1e4 ? `${(rate / 1e3).toFixed(0)} k` : `${(rate / 1e3).toFixed(1)} k`
}

function orDash(value) {
  return Number.isNaN(value) ? '-' : value.toFixed(2)
}

function times(ratio) {
  if (Number.isNaN(ratio)) return '-'
  return `${ratio >= 10 ? ratio.toFixed(0) : ratio.toFixed(2)}x`
}
