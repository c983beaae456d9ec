/**
 * A sequence that failed, as a text to read: how to have it again, every request with what both answered, and where the
 * last one parts.
 */
import type { Exchange, SequenceResult } from './run.js'

const LONGEST_LINE = 2000

export function reportOf({ sequence, exchanges }: SequenceResult): string {
  const [seed = '', number = ''] = sequence.seed.split('/')
  const head = `sequence ${sequence.seed}: node tests/differential/soak.mjs --seed ${seed} --only ${number}`
  const last = exchanges.length - 1
  return [head, ...exchanges.map((exchange, index) => exchangeText(exchange, index, index === last))].join('\n')
}

export function failed({ exchanges }: SequenceResult): boolean {
  return exchanges.some(exchange => exchange.differences.length > 0)
}

function exchangeText({ step, request, kafka, samsa, differences }: Exchange, index: number, isLast: boolean): string {
  const lines = [`${index + 1}. ${step.api.name} v${step.version}${step.note === '' ? '' : ` (${step.note})`}`]
  lines.push(`   asks   ${text(request)}`)
  if (differences.length === 0) return [...lines, `   both   ${text(kafka)}`].join('\n')
  if (isLast) lines.push(`   kafka  ${text(kafka)}`, `   samsa  ${text(samsa)}`)
  for (const { where, kafka: expected, samsa: found } of differences)
    lines.push(`   at ${where === '' ? 'the answer' : where}: kafka ${text(expected)}, samsa ${text(found)}`)
  return lines.join('\n')
}

function text(value: unknown): string {
  return textOf(value).slice(0, LONGEST_LINE)
}

/** JSON, with bigints as numbers. */
export function textOf(value: unknown): string {
  const json = JSON.stringify(value, (_key, inner: unknown) => (typeof inner === 'bigint' ? Number(inner) : inner))
  return json ?? 'undefined'
}
