/**
 * Records: control records.
 * Generated from schemas/records/control-records.ts by `npm run generate`: change it there.
 */
import type { Decoded } from '../../wire/decoded.js'
import type { Reader } from '../../wire/reader.js'
import type { UnknownTags } from '../../wire/tagged.js'
import { type Uuid, ZERO_UUID } from '../../wire/uuid.js'
import type { Writer } from '../../wire/writer.js'
import type { RecordType } from '../api.js'

/** The key of every control record. A consumer steps over types that it does not know. */
export interface ControlRecordTypeSchema {
  /** 0 abort, 1 commit, 2 leader change, 3 snapshot header, 4 snapshot footer, 5 kraft.version, 6 voters. */
  readonly type: number
}

function encodeControlRecordTypeSchema(writer: Writer, message: ControlRecordTypeSchema, _version: number): void {
  writer.int16(message.type)
}

function decodeControlRecordTypeSchema(reader: Reader, _version: number): Decoded<ControlRecordTypeSchema> {
  const type = reader.int16()
  return { type }
}

/** The key of every control record. A consumer steps over types that it does not know. */
export const controlRecordTypeSchema: RecordType<ControlRecordTypeSchema> = {
  name: 'ControlRecordTypeSchema',
  kind: 'data',
  id: -1,
  versions: { min: 0, max: 0, latestStable: 0 },
  flexibleFrom: -1,
  encode: encodeControlRecordTypeSchema,
  decode: decodeControlRecordTypeSchema,
}

/**
 * The value of an abort or commit marker, which ends a producer's transaction in one partition; which of the two, and
 * whose, stands in the key and in the batch's header.
 */
export interface EndTxnMarker {
  /**
   * The leader epoch of the partition of `__transaction_state` that the coordinator leads. A marker with a lower one
   * than the last is refused with TRANSACTION_COORDINATOR_FENCED.
   */
  readonly coordinatorEpoch: number
}

function encodeEndTxnMarker(writer: Writer, message: EndTxnMarker, _version: number): void {
  writer.int32(message.coordinatorEpoch)
}

function decodeEndTxnMarker(reader: Reader, _version: number): Decoded<EndTxnMarker> {
  const coordinatorEpoch = reader.int32()
  return { coordinatorEpoch }
}

/**
 * The value of an abort or commit marker, which ends a producer's transaction in one partition; which of the two, and
 * whose, stands in the key and in the batch's header.
 */
export const endTxnMarker: RecordType<EndTxnMarker> = {
  name: 'EndTxnMarker',
  kind: 'data',
  id: -1,
  versions: { min: 0, max: 0, latestStable: 0 },
  flexibleFrom: -1,
  encode: encodeEndTxnMarker,
  decode: decodeEndTxnMarker,
}

/**
 * The first record of every epoch of the metadata log. Once it is committed, so is everything before it: records of
 * earlier epochs count as committed only through it.
 */
export interface LeaderChangeMessage {
  /** Which version the message is written in. The other records of Raft say it in the same way. */
  readonly version: number
  readonly leaderId: number
  readonly voters: readonly LeaderChangeMessageVoter[]
  /** Those who elected the leader, itself among them. */
  readonly grantingVoters: readonly LeaderChangeMessageVoter[]
  readonly unknownTags?: UnknownTags
}

export interface LeaderChangeMessageVoter {
  readonly voterId: number
  /** Versions 1+. */
  readonly voterDirectoryId?: Uuid
  readonly unknownTags?: UnknownTags
}

function encodeLeaderChangeMessage(writer: Writer, message: LeaderChangeMessage, version: number): void {
  writer.int16(message.version)
  writer.int32(message.leaderId)
  const voters = message.voters
  writer.arrayLength(voters.length, true)
  for (const element of voters) encodeLeaderChangeMessageVoter(writer, element, version)
  const grantingVoters = message.grantingVoters
  writer.arrayLength(grantingVoters.length, true)
  for (const element of grantingVoters) encodeLeaderChangeMessageVoter(writer, element, version)
  writer.tagCount(0, message.unknownTags)
  writer.unknownTags(message.unknownTags)
}

function encodeLeaderChangeMessageVoter(writer: Writer, message: LeaderChangeMessageVoter, version: number): void {
  writer.int32(message.voterId)
  if (version >= 1) writer.uuid(message.voterDirectoryId ?? ZERO_UUID)
  else if (message.voterDirectoryId !== undefined && message.voterDirectoryId !== ZERO_UUID) throw writer.unsupported('voterDirectoryId', version)
  writer.tagCount(0, message.unknownTags)
  writer.unknownTags(message.unknownTags)
}

function decodeLeaderChangeMessage(reader: Reader, version: number): Decoded<LeaderChangeMessage> {
  const versionField = reader.int16()
  const leaderId = reader.int32()
  const voters: Decoded<LeaderChangeMessageVoter>[] = []
  for (let left = reader.arrayLength(true, 5); left > 0; left--) voters.push(decodeLeaderChangeMessageVoter(reader, version))
  const grantingVoters: Decoded<LeaderChangeMessageVoter>[] = []
  for (let left = reader.arrayLength(true, 5); left > 0; left--) grantingVoters.push(decodeLeaderChangeMessageVoter(reader, version))
  const unknownTags = reader.unknownTags()
  return { version: versionField, leaderId, voters, grantingVoters, unknownTags }
}

