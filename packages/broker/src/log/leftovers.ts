/**
 * What an interrupted deletion, compaction or replacement left in a partition's directory, and what is done with it: files
 * that were not needed any more go, a finished replacement is completed. May itself be interrupted anywhere: the next start
 * comes to the same end. The steps of a replacement are told in `cleaner/segment-swap.ts`.
 */
import { LAST_OFFSET_DELTA_AT, readInt64 } from '@samsa/protocol'
import type { FileSystem } from '../storage/file-system.js'
import { walkBatches } from './batch-walk.js'
import { REPLACES_SUFFIX } from './cleaner/segment-swap.js'
import { CLEANED_SUFFIX, DELETED_SUFFIX, fileNameOf, LOG_SUFFIX, SWAP_SUFFIX } from './segment.js'

const TEMPORARY_SUFFIX = '.tmp'
const INDEX_SUFFIXES = ['.index', '.timeindex', '.txnindex']
const SEGMENT_FILE = /^(\d{20})\.(log|index|timeindex|txnindex)$/

/** Base offsets of the segments among the names, ascending. */
export function segmentOffsets(names: readonly string[]): number[] {
  return names
    .filter(name => /^\d{20}\.log$/.test(name))
    .map(name => Number(name.slice(0, 20)))
    .sort((left, right) => left - right)
}

/** Returns the names that are left. */
export function clearLeftovers(fileSystem: FileSystem, directory: string): string[] {
  const names = fileSystem.list(directory)
  const present = new Set(names)
  // A start after a clean stop lists a directory once.
  if (!names.some(name => isLeftover(name, present))) return names
  removeUnfinished(fileSystem, directory, names)
  completeSwaps(fileSystem, directory)
  removeOrphans(fileSystem, directory)
  return fileSystem.list(directory)
}

const LEFTOVER_SUFFIXES = [DELETED_SUFFIX, CLEANED_SUFFIX, TEMPORARY_SUFFIX, SWAP_SUFFIX, REPLACES_SUFFIX]

function isLeftover(name: string, names: ReadonlySet<string>): boolean {
  if (LEFTOVER_SUFFIXES.some(suffix => name.endsWith(suffix))) return true
  const stem = SEGMENT_FILE.exec(name)?.[1]
  return stem !== undefined && !names.has(`${stem}${LOG_SUFFIX}`)
}

/**
 * A compaction renames `.cleaned` to `.swap` file by file, and where there are several segments, from the last offset to
 * the first. While one `.cleaned` is there, swaps from its offset on belong to the same unfinished step and the originals
 * are all in place.
 */
function removeUnfinished(fileSystem: FileSystem, directory: string, names: readonly string[]): void {
  const cleaned = names.filter(name => name.endsWith(CLEANED_SUFFIX))
  const leastCleaned = Math.min(...cleaned.map(offsetOf), Number.POSITIVE_INFINITY)
  const swaps = names.filter(name => name.endsWith(SWAP_SUFFIX) && offsetOf(name) >= leastCleaned)
  // A note under its own name is what Kafka makes of it.
  const useless = [DELETED_SUFFIX, TEMPORARY_SUFFIX, REPLACES_SUFFIX]
  const others = names.filter(name => useless.some(suffix => name.endsWith(suffix)))
  for (const name of [...others, ...swaps]) fileSystem.remove(`${directory}/${name}`)
  // What says that swaps are unfinished goes last, or a second crash would have them completed.
  if (cleaned.length > 0) fileSystem.syncDirectoryNow(directory)
  for (const name of cleaned) fileSystem.remove(`${directory}/${name}`)
}

/**
 * A segment under `.swap` is complete and takes the place of the segments whose offsets it covers. Power may be lost again
 * meanwhile, on a disk that keeps any of the names that were not synced:
 *
 * - the old segments go when it is on disk that there is a new one, whose names an earlier process may have left unsynced;
 * - the new one gets its name when it is on disk that the old ones are gone, indexes included: one of them that came back
 *   would stand among offsets of the new one, or be taken for its index;
 * - from then on nothing says any more what else there is to do, and nothing needs to.
 */
function completeSwaps(fileSystem: FileSystem, directory: string): void {
  const swaps = fileSystem.list(directory).filter(name => name.endsWith(LOG_SUFFIX + SWAP_SUFFIX))
  if (swaps.length > 0) {
    const baseOffsets = swaps.map(offsetOf)
    fileSystem.syncDirectoryNow(directory)
    for (const baseOffset of baseOffsets) removeReplaced(fileSystem, directory, baseOffset)
    fileSystem.syncDirectoryNow(directory)
    for (const baseOffset of baseOffsets) {
      const path = `${directory}/${fileNameOf(baseOffset)}${LOG_SUFFIX}`
      fileSystem.rename(path + SWAP_SUFFIX, path)
    }
  }
  // The log's file was first to get its name: what is left belongs to it.
  for (const name of fileSystem.list(directory).filter(each => each.endsWith(SWAP_SUFFIX))) {
    const path = `${directory}/${name.slice(0, -SWAP_SUFFIX.length)}`
    if (name.endsWith(REPLACES_SUFFIX + SWAP_SUFFIX)) fileSystem.remove(`${directory}/${name}`)
    else fileSystem.rename(`${directory}/${name}`, path)
  }
}

function removeReplaced(fileSystem: FileSystem, directory: string, baseOffset: number): void {
  const stem = `${directory}/${fileNameOf(baseOffset)}`
  const endOffset = endOfReplaced(fileSystem, directory, baseOffset)
  const indexes = INDEX_SUFFIXES.map(suffix => stem + suffix + SWAP_SUFFIX)
  // An index that has its name already cannot be told from one of the old segment. Then all are built anew.
  if (!indexes.every(path => fileSystem.exists(path))) for (const path of indexes) fileSystem.remove(path)
  for (const name of fileSystem.list(directory)) {
    const isReplaced = SEGMENT_FILE.test(name) && offsetOf(name) >= baseOffset && offsetOf(name) < endOffset
    if (isReplaced) fileSystem.remove(`${directory}/${name}`)
  }
}

function removeOrphans(fileSystem: FileSystem, directory: string): void {
  const names = new Set(fileSystem.list(directory))
  for (const name of names) {
    const match = SEGMENT_FILE.exec(name)
    if (match !== null && !names.has(`${match[1]}${LOG_SUFFIX}`)) fileSystem.remove(`${directory}/${name}`)
  }
}

/** Behind the segments that the one under `.swap` replaces: as a note says, or, from Kafka, behind its last batch. */
function endOfReplaced(fileSystem: FileSystem, directory: string, baseOffset: number): number {
  const stem = `${directory}/${fileNameOf(baseOffset)}`
  const note = stem + REPLACES_SUFFIX + SWAP_SUFFIX
  const match = fileSystem.exists(note) ? /^(\d+)\n$/.exec(fileSystem.readFile(note).toString('latin1')) : null
  if (match !== null) return Number(match[1])
  const file = fileSystem.open(stem + LOG_SUFFIX + SWAP_SUFFIX)
  let endOffset = baseOffset + 1
  try {
    walkBatches(file, 0, file.size, ({ bytes, at }) => {
      endOffset = readInt64(bytes, at) + bytes.readInt32BE(at + LAST_OFFSET_DELTA_AT) + 1
      return undefined
    })
  } finally {
    file.close()
  }
  return endOffset
}

function offsetOf(name: string): number {
  return Number(name.slice(0, 20))
}
