/**
 * What observers of `samsa:process` (node:diagnostics_channel) see of a handler: a tracer finds the sender's trace in the
 * record's headers, and the handler runs in the context that it sets up.
 */
import { observedOperations, type ProcessPayload } from '@samsa/runtime/internal'
import type { RecordHandler } from './handler.js'
import type { HandlerTask } from './handler-task.js'
import type { RunHost } from './run-host.js'

export function observedHandler(
  handler: RecordHandler<unknown, unknown>,
  task: HandlerTask,
  { clientId, groupId }: Pick<RunHost, 'clientId' | 'groupId'>,
): unknown {
  const { process } = observedOperations
  const { record } = task
  if (!process.observed) return handler(record, task)
  const { topic, partition, offset: firstOffset } = record
  const payload: ProcessPayload = {
    clientId,
    groupId,
    topic,
    partition,
    firstOffset,
    records: 1,
    header: name => record.header(name),
  }
  return process.begin(payload, () => {
    const result = handler(record, task)
    if (!(result instanceof Promise)) {
      process.finish(payload)
      return result
    }
    return result.then(
      () => process.finish(payload),
      (error: unknown) => {
        process.fail(payload, error)
        throw error
      },
    )
  })
}
