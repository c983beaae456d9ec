/**
 * The same logs, compacted by a real Kafka and by us: the same batches with the same headers stay, and where nothing is
 * compressed, log and indexes have the same bytes. Kafka takes over a directory that lies ready when it makes a partition.
 * Kafka's own tool then reads what we left. Runs where SAMSA_KAFKA_BIN names a launcher of Kafka.
 */
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { DiskFileSystem } from '@samsa/broker/internal'
import { batchesIn, createTopics, RecordBatch } from '@samsa/protocol'
import { ManualClock } from '@samsa/runtime'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { eventually } from '../behaviour/eventually.js'
import { COMPACTION, compact, DEDUPE_BUFFER_BYTES, DirtyLogWriter, openLog } from './dirty-log.js'
import { mustRun } from './program.js'
import { connectTo } from './stored-batches.js'
import { type TemporaryFolder, temporaryFolder } from './temporary-folder.js'

const LAUNCHER = process.env['SAMSA_KAFKA_BIN'] ?? ''
const TIMEOUT_MS = 120_000
const DELETE_RETENTION_MS = Number(COMPACTION['delete.retention.ms'])
const SEGMENT_FILE = /^\d{20}\.(?:log|index|timeindex|txnindex)$/

interface Case {
  readonly topic: string
  readonly isCompressed: boolean
  /** Compacted by us before, long enough ago for tombstones and markers to go. */
  readonly isSecond: boolean
  /** A transaction that is open holds up what may be compacted. */
  readonly hasOpenTransaction: boolean
  /** More than fit into the cleaner's memory: it takes several passes. */
  readonly hasManyKeys: boolean
}

interface Input {
  /** Up to where it was compacted already. */
  readonly cleanedTo: number | undefined
  /** Up to where it can be. */
  readonly endOffset: number
}

const PLAIN = { isCompressed: false, isSecond: false, hasOpenTransaction: false, hasManyKeys: false }

const CASES: readonly Case[] = [
  { ...PLAIN, topic: 'first' },
  { ...PLAIN, topic: 'second', isSecond: true },
  { ...PLAIN, topic: 'open', isSecond: true, hasOpenTransaction: true },
  { ...PLAIN, topic: 'compressed', isSecond: true, isCompressed: true },
  { ...PLAIN, topic: 'many-keys', hasManyKeys: true },
]

let folder: TemporaryFolder
let kafkaFolder: string

async function writeInput(directory: string, each: Case): Promise<Input> {
  // Kafka forgets producers by the machine's clock, so the log must be of today. Its content follows from the seed alone.
  const clock = new ManualClock({ startMs: Date.now() - 7_200_000 })
  mkdirSync(directory, { recursive: true })
  const log = openLog({ fileSystem: new DiskFileSystem(), directory, clock })
  const writer = new DirtyLogWriter(log, clock, each.topic, each.isCompressed)
  if (each.hasManyKeys) writer.writeManyKeys(100)
  else writer.writeWithoutKeys(10)
  await writer.write(each.hasManyKeys ? 0 : 300)
  if (each.isSecond) {
    for (let round = 0; round < 2; round++) {
      writer.endTransactions()
      await writer.write(40)
      await compact(log, clock)
      await clock.advance(DELETE_RETENTION_MS)
    }
    await writer.write(300)
  }
  if (!each.hasOpenTransaction) {
    writer.endTransactions()
    await writer.write(0)
  }
  const input = { cleanedTo: log.cleaning.cleanedTo, endOffset: log.cleaning.rangeAt(clock.now()).endOffset }
  await log.prepareClose()
  log.close()
  return input
}

async function compactHere(directory: string, { cleanedTo }: Input, nowMs: number): Promise<number | undefined> {
  const clock = new ManualClock({ startMs: nowMs })
  const log = openLog({ fileSystem: new DiskFileSystem(), directory, clock, cleanedTo })
  await compact(log, clock)
  const end = log.cleaning.cleanedTo
  await log.prepareClose()
  log.close()
  return end
}

/** Files of all segments but the active one. */
function segmentFiles(directory: string): string[] {
  const names = readdirSync(directory)
    .filter(name => SEGMENT_FILE.test(name))
    .sort()
  const active =
    names
      .filter(name => name.endsWith('.log'))
      .at(-1)
      ?.slice(0, 20) ?? ''
  return names.filter(name => !name.startsWith(active))
}

/** Everything that a segment's batches say, but for bytes that another encoder compresses differently. */
function batchesOf(path: string): unknown[] {
  return Array.from(batchesIn(readFileSync(path)), each => {
    const batch = new RecordBatch(each.bytes)
    batch.checkCrc()
    const { baseOffset, lastOffset, leaderEpoch, attributes, baseTimestamp, maxTimestamp } = batch
    const { producerId, producerEpoch, baseSequence, recordCount } = batch
    const header = { baseOffset, lastOffset, leaderEpoch, attributes, baseTimestamp, maxTimestamp }
    const records: unknown[] = []
    for (const cursor = batch.records(); cursor.next(); ) {
      const headers = cursor.headers().map(({ key, value }) => [key, String(value)])
      records.push([cursor.offset, cursor.timestamp, cursor.keyText(), cursor.valueText(), headers])
    }
    return { ...header, producerId, producerEpoch, baseSequence, recordCount, records }
  })
}

