/**
 * LoopRun: the loop itself. Polls, makes batches, has each written in a transaction, and does what follows from a failure:
 * goes back to where the batch began, and tries again, record by record, or buries, or ends.
 *
 * Invariants. The group calls its listener only inside of polls, and no transaction is open then: so partitions go only when
 * the transaction with their records has its end. Records in hand are of partitions that the last poll left with this
 * consumer, and are committed as the member that it was then; a later generation would commit for somebody else.
 */
import type { Consumer, ConsumerRecord, GroupMetadata, TopicPartition } from '@samsa/consumer'
import { deadLetterOf } from '@samsa/consumer/internal'
import type { TransactionOffset } from '@samsa/producer'
import { AsIs } from '@samsa/producer/internal'
import { TimeoutError } from '@samsa/runtime'
import { Backoff, Deadline, settleWithin } from '@samsa/runtime/internal'
import { reach } from '../failpoint.js'
import { found } from '../observation.js'
import { Attempts, type Doom, type NextStep } from './attempts.js'
import { Backlog } from './backlog.js'
import type { Batch } from './batch.js'
import { type Failure, type Fault, faultOf, faultOfKafka } from './fault.js'
import type { IdScreen } from './id-screen.js'
import { buryFailed, loopEnd, workFailed } from './loop-error.js'
import type { CheckedLoop } from './loop-options.js'
import { type LoopProducer, LoopTransaction } from './loop-transaction.js'
import type { Output } from './output.js'
import { placeName } from './place-name.js'

export interface LoopContext {
  /** Which attempt at these records this is, as far as this process knows: 1 at first. */
  readonly attempt: number
  /** Aborted when `workTimeoutMs` is over: the transaction is aborted, and whatever is sent then is refused. */
  readonly signal: AbortSignal
  readonly groupId: string
}

/** Sends with `out` what is to come of the records. */
export type LoopWork<Key, Value, OutKey, OutValue> = (
  records: readonly ConsumerRecord<Key, Value>[],
  out: Output<OutKey, OutValue>,
  context: LoopContext,
) => unknown

export type LoopConsumer<Key, Value> = Pick<
  Consumer<Key, Value>,
  'assignment' | 'committed' | 'groupMetadata' | 'pause' | 'paused' | 'resume' | 'seek' | 'subscribe' | 'unsubscribe'
> & {
  poll(options: {
    readonly timeoutMs?: number
    readonly signal?: AbortSignal
  }): Promise<Iterable<ConsumerRecord<Key, Value>>>
}

export interface LoopRunParts<Key, Value, OutKey, OutValue> {
  readonly config: CheckedLoop
  readonly consumer: LoopConsumer<Key, Value>
  readonly producer: LoopProducer<OutKey, OutValue>
  readonly work: LoopWork<Key, Value, OutKey, OutValue>
  readonly ids: IdScreen<Key, Value> | undefined
  readonly signal: AbortSignal
}

/** A rebalance need not wait for longer than this, and one transaction. */
const MOST_MS_BETWEEN_POLLS = 1000

export class LoopRun<Key, Value, OutKey, OutValue> {
  readonly #parts: LoopRunParts<Key, Value, OutKey, OutValue>
  readonly #backlog = new Backlog<Key, Value>()
  readonly #attempts: Attempts
  readonly #backoff: Backoff
  readonly #transaction: LoopTransaction<OutKey, OutValue>
  /** As of the last poll. */
  #group: GroupMetadata
  #polledAt = 0
  #failedPolls = 0

