/**
 * MurmurHash2 with Kafka's seed: which partition a key belongs to. A record must land where a Java producer would put it,
 * so the result is Java's for every input, as a signed 32-bit number.
 */
const SEED = 0x9747b28c
const MULTIPLIER = 0x5bd1e995

/** Of the bytes from `start` up to `end`. */
export function murmur2(bytes: Uint8Array, start = 0, end: number = bytes.length): number {
  let hash = SEED ^ (end - start)
  let at = start
  for (; at + 4 <= end; at += 4) {
    const word =
      byte(bytes, at) | (byte(bytes, at + 1) << 8) | (byte(bytes, at + 2) << 16) | (byte(bytes, at + 3) << 24)
    hash = mix(hash, word)
  }
  let rest = 0
  for (let shift = 0; at < end; at++, shift += 8) rest |= byte(bytes, at) << shift
  return finish(hash, rest, (end - start) & 3)
}

/** Of the UTF-8 bytes of `text`, which are only made when it has other characters than ASCII. */
export function murmur2Text(text: string): number {
  const length = text.length
  let hash = SEED ^ length
  let at = 0
  // The units above 0x7f of all characters seen: not zero as soon as one of them takes more than one byte.
  let seen = 0
  for (; at + 4 <= length; at += 4) {
    const a = text.charCodeAt(at)
    const b = text.charCodeAt(at + 1)
    const c = text.charCodeAt(at + 2)
    const d = text.charCodeAt(at + 3)
    seen |= a | b | c | d
    if (seen > 0x7f) return murmur2(Buffer.from(text))
    hash = mix(hash, a | (b << 8) | (c << 16) | (d << 24))
  }
  let rest = 0
  for (let shift = 0; at < length; at++, shift += 8) {
    const unit = text.charCodeAt(at)
    if (unit > 0x7f) return murmur2(Buffer.from(text))
    rest |= unit << shift
  }
  return finish(hash, rest, length & 3)
}

/** The partition of a key, from its hash: Kafka drops the sign bit, it does not negate. */
export function partitionForKey(hash: number, partitionCount: number): number {
  return (hash & 0x7fffffff) % partitionCount
}

function mix(hash: number, word: number): number {
  let k = Math.imul(word, MULTIPLIER)
  k = Math.imul(k ^ (k >>> 24), MULTIPLIER)
  return Math.imul(hash, MULTIPLIER) ^ k
}

function finish(hash: number, rest: number, restBytes: number): number {
  let h = restBytes === 0 ? hash : Math.imul(hash ^ rest, MULTIPLIER)
  h = Math.imul(h ^ (h >>> 13), MULTIPLIER)
  return h ^ (h >>> 15)
}

function byte(bytes: Uint8Array, at: number): number {
  return bytes[at] ?? 0
}
