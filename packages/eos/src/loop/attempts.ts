/**
 * Attempts: how often records have failed, of each partition the one that is in its way, and what follows from another
 * failure. Pure but for the randomness of pauses.
 */
import type { TopicPartition } from '@samsa/consumer'
import type { Backoff } from '@samsa/runtime/internal'
import type { Batch } from './batch.js'
import type { Fault } from './fault.js'
import { placeName } from './place-name.js'

export type NextStep =
  /** The same records, as they come. */
  | { readonly kind: 'again'; readonly delayMs: number }
  /** The same records, each in a transaction of its own. */
  | { readonly kind: 'isolate'; readonly delayMs: number }
  /** The record comes once more, for the dead letters. */
  | { readonly kind: 'bury' }
  | { readonly kind: 'give-up'; readonly attempts: number }

export interface Doom {
  readonly error: unknown
  readonly attempts: number
}

interface Trouble {
  readonly offset: bigint
  readonly count: number
  readonly error: unknown
  readonly isDoomed: boolean
}

export interface AttemptsOptions {
  /** How often a record, or a batch where nothing is isolated, is tried. */
  readonly most: number
  readonly isolates: boolean
  readonly buries: boolean
  readonly backoff: Backoff
}

export class Attempts {
  readonly #options: AttemptsOptions
  readonly #troubles = new Map<string, Trouble>()
  /** Failures in a row that were no record's. */
  #passing = 0

  constructor(options: AttemptsOptions) {
    this.#options = options
  }

  /** Which attempt at the batch the next one is: 1 at first. */
  next(batch: Batch): number {
    return 1 + Math.max(0, ...batch.stretches.map(stretch => this.#troubleOf(stretch)?.count ?? 0))
  }

  /** Set where the batch is one record that has failed for good. */
  doomOf(batch: Batch): Doom | undefined {
    const [stretch] = batch.stretches
    if (batch.single === undefined || stretch === undefined) return undefined
    const trouble = this.#troubleOf(stretch)
    return trouble?.isDoomed === true ? { error: trouble.error, attempts: trouble.count } : undefined
  }

  failed(batch: Batch, fault: Exclude<Fault, 'loop'>, error: unknown): NextStep {
    const { most, isolates, buries, backoff } = this.#options
    if (fault === 'passing') return { kind: 'again', delayMs: backoff.delayMs(++this.#passing) }
    this.#passing = 0
    const isMany = batch.single === undefined
    if (isMany && isolates) return { kind: 'isolate', delayMs: fault === 'record' ? backoff.delayMs(1) : 0 }
    const count = this.next(batch)
    const isOver = count >= most || (fault === 'hopeless-record' && !isMany)
    const isDoomed = isOver && buries && !isMany
    for (const stretch of batch.stretches) {
      this.#troubles.set(placeName(stretch), { offset: stretch.start, count, error, isDoomed })
    }
    if (isDoomed) return { kind: 'bury' }
    return isOver ? { kind: 'give-up', attempts: count } : { kind: 'again', delayMs: backoff.delayMs(count) }
  }

  /** The transaction with these is committed. */
  done(batch: Batch): void {
    this.#passing = 0
    if (this.#troubles.size > 0) this.forget(batch.stretches)
  }

  forget(places: readonly TopicPartition[]): void {
    for (const place of places) this.#troubles.delete(placeName(place))
  }

  #troubleOf({ start, ...place }: { readonly start: bigint } & TopicPartition): Trouble | undefined {
    const trouble = this.#troubles.get(placeName(place))
    return trouble?.offset === start ? trouble : undefined
  }
}
