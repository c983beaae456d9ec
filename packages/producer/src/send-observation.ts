/**
 * What observers of `samsa:send` (node:diagnostics_channel) see of one record: a tracer adds its headers at the start, and
 * is told the outcome. Only called while somebody observes.
 */
import type { WritableHeader } from '@samsa/protocol'
import { observedOperations, type SendPayload } from '@samsa/runtime/internal'
import { ObservedRecipient, type Recipient } from './delivery.js'
import type { ProducerRecord } from './record.js'

export interface SendObservation {
  readonly record: ProducerRecord<unknown, unknown>
  readonly recipient: Recipient
  readonly clientId: string
  readonly transactionalId: string | undefined
}

/** Runs `work` in the context that observers have set up, with the headers that they added. */
export function observeSend<T>(
  { record, recipient, clientId, transactionalId }: SendObservation,
  work: (added: readonly WritableHeader[], observed: Recipient) => T,
): T {
  const added: WritableHeader[] = []
  const payload: SendPayload = {
    clientId,
    topic: record.topic,
    transactionalId,
    tombstone: record.value === null,
    headers: { add: (key, value) => void added.push({ key, value }) },
  }
  const { send } = observedOperations
  const observed = new ObservedRecipient((error, metadata) => {
    if (metadata === undefined) {
      send.fail(payload, error)
      return
    }
    payload.partition = metadata.partition
    payload.offset = metadata.offset
    send.finish(payload, metadata)
  }, recipient)
  return send.begin(payload, () => work(added, observed))
}
