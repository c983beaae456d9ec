/**
 * The closing lines of a test run: what was skipped and why, then the counts alone on a line.
 * Where SAMSA_SUMMARY_FILE names a file, the counts are added to it as well, for a run that sums several.
 */
import { appendFileSync } from 'node:fs'

/** Names listed under one reason before the rest is only counted. */
const namesPerReason = 8

export function countsLine({ passed, failed, skipped }) {
  return `${passed} passed, ${failed} failed${skipped === undefined ? '' : `, ${skipped} skipped`}`
}

/** Prints the counts; with a label in front of them when this run is one of several. */
export function printCounts(counts, label) {
  const summaryFile = process.env.SAMSA_SUMMARY_FILE
  if (summaryFile !== undefined && summaryFile !== '') {
    appendFileSync(summaryFile, `${counts.passed} ${counts.failed} ${counts.skipped ?? 0}\n`)
  }
  process.stdout.write(`${label === undefined ? '' : `${label}: `}${countsLine(counts)}\n`)
}

export function skipLines(skipped) {
  const lines = []
  for (const [reason, tests] of byReason(skipped)) {
    lines.push(`  ${reason} (${tests.length})`)
    lines.push(...tests.slice(0, namesPerReason).map(test => `    ${test.file} > ${test.name}`))
    if (tests.length > namesPerReason) lines.push(`    and ${tests.length - namesPerReason} more`)
  }
  return lines.length === 0 ? [] : ['skipped, by reason:', ...lines]
}

function byReason(skipped) {
  const groups = new Map()
  for (const test of skipped) groups.set(test.reason, [...(groups.get(test.reason) ?? []), test])
  return groups
}
