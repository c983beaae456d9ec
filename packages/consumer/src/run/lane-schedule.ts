/**
 * LaneSchedule: which record may be handled next. Records are admitted in the order of their partitions; those of one lane
 * start one after another, and how many run at once is the caller's business. Pure: no time, no promises.
 *
 * Of each partition it takes a bounded number: what is taken and not yet behind the commit frontier, and bytes that wait.
 * At the bound the partition is held, which leaves its fetched records where they are, and let go at half of it. So neither
 * a slow handler nor one record that never ends makes more and more wait, and one partition never holds up another.
 */
import { RingBuffer } from '@samsa/runtime/internal'
import type { ConsumerRecord } from '../consumer-record.js'
import { NO_EPOCH, type PartitionState } from '../subscription-state.js'
import { CommitFrontier } from './commit-frontier.js'
import { HandlerTask } from './handler-task.js'
import { Lane, PartitionWork } from './partition-work.js'

export type OrderBy = 'partition' | 'key' | 'none'

export interface ScheduleOptions {
  readonly orderBy: OrderBy
  /** Of one partition: taken, and not behind its frontier. */
  readonly maxPendingRecords: number
  /** Of one partition: bytes of keys and values that wait for their lane. */
  readonly maxQueuedBytes: () => number
  /** Told to handlers. */
  readonly groupId: string | undefined
  readonly onHeartbeat: (task: HandlerTask) => void
  readonly onRest: (task: HandlerTask, delayMs: number) => Promise<void>
}

/** Where reading of a partition is to go on, as a commit says it. */
export interface CommitPoint {
  readonly state: PartitionState
  readonly offset: number
  readonly epoch: number
}

export class LaneSchedule {
  readonly #options: ScheduleOptions
  readonly #works = new Map<PartitionState, PartitionWork>()
  /** Heads of busy lanes that may start. */
  readonly #ready = new RingBuffer<HandlerTask>()
  /** Of partitions that the application has paused. */
  #parked: HandlerTask[] = []
  #last: PartitionWork | undefined

  constructor(options: ScheduleOptions) {
    this.#options = options
  }

  get works(): Iterable<PartitionWork> {
    return this.#works.values()
  }

  find(state: PartitionState): PartitionWork | undefined {
    return this.#works.get(state)
  }

  /** Takes the record that the partition has just handed out. Gives it back as a task when it may start at once. */
  admit(record: ConsumerRecord<unknown, unknown>, state: PartitionState): HandlerTask | undefined {
    const work = this.#workOf(state, record)
    const { frontier } = work
    const lane = this.#laneOf(work, record)
    const number = frontier.taken(state.position, state.positionEpoch)
    const task = new HandlerTask(record, work, lane, { frontier, number })
    const mayStart = lane === undefined || !lane.isBusy
    if (!mayStart) {
      lane.queue.push(task)
      work.queued++
      work.queuedBytes += bytesOf(task)
    } else if (lane !== undefined) lane.isBusy = true
    if (frontier.pending >= this.#options.maxPendingRecords || work.queuedBytes >= this.#options.maxQueuedBytes()) {
      state.isHeld = true
    }
    return mayStart ? task : undefined
  }

