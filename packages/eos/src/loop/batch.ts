/**
 * Batch: the records of one transaction, and of each of their partitions where they begin and where the group goes on
 * behind them. This is the only place that makes offsets to commit. Pure.
 */
import type { ConsumerRecord, TopicPartition } from '@samsa/consumer'

export interface Stretch extends TopicPartition {
  /** Of the first record: where reading goes on when the transaction is aborted. */
  readonly start: bigint
  /** The next offset to read when it is committed: one more than that of the last record. */
  offset: bigint
  leaderEpoch: number | undefined
}

export class Batch<Key = unknown, Value = unknown> {
  readonly records: readonly ConsumerRecord<Key, Value>[]
  /** One for each partition. */
  readonly stretches: readonly Stretch[]

  constructor(records: readonly ConsumerRecord<Key, Value>[]) {
    this.records = records
    this.stretches = stretchesOf(records)
  }

  /** The one record, where there is no other. */
  get single(): ConsumerRecord<Key, Value> | undefined {
    return this.records.length === 1 ? this.records[0] : undefined
  }
}

function stretchesOf(records: readonly ConsumerRecord<unknown, unknown>[]): readonly Stretch[] {
  const stretches: Stretch[] = []
  let current: Stretch | undefined
  for (const { topic, partition, offset, leaderEpoch } of records) {
    const isOf = (each: Stretch): boolean => each.partition === partition && each.topic === topic
    // Records of one partition mostly come one behind the other.
    if (current === undefined || !isOf(current)) current = stretches.find(isOf)
    if (current === undefined) {
      current = { topic, partition, start: offset, offset: offset + 1n, leaderEpoch }
      stretches.push(current)
    }
    current.offset = offset + 1n
    current.leaderEpoch = leaderEpoch
  }
  return stretches
}
