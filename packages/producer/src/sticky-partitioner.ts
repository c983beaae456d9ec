/**
 * StickyPartitioner: where the records of a topic go that have no key (KIP-480, KIP-794): to one partition until about a
 * batch has come together there, then to another. The other one is drawn at random, and rather one with few batches
 * waiting than one with many, so that a slow broker gets less. Pure.
 */
import type { Random } from '@samsa/runtime'

/** A partition as this partitioner sees it. */
export interface PartitionLoad {
  readonly hasLeader: boolean
  /** Batches that wait for it. */
  readonly depth: number
  /** Its broker has taken nothing for longer than `partitionerAvailabilityTimeoutMs`. */
  readonly isStalled: boolean
}

export interface StickyPartitionerOptions {
  readonly random: Random
  readonly batchSize: number
  /** Choose by load; otherwise all partitions with a leader are alike. */
  readonly isAdaptive: boolean
}

export class StickyPartitioner {
  readonly #options: StickyPartitionerOptions
  #current = -1
  #bytes = 0

  constructor(options: StickyPartitionerOptions) {
    this.#options = options
  }

  /** The partition for the next record. `loads` is asked for only when another one is chosen. */
  partition(partitionCount: number, loads: () => readonly PartitionLoad[]): number {
    if (this.#current < 0 || this.#current >= partitionCount) this.#choose(partitionCount, loads())
    return this.#current
  }

  /** A record came to the current partition; `isBatchDone`: the next one would begin another batch there. */
  appended(bytes: number, isBatchDone: boolean): void {
    this.#bytes += bytes
    const { batchSize } = this.#options
    // Batches that are sent before they are full must not keep the partition for ever.
    if ((this.#bytes >= batchSize && isBatchDone) || this.#bytes >= 2 * batchSize) this.#current = -1
  }

  #choose(partitionCount: number, loads: readonly PartitionLoad[]): void {
    this.#bytes = 0
    this.#current = this.#weighted(loads) ?? this.#uniform(partitionCount, loads)
  }

  #uniform(partitionCount: number, loads: readonly PartitionLoad[]): number {
    const { random } = this.#options
    const withLeader: number[] = []
    loads.forEach((load, partition) => {
      if (load.hasLeader) withLeader.push(partition)
    })
    return withLeader[random.integer(0, Math.max(withLeader.length, 1))] ?? random.integer(0, partitionCount)
  }

  /** Undefined where loads tell nothing: all alike, or too few to choose from. */
  #weighted(loads: readonly PartitionLoad[]): number | undefined {
    const { random, isAdaptive } = this.#options
    if (!isAdaptive || loads.length < 2) return undefined
    let most = -1
    let least = Number.POSITIVE_INFINITY
    let dropped = 0
    for (const { hasLeader, depth, isStalled } of loads) {
      if (!hasLeader || isStalled) dropped++
      else {
        most = Math.max(most, depth)
        least = Math.min(least, depth)
      }
    }
    if (most < 0 || (most === least && dropped === 0)) return undefined
    let total = 0
    for (const load of loads) total += weightOf(load, most)
    let draw = random.integer(0, total)
    for (let partition = 0; partition < loads.length; partition++) {
      const load = loads[partition]
      draw -= load === undefined ? 0 : weightOf(load, most)
      if (draw < 0) return partition
    }
    return undefined
  }
}

function weightOf({ hasLeader, depth, isStalled }: PartitionLoad, most: number): number {
  return hasLeader && !isStalled ? most + 1 - depth : 0
}
