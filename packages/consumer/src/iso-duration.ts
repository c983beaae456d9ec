/**
 * ISO 8601 durations as Java writes them (`PT1H`, `P2DT3H4.5S`), which Kafka's `by_duration:` reset takes. Days are 24 h.
 */
const PATTERN = /^P(?:(\d+)D)?(?:T(?=\d)(?:(\d+)H)?(?:(\d+)M)?(?:(\d+)(?:\.(\d{1,9}))?S)?)?$/i

/** Whole milliseconds; undefined when it is none, or one that is negative. */
export function durationFrom(text: string): number | undefined {
  const parts = PATTERN.exec(text.trim())
  if (parts === null || text.trim().length < 3) return undefined
  const [, days = '0', hours = '0', minutes = '0', seconds = '0', fraction = ''] = parts
  const wholeSeconds = ((Number(days) * 24 + Number(hours)) * 60 + Number(minutes)) * 60 + Number(seconds)
  const durationMs = wholeSeconds * 1000 + Math.floor(Number(`0.${fraction || '0'}`) * 1000)
  return Number.isSafeInteger(durationMs) ? durationMs : undefined
}
