/**
 * What a long run's samples say: whether a figure grew, and whether answers became slower. Pure.
 */

/** The middle value; NaN of nothing. */
export function median(values) {
  const sorted = [...values].sort((left, right) => left - right)
  const middle = (sorted.length - 1) / 2
  return ((sorted[Math.floor(middle)] ?? Number.NaN) + (sorted[Math.ceil(middle)] ?? Number.NaN)) / 2
}

/**
 * What a figure grew by over all samples, by the line that fits them: the median of the slopes between samples half a run
 * apart, so that neither a peak nor a late collection of garbage counts.
 */
export function growth(values) {
  const half = Math.floor(values.length / 2)
  const slopes = values.slice(half).map((value, index) => (value - values[index]) / half)
  return median(slopes) * (values.length - 1)
}

/** The last two thirds: what comes before warms up. */
export function afterWarmUp(values) {
  return values.slice(Math.floor(values.length / 3))
}

/** How much slower the last third was than the first one, by their medians; never below `floorMs`, where noise rules. */
export function slowdown(latencies, floorMs) {
  const third = Math.max(1, Math.floor(latencies.length / 3))
  const [first, last] = [latencies.slice(0, third), latencies.slice(-third)].map(part =>
    Math.max(floorMs, median(part)),
  )
  return last / first
}
