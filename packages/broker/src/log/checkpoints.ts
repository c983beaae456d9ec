/**
 * The small text files beside a log's data: checkpoints of one offset a partition (recovery points, log starts, high
 * watermarks), the leader epochs of a log, the topic id of a log. Formats only; who writes them when is said elsewhere.
 */
import { isUuid, type Uuid } from '@samsa/protocol'
import type { FileSystem } from '../storage/file-system.js'

export const RECOVERY_POINT_CHECKPOINT = 'recovery-point-offset-checkpoint'
export const LOG_START_CHECKPOINT = 'log-start-offset-checkpoint'
export const HIGH_WATERMARK_CHECKPOINT = 'replication-offset-checkpoint'
export const CLEANER_CHECKPOINT = 'cleaner-offset-checkpoint'
export const LEADER_EPOCH_CHECKPOINT = 'leader-epoch-checkpoint'
export const PARTITION_METADATA = 'partition.metadata'

export interface EpochEntry {
  readonly epoch: number
  readonly startOffset: number
}

/**
 * `topic-partition` → offset. Each line stands alone: one that is damaged says nothing, and the others go on saying what
 * they say. What is missing can be found anew, but for a log's start, so damage is told.
 */
export function readOffsetCheckpoint(
  fileSystem: FileSystem,
  path: string,
  onDamage: (damage: string) => void,
): Map<string, number> {
  const offsets = new Map<string, number>()
  if (!fileSystem.exists(path)) return offsets
  const [version, count, ...lines] = fileSystem.readFile(path).toString('utf8').split('\n')
  if (version !== '0') {
    onDamage(`its version is '${version}', and should be 0`)
    return offsets
  }
  // Behind the last line break is nothing, or a line of which nobody knows whether it is whole.
  const rest = lines.pop()
  if (rest !== '') onDamage(`it does not end in a line break, but in '${rest}'`)
  if (Number(count) !== lines.length) onDamage(`it has ${lines.length} lines, and should have ${count}`)
  for (const line of lines) {
    const match = /^(\S+) (\d+) (-?\d+)$/.exec(line)
    const offset = Number(match?.[3])
    if (match === null || !Number.isSafeInteger(offset)) onDamage(`a line is '${line}'`)
    else offsets.set(`${match[1]}-${match[2]}`, offset)
  }
  return offsets
}

export interface CheckpointedOffset {
  readonly topic: string
  readonly partition: number
  readonly offset: number
}

export function offsetCheckpoint(offsets: readonly CheckpointedOffset[]): Buffer {
  return checkpoint(offsets.map(({ topic, partition, offset }) => `${topic} ${partition} ${offset}`))
}

/** Undefined when the file is missing or damaged. */
export function readEpochCheckpoint(fileSystem: FileSystem, path: string): EpochEntry[] | undefined {
  const lines = readLines(fileSystem, path)
  if (lines === undefined) return undefined
  const entries: EpochEntry[] = []
  for (const line of lines) {
    const match = /^(\d+) (\d+)$/.exec(line)
    if (match === null) return undefined
    entries.push({ epoch: Number(match[1]), startOffset: Number(match[2]) })
  }
  return entries
}

export function epochCheckpoint(entries: readonly EpochEntry[]): Buffer {
  return checkpoint(entries.map(({ epoch, startOffset }) => `${epoch} ${startOffset}`))
}

/** The id of the topic whose partition lies in the directory; undefined when the file does not tell. */
export function readPartitionMetadata(fileSystem: FileSystem, directory: string): Uuid | undefined {
  const path = `${directory}/${PARTITION_METADATA}`
  if (!fileSystem.exists(path)) return undefined
  const match = /^version: 0\ntopic_id: (\S+)\s*$/.exec(fileSystem.readFile(path).toString('utf8'))
  const topicId = match?.[1]
  return topicId !== undefined && isUuid(topicId) ? topicId : undefined
}

export function partitionMetadata(topicId: Uuid): Buffer {
  return Buffer.from(`version: 0\ntopic_id: ${topicId}`)
}

/**
 * Replaces a small file so that a process that ends in the middle leaves the old or the new one. Not synced: it is for
 * what can be found anew, and a thousand partitions are made faster than a thousand files are synced.
 */
export function replaceFile(fileSystem: FileSystem, path: string, content: Uint8Array): void {
  const beside = `${path}.tmp`
  fileSystem.remove(beside)
  const file = fileSystem.open(beside, { create: true })
  try {
    file.append([content])
  } finally {
    file.close()
  }
  fileSystem.rename(beside, path)
}

/** Version, number of entries, one line an entry. */
function checkpoint(lines: readonly string[]): Buffer {
  return Buffer.from(['0', String(lines.length), ...lines, ''].join('\n'))
}

function readLines(fileSystem: FileSystem, path: string): string[] | undefined {
  if (!fileSystem.exists(path)) return undefined
  const [version, count, ...lines] = fileSystem.readFile(path).toString('utf8').split('\n')
  // What a complete file ends in is a line break.
  return version === '0' && lines.pop() === '' && Number(count) === lines.length ? lines : undefined
}
