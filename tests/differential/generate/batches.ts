/**
 * Record bytes as a producer would send them, whole or spoilt. Everything random is drawn before: the same batch is made
 * once for each broker, with that broker's producer id.
 */
import { BatchBuilder, CODECS, crc32c } from '@samsa/protocol'
import type { Bindings } from '../step.js'
import type { Draw } from './world.js'

const [LENGTH_AT, MAGIC_AT, CRC_AT, ATTRIBUTES_AT, LAST_DELTA_AT] = [8, 16, 17, 21, 23]
const [BASE_TIMESTAMP_AT, MAX_TIMESTAMP_AT, EPOCH_AT, SEQUENCE_AT, COUNT_AT] = [27, 35, 51, 53, 57]
const HOUR_MS = 3_600_000
export const WRONG_MAX_TIMESTAMP_OFF = 5

export interface RecordPlan {
  readonly key: string | null
  readonly value: string | null
  /** From the sequence's own now. */
  readonly atMs: number
  readonly headers: readonly (readonly [string, string | null])[]
}

export interface ProducerPlan {
  readonly label: string
  /** Added to the epoch that the producer has. */
  readonly epochOff: number
  readonly sequence: number
}

export interface BatchPlan {
  readonly records: readonly RecordPlan[]
  readonly codec: number
  readonly producer: ProducerPlan | undefined
  readonly damage: Damage
}

type Spoil = (batch: Buffer) => Buffer

/** Those that end with `sealed` have a checksum that fits all the same. */
const damages = {
  none: batch => batch,
  'wrong checksum': batch => written(batch, () => batch.writeUInt32BE((batch.readUInt32BE(CRC_AT) ^ 1) >>> 0, CRC_AT)),
  'flipped byte': batch =>
    written(batch, () => batch.writeUInt8(batch.readUInt8(batch.length - 1) ^ 0x55, batch.length - 1)),
  'magic 0': batch => written(batch, () => batch.writeInt8(0, MAGIC_AT)),
  'magic 1': batch => written(batch, () => batch.writeInt8(1, MAGIC_AT)),
  'magic 3': batch => written(batch, () => batch.writeInt8(3, MAGIC_AT)),
  'count too high': batch => sealed(batch, () => batch.writeInt32BE(batch.readInt32BE(COUNT_AT) + 1, COUNT_AT)),
  'count too low': batch => sealed(batch, () => batch.writeInt32BE(batch.readInt32BE(COUNT_AT) - 1, COUNT_AT)),
  'count and span too high': batch =>
    sealed(batch, () => {
      batch.writeInt32BE(batch.readInt32BE(COUNT_AT) + 1, COUNT_AT)
      batch.writeInt32BE(batch.readInt32BE(LAST_DELTA_AT) + 1, LAST_DELTA_AT)
    }),
  'negative count': batch => sealed(batch, () => batch.writeInt32BE(-1, COUNT_AT)),
  'negative span': batch => sealed(batch, () => batch.writeInt32BE(-1, LAST_DELTA_AT)),
  'base offset 7': batch => written(batch, () => batch.writeBigInt64BE(7n, 0)),
  'cut short': batch => batch.subarray(0, batch.length - 3),
  'cut to its header': batch => batch.subarray(0, 61),
  'cut to 20 bytes': batch => batch.subarray(0, 20),
  'length too small': batch => written(batch, () => batch.writeInt32BE(10, LENGTH_AT)),
  'length too large': batch => written(batch, () => batch.writeInt32BE(batch.length, LENGTH_AT)),
  'trailing zeros': batch => Buffer.concat([batch, Buffer.alloc(5)]),
  'two batches': batch => Buffer.concat([batch, batch]),
  'no bytes': () => Buffer.alloc(0),
  'unknown codec': batch =>
    sealed(batch, () => batch.writeInt16BE(batch.readInt16BE(ATTRIBUTES_AT) | 7, ATTRIBUTES_AT)),
  'claims gzip': batch =>
    sealed(batch, () => batch.writeInt16BE((batch.readInt16BE(ATTRIBUTES_AT) & ~7) | 1, ATTRIBUTES_AT)),
  'claims append time': batch =>
    sealed(batch, () => batch.writeInt16BE(batch.readInt16BE(ATTRIBUTES_AT) | 8, ATTRIBUTES_AT)),
  control: batch => sealed(batch, () => batch.writeInt16BE(batch.readInt16BE(ATTRIBUTES_AT) | 0x20, ATTRIBUTES_AT)),
  transactional: batch =>
    sealed(batch, () => batch.writeInt16BE(batch.readInt16BE(ATTRIBUTES_AT) | 0x10, ATTRIBUTES_AT)),
  'delete horizon': batch =>
    sealed(batch, () => batch.writeInt16BE(batch.readInt16BE(ATTRIBUTES_AT) | 0x40, ATTRIBUTES_AT)),
  'high attributes': batch =>
    sealed(batch, () => batch.writeInt16BE(batch.readInt16BE(ATTRIBUTES_AT) | 0x100, ATTRIBUTES_AT)),
  'wrong max timestamp': batch =>
    sealed(batch, () =>
      batch.writeBigInt64BE(batch.readBigInt64BE(MAX_TIMESTAMP_AT) + BigInt(WRONG_MAX_TIMESTAMP_OFF), MAX_TIMESTAMP_AT),
    ),
  'no timestamps': batch =>
    sealed(batch, () => {
      batch.writeBigInt64BE(-1n, BASE_TIMESTAMP_AT)
      batch.writeBigInt64BE(-1n, MAX_TIMESTAMP_AT)
    }),
  'negative sequence': batch => sealed(batch, () => batch.writeInt32BE(-5, SEQUENCE_AT)),
  'negative epoch': batch => sealed(batch, () => batch.writeInt16BE(-1, EPOCH_AT)),
} satisfies Readonly<Record<string, Spoil>>

