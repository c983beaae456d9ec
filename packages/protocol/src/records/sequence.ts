/**
 * Sequence numbers of idempotent producers: int32 values that wrap from 2^31-1 to 0.
 */
const MAX_SEQUENCE = 0x7fff_ffff

/** The sequence `increment` records behind `sequence`. */
export function addSequence(sequence: number, increment: number): number {
  return sequence > MAX_SEQUENCE - increment ? increment - (MAX_SEQUENCE - sequence) - 1 : sequence + increment
}

/** The sequence `decrement` records in front of `sequence`. */
export function subtractSequence(sequence: number, decrement: number): number {
  return sequence < decrement ? MAX_SEQUENCE - (decrement - sequence) + 1 : sequence - decrement
}
