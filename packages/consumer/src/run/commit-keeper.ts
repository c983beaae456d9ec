/**
 * CommitKeeper: commits what a run has finished, and nothing else. One commit of its own is under way at a time; handlers
 * go on beside it. One that fails for a while is made up for by the next; one that cannot succeed ends the run.
 */
import type { CommitPoint, LaneSchedule } from './lane-schedule.js'
import type { PartitionWork } from './partition-work.js'
import { isPassing, type RunHost } from './run-host.js'

export class CommitKeeper {
  readonly #host: RunHost
  readonly #schedule: LaneSchedule
  readonly #onFailure: (error: unknown) => void
  #dueAt: number
  #underWay: Promise<void> | undefined

  constructor(host: RunHost, schedule: LaneSchedule, onFailure: (error: unknown) => void) {
    this.#host = host
    this.#schedule = schedule
    this.#onFailure = onFailure
    this.#dueAt = host.clock.monotonic() + (host.autoCommitIntervalMs ?? 0)
  }

  /** Begins a commit when it is time for one. */
  whenDue(): void {
    const { clock, autoCommitIntervalMs } = this.#host
    if (autoCommitIntervalMs === undefined || this.#underWay !== undefined || clock.monotonic() < this.#dueAt) return
    this.#dueAt = clock.monotonic() + autoCommitIntervalMs
    this.#underWay = this.#commit([...this.#schedule.works])
      .catch(this.#onFailure)
      .finally(() => {
        this.#underWay = undefined
      })
  }

  /** What these have finished, before anything else is done with them. */
  async now(works: readonly PartitionWork[]): Promise<void> {
    if (this.#host.autoCommitIntervalMs === undefined) return
    // Its answer may come behind that of this one, and would take back what this one says.
    await this.#underWay
    await this.#commit(works)
  }

  async #commit(works: readonly PartitionWork[]): Promise<void> {
    const points: CommitPoint[] = []
    const due: [work: PartitionWork, offset: number][] = []
    for (const work of works) {
      const point = this.#schedule.commitPoint(work)
      if (point === undefined || point.offset === work.committed) continue
      points.push(point)
      due.push([work, point.offset])
    }
    if (points.length === 0) return
    try {
      await this.#host.commit(points)
      for (const [work, offset] of due) work.committed = offset
    } catch (error) {
      if (!isPassing(error)) throw error
      this.#host.logger.warn({ err: error, partitions: points.length }, 'a commit of run() failed')
    }
  }
}
