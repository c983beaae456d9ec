/**
 * A run for tests, over a real buffer and real batches: partitions that hold records until the run takes them, a clock that
 * stands still, and a group that notes what is committed.
 */
import { KafkaError, ManualClock, SeededRandom, silentLogger } from '@samsa/runtime'
import { parseOptions } from '@samsa/runtime/internal'
import { ConsumerMetrics } from '../consumer-metrics.js'
import type { ConsumerRecord } from '../consumer-record.js'
import { FetchBuffer } from '../fetch-buffer.js'
import { FetchedRecords } from '../fetched-records.js'
import { PartitionState } from '../subscription-state.js'
import type { RecordHandler } from './handler.js'
import { HandlerRun } from './handler-run.js'
import type { RunHost } from './run-host.js'
import { type RunOptions, runOptions } from './run-options.js'
import { batchWith } from './test-batch.js'

/** Key and value; without a key, null. */
export type TestRecord = readonly [key: string | null, value: string]

export interface SceneOptions {
  readonly autoCommitIntervalMs?: number
  readonly maxPollIntervalMs?: number
  readonly maxQueuedBytes?: number
  readonly seed?: number
  readonly unreadable?: RunHost['unreadable']
}

export interface LogLine {
  readonly fields: Record<string, unknown>
  readonly message: string
}

export class RunScene {
  readonly clock = new ManualClock()
  readonly metrics = new ConsumerMetrics()
  readonly states: PartitionState[] = []
  readonly buffer = new FetchBuffer({ limitBytes: 2 ** 30, turnRecords: 500, onRoom: () => {} })
  /** `0@5`: partition 0 up to offset 5. */
  readonly commits: string[] = []
  readonly warnings: LogLine[] = []
  readonly host: RunHost
  polls = 0
  /** What the next polls fail with. */
  readonly pollErrors: unknown[] = []
  /** What the next commits fail with. */
  readonly commitErrors: unknown[] = []
  #stirred: (() => void)[] = []
  #run: HandlerRun | undefined
  readonly #autoCommitIntervalMs: number
  #dueAt: number
  readonly #committed = new Map<PartitionState, number>()

  constructor(options: SceneOptions = {}) {
    const { buffer, clock } = this
    this.#autoCommitIntervalMs = options.autoCommitIntervalMs ?? 5000
    this.#dueAt = this.#autoCommitIntervalMs
    this.host = {
      clock,
      random: new SeededRandom(options.seed ?? 1),
      logger: {
        ...silentLogger,
        warn: (fields, message) => void this.warnings.push({ fields: { ...fields }, message }),
      },
      clientId: 'test',
      groupId: 'group',
      metrics: this.metrics,
      maxPollIntervalMs: options.maxPollIntervalMs ?? 300_000,
      unreadable: options.unreadable,
      maxQueuedBytes: () => options.maxQueuedBytes ?? 2 ** 20,
      next: () => buffer.next(),
      get turn() {
        return buffer.turn
      },
      wake: () => {},
      stir: () => this.stir(),
      poll: (look, timeoutMs) => this.#poll(look, timeoutMs),
      lend: work => work(),
      commit: async () => this.#commit(),
      rewind: ({ state, offset, epoch }) => {
        state.seek(offset, epoch)
        buffer.drop(state)
      },
      isClosed: error => error instanceof KafkaError && error.code === 'CONSUMER_CLOSED',
    }
  }

  get run(): HandlerRun {
    if (this.#run === undefined) throw new Error('no run was begun')
    return this.#run
  }

  /** A partition that is read from offset 0 on. */
  partition(): PartitionState {
    const state = new PartitionState({ topic: 't', partition: this.states.length })
    state.seek(0)
    this.states.push(state)
    return state
  }

  /** Records have come, behind those that came before. */
  fetched(state: PartitionState, records: readonly TestRecord[]): void {
    const data = batchWith(state.fetchOffset, records)
    const fetched = new FetchedRecords(state, data, [], { checkCrcs: true, keySerde: undefined, valueSerde: undefined })
    state.fetched(fetched.nextOffset, fetched.lastEpoch)
    this.buffer.add(fetched)
    this.stir()
  }

  begin(handler: RecordHandler, options: RunOptions = {}): Promise<void> {
    this.#run = new HandlerRun(this.host, handler as RecordHandler<unknown, unknown>, parseOptions(runOptions, options))
    const ended = this.#run.run()
    // Tests look at it when they are ready.
    ended.catch(() => {})
    return ended
  }

  stir(): void {
    const stirred = this.#stirred
    this.#stirred = []
    for (const resolve of stirred) resolve()
  }

  settle(): Promise<void> {
    return this.clock.settle()
  }

  async #poll(look: () => true | undefined, timeoutMs: number): Promise<void> {
    const until = this.clock.monotonic() + timeoutMs
    for (;;) {
      this.polls++
      const error = this.pollErrors.shift()
      if (error !== undefined) throw error
      this.#commitWhenDue()
      if (look() === true) return
      const remainingMs = until - this.clock.monotonic()
      if (remainingMs <= 0) return
      await new Promise<void>(resolve => {
        const timer = this.clock.timer(remainingMs, resolve, { name: 'poll of a scene' })
        this.#stirred.push(() => {
          timer.cancel()
          resolve()
        })
      })
    }
  }

  /** As the group does: inside a poll, now and then, whatever the run says is done. */
  #commitWhenDue(): void {
    const now = this.clock.monotonic()
    if (now < this.#dueAt) return
    this.#dueAt = now + this.#autoCommitIntervalMs
    this.#commit()
  }

  #commit(): void {
    const error = this.commitErrors.shift()
    if (error !== undefined) throw error
    for (const state of this.states) {
      const doneUpTo = this.run.doneUpTo(state)
      if (!state.isAssigned || doneUpTo === undefined || (this.#committed.get(state) ?? 0) === doneUpTo) continue
      this.#committed.set(state, doneUpTo)
      this.commits.push(`${state.partition}@${doneUpTo}`)
    }
  }

  /** As the group does before partitions go: the run comes to an end with them, and what is done is committed. */
  async revoke(state: PartitionState): Promise<void> {
    await this.run.revoke([state])
    this.#commit()
    state.isAssigned = false
    this.buffer.drop(state)
  }
}

/** `0@5`: the record at offset 5 of partition 0. */
export function placeOf({ partition, offset }: ConsumerRecord<unknown, unknown>): string {
  return `${partition}@${offset}`
}

/** A handler whose records end when the test says. */
export class HeldHandlers {
  readonly started: string[] = []
  readonly signals = new Map<string, AbortSignal>()
  readonly #open = new Map<string, { resolve: () => void; reject: (error: unknown) => void }>()

  readonly handler: RecordHandler = (record, { signal }) => {
    const place = placeOf(record as ConsumerRecord<unknown, unknown>)
    this.started.push(place)
    this.signals.set(place, signal)
    return new Promise<void>((resolve, reject) => this.#open.set(place, { resolve, reject }))
  }

  get open(): string[] {
    return [...this.#open.keys()]
  }

  finish(place: string): void {
    this.#taken(place).resolve()
  }

  fail(place: string, error: unknown): void {
    this.#taken(place).reject(error)
  }

  #taken(place: string): { resolve: () => void; reject: (error: unknown) => void } {
    const open = this.#open.get(place)
    if (open === undefined) throw new Error(`${place} is not being handled; ${this.open.join(', ')} are`)
    this.#open.delete(place)
    return open
  }
}
