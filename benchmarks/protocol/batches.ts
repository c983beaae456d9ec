/**
 * Record batches: 1,000 records into a batch, and out of it with every key and value touched. Ours checks the CRC when it
 * decodes, as a consumer must; neither of the others does, so ours is measured without it as well.
 */
import assert from 'node:assert/strict'
import { BATCH_HEADER_BYTES, BatchBuilder, codecById, recordBytesAtMost } from '@samsa/protocol'
import type { Benchmark, Contender } from '../measure/benchmark.ts'
import type { KafkajsPeer } from '../peers/kafkajs.ts'
import type { PlatformaticPeer } from '../peers/platformatic.ts'
import type { Peers } from './peers.ts'
import { pairsOf, readAll, readAllTexts, readAllUnchecked } from './reading.ts'
import { type BenchmarkRecord, benchmarkRecords } from './records.ts'

const RECORD_COUNT = 1000
const SIZES = [
  { name: '100 B', bytes: 100 },
  { name: '1 KiB', bytes: 1024 },
] as const
const COMPRESSIONS = ['none', 'gzip', 'snappy', 'lz4', 'zstd'] as const
const NONE = 0
const GZIP = 1

/** A contender that encodes: what `run` resolves to are the bytes of a batch. */
interface Encoder extends Contender {
  readonly run: () => Uint8Array | Promise<Uint8Array>
}

/** A contender that decodes: `run` resolves to the bytes in all keys and values, `pairs` to the keys and values themselves. */
interface Decoder extends Contender {
  readonly run: () => number | Promise<number>
  readonly pairs: () => Promise<readonly (readonly [string, string])[]>
}

/** `note` is told of every case that cannot be measured here. */
export function batchBenchmarks(peers: Peers, note: (text: string) => void): Benchmark[] {
  return SIZES.flatMap(size => {
    const records = benchmarkRecords(RECORD_COUNT, size.bytes)
    const others = [
      decodeUnchecked(size.name, records, peers),
      encodeTexts(size.name, records, peers),
      decodeTexts(size.name, records, peers),
    ]
    const plain = COMPRESSIONS.flatMap((compression, id) => {
      const able = codecById(id).canCompress()
      if (able !== true) {
        note(`${compression} is left out. ${able}`)
        return []
      }
      const name = compression === 'none' ? size.name : `${size.name}, ${compression}`
      return [encodeBytes(name, records, id, peers), decodeBytes(name, records, id, peers)]
    })
    return [...plain, ...others]
  })
}

function encodeBytes(name: string, records: readonly BenchmarkRecord[], compression: number, peers: Peers): Benchmark {
  const { kafkajs, platformatic } = peers
  const capacity = roomFor(records)
  const contenders: Encoder[] = [{ name: 'samsa', run: () => build(records, compression, capacity) }]
  if (kafkajs !== undefined) {
    const messages = records.map(({ key, value, timestamp }) => ({ key, value, timestamp: String(timestamp) }))
    contenders.push({ name: 'kafkajs', isAsync: true, run: () => kafkajs.encodeBatch(messages, compression) })
  }
  if (platformatic !== undefined) {
    const codec = codecById(compression).name
    const messages = records.map(({ key, value, timestamp }) => platformaticMessage(key, value, timestamp))
    if (compression === GZIP) {
      const run = () => platformatic.encodeBatchInThreadPool(messages, codec)
      contenders.push({ name: 'platformatic', isAsync: true, run })
    } else contenders.push({ name: 'platformatic', run: () => platformatic.encodeBatch(messages, codec) })
  }
  return encodeBenchmark(`encode ${name}`, records, contenders)
}

/** Text, as most users have it. platformatic's users give it a serializer that makes Buffers of it. */
function encodeTexts(name: string, records: readonly BenchmarkRecord[], peers: Peers): Benchmark {
  const { kafkajs, platformatic } = peers
  const capacity = roomFor(records)
  const contenders: Encoder[] = [{ name: 'samsa', run: () => buildOfText(records, capacity) }]
  if (kafkajs !== undefined) {
    const messages = records.map(({ keyText, valueText, timestamp }) => ({
      key: keyText,
      value: valueText,
      timestamp: String(timestamp),
    }))
    contenders.push({ name: 'kafkajs', isAsync: true, run: () => kafkajs.encodeBatch(messages, NONE) })
  }
  if (platformatic !== undefined) {
    const run = () => {
      const messages = records.map(({ keyText, valueText, timestamp }) =>
        platformaticMessage(Buffer.from(keyText), Buffer.from(valueText), timestamp),
      )
      return platformatic.encodeBatch(messages, 'none')
    }
    contenders.push({ name: 'platformatic', run })
  }
  return encodeBenchmark(`encode ${name}, text`, records, contenders)
}

function encodeBenchmark(name: string, records: readonly BenchmarkRecord[], contenders: readonly Encoder[]): Benchmark {
  return {
    name,
    unit: 'records',
    unitsPerRun: RECORD_COUNT,
    contenders,
    check: async () => {
      for (const contender of contenders) {
        const bytes = await contender.run()
        assert.deepEqual(pairsOf(bytes), expectedPairs(records), `${name}: what ${contender.name} encodes`)
      }
    },
  }
}

