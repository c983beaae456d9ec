/**
 * XXH3 with 64 bits and without a seed: Kafka's group coordinator hashes the topics that a group reads with it, and writes
 * the result down. Meant for the few bytes of that, in plain BigInt arithmetic.
 */
const MASK = 0xffffffffffffffffn
const P32_1 = 0x9e3779b1n
const P32_2 = 0x85ebca77n
const P32_3 = 0xc2b2ae3dn
const P64_1 = 0x9e3779b185ebca87n
const P64_2 = 0xc2b2ae3d27d4eb4fn
const P64_3 = 0x165667b19e3779f9n
const P64_4 = 0x85ebca77c2b2ae63n
const P64_5 = 0x27d4eb2f165667c5n
const MX1 = 0x165667919e3779f9n
const MX2 = 0x9fb21c651e98df25n

const SECRET: Buffer = Buffer.from(
  'b8fe6c3923a44bbe7c01812cf721ad1cded46de9839097db7240a4a4b7b3671fcb79e64eccc0e578825ad07dccff7221b8084674f743248ee03590e6813a264c3c2852bb91c300cb88d0658b1b532ea371644897a20df94e3819ef46a9deacd8a8fa763fe39c343ff9dcbbc7c70b4f1d8a51e04bcdb45931c89f7ec9d9787364eac5ac8334d3ebc3c581a0fffa1363eb170ddd51b7f0da49d316552629d4689e2b16be587d47a1fc8ff8b8d17ad031ce45cb3a8f95160428afd7fbcabb4b407e',
  'hex',
)
const STRIPE = 64
const SECRET_STEP = 8
const STRIPES_IN_BLOCK = (SECRET.length - STRIPE) / SECRET_STEP
const BLOCK = STRIPE * STRIPES_IN_BLOCK
const LAST_STRIPE_SECRET = SECRET.length - STRIPE - 7
const MERGE_SECRET = 11

/** As Kafka keeps it: a signed number of 64 bits. */
export function xxh3(bytes: Uint8Array): bigint {
  const input = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length)
  return BigInt.asIntN(64, hashOf(input))
}

function hashOf(input: Buffer): bigint {
  const { length } = input
  if (length > 240) return hashLong(input)
  if (length > 128) return hash129To240(input)
  if (length > 16) return hash17To128(input)
  if (length > 8) return hash9To16(input)
  if (length >= 4) return hash4To8(input)
  return length > 0 ? hash1To3(input) : avalanche64(secret64(56) ^ secret64(64))
}

function hash1To3(input: Buffer): bigint {
  const { length } = input
  const [first, middle, last] = [input.at(0) ?? 0, input.at(length >> 1) ?? 0, input.at(length - 1) ?? 0]
  const combined = BigInt((((first << 16) | (middle << 24)) >>> 0) + (last | (length << 8)))
  const flip = BigInt(SECRET.readUInt32LE(0)) ^ BigInt(SECRET.readUInt32LE(4))
  return avalanche64(combined ^ flip)
}

function hash4To8(input: Buffer): bigint {
  const { length } = input
  const word = BigInt(input.readUInt32LE(length - 4)) + (BigInt(input.readUInt32LE(0)) << 32n)
  let mixed = word ^ (secret64(8) ^ secret64(16))
  mixed ^= rotated(mixed, 49n) ^ rotated(mixed, 24n)
  mixed = (mixed * MX2) & MASK
  mixed ^= (mixed >> 35n) + BigInt(length)
  mixed = (mixed * MX2) & MASK
  return mixed ^ (mixed >> 28n)
}

function hash9To16(input: Buffer): bigint {
  const { length } = input
  const low = input.readBigUInt64LE(0) ^ (secret64(24) ^ secret64(32))
  const high = input.readBigUInt64LE(length - 8) ^ (secret64(40) ^ secret64(48))
  return avalanche((BigInt(length) + swapped(low) + high + folded(low, high)) & MASK)
}