/** When Kafka compacted: the latest horizon that it set says it. */
function cleanedAtMs(directory: string): number {
  const logs = segmentFiles(directory).filter(name => name.endsWith('.log'))
  const horizons = logs.flatMap(name =>
    Array.from(
      batchesIn(readFileSync(join(directory, name))),
      each => new RecordBatch(each.bytes).deleteHorizonMs ?? 0,
    ),
  )
  return Math.max(DELETE_RETENTION_MS, ...horizons) - DELETE_RETENTION_MS
}

async function freePort(): Promise<number> {
  for (;;) {
    const server = createServer()
    await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
    const address = server.address()
    await new Promise(resolve => server.close(resolve))
    // The controller listens a thousand further on.
    if (typeof address === 'object' && address !== null && address.port < 60_000) return address.port
  }
}

async function createCompacted(address: string, topic: string): Promise<void> {
  const connection = await connectTo(address)
  try {
    const configs = Object.entries(COMPACTION).map(([name, value]) => ({ name, value }))
    const { topics } = await connection.request(createTopics, 5, {
      topics: [{ name: topic, numPartitions: 1, replicationFactor: 1, assignments: [], configs }],
      timeoutMs: 10_000,
      validateOnly: false,
    })
    expect(topics.map(({ errorCode, errorMessage }) => [errorCode, errorMessage])).toEqual([[0, null]])
  } finally {
    connection.close()
  }
}

describe.skipIf(LAUNCHER === '')('beside a real Kafka (needs SAMSA_KAFKA_BIN)', { timeout: TIMEOUT_MS }, () => {
  const inputs = new Map<string, Input>()
  let data: string
  let checkpoint: string

  beforeAll(async () => {
    folder = temporaryFolder()
    kafkaFolder = join(folder.path, 'kafka')
    for (const each of CASES) inputs.set(each.topic, await writeInput(join(folder.path, each.topic), each))
    const port = await freePort()
    const settings = ['log.cleaner.backoff.ms=200', `log.cleaner.dedupe.buffer.size=${DEDUPE_BUFFER_BYTES}`]
    const configs = settings.flatMap(setting => ['--config', setting])
    const started = await mustRun(LAUNCHER, ['start', '--port', String(port), '--dir', kafkaFolder, ...configs])
    const address = String(started).trim()
    data = join(kafkaFolder, 'node-1/data')
    checkpoint = join(data, 'cleaner-offset-checkpoint')
    const known = CASES.flatMap(({ topic }) => {
      const cleanedTo = inputs.get(topic)?.cleanedTo
      return cleanedTo === undefined ? [] : [`${topic} 0 ${cleanedTo}`]
    })
    for (const { topic } of CASES) {
      cpSync(join(folder.path, topic), join(data, `${topic}-0`), { recursive: true })
      // Kafka writes the id that it gives the topic.
      rmSync(join(data, `${topic}-0`, 'partition.metadata'))
    }
    writeFileSync(checkpoint, ['0', String(known.length), ...known, ''].join('\n'))
    for (const { topic } of CASES) await createCompacted(address, topic)
  }, TIMEOUT_MS)

  afterAll(async () => {
    await mustRun(LAUNCHER, ['stop', '--dir', kafkaFolder, '--kill']).catch(() => {})
    folder.remove()
  })

  test.each(CASES)('$topic: the same stays, in the same batches and files', async each => {
    const kafkas = join(data, `${each.topic}-0`)
    const ours = join(folder.path, `${each.topic}-ours`)
    const input = inputs.get(each.topic) ?? { cleanedTo: undefined, endOffset: -1 }
    await eventually(async () => {
      const lines = existsSync(checkpoint) ? readFileSync(checkpoint, 'utf8').split('\n') : []
      return lines.includes(`${each.topic} 0 ${input.endOffset}`) || undefined
    })
    cpSync(join(folder.path, each.topic), ours, { recursive: true })
    expect(await compactHere(ours, input, cleanedAtMs(kafkas))).toBe(input.endOffset)
    const names = segmentFiles(kafkas)
    expect(segmentFiles(ours)).toEqual(names)
    expect(names.filter(name => name.endsWith('.log')).length).toBeGreaterThan(each.isCompressed ? 0 : 1)
    for (const name of names) {
      if (name.endsWith('.log')) {
        expect(batchesOf(join(ours, name))).toEqual(batchesOf(join(kafkas, name)))
        if (each.isCompressed) continue
      } else if (each.isCompressed && !name.endsWith('.txnindex')) continue
      expect(readFileSync(join(ours, name)).equals(readFileSync(join(kafkas, name))), name).toBe(true)
    }
  })

  test('kafka-dump-log reads what we left without a complaint', async () => {
    const files = CASES.flatMap(({ topic }) =>
      segmentFiles(join(folder.path, `${topic}-ours`)).map(name => join(folder.path, `${topic}-ours`, name)),
    )
    const text = String(
      await mustRun(LAUNCHER, ['tool', 'kafka-dump-log', '--deep-iteration', '--files', files.join(',')]),
    )
    expect(text).not.toMatch(/mismatch|misalign|out of order|not monotonic|isvalid: false|error/i)
    expect(text).toMatch(/deleteHorizonMs: OptionalLong\[\d+\]/)
    expect(text).toMatch(/^offset: \d+ position: \d+$/m)
    expect(text).toMatch(/^timestamp: \d+ offset: \d+$/m)
    expect(text).toMatch(/^version: 0 producerId: \d+ firstOffset: \d+/m)
  })
})