function decodeBytes(name: string, records: readonly BenchmarkRecord[], compression: number, peers: Peers): Benchmark {
  const bytes = build(records, compression, roomFor(records))
  const contenders: Decoder[] = [{ name: 'samsa', run: () => readAll(bytes), pairs: async () => pairsOf(bytes) }]
  if (peers.kafkajs !== undefined) contenders.push(kafkajsDecoder(peers.kafkajs, bytes, false))
  if (peers.platformatic !== undefined) contenders.push(platformaticDecoder(peers.platformatic, bytes, false))
  return decodeBenchmark(`decode ${name}`, records, contenders)
}

function decodeUnchecked(name: string, records: readonly BenchmarkRecord[], peers: Peers): Benchmark {
  const bytes = build(records, NONE, roomFor(records))
  const contenders: Decoder[] = [
    { name: 'samsa', run: () => readAllUnchecked(bytes), pairs: async () => pairsOf(bytes) },
  ]
  if (peers.kafkajs !== undefined) contenders.push(kafkajsDecoder(peers.kafkajs, bytes, false))
  if (peers.platformatic !== undefined) contenders.push(platformaticDecoder(peers.platformatic, bytes, false))
  return decodeBenchmark(`decode ${name}, CRC unchecked`, records, contenders)
}

function decodeTexts(name: string, records: readonly BenchmarkRecord[], peers: Peers): Benchmark {
  const bytes = build(records, NONE, roomFor(records))
  const contenders: Decoder[] = [{ name: 'samsa', run: () => readAllTexts(bytes), pairs: async () => pairsOf(bytes) }]
  if (peers.kafkajs !== undefined) contenders.push(kafkajsDecoder(peers.kafkajs, bytes, true))
  if (peers.platformatic !== undefined) contenders.push(platformaticDecoder(peers.platformatic, bytes, true))
  return decodeBenchmark(`decode ${name}, text`, records, contenders)
}

function decodeBenchmark(name: string, records: readonly BenchmarkRecord[], contenders: readonly Decoder[]): Benchmark {
  const expectedBytes = records.reduce((sum, { key, value }) => sum + key.length + value.length, 0)
  return {
    name,
    unit: 'records',
    unitsPerRun: RECORD_COUNT,
    contenders,
    check: async () => {
      for (const contender of contenders) {
        const what = `${name}: what ${contender.name} decodes`
        assert.equal(await contender.run(), expectedBytes, what)
        assert.deepEqual(await contender.pairs(), expectedPairs(records), what)
      }
    },
  }
}

function kafkajsDecoder(kafkajs: KafkajsPeer, bytes: Buffer, asText: boolean): Decoder {
  return {
    name: 'kafkajs',
    isAsync: true,
    run: async () =>
      asText ? textLengths(await kafkajs.decodeBatch(bytes)) : lengths(await kafkajs.decodeBatch(bytes)),
    pairs: async () => (await kafkajs.decodeBatch(bytes)).map(({ key, value }) => [String(key), String(value)]),
  }
}

function platformaticDecoder(platformatic: PlatformaticPeer, bytes: Buffer, asText: boolean): Decoder {
  const decode = () => platformatic.decodeBatch(bytes).records
  return {
    name: 'platformatic',
    run: asText ? () => textLengths(decode()) : () => lengths(decode()),
    pairs: async () => decode().map(({ key, value }) => [String(key), String(value)]),
  }
}

function build(records: readonly BenchmarkRecord[], compression: number, capacity: number): Buffer {
  const builder = new BatchBuilder({ compression, capacity })
  for (const { timestamp, key, value } of records) builder.append(timestamp, key, value)
  return builder.close()
}

function buildOfText(records: readonly BenchmarkRecord[], capacity: number): Buffer {
  const builder = new BatchBuilder({ capacity })
  for (const { timestamp, keyText, valueText } of records) builder.append(timestamp, keyText, valueText)
  return builder.close()
}

/** A producer knows its `batch.size`, so it makes room once. */
function roomFor(records: readonly BenchmarkRecord[]): number {
  return records.reduce((sum, { key, value }) => sum + recordBytesAtMost(key, value), BATCH_HEADER_BYTES)
}

function expectedPairs(records: readonly BenchmarkRecord[]): (readonly [string, string])[] {
  return records.map(({ keyText, valueText }) => [keyText, valueText])
}

function lengths(records: readonly { readonly key: Buffer | null; readonly value: Buffer | null }[]): number {
  let sum = 0
  for (const { key, value } of records) sum += (key?.length ?? 0) + (value?.length ?? 0)
  return sum
}

function textLengths(records: readonly { readonly key: Buffer | null; readonly value: Buffer | null }[]): number {
  let sum = 0
  for (const { key, value } of records) sum += (key?.toString().length ?? 0) + (value?.toString().length ?? 0)
  return sum
}

function platformaticMessage(key: Buffer, value: Buffer, timestamp: number) {
  return { topic: 'orders', partition: 0, key, value, timestamp: BigInt(timestamp) }
}
