/** Log files that a real Kafka wrote, read with our batches and codecs and written again. */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import {
  BatchBuilder,
  batchesIn,
  ControlType,
  classicGroupTypes,
  codecById,
  consumerGroupTypes,
  controlRecordsTypes,
  controlTypeOf,
  coordinatorKeyType,
  decodeVersioned,
  encodeVersioned,
  endTransactionBatch,
  endTransactionOf,
  metadataLogTypes,
  metadataRecordType,
  RecordBatch,
  type RecordCursor,
  type RecordType,
  transactionLogTypes,
} from '@samsa/protocol'
import { describe, expect, test } from 'vitest'

const LOG_DIR = fileURLToPath(new URL('../golden/log-dir/', import.meta.url))

const files = readdirSync(LOG_DIR, { recursive: true, encoding: 'utf8' })
  .filter(file => file.endsWith('.log') || file.endsWith('.checkpoint'))
  .filter(file => file.includes('/'))
  .sort()

function batchesOf(file: string): RecordBatch[] {
  return [...batchesIn(readFileSync(join(LOG_DIR, file)))].map(batch => {
    if (batch instanceof RecordBatch) return batch
    throw new Error(`${file} holds a batch of magic ${batch.magic}`)
  })
}

function walk(batch: RecordBatch, visit: (record: RecordCursor) => void): void {
  for (const cursor = batch.records(); cursor.next(); ) visit(cursor)
}

/** The same records in a batch of our own making, uncompressed where `compression` is not given. */
function rebuild(batch: RecordBatch, compression = 0): Buffer {
  const builder = new BatchBuilder({ compression })
  walk(batch, record =>
    builder.appendAt(
      record.offset - batch.baseOffset,
      record.timestamp,
      record.key(),
      record.value(),
      record.headers(),
    ),
  )
  const { producerId, producerEpoch, baseSequence } = batch
  return builder.close({
    producer: { producerId, producerEpoch, baseSequence },
    isTransactional: batch.isTransactional,
    isControl: batch.isControl,
    baseOffset: batch.baseOffset,
    leaderEpoch: batch.leaderEpoch,
    lastOffsetDelta: batch.lastOffsetDelta,
    ...(batch.isLogAppendTime ? { appendTimeMs: batch.maxTimestamp } : {}),
  })
}

const CODEC_NAMES = ['none', 'gzip', 'snappy', 'lz4', 'zstd']

describe('log files of a real Kafka', () => {
  test('hold the batches that its own tool lists, header field for header field', () => {
    const listed = readFileSync(join(LOG_DIR, '../log-dir-batches.txt'), 'utf8')
      .split('\n')
      .filter(line => line !== '' && !line.startsWith('#') && !line.startsWith('file\t'))
    const bool = (value: boolean): string => (value ? 'True' : 'False')
    const lines = files.flatMap(file => {
      let position = 0
      return batchesOf(file).map(batch => {
        batch.checkCrc()
        const fields = [
          file,
          position,
          batch.bytes.length,
          batch.baseOffset,
          batch.lastOffset,
          batch.recordCount,
          CODEC_NAMES[batch.compression],
        ]
        fields.push(
          batch.isLogAppendTime ? 'LogAppendTime' : 'CreateTime',
          bool(batch.isTransactional),
          bool(batch.isControl),
        )
        fields.push(
          batch.producerId,
          batch.producerEpoch,
          batch.baseSequence,
          batch.leaderEpoch,
          batch.baseTimestamp,
          batch.maxTimestamp,
        )
        position += batch.bytes.length
        return [...fields, batch.crc.toString(16).padStart(8, '0')].join('\t')
      })
    })
    expect(lines.filter(line => !line.includes('.checkpoint')).sort()).toEqual(
      listed.filter(line => !line.includes('.checkpoint')).sort(),
    )
    expect(listed.length).toBeGreaterThan(100)
  })

  test.each(files)('%s: every uncompressed batch is written again to the same bytes', file => {
    // Where the log stamped the records their own timestamps are in the bytes, but nobody can ask for them.
    for (const batch of batchesOf(file).filter(each => each.compression === 0 && !each.isLogAppendTime)) {
      expect(rebuild(batch).toString('hex'), `batch at ${batch.baseOffset}`).toBe(batch.bytes.toString('hex'))
    }
  })

  test('every codec is there, and what it holds survives each of ours', () => {
    const compressed = files.flatMap(batchesOf).filter(batch => batch.compression !== 0)
    expect([...new Set(compressed.map(batch => batch.compression))].sort()).toEqual([1, 2, 3, 4])
    for (const batch of compressed) {
      const plain = rebuild(batch)
      for (let codec = 1; codec <= 4; codec++) {
        if (codecById(codec).canCompress() !== true) continue
        const again = new RecordBatch(rebuild(batch, codec))
        again.checkCrc()
        expect(again.compression).toBe(codec)
        expect(rebuild(again).equals(plain)).toBe(true)
      }
    }
  })

  test('events-0: keys, values, headers, nulls and empties are what was sent', () => {
    const seen: string[] = []
    for (const file of files.filter(each => each.startsWith('events-0/'))) {
      for (const batch of batchesOf(file).filter(each => !each.isControl)) {
        walk(batch, record => {
          if (record.headerCount > 0) {
            const headers = record.headers()
            expect(headers).toHaveLength(3)
            expect(headers.some(header => header.value === null)).toBe(true)
            expect(headers.some(header => header.value?.length === 0)).toBe(true)
          }
          if (record.key() === null) seen.push('null key')
          if (record.value() === null) seen.push('null value')
        })
      }
    }
    expect(seen.filter(each => each === 'null key').length).toBeGreaterThanOrEqual(5)
    expect(seen.filter(each => each === 'null value').length).toBeGreaterThanOrEqual(5)
  })

  test('transaction markers say commit and abort, and ours are the same bytes', () => {
    const ends: boolean[] = []
    for (const batch of files.flatMap(batchesOf).filter(each => each.isControl && each.isTransactional)) {
      walk(batch, record => {
        const end = endTransactionOf(record)
        if (end === undefined) throw new Error(`control type ${controlTypeOf(record)} in a transactional batch`)
        ends.push(end.isCommit)
        const { producerId, producerEpoch, baseOffset, leaderEpoch } = batch
        const ours = endTransactionBatch({
          ...end,
          producerId,
          producerEpoch,
          baseOffset,
          leaderEpoch,
          timestamp: record.timestamp,
        })
        expect(ours.toString('hex')).toBe(batch.bytes.toString('hex'))
      })
    }
    expect(ends).toContain(true)
    expect(ends).toContain(false)
  })
})

