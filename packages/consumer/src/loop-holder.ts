/**
 * LoopHolder: a loop over the consumer has records in hand until it asks for the next ones. Until then they are not done
 * with, and are not committed by themselves: whoever breaks out of the loop gets them again after a restart.
 */
import type { RecordHolder } from './record-holder.js'
import type { PartitionState } from './subscription-state.js'
import type { TopicPartition } from './topic-partition.js'

interface Held extends TopicPartition {
  readonly offset: bigint
}

export class LoopHolder implements RecordHolder {
  /** The first record in hand of each partition; most often there is one. */
  #held: Held[] = []

  take<Taken extends Held>(record: Taken): Taken {
    if (this.#of(record) === undefined) this.#held.push(record)
    return record
  }

  release(): void {
    if (this.#held.length > 0) this.#held = []
  }

  doneUpTo(state: PartitionState): number | undefined {
    const held = this.#of(state)
    // A loop may have sought back.
    return held === undefined ? undefined : Math.min(Number(held.offset), state.position)
  }

  #of({ topic, partition }: TopicPartition): Held | undefined {
    for (const held of this.#held) if (held.partition === partition && held.topic === topic) return held
    return undefined
  }
}
