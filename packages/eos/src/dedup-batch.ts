/**
 * `dedupBatch`: `dedup` for many records at once. Their ids and all effects are one commit; when that does not succeed, each
 * record is handled alone, so that only the one that is to blame fails.
 */
import type { ConsumerRecord, HandlerContext } from '@samsa/consumer'
import { KafkaError } from '@samsa/runtime'
import { BatchError, type RecordFailure } from './batch-error.js'
import { dedup, type TxContext } from './dedup.js'
import { checkedDedup, type TxDedupOptions } from './dedup-options.js'
import { reach } from './failpoint.js'
import { contextOutsideOfRun, contextWith, type Middleware } from './middleware.js'
import { found } from './observation.js'
import { fingerprintOf, idOf, isSamePayload, payloadMismatch, scopeOf } from './record-id.js'
import type { OnceRow } from './store/tx-store.js'

export interface BatchDedupOptions<Tx, Key, Value> extends TxDedupOptions<Tx, Key, Value> {
  /**
   * What is put around the handling of a single record, when its batch has failed:
   * `handler => deadLetter({ … }, retry({ … }, handler))`. Default: nothing.
   */
  readonly alone?: ((handler: Middleware<Key, Value>) => Middleware<Key, Value>) | undefined
}

/** Of the records of one call, those whose ids are new, in their order; at least one. */
export type BatchHandler<Tx, Key, Value> = (
  records: readonly ConsumerRecord<Key, Value>[],
  context: HandlerContext & TxContext<Tx>,
) => unknown

/** What a loop knows and `run()` would tell. */
export interface BatchContext {
  /** Whose ids these are, unless `scope` says so: `consumer.groupMetadata()` has it. */
  readonly groupId?: string | undefined
  /** Ends the handling: nothing more is begun, and handlers are told. */
  readonly signal?: AbortSignal | undefined
}

/**
 * Takes what `consumer.batches()` and `poll` give, or any records. Over `poll` without auto commit: `close()` would commit a batch
 * that failed, since it counts what the last poll has given as done.
 */
export type BatchMiddleware<Key, Value> = (
  records: Iterable<ConsumerRecord<Key, Value>>,
  context?: BatchContext,
) => Promise<void>

/**
 * Exactly once for what goes through `tx`, as with `dedup`: the ids of all records and the effects are one commit. A repetition
 * within the batch counts as one too. When the batch fails, it is rolled back and each record is handled alone, in a
 * transaction of its own and in order: one that fails then holds back those behind it in its partition, the other partitions
 * go on, and in the end a BatchError says which failed. Nothing is lost by that: the batch was not finished, so it comes again,
 * and what was handled of it is left out then. When the store itself fails, its error is thrown as it is.
 */
export function dedupBatch<Tx, Key, Value>(
  { alone = handler => handler, ...options }: BatchDedupOptions<Tx, Key, Value>,
  handler: BatchHandler<Tx, Key, Value>,
): BatchMiddleware<Key, Value> {
  const parts = { ...options, ...checkedDedup(options) }
  const blamed = new WeakSet<ConsumerRecord<Key, Value>>()
  const single = dedup<Tx, Key, Value>(options, async (record, context) => {
    try {
      await handler([record], context)
    } catch (error) {
      blamed.add(record)
      throw error
    }
  })
  const handleAlone = alone(async (record, context) => {
    blamed.delete(record)
    await single(record, context)
  })
  return async (batch, told = {}) => {
    const records = [...batch]
    const context = contextOutsideOfRun(told.groupId, told.signal ?? new AbortController().signal)
    if (records.length > 1 && (await isHandledAtOnce(parts, handler, records, context))) return
    await handleEach(records, record => handleAlone(record, context), {
      signal: context.signal,
      // What passes, or ends the store, is no fault of a record that has not even reached its handler.
      isToBlame: (record, error) => blamed.has(record) || !isPassingOrFatal(error),
    })
  }
}

/** False when it was rolled back, whatever the reason: handled alone, each record has its own. */
async function isHandledAtOnce<Tx, Key, Value>(
  options: TxDedupOptions<Tx, Key, Value> & { readonly ttlMs: number },
  handler: BatchHandler<Tx, Key, Value>,
  records: readonly ConsumerRecord<Key, Value>[],
  context: HandlerContext,
): Promise<boolean> {
  const { store, onDuplicate } = options
  let duplicates: readonly ConsumerRecord<Key, Value>[]
  try {
    const { repeated, rows, firsts } = distinct(options, records, context)
    duplicates = await store.transaction(async tx => {
      const outcomes = await store.insertOnce(tx, rows)
      reach('dedup.batchAfterInsert')
      const fresh: ConsumerRecord<Key, Value>[] = []
      const known = [...repeated]
      for (const [index, record] of firsts.entries()) {
        const outcome = outcomes[index]
        const { key = '', fingerprint: now } = rows[index] ?? {}
        if (outcome?.isFresh === false) {
          if (!isSamePayload(outcome.fingerprint, now)) throw payloadMismatch(record, key)
          known.push(record)
        } else fresh.push(record)
      }
      if (fresh.length > 0) await handler(fresh, contextWith(context, { tx }))
      reach('dedup.batchAfterHandler')
      return known
    })
  } catch (error) {
    if (context.signal.aborted) throw error
    found('dedup', 'retried', { records: records.length })
    return false
  }
  found('dedup', 'processed', { records: records.length - duplicates.length })
  for (const record of duplicates) {
    found('dedup', 'duplicate', record)
    onDuplicate?.(record)
  }
  return true
}

/** The first record of each id with its row; of the others it is known already that they are repetitions. */
function distinct<Tx, Key, Value>(
  options: TxDedupOptions<Tx, Key, Value> & { readonly ttlMs: number },
  records: readonly ConsumerRecord<Key, Value>[],
  context: HandlerContext,
) {
  const scope = scopeOf(options.scope, context)
  const rowByKey = new Map<string, OnceRow>()
  const firsts: ConsumerRecord<Key, Value>[] = []
  const repeated: ConsumerRecord<Key, Value>[] = []
  for (const record of records) {
    const key = idOf(record, options.key)
    const fingerprint = fingerprintOf(record, options.fingerprint)
    const first = rowByKey.get(key)
    if (first === undefined) {
      rowByKey.set(key, { scope, key, ttlMs: options.ttlMs, fingerprint })
      firsts.push(record)
    } else if (isSamePayload(first.fingerprint, fingerprint)) repeated.push(record)
    else throw payloadMismatch(record, key)
  }
  return { rows: [...rowByKey.values()], firsts, repeated }
}

async function handleEach<Key, Value>(
  records: readonly ConsumerRecord<Key, Value>[],
  handle: (record: ConsumerRecord<Key, Value>) => Promise<void>,
  {
    signal,
    isToBlame,
  }: {
    readonly signal: AbortSignal
    readonly isToBlame: (record: ConsumerRecord<Key, Value>, error: unknown) => boolean
  },
): Promise<void> {
  const failures: RecordFailure[] = []
  const heldBack = new Set<string>()
  let held = 0
  for (const record of records) {
    signal.throwIfAborted()
    const partition = `${record.topic}-${record.partition}`
    if (heldBack.has(partition)) {
      held++
      continue
    }
    try {
      await handle(record)
    } catch (error) {
      if (signal.aborted || !isToBlame(record, error)) throw error
      failures.push({ record, error })
      heldBack.add(partition)
    }
  }
  if (failures.length > 0) throw new BatchError(failures, { records: records.length, held })
}

function isPassingOrFatal(error: unknown): boolean {
  return error instanceof KafkaError && (error.retriable || error.fatal)
}
