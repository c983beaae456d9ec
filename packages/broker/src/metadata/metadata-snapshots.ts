/**
 * MetadataSnapshots: when the metadata is written whole, and when what came before it may go, by Kafka's own settings. It
 * keeps the log that a start has to read short. A snapshot that cannot be written is tried again later; nothing else
 * depends on it.
 *
 * Invariant: the log never starts behind the end of the oldest snapshot that is kept.
 */
import type { Clock, Logger, Timer } from '@samsa/runtime'
import { repeatEvery } from '@samsa/runtime/internal'
import type { FileSystem } from '../storage/file-system.js'
import type { MetadataLog } from './metadata-log.js'
import { type SnapshotName, snapshotsIn } from './quorum-records.js'

const CHECK_EVERY_MS = 60_000

export interface MetadataSnapshotsOptions {
  readonly log: MetadataLog
  readonly fileSystem: FileSystem
  /** That of the metadata log. */
  readonly directory: string
  readonly clock: Clock
  readonly logger: Logger
  /** `metadata.log.max.record.bytes.between.snapshots` */
  readonly maxBytesBetween: number
  /** `metadata.log.max.snapshot.interval.ms`; 0 for no limit. */
  readonly maxIntervalMs: number
  /** `metadata.max.retention.bytes`; below 0 for no limit. */
  readonly retentionBytes: number
}

export class MetadataSnapshots {
  readonly #options: MetadataSnapshotsOptions
  #timer: Timer | undefined
  #stopListening: (() => void) | undefined
  /** When the oldest record came that no snapshot holds. */
  #pendingSinceMs: number | undefined
  /** Bytes that had come when a snapshot could not be written: as many more come before the next attempt. */
  #failedAtBytes = 0
  #writing: Promise<void> | undefined

  constructor(options: MetadataSnapshotsOptions) {
    this.#options = options
  }

  /** Begins with what earlier starts left; the log has to be led by then. */
  start(): void {
    const { log, clock } = this.#options
    this.#check()
    this.#stopListening = log.onChange(() => this.#check())
    this.#timer = repeatEvery(clock, CHECK_EVERY_MS, () => this.#check(), {
      name: 'metadata snapshot',
      unref: true,
      onError: error => this.#failed(error),
    })
  }

  /** Resolves when nothing is written any more. */
  async stop(): Promise<void> {
    this.#timer?.cancel()
    this.#stopListening?.()
    while (this.#writing !== undefined) await this.#writing
  }

  #check(): void {
    const { log, clock, maxBytesBetween, maxIntervalMs } = this.#options
    const bytes = log.bytesSinceSnapshot
    if (bytes === 0 || log.image.isInTransaction || this.#writing !== undefined) return
    this.#pendingSinceMs ??= clock.now()
    const isOld = maxIntervalMs > 0 && clock.now() - this.#pendingSinceMs >= maxIntervalMs
    if (bytes - this.#failedAtBytes < maxBytesBetween && !isOld) return
    this.#pendingSinceMs = undefined
    this.#writing = this.#write().finally(() => {
      this.#writing = undefined
      // As much may have come meanwhile.
      this.#check()
    })
  }

  async #write(): Promise<void> {
    const { log } = this.#options
    try {
      await log.writeSnapshot()
      this.#failedAtBytes = 0
    } catch (error) {
      this.#failedAtBytes = log.bytesSinceSnapshot
      this.#failed(error)
    }
    // Also where there was no room for another one.
    try {
      this.#removeOld()
    } catch (error) {
      this.#options.logger.warn({ err: error }, 'old metadata could not be removed')
    }
  }

  /** Oldest first, as long as log and snapshots together are too large; the newest snapshot always stays. */
  #removeOld(): void {
    const { fileSystem, directory, log, retentionBytes } = this.#options
    if (retentionBytes < 0) return
    const snapshots = snapshotsIn(fileSystem.list(directory))
    const sizes = new Map(snapshots.map(each => [each, fileSystem.sizeOf(`${directory}/${each.file}`)]))
    const excess = (): number =>
      log.sizeBytes + [...sizes.values()].reduce((sum, size) => sum + size, 0) - retentionBytes
    for (let oldest = snapshots.shift(); oldest !== undefined && excess() > 0; oldest = snapshots.shift()) {
      const [next] = snapshots
      if (next === undefined) return
      this.#remove(oldest)
      sizes.delete(oldest)
      log.startAt(next.endOffset)
    }
  }

  #remove({ file }: SnapshotName): void {
    const { fileSystem, directory } = this.#options
    fileSystem.remove(`${directory}/${file}`)
  }

  #failed(error: unknown): void {
    this.#options.logger.warn({ err: error }, 'a snapshot of the metadata could not be written')
  }
}