  constructor(parts: LoopRunParts<Key, Value, OutKey, OutValue>) {
    this.#parts = parts
    const { consumer, producer, config } = parts
    const { clock, logger, random, commitTimeoutMs, poison } = config
    const { initialMs, maxMs, attempts, isolate, deadLetter } = poison
    this.#backoff = new Backoff({ initialMs, maxMs, random })
    this.#attempts = new Attempts({
      most: attempts,
      isolates: isolate,
      buries: isolate && deadLetter !== undefined,
      backoff: this.#backoff,
    })
    this.#transaction = new LoopTransaction({
      ...{ producer, clock, logger, commitTimeoutMs },
      onUnknown: records => found('transactionalLoop', 'unknownCommit', { records }),
      isCommitted: offsets => this.#isCommitted(offsets),
    })
    this.#group = consumer.groupMetadata()
  }

  /** Resolves when the signal is aborted: the transaction under way is finished, and the group left. */
  async run(): Promise<void> {
    const { consumer, config, ids } = this.#parts
    await this.#prepare()
    if (this.#isOver) return
    consumer.subscribe(config.topics, {
      onPartitionsRevoked: places => this.#forget(places),
      onPartitionsLost: places => this.#forget(places),
    })
    let failure: unknown
    try {
      while (!this.#isOver) await this.#turn()
    } catch (error) {
      failure = error
      throw error
    } finally {
      ids?.forgetAll()
      await consumer.unsubscribe().catch((error: unknown) => {
        config.logger.warn({ err: error }, 'the group was not left in order')
        if (failure === undefined) throw error
      })
    }
  }

  get #isOver(): boolean {
    return this.#parts.signal.aborted
  }

  async #turn(): Promise<void> {
    const batch = await this.#untilOver(() => this.#gather())
    if (batch === undefined || !(await this.#hasIds(batch))) return
    const failure = await this.#commit(batch)
    if (failure === undefined) {
      this.#attempts.done(batch)
      this.#backlog.done(batch)
      return
    }
    found('transactionalLoop', 'aborted', { records: batch.records.length })
    this.#goBack(batch.stretches)
    const fault = faultOf(failure, this.#parts.config.poison.counts)
    if (fault === 'loop') throw loopEnd(failure, batch.records.length)
    await this.#follow(batch, fault, failure)
  }

  /** At start, and as long as the coordinators cannot be had. */
  async #prepare(): Promise<void> {
    for (let attempt = 1; !this.#isOver; attempt++) {
      const failure = await this.#transaction.prepare()
      if (failure === undefined) return
      if (faultOf(failure) === 'loop') throw loopEnd(failure, 1)
      this.#warn(failure.error, 'transactions could not be initialized')
      await this.#pause(this.#backoff.delayMs(attempt))
    }
  }

  /** The records of the next transaction; none where there are none yet, or where they are not to be trusted. */
  async #gather(): Promise<Batch<Key, Value> | undefined> {
    const { maxBatch, maxDelayMs, clock } = this.#parts.config
    const backlog = this.#backlog
    if (backlog.size === 0) await this.#poll({})
    else if (clock.monotonic() - this.#polledAt > MOST_MS_BETWEEN_POLLS) await this.#attend()
    if (backlog.size === 0) return undefined
    const deadline = new Deadline(clock, maxDelayMs)
    while (!backlog.isReady(maxBatch) && backlog.size > 0 && !deadline.passed) {
      await this.#poll({ timeoutMs: deadline.remainingMs })
    }
    if (!this.#isMember) {
      // The membership ended behind the poll: the next one says which partitions are gone.
      this.#goBack(backlog.starts)
      return undefined
    }
    reach('loop.afterPoll')
    return backlog.take(maxBatch)
  }

  async #poll(options: { readonly timeoutMs?: number }): Promise<void> {
    const { consumer, config, signal } = this.#parts
    try {
      this.#backlog.add(await consumer.poll({ ...options, signal }))
      this.#failedPolls = 0
    } catch (error) {
      if (this.#isOver || faultOfKafka(error) === 'loop') throw error
      this.#warn(error, 'a poll of the loop has failed')
      await this.#pause(this.#backoff.delayMs(++this.#failedPolls))
    }
    this.#polledAt = config.clock.monotonic()
    this.#group = consumer.groupMetadata()
  }

  /** What the group has to be done is done, and no partition that is here already gives more. */
  async #attend(): Promise<void> {
    const { consumer } = this.#parts
    const before = new Set(consumer.paused().map(placeName))
    const ours = consumer.assignment().filter(place => !before.has(placeName(place)))
    consumer.pause(ours)
    try {
      await this.#poll({ timeoutMs: 0 })
    } finally {
      consumer.resume(this.#assigned(ours))
    }
  }

  /** Resolves at once to nothing when the run is over. */
  async #untilOver<T>(work: () => Promise<T>): Promise<T | undefined> {
    try {
      return await work()
    } catch (error) {
      if (this.#isOver) return undefined
      throw error
    }
  }

  /** What was handled of its partitions is known. Where that could not be had, its records come again. */
  async #hasIds(batch: Batch<Key, Value>): Promise<boolean> {
    const { ids, signal } = this.#parts
    try {
      await ids?.restore(batch.stretches, signal)
      return true
    } catch (error) {
      if (this.#isOver) return false
      if (faultOfKafka(error) === 'loop') throw error
      this.#warn(error, 'the ids of a partition could not be read')
      this.#goBack(batch.stretches)
      await this.#pause(this.#backoff.delayMs(1))
      return false
    }
  }

  async #commit(batch: Batch<Key, Value>): Promise<Failure | undefined> {
    const { ids } = this.#parts
    const offsets: readonly TransactionOffset[] = batch.stretches
    const group = this.#group
    const doom = this.#attempts.doomOf(batch)
    if (doom !== undefined) return await this.#bury(batch, doom, { offsets, group })
    const write = (output: Output<OutKey, OutValue>): Promise<void> => this.#write(batch, output)
    const failure = await this.#transaction.commit({ records: batch.records.length, offsets, group, write })
    if (failure !== undefined) {
      ids?.aborted()
      return failure
    }
    const duplicates = ids?.committed() ?? 0
    const records = batch.records.length - duplicates
    if (records > 0) found('transactionalLoop', 'processed', { records })
    return undefined
  }

  async #write(batch: Batch<Key, Value>, output: Output<OutKey, OutValue>): Promise<void> {
    const { ids, work, config } = this.#parts
    const { workTimeoutMs, clock, groupId } = config
    const records = ids === undefined ? batch.records : ids.screen(batch.records, output)
    if (records.length === 0) return
    const controller = new AbortController()
    const context: LoopContext = { attempt: this.#attempts.next(batch), signal: controller.signal, groupId }
    await settleWithin(clock, Promise.resolve(work(records, output, context)), {
      timeoutMs: workTimeoutMs,
      timeoutError: () => {
        const error = new TimeoutError(`The work took longer than workTimeoutMs (${workTimeoutMs} ms).`)
        controller.abort(error)
        return error
      },
    })
  }

  async #bury(
    batch: Batch<Key, Value>,
    { error, attempts }: Doom,
    place: { readonly offsets: readonly TransactionOffset[]; readonly group: GroupMetadata },
  ): Promise<Failure | undefined> {
    const { groupId, poison } = this.#parts.config
    const { single: record } = batch
    const { deadLetter: topic } = poison
    if (record === undefined || topic === undefined) return undefined
    const write = async (output: Output<OutKey, OutValue>): Promise<void> => {
      const { key, value, ...rest } = deadLetterOf({ topic }, { record, error, attempts, groupId })
      await output.send({ ...rest, key: asIs<OutKey>(key), value: asIs<OutValue>(value) })
    }
    const failure = await this.#transaction.commit({ records: 1, ...place, write })
    if (failure === undefined) found('transactionalLoop', 'deadLetter', record)
    else if (faultOf(failure) !== 'passing') throw buryFailed(record, attempts, failure.error)
    return failure
  }

  async #follow(batch: Batch<Key, Value>, fault: Exclude<Fault, 'loop'>, { error, sendError }: Failure): Promise<void> {
    const cause = sendError ?? error
    const step: NextStep = this.#attempts.failed(batch, fault, cause)
    this.#warn(cause, 'a transaction was aborted', { fault, records: batch.records.length, next: step.kind })
    if (step.kind === 'give-up') throw workFailed(batch, step.attempts, cause)
    if (step.kind === 'isolate') this.#backlog.isolate(batch)
    if (step.kind === 'bury') return
    found('transactionalLoop', 'retried', { records: batch.records.length })
    await this.#rest(step.delayMs)
  }

  /** What was fetched of them is thrown away, and reading goes on where that was begun. */
  #goBack(stretches: readonly (TopicPartition & { readonly start: bigint })[]): void {
    const { consumer } = this.#parts
    this.#backlog.drop(stretches)
    for (const { start, ...place } of this.#assigned(stretches)) consumer.seek(place, start)
  }

  #forget(places: readonly TopicPartition[]): void {
    this.#backlog.forget(places)
    this.#attempts.forget(places)
    this.#parts.ids?.forget(places)
  }

  #assigned<Place extends TopicPartition>(places: readonly Place[]): Place[] {
    const names = new Set(this.#parts.consumer.assignment().map(placeName))
    return places.filter(place => names.has(placeName(place)))
  }

  /** Without a generation nobody would be fenced. */
  get #isMember(): boolean {
    const { memberId, generationId } = this.#group
    return memberId !== '' && generationId > 0
  }

  async #isCommitted(offsets: readonly TransactionOffset[]): Promise<boolean | undefined> {
    try {
      const committed = await this.#parts.consumer.committed(
        offsets.map(({ topic, partition }) => ({ topic, partition })),
      )
      return offsets.every(({ offset }, index) => (committed[index]?.offset ?? -1n) >= offset)
    } catch {
      return undefined
    }
  }

  /** A pause in which the group is looked after: it need not wait for the end, and puts nobody out for silence. */
  async #rest(delayMs: number): Promise<void> {
    const deadline = new Deadline(this.#parts.config.clock, delayMs)
    await this.#pause(Math.min(delayMs, MOST_MS_BETWEEN_POLLS))
    while (!deadline.passed && !this.#isOver) {
      await this.#untilOver(() => this.#attend())
      await this.#pause(Math.min(deadline.remainingMs, MOST_MS_BETWEEN_POLLS))
    }
  }

  async #pause(delayMs: number): Promise<void> {
    const { config, signal } = this.#parts
    if (delayMs > 0) await this.#untilOver(() => config.clock.sleep(delayMs, { signal }))
  }

  #warn(error: unknown, message: string, more: object = {}): void {
    const { logger, groupId } = this.#parts.config
    logger.warn({ err: error, groupId, ...more }, message)
  }
}

/** No serde is to touch it: the producer's are for what the work sends. */
function asIs<T>(bytes: Uint8Array | null): T | null {
  return bytes === null ? null : (new AsIs(bytes) as T)
}
