/**
 * What an interrupted deletion, compaction or replacement left in a partition's directory, and what is done with it: files
 * that were not needed any more go, a finished replacement is completed.
 */
import { LAST_OFFSET_DELTA_AT, readInt64 } from '@samsa/protocol'
import type { FileSystem } from '../storage/file-system.js'
import { walkBatches } from './batch-walk.js'
import { DELETED_SUFFIX, fileNameOf, LOG_SUFFIX } from './segment.js'

const CLEANED_SUFFIX = '.cleaned'
const SWAP_SUFFIX = '.swap'
const TEMPORARY_SUFFIX = '.tmp'
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
  // A compaction renames `.cleaned` to `.swap` file by file, from the last offset to the first. While one `.cleaned` is
  // there, swaps from its offset on belong to the same unfinished step and the originals are all in place.
  const cleaned = names.filter(name => name.endsWith(CLEANED_SUFFIX)).map(offsetOf)
  const leastCleaned = Math.min(...cleaned, Number.POSITIVE_INFINITY)
  for (const name of names) {
    const isUnfinishedSwap = name.endsWith(SWAP_SUFFIX) && offsetOf(name) >= leastCleaned
    const isTemporary = [DELETED_SUFFIX, CLEANED_SUFFIX, TEMPORARY_SUFFIX].some(suffix => name.endsWith(suffix))
    if (isTemporary || isUnfinishedSwap) fileSystem.remove(`${directory}/${name}`)
  }
  const present = new Set(names)
  if (!names.some(name => isLeftover(name, present))) return names
  completeSwaps(fileSystem, directory)
  removeOrphans(fileSystem, directory)
  return fileSystem.list(directory)
}

/** Whether there is more to do than to remove it, or was: a start after a clean stop lists a directory once. */
function isLeftover(name: string, names: ReadonlySet<string>): boolean {
  if ([DELETED_SUFFIX, CLEANED_SUFFIX, TEMPORARY_SUFFIX, SWAP_SUFFIX].some(suffix => name.endsWith(suffix))) return true
  const stem = SEGMENT_FILE.exec(name)?.[1]
  return stem !== undefined && !names.has(`${stem}${LOG_SUFFIX}`)
}

/** A segment under `.swap` is complete and takes the place of the segments whose offsets it covers. */
function completeSwaps(fileSystem: FileSystem, directory: string): void {
  const swaps = fileSystem.list(directory).filter(name => name.endsWith(SWAP_SUFFIX))
  for (const name of swaps) {
    if (!name.endsWith(LOG_SUFFIX + SWAP_SUFFIX)) continue
    const baseOffset = offsetOf(name)
    const endOffset = endOffsetOf(fileSystem, `${directory}/${name}`, baseOffset)
    for (const replaced of segmentOffsets(fileSystem.list(directory))) {
      if (replaced >= baseOffset && replaced < endOffset) removeSegment(fileSystem, directory, replaced)
    }
  }
  for (const name of swaps) {
    fileSystem.rename(`${directory}/${name}`, `${directory}/${name.slice(0, -SWAP_SUFFIX.length)}`)
  }
}

function removeOrphans(fileSystem: FileSystem, directory: string): void {
  const names = new Set(fileSystem.list(directory))
  for (const name of names) {
    const match = SEGMENT_FILE.exec(name)
    if (match !== null && !names.has(`${match[1]}${LOG_SUFFIX}`)) fileSystem.remove(`${directory}/${name}`)
  }
}

function removeSegment(fileSystem: FileSystem, directory: string, baseOffset: number): void {
  for (const suffix of [LOG_SUFFIX, '.index', '.timeindex', '.txnindex']) {
    fileSystem.remove(`${directory}/${fileNameOf(baseOffset)}${suffix}`)
  }
}

function endOffsetOf(fileSystem: FileSystem, path: string, baseOffset: number): number {
  const file = fileSystem.open(path)
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
