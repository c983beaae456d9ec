/**
 * CoordinatorRuntime: runs the coordinators of one internal topic, a shard for each of its partitions. One writer a
 * partition: a shard decides, its records go to the end of the partition's log, the shard replays them, and the answers
 * leave when the records are as safe as the flush mode asks. Owner of the shards and their timers.
 *
 * Decision, append and replay happen in one go, so the next decision sees what the last one left. Answers wait for all
 * that was appended before them, even those that only read: none tells what a loss of power could take back.
 *
 * A partition is loaded when it gets a leader, and anew under each leader epoch; until its log is replayed it answers
 * COORDINATOR_LOAD_IN_PROGRESS. One whose disk failed, or whose log cannot be read, coordinates nothing; where the trouble
 * was one that passes, and the log goes on, it is loaded anew, whether or not somebody asks: timeouts wait for it too.
 */
import { errorOf, NO_PRODUCER_ID } from '@samsa/protocol'
import type { Clock, Logger, Timer } from '@samsa/runtime'
import { codeOf } from '../cluster/partitions.js'
import { isPassing } from '../storage/storage-error.js'
import type { CoordinatorLog, CoordinatorLogs } from './coordinator-log.js'
import type { Answer, CoordinatorShard, Moment, Step } from './shard.js'

/** How long behind trouble that passes a partition is loaded anew where nobody asks for it before. */
const ANEW_AFTER_MS = 1000

export interface CoordinatorRuntimeOptions<Shard extends CoordinatorShard> {
  readonly topic: string
  readonly logs: CoordinatorLogs
  readonly newShard: (partition: number, leaderEpoch: number) => Shard
  readonly clock: Clock
  readonly logger: Logger
}

export class CoordinatorRuntime<Shard extends CoordinatorShard> {
  readonly #options: CoordinatorRuntimeOptions<Shard>
  readonly #partitions = new Map<number, CoordinatedPartition<Shard>>()
  /** Loads go one after the other: a start reads one log at a time. */
  #loading: Promise<void> = Promise.resolve()
  #anew: Timer | undefined
  #isClosed = false

  constructor(options: CoordinatorRuntimeOptions<Shard>) {
    this.#options = options
  }

