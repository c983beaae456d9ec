/**
 * The log against a model that is an array: random appends, reads, cuts, deletions, crashes and restarts, from seeds.
 */
import { batchesIn } from '@samsa/protocol'
import { ManualClock, type Random, SeededRandom } from '@samsa/runtime'
import { BufferPool } from '@samsa/runtime/internal'
import { expect, test } from 'vitest'
import { MemoryFileSystem } from '../storage/memory.js'
import type { PartitionLog } from './partition-log.js'
import { RecentBatches } from './recent-batches.js'
import { batchOf, copyFiles, NOW_MS, openLog } from './test-log.js'

interface ModelBatch {
  readonly baseOffset: number
  readonly values: string[]
  readonly timestamp: number
}

class Run {
  readonly #random: Random
  readonly #clock = new ManualClock({ startMs: NOW_MS })
  readonly #config: { segmentBytes: number; indexIntervalBytes: number }
  readonly #recentBytes: number
  readonly #buffers = new BufferPool()
  readonly #held: { records: Buffer; asRead: Buffer; release: (() => void) | undefined }[] = []
  #fileSystem = new MemoryFileSystem()
  #log: PartitionLog
  #batches: ModelBatch[] = []
  #start = 0
  #end = 0
  #nextValue = 0

  constructor(seed: number) {
    this.#random = new SeededRandom(seed)
    this.#config = {
      segmentBytes: this.#random.integer(600, 3000),
      indexIntervalBytes: this.#random.integer(0, 500),
    }
    this.#recentBytes = this.#random.integer(0, 3) * 10_000
    this.#log = this.#open(true)
  }

  async step(): Promise<void> {
    const action = this.#random.integer(0, 100)
    if (action < 55) this.#append()
    else if (action < 80) await this.#read()
    else if (action < 84) this.#truncate()
    else if (action < 88) this.#deleteRecords()
    else if (action < 91) this.#search()
    else if (action < 94) await this.#log.flush()
    else if (action < 97) this.#crash()
    else await this.#restart()
    expect([this.#log.logStartOffset, this.#log.logEndOffset]).toEqual([this.#start, this.#end])
  }

  #open(isCleanStop: boolean, recoveryPoint = 0): PartitionLog {
    return openLog({
      fileSystem: this.#fileSystem,
      clock: this.#clock,
      config: this.#config,
      isCleanStop,
      recoveryPoint,
      logStartOffset: this.#start,
      recentBatches: new RecentBatches(this.#buffers, this.#recentBytes),
    }).log
  }

  #append(): void {
    const count = this.#random.integer(1, 6)
    const values = Array.from({ length: count }, () => `v${this.#nextValue++}`.padEnd(this.#random.integer(1, 90), '.'))
    const timestamp = NOW_MS - 1_000_000 + this.#random.integer(0, 100_000)
    const records = batchOf(values, { timestamp, compression: this.#random.integer(0, 3) })
    const { baseOffset } = this.#log.append(records, { leaderEpoch: 0, origin: 'client' })
    this.#log.advanceHighWatermark(this.#log.logEndOffset)
    expect(baseOffset).toBe(this.#end)
    this.#batches.push({ baseOffset, values, timestamp })
    this.#end += count
  }

  async #read(): Promise<void> {
    const offset = this.#random.integer(this.#start, this.#end + 1)
    const maxBytes = this.#random.integer(1, 2000)
    const { records, release } = await this.#log.read(offset, maxBytes, {
      upTo: 'highWatermark',
      atLeastOneBatch: true,
    })
    this.#hold(records, release)
    const read = [...batchesIn(records)]
    const from = this.#batches.findIndex(batch => batch.baseOffset + batch.values.length > offset)
    expect(read.length > 0).toBe(from >= 0)
    expect(read.length <= 1 || records.length <= maxBytes).toBe(true)
    read.forEach((batch, index) => {
      const expected = this.#batches[from + index]
      batch.checkCrc()
      const cursor = batch.records()
      const values: string[] = []
      while (cursor.next()) values.push(cursor.valueText() ?? '')
      expect([batch.nextOffset - values.length, values]).toEqual([expected?.baseOffset, expected?.values])
    })
    expect(this.#log.availableBytes(offset, 'highWatermark') > 0).toBe(offset < this.#end)
  }

  /** As an answer that is being sent: for some steps more its bytes must stay what they are. */
  #hold(records: Buffer, release: (() => void) | undefined): void {
    this.#held.push({ records, asRead: Buffer.from(records), release })
    if (this.#held.length <= 5) return
    const oldest = this.#held.shift()
    expect(oldest?.records).toEqual(oldest?.asRead)
    oldest?.release?.()
  }

  #truncate(): void {
    const offset = this.#random.integer(Math.max(this.#start, this.#end - 20), this.#end + 1)
    this.#log.truncateTo(offset)
    // Batches are whole: the one that holds the offset goes as well.
    this.#batches = this.#batches.filter(batch => batch.baseOffset + batch.values.length <= offset)
    const last = this.#batches.at(-1)
    this.#end = Math.max(this.#start, last === undefined ? 0 : last.baseOffset + last.values.length)
  }

  #deleteRecords(): void {
    const offset = this.#random.integer(this.#start, this.#end + 1)
    this.#log.deleteRecordsBefore(offset)
    this.#log.applyRetention()
    this.#start = offset
  }

  #search(): void {
    const timestamp = NOW_MS - 1_000_000 + this.#random.integer(-10, 100_010)
    const found = this.#log.offsetForTimestamp(timestamp, 'highWatermark')
    const expected = this.#batches
      .flatMap(batch =>
        batch.values.map((_, index) => ({ offset: batch.baseOffset + index, at: batch.timestamp + index })),
      )
      .find(record => record.offset >= this.#start && record.at >= timestamp)
    expect(found?.offset).toBe(expected?.offset)
  }

  /** Files as they are now; nothing is written on the way out. */
  #crash(): void {
    const recoveryPoint = this.#log.recoveryPoint
    this.#fileSystem = copyFiles(this.#fileSystem)
    this.#log.discard()
    this.#log = this.#open(false, recoveryPoint)
    expect(this.#log.truncatedBytes).toBe(0)
  }

  async #restart(): Promise<void> {
    await this.#log.prepareClose()
    this.#log.close()
    this.#log = this.#open(true)
    expect(this.#log.wasScanned).toBe(false)
  }
}

test.each(Array.from({ length: 30 }, (_, index) => index + 1))(
  'a log does what the model does, seed %i',
  async seed => {
    const run = new Run(seed)
    for (let step = 0; step < 150; step++) await run.step()
  },
)
