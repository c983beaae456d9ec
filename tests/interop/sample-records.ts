/**
 * Records to send through foreign clients: everything a record may hold that a client can get wrong, and the same every
 * time. `without` leaves out what a line-based tool takes for the end of a key or of a record.
 */
import { SeededRandom } from '@samsa/runtime'

export interface SampleRecord {
  readonly key: Buffer | null
  /** Null: a tombstone. */
  readonly value: Buffer | null
  readonly headers: readonly (readonly [name: string, value: Buffer])[]
}

const COUNT = 150
const LARGE_BYTES = 60_000

export interface SampleOptions {
  readonly seed: string
  /** Bytes that must not occur. */
  readonly without?: readonly number[]
  /** Some clients read header values as text. */
  readonly headers: 'bytes' | 'text' | 'none'
}

export function sampleRecords({ seed, without = [], headers }: SampleOptions): readonly SampleRecord[] {
  const random = new SeededRandom(seed)
  const banned = new Set(without)
  const byte = (): number => {
    const drawn = random.integer(0, 256)
    return banned.has(drawn) ? 0x20 : drawn
  }
  const bytes = (length: number): Buffer => Buffer.from(Array.from({ length }, byte))
  return Array.from({ length: COUNT }, (_, index) => {
    const isTombstone = index % 11 === 3
    const key = index % 7 === 0 && !isTombstone ? null : Buffer.from(`ключ-${index}`)
    return {
      key,
      value: isTombstone
        ? null
        : Buffer.concat([
            bytes(1 + (index % 90)),
            Buffer.from('again and '.repeat(index % 40)),
            bytes(index === 50 ? LARGE_BYTES : 1),
          ]),
      headers:
        headers !== 'none' && index % 5 === 0
          ? [
              ['trace', headers === 'bytes' ? bytes(16) : Buffer.from(`trace ${index}`)],
              ['trace', Buffer.from('zweiter Wert: ü')],
            ]
          : [],
    }
  })
}
