/**
 * OffsetCheckpoints: the files of a data directory that hold one offset a log: recovery points, log starts, how far logs are
 * compacted, high watermarks. Owns the files; the offsets are the logs'.
 *
 * Offsets are by name, and names are used again: what a file says of one log must not be taken for another's that gets its
 * name. What is said of a directory that could not be opened stays true of it, and is said again; so does what is said of a
 * deleted log, until the deletion is on disk.
 *
 * Recovery points of ours say more than Kafka's: nothing beyond them was compacted, so a gap there is a loss. An entry that
 * no partition can have tells them apart; Kafka ignores it, and drops it with the next file that it writes.
 */
import type { Logger } from '@samsa/runtime'
import type { FileSystem } from '../storage/file-system.js'
import {
  type CheckpointedOffset,
  CLEANER_CHECKPOINT,
  HIGH_WATERMARK_CHECKPOINT,
  LOG_START_CHECKPOINT,
  offsetCheckpoint,
  RECOVERY_POINT_CHECKPOINT,
  readOffsetCheckpoint,
} from './checkpoints.js'
import { parsePartitionName } from './data-directory.js'
import type { PartitionLog } from './partition-log.js'

type CheckpointFile =
  | typeof RECOVERY_POINT_CHECKPOINT
  | typeof LOG_START_CHECKPOINT
  | typeof CLEANER_CHECKPOINT
  | typeof HIGH_WATERMARK_CHECKPOINT

const FILES: readonly CheckpointFile[] = [
  RECOVERY_POINT_CHECKPOINT,
  LOG_START_CHECKPOINT,
  CLEANER_CHECKPOINT,
  HIGH_WATERMARK_CHECKPOINT,
]

/** No topic can be called that. */
const OURS = { topic: '@samsa', partition: 0, offset: 0 }
const OUR_NAME = `${OURS.topic}-${OURS.partition}`

export interface OffsetCheckpointsOptions {
  readonly fileSystem: FileSystem
  readonly dataDir: string
  readonly logs: () => Iterable<PartitionLog>
  readonly logger: Logger
}

/** What the files say of one log. */
export interface CheckpointedState {
  readonly recoveryPoint: number
  readonly logStartOffset: number
  readonly highWatermark: number | undefined
  readonly cleanedTo: number | undefined
  /** The recovery point is another program's, or not known. */
  readonly isForeign: boolean
}

export class OffsetCheckpoints {
  readonly #fileSystem: FileSystem
  readonly #dataDir: string
  readonly #logs: () => Iterable<PartitionLog>
  readonly #written = new Map<CheckpointFile, Buffer>()
  /** What each file says, as it was read or last written. */
  readonly #offsets = new Map<CheckpointFile, Map<string, number>>()
  /** Of what has no log now: directories that could not be opened, and deleted ones that may have to be put back. */
  readonly #kept = new Map<string, CheckpointedState>()
  #areOurs: boolean

  /** Reads what is there, and keeps all of it until it is known what becomes of each log. */
  constructor({ fileSystem, dataDir, logs, logger }: OffsetCheckpointsOptions) {
    this.#fileSystem = fileSystem
    this.#dataDir = dataDir
    this.#logs = logs
    for (const file of FILES) {
      const path = this.#pathOf(file)
      const onDamage = (damage: string): void => logger.warn({ path, damage }, 'a checkpoint is damaged')
      this.#offsets.set(file, readOffsetCheckpoint(fileSystem, path, onDamage))
    }
    this.#areOurs = this.#recoveryPoints.delete(OUR_NAME)
    for (const offsets of this.#offsets.values()) {
      for (const name of offsets.keys()) this.#kept.set(name, this.stateOf(name))
    }
  }

  stateOf(name: string): CheckpointedState {
    const offsetIn = (file: CheckpointFile): number | undefined => this.#offsets.get(file)?.get(name)
    const recoveryPoint = offsetIn(RECOVERY_POINT_CHECKPOINT)
    const cleanedTo = offsetIn(CLEANER_CHECKPOINT)
    return {
      recoveryPoint: recoveryPoint ?? 0,
      logStartOffset: offsetIn(LOG_START_CHECKPOINT) ?? 0,
      highWatermark: offsetIn(HIGH_WATERMARK_CHECKPOINT),
      cleanedTo,
      // What was compacted had a recovery point: a line of the file is gone.
      isForeign: !this.#areOurs || (recoveryPoint === undefined && cleanedTo !== undefined),
    }
  }

