/**
 * `transactionalLoop`: consume, transform and produce, with output and offsets in one Kafka transaction.
 */

import { clientOptionsOf } from '@samsa/client/internal'
import { consumerInsight } from '@samsa/consumer/internal'
import { KafkaError } from '@samsa/runtime'
import { IdScreen } from './id-screen.js'
import { type CheckedLoop, checkedLoop, type LoopOptions } from './loop-options.js'
import { LoopRun, type LoopWork } from './loop-run.js'

export interface LoopRunOptions {
  /** Ends the run: the transaction under way is finished, the group left, and `run()` resolves. */
  readonly signal?: AbortSignal | undefined
}

export interface TransactionalLoop {
  /** Until the signal is aborted. Rejects when the loop cannot go on, and never ends otherwise. */
  run(options?: LoopRunOptions): Promise<void>
}

/**
 * Of each record of `topics`, what `work` sends with `out` is seen once by `readCommitted` consumers of the same cluster,
 * whatever crashes when: output and offsets are one transaction. A work that throws is tried again, record by record; see
 * `poison`. Not covered: what the work does besides sending (it may happen again), and readers that are not
 * `readCommitted`.
 */
export function transactionalLoop<Key, Value, OutKey, OutValue>(
  options: LoopOptions<Key, Value, OutKey, OutValue>,
  work: LoopWork<Key, Value, OutKey, OutValue>,
): TransactionalLoop {
  const config = checkedLoop(options)
  const { consumer, producer } = options
  let isRunning = false
  return {
    run: async ({ signal = new AbortController().signal } = {}) => {
      if (isRunning) throw new KafkaError('The loop runs already: await its end first.', { code: 'ILLEGAL_STATE' })
      isRunning = true
      try {
        await new LoopRun({ config, consumer, producer, work, ids: idsOf(options, config), signal }).run()
      } finally {
        isRunning = false
      }
    },
  }
}

function idsOf<Key, Value, OutKey, OutValue>(
  { consumer, dedup }: LoopOptions<Key, Value, OutKey, OutValue>,
  { clock, topics }: CheckedLoop,
): IdScreen<Key, Value> | undefined {
  const setup = consumerInsight(consumer)
  if (dedup === undefined || setup === undefined) return undefined
  const { store, ...rest } = dedup
  return new IdScreen(rest, store.open({ client: clientOptionsOf(setup.config), clock, topics }))
}
