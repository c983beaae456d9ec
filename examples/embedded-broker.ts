/**
 * A Kafka inside this process, with the topics of all examples: the same as in a test of your own.
 */
import { type Broker, createBroker } from '@samsa/broker'
import { topicsOf } from './topics.js'

export function startBroker(): Promise<Broker> {
  const topics = Object.values(topicsOf).flatMap(ofExample => Object.entries(ofExample))
  return createBroker({
    port: 0,
    topics: Object.fromEntries(topics.map(([topic, partitions]) => [topic, { partitions }])),
    // The first member of a group need not wait three seconds for others.
    properties: { 'group.initial.rebalance.delay.ms': '0' },
  })
}
