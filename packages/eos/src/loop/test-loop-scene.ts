/**
 * A consumer, a producer and their Kafka in a few lines, for a loop: partitions with numbered records, what the group has
 * committed, what came out. A transaction applies records and offsets together, or nothing. Tests say what fails.
 */
import type { CommittedOffset, ConsumerRecord, GroupMetadata, RebalanceListener, TopicPartition } from '@samsa/consumer'
import type { ProducerRecord, RecordMetadata, Transaction, TransactionOffset } from '@samsa/producer'
import { KafkaError, ManualClock, SeededRandom, silentLogger } from '@samsa/runtime'
import type { IdScreen } from './id-screen.js'
import type { CheckedLoop } from './loop-options.js'
import { type LoopConsumer, LoopRun, type LoopWork } from './loop-run.js'
import type { LoopProducer } from './loop-transaction.js'
import { placeName } from './place-name.js'

export type SceneRecord = ConsumerRecord<string, string>
export type SceneWork = LoopWork<string, string, string, string>
type Sent = ProducerRecord<string, string>

export interface SceneOptions {
  readonly partitions?: number
  readonly pollRecords?: number
  readonly config?: Partial<Omit<CheckedLoop, 'poison'>> & { readonly poison?: Partial<CheckedLoop['poison']> }
  readonly ids?: IdScreen<string, string>
}

/** Polls that find nothing before a run counts as one that does no more. */
const MOST_EMPTY_POLLS = 50
const EMPTY_POLL_MS = 100

export class LoopScene {
  readonly clock = new ManualClock()
  readonly places: readonly TopicPartition[]
  readonly logs = new Map<string, SceneRecord[]>()
  readonly committed = new Map<string, bigint>()
  readonly output: Sent[] = []
  /** What happened, a word for each. */
  readonly diary: string[] = []
  readonly consumer: TestConsumer
  readonly producer: TestProducer
  readonly #options: SceneOptions
  #end = new AbortController()

  constructor(options: SceneOptions = {}) {
    const { partitions = 1 } = options
    this.#options = options
    this.places = Array.from({ length: partitions }, (_, partition) => ({ topic: 'in', partition }))
    for (const place of this.places) this.logs.set(placeName(place), [])
    this.consumer = new TestConsumer(this, options.pollRecords ?? 500, MOST_EMPTY_POLLS)
    this.producer = new TestProducer(this)
  }

  /** Texts, in turn to each partition. */
  write(...values: readonly string[]): void {
    for (const [index, value] of values.entries()) {
      const place = this.places[index % this.places.length] ?? { topic: 'in', partition: 0 }
      const log = this.logs.get(placeName(place)) ?? []
      const bytes = Buffer.from(value)
      const more = { key: null, value, keyBytes: null, valueBytes: bytes, headers: [], timestamp: 0, leaderEpoch: 0 }
      log.push({ ...place, offset: BigInt(log.length), ...more } as unknown as SceneRecord)
    }
  }

  /** What came out, as committed. */
  get values(): string[] {
    return this.output.map(({ value }) => String(value))
  }

  stop(): void {
    this.#end.abort()
  }

  /** Until everything is read, the run fails, or `stop` is called. Time passes where the loop waits for it. */
  async run(work: SceneWork): Promise<void> {
    this.#end = new AbortController()
    const { config, ids } = this.#options
    const poison = { isolate: true, attempts: 5, initialMs: 100, maxMs: 1000, ...config?.poison }
    const loop = new LoopRun<string, string, string, string>({
      consumer: this.consumer,
      producer: this.producer,
      work,
      ids,
      signal: this.#end.signal,
      config: {
        ...{ groupId: 'group', topics: ['in'], maxBatch: 10, maxDelayMs: 0, workTimeoutMs: 1000, commitTimeoutMs: 500 },
        ...{ clock: this.clock, random: new SeededRandom(1), logger: silentLogger },
        ...config,
        poison,
      },
    })
    let isOver = false
    const done = loop.run().finally(() => {
      isOver = true
    })
    done.catch(() => {})
    while (!isOver) {
      await new Promise(resolve => setImmediate(resolve))
      if (!isOver && this.clock.pendingTimers > 0) await this.clock.advance({ ms: 50 })
    }
    await done
  }
}

export class TestConsumer implements LoopConsumer<string, string> {
  group: GroupMetadata = { groupId: 'group', memberId: 'member', generationId: 1, groupInstanceId: null }
  /** Done by the next poll, before it takes records; or behind that. */
  beforePoll: (() => Promise<void>) | undefined
  afterPoll: (() => void) | undefined
  readonly #scene: LoopScene
  readonly #pollRecords: number
  readonly #mostEmptyPolls: number
  readonly #positions = new Map<string, bigint>()
  #assigned: readonly TopicPartition[] = []
  #listener: RebalanceListener = {}
  #paused = new Set<string>()
  #emptyPolls = 0

  constructor(scene: LoopScene, pollRecords: number, mostEmptyPolls: number) {
    this.#scene = scene
    this.#pollRecords = pollRecords
    this.#mostEmptyPolls = mostEmptyPolls
  }

