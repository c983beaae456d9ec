/**
 * Which topics the members of a classic group of consumers say that they read. Pure.
 */
import { consumerProtocolSubscription, decodeVersioned, ProtocolError } from '@samsa/protocol'
import type { ClassicGroup } from './classic-group.js'

export const CONSUMER_PROTOCOL = 'consumer'

/** Undefined where that is not known: no consumers, or subscriptions that cannot be read. */
export function subscribedTopics(group: ClassicGroup): ReadonlySet<string> | undefined {
  const { protocolType, protocolName, members } = group
  if (protocolType === undefined) return undefined
  if (members.length === 0) return new Set()
  if (protocolType !== CONSUMER_PROTOCOL || protocolName === null) return undefined
  try {
    return new Set(
      members.flatMap(member => decodeVersioned(consumerProtocolSubscription, member.metadataFor(protocolName)).topics),
    )
  } catch (error) {
    // What members tell each other is their own business.
    if (error instanceof ProtocolError) return undefined
    throw error
  }
}

/** Whether someone may read the topic. Consumers that do not say may read any. */
export function isSubscribed(group: ClassicGroup, topic: string): boolean {
  return subscribedTopics(group)?.has(topic) ?? group.protocolType === CONSUMER_PROTOCOL
}
