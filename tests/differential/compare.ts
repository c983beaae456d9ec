/**
 * Where two normalised answers part, less what is permitted. A rule is asked at every place on the way down, so that it
 * can take a whole struct or one field of it.
 */
export interface Place {
  readonly api: string
  readonly version: number
  /** As `topics.partitions.errorCode`, without the numbers of list elements. */
  readonly path: string
  readonly kafka: unknown
  readonly samsa: unknown
  /** The whole request, its symbols resolved for Kafka. */
  readonly request: unknown
  readonly note: string
}

export interface Rule {
  /** The name of the API; of several, one rule each. */
  readonly api: string
  /** Where the difference stands; left out: where `permits` says. */
  readonly path?: string
  readonly permits: (place: Place) => boolean
  /** One sentence: why the two brokers may differ here. */
  readonly reason: string
  /** The brokers hold different things from here on: the rest of the sequence is not compared. */
  readonly parts?: true
}

export interface Difference {
  /** With the numbers of list elements. */
  readonly where: string
  readonly kafka: unknown
  readonly samsa: unknown
}

export interface Comparison {
  readonly differences: readonly Difference[]
  readonly used: readonly Rule[]
}

type Whole = Omit<Place, 'path' | 'kafka' | 'samsa'>

export function compare(kafka: unknown, samsa: unknown, whole: Whole, rules: readonly Rule[]): Comparison {
  const differences: Difference[] = []
  const used = new Set<Rule>()
  walk(
    { ...whole, path: '', kafka, samsa },
    '',
    rules.filter(rule => rule.api === whole.api),
    differences,
    used,
  )
  return { differences, used: [...used] }
}

function walk(place: Place, where: string, rules: readonly Rule[], found: Difference[], used: Set<Rule>): void {
  const { kafka, samsa, path } = place
  if (isSame(kafka, samsa)) return
  const rule = rules.find(each => (each.path === undefined || each.path === path) && each.permits(place))
  if (rule !== undefined) {
    used.add(rule)
    return
  }
  if (Array.isArray(kafka) && Array.isArray(samsa) && kafka.length === samsa.length) {
    for (const [index, value] of kafka.entries())
      walk({ ...place, kafka: value, samsa: samsa[index] }, `${where}[${index}]`, rules, found, used)
    return
  }
  if (!isStruct(kafka) || !isStruct(samsa)) {
    found.push({ where, kafka, samsa })
    return
  }
  for (const name of new Set([...Object.keys(kafka), ...Object.keys(samsa)])) {
    const inner = { ...place, path: path === '' ? name : `${path}.${name}`, kafka: kafka[name], samsa: samsa[name] }
    walk(inner, where === '' ? name : `${where}.${name}`, rules, found, used)
  }
}

export function isStruct(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function isSame(one: unknown, other: unknown): boolean {
  if (Object.is(one, other)) return true
  if (Array.isArray(one) && Array.isArray(other))
    return one.length === other.length && one.every((value, index) => isSame(value, other[index]))
  if (!isStruct(one) || !isStruct(other)) return false
  const names = new Set([...Object.keys(one), ...Object.keys(other)])
  return [...names].every(name => isSame(one[name], other[name]))
}
