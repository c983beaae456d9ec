/**
 * The records that every contender encodes and decodes: a key of 8 bytes and a value of JSON that compresses about as well
 * as people's events do. The same on every run.
 */
export interface BenchmarkRecord {
  readonly timestamp: number
  readonly keyText: string
  readonly valueText: string
  readonly key: Buffer
  readonly value: Buffer
}

const KEY_BYTES = 8
const FIRST_TIMESTAMP = 1_700_000_000_000
const WORDS = (
  'order invoice parcel station window garden river copper violet signal harbor meadow ticket engine walnut marble ' +
  'planet bottle anchor canvas timber saddle pepper ribbon lantern valley beacon cobalt thistle summit pebble orchard'
).split(' ')

/** `count` records of `recordBytes` bytes each, key and value together. */
export function benchmarkRecords(count: number, recordBytes: number): BenchmarkRecord[] {
  return Array.from({ length: count }, (_, index) => {
    const keyText = `user${String(scatter(index, 7) % 10_000).padStart(KEY_BYTES - 4, '0')}`
    const valueText = jsonOf(index, recordBytes - KEY_BYTES)
    const timestamp = FIRST_TIMESTAMP + index
    return { timestamp, keyText, valueText, key: Buffer.from(keyText), value: Buffer.from(valueText) }
  })
}

/** JSON of exactly `bytes` bytes. */
function jsonOf(index: number, bytes: number): string {
  const amount = (scatter(index, 1) % 100_000) / 100
  let text = `{"id":${scatter(index, 2) >>> 4},"at":${FIRST_TIMESTAMP + index},"amount":${amount.toFixed(2)},"note":"`
  for (let word = 0; text.length < bytes - 2; word++) text += `${WORDS[scatter(index, 3 + word) % WORDS.length]} `
  return `${text.slice(0, bytes - 2)}"}`
}

/** A number that looks drawn at random: the finalizer of a 32-bit hash over both arguments. */
function scatter(index: number, salt: number): number {
  let hash = Math.imul(index + 1, 0x9e37_79b1) ^ Math.imul(salt + 1, 0x85eb_ca6b)
  hash = Math.imul(hash ^ (hash >>> 15), 0x2c1b_3c6d)
  hash = Math.imul(hash ^ (hash >>> 12), 0x297a_2d39)
  return (hash ^ (hash >>> 15)) >>> 0
}
