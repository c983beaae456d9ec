/**
 * ClassicMembership: what a member of a classic group is and what comes next. Pure: every answer of the coordinator goes
 * in, and the step that follows comes out; classic-member.ts does the steps.
 *
 * `out`, `joining` (JoinGroup is under way), `syncing` (joined, waits for the assignment), `taking` (has it, and the
 * application has not), `stable`. A rebalance that is wanted meanwhile waits in `rejoinReason` until the one under way has
 * ended.
 */
import type { KafkaError } from '@samsa/runtime'

export type ClassicPhase = 'out' | 'joining' | 'syncing' | 'taking' | 'stable' | 'failed'

/** What to do after an answer. */
export type ClassicStep =
  /** JoinGroup now, or after a pause. */
  | 'join'
  | 'join-later'
  /** The leader shares out first. */
  | 'assign'
  | 'sync'
  | 'take'
  /** Nothing, until the group has given up what it has. */
  | 'rest'

const NO_GENERATION = -1

export class ClassicMembership {
  phase: ClassicPhase = 'out'
  memberId = ''
  generationId: number = NO_GENERATION
  isLeader = false
  /** Why a rebalance is wanted; undefined while none is. */
  rejoinReason: string | undefined
  failure: KafkaError | undefined
  /** Moves on when what is under way with the coordinator is worthless: its answers are dropped. */
  round = 0

  /** The coordinator keeps the member alive as long as it hears of it. */
  get hasHeartbeat(): boolean {
    return this.phase === 'syncing' || this.phase === 'taking' || this.phase === 'stable'
  }

  /** Partitions that it had may belong to others by now. */
  get isLost(): boolean {
    return this.generationId === NO_GENERATION || this.memberId === ''
  }

  /** What the application has is to be given up, and then `prepared` called. */
  get mustPrepare(): boolean {
    return this.rejoinReason !== undefined && (this.phase === 'out' || this.phase === 'stable')
  }

  /** The first reason stands: what follows is often its consequence. */
  wantRebalance(reason: string): void {
    this.rejoinReason ??= reason
  }

  prepared(): void {
    this.rejoinReason = undefined
    this.phase = 'joining'
  }

  joined({ memberId, generationId, leader }: { memberId: string; generationId: number; leader: string }): ClassicStep {
    this.memberId = memberId
    this.generationId = generationId
    this.isLeader = leader === memberId
    this.phase = 'syncing'
    return this.isLeader ? 'assign' : 'sync'
  }

  /** JoinGroup was refused. `memberId` is what the answer has. */
  joinFailed(error: KafkaError, memberId: string): ClassicStep {
    switch (error.code) {
      case 'MEMBER_ID_REQUIRED':
        this.memberId = memberId
        return 'join'
      case 'UNKNOWN_MEMBER_ID':
        return this.#lose('the coordinator did not know the member when it joined', true)
      case 'ILLEGAL_GENERATION':
        return this.#lose('the generation was over when the member joined', false)
      case 'REBALANCE_IN_PROGRESS':
        return 'join-later'
      default:
        return error.retriable && !error.fatal ? 'join-later' : this.#fail(error)
    }
  }

  /** What was assigned is not known yet when the generation ends: one may have come and gone. */
  synced(): ClassicStep {
    this.phase = 'taking'
    return 'take'
  }

  syncFailed(error: KafkaError): ClassicStep {
    switch (error.code) {
      case 'REBALANCE_IN_PROGRESS':
        this.phase = 'joining'
        return 'join'
      case 'UNKNOWN_MEMBER_ID':
        return this.#lose('the coordinator did not know the member when it asked for its assignment', true)
      case 'ILLEGAL_GENERATION':
        return this.#lose('the generation was over when the member asked for its assignment', false)
      default:
        if (!error.retriable || error.fatal) return this.#fail(error)
        // Whether the coordinator has the assignment is not known: the next rebalance tells.
        this.phase = 'joining'
        return 'join-later'
    }
  }

  /** The application has what was assigned. */
  taken(): void {
    if (this.phase === 'taking') this.phase = 'stable'
  }

  /** The leader could not share out, or was given what it cannot take: the same again would go wrong again. */
  failed(error: KafkaError): void {
    this.#fail(error)
  }

  /** Of a heartbeat under that generation. True: the coordinator knows the member. */
  heartbeatFailed(error: KafkaError, generationId: number): boolean {
    if (!this.hasHeartbeat || generationId !== this.generationId) return false
    switch (error.code) {
      case 'REBALANCE_IN_PROGRESS':
        if (this.phase !== 'syncing') this.wantRebalance('the group is rebalancing')
        return true
      case 'ILLEGAL_GENERATION':
        this.#lose('the generation was over', false)
        return true
      case 'UNKNOWN_MEMBER_ID':
        this.#lose('the coordinator does not know the member any more, as if its session had run out', true)
        return true
      default:
        if (!error.retriable || error.fatal) this.#fail(error)
        return false
    }
  }

  /** Of a commit under that generation and member. */
  commitRefused(code: string, of: { readonly memberId: string; readonly generationId: number }): void {
    // One that was under way when a rebalance began tells nothing that the rebalance does not.
    if (this.phase !== 'stable' && this.phase !== 'taking') return
    if (of.generationId !== this.generationId || of.memberId !== this.memberId) return
    if (code === 'REBALANCE_IN_PROGRESS') this.wantRebalance('a commit met a rebalance')
    if (code === 'ILLEGAL_GENERATION') this.#lose('a commit came after the generation was over', false)
    if (code === 'UNKNOWN_MEMBER_ID') this.#lose('a commit was that of a member unknown to the coordinator', true)
  }

  /** Out of the group, and back as a new member by the next rebalance. */
  lose(reason: string): void {
    this.#lose(reason, true)
  }

  /** Out of the group for as long as nobody wants to be in it. */
  left(): void {
    this.#lose('', true)
    this.rejoinReason = undefined
    this.failure = undefined
  }

  #lose(reason: string, withId: boolean): ClassicStep {
    if (withId) this.memberId = ''
    this.generationId = NO_GENERATION
    this.isLeader = false
    this.phase = 'out'
    this.round++
    this.rejoinReason = reason
    return 'rest'
  }

  #fail(error: KafkaError): ClassicStep {
    this.failure = error
    this.phase = 'failed'
    this.round++
    return 'rest'
  }
}
