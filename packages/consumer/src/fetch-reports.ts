/**
 * What the fetcher says of what it meets: errors in full, and the lag of a partition for whoever observes it.
 */
import type { BrokerLink } from '@samsa/client'
import { errorOf, fetch } from '@samsa/protocol'
import type { KafkaError, LagPayload } from '@samsa/runtime'
import type { ObservedEvent } from '@samsa/runtime/internal'
import type { PartitionState } from './subscription-state.js'
import type { TopicPartition } from './topic-partition.js'

export function partitionError({ topic, partition }: PartitionState, link: BrokerLink, errorCode: number): KafkaError {
  return errorOf(errorCode, { topic, partition, broker: link.broker, api: fetch.name })
}

/** A broker that will have nothing of us, however often it is tried. */
export function fatalFailure({ failure }: BrokerLink): KafkaError | undefined {
  return failure?.fatal === true ? failure : undefined
}

/** Up to where a consumer of that isolation can read; undefined until a fetch has told. */
export function endOffsetOf({ bounds }: PartitionState, isolationLevel: string): number | undefined {
  if (bounds === undefined) return undefined
  return isolationLevel === 'readCommitted' ? bounds.lastStableOffset : bounds.highWatermark
}

export interface PartitionLag extends TopicPartition {
  readonly position: bigint
  readonly endOffset: bigint
  readonly lag: number
}

export function lagOf(state: PartitionState, isolationLevel: string): PartitionLag | undefined {
  const endOffset = endOffsetOf(state, isolationLevel)
  if (endOffset === undefined || !state.hasPosition) return undefined
  const lag = Math.max(0, endOffset - state.position)
  return { ...state.place, position: BigInt(state.position), endOffset: BigInt(endOffset), lag }
}

export function publishLag(
  event: ObservedEvent<LagPayload>,
  { clientId, groupId }: { readonly clientId: string; readonly groupId: string | undefined },
  state: PartitionState,
  isolationLevel: string,
): void {
  const endOffset = endOffsetOf(state, isolationLevel)
  if (endOffset === undefined || !event.observed) return
  const { topic, partition, position } = state
  event.publish(() => ({
    clientId,
    groupId,
    topic,
    partition,
    position: BigInt(position),
    endOffset: BigInt(endOffset),
    lag: Math.max(0, endOffset - position),
  }))
}
