/**
 * FetchSessions: what consumers fetch, remembered between fetches (KIP-227), so that a request names only what changed
 * and an answer tells only what is new. Pure: no clock, log or connection of its own.
 *
 * Owner of every session. A session belongs to one fetch at a time: its epoch goes up with each, and a fetch with another
 * epoch is refused. The number of sessions is bounded, and so is that of the partitions of one and of all; a session
 * that was not used for a while makes room.
 */
import type { Random } from '@samsa/runtime'

export interface SessionPartition {
  readonly topic: string
  /** The zero uuid where the client speaks of topics by name. */
  readonly topicId: string
  readonly partition: number
  readonly fetchOffset: number
  readonly maxBytes: number
  readonly currentLeaderEpoch: number
  readonly lastFetchedEpoch: number
}

/** What the client was last told of a partition: a partition is told again when one of these moved. */
interface Told {
  highWatermark: number
  logStartOffset: number
}

interface Entry {
  wanted: SessionPartition
  told: Told
}

interface Session {
  readonly id: number
  readonly usesTopicIds: boolean
  /** In the order in which they are read: one that brought records goes to the end, so that all get their turn. */
  readonly partitions: Map<string, Entry>
  epoch: number
  lastUsedMs: number
}

export interface SessionRequest {
  readonly sessionId: number
  readonly sessionEpoch: number
  readonly usesTopicIds: boolean
  readonly partitions: readonly SessionPartition[]
  readonly forgotten: readonly { readonly topic: string; readonly topicId: string; readonly partition: number }[]
}

/** What a fetch answers of one partition, as far as sessions care. */
export interface PartitionAnswer {
  readonly wanted: SessionPartition
  readonly errorCode: number
  readonly recordBytes: number
  readonly highWatermark: number
  readonly logStartOffset: number
  readonly isDiverging: boolean
}

export type SessionError = 'FETCH_SESSION_ID_NOT_FOUND' | 'INVALID_FETCH_SESSION_EPOCH' | 'FETCH_SESSION_TOPIC_ID_ERROR'

/** One fetch: what to read, and which of the answers to send. */
export interface SessionFetch {
  readonly partitions: readonly SessionPartition[]
  /** Keeps what must be sent, in order; tells the session id of the answer. To be called once. */
  settle<Answer extends PartitionAnswer>(
    answers: readonly Answer[],
  ): { readonly sessionId: number; readonly send: readonly Answer[] }
}

const INITIAL_EPOCH = 0
const FINAL_EPOCH = -1
const MAX_EPOCH = 0x7fff_ffff
/** Where a client wants more, it is told to fetch without a session. */
const MAX_PARTITIONS = 20_000
/** Of all sessions together. A thousand sessions of the largest size would be gigabytes. */
const MAX_PARTITIONS_IN_ALL = 500_000

export class FetchSessions {
  readonly #maxSessions: number
  readonly #evictionMs: number
  readonly #random: Random
  readonly #sessions = new Map<number, Session>()

  constructor(options: { readonly maxSessions: number; readonly evictionMs: number; readonly random: Random }) {
    this.#maxSessions = options.maxSessions
    this.#evictionMs = options.evictionMs
    this.#random = options.random
  }

  get count(): number {
    return this.#sessions.size
  }

