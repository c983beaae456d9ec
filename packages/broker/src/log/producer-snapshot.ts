/**
 * Producer snapshots: what `ProducerStates` holds, in a file named after the offset up to which it holds it. Taken when a
 * segment is full and on a clean stop, so that a start replays little. The layout, after Kafka's:
 *
 *     version int16 = 1 │ crc uint32 (CRC-32C of what follows) │ count int32 │ entries of 46 bytes:
 *     producerId int64, epoch int16, lastSequence int32, lastOffset int64, offsetDelta int32, timestamp int64,
 *     coordinatorEpoch int32, currentTxnFirstOffset int64
 *
 * A snapshot holds the last batch of each producer only.
 */
import { crc32c, readInt64, writeInt64 } from '@samsa/protocol'
import type { FileSystem } from '../storage/file-system.js'
import { replaceFile } from './checkpoints.js'
import type { ProducerEntry, ProducerStates } from './producer-state.js'
import { fileNameOf } from './segment.js'

const VERSION = 1
const CRC_AT = 2
const COUNT_AT = 6
const ENTRIES_AT = 10
const ENTRY_BYTES = 46

export interface SnapshotSource {
  readonly fileSystem: FileSystem
  readonly directory: string
  readonly nowMs: number
  /** Of the files in the directory, where they are known. */
  readonly names?: readonly string[]
}

export const SNAPSHOT_SUFFIX = '.snapshot'

export function snapshotPath(directory: string, offset: number): string {
  return `${directory}/${fileNameOf(offset)}${SNAPSHOT_SUFFIX}`
}

export function encodeSnapshot(producers: ProducerStates): Buffer {
  const bytes = Buffer.alloc(ENTRIES_AT + producers.size * ENTRY_BYTES)
  bytes.writeInt16BE(VERSION, 0)
  bytes.writeInt32BE(producers.size, COUNT_AT)
  let at = ENTRIES_AT
  for (const entry of producers.entries()) {
    const last = entry.batches.at(-1)
    writeInt64(bytes, at, entry.producerId)
    bytes.writeInt16BE(entry.producerEpoch, at + 8)
    bytes.writeInt32BE(last?.lastSequence ?? -1, at + 10)
    writeInt64(bytes, at + 14, last?.lastOffset ?? -1)
    bytes.writeInt32BE(last?.offsetDelta ?? 0, at + 22)
    writeInt64(bytes, at + 26, entry.lastTimestamp)
    bytes.writeInt32BE(entry.coordinatorEpoch, at + 34)
    writeInt64(bytes, at + 38, entry.currentTxnFirstOffset)
    at += ENTRY_BYTES
  }
  bytes.writeUInt32BE(crc32c(bytes, COUNT_AT), CRC_AT)
  return bytes
}

/** Undefined when the bytes are no intact snapshot. */
export function decodeSnapshot(bytes: Buffer): ProducerEntry[] | undefined {
  if (bytes.length < ENTRIES_AT || bytes.readInt16BE(0) !== VERSION) return undefined
  if (bytes.readUInt32BE(CRC_AT) !== crc32c(bytes, COUNT_AT)) return undefined
  const count = bytes.readInt32BE(COUNT_AT)
  if (count !== (bytes.length - ENTRIES_AT) / ENTRY_BYTES) return undefined
  return Array.from({ length: count }, (_, index) => entryAt(bytes, ENTRIES_AT + index * ENTRY_BYTES))
}

/** Offsets of the snapshots in a directory, ascending. */
export function snapshotOffsets(names: readonly string[]): number[] {
  return names
    .filter(name => /^\d{20}\.snapshot$/.test(name))
    .map(name => Number(name.slice(0, 20)))
    .sort((left, right) => left - right)
}

export function writeSnapshot(
  fileSystem: FileSystem,
  directory: string,
  offset: number,
  producers: ProducerStates,
): void {
  replaceFile(fileSystem, snapshotPath(directory, offset), encodeSnapshot(producers))
}

/**
 * Fills `producers` from the newest usable snapshot that is not beyond `offset`, and returns where replaying must begin:
 * the snapshot's offset, or `startOffset` without one. Damaged snapshots are removed.
 */
export function loadSnapshot(
  source: SnapshotSource,
  producers: ProducerStates,
  startOffset: number,
  offset: number,
): number {
  const { fileSystem, directory, nowMs, names = fileSystem.list(directory) } = source
  producers.clear()
  for (const candidate of snapshotOffsets(names).reverse()) {
    if (candidate > offset) continue
    if (candidate < startOffset) break
    const path = snapshotPath(directory, candidate)
    const entries = decodeSnapshot(fileSystem.readFile(path))
    if (entries !== undefined) {
      producers.restore(entries, nowMs)
      return candidate
    }
    fileSystem.remove(path)
  }
  return startOffset
}

function entryAt(bytes: Buffer, at: number): ProducerEntry {
  const lastOffset = readInt64(bytes, at + 14)
  const lastTimestamp = readInt64(bytes, at + 26)
  const last = {
    lastSequence: bytes.readInt32BE(at + 10),
    lastOffset,
    offsetDelta: bytes.readInt32BE(at + 22),
    timestamp: lastTimestamp,
  }
  return {
    producerId: readInt64(bytes, at),
    producerEpoch: bytes.readInt16BE(at + 8),
    coordinatorEpoch: bytes.readInt32BE(at + 34),
    lastTimestamp,
    currentTxnFirstOffset: readInt64(bytes, at + 38),
    batches: lastOffset < 0 ? [] : [last],
  }
}
