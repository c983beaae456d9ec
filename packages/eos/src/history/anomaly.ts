/**
 * What must not be in a history, by Jepsen's names where it has one; and a list of findings that does not grow without end.
 */

export const anomalyKinds = [
  'aborted read',
  'precommitted read',
  'phantom',
  'lost write',
  'duplicate',
  'torn transaction',
  'inconsistent offset',
  'non-monotonic send',
  'non-monotonic poll',
  'skipped record',
  'unseen record',
  'offset without output',
  'output without offset',
  'input copied twice',
  'hanging transaction',
] as const

export type AnomalyKind = (typeof anomalyKinds)[number]

export interface Anomaly {
  readonly kind: AnomalyKind
  readonly text: string
}

/** Of each kind so many are told; the others are counted. */
const MOST_OF_A_KIND = 100

export class Anomalies {
  readonly #found: Anomaly[] = []
  readonly #counts = new Map<AnomalyKind, number>()

  add(kind: AnomalyKind, text: string): void {
    const count = (this.#counts.get(kind) ?? 0) + 1
    this.#counts.set(kind, count)
    if (count <= MOST_OF_A_KIND) this.#found.push({ kind, text })
  }

  get found(): readonly Anomaly[] {
    return this.#found
  }

  get counts(): ReadonlyMap<AnomalyKind, number> {
    return this.#counts
  }
}
