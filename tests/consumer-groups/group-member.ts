/**
 * GroupMember: one consumer of the group with the application around it, in one of the ways in which records are read and
 * committed, and with a link to the broker that can be cut. Says to the history what it sees.
 */
import { Consumer, type ConsumerRecord, string } from '@samsa/consumer'
import { KafkaError, type SeededRandom } from '@samsa/runtime'
import type { TestKafka } from '../producer-faults/test-kafka.js'
import { Doubt } from './doubt.js'
import { type Actor, type History, nameOf, type Place } from './history.js'
import { Link, type Network } from './network.js'
import {
  HEARTBEAT_INTERVAL_MS,
  type MemberDraft,
  memberOptions,
  type Script,
  SESSION_TIMEOUT_MS,
  SLOW_MS,
} from './script.js'

export interface MemberParts {
  readonly name: string
  readonly draft: MemberDraft
  readonly script: Script
  readonly kafka: TestKafka
  readonly network: Network
  readonly history: History
  readonly random: SeededRandom
  readonly instanceId: string | undefined
}

export const GROUP = 'group'
const POLL_MS = 800
const PAUSE_AFTER_FAILURE_MS = 100
/** What a commit may meet that the application can do nothing about; it polls on. */
const REFUSALS = new Set(['REBALANCE_IN_PROGRESS', 'UNKNOWN_MEMBER_ID', 'ILLEGAL_GENERATION', 'STALE_MEMBER_EPOCH'])

/** What the last commit of a member may meet that is out and does not know. */
const LAST_WORDS = new Set(['COMMIT_FAILED', ...REFUSALS])

export class GroupMember implements Actor {
  readonly name: string
  readonly isByKey: boolean
  readonly consumer: Consumer<string, string>
  /** 'failed': it is to be closed; 'gone': it is. A crashed one never speaks again. */
  state: 'runs' | 'crashed' | 'stopping' | 'failed' | 'gone' = 'runs'
  readonly doubt: Doubt
  readonly draft: MemberDraft
  readonly instanceId: string | undefined
  readonly #parts: MemberParts
  readonly #link: Link
  /** What is handled, and still to be committed by `commitSync()`. */
  readonly #uncommitted = new Map<string, Place & { readonly offset: bigint }>()
  #stallUntil = 0
  /** Records that a run has in hand. */
  #inHand = 0
  readonly #loop: Promise<void>

  constructor(parts: MemberParts) {
    const { name, draft, history } = parts
    this.#parts = parts
    this.#link = new Link(parts.network)
    this.name = name
    this.draft = draft
    this.instanceId = parts.instanceId
    this.doubt = new Doubt(() => parts.kafka.clock.monotonic())
    this.isByKey = draft.how === 'run'
    this.consumer = this.#makeConsumer(parts)
    this.consumer.subscribe(Object.keys(parts.script.topics), {
      onPartitionsAssigned: places => history.assigned(this, places),
      onPartitionsRevoked: places => this.#gone(places, 'revoked'),
      onPartitionsLost: places => this.#gone(places, 'lost'),
    })
    this.#loop = (draft.how === 'run' ? this.#run() : this.#polls()).catch(error => this.#ended(error))
  }

  get isInDoubt(): boolean {
    return this.state === 'crashed' || this.doubt.isPossible
  }

  get isAlive(): boolean {
    return this.state === 'runs'
  }

