/**
 * A value that only grows and that a broker writes down, as the offset that a group has committed: what was sent of it, what
 * was acknowledged, and what a promise says must still be there. State only.
 */

interface Sent {
  readonly value: number
  /** Undefined while there is no answer. */
  acknowledgedMs: number | undefined
  isOnDisk: boolean
}

export interface Acknowledged {
  readonly acknowledgedMs: number
  readonly isOnDisk: boolean
}

export class PromisedValue {
  #sent: Sent[] = []

  /** The newest one that was acknowledged; -1 when none was. */
  get acknowledged(): number {
    return Math.max(-1, ...this.#sent.filter(each => each.acknowledgedMs !== undefined).map(({ value }) => value))
  }

  send(value: number): { acknowledge(nowMs: number): void; refuse(): void } {
    const sent: Sent = { value, acknowledgedMs: undefined, isOnDisk: false }
    this.#sent.push(sent)
    return {
      acknowledge: nowMs => {
        sent.acknowledgedMs = nowMs
      },
      refuse: () => {
        this.#sent = this.#sent.filter(each => each !== sent)
      },
    }
  }

  /** All that was acknowledged is on disk: the broker was stopped. */
  saved(): void {
    for (const sent of this.#sent) if (sent.acknowledgedMs !== undefined) sent.isOnDisk = true
  }

  /** The newest one that must be there and is not, where this one was found; undefined when all is well. -1 stands for none. */
  lost(found: number, isPromised: (sent: Acknowledged) => boolean): number | undefined {
    return this.#sent.findLast(({ value, acknowledgedMs, isOnDisk }) => {
      return value > found && acknowledgedMs !== undefined && isPromised({ acknowledgedMs, isOnDisk })
    })?.value
  }

  /** Whether this one can be there: it was sent and not refused. */
  has(found: number): boolean {
    return found === -1 || this.#sent.some(({ value }) => value === found)
  }

  /**
   * This one was found after a start: newer ones are gone, and it counts as acknowledged then. Older ones may come back, as
   * long as nothing newer is on disk.
   */
  found(value: number, nowMs: number): void {
    this.#sent = this.#sent.filter(each => each.value <= value)
    for (const sent of this.#sent)
      if (sent.acknowledgedMs !== undefined || sent.value === value) sent.acknowledgedMs = nowMs
  }
}
