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

/** A record, of a producer's transaction or of none, or the end of a transaction. */
type LogEntry =
  | { readonly record: CoordinatorRecord; readonly producerId: number }
  | { readonly end: { readonly producerId: number; readonly isCommit: boolean } }

const NO_PRODUCER_ID = -1

export class TestCoordinator<Shard extends CoordinatorShard> {
  shard: Shard
  /** Since the beginning. */
  nowMs = 0
  readonly #options: TestCoordinatorOptions<Shard>
  readonly #log: LogEntry[] = []
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
    for (const [offset, entry] of this.#log.entries()) replay(shard, entry, offset)
    return shard
  }

  write(records: readonly CoordinatorRecord[], producerId: number = NO_PRODUCER_ID): void {
    for (const record of records) this.#append({ record, producerId })
  }

  #append(entry: LogEntry): void {
    const offset = this.#log.push(entry) - 1
    replay(this.shard, entry, offset)
  }

  #take(step: Step, answers: Answer[]): void {
    const { records = [], marker, transaction } = step
    if (marker !== undefined) this.#append({ end: marker })
    if (records.length > 0) {
      const code = this.#options.refusal?.()
      if (code === undefined) this.write(records, transaction?.producerId)
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

function replay(shard: CoordinatorShard, entry: LogEntry, offset: number): void {
  if ('end' in entry) shard.replayEnd?.(entry.end.producerId, entry.end.isCommit)
  else shard.replay(entry.record, { offset, producerId: entry.producerId })
}
