/**
 * HandlerRun: one `consumer.run()`, from its first poll to its last commit. It takes records while there is a free handler,
 * as the schedule allows, and goes on polling whatever the handlers do.
 *
 * Nothing is awaited for a record whose handler returns at once: such records are handled in one loop, which gives everything
 * else in the process its turn after a few milliseconds. A handler that gives a promise comes back through `#succeeded` or
 * `#failed`, which start what may start next.
 *
 * It ends once, by `end`: by its signal, by the consumer's end, or by a failure, the first of which is what `run()` rejects
 * with. Then nothing more is taken or started, handlers are waited for, what is finished is committed, and the positions go
 * back to where everything is finished, so that the next run or poll begins there.
 */
import { type KafkaError, RebalanceInProgressError } from '@samsa/runtime'
import { Backoff, Deadline, unwatchAbort, watchAbort } from '@samsa/runtime/internal'
import type { PartitionState } from '../subscription-state.js'
import type { TopicPartition } from '../topic-partition.js'
import { Burials } from './burials.js'
import { FailurePolicy } from './failure-policy.js'
import type { RecordHandler } from './handler.js'
import { handlerFailed } from './handler-error.js'
import { observedHandler } from './handler-observation.js'
import { HandlerRests, restGivenUp } from './handler-rests.js'
import type { HandlerTask } from './handler-task.js'
import { LaneSchedule } from './lane-schedule.js'
import type { PartitionWork } from './partition-work.js'
import { isPassing, type RunHost } from './run-host.js'
import type { RunConfig } from './run-options.js'
import { unreadableReason } from './unreadable.js'

/** As in polls: others in the process get their turn this often, and the clock is not asked at every record. */
const MOST_MS_WITHOUT_TURN = 5
const STEPS_PER_LOOK_AT_CLOCK = 64
/** How often handlers that last too long are looked at. */
const TICK_MS = 1000
const POLL_BACKOFF = { initialMs: 100, maxMs: 5000 }

export class HandlerRun {
  readonly #host: RunHost
  readonly #config: RunConfig
  readonly #handler: RecordHandler<unknown, unknown>
  readonly #schedule: LaneSchedule
  readonly #policy: FailurePolicy
  readonly #burials: Burials
  /** Handlers that have given a promise, and records on their way to the dead letters. */
  readonly #busy = new Set<HandlerTask>()
  /** Between two attempts. */
  readonly #resting = new Set<HandlerTask>()
  /** In the middle of a handler, by its own wish. */
  readonly #rests: HandlerRests
  readonly #idleWaits = new Set<() => void>()
  #slots = 0
  #steps = 0
  #turnAt: number
  #isPlanned = false
  #isPumping = false
  #isOver = false
  readonly #over = new AbortController()
  readonly #hurry = new AbortController()
  #failure: { readonly error: unknown } | undefined