  stall(ms: number): void {
    this.#stallUntil = Math.max(this.#stallUntil, this.#now + ms)
    // What it is told of a trouble it hears behind the stall.
    if (this.doubt.isTroubled) this.doubt.trouble(this.#stallUntil - this.#now)
  }

  /** For so long it may not be heard; behind a stall, the application hears what comes of that. */
  trouble(ms: number): void {
    this.doubt.trouble(Math.max(ms, this.#stallUntil - this.#now))
  }

  cut(ms: number): void {
    this.trouble(ms)
    this.#link.cut()
  }

  silence(ms: number): void {
    this.trouble(ms)
    this.#link.silence()
  }

  /** Everything takes so much longer, each way. */
  slow(delayMs: number, ms: number): void {
    if (delayMs > SLOW_MS) this.trouble(ms)
    this.#link.delayMs = delayMs
  }

  mend(): void {
    this.#link.mend()
    this.doubt.end()
  }

  crash(): void {
    this.state = 'crashed'
    this.#link.cut()
  }

  /** As an application stops: what it has begun is finished first. */
  async stop(timeoutMs?: number): Promise<void> {
    const isCrashed = this.state === 'crashed'
    this.state = 'stopping'
    if (this.#parts.draft.how !== 'run') {
      this.consumer.wakeup()
      await this.#loop
    }
    if (isCrashed) this.state = 'crashed'
    await this.consumer.close(timeoutMs === undefined ? {} : { timeoutMs })
    await this.#loop
    if (!isCrashed) this.state = 'gone'
  }

  get #now(): number {
    return this.#parts.kafka.clock.monotonic()
  }

  #makeConsumer({ name, draft, script, kafka, history, random, instanceId }: MemberParts): Consumer<string, string> {
    const { protocol, assignor, remoteAssignor } = script
    const ofProtocol =
      protocol === 'classic'
        ? {
            sessionTimeoutMs: SESSION_TIMEOUT_MS,
            heartbeatIntervalMs: HEARTBEAT_INTERVAL_MS,
            partitionAssignmentStrategy: [assignor],
          }
        : { groupRemoteAssignor: remoteAssignor }
    return new Consumer({
      ...memberOptions,
      ...ofProtocol,
      groupId: GROUP,
      ...(instanceId === undefined ? {} : { groupInstanceId: instanceId }),
      groupProtocol: protocol,
      clientId: name,
      bootstrapServers: kafka.bootstrapServers,
      transport: this.#link.transport,
      clock: kafka.clock,
      random,
      key: string,
      value: string,
      enableAutoCommit: draft.how !== 'commitSync',
      maxPollRecords: draft.maxPollRecords,
      interceptors: draft.how === 'commitSync' ? [] : [{ onCommit: offsets => history.committed(this, offsets) }],
    })
  }

  async #polls(): Promise<void> {
    const { draft, history } = this.#parts
    while (this.state === 'runs' || this.state === 'crashed') {
      await this.#stalled()
      this.doubt.polled(false)
      const records = await this.#poll()
      this.doubt.polled(true)
      if (records.length === 0 && this.#uncommitted.size === 0) continue
      if (draft.handlingMs > 0 && records.length > 0) await this.#sleep(draft.handlingMs)
      await this.#stalled()
      for (const { topic, partition, offset, key } of records) {
        const place = { topic, partition }
        history.begun(this, place, Number(offset), key)
        history.handled(this, place, Number(offset))
        if (draft.how === 'commitSync') this.#uncommitted.set(nameOf(place), { ...place, offset: BigInt(offset) + 1n })
      }
      if (this.#uncommitted.size > 0) await this.#commit([...this.#uncommitted.values()])
    }
  }

  async #poll(): Promise<readonly ConsumerRecord<string, string>[]> {
    try {
      return [...(await this.consumer.poll(POLL_MS))]
    } catch (error) {
      if (!(error instanceof KafkaError)) throw error
      if (error.code === 'WAKEUP') return []
      this.#parts.history.note(`${this.name} poll: ${error.code} ${error.message}`)
      if (!error.retriable) throw error
      await this.#sleep(PAUSE_AFTER_FAILURE_MS)
      return []
    }
  }

  /** `next` is what `commitSync()` commits, or a part of it. What is refused is asked for again behind the next poll. */
  async #commit(next: readonly (Place & { readonly offset: bigint })[]): Promise<void> {
    const { history } = this.#parts
    await this.#stalled()
    const askedAt = this.#now
    try {
      await this.consumer.commitSync()
      history.committed(this, next, askedAt)
      this.#uncommitted.clear()
    } catch (error) {
      if (!(error instanceof KafkaError)) throw error
      history.note(`${this.name} commitSync: ${error.code}`)
      if (error.code === 'WAKEUP' || REFUSALS.has(error.code) || error.retriable || this.#isExcused) return
      throw error
    }
  }

  #gone(places: readonly Place[], how: 'revoked' | 'lost'): void {
    for (const place of places) this.#uncommitted.delete(nameOf(place))
    this.#parts.history.gone(this, places, how)
  }

  async #run(): Promise<void> {
    const { draft, history } = this.#parts
    await this.consumer.run(
      async ({ topic, partition, offset, key }, { signal }) => {
        history.begun(this, { topic, partition }, Number(offset), key)
        this.#inHand++
        this.doubt.polled(true)
        if (draft.handlingMs > 0) await this.#sleep(draft.handlingMs)
        await this.#stalled()
        if (--this.#inHand === 0) this.doubt.polled(false)
        if (!signal.aborted) history.handled(this, { topic, partition }, Number(offset))
      },
      { orderBy: 'key', concurrency: draft.concurrency },
    )
  }

  #ended(error: unknown): void {
    const code = error instanceof KafkaError ? error.code : undefined
    const isLastCommit = error instanceof KafkaError && (error.retriable || LAST_WORDS.has(error.code))
    if (this.state !== 'runs' && isLastCommit && this.#isExcused) return
    if (this.instanceId !== undefined && code === 'UNRELEASED_INSTANCE_ID' && this.isAlive) {
      // The session of who crashed under the name is not over yet: it is started anew, later.
      this.state = 'failed'
      return
    }
    this.#parts.history.problem(`${this.name} ended with ${String(error)} ${error instanceof Error ? error.stack : ''}`)
  }

  get #isExcused(): boolean {
    return this.state === 'crashed' || this.doubt.isExcused
  }

  async #stalled(): Promise<void> {
    if (this.#stallUntil > this.#now) await this.#sleep(this.#stallUntil - this.#now)
  }

  #sleep(ms: number): Promise<void> {
    return this.#parts.kafka.clock.sleep(ms)
  }
}
