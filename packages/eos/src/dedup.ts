/**
 * `dedup`: a record whose id was handled before is left out. With a TxStore the id and the effects are one commit; with a
 * LeaseStore the id is claimed, handled and completed.
 */
import { randomUUID } from 'node:crypto'
import type { ConsumerRecord, HandlerContext } from '@samsa/consumer'
import { type Clock, KafkaError, systemClock, TimeoutError } from '@samsa/runtime'
import { checkedDedup, isLeased, type LeaseDedupOptions, type TxDedupOptions } from './dedup-options.js'
import { reach } from './failpoint.js'
import { LeaseKeeper, leaseLost } from './lease-keeper.js'
import { contextWith, type HandlerWith, type Middleware } from './middleware.js'
import { found } from './observation.js'
import { fingerprintOf, idOf, isSamePayload, payloadMismatch, scopeOf } from './record-id.js'
import { idText } from './store/id-text.js'
import type { Claim, ClaimOutcome, LeaseStore } from './store/lease-store.js'

export interface TxContext<Tx> {
  /** What is done through it is committed together with the id, or not at all. */
  readonly tx: Tx
}

export interface LeaseContext {
  /** The same whenever this record's id is handled: for whatever is called, so that it can tell a repetition. */
  readonly idempotencyKey: string
  /** Grows whenever the id changes hands: what keeps the greatest it has seen can refuse a worker that was replaced. */
  readonly epoch: number
  /** How often the id was claimed, this time included; what died with its process counts too. */
  readonly attempts: number
}

/**
 * Exactly once for what goes through `tx`: id and effects are one commit, so a crash at any step leaves both or neither, and
 * a record that comes again finds its id. Not covered: what the handler does past `tx` (it may happen again), a duplicate
 * that comes after `ttlMs`, and a database that loses commits which it has acknowledged.
 */
export function dedup<Tx, Key, Value>(
  options: TxDedupOptions<Tx, Key, Value>,
  handler: HandlerWith<TxContext<Tx>, Key, Value>,
): Middleware<Key, Value>
/**
 * At least once, with repetitions suppressed: no two workers with a live lease handle one id at a time, and a completed id is
 * not handled again within `ttlMs`. Not covered: a worker that dies between its effect and the completion, or stalls for
 * longer than its lease; then the effect happens again. Hand `idempotencyKey` or `epoch` on to whatever has the effect.
 * `signal` is aborted when the lease is lost. What the handler gives is kept with the id when it is bytes.
 */
export function dedup<Key, Value>(
  options: LeaseDedupOptions<Key, Value>,
  handler: HandlerWith<LeaseContext, Key, Value>,
): Middleware<Key, Value>
export function dedup<Tx, Key, Value>(
  options: TxDedupOptions<Tx, Key, Value> | LeaseDedupOptions<Key, Value>,
  handler: HandlerWith<TxContext<Tx> & LeaseContext, Key, Value>,
): Middleware<Key, Value> {
  const checked = checkedDedup(options)
  if (isLeased(options)) {
    const parts = { ...options, ...checked, clock: options.clock ?? systemClock }
    return (record, context) => handleLeased(parts, handler as HandlerWith<LeaseContext, Key, Value>, record, context)
  }
  const parts = { ...options, ...checked }
  return (record, context) =>
    handleInTransaction(parts, handler as HandlerWith<TxContext<Tx>, Key, Value>, record, context)
}

async function handleInTransaction<Tx, Key, Value>(
  options: TxDedupOptions<Tx, Key, Value> & { readonly ttlMs: number },
  handler: HandlerWith<TxContext<Tx>, Key, Value>,
  record: ConsumerRecord<Key, Value>,
  context: HandlerContext,
): Promise<void> {
  const { store, ttlMs } = options
  const scope = scopeOf(options.scope, context)
  const key = idOf(record, options.key)
  const fingerprint = fingerprintOf(record, options.fingerprint)
  const isFresh = await store.transaction(async tx => {
    reach('dedup.afterBegin')
    const [outcome] = await store.insertOnce(tx, [{ scope, key, ttlMs, fingerprint }])
    reach('dedup.afterInsert')
    if (outcome?.isFresh === false) {
      checkPayload(record, key, outcome.fingerprint, fingerprint)
      return false
    }
    await handler(record, contextWith(context, { tx }))
    reach('dedup.afterHandler')
    return true
  })
  found('dedup', isFresh ? 'processed' : 'duplicate', record)
  if (!isFresh) options.onDuplicate?.(record)
}

