/**
 * What a contender hands its records to. A tally insists on every record of a partition once and in order, and touches key
 * and value alike for everyone; a stopwatch tells how long each was on its way. Both have `take`, `isDone` and `done`.
 */

class Countdown {
  isDone = false
  done
  #left
  #resolve

  constructor(records) {
    this.#left = records
    this.done = new Promise(resolve => {
      this.#resolve = resolve
    })
  }

  /** What comes behind the last is the next run's. */
  one() {
    if (--this.#left > 0) return
    this.isDone = true
    this.#resolve()
  }
}

export class Tally extends Countdown {
  #next
  #digest = 0
  #startedAt = performance.now()
  #firstMs

  constructor(records, partitions) {
    super(records)
    this.#next = Array.from({ length: partitions }, () => 0)
  }

  get found() {
    return { firstMs: this.#firstMs, digest: this.#digest }
  }

  take(partition, offset, key, value) {
    const expected = this.#next[partition]++
    if (offset !== expected) fail(`offset ${offset} of partition ${partition} came in place of ${expected}`)
    if (this.isDone) return
    this.#firstMs ??= performance.now() - this.#startedAt
    this.#digest += touched(key, value)
    this.one()
  }
}

/** What the digest is when these records, over and over, have come. */
export function digestOf(records, count) {
  const sumOf = some => some.reduce((sum, { key, value }) => sum + touched(key, value), 0)
  return Math.floor(count / records.length) * sumOf(records) + sumOf(records.slice(0, count % records.length))
}

export class Stopwatch extends Countdown {
  latencies
  #first
  #sentAt

  /** For `records` records whose keys are numbers from `first` on. */
  constructor(first, records) {
    super(records)
    this.#first = first
    this.latencies = Array.from({ length: records }, () => 0)
    this.#sentAt = Array.from({ length: records }, () => 0)
  }

  /** The key of the record that is sent now. */
  start(index) {
    const key = Buffer.alloc(8)
    key.writeUInt32BE(this.#first + index, 4)
    this.#sentAt[index] = performance.now()
    return key
  }

  take(_partition, _offset, key) {
    const index = key.readUInt32BE(4) - this.#first
    if (this.latencies[index] !== 0) fail(`record ${index} has come twice, or was never sent`)
    this.latencies[index] = performance.now() - this.#sentAt[index]
    this.one()
  }
}

function touched(key, value) {
  return key[key.length - 1] + value[value.length >> 1]
}

/** Thrown in somebody's callback it may be swallowed. */
function fail(message) {
  process.stderr.write(`${message}\n`)
  process.exit(1)
}
