/**
 * LogCleaner: compacts the logs of a broker whose topics ask for it, one at a time, the dirtiest first. Owns the timer and
 * the pass that is under way. A log that could not be compacted is told of once and then left alone, until its
 * configuration changes or the broker starts anew; where only room was missing, it is tried again. The others go on.
 */
import type { Clock, Logger, Timer } from '@samsa/runtime'
import { isPassing } from '../../storage/storage-error.js'
import type { LogConfig } from '../log-config.js'
import type { PartitionLog } from '../partition-log.js'
import { cleanLog } from './clean-pass.js'
import { type CleanableRange, isWorthCleaning } from './cleanable-range.js'
import { CleaningAborted } from './log-cleaning.js'

export interface CleanerSettings {
  /** Between two looks for logs to compact. */
  readonly backoffMs: number
  /** For the keys of one pass. */
  readonly dedupeBufferBytes: number
  /** How full that may become: above 0, at most 1. */
  readonly dedupeLoadFactor: number
  /** Half of it is what is read at once. */
  readonly ioBufferBytes: number
}

export interface LogCleanerOptions {
  readonly clock: Clock
  readonly logger: Logger
  readonly logs: () => Iterable<PartitionLog>
  /** Asked before each pass: settings may change while the broker runs. */
  readonly settings: () => CleanerSettings
  /**
   * Writes how far logs are on disk, and how far compacted; false when the disk does not take it. A gap beyond the recovery
   * point that a start finds counts as a loss: that must be there before the first compacted segment is.
   */
  readonly checkpoint: () => boolean
}

interface DirtyLog {
  readonly log: PartitionLog
  readonly range: CleanableRange
}

export class LogCleaner {
  readonly #options: LogCleanerOptions
  /** Logs that cannot be compacted, with the configuration they had when that was found. */
  readonly #uncleanable = new WeakMap<PartitionLog, LogConfig>()
  /** Logs for which there was no room, or no descriptor, the last time. They are tried again. */
  readonly #hindered = new WeakSet<PartitionLog>()
  #timer: Timer | undefined
  #running: Promise<number> | undefined
  #isStopped = false

  constructor(options: LogCleanerOptions) {
    this.#options = options
  }

  /** Looks for work now and then. */
  start(): void {
    if (this.#isStopped) return
    const { clock, settings } = this.#options
    const run = (): void => void this.run().finally(() => this.start())
    this.#timer = clock.timer(Math.max(1, settings().backoffMs), run, { name: 'compact logs', unref: true })
  }

  /** Resolves when nothing is under way any more; nothing begins afterwards. */
  async stop(): Promise<void> {
    this.#isStopped = true
    this.#timer?.cancel()
    await this.#running
  }

  /** Compacts until no log is worth it, and returns how many passes that took. Never rejects. */
  run(): Promise<number> {
    this.#running ??= this.#run().finally(() => {
      this.#running = undefined
    })
    return this.#running
  }

  async #run(): Promise<number> {
    const aborted = new Set<PartitionLog>()
    for (let passes = 0; ; passes++) {
      const dirtiest = this.#isStopped ? undefined : this.#dirtiest(aborted)
      if (dirtiest === undefined) return passes
      if (!(await this.#clean(dirtiest))) aborted.add(dirtiest.log)
    }
  }

  #dirtiest(without: ReadonlySet<PartitionLog>): DirtyLog | undefined {
    let dirtiest: DirtyLog | undefined
    for (const log of this.#options.logs()) {
      if (!log.config.cleanupPolicy.compact || log.offline !== undefined || log.isClosed || without.has(log)) continue
      if (this.#uncleanable.get(log) === log.config) continue
      const range = this.#rangeOf(log)
      if (range === undefined || !isWorthCleaning(range, log.config)) continue
      if (dirtiest === undefined || range.dirtyRatio > dirtiest.range.dirtyRatio) dirtiest = { log, range }
    }
    return dirtiest
  }

  #rangeOf(log: PartitionLog): CleanableRange | undefined {
    try {
      return log.cleaning.rangeAt(this.#options.clock.now())
    } catch (error) {
      this.#giveUp(log, error)
      return undefined
    }
  }

  /** Whether the log is compacted further than before. */
  async #clean({ log, range }: DirtyLog): Promise<boolean> {
    const { clock, logger, settings, checkpoint } = this.#options
    const { config } = log
    const { truncations } = log.cleaning
    try {
      // A record must not go for the sake of a newer one that a loss of power may still take.
      await log.flush()
      if (log.config !== config || log.cleaning.truncations !== truncations) return false
      if (log.cleaning.cleanedTo === undefined) log.cleaning.advanceTo(range.firstDirtyOffset)
      if (!checkpoint()) return false
      const { dedupeBufferBytes, dedupeLoadFactor, ioBufferBytes } = settings()
      const { endOffset, ...bytes } = await cleanLog({
        log,
        range,
        nowMs: clock.now(),
        map: { memoryBytes: dedupeBufferBytes, loadFactor: dedupeLoadFactor },
        bufferBytes: Math.floor(ioBufferBytes / 2),
        isStopping: () => this.#isStopped,
      })
      log.cleaning.advanceTo(endOffset)
      this.#hindered.delete(log)
      checkpoint()
      const { topic, partition } = log
      logger.info({ topic, partition, from: range.firstDirtyOffset, to: endOffset, ...bytes }, 'a log was compacted')
      return endOffset > range.firstDirtyOffset
    } catch (error) {
      if (!(error instanceof CleaningAborted)) this.#giveUp(log, error)
      return false
    }
  }

  /** What goes wrong in a log that is closed or offline by now is that log's end, not ours. */
  #giveUp(log: PartitionLog, error: unknown): void {
    if (log.isClosed || log.offline !== undefined || this.#uncleanable.get(log) === log.config) return
    const { topic, partition } = log
    if (isPassing(error)) {
      if (this.#hindered.has(log)) return
      this.#hindered.add(log)
      this.#options.logger.warn({ topic, partition, err: error }, 'a log cannot be compacted now and is tried again')
      return
    }
    this.#uncleanable.set(log, log.config)
    this.#options.logger.error({ topic, partition, err: error }, 'a log cannot be compacted and is left as it is')
  }
}
