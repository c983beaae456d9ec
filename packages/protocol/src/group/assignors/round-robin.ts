/**
 * Kafka's `roundrobin`: all partitions of all topics, in order, are dealt to the members in turn; who is not subscribed to
 * the topic is passed over.
 */
import { type Assignor, inDealingOrder } from '../assignor.js'
import { NOBODY, NumberedPartitions } from './numbered-partitions.js'

export function roundRobinAssignor(): Assignor {
  return {
    name: 'roundrobin',
    supportedProtocols: ['eager'],
    assign(members, topics) {
      const dealt = inDealingOrder(members)
      const partitions = new NumberedPartitions(topics, dealt)
      const subscriptions = dealt.map(({ subscription }) => new Set(subscription.topics))
      const owners = new Int32Array(partitions.count).fill(NOBODY)
      let next = 0
      for (const [topicNumber, topic] of partitions.topics.entries()) {
        for (let number = partitions.start(topicNumber); number < partitions.end(topicNumber); number++) {
          // Somebody is subscribed: only then has the topic a number.
          while (!subscriptions[next]?.has(topic)) next = (next + 1) % dealt.length
          owners[number] = next
          next = (next + 1) % dealt.length
        }
      }
      return partitions.assignments(
        dealt.map(member => member.memberId),
        owners,
      )
    },
  }
}
