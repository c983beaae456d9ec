/**
 * What a consumer is subscribed to: topics by name, by a pattern that is matched here, or by one that the broker matches;
 * and the checks of what users give for it. Pure.
 */
import { KafkaError } from '@samsa/runtime'
import { invalid } from './topic-partition.js'

/** A pattern in the syntax of RE2 that the broker matches with the whole name of a topic (KIP-848). */
export interface ServerPattern {
  readonly serverPattern: string
}

export type Subscription =
  | { readonly kind: 'topics'; readonly topics: readonly string[] }
  | { readonly kind: 'pattern'; readonly pattern: RegExp }
  | { readonly kind: 'server-pattern'; readonly pattern: string }

export function subscriptionOf(to: unknown, protocol: 'classic' | 'consumer'): Subscription {
  if (to instanceof RegExp) return { kind: 'pattern', pattern: to }
  if (typeof to === 'object' && to !== null && 'serverPattern' in to) return serverPatternOf(to.serverPattern, protocol)
  if (typeof to === 'string' || typeof to !== 'object' || to === null || !(Symbol.iterator in to)) {
    throw invalid('subscribe() takes an array of topics, a regular expression, or { serverPattern }')
  }
  const topics = [...new Set(to as Iterable<unknown>)].map(topic => {
    if (typeof topic === 'string' && topic.trim() !== '') return topic
    throw invalid('a topic to subscribe to must be a non-empty string')
  })
  if (topics.length === 0) throw invalid('there is no topic to subscribe to; unsubscribe() ends a subscription')
  return { kind: 'topics', topics: Object.freeze(topics) }
}

function serverPatternOf(pattern: unknown, protocol: 'classic' | 'consumer'): Subscription {
  if (typeof pattern !== 'string' || pattern === '') throw invalid('serverPattern must be a non-empty string')
  if (protocol === 'consumer') return { kind: 'server-pattern', pattern }
  throw invalid("serverPattern needs groupProtocol: 'consumer'; members of a classic group subscribe to a RegExp")
}

export function modesExclude(call: string, other: string): KafkaError {
  const message = `${call} and ${other} exclude each other: partitions are given by the application or by the group. Call unsubscribe() first.`
  return new KafkaError(message, { code: 'ILLEGAL_STATE' })
}