interface LeaseParts {
  readonly store: LeaseStore
  readonly clock: Clock
  readonly leaseMs: number
  readonly ttlMs: number
  readonly onBusy: 'wait' | 'fail'
  readonly busyTimeoutMs: number
}

async function handleLeased<Key, Value>(
  options: LeaseDedupOptions<Key, Value> & LeaseParts,
  handler: HandlerWith<LeaseContext, Key, Value>,
  record: ConsumerRecord<Key, Value>,
  context: HandlerContext,
): Promise<void> {
  const { store, ttlMs, clock } = options
  const scope = scopeOf(options.scope, context)
  const key = idOf(record, options.key)
  const fingerprint = fingerprintOf(record, options.fingerprint)
  const owner = randomUUID()
  const onBusy = (): void => found('dedup', 'busy', record)
  const { outcome, claimedAt } = await claimed(options, { scope, key, owner, fingerprint, onBusy }, context)
  if (outcome.status === 'done') {
    checkPayload(record, key, outcome.fingerprint, fingerprint)
    found('dedup', 'duplicate', record)
    options.onDuplicate?.(record)
    return
  }
  if (outcome.attempts > 1) found('dedup', 'takeover', record)
  const claim: Claim = { scope, key, owner, epoch: outcome.epoch }
  const keeper = new LeaseKeeper({ store, clock, leaseMs: options.leaseMs }, claim, {
    claimedAt,
    signal: context.signal,
  })
  let result: unknown
  try {
    reach('dedup.afterClaim')
    checkPayload(record, key, outcome.fingerprint, fingerprint)
    const { epoch, attempts } = outcome
    const more = { signal: keeper.signal, idempotencyKey: idText(scope, key), epoch, attempts }
    result = await handler(record, contextWith(context, more))
    reach('dedup.beforeComplete')
  } catch (error) {
    keeper.stop()
    // When this fails too, the lease ends by itself; what the handler threw says more.
    await store.release(claim).catch(() => false)
    if (!keeper.isLost) throw error
    found('dedup', 'leaseLost', record)
    // Whatever a handler throws that was told to stop is no fault of the record's, which another worker may have finished.
    throw leaseLost(claim, error)
  }
  keeper.stop()
  const isOurs = await store.complete(claim, ttlMs, result instanceof Uint8Array ? result : undefined)
  found('dedup', isOurs ? 'processed' : 'leaseLost', record)
  if (!isOurs) throw leaseLost(claim)
  reach('dedup.afterComplete')
}

/** Claims, or waits until the one who has the id has finished or is gone. */
async function claimed(
  { store, clock, leaseMs, ttlMs, onBusy, busyTimeoutMs }: LeaseParts,
  {
    onBusy: tellBusy,
    ...id
  }: {
    readonly scope: string
    readonly key: string
    readonly owner: string
    readonly fingerprint: Uint8Array | undefined
    readonly onBusy: () => void
  },
  context: HandlerContext,
): Promise<{ readonly outcome: Exclude<ClaimOutcome, { status: 'busy' }>; readonly claimedAt: number }> {
  const startMs = clock.monotonic()
  for (let looks = 1; ; looks++) {
    const claimedAt = clock.monotonic()
    const outcome = await store.claim({ ...id, leaseMs, ttlMs })
    if (outcome.status !== 'busy') return { outcome, claimedAt }
    if (looks === 1) tellBusy()
    if (onBusy === 'fail') throw busyError(id.key, outcome.retryAfterMs)
    const leftMs = startMs + busyTimeoutMs - clock.monotonic()
    if (leftMs <= 0) {
      throw new TimeoutError(`Another worker has held ${id.key} for more than ${busyTimeoutMs} ms, and is still at it.`)
    }
    // The lease may be renewed or given back before its time: look again now and then. Others have the place meanwhile.
    await context.rest(Math.min(outcome.retryAfterMs, leaseMs / 4, leftMs))
  }
}

function busyError(key: string, retryAfterMs: number): KafkaError {
  const message = `Another worker is at ${key}; its lease ends in ${retryAfterMs} ms if it is not renewed. Try again then.`
  return new KafkaError(message, { code: 'ID_BUSY', retriable: true })
}

function checkPayload<Key, Value>(
  record: ConsumerRecord<Key, Value>,
  id: string,
  known: Uint8Array | undefined,
  now: Uint8Array | undefined,
): void {
  if (isSamePayload(known, now)) return
  found('dedup', 'mismatch', record)
  throw payloadMismatch(record, id)
}