  /** Whether a log was opened that ends before its recovery point. */
  get areAhead(): boolean {
    for (const { topic, partition, recoveryPoint } of this.#logs())
      if (recoveryPoint < this.stateOf(`${topic}-${partition}`).recoveryPoint) return true
    return false
  }

  /** Whether a file says anything of a log of this name, be it one that is gone. */
  knows(name: string): boolean {
    return FILES.some(file => this.#offsets.get(file)?.has(name) === true)
  }

  /** What is said of a log that is about to be deleted goes on to be said. */
  keep(name: string, { recoveryPoint, logStartOffset, highWatermark, cleaning }: PartitionLog): void {
    const { cleanedTo } = cleaning
    this.#kept.set(name, { recoveryPoint, logStartOffset, highWatermark, cleanedTo, isForeign: !this.#areOurs })
  }

  /** The log speaks for itself, or is nobody's any more. */
  forget(name: string): void {
    this.#kept.delete(name)
  }

  /** Of all that was read at the start, only what is said of these still matters. */
  keepOnly(names: { has(name: string): boolean }): void {
    for (const name of this.#kept.keys()) if (!names.has(name)) this.#kept.delete(name)
  }

  /**
   * From now on the recovery points are ours. What gaps there are by then lie below them: everything is brought to disk
   * first that another program wrote. Rejects where a log cannot be.
   */
  async claim(): Promise<void> {
    if (this.#areOurs) return
    for (const log of [...this.#logs()]) {
      if (log.recoveryPoint < log.logEndOffset && !log.isClosed) await log.flush()
    }
    this.#areOurs = true
    this.#writeRecoveryPoints()
  }

  writeAll(): void {
    this.#writeRecoveryPoints()
    this.writeStarts()
    this.writeCleaned()
    this.#write(HIGH_WATERMARK_CHECKPOINT, log => log.highWatermark)
  }

  /** Also starts that the first segment's name tells: the removal of those before it may not be on disk yet. */
  writeStarts(): void {
    this.#write(LOG_START_CHECKPOINT, log => (log.logStartOffset > 0 ? log.logStartOffset : undefined))
  }

  /** What must be on disk before a log is compacted up to its recovery point. */
  writeBeforePass(): void {
    this.#writeRecoveryPoints()
    this.writeCleaned()
  }

  /** The file is there only once a log was compacted. */
  writeCleaned(): void {
    const isThere = this.#fileSystem.exists(this.#pathOf(CLEANER_CHECKPOINT))
    if (isThere || Array.from(this.#logs()).some(log => log.cleaning.cleanedTo !== undefined)) {
      this.#write(CLEANER_CHECKPOINT, log => log.cleaning.cleanedTo)
    }
  }

  get #recoveryPoints(): Map<string, number> {
    return this.#offsets.get(RECOVERY_POINT_CHECKPOINT) ?? new Map()
  }

  #writeRecoveryPoints(): void {
    this.#write(RECOVERY_POINT_CHECKPOINT, log => log.recoveryPoint, this.#areOurs ? [OURS] : [])
  }

  #write(
    file: CheckpointFile,
    offsetOf: (log: PartitionLog) => number | undefined,
    others: readonly CheckpointedOffset[] = [],
  ): void {
    const offsets = new Map<string, number>()
    for (const [name, state] of this.#kept) {
      const offset = keptOffset(file, state)
      if (offset !== undefined) offsets.set(name, offset)
    }
    for (const log of this.#logs()) {
      const offset = offsetOf(log)
      if (offset !== undefined) offsets.set(`${log.topic}-${log.partition}`, offset)
    }
    const entries = Array.from(offsets).flatMap(([name, offset]) => {
      const parsed = parsePartitionName(name)
      return parsed === undefined ? [] : [{ ...parsed, offset }]
    })
    const content = offsetCheckpoint([...others, ...entries])
    if (this.#written.get(file)?.equals(content) !== true) {
      // Should it fail halfway, the file says the one or the other.
      this.#offsets.set(file, new Map([...(this.#offsets.get(file) ?? []), ...offsets]))
      this.#fileSystem.writeFileAtomically(this.#pathOf(file), content)
      this.#written.set(file, content)
    }
    this.#offsets.set(file, offsets)
  }

  #pathOf(file: CheckpointFile): string {
    return `${this.#dataDir}/${file}`
  }
}

/** An offset of 0 is what a file that does not name the log says as well. */
function keptOffset(file: CheckpointFile, state: CheckpointedState): number | undefined {
  if (file === RECOVERY_POINT_CHECKPOINT) return state.recoveryPoint
  if (file === LOG_START_CHECKPOINT) return state.logStartOffset > 0 ? state.logStartOffset : undefined
  return file === CLEANER_CHECKPOINT ? state.cleanedTo : state.highWatermark
}
