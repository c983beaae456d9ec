/**
 * What is measured: one task, done by several contenders in turn. The first contender is ours and the others are
 * compared with it.
 */
export interface Contender {
  readonly name: string
  /** Does the task once. What it returns is kept from the optimizer, not looked at. */
  readonly run: () => unknown
  /** `run` returns a promise that has to be awaited. */
  readonly isAsync?: boolean
}

export interface Benchmark {
  readonly name: string
  readonly unit: 'records' | 'messages'
  /** How many units one run does. */
  readonly unitsPerRun: number
  readonly contenders: readonly Contender[]
  /** Rejects where a contender's result is not what it must be. Runs before anything is timed. */
  readonly check: () => Promise<void>
}