  /** Brings the shards in line with who leads the partitions now. Harmless when nothing changed. */
  follow(): void {
    if (this.#isClosed) return
    const { topic, logs } = this.#options
    const led = logs.led(topic)
    for (const [index, partition] of this.#partitions) {
      const isStillHere = led.get(index)?.isSameAs(partition.log) === true
      if (!isStillHere || partition.mayGoOn) this.#unload(index, 'NOT_COORDINATOR')
    }
    for (const [index, log] of led) {
      if (!this.#partitions.has(index)) this.#load(index, log)
    }
  }

  /**
   * Has the shard of a partition decide. Throws a KafkaError where there is none, or none yet. Resolves with what `decide`
   * gave besides its step, when the step's records are safe, and rejects when they were refused and the step does not say
   * what then.
   */
  async run<Result>(
    index: number,
    decide: (shard: Shard, moment: Moment) => { readonly step: Step; readonly result: Result },
  ): Promise<Result> {
    const partition = this.#coordinating(index)
    const { step, result } = decide(partition.shard, this.#moment())
    await partition.carryOut(step)
    return result
  }

  /** All shards that coordinate, for what concerns every group or id. */
  loaded(): number[] {
    return [...this.#partitions].filter(([, { isLoaded }]) => isLoaded).map(([index]) => index)
  }

  /** Of all partitions, loaded or not. */
  *shards(): Generator<Shard> {
    for (const { shard } of this.#partitions.values()) yield shard
  }

  get isLoading(): boolean {
    return [...this.#partitions.values()].some(partition => !partition.isLoaded && !partition.hasFailed)
  }

  /** Resolves when everything that is to be loaded is. */
  async settled(): Promise<void> {
    await this.#loading
  }

  /** Answers everyone who waits, and stops all timers. */
  close(): void {
    this.#isClosed = true
    this.#anew?.cancel()
    for (const index of [...this.#partitions.keys()]) this.#unload(index, 'NOT_COORDINATOR')
  }

  #coordinating(index: number): CoordinatedPartition<Shard> {
    const partition = this.#partitions.get(index)
    if (this.#isClosed || partition === undefined || partition.hasFailed) throw refusal('NOT_COORDINATOR')
    if (!partition.isLoaded) throw refusal('COORDINATOR_LOAD_IN_PROGRESS')
    return partition
  }

  #load(index: number, log: CoordinatorLog): void {
    const { newShard, clock, logger, topic } = this.#options
    const partition = new CoordinatedPartition(newShard(index, log.partition.leaderEpoch), log, {
      clock,
      now: () => this.#moment(),
      onPassingFailure: () => this.#followLater(),
    })
    this.#partitions.set(index, partition)
    // What is in memory, as an empty log is, is there at once; the rest waits its turn.
    if (log.isEmpty) {
      partition.begin()
      return
    }
    this.#loading = this.#loading.then(async () => {
      if (this.#partitions.get(index) !== partition) return
      try {
        await partition.load()
        if (this.#partitions.get(index) === partition) partition.begin()
      } catch (error) {
        partition.failedFor(error)
        logger.error({ topic, partition: index, err: error }, 'a coordinator cannot load its log')
      }
    })
  }

  #followLater(): void {
    if (this.#isClosed) return
    const follow = (): void => {
      this.#anew = undefined
      this.follow()
    }
    this.#anew ??= this.#options.clock.timer(ANEW_AFTER_MS, follow, { name: 'coordinators anew', unref: true })
  }

  #unload(index: number, code: string): void {
    this.#partitions.get(index)?.end(codeOf(code))
    this.#partitions.delete(index)
  }

  #moment(): Moment {
    const { clock } = this.#options
    return { nowMs: clock.now(), monotonicMs: clock.monotonic() }
  }
}

interface Surroundings {
  readonly clock: Clock
  readonly now: () => Moment
  readonly onPassingFailure: () => void
}

/** One shard, its log and its timers. */
class CoordinatedPartition<Shard extends CoordinatorShard> {
  readonly shard: Shard
  readonly log: CoordinatorLog
  isLoaded = false
  #failure: unknown
  readonly #surroundings: Surroundings
  readonly #wakes = new Map<string, { readonly timer: Timer; readonly atMs: number }>()
  #isEnded = false

  constructor(shard: Shard, log: CoordinatorLog, surroundings: Surroundings) {
    this.shard = shard
    this.log = log
    this.#surroundings = surroundings
  }

  /** It coordinates nothing any more. */
  get hasFailed(): boolean {
    return this.#failure !== undefined
  }

  /** Another shard can take its place: what the log holds is where things stand. */
  get mayGoOn(): boolean {
    return isPassing(this.#failure)
  }

  failedFor(error: unknown): void {
    if (this.hasFailed) return
    this.#failure = error ?? new Error('unknown')
    if (this.mayGoOn) this.#surroundings.onPassingFailure()
  }

  async load(): Promise<void> {
    await this.log.replayTo(this.shard)
    await this.log.secure()
  }

  begin(): void {
    this.isLoaded = true
    this.#carryOutUnasked(this.shard.loaded(this.#surroundings.now()))
  }

  /** Resolves when the step's answers were given. */
  carryOut(step: Step): Promise<void> {
    const answers: Answer[] = []
    const fault = this.#take(step, answers)
    return this.#give(answers, fault)
  }

  end(code: number): void {
    if (this.#isEnded) return
    this.#isEnded = true
    for (const { timer } of this.#wakes.values()) timer.cancel()
    this.#wakes.clear()
    for (const answer of this.shard.unloaded(code)) answer.give()
  }

  /** Appends and replays. Returns why the log took nothing, where nobody has said what then. */
  #take(step: Step, answers: Answer[]): Error | undefined {
    try {
      this.#write(step)
    } catch (error) {
      if (!(error instanceof Refusal)) throw error
      if (step.refused === undefined) return errorOf(error.code)
      return this.#take(withoutRecords(step.refused(error.code)), answers)
    }
    answers.push(...(step.answers ?? []))
    for (const { key, atMs } of step.wakes ?? []) this.#wakeAt(key, atMs)
    const then = step.written?.()
    return then === undefined ? undefined : this.#take(withoutRecords(then), answers)
  }

  #write(step: Step): void {
    const { records = [], transaction, marker } = step
    if (marker !== undefined) {
      this.#refusable(() => this.log.appendEnd(marker, this.#surroundings.now().nowMs))
      this.shard.replayEnd?.(marker.producerId, marker.isCommit)
    }
    const producerId = transaction?.producerId ?? NO_PRODUCER_ID
    const batches = step.isDivisible === true ? this.log.portions(records) : [records]
    for (const batch of batches) {
      if (batch.length === 0) continue
      const from = this.#refusable(() => this.log.append(batch, this.#surroundings.now().nowMs, transaction))
      for (const [at, record] of batch.entries()) this.shard.replay(record, { offset: from + at, producerId })
    }
  }

  /** What the log refuses can be told from what goes wrong with it afterwards, which is a fault of ours. */
  #refusable<Result>(append: () => Result): Result {
    try {
      return append()
    } catch (error) {
      throw new Refusal(clientCode(error))
    }
  }

  async #give(answers: readonly Answer[], fault: Error | undefined): Promise<void> {
    const committed = this.log.committed()
    if (committed !== undefined) await committed.catch(error => this.#fail(answers, error))
    for (const answer of answers) answer.give()
    if (fault !== undefined) throw fault
  }

  /** The disk failed: nobody knows what of the state is on it, so the shard is out of use. */
  #fail(answers: readonly Answer[], error: unknown): never {
    const code = clientCode(error)
    this.failedFor(error)
    this.end(code)
    for (const answer of answers) answer.refuse(code)
    throw errorOf(code)
  }

  /** For what no request waits for. */
  #carryOutUnasked(step: Step): void {
    // Whoever waits is answered by `end`; the next request finds out by itself.
    this.carryOut(step).catch(() => undefined)
  }

  #wakeAt(key: string, atMs: number): void {
    const armed = this.#wakes.get(key)
    if (this.#isEnded || (armed !== undefined && armed.atMs <= atMs)) return
    armed?.timer.cancel()
    const { clock, now } = this.#surroundings
    const delayMs = atMs - now().monotonicMs
    const timer = clock.timer(
      delayMs,
      () => {
        this.#wakes.delete(key)
        this.#carryOutUnasked(this.shard.wake(key, now()))
      },
      { name: `coordinator ${key}`, unref: true },
    )
    this.#wakes.set(key, { timer, atMs })
  }
}

/** The log takes nothing, with the code for clients. */
class Refusal extends Error {
  readonly code: number

  constructor(code: number) {
    super('the log refuses')
    this.code = code
  }
}

/** What follows from a step writes nothing. */
function withoutRecords({ records: _, marker: __, ...step }: Step): Step {
  return step
}

const CLIENT_CODES: ReadonlyMap<string, string> = new Map([
  ['UNKNOWN_TOPIC_OR_PARTITION', 'COORDINATOR_NOT_AVAILABLE'],
  ['NOT_ENOUGH_REPLICAS', 'COORDINATOR_NOT_AVAILABLE'],
  ['REQUEST_TIMED_OUT', 'COORDINATOR_NOT_AVAILABLE'],
  ['NOT_LEADER_OR_FOLLOWER', 'NOT_COORDINATOR'],
  ['KAFKA_STORAGE_ERROR', 'NOT_COORDINATOR'],
  ['MESSAGE_TOO_LARGE', 'UNKNOWN_SERVER_ERROR'],
  ['RECORD_LIST_TOO_LARGE', 'UNKNOWN_SERVER_ERROR'],
])

/** What clients are told where the log says this: they know coordinators, and nothing of their logs. */
function clientCode(error: unknown): number {
  const code = error instanceof Error && 'code' in error ? String(error.code) : 'UNKNOWN_SERVER_ERROR'
  return codeOf(CLIENT_CODES.get(code) ?? code)
}

function refusal(name: string): Error {
  return errorOf(codeOf(name))
}
