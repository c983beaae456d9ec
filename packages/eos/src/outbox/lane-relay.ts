/**
 * LaneRelay: sends what waits in one lane, one batch after the other, for as long as the lane is its own. Its life is a series of
 * terms: claim the lane, begin a courier, send; whatever goes wrong ends the term, and after a pause another one begins. So there
 * is one way to recover, and it is the way to start.
 */
import { type Clock, ConfigError, FencedError, KafkaError, type Logger, type Random } from '@samsa/runtime'
import { Backoff } from '@samsa/runtime/internal'
import { reach } from '../failpoint.js'
import { found } from '../observation.js'
import type { OutboxLane, OutboxPlace, OutboxStore } from '../store/outbox-store.js'
import type { Courier, Delivery } from './courier.js'
import type { HeldLane, LaneClaims } from './lane-claims.js'

export interface LaneRelayParts {
  readonly store: Pick<OutboxStore<never>, 'readOutbox' | 'removeFromOutbox'>
  readonly lane: OutboxLane
  readonly courier: () => Courier
  /** Undefined where nobody else is said to be. */
  readonly claims: LaneClaims | undefined
  readonly batch: number
  readonly pollIntervalMs: number
  readonly retryBackoff: { readonly initialMs: number; readonly maxMs: number }
  readonly clock: Clock
  readonly random: Random
  readonly logger: Logger
}

export class LaneRelay {
  readonly #parts: LaneRelayParts
  readonly #backoff: Backoff
  /** Terms in a row that ended before anything was sent. */
  #failures = 0

  constructor(parts: LaneRelayParts) {
    this.#parts = parts
    this.#backoff = new Backoff({ ...parts.retryBackoff, random: parts.random })
  }

  /** Until the signal is aborted; rejects only when no further term can help. */
  async run(signal: AbortSignal): Promise<void> {
    const { claims, clock, logger, lane } = this.#parts
    while (!signal.aborted) {
      let held: HeldLane | undefined
      try {
        held = await claims?.claim(lane, signal)
        await this.#term(held?.signal ?? signal)
      } catch (error) {
        if (signal.aborted && error === signal.reason) return
        if (isHopeless(error, claims !== undefined)) throw error
        this.#failures++
        logger.warn({ err: error, ...lane, failures: this.#failures }, 'a lane of the outbox could not be sent')
      } finally {
        await held?.release()
      }
      await clock.sleep(this.#backoff.delayMs(Math.max(1, this.#failures)), { signal }).catch(() => {})
    }
  }

  async #term(signal: AbortSignal): Promise<void> {
    const courier = this.#parts.courier()
    try {
      await this.#remove(await courier.begin())
      while (!signal.aborted) await this.#round(courier, signal)
      signal.throwIfAborted()
    } finally {
      await courier.close()
    }
  }

  async #round(courier: Courier, signal: AbortSignal): Promise<void> {
    const { store, lane, batch, pollIntervalMs, clock } = this.#parts
    const waiting = await store.readOutbox(lane, batch)
    reach('relay.afterRead')
    if (waiting.length === 0) {
      this.#failures = 0
      await clock.sleep(pollIntervalMs, { signal })
      return
    }
    // A lane that is lost between here and the end is what transactions, or the ids of records, are for.
    signal.throwIfAborted()
    const { delivered, error } = await courier
      .deliver(waiting)
      .catch((failure: unknown): Delivery => ({ delivered: [], error: failure }))
    await this.#remove(delivered)
    if (delivered.length > 0) found('outbox', 'relayed', { records: delivered.length })
    if (error !== undefined) {
      found('outbox', 'retried', { records: waiting.length - delivered.length })
      throw error
    }
    this.#failures = 0
  }

  async #remove(places: readonly OutboxPlace[]): Promise<void> {
    if (places.length === 0) return
    await this.#parts.store.removeFromOutbox(this.#parts.lane, places)
    reach('relay.afterRemove')
  }
}

/** Whether another term would end as this one did. */
function isHopeless(error: unknown, isClaimed: boolean): boolean {
  if (error instanceof ConfigError) return true
  // Who has taken the lane over holds the claim, and will be waited for.
  if (error instanceof FencedError) return !isClaimed
  if (!KafkaError.is(error) || !error.fatal || BEGUN_AGAIN.has(error.code)) return false
  return error.code !== 'INVALID_PRODUCER_EPOCH' || !isClaimed
}

/**
 * A producer that can do nothing more for one of these is replaced by the next term's, which takes up what it has left. A broker
 * may answer so too while another relay is taking over; where no lane is claimed, that one may be fenced in its turn.
 */
const BEGUN_AGAIN: ReadonlySet<string> = new Set([
  'INVALID_PRODUCER_ID_MAPPING',
  'UNKNOWN_PRODUCER_ID',
  'INVALID_TXN_STATE',
  'UNKNOWN_SERVER_ERROR',
  'OUT_OF_ORDER_SEQUENCE_NUMBER',
  'TRANSACTION_ABORTABLE',
  'PRODUCER_CLOSED',
])
