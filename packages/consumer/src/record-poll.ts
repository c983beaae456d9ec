/**
 * RecordPoll: one wait of a caller for records, or for a position. In its turns it has done what the group has for the
 * application to do, takes what is there, tells what failed where nothing is, and otherwise waits for progress.
 */
import { type Clock, KafkaError, type WaitOptions } from '@samsa/runtime'
import { Deadline } from '@samsa/runtime/internal'
import type { FetchBuffer } from './fetch-buffer.js'
import type { Fetcher } from './fetcher.js'
import type { ConsumerGroup } from './group.js'
import type { Health } from './health.js'
import type { Interruption } from './interruption.js'
import type { LoopHolder } from './loop-holder.js'
import type { Positions } from './positions.js'
import { eventLoopTurn, type Progress } from './progress.js'
import type { PartitionState, SubscriptionState } from './subscription-state.js'

/** A loop that always finds records would keep everything else in the process waiting: it lets others run this often. */
const MOST_MS_WITHOUT_TURN = 5

export interface RecordPollParts {
  readonly clock: Clock
  readonly subscription: SubscriptionState
  readonly interruption: Interruption
  readonly progress: Progress
  readonly fetcher: Fetcher
  readonly buffer: FetchBuffer
  readonly positions: Positions
  readonly health: Health
  readonly hand: LoopHolder
  readonly group: ConsumerGroup | undefined
  /** Records of it wait in the hands of somebody else: what is said of the partition comes after them. */
  readonly hasInHand: (state: PartitionState) => boolean
}

interface Wait extends WaitOptions {
  /** The partition that the caller asks about; undefined: all of them. */
  readonly of?: PartitionState
  /** The group whose work is done along. */
  readonly attend?: ConsumerGroup
  /** Who looks does not take what is about to go, and may look meanwhile for what stays. */
  readonly holdsWhatGoes?: boolean
}

export class RecordPoll {
  readonly #parts: RecordPollParts
  #lastTurnAt: number

  constructor(parts: RecordPollParts) {
    this.#parts = parts
    this.#lastTurnAt = parts.clock.monotonic()
  }

  /** As one of a group, a poll also does what the group has for it. */
  async poll<T>(look: () => T | undefined, options: Omit<Wait, 'of' | 'attend'>): Promise<T | undefined> {
    const { group, hand } = this.#parts
    hand.release()
    if (group === undefined) return await this.take(look, options)
    group.isPolling = true
    try {
      return await this.take(look, { ...options, attend: group })
    } finally {
      group.isPolling = false
    }
  }

  /** What `look` finds, waited for until the time is over. Errors come first when it finds nothing. */
  async take<T>(look: () => T | undefined, wait: Wait): Promise<T | undefined> {
    const { timeoutMs = Number.POSITIVE_INFINITY, signal, of, attend, holdsWhatGoes = false } = wait
    const { clock, interruption, fetcher, health, progress } = this.#parts
    interruption.check(signal)
    this.#refuseWithoutPartitions()
    fetcher.start()
    health.watch()
    if (this.isTurnDue) await this.#turn()
    const deadline = new Deadline(clock, timeoutMs)
    for (let isFirst = true; ; isFirst = false) {
      // Positions may have to be looked up, and what is taken makes room.
      fetcher.wake()
      if (attend?.isQuiet === false) {
        await interruption.during(signal, inner => attend.attend({ signal: inner, timeoutMs: deadline.remainingMs }))
      }
      // Partitions are on their way out, and the time was not enough: their records are no more to be had.
      if (attend?.isBusy !== true || holdsWhatGoes) {
        this.#reset()
        const found = look()
        if (found !== undefined) return found
        if (!this.#seeTo(of)) continue
      }
      const { remainingMs } = deadline
      if (remainingMs <= 0 && !isFirst) return undefined
      if (remainingMs <= 0) await this.#turn()
      // Something may have come up between the end of the group's work and here: nobody waited, so nobody was woken.
      else if (attend?.isQuiet === false && !attend.isBusy) continue
      else await interruption.during(signal, inner => progress.wait(remainingMs, inner))
      this.#lastTurnAt = clock.monotonic()
    }
  }

  /** Others in the process have waited for long enough. */
  get isTurnDue(): boolean {
    return this.#parts.clock.monotonic() - this.#lastTurnAt > MOST_MS_WITHOUT_TURN
  }

  #refuseWithoutPartitions(): void {
    const { subscription, group } = this.#parts
    if (subscription.partitions.length > 0 || group?.isSubscribed === true) return
    const message = 'Nothing is assigned to this consumer: call subscribe() or assign() first.'
    throw new KafkaError(message, { code: 'ILLEGAL_STATE' })
  }

  /** Throws what stands before the next records. False: something has changed by it, and it is worth another look. */
  #seeTo(of: PartitionState | undefined): boolean {
    const { buffer, fetcher, positions } = this.#parts
    if (this.#reset()) return false
    const failure = buffer.takeFailure(of, this.#mayTell)
    const error = failure?.error ?? fetcher.takeFailure()
    if (error !== undefined) throw error
    positions.demand()
    return true
  }

  /** Has positions looked up that are out of range, however much there is of other partitions. Whether there were any. */
  #reset(): boolean {
    const { buffer, positions } = this.#parts
    let count = 0
    for (let state = buffer.takeReset(this.#mayTell); state !== undefined; count++) {
      positions.outOfRange(state)
      state = buffer.takeReset(this.#mayTell)
    }
    return count > 0
  }

  readonly #mayTell = (state: PartitionState): boolean => !this.#parts.hasInHand(state)

  async #turn(): Promise<void> {
    await eventLoopTurn()
    this.#lastTurnAt = this.#parts.clock.monotonic()
    this.#parts.interruption.check(undefined)
  }
}