/** Decodes and encodes again; returns the name of the type that it was. */
function again(types: readonly RecordType[], id: number, kind: RecordType['kind'], bytes: Uint8Array): string {
  const type = types.find(each => each.id === id && each.kind === kind)
  if (type === undefined) throw new Error(`no ${kind} record has the number ${id}`)
  const message = decodeVersioned(type, bytes)
  const version =
    kind === 'metadata'
      ? (bytes[2] ?? 0)
      : kind === 'coordinator-key'
        ? type.versions.max
        : Buffer.from(bytes).readInt16BE()
  expect(Buffer.from(encodeVersioned(type, message, version)).toString('hex'), type.name).toBe(
    Buffer.from(bytes).toString('hex'),
  )
  return type.name
}

function keysAndValues(folder: string, types: readonly RecordType[]): Set<string> {
  const names = new Set<string>()
  for (const batch of files.filter(file => file.startsWith(folder)).flatMap(batchesOf)) {
    if (batch.isControl) continue
    walk(batch, record => {
      const key = record.key()
      const value = record.value()
      if (key === null) throw new Error('a coordinator record without a key')
      const id = coordinatorKeyType(key)
      names.add(again(types, id, 'coordinator-key', key))
      if (value !== null) names.add(again(types, id, 'coordinator-value', value))
    })
  }
  return names
}

describe("the coordinators' and the controller's logs", () => {
  test('group and offset records are written again to the same bytes', () => {
    const names = keysAndValues('__consumer_offsets', [...classicGroupTypes, ...consumerGroupTypes])
    for (const name of [
      'OffsetCommitKey',
      'OffsetCommitValue',
      'GroupMetadataValue',
      'ConsumerGroupMetadataValue',
      'ConsumerGroupCurrentMemberAssignmentValue',
    ]) {
      expect(names).toContain(name)
    }
  })

  test('transaction records are written again to the same bytes', () => {
    expect(keysAndValues('__transaction_state', transactionLogTypes)).toEqual(
      new Set(['TransactionLogKey', 'TransactionLogValue']),
    )
  })

  test("the controller's records and control records are written again to the same bytes", () => {
    const names = new Set<string>()
    for (const batch of files.filter(file => file.startsWith('__cluster_metadata')).flatMap(batchesOf)) {
      walk(batch, record => {
        const value = record.value()
        if (value === null) throw new Error('a metadata record without a value')
        if (!batch.isControl) names.add(again(metadataLogTypes, metadataRecordType(value), 'metadata', value))
        else names.add(controlAgain(controlTypeOf(record), value))
      })
    }
    for (const name of [
      'TopicRecord',
      'PartitionRecord',
      'FeatureLevelRecord',
      'RegisterBrokerRecord',
      'LeaderChangeMessage',
      'SnapshotHeaderRecord',
      'VotersRecord',
    ]) {
      expect(names).toContain(name)
    }
  })
})

const CONTROL_NAMES: Record<number, string> = {
  [ControlType.leaderChange]: 'LeaderChangeMessage',
  [ControlType.snapshotHeader]: 'SnapshotHeaderRecord',
  [ControlType.snapshotFooter]: 'SnapshotFooterRecord',
  [ControlType.kraftVersion]: 'KRaftVersionRecord',
  [ControlType.kraftVoters]: 'VotersRecord',
}

function controlAgain(controlType: number, value: Uint8Array): string {
  const type = controlRecordsTypes.find(each => each.name === CONTROL_NAMES[controlType])
  if (type === undefined) throw new Error(`control type ${controlType} is not known`)
  const message = decodeVersioned(type, value)
  expect(Buffer.from(encodeVersioned(type, message, Buffer.from(value).readInt16BE())).equals(value), type.name).toBe(
    true,
  )
  return type.name
}
