/**
 * ClassicMember: one member of a classic group, and what it waits for. State only; `classic-group.ts` decides.
 */
import type { Answer, Reply } from '../shard.js'

export interface MemberProtocol {
  readonly name: string
  readonly metadata: Uint8Array
}

export interface JoinRequest {
  readonly memberId: string
  readonly groupInstanceId: string | null
  readonly clientId: string
  readonly clientHost: string
  readonly sessionTimeoutMs: number
  readonly rebalanceTimeoutMs: number
  readonly protocolType: string
  /** In the member's order of preference. */
  readonly protocols: readonly MemberProtocol[]
  /** From version 4 on a member without id is given one first, and joins with it. */
  readonly needsMemberId: boolean
  /** From version 9 on a static leader that comes back is told that there is nothing to assign. */
  readonly knowsSkipAssignment: boolean
}

export interface JoinAnswer {
  readonly errorCode: number
  readonly generationId: number
  readonly protocolType: string | null
  readonly protocolName: string | null
  readonly leader: string
  readonly skipAssignment: boolean
  readonly memberId: string
  readonly members: readonly {
    readonly memberId: string
    readonly groupInstanceId: string | null
    readonly metadata: Uint8Array
  }[]
}

export interface SyncAnswer {
  readonly errorCode: number
  readonly protocolType: string | null
  readonly protocolName: string | null
  readonly assignment: Uint8Array
}

export const NOTHING: Uint8Array = new Uint8Array(0)
export const NO_MEMBER_ID = ''
export const NO_GENERATION = -1

export class ClassicMember {
  readonly memberId: string
  readonly groupInstanceId: string | null
  readonly clientId: string
  readonly clientHost: string
  sessionTimeoutMs: number
  rebalanceTimeoutMs: number
  protocols: readonly MemberProtocol[]
  assignment: Uint8Array = NOTHING
  /** Joins for the first time, and cannot send heartbeats while it waits for that. */
  isNew = false
  /** It is taken out of the group then, unless it waits for an answer. On the monotonic clock. */
  expiresAtMs: number = Number.POSITIVE_INFINITY
  awaitingJoin: Reply<JoinAnswer> | undefined
  awaitingSync: Reply<SyncAnswer> | undefined

  constructor(
    of: Pick<
      JoinRequest,
      | 'memberId'
      | 'groupInstanceId'
      | 'clientId'
      | 'clientHost'
      | 'sessionTimeoutMs'
      | 'rebalanceTimeoutMs'
      | 'protocols'
    >,
  ) {
    this.memberId = of.memberId
    this.groupInstanceId = of.groupInstanceId
    this.clientId = of.clientId
    this.clientHost = of.clientHost
    this.sessionTimeoutMs = of.sessionTimeoutMs
    this.rebalanceTimeoutMs = of.rebalanceTimeoutMs
    this.protocols = of.protocols
  }

  /** Whether it has been silent for too long. Whoever waits for an answer cannot send heartbeats, and need not. */
  hasExpired(monotonicMs: number): boolean {
    return this.canExpire && monotonicMs >= this.expiresAtMs
  }

  get canExpire(): boolean {
    return this.isNew || (this.awaitingJoin === undefined && this.awaitingSync === undefined)
  }

  metadataFor(protocolName: string | null): Uint8Array {
    return this.protocols.find(({ name }) => name === protocolName)?.metadata ?? NOTHING
  }

  offersTheSame(protocols: readonly MemberProtocol[]): boolean {
    if (protocols.length !== this.protocols.length) return false
    return this.protocols.every(({ name, metadata }, index) => {
      const other = protocols[index]
      return other?.name === name && Buffer.compare(metadata, other.metadata) === 0
    })
  }
}

export function joinRefusal(memberId: string, errorCode: number): JoinAnswer {
  return {
    errorCode,
    generationId: NO_GENERATION,
    protocolType: null,
    protocolName: null,
    leader: NO_MEMBER_ID,
    skipAssignment: false,
    memberId,
    members: [],
  }
}

export function syncRefusal(errorCode: number): SyncAnswer {
  return { errorCode, protocolType: null, protocolName: null, assignment: NOTHING }
}

export function joinAnswer(reply: Reply<JoinAnswer>, response: JoinAnswer): Answer {
  return { give: () => reply(response), refuse: code => reply(joinRefusal(response.memberId, code)) }
}

export function syncAnswer(reply: Reply<SyncAnswer>, response: SyncAnswer): Answer {
  return { give: () => reply(response), refuse: code => reply(syncRefusal(code)) }
}
