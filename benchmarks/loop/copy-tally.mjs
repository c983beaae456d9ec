/**
 * How many records a client has copied, as it says itself; and waits until that is enough.
 */
export class CopyTally {
  records = 0
  transactions = 0
  #enough = 0
  #resolve

  committed(records) {
    this.records += records
    this.transactions++
    if (this.records >= this.#enough) this.#resolve?.()
  }

  /** One caller at a time. */
  async past(records) {
    this.#enough = records
    if (this.records >= records) return
    await new Promise(resolve => {
      this.#resolve = resolve
    })
  }
}
