/**
 * The name that somebody probably meant. Counts inserted, dropped, replaced and swapped letters; case and the
 * separators of Kafka's names do not count.
 */

/** Longest name that is compared: the work grows with the square of it. */
const longestName = 80

/** The nearest of the candidates, if one is near enough to be meant: the first of several that are equally near. */
export function nearestName(name: string, candidates: Iterable<string>): string | undefined {
  const wanted = plain(name)
  if (wanted === '' || wanted.length > longestName) return undefined
  const most = Math.min(3, Math.ceil(wanted.length / 4))
  let nearest: string | undefined
  let nearestDistance = most + 1
  for (const candidate of candidates) {
    const distance = editDistance(wanted, plain(candidate))
    if (distance < nearestDistance) {
      nearest = candidate
      nearestDistance = distance
    }
  }
  return nearest
}

/** The least number of letters to insert, drop, replace or swap with their neighbour. */
export function editDistance(one: string, other: string): number {
  let beforeLast: number[] = []
  let last = Array.from({ length: other.length + 1 }, (_, column) => column)
  for (let row = 1; row <= one.length; row++) {
    const current = [row]
    for (let column = 1; column <= other.length; column++) {
      const same = one[row - 1] === other[column - 1]
      const swapped = one[row - 1] === other[column - 2] && one[row - 2] === other[column - 1]
      current[column] = Math.min(
        at(last, column) + 1,
        at(current, column - 1) + 1,
        at(last, column - 1) + (same ? 0 : 1),
        swapped && row > 1 && column > 1 ? at(beforeLast, column - 2) + 1 : Infinity,
      )
    }
    beforeLast = last
    last = current
  }
  return at(last, other.length)
}

function at(distances: readonly number[], index: number): number {
  return distances[index] ?? Infinity
}

function plain(name: string): string {
  return name.toLowerCase().replace(/[._-]/g, '')
}
