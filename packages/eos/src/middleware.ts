/**
 * Middleware: a handler made of a handler. What an inner handler is told is what the outer one is told, and more.
 */
import type { ConsumerRecord, HandlerContext } from '@samsa/consumer'
import { type Clock, systemClock } from '@samsa/runtime'

/** A handler that is told more than `consumer.run()` tells. */
export type HandlerWith<Extra, Key, Value> = (
  record: ConsumerRecord<Key, Value>,
  context: HandlerContext & Extra,
) => unknown

/** What `consumer.run()` takes. */
export type Middleware<Key, Value> = (record: ConsumerRecord<Key, Value>, context: HandlerContext) => Promise<void>

export function contextWith<Extra extends object>(context: HandlerContext, extra: Extra): HandlerContext & Extra {
  const { attempt, signal, groupId } = context
  return {
    attempt,
    signal,
    groupId,
    heartbeat: () => context.heartbeat(),
    rest: delayMs => context.rest(delayMs),
    ...extra,
  }
}

/** For handlers that no run calls: nobody else wants their place. */
export function contextOutsideOfRun(
  groupId: string | undefined,
  signal: AbortSignal,
  clock: Clock = systemClock,
): HandlerContext {
  return {
    attempt: 1,
    signal,
    groupId,
    heartbeat: () => clock.sleep(0, { signal }),
    rest: delayMs => clock.sleep(delayMs, { signal }),
  }
}