export type Damage = keyof typeof damages

const damageNames = Object.keys(damages).filter((name): name is Damage => name in damages && name !== 'none')

/** Only shows when records are read, under a checksum that fits. `note` may name several damages. */
export function isInside(note: string): boolean {
  return /count and span too high|claims gzip|no timestamps/.test(note)
}

export function someDamage(draw: Draw): Damage {
  return draw.one(damageNames)
}

function written(batch: Buffer, change: () => void): Buffer {
  change()
  return batch
}

function sealed(batch: Buffer, change: () => void): Buffer {
  change()
  batch.writeUInt32BE(crc32c(batch.subarray(ATTRIBUTES_AT)), CRC_AT)
  return batch
}

export function someRecords(draw: Draw, isKeyed: boolean): RecordPlan[] {
  const longest = draw.percent(10) ? 400 : 30
  return draw.several(1, draw.percent(80) ? 3 : 12, () => ({
    key: isKeyed ? `key-${draw.integer(0, 5)}` : null,
    value: draw.percent(10) ? null : 'v'.repeat(draw.integer(0, longest)),
    atMs: someTime(draw),
    headers: draw.percent(80) ? [] : draw.several(1, 2, index => [`h${index}`, draw.percent(30) ? null : 'x'] as const),
  }))
}

function someTime(draw: Draw): number {
  if (draw.percent(92)) return draw.integer(-600_000, 600_000)
  return draw.one([-3 * HOUR_MS, 4 * HOUR_MS, -48 * HOUR_MS, 30 * 24 * HOUR_MS])
}

export function someCodec(draw: Draw): number {
  return draw.percent(50) ? 0 : draw.integer(0, CODECS.length)
}

export function bytesOf({ records, codec, producer, damage }: BatchPlan, bindings: Bindings): Buffer {
  const builder = new BatchBuilder({ compression: codec })
  for (const { key, value, atMs, headers } of records)
    builder.append(
      bindings.nowMs + atMs,
      key,
      value,
      headers.map(([name, text]) => ({ key: name, value: text })),
    )
  if (producer === undefined) return damages[damage](Buffer.from(builder.close()))
  const { id, epoch } = bindings.producer(producer.label)
  const stamp = { producerId: Number(id), producerEpoch: epoch + producer.epochOff, baseSequence: producer.sequence }
  return damages[damage](Buffer.from(builder.close({ producer: stamp })))
}