  subscribe(_topics: unknown, listener: RebalanceListener = {}): void {
    this.#listener = listener
    this.assign(this.#scene.places)
  }

  assign(places: readonly TopicPartition[]): void {
    const had = new Set(this.#assigned.map(placeName))
    this.#assigned = places
    for (const place of places) {
      const name = placeName(place)
      if (!had.has(name)) this.#positions.set(name, this.#scene.committed.get(name) ?? 0n)
    }
  }

  async lose(places: readonly TopicPartition[]): Promise<void> {
    await this.#listener.onPartitionsLost?.(places)
    const names = new Set(places.map(placeName))
    this.#assigned = this.#assigned.filter(place => !names.has(placeName(place)))
    for (const name of names) this.#paused.delete(name)
  }

  async poll(options: { readonly timeoutMs?: number; readonly signal?: AbortSignal } = {}): Promise<SceneRecord[]> {
    const { signal, timeoutMs = EMPTY_POLL_MS } = options
    signal?.throwIfAborted()
    const before = this.beforePoll
    this.beforePoll = undefined
    await before?.()
    const records: SceneRecord[] = []
    for (const place of this.#assigned) {
      const name = placeName(place)
      if (this.#paused.has(name)) continue
      const from = Number(this.#positions.get(name) ?? 0n)
      const some = (this.#scene.logs.get(name) ?? []).slice(from, from + this.#pollRecords - records.length)
      this.#positions.set(name, BigInt(from + some.length))
      records.push(...some)
    }
    this.#emptyPolls = records.length === 0 ? this.#emptyPolls + 1 : 0
    if (records.length === 0 && !this.#isAllCommitted && timeoutMs > 0) {
      await this.#scene.clock.sleep(Math.min(timeoutMs, EMPTY_POLL_MS), { ...(signal && { signal }) })
    }
    if (this.#emptyPolls >= this.#mostEmptyPolls || this.#isAllCommitted) this.#scene.stop()
    const after = this.afterPoll
    this.afterPoll = undefined
    after?.()
    return records
  }

  seek(place: TopicPartition, offset: bigint): void {
    if (!this.#assigned.some(each => placeName(each) === placeName(place))) throw new Error('not assigned')
    this.#scene.diary.push(`seek ${placeName(place)} ${offset}`)
    this.#positions.set(placeName(place), offset)
  }

  assignment(): TopicPartition[] {
    return [...this.#assigned]
  }

  groupMetadata(): GroupMetadata {
    return this.group
  }

  async committed(places: Iterable<TopicPartition>): Promise<readonly (CommittedOffset | null)[]> {
    return [...places].map(place => {
      const offset = this.#scene.committed.get(placeName(place))
      return offset === undefined ? null : ({ ...place, offset } as CommittedOffset)
    })
  }

  pause(places: Iterable<TopicPartition>): void {
    for (const place of places) this.#paused.add(placeName(place))
  }

  paused(): TopicPartition[] {
    return this.#assigned.filter(place => this.#paused.has(placeName(place)))
  }

  resume(places: Iterable<TopicPartition>): void {
    for (const place of places) this.#paused.delete(placeName(place))
  }

  async unsubscribe(): Promise<void> {
    this.#scene.diary.push('unsubscribe')
    await this.#listener.onPartitionsRevoked?.(this.#assigned)
    this.#assigned = []
  }

  get #isAllCommitted(): boolean {
    return this.#scene.places.every(place => {
      const name = placeName(place)
      return Number(this.#scene.committed.get(name) ?? 0n) >= (this.#scene.logs.get(name)?.length ?? 0)
    })
  }
}

export type Trouble = 'begin' | 'offsets' | 'commit' | 'unknown'

export class TestProducer implements LoopProducer<string, string> {
  /** What the next transactions fail with, in order. */
  readonly troubles: { readonly at: Trouble; readonly error: KafkaError; readonly isCommitted?: boolean }[] = []
  /** Why a record cannot be sent. */
  refuse: (record: Sent) => KafkaError | undefined = () => undefined
  /** The outcome of a commit that was not known. */
  finish: () => Promise<void> = async () => {}
  /** With which membership offsets were sent. */
  readonly groups: GroupMetadata[] = []
  readonly #scene: LoopScene

  constructor(scene: LoopScene) {
    this.#scene = scene
  }

  transaction: LoopProducer<string, string>['transaction'] = async work => {
    const trouble = this.troubles[0]
    const fail = (at: Trouble): void => {
      if (trouble?.at !== at) return
      this.troubles.shift()
      throw trouble.error
    }
    fail('begin')
    const sent: Sent[] = []
    const offsets: TransactionOffset[] = []
    let failure: KafkaError | undefined
    const transaction = {
      send: async (record: Sent): Promise<RecordMetadata> => {
        const refusal = this.refuse(record)
        failure ??= refusal
        if (refusal !== undefined) throw refusal
        sent.push(record)
        return {} as RecordMetadata
      },
      sendOffsets: async (more: Iterable<TransactionOffset>, group: GroupMetadata): Promise<void> => {
        fail('offsets')
        this.groups.push(group)
        offsets.push(...more)
      },
    }
    const result = await work(transaction as unknown as Transaction<string, string>)
    if (failure !== undefined) throw abortable('a record was not sent', failure)
    const isEmpty = sent.length === 0 && offsets.length === 0
    if (trouble?.at === 'unknown' && trouble.isCommitted !== false && !isEmpty) this.#apply(sent, offsets)
    if (!isEmpty) {
      fail('unknown')
      fail('commit')
      this.#apply(sent, offsets)
    }
    return result
  }

  async commitTransaction(): Promise<void> {
    this.#scene.diary.push('commit again')
    await this.finish()
  }

  async abortTransaction(): Promise<void> {
    this.#scene.diary.push('abort')
  }

  async flush(): Promise<void> {}

  #apply(sent: readonly Sent[], offsets: readonly TransactionOffset[]): void {
    this.#scene.output.push(...sent)
    for (const { offset, ...place } of offsets) this.#scene.committed.set(placeName(place), offset)
    this.#scene.diary.push(`commit ${sent.length}`)
  }
}

export function abortable(message: string, cause?: unknown): KafkaError {
  return new KafkaError(message, { code: 'TRANSACTION_ABORTABLE', abortable: true, cause })
}