function hash17To128(input: Buffer): bigint {
  const { length } = input
  let sum = BigInt(length) * P64_1
  for (let pair = (length - 1) >> 5; pair >= 0; pair--) {
    sum += mixed16(input, 16 * pair, 32 * pair) + mixed16(input, length - 16 * (pair + 1), 32 * pair + 16)
  }
  return avalanche(sum & MASK)
}

function hash129To240(input: Buffer): bigint {
  const { length } = input
  let sum = BigInt(length) * P64_1
  for (let round = 0; round < 8; round++) sum += mixed16(input, 16 * round, 16 * round)
  sum = avalanche(sum & MASK)
  for (let round = 8; round < length >> 4; round++) sum += mixed16(input, 16 * round, 16 * (round - 8) + 3)
  return avalanche((sum + mixed16(input, length - 16, 136 - 17)) & MASK)
}

function hashLong(input: Buffer): bigint {
  const { length } = input
  const sums = [P32_3, P64_1, P64_2, P64_3, P64_4, P32_2, P64_5, P32_1]
  const blocks = Math.floor((length - 1) / BLOCK)
  for (let block = 0; block < blocks; block++) {
    for (let stripe = 0; stripe < STRIPES_IN_BLOCK; stripe++) {
      accumulate(sums, input, block * BLOCK + stripe * STRIPE, stripe * SECRET_STEP)
    }
    scramble(sums)
  }
  const stripes = Math.floor((length - 1 - blocks * BLOCK) / STRIPE)
  for (let stripe = 0; stripe < stripes; stripe++) {
    accumulate(sums, input, blocks * BLOCK + stripe * STRIPE, stripe * SECRET_STEP)
  }
  accumulate(sums, input, length - STRIPE, LAST_STRIPE_SECRET)
  let merged = BigInt(length) * P64_1
  for (let pair = 0; pair < 4; pair++) {
    const at = MERGE_SECRET + 16 * pair
    merged += folded(lane(sums, 2 * pair) ^ secret64(at), lane(sums, 2 * pair + 1) ^ secret64(at + 8))
  }
  return avalanche(merged & MASK)
}

function accumulate(sums: bigint[], input: Buffer, at: number, secretAt: number): void {
  for (let index = 0; index < 8; index++) {
    const value = input.readBigUInt64LE(at + 8 * index)
    const keyed = value ^ secret64(secretAt + 8 * index)
    sums[index ^ 1] = (lane(sums, index ^ 1) + value) & MASK
    sums[index] = (lane(sums, index) + (keyed & 0xffffffffn) * (keyed >> 32n)) & MASK
  }
}

function scramble(sums: bigint[]): void {
  for (let index = 0; index < 8; index++) {
    const sum = lane(sums, index)
    sums[index] = ((sum ^ (sum >> 47n) ^ secret64(SECRET.length - STRIPE + 8 * index)) * P32_1) & MASK
  }
}

function mixed16(input: Buffer, at: number, secretAt: number): bigint {
  return folded(input.readBigUInt64LE(at) ^ secret64(secretAt), input.readBigUInt64LE(at + 8) ^ secret64(secretAt + 8))
}

/** Both halves of the product of 128 bits in one. */
function folded(one: bigint, other: bigint): bigint {
  const product = one * other
  return (product & MASK) ^ (product >> 64n)
}

function avalanche(hash: bigint): bigint {
  const mixed = ((hash ^ (hash >> 37n)) * MX1) & MASK
  return mixed ^ (mixed >> 32n)
}

function avalanche64(hash: bigint): bigint {
  let mixed = ((hash ^ (hash >> 33n)) * P64_2) & MASK
  mixed = ((mixed ^ (mixed >> 29n)) * P64_3) & MASK
  return mixed ^ (mixed >> 32n)
}

function rotated(value: bigint, bits: bigint): bigint {
  return ((value << bits) | (value >> (64n - bits))) & MASK
}

function swapped(value: bigint): bigint {
  const bytes = Buffer.alloc(8)
  bytes.writeBigUInt64LE(value)
  return bytes.readBigUInt64BE()
}

function secret64(at: number): bigint {
  return SECRET.readBigUInt64LE(at)
}

function lane(sums: readonly bigint[], index: number): bigint {
  return sums[index] ?? 0n
}