function decodeLeaderChangeMessageVoter(reader: Reader, version: number): Decoded<LeaderChangeMessageVoter> {
  const voterId = reader.int32()
  let voterDirectoryId: Uuid = ZERO_UUID
  if (version >= 1) voterDirectoryId = reader.uuid()
  const unknownTags = reader.unknownTags()
  return { voterId, voterDirectoryId, unknownTags }
}

/**
 * The first record of every epoch of the metadata log. Once it is committed, so is everything before it: records of
 * earlier epochs count as committed only through it.
 * - 1: Directory ids of the voters (KIP-853).
 */
export const leaderChangeMessage: RecordType<LeaderChangeMessage> = {
  name: 'LeaderChangeMessage',
  kind: 'self-versioned',
  id: -1,
  versions: { min: 0, max: 1, latestStable: 1 },
  flexibleFrom: 0,
  encode: encodeLeaderChangeMessage,
  decode: decodeLeaderChangeMessage,
}

/** The first record of a snapshot of the metadata log. */
export interface SnapshotHeaderRecord {
  readonly version: number
  /** Append time of the newest record that the snapshot stands for. */
  readonly lastContainedLogTimestamp: bigint
  readonly unknownTags?: UnknownTags
}

function encodeSnapshotHeaderRecord(writer: Writer, message: SnapshotHeaderRecord, _version: number): void {
  writer.int16(message.version)
  writer.int64(message.lastContainedLogTimestamp)
  writer.tagCount(0, message.unknownTags)
  writer.unknownTags(message.unknownTags)
}

function decodeSnapshotHeaderRecord(reader: Reader, _version: number): Decoded<SnapshotHeaderRecord> {
  const versionField = reader.int16()
  const lastContainedLogTimestamp = reader.int64()
  const unknownTags = reader.unknownTags()
  return { version: versionField, lastContainedLogTimestamp, unknownTags }
}

/** The first record of a snapshot of the metadata log. */
export const snapshotHeaderRecord: RecordType<SnapshotHeaderRecord> = {
  name: 'SnapshotHeaderRecord',
  kind: 'self-versioned',
  id: -1,
  versions: { min: 0, max: 0, latestStable: 0 },
  flexibleFrom: 0,
  encode: encodeSnapshotHeaderRecord,
  decode: decodeSnapshotHeaderRecord,
}

/** The last record of a snapshot: without it the snapshot is incomplete. */
export interface SnapshotFooterRecord {
  readonly version: number
  readonly unknownTags?: UnknownTags
}

function encodeSnapshotFooterRecord(writer: Writer, message: SnapshotFooterRecord, _version: number): void {
  writer.int16(message.version)
  writer.tagCount(0, message.unknownTags)
  writer.unknownTags(message.unknownTags)
}

function decodeSnapshotFooterRecord(reader: Reader, _version: number): Decoded<SnapshotFooterRecord> {
  const versionField = reader.int16()
  const unknownTags = reader.unknownTags()
  return { version: versionField, unknownTags }
}

/** The last record of a snapshot: without it the snapshot is incomplete. */
export const snapshotFooterRecord: RecordType<SnapshotFooterRecord> = {
  name: 'SnapshotFooterRecord',
  kind: 'self-versioned',
  id: -1,
  versions: { min: 0, max: 0, latestStable: 0 },
  flexibleFrom: 0,
  encode: encodeSnapshotFooterRecord,
  decode: decodeSnapshotFooterRecord,
}

/** Sets kraft.version for the log from here on. */
export interface KRaftVersionRecord {
  readonly version: number
  /** 0: the configuration of each controller names the voters. 1: the log does (KIP-853). */
  readonly kRaftVersion: number
  readonly unknownTags?: UnknownTags
}

function encodeKRaftVersionRecord(writer: Writer, message: KRaftVersionRecord, _version: number): void {
  writer.int16(message.version)
  writer.int16(message.kRaftVersion)
  writer.tagCount(0, message.unknownTags)
  writer.unknownTags(message.unknownTags)
}

function decodeKRaftVersionRecord(reader: Reader, _version: number): Decoded<KRaftVersionRecord> {
  const versionField = reader.int16()
  const kRaftVersion = reader.int16()
  const unknownTags = reader.unknownTags()
  return { version: versionField, kRaftVersion, unknownTags }
}

/** Sets kraft.version for the log from here on. */
export const kRaftVersionRecord: RecordType<KRaftVersionRecord> = {
  name: 'KRaftVersionRecord',
  kind: 'self-versioned',
  id: -1,
  versions: { min: 0, max: 0, latestStable: 0 },
  flexibleFrom: 0,
  encode: encodeKRaftVersionRecord,
  decode: decodeKRaftVersionRecord,
}

