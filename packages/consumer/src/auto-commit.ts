/**
 * AutoCommit: when what the application is done with is to be committed, and how far that is. Says so now and then; the
 * group does it inside a call of the application. Owns one timer.
 */
import type { Clock, Timer } from '@samsa/runtime'
import type { OffsetToCommit } from './offset-commit-request.js'
import type { RecordHolder } from './record-holder.js'
import { NO_EPOCH, type PartitionState } from './subscription-state.js'

export class AutoCommit {
  readonly isEnabled: boolean
  readonly #clock: Clock
  readonly #intervalMs: number
  readonly #onDue: () => void
  #timer: Timer | undefined
  #isDue = false

  constructor(options: { isEnabled: boolean; clock: Clock; intervalMs: number; onDue: () => void }) {
    this.isEnabled = options.isEnabled
    this.#clock = options.clock
    this.#intervalMs = options.intervalMs
    this.#onDue = options.onDue
  }

  get isDue(): boolean {
    return this.#isDue
  }

  /** The next one: an interval from now, or after a pause. */
  restart(delayMs: number = this.#intervalMs): void {
    this.#isDue = false
    this.#timer?.cancel()
    if (this.isEnabled) this.#timer = this.#clock.timer(delayMs, this.#fire, { name: 'auto commit', unref: true })
  }

  stop(): void {
    this.#isDue = false
    this.#timer?.cancel()
  }

  readonly #fire = (): void => {
    this.#isDue = true
    this.#onDue()
  }
}

/** Up to where the application is done with each partition. */
export function offsetsDone(
  partitions: readonly PartitionState[],
  holder: RecordHolder | undefined,
): readonly OffsetToCommit[] {
  const offsets: OffsetToCommit[] = []
  for (const state of partitions) {
    if (!state.hasPosition) continue
    const { topic, partition, position, positionEpoch } = state
    const doneUpTo = holder?.doneUpTo(state) ?? position
    const epoch = doneUpTo === position ? positionEpoch : NO_EPOCH
    offsets.push({ topic, partition, offset: BigInt(doneUpTo), leaderEpoch: epoch === NO_EPOCH ? undefined : epoch })
  }
  return offsets
}
