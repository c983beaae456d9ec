/**
 * From batches to a Produce request, and from its answer back to them. Pure.
 */
import type { Decoded, ProduceRequest, ProduceResponse, ProduceResponsePartitionResponse } from '@samsa/protocol'
import type { ProducerBatch } from './producer-batch.js'

export interface ProduceRequestOptions {
  readonly acks: number
  readonly timeoutMs: number
  readonly transactionalId: string | null
  readonly idOf: (topic: string) => string
}

/** A topic stands once in the request, and each of its partitions once. */
export function produceRequest(
  batches: readonly { readonly batch: ProducerBatch }[],
  { acks, timeoutMs, transactionalId, idOf }: ProduceRequestOptions,
): ProduceRequest {
  const byTopic = new Map<string, { index: number; records: Uint8Array }[]>()
  for (const { batch } of batches) {
    const data = { index: batch.partition, records: batch.close() }
    const partitions = byTopic.get(batch.topic)
    if (partitions === undefined) byTopic.set(batch.topic, [data])
    else partitions.push(data)
  }
  const topicData = [...byTopic].map(([name, partitionData]) => ({ name, topicId: idOf(name), partitionData }))
  return { transactionalId, acks, timeoutMs, topicData }
}

/** The answer about one partition; topics go by id from version 13 on. */
export function responsesByBatch(
  { responses }: Decoded<ProduceResponse>,
  withIds: boolean,
): (topic: string, partition: number) => Decoded<ProduceResponsePartitionResponse> | undefined {
  const byTopic = new Map(
    responses.map(({ name, topicId, partitionResponses }) => [withIds ? topicId : name, partitionResponses]),
  )
  return (topic, partition) => byTopic.get(topic)?.find(({ index }) => index === partition)
}
