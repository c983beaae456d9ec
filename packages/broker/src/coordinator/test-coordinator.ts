/**
 * TestCoordinator: one shard with a log in memory and a time that a test moves: what the runtime is to it, but that nothing
 * has to be waited for. The log may refuse; a crash leaves nothing but the log.
 */
import type { Answer, CoordinatorRecord, CoordinatorShard, Moment, Step } from './shard.js'

export const START_MS: number = Date.UTC(2030, 0, 1)
const MOST_WAKES = 100_000

export interface TestCoordinatorOptions<Shard extends CoordinatorShard> {
  readonly newShard: () => Shard
  /** The code with which the log takes nothing now. */
  readonly refusal?: () => number | undefined
  /** They are replayed, or refused. */
  readonly onRecords?: (records: readonly CoordinatorRecord[], isWritten: boolean) => void
  /** What was due at this moment was done. */
  readonly onWake?: () => void
}

export class TestCoordinator<Shard extends CoordinatorShard> {
  shard: Shard
  /** Since the beginning. */
  nowMs = 0
  readonly #options: TestCoordinatorOptions<Shard>
  readonly #log: CoordinatorRecord[] = []
  readonly #wakes = new Map<string, number>()

  constructor(options: TestCoordinatorOptions<Shard>) {
    this.#options = options
    this.shard = options.newShard()
    this.carryOut(this.shard.loaded(this.at))
  }

  get at(): Moment {
    return { nowMs: START_MS + this.nowMs, monotonicMs: this.nowMs }
  }

  carryOut(step: Step): void {
    const answers: Answer[] = []
    this.#take(step, answers)
    for (const answer of answers) answer.give()
  }

  /** Time passes; whatever is due on the way is done at its moment. */
  pass(durationMs: number): void {
    const untilMs = this.nowMs + durationMs
    for (let wakes = 0; ; wakes++) {
      if (wakes === MOST_WAKES) throw new Error('the shard wakes itself without end')
      const [next] = [...this.#wakes].sort(([, one], [, other]) => one - other)
      if (next === undefined || next[1] > untilMs) break
      this.nowMs = Math.max(this.nowMs, next[1])
      this.#wakes.delete(next[0])
      this.carryOut(this.shard.wake(next[0], this.at))
      this.#options.onWake?.()
    }
    this.nowMs = untilMs
  }

  /** Another one takes over, with nothing but the log. */
  crash(code: number): void {
    for (const answer of this.shard.unloaded(code)) answer.give()
    this.#wakes.clear()
    this.shard = this.replayed()
    this.carryOut(this.shard.loaded(this.at))
  }

  /** What a coordinator would have that loaded the log now. */
  replayed(): Shard {
    const shard = this.#options.newShard()
    for (const [offset, record] of this.#log.entries()) shard.replay(record, { offset, producerId: -1 })
    return shard
  }

  write(records: readonly CoordinatorRecord[]): void {
    for (const record of records) {
      const offset = this.#log.push(record) - 1
      this.shard.replay(record, { offset, producerId: -1 })
    }
  }

  #take(step: Step, answers: Answer[]): void {
    const { records = [] } = step
    if (records.length > 0) {
      const code = this.#options.refusal?.()
      if (code === undefined) this.write(records)
      this.#options.onRecords?.(records, code === undefined)
      if (code !== undefined) {
        if (step.refused === undefined) for (const answer of step.answers ?? []) answer.refuse(code)
        else this.#take({ ...step.refused(code), records: [] }, answers)
        return
      }
    }
    answers.push(...(step.answers ?? []))
    for (const { key, atMs } of step.wakes ?? []) {
      this.#wakes.set(key, Math.min(this.#wakes.get(key) ?? Number.POSITIVE_INFINITY, atMs))
    }
    const then = step.written?.()
    if (then !== undefined) this.#take({ ...then, records: [] }, answers)
  }
}