  constructor(host: RunHost, handler: RecordHandler<unknown, unknown>, config: RunConfig) {
    this.#host = host
    this.#config = config
    this.#handler = handler
    this.#turnAt = host.clock.monotonic()
    this.#schedule = new LaneSchedule({
      orderBy: config.orderBy,
      maxPendingRecords: config.maxPendingRecords,
      maxQueuedBytes: host.maxQueuedBytes,
      groupId: host.groupId,
      onHeartbeat: task => {
        task.busySince = host.clock.monotonic()
        task.isReportedAsStalled = false
      },
      onRest: this.#rest,
    })
    this.#rests = new HandlerRests(host.clock, this.#look)
    this.#policy = new FailurePolicy(config.retry, config.deadLetter !== undefined, host.random)
    this.#burials = new Burials(host)
  }

  /** Until it ends. Rejects with what ended it, if that was a failure. */
  async run(): Promise<void> {
    const { signal } = this.#config
    const onAbort = (): void => this.end()
    if (signal?.aborted === true) this.end()
    else if (signal !== undefined) watchAbort(signal, onAbort)
    try {
      await this.#poll()
    } finally {
      if (signal !== undefined) unwatchAbort(signal, onAbort)
      await this.#windUp()
    }
    if (this.#failure !== undefined) throw this.#failure.error
  }

  /** Nothing more is taken or started. The first failure counts. */
  end(failure?: { readonly error: unknown }): void {
    if (failure !== undefined) this.#failure ??= failure
    if (this.#isOver) return
    this.#isOver = true
    this.#over.abort()
    this.#giveUpRests(() => true)
    this.#host.stir()
  }

  /** There is no time: handlers are given up, and so is the last commit. */
  hurry(reason: KafkaError): void {
    this.#hurry.abort(reason)
    this.end()
    for (const look of this.#idleWaits) look()
  }

  /** Records of it are in hand: what is said of the partition next has to wait for them. */
  hasInHand(state: PartitionState): boolean {
    return (this.#schedule.find(state)?.frontier.pending ?? 0) > 0
  }

  workOf(state: PartitionState): PartitionWork | undefined {
    return this.#schedule.find(state)
  }

  /** The handler of the partition that has lasted longest. */
  oldestOf(work: PartitionWork): HandlerTask | undefined {
    let oldest: HandlerTask | undefined
    for (const task of this.#busy) {
      if (task.work === work && (oldest === undefined || task.busySince < oldest.busySince)) oldest = task
    }
    return oldest
  }

  isRetrying(work: PartitionWork): boolean {
    for (const task of this.#resting) if (task.work === work) return true
    return false
  }

  /** How long the handler of the partition rests that does so for longest; undefined where none does. */
  restMsOf(work: PartitionWork): number | undefined {
    return this.#rests.longestOf(work)
  }

  /**
   * These partitions are about to be another consumer's: what waits of them is dropped, and their handlers are waited for
   * until the time is over. What is finished can be committed then.
   */
  async revoke(states: readonly PartitionState[]): Promise<void> {
    const works = this.#close(states)
    await this.#drained(works)
    this.#abort(works, 'The partition was revoked, and the time for finishing its handlers is over.')
  }

  /** These partitions are another consumer's already. */
  lose(states: readonly PartitionState[]): void {
    const works = this.#close(states)
    this.#abort(works, 'The partition is not assigned to this consumer any more.')
    for (const work of works) this.#schedule.forget(work)
  }

  /** Up to where the partition is finished; undefined when nothing of it was taken. */
  doneUpTo(state: PartitionState): number | undefined {
    const work = this.#schedule.find(state)
    return work === undefined ? undefined : this.#schedule.commitPoint(work)?.offset
  }

  async #poll(): Promise<void> {
    const backoff = new Backoff({ ...POLL_BACKOFF, random: this.#host.random })
    for (let failures = 0; !this.#isOver; ) {
      try {
        await this.#host.poll(this.#look, TICK_MS)
        failures = 0
      } catch (error) {
        if (this.#host.isClosed(error)) this.end()
        else if (!isPassing(error)) this.end({ error })
        else {
          failures++
          this.#host.logger.warn({ err: error, failures }, 'a poll of run() failed and is tried again')
          await this.#host.clock.sleep(backoff.delayMs(failures), { signal: this.#over.signal }).catch(() => {})
        }
      }
      this.#forgetGone()
      this.#reportStalled()
    }
  }

  readonly #look = (): true | undefined => {
    if (!this.#isOver) this.#host.lend(this.#pump)
    return this.#isOver ? true : undefined
  }

  /** Starts what may start. */
  readonly #pump = (): void => {
    if (this.#isPumping || this.#isPlanned) return
    this.#isPumping = true
    try {
      while (!this.#isOver && this.#slots < this.#config.concurrency) {
        const rested = this.#rests.wakeNext()
        if (rested !== undefined) {
          this.#goOn(rested)
          continue
        }
        const task = this.#schedule.next() ?? this.#take()
        if (task === undefined) break
        this.#start(task)
        if (this.#isTurnOver()) break
      }
    } finally {
      this.#isPumping = false
    }
    // What was taken has made room, and partitions may have been let go.
    this.#host.wake()
  }

  #isTurnOver(): boolean {
    if (++this.#steps % STEPS_PER_LOOK_AT_CLOCK !== 0) return false
    if (this.#host.clock.monotonic() - this.#turnAt <= MOST_MS_WITHOUT_TURN) return false
    this.#isPlanned = true
    setImmediate(() => {
      this.#isPlanned = false
      this.#turnAt = this.#host.clock.monotonic()
      this.#look()
    })
    return true
  }

  /** The next record that may be handled at once; others before it wait in their lanes. */
  #take(): HandlerTask | undefined {
    for (;;) {
      const record = this.#host.next()
      const { turn } = this.#host
      if (record === undefined || turn === undefined) return undefined
      const task = this.#schedule.admit(record, turn)
      if (task !== undefined) return task
      if (this.#isTurnOver()) return undefined
    }
  }

  #start(task: HandlerTask): void {
    this.#slots++
    task.work.active++
    if (this.#isUnreadable(task)) return
    let result: unknown
    try {
      result = observedHandler(this.#handler, task, this.#host)
    } catch (error) {
      this.#failed(task, error)
      return
    }
    if (!isThenable(result)) {
      this.#succeeded(task)
      return
    }
    task.busySince = this.#host.clock.monotonic()
    if (!this.#rests.has(task)) this.#busy.add(task)
    result.then(
      () => this.#returned(task, () => this.#succeeded(task)),
      (error: unknown) => this.#returned(task, () => this.#failed(task, error)),
    )
  }

  #returned(task: HandlerTask, settle: () => void): void {
    this.#busy.delete(task)
    settle()
    if (!this.#isOver) this.#host.lend(this.#pump)
  }

  /** Then it is on its way to the dead letters. */
  #isUnreadable(task: HandlerTask): boolean {
    const { unreadable } = this.#host
    const error = unreadable === undefined ? undefined : unreadableReason(task.record)
    if (unreadable === undefined || error === undefined) return false
    this.#slots--
    this.#bury(task, error, unreadable)
    return true
  }

  #succeeded(task: HandlerTask): void {
    if (this.#rests.forget(task)) this.#slots++
    this.#host.metrics.recordsHandled++
    this.#slots--
    this.#schedule.finish(task)
    this.#isDone(task)
  }

  #isDone({ work }: HandlerTask): void {
    work.active--
    if (work.active === 0) for (const look of this.#idleWaits) look()
  }

  #failed(task: HandlerTask, error: unknown): void {
    const { metrics, logger } = this.#host
    if (this.#rests.forget(task)) this.#slots++
    this.#slots--
    metrics.handlerFailures++
    if (this.#isOver || !task.isWanted) {
      // Somebody handles it again: another consumer, or the next run.
      this.#schedule.leave(task)
      this.#isDone(task)
      return
    }
    try {
      const step = this.#policy.step(error, task.record, task.attempt)
      if (step.kind === 'again') {
        logger.warn({ err: error, ...coordinates(task), delayMs: step.delayMs }, 'a handler failed and is tried again')
        this.#waitForNext(task, step.delayMs)
      } else if (step.kind === 'dead-letter' && this.#config.deadLetter !== undefined) {
        this.#bury(task, error, this.#config.deadLetter)
        return
      } else this.end({ error: handlerFailed(task, error) })
    } catch (cause) {
      this.end({ error: handlerFailed(task, cause) })
    }
    this.#isDone(task)
  }

  /** Its lane waits, its handler's place is free. */
  #waitForNext(task: HandlerTask, delayMs: number): void {
    this.#resting.add(task)
    task.timer = this.#host.clock.timer(
      delayMs,
      () => {
        this.#resting.delete(task)
        task.attempt++
        this.#host.metrics.handlerRetries++
        this.#schedule.again(task)
        this.#look()
      },
      { name: 'retry of a handler' },
    )
  }

  /** The handler goes on behind it, in a place that was free. */
  readonly #rest = (task: HandlerTask, delayMs: number): Promise<void> => {
    if (this.#isOver || !task.isWanted) return Promise.reject(restGivenUp())
    const isFirst = !this.#rests.has(task)
    const rested = this.#rests.begin(task, delayMs)
    if (isFirst) {
      this.#slots--
      this.#busy.delete(task)
      this.#host.lend(this.#pump)
    }
    return rested
  }

  #goOn(task: HandlerTask): void {
    this.#slots++
    task.busySince = this.#host.clock.monotonic()
    this.#busy.add(task)
  }

  #giveUpRests(isMeant: (task: HandlerTask) => boolean): void {
    for (const task of this.#rests.giveUp(isMeant)) this.#goOn(task)
  }

  #bury(task: HandlerTask, error: unknown, deadLetter: NonNullable<RunConfig['deadLetter']>): void {
    task.busySince = this.#host.clock.monotonic()
    this.#busy.add(task)
    this.#burials.bury(task, error, deadLetter).then(
      () => this.#returned(task, () => this.#buried(task)),
      (failure: unknown) => {
        if (task.isWanted) this.end({ error: failure })
        this.#returned(task, () => {
          this.#schedule.leave(task)
          this.#isDone(task)
        })
      },
    )
  }

  #buried(task: HandlerTask): void {
    this.#host.metrics.deadLetters++
    this.#schedule.finish(task)
    this.#isDone(task)
  }

  /** Partitions that were taken away without a word, by `assign()`; and rests of records that reading has been moved away from. */
  #forgetGone(): void {
    this.#giveUpRests(task => !task.isWanted)
    const gone = [...this.#schedule.works].filter(({ state }) => !state.isAssigned).map(({ state }) => state)
    if (gone.length > 0) this.lose(gone)
  }

  #reportStalled(): void {
    const { clock, logger, maxPollIntervalMs } = this.#host
    const now = clock.monotonic()
    for (const task of this.#busy) {
      const busyMs = Math.round(now - task.busySince)
      if (busyMs <= maxPollIntervalMs || task.isReportedAsStalled) continue
      task.isReportedAsStalled = true
      logger.warn({ ...coordinates(task), busyMs, maxPollIntervalMs }, 'a handler lasts longer than maxPollIntervalMs')
    }
  }

  #close(states: readonly PartitionState[]): PartitionWork[] {
    const works = states.map(state => this.#schedule.find(state)).filter(work => work !== undefined)
    // Those of which nothing was taken yet too: partitions that stay are read on meanwhile.
    for (const state of states) state.isHeld = true
    for (const work of works) this.#schedule.close(work)
    for (const task of this.#resting) if (!task.work.isOpen) this.#giveUpRest(task)
    this.#giveUpRests(({ work }) => !work.isOpen)
    return works
  }

  #giveUpRest(task: HandlerTask): void {
    task.timer?.cancel()
    this.#resting.delete(task)
  }

  #abort(works: readonly PartitionWork[], message: string): void {
    for (const work of works) {
      if (work.active === 0) continue
      work.abort(new DOMException(message, 'AbortError'))
      const { topic, partition } = work.state
      this.#host.logger.warn({ topic, partition, handlers: work.active }, 'handlers were given up')
    }
  }

  /** Resolves when no handler of these is under way, or the time for that is over. */
  #drained(works: readonly PartitionWork[]): Promise<void> {
    const isIdle = (): boolean => works.every(({ active }) => active === 0)
    if (isIdle() || this.#hurry.signal.aborted) return Promise.resolve()
    return new Promise(resolve => {
      const end = (): void => {
        timer.cancel()
        this.#idleWaits.delete(look)
        resolve()
      }
      const look = (): void => {
        if (isIdle() || this.#hurry.signal.aborted) end()
      }
      const timer = this.#host.clock.timer(this.#config.drainTimeoutMs, end, { name: 'drain of handlers' })
      this.#idleWaits.add(look)
    })
  }

  async #windUp(): Promise<void> {
    for (const task of this.#resting) this.#giveUpRest(task)
    const works = [...this.#schedule.works]
    await this.#drained(works)
    this.#abort(works, 'The run has ended, and the time for finishing its handlers is over.')
    await this.#commitLast()
    for (const work of works) {
      const point = this.#schedule.commitPoint(work)
      const isBehind = work.frontier.pending > 0
      this.#schedule.close(work)
      work.state.isHeld = false
      if (point !== undefined && isBehind && work.state.isAssigned) this.#host.rewind(point)
      this.#schedule.forget(work)
    }
  }

  async #commitLast(): Promise<void> {
    const deadline = new Deadline(this.#host.clock, this.#config.drainTimeoutMs)
    for (;;) {
      try {
        await this.#host.commit(this.#hurry.signal)
        return
      } catch (error) {
        // Nothing can be committed before the group has settled, which takes polls.
        const isTime = !deadline.passed && !this.#hurry.signal.aborted
        const mayPass = error instanceof RebalanceInProgressError && isTime
        if (mayPass && (await this.#pollOnce(deadline.remainingMs))) continue
        this.#host.logger.error({ err: error }, 'the last commit of run() failed')
        this.end({ error })
        return
      }
    }
  }

  /** For what the group has to do. */
  async #pollOnce(timeoutMs: number): Promise<boolean> {
    try {
      await this.#host.poll(() => undefined, Math.min(timeoutMs, TICK_MS))
      return true
    } catch (error) {
      this.#host.logger.warn({ err: error }, 'a poll at the end of run() failed')
      return isPassing(error)
    }
  }
}

function coordinates({ record, attempt }: HandlerTask): TopicPartition & { offset: bigint; attempt: number } {
  const { topic, partition, offset } = record
  return { topic, partition, offset, attempt }
}

function isThenable(value: unknown): value is PromiseLike<unknown> {
  return typeof value === 'object' && value !== null && typeof (value as { then?: unknown }).then === 'function'
}
