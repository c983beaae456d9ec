/**
 * FetchSession: what a broker remembers of our fetches (KIP-227), so that a request names only what is new in it and an
 * answer only what has something to tell. One for each node, with one request at a time. Pure.
 *
 * `#partitions` is what the broker holds when the request under way has arrived. After any doubt the next request is a
 * full one, which closes the session of its id and opens another.
 */
import type { Uuid } from '@samsa/protocol'
import { nameOf } from './topic-partition.js'

export interface FetchTarget {
  readonly topic: string
  readonly topicId: Uuid
  readonly partition: number
  readonly fetchOffset: number
  /** Of the leader that the target is believed to have; -1 when unknown. */
  readonly leaderEpoch: number
  readonly maxBytes: number
}

export interface SessionRequest<Target> {
  readonly sessionId: number
  readonly sessionEpoch: number
  /** In a full request all that is wanted, within a session what is new or changed. */
  readonly targets: readonly Target[]
  readonly forgotten: readonly FetchTarget[]
}

const NO_SESSION = 0
/** Asks for a session. */
const FIRST_EPOCH = 0
const LAST_EPOCH = 0x7fff_ffff
/** Asks for none, or closes the one there is. */
const NO_EPOCH = -1

export class FetchSession {
  #id = NO_SESSION
  #epoch = FIRST_EPOCH
  #usesIds = false
  #partitions = new Map<string, FetchTarget>()

  /** 0 begins a session, and is not come back to within one. */
  static epochAfter(epoch: number): number {
    return epoch >= LAST_EPOCH ? 1 : epoch + 1
  }

  /** What to send to have exactly `wanted` answered. Which naming is used (by id or by name) is fixed within a session. */
  next<Target extends FetchTarget>(wanted: readonly Target[], usesIds: boolean): SessionRequest<Target> {
    if (usesIds !== this.#usesIds) this.restart()
    this.#usesIds = usesIds
    const partitions = new Map(wanted.map(target => [nameOf(target), target]))
    const before = this.#partitions
    this.#partitions = new Map(partitions)
    const { sessionId, sessionEpoch } = { sessionId: this.#id, sessionEpoch: this.#epoch }
    if (sessionEpoch === FIRST_EPOCH) return { sessionId, sessionEpoch, targets: wanted, forgotten: [] }
    const forgotten: FetchTarget[] = []
    for (const [name, target] of before) {
      if (partitions.get(name)?.topicId !== target.topicId) forgotten.push(target)
    }
    const targets = [...partitions].filter(([name, target]) => !isSame(before.get(name), target))
    return { sessionId, sessionEpoch, targets: targets.map(([, target]) => target), forgotten }
  }

  /** The request was answered without an error; 0 says that the broker made no session. */
  answered(sessionId: number): void {
    if (sessionId === NO_SESSION) this.#begin(NO_SESSION)
    else {
      this.#id = sessionId
      this.#epoch = FetchSession.epochAfter(this.#epoch)
    }
  }

  /** Nobody knows what the broker holds: its session, if it still has it, is closed by the next request. */
  restart(): void {
    this.#begin(this.#id)
  }

  /** What closes the session; undefined where the broker has none. */
  farewell(): SessionRequest<never> | undefined {
    if (this.#id === NO_SESSION) return undefined
    const sessionId = this.#id
    this.forget()
    return { sessionId, sessionEpoch: NO_EPOCH, targets: [], forgotten: [] }
  }

  /** The broker has no such session. */
  forget(): void {
    this.#begin(NO_SESSION)
  }

  #begin(id: number): void {
    this.#id = id
    this.#epoch = FIRST_EPOCH
    this.#partitions.clear()
  }
}

/** What to send to have `targets` answered once, whatever a session holds. */
export function outsideOfSessions<Target extends FetchTarget>(targets: readonly Target[]): SessionRequest<Target> {
  return { sessionId: NO_SESSION, sessionEpoch: NO_EPOCH, targets, forgotten: [] }
}

function isSame(before: FetchTarget | undefined, target: FetchTarget): boolean {
  return (
    before !== undefined &&
    before.topicId === target.topicId &&
    before.fetchOffset === target.fetchOffset &&
    before.leaderEpoch === target.leaderEpoch &&
    before.maxBytes === target.maxBytes
  )
}
