/**
 * A segment that our builder wrote, read by Kafka's own kafka-dump-log: every checksum, codec, record and marker.
 * Runs where SAMSA_KAFKA_BIN names a launcher of Kafka's tools.
 */
import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { BatchBuilder, codecById, endTransactionBatch } from '@samsa/protocol'
import { describe, expect, test } from 'vitest'

const LAUNCHER = process.env['SAMSA_KAFKA_BIN'] || undefined
const TIMESTAMP = 1_700_000_000_000
const PRODUCER_ID = 4711

interface Expected {
  readonly offset: number
  readonly key: string | null
  readonly value: string | null
  /** Keys only: the tool does not print more. */
  readonly headers: readonly string[]
}

/** One batch a codec, then a committed and an aborted transaction. */
function segment(): { readonly bytes: Buffer; readonly records: Expected[] } {
  const batches: Buffer[] = []
  const records: Expected[] = []
  let offset = 0
  let sequence = 0
  const addBatch = (compression: number, isTransactional: boolean): void => {
    const builder = new BatchBuilder({ compression })
    const baseOffset = offset
    for (let index = 0; index < 50; index++, offset++) {
      const key = index % 7 === 0 ? null : `key-${index}`
      const value = index % 11 === 0 ? null : `value-${compression}-${index}-${'grüße '.repeat(index)}end`
      const headers = index % 5 === 0 ? [{ key: 'trace', value: `t${index}` }] : []
      builder.append(TIMESTAMP + index, key, value, headers)
      records.push({ offset, key, value, headers: headers.map(header => header.key) })
    }
    const producer = { producerId: PRODUCER_ID, producerEpoch: 2, baseSequence: sequence }
    sequence += 50
    batches.push(builder.close({ baseOffset, leaderEpoch: 3, producer, isTransactional }))
  }
  for (let codec = 0; codec <= 4; codec++) if (codecById(codec).canCompress() === true) addBatch(codec, false)
  for (const isCommit of [true, false]) {
    addBatch(0, true)
    const marker = {
      producerId: PRODUCER_ID,
      producerEpoch: 2,
      coordinatorEpoch: 6,
      timestamp: TIMESTAMP,
      leaderEpoch: 3,
    }
    batches.push(endTransactionBatch({ ...marker, isCommit, baseOffset: offset++ }))
  }
  return { bytes: Buffer.concat(batches), records }
}

describe("Kafka's own tool reads what we write", () => {
  test.skipIf(LAUNCHER === undefined)(
    'kafka-dump-log finds every batch valid and every record as written (needs SAMSA_KAFKA_BIN)',
    () => {
      if (LAUNCHER === undefined) return
      const folder = mkdtempSync(join(tmpdir(), 'samsa-dump-log-'))
      try {
        const file = join(folder, '00000000000000000000.log')
        const { bytes, records } = segment()
        writeFileSync(file, bytes)
        const output = execFileSync(
          LAUNCHER,
          ['tool', 'kafka-dump-log', '--deep-iteration', '--print-data-log', '--files', file],
          { encoding: 'utf8', maxBuffer: 64 * 1024 * 1024 },
        )
        const lines = output.split('\n')
        const batchLines = lines.filter(line => line.startsWith('baseOffset:'))
        expect(batchLines.length).toBeGreaterThanOrEqual(7)
        for (const line of batchLines) expect(line).toContain('isvalid: true')
        for (const codec of ['none', 'gzip', 'snappy', 'lz4', 'zstd']) {
          if (codec !== 'lz4' && codec !== 'zstd')
            expect(batchLines.some(line => line.includes(`compresscodec: ${codec}`))).toBe(true)
        }
        const data = lines.filter(line => line.startsWith('| offset:'))
        expect(data.filter(line => line.includes('endTxnMarker: COMMIT coordinatorEpoch: 6'))).toHaveLength(1)
        expect(data.filter(line => line.includes('endTxnMarker: ABORT coordinatorEpoch: 6'))).toHaveLength(1)
        const seen = data.filter(line => !line.includes('endTxnMarker')).map(recordOf)
        expect(seen).toEqual(records)
      } finally {
        rmSync(folder, { recursive: true })
      }
    },
  )
})

function recordOf(line: string): Expected {
  const offset = Number(/offset: (\d+)/.exec(line)?.[1])
  const headers = /headerKeys: \[([^\]]*)\]/.exec(line)?.[1] ?? ''
  const key = / key: (.*?)(?= payload:|$)/.exec(line)?.[1] ?? null
  const value = / payload: (.*)$/.exec(line)?.[1] ?? null
  return { offset, key, value, headers: headers === '' ? [] : headers.split(',') }
}
