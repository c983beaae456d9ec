/**
 * The closing lines of a test run: what was skipped and why, then the counts alone on a line.
 * Where SAMSA_SUMMARY_FILE names a file, the counts and then the failures by name are added to it as well, for a run that
 * sums several.
 */
import { appendFileSync } from 'node:fs'

/** Names listed under one reason before the rest is only counted. */
const namesPerReason = 8

export function countsLine({ passed, failed, skipped }) {
  return `${passed} passed, ${failed} failed${skipped === undefined ? '' : `, ${skipped} skipped`}`
}

/** A run of many tests is thousands of lines long: what failed is told again at its end. */
export function printFailures(failures) {
  const lines = failures.map(failure => `failed: ${failure}`)
  for (const line of lines) process.stdout.write(`${line}\n`)
  addToSummary(lines)
}

/** Prints the counts; with a label in front of them when this run is one of several. */
export function printCounts(counts, label) {
  addToSummary([`${counts.passed} ${counts.failed} ${counts.skipped ?? 0}`])
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

function addToSummary(lines) {
  const summaryFile = process.env.SAMSA_SUMMARY_FILE
  if (summaryFile === undefined || summaryFile === '') return
  for (const line of lines) appendFileSync(summaryFile, `${line}\n`)
}
