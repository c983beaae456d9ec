/**
 * What the quorum writes beside the metadata itself: the control batch that starts a term, the snapshot files, and the
 * small file that remembers the vote. A quorum of one, in the form that Kafka's own quorum has. Pure but for the reads.
 */
import {
  BatchBuilder,
  batchesIn,
  ControlType,
  controlKey,
  controlTypeOf,
  decodeVersioned,
  encodeVersioned,
  kRaftVersionRecord,
  leaderChangeMessage,
  RecordBatch,
  snapshotFooterRecord,
  snapshotHeaderRecord,
  type Uuid,
  votersRecord,
  ZERO_UUID,
} from '@samsa/protocol'
import { KafkaError } from '@samsa/runtime'
import type { FileSystem } from '../storage/file-system.js'

/** The level of kraft.version: voters are known by their directory too, and stand in the log. */
export const KRAFT_VERSION = 1

/** The one voter. */
export interface Voter {
  readonly nodeId: number
  readonly directoryId: Uuid
  readonly endpoints: readonly { readonly name: string; readonly host: string; readonly port: number }[]
}

/** The batch that a term starts with. The first term of a log also says who votes, and how. */
export function termStartBatch(voter: Voter, timestamp: number, isFirstTerm: boolean): Buffer {
  const self = [{ voterId: voter.nodeId }]
  const leaderChange = { version: 0, leaderId: voter.nodeId, voters: self, grantingVoters: self }
  const builder = new BatchBuilder({ capacity: 256 })
  const leader = encodeVersioned(leaderChangeMessage, leaderChange, 0)
  builder.append(timestamp, controlKey(ControlType.leaderChange), leader)
  if (isFirstTerm) appendVoters(builder, voter, timestamp)
  return builder.close({ isControl: true })
}

export interface SnapshotContent {
  /** Undefined where the voters stand in a configuration file: before kraft.version 1. */
  readonly voter: Voter | undefined
  readonly timestamp: number
  /** When the last record was written that is in it. */
  readonly lastTimestamp: number
  readonly epoch: number
  readonly records: Iterable<Uint8Array>
}

/** A snapshot, from its header to its footer. Its own offsets count from 0 and mean nothing. */
export function snapshotBytes({ voter, timestamp, lastTimestamp, epoch, records }: SnapshotContent): Buffer {
  const batches: Buffer[] = []
  let baseOffset = 0
  const close = (builder: BatchBuilder, count: number, isControl: boolean): void => {
    batches.push(builder.close({ isControl, leaderEpoch: epoch, baseOffset }))
    baseOffset += count
  }
  const head = new BatchBuilder({ capacity: 256 })
  const header = { version: 0, lastContainedLogTimestamp: BigInt(lastTimestamp) }
  head.append(timestamp, controlKey(ControlType.snapshotHeader), encodeVersioned(snapshotHeaderRecord, header, 0))
  if (voter !== undefined) appendVoters(head, voter, timestamp)
  close(head, voter === undefined ? 1 : 3, true)
  for (const part of partsOf(records, RECORDS_PER_SNAPSHOT_BATCH)) {
    const body = new BatchBuilder({ capacity: 64 * part.length })
    for (const value of part) body.append(timestamp, null, value)
    close(body, part.length, false)
  }
  const foot = new BatchBuilder({ capacity: 128 })
  const footer = encodeVersioned(snapshotFooterRecord, { version: 0 }, 0)
  foot.append(timestamp, controlKey(ControlType.snapshotFooter), footer)
  close(foot, 1, true)
  return Buffer.concat(batches)
}

const RECORDS_PER_SNAPSHOT_BATCH = 1024

function* partsOf<T>(items: Iterable<T>, size: number): Generator<T[]> {
  let part: T[] = []
  for (const item of items) {
    part.push(item)
    if (part.length < size) continue
    yield part
    part = []
  }
  if (part.length > 0) yield part
}

/** The level of kraft.version that a control batch sets; undefined when it sets none. */
export function kraftVersionIn(batch: RecordBatch): number | undefined {
  let level: number | undefined
  const records = batch.records()
  while (records.next()) {
    const value = records.value()
    if (value !== null && controlTypeOf(records) === ControlType.kraftVersion) {
      level = decodeVersioned(kRaftVersionRecord, value).kRaftVersion
    }
  }
  return level
}