/** The whole set of voters from here on. A replica goes by it as soon as it is in its log, committed or not. */
export interface VotersRecord {
  readonly version: number
  readonly voters: readonly VotersRecordVoter[]
  readonly unknownTags?: UnknownTags
}

export interface VotersRecordVoter {
  readonly voterId: number
  readonly voterDirectoryId: Uuid
  /** One for every listener of the controller. */
  readonly endpoints: readonly VotersRecordEndpoint[]
  /** Which kraft.version the voter can work with. */
  readonly kRaftVersionFeature: VotersRecordKRaftVersionFeature
  readonly unknownTags?: UnknownTags
}

export interface VotersRecordEndpoint {
  readonly name: string
  readonly host: string
  readonly port: number
  readonly unknownTags?: UnknownTags
}

export interface VotersRecordKRaftVersionFeature {
  readonly minSupportedVersion: number
  readonly maxSupportedVersion: number
  readonly unknownTags?: UnknownTags
}

function encodeVotersRecord(writer: Writer, message: VotersRecord, version: number): void {
  writer.int16(message.version)
  const voters = message.voters
  writer.arrayLength(voters.length, true)
  for (const element of voters) encodeVotersRecordVoter(writer, element, version)
  writer.tagCount(0, message.unknownTags)
  writer.unknownTags(message.unknownTags)
}

function encodeVotersRecordVoter(writer: Writer, message: VotersRecordVoter, version: number): void {
  writer.int32(message.voterId)
  writer.uuid(message.voterDirectoryId)
  const endpoints = message.endpoints
  writer.arrayLength(endpoints.length, true)
  for (const element of endpoints) encodeVotersRecordEndpoint(writer, element, version)
  encodeVotersRecordKRaftVersionFeature(writer, message.kRaftVersionFeature, version)
  writer.tagCount(0, message.unknownTags)
  writer.unknownTags(message.unknownTags)
}

function encodeVotersRecordEndpoint(writer: Writer, message: VotersRecordEndpoint, _version: number): void {
  writer.string(message.name, true)
  writer.string(message.host, true)
  writer.uint16(message.port)
  writer.tagCount(0, message.unknownTags)
  writer.unknownTags(message.unknownTags)
}

function encodeVotersRecordKRaftVersionFeature(writer: Writer, message: VotersRecordKRaftVersionFeature, _version: number): void {
  writer.int16(message.minSupportedVersion)
  writer.int16(message.maxSupportedVersion)
  writer.tagCount(0, message.unknownTags)
  writer.unknownTags(message.unknownTags)
}

function decodeVotersRecord(reader: Reader, version: number): Decoded<VotersRecord> {
  const versionField = reader.int16()
  const voters: Decoded<VotersRecordVoter>[] = []
  for (let left = reader.arrayLength(true, 27); left > 0; left--) voters.push(decodeVotersRecordVoter(reader, version))
  const unknownTags = reader.unknownTags()
  return { version: versionField, voters, unknownTags }
}

function decodeVotersRecordVoter(reader: Reader, version: number): Decoded<VotersRecordVoter> {
  const voterId = reader.int32()
  const voterDirectoryId = reader.uuid()
  const endpoints: Decoded<VotersRecordEndpoint>[] = []
  for (let left = reader.arrayLength(true, 5); left > 0; left--) endpoints.push(decodeVotersRecordEndpoint(reader, version))
  const kRaftVersionFeature = decodeVotersRecordKRaftVersionFeature(reader, version)
  const unknownTags = reader.unknownTags()
  return { voterId, voterDirectoryId, endpoints, kRaftVersionFeature, unknownTags }
}

function decodeVotersRecordEndpoint(reader: Reader, _version: number): Decoded<VotersRecordEndpoint> {
  const name = reader.string(true)
  const host = reader.string(true)
  const port = reader.uint16()
  const unknownTags = reader.unknownTags()
  return { name, host, port, unknownTags }
}

function decodeVotersRecordKRaftVersionFeature(reader: Reader, _version: number): Decoded<VotersRecordKRaftVersionFeature> {
  const minSupportedVersion = reader.int16()
  const maxSupportedVersion = reader.int16()
  const unknownTags = reader.unknownTags()
  return { minSupportedVersion, maxSupportedVersion, unknownTags }
}

/** The whole set of voters from here on. A replica goes by it as soon as it is in its log, committed or not. */
export const votersRecord: RecordType<VotersRecord> = {
  name: 'VotersRecord',
  kind: 'self-versioned',
  id: -1,
  versions: { min: 0, max: 0, latestStable: 0 },
  flexibleFrom: 0,
  encode: encodeVotersRecord,
  decode: decodeVotersRecord,
}

/** All of them, in the order of their schemas. */
export const controlRecordsTypes: readonly RecordType[] = [
  controlRecordTypeSchema,
  endTxnMarker,
  leaderChangeMessage,
  snapshotHeaderRecord,
  snapshotFooterRecord,
  kRaftVersionRecord,
  votersRecord,
]