  /** A task that has waited and may start. */
  next(): HandlerTask | undefined {
    if (this.#parked.length > 0) this.#unpark()
    for (let task = this.#ready.shift(); task !== undefined; task = this.#ready.shift()) {
      if (!task.isWanted) this.leave(task)
      else if (task.work.state.isPaused) this.#parked.push(task)
      else return task
    }
    return undefined
  }

  /** It is tried again, before all others of its lane. */
  again(task: HandlerTask): void {
    this.#ready.push(task)
  }

  /** It is done with: the frontier may move, and the next of its lane is ready. */
  finish(task: HandlerTask): void {
    task.frontier.finished(task.number)
    this.leave(task)
  }

  /** Nothing more happens to it, though it is not finished. */
  leave({ work, lane }: HandlerTask): void {
    if (lane !== undefined) this.#advance(work, lane)
    const { state } = work
    if (state.isHeld && work.isOpen && this.#isBelowHalf(work)) state.isHeld = false
  }

  /** What waits of the partition is dropped, and nothing of it starts any more. */
  close(work: PartitionWork): void {
    work.isOpen = false
    for (const lane of [work.ownLane, ...work.laneByKey.values()]) {
      while (lane.queue.shift() !== undefined);
    }
    work.queued = 0
    work.queuedBytes = 0
    this.#parked = this.#parked.filter(task => task.work !== work)
  }

  forget(work: PartitionWork): void {
    this.#works.delete(work.state)
    if (this.#last === work) this.#last = undefined
  }

  /** Up to where the partition is finished; undefined while nobody knows where it is read. */
  commitPoint(work: PartitionWork): CommitPoint | undefined {
    const { state } = work
    if (work.isOpen && work.moves !== state.moves) this.#renew(work, state.position, state.positionEpoch)
    const { frontier } = work
    // Of a closed partition somebody else may have moved the position since.
    if (work.isOpen) frontier.passOver(state.position, state.positionEpoch)
    return frontier.offset < 0 ? undefined : { state, offset: frontier.offset, epoch: frontier.epoch }
  }

  #workOf(state: PartitionState, record: ConsumerRecord<unknown, unknown>): PartitionWork {
    const last = this.#last
    const known = last?.state === state ? last : this.#works.get(state)
    if (known === undefined) {
      const { groupId, onHeartbeat, onRest } = this.#options
      const frontier = new CommitFrontier(offsetOf(record), NO_EPOCH)
      const work = new PartitionWork(state, { frontier, groupId, onHeartbeat, onRest })
      this.#works.set(state, work)
      this.#last = work
      return work
    }
    if (known.moves !== state.moves) this.#renew(known, offsetOf(record), NO_EPOCH)
    this.#last = known
    return known
  }

  /** Reading was moved. What was taken before counts no more; what runs of it keeps its lane until it ends. */
  #renew(work: PartitionWork, offset: number, epoch: number): void {
    work.frontier = new CommitFrontier(offset, epoch)
    work.moves = work.state.moves
    work.state.isHeld = false
  }

  #laneOf(work: PartitionWork, record: ConsumerRecord<unknown, unknown>): Lane | undefined {
    const { orderBy } = this.#options
    if (orderBy === 'partition') return work.ownLane
    if (orderBy === 'none') return undefined
    // Records without a key have no order to keep.
    const key = record.keyBytes?.toString('latin1')
    if (key === undefined) return undefined
    const known = work.laneByKey.get(key)
    if (known !== undefined) return known
    const lane = new Lane(key)
    work.laneByKey.set(key, lane)
    return lane
  }

  #advance(work: PartitionWork, lane: Lane): void {
    for (let task = lane.queue.shift(); task !== undefined; task = lane.queue.shift()) {
      work.queued--
      work.queuedBytes -= bytesOf(task)
      if (!task.isWanted) continue
      this.#ready.push(task)
      return
    }
    lane.isBusy = false
    if (lane.key !== undefined) work.laneByKey.delete(lane.key)
  }

  #unpark(): void {
    const parked = this.#parked
    this.#parked = []
    for (const task of parked) {
      if (task.work.state.isPaused && task.isWanted) this.#parked.push(task)
      else this.#ready.push(task)
    }
  }

  #isBelowHalf({ frontier, queuedBytes }: PartitionWork): boolean {
    const { maxPendingRecords, maxQueuedBytes } = this.#options
    return frontier.pending <= maxPendingRecords / 2 && queuedBytes <= maxQueuedBytes() / 2
  }
}

function offsetOf({ offset }: ConsumerRecord<unknown, unknown>): number {
  return Number(offset)
}

function bytesOf({ record }: HandlerTask): number {
  return Math.max(0, record.serializedKeySize) + Math.max(0, record.serializedValueSize)
}