export interface SnapshotName {
  readonly file: string
  /** The first offset that is not in it. */
  readonly endOffset: number
  readonly epoch: number
}

export function snapshotFile(endOffset: number, epoch: number): string {
  return `${String(endOffset).padStart(20, '0')}-${String(epoch).padStart(10, '0')}.checkpoint`
}

/** The snapshots among the files of a directory, oldest first. */
export function snapshotsIn(files: readonly string[]): SnapshotName[] {
  const names: SnapshotName[] = []
  for (const file of files) {
    const [, offset, epoch] = /^(\d{20})-(\d{10})\.checkpoint$/.exec(file) ?? []
    if (offset !== undefined && epoch !== undefined)
      names.push({ file, endOffset: Number(offset), epoch: Number(epoch) })
  }
  return names.sort((left, right) => left.endOffset - right.endOffset || left.epoch - right.epoch)
}

/** The newest snapshot among the files of a directory. */
export function newestSnapshot(files: readonly string[]): SnapshotName | undefined {
  return snapshotsIn(files).at(-1)
}

/** The batches of a snapshot, in order, the quorum's own with them. Refuses one without an end. */
export function* snapshotBatches(bytes: Uint8Array, file: string): Generator<RecordBatch, void, undefined> {
  let isWhole = false
  for (const batch of batchesIn(bytes)) {
    if (!(batch instanceof RecordBatch)) throw damaged(file, 'it holds a batch of an old format')
    batch.checkCrc()
    isWhole ||= batch.isControl && hasFooter(batch)
    yield batch
  }
  if (!isWhole) throw damaged(file, 'its end is missing')
}

function hasFooter(batch: RecordBatch): boolean {
  const records = batch.records()
  while (records.next()) if (controlTypeOf(records) === ControlType.snapshotFooter) return true
  return false
}

const QUORUM_STATE = 'quorum-state'

/** The epoch of the last term that the vote file knows of; 0 without a file. */
export function readQuorumEpoch(fileSystem: FileSystem, directory: string): number {
  const path = `${directory}/${QUORUM_STATE}`
  if (!fileSystem.exists(path)) return 0
  const text = fileSystem.readFile(path).toString('utf8')
  const epoch = leaderEpochIn(text)
  if (epoch === undefined) {
    throw new KafkaError(`${path} is damaged: no leaderEpoch can be read from '${text.slice(0, 200)}'`, {
      code: 'KAFKA_STORAGE_ERROR',
    })
  }
  return epoch
}

export function writeQuorumState(fileSystem: FileSystem, directory: string, leaderId: number, epoch: number): void {
  const state = { leaderId, leaderEpoch: epoch, votedId: -1, votedDirectoryId: ZERO_UUID, data_version: 1 }
  fileSystem.writeFileAtomically(`${directory}/${QUORUM_STATE}`, Buffer.from(JSON.stringify(state)))
}

function appendVoters(builder: BatchBuilder, voter: Voter, timestamp: number): void {
  const version = { version: 0, kRaftVersion: KRAFT_VERSION }
  builder.append(timestamp, controlKey(ControlType.kraftVersion), encodeVersioned(kRaftVersionRecord, version, 0))
  const voters = {
    version: 0,
    voters: [
      {
        voterId: voter.nodeId,
        voterDirectoryId: voter.directoryId,
        endpoints: voter.endpoints,
        kRaftVersionFeature: { minSupportedVersion: 0, maxSupportedVersion: KRAFT_VERSION },
      },
    ],
  }
  builder.append(timestamp, controlKey(ControlType.kraftVoters), encodeVersioned(votersRecord, voters, 0))
}

function leaderEpochIn(text: string): number | undefined {
  try {
    const state: unknown = JSON.parse(text)
    if (typeof state !== 'object' || state === null || !('leaderEpoch' in state)) return undefined
    const epoch = state.leaderEpoch
    return typeof epoch === 'number' && Number.isInteger(epoch) && epoch >= 0 ? epoch : undefined
  } catch {
    return undefined
  }
}

function damaged(file: string, why: string): KafkaError {
  return new KafkaError(`the metadata snapshot ${file} is damaged: ${why}`, { code: 'KAFKA_STORAGE_ERROR' })
}
