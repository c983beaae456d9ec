/**
 * OwnedPartition: a partition for which this process has the fence, as far as it knows. What is here is a memory of what the
 * store said; whether it still holds, only a compare-and-set in the store tells.
 */
import type { OffsetPlace } from '../store/offset-store.js'

export class OwnedPartition {
  readonly place: OffsetPlace
  readonly topicId: string | undefined
  readonly fence: bigint
  /** Where the store says to read on. */
  next: bigint
  /** Failures in a row. */
  failures = 0
  /** By the clock's `monotonic`: it rests until then, because work on it has failed. */
  restsUntil: number | undefined
  /** By the clock's `monotonic`: since when it is known that another has it. */
  fencedAt: number | undefined

  constructor(
    place: OffsetPlace,
    known: { readonly topicId: string | undefined; readonly fence: bigint; readonly next: bigint },
  ) {
    this.place = place
    this.topicId = known.topicId
    this.fence = known.fence
    this.next = known.next
  }
}

export function nameOf({ topic, partition }: { readonly topic: string; readonly partition: number }): string {
  return `${topic}-${partition}`
}
