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

const NONE: readonly Held[] = []

export class LoopHolder implements RecordHolder {
  /** What is in hand: a record, or a poll's. Looked into when somebody asks: at each record it would cost more than the record. */
  #record: Held | undefined
  #records: Iterable<Held> = NONE

  take<Taken extends Held>(record: Taken): Taken {
    this.#record = record
    return record
  }

  takeAll<Taken extends Iterable<Held>>(records: Taken): Taken {
    this.#records = records
    return records
  }

  release(): void {
    this.#record = undefined
    this.#records = NONE
  }

  doneUpTo(state: PartitionState): number | undefined {
    const held = this.#of(state)
    // A loop may have sought back.
    return held === undefined ? undefined : Math.min(Number(held.offset), state.position)
  }

  /** The first in hand of a partition. */
  #of({ topic, partition }: TopicPartition): Held | undefined {
    const record = this.#record
    if (record?.partition === partition && record.topic === topic) return record
    for (const held of this.#records) if (held.partition === partition && held.topic === topic) return held
    return undefined
  }
}
