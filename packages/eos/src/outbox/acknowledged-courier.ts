/**
 * AcknowledgedCourier: at least once. A record is delivered when the broker has acknowledged it. The next record of a key goes when
 * the one before it was acknowledged: one that is refused while a later one is taken would change their order.
 */
import { reach } from '../failpoint.js'
import { idText } from '../store/id-text.js'
import type { WaitingRecord } from '../store/outbox-store.js'
import { type Courier, type Delivery, recordToSend, type Sends } from './courier.js'

export class AcknowledgedCourier implements Courier {
  readonly #producer: Sends

  /** The producer is shared by the lanes of a relay, and is the relay's to close. */
  constructor(producer: Sends) {
    this.#producer = producer
  }

  async begin(): Promise<readonly []> {
    return []
  }

  async deliver(records: readonly WaitingRecord[]): Promise<Delivery> {
    const last = new Map<string, Promise<unknown>>()
    const sent = records.map(record => {
      const line = record.key === null ? record.id : idText(record.topic, Buffer.from(record.key).toString('base64'))
      const before = last.get(line)
      const outcome = before === undefined ? this.#send(record) : before.then(() => this.#send(record))
      last.set(line, outcome)
      return outcome
    })
    const settling = Promise.allSettled(sent)
    reach('relay.afterSend')
    const outcomes = await settling
    reach('relay.afterAck')
    const failure = outcomes.find(outcome => outcome.status === 'rejected')
    const delivered = records.filter((_, index) => outcomes[index]?.status === 'fulfilled')
    return failure === undefined ? { delivered } : { delivered, error: failure.reason }
  }

  async close(): Promise<void> {}

  async #send(record: WaitingRecord): Promise<void> {
    await this.#producer.send(recordToSend(record))
  }
}
