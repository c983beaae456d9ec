/**
 * ModernMembership: what a member of a group is whose partitions the broker shares out (KIP-848), and what comes next.
 * Pure: answers go in, and what to say next comes out; modern-member.ts says it.
 *
 * `joining` (epoch 0 is to be sent), `reconciling` (the application has something else than it may have), `acknowledging`
 * (it has what it may have, and the broker is to be told), `stable`; `fenced`: the membership is lost, and the application
 * is to be told before it joins again.
 */
import type { KafkaError } from '@samsa/runtime'

export type ModernPhase = 'out' | 'joining' | 'reconciling' | 'acknowledging' | 'stable' | 'fenced' | 'failed'

/** What is done about an answer. */
export type ModernReaction = 'expected' | 'again-later' | 'lost' | 'failed' | 'told'

const JOIN = 0
/** A static member that is on its way out may be in the way of the one that follows it for a moment. */
const MOST_TRIES_FOR_INSTANCE = 10

export class ModernMembership {
  phase: ModernPhase = 'out'
  epoch: number = JOIN
  failure: KafkaError | undefined
  lostReason = ''
  /** The next heartbeat says everything, not only what has changed: nobody knows what has come of the last one. */
  mustSayAll = true
  #instanceTries = 0

  /** Heartbeats are sent. */
  get isAlive(): boolean {
    return this.phase !== 'out' && this.phase !== 'fenced' && this.phase !== 'failed'
  }

  get isMember(): boolean {
    return this.isAlive && this.epoch > JOIN
  }

  /** A heartbeat is due now, whatever the interval. */
  get isUrgent(): boolean {
    return this.phase === 'joining' || this.phase === 'acknowledging'
  }

  join(): void {
    this.phase = 'joining'
    this.epoch = JOIN
    this.mustSayAll = true
  }

  /** `hasTarget`: the answer says what the member may have. `saidOwned`: it was told of what the member has. */
  answered(epoch: number, hasTarget: boolean, saidOwned: boolean): void {
    this.epoch = epoch
    this.mustSayAll = false
    this.#instanceTries = 0
    if (hasTarget) this.phase = 'reconciling'
    else if (this.phase === 'joining' || (this.phase === 'acknowledging' && saidOwned)) this.phase = 'stable'
  }

  /** The application has what it may have. */
  reconciled(): void {
    if (this.phase === 'reconciling') this.phase = 'acknowledging'
  }

  refused(error: KafkaError): ModernReaction {
    this.mustSayAll = true
    switch (error.code) {
      case 'FENCED_MEMBER_EPOCH':
      case 'UNKNOWN_MEMBER_ID':
        this.lose(`the coordinator put the member out (${error.code})`)
        return 'lost'
      case 'UNRELEASED_INSTANCE_ID':
        if (this.#instanceTries++ < MOST_TRIES_FOR_INSTANCE) return 'again-later'
        break
      case 'TOPIC_AUTHORIZATION_FAILED':
        return 'told'
      default:
        if (error.retriable && !error.fatal) return 'again-later'
    }
    this.failure = error
    this.phase = 'failed'
    return 'failed'
  }

  lose(reason: string): void {
    this.phase = 'fenced'
    this.lostReason = reason
    this.epoch = JOIN
    this.mustSayAll = true
  }

  left(): void {
    this.phase = 'out'
    this.epoch = JOIN
    this.failure = undefined
    this.mustSayAll = true
  }
}