  /** What the fetches of a session ask for without naming it. */
  *partitionsOf(sessionId: number): Generator<SessionPartition> {
    for (const { wanted } of this.#sessions.get(sessionId)?.partitions.values() ?? []) yield wanted
  }

  /** Begins a fetch at `nowMs`, or says why the session does not allow it. */
  begin(request: SessionRequest, nowMs: number): SessionFetch | SessionError {
    const { sessionId, sessionEpoch } = request
    if (sessionEpoch === FINAL_EPOCH || sessionEpoch === INITIAL_EPOCH) {
      this.#sessions.delete(sessionId)
      return sessionEpoch === FINAL_EPOCH ? withoutSession(request.partitions) : this.#full(request, nowMs)
    }
    const session = this.#sessions.get(sessionId)
    if (session === undefined) return 'FETCH_SESSION_ID_NOT_FOUND'
    if (session.epoch !== sessionEpoch) return 'INVALID_FETCH_SESSION_EPOCH'
    if (session.usesTopicIds !== request.usesTopicIds) return 'FETCH_SESSION_TOPIC_ID_ERROR'
    return this.#incremental(session, request, nowMs)
  }

  /** A full fetch opens a session if there is room; an answer with session id 0 means that there was none. */
  #full(request: SessionRequest, nowMs: number): SessionFetch {
    const { length } = request.partitions
    return {
      partitions: request.partitions,
      settle: answers => {
        const isTooLarge = length > MAX_PARTITIONS || this.#partitionsInAll() + length > MAX_PARTITIONS_IN_ALL
        if (isTooLarge || !this.#makeRoom(nowMs)) return { sessionId: 0, send: answers }
        const partitions = new Map<string, Entry>()
        for (const answer of answers)
          partitions.set(keyOf(answer.wanted), { wanted: answer.wanted, told: toldBy(answer) })
        const id = this.#newId()
        this.#sessions.set(id, { id, usesTopicIds: request.usesTopicIds, partitions, epoch: 1, lastUsedMs: nowMs })
        return { sessionId: id, send: answers }
      },
    }
  }

  #incremental(session: Session, request: SessionRequest, nowMs: number): SessionFetch | SessionError {
    const sizeBefore = session.partitions.size
    for (const wanted of request.partitions) {
      const entry = session.partitions.get(keyOf(wanted))
      if (entry === undefined)
        session.partitions.set(keyOf(wanted), { wanted, told: { highWatermark: -1, logStartOffset: -1 } })
      else entry.wanted = wanted
    }
    for (const each of request.forgotten) session.partitions.delete(keyOf(each))
    if (session.partitions.size === 0) {
      this.#sessions.delete(session.id)
      return withoutSession(request.partitions)
    }
    const { size } = session.partitions
    if (size > MAX_PARTITIONS || (size > sizeBefore && this.#partitionsInAll() > MAX_PARTITIONS_IN_ALL)) {
      this.#sessions.delete(session.id)
      return 'FETCH_SESSION_ID_NOT_FOUND'
    }
    session.epoch = session.epoch === MAX_EPOCH ? 1 : session.epoch + 1
    session.lastUsedMs = nowMs
    return {
      partitions: [...session.partitions.values()].map(entry => entry.wanted),
      settle: answers => ({ sessionId: session.id, send: answers.filter(answer => tellOf(session, answer)) }),
    }
  }

  #partitionsInAll(): number {
    let count = 0
    for (const { partitions } of this.#sessions.values()) count += partitions.size
    return count
  }

  #makeRoom(nowMs: number): boolean {
    if (this.#sessions.size < this.#maxSessions) return true
    let oldest: Session | undefined
    for (const session of this.#sessions.values()) {
      if (oldest === undefined || session.lastUsedMs < oldest.lastUsedMs) oldest = session
    }
    if (oldest === undefined || nowMs - oldest.lastUsedMs < this.#evictionMs) return false
    this.#sessions.delete(oldest.id)
    return true
  }

  #newId(): number {
    for (;;) {
      const id = this.#random.integer(1, MAX_EPOCH)
      if (!this.#sessions.has(id)) return id
    }
  }
}

function withoutSession(partitions: readonly SessionPartition[]): SessionFetch {
  return { partitions, settle: answers => ({ sessionId: 0, send: answers }) }
}

/** Whether an answer has to be sent, and the session brought up to date with it. */
function tellOf(session: Session, answer: PartitionAnswer): boolean {
  const key = keyOf(answer.wanted)
  const entry = session.partitions.get(key)
  if (entry === undefined) return true
  const told = toldBy(answer)
  const isNews =
    answer.recordBytes > 0 ||
    answer.errorCode !== 0 ||
    answer.isDiverging ||
    told.highWatermark !== entry.told.highWatermark ||
    told.logStartOffset !== entry.told.logStartOffset
  // An error is told every time: what was told before it no longer counts.
  entry.told = answer.errorCode === 0 ? told : { highWatermark: -1, logStartOffset: -1 }
  if (answer.recordBytes > 0) {
    session.partitions.delete(key)
    session.partitions.set(key, entry)
  }
  return isNews
}

function toldBy(answer: PartitionAnswer): Told {
  return { highWatermark: answer.highWatermark, logStartOffset: answer.logStartOffset }
}

function keyOf(partition: { readonly topic: string; readonly topicId: string; readonly partition: number }): string {
  return `${partition.partition} ${partition.topicId} ${partition.topic}`
}
