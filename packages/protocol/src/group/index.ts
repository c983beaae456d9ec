/**
 * Consumer groups as both sides know them: what members tell each other, and who gets which partitions.
 */
export {
  type Assignor,
  type ContendedPartition,
  type GroupMember,
  type Membership,
  type RebalanceProtocol,
  stillOwned,
  type TopicLayout,
} from './assignor.js'
export { cooperativeStickyAssignor } from './assignors/cooperative-sticky.js'
export { rangeAssignor } from './assignors/range.js'
export { roundRobinAssignor } from './assignors/round-robin.js'
export { stickyAssignor } from './assignors/sticky.js'
export {
  type Assignment,
  CONSUMER_PROTOCOL_VERSION,
  decodeAssignment,
  decodeSubscription,
  encodeAssignment,
  encodeSubscription,
  NO_GENERATION,
  type PartitionsOfTopic,
  type Subscription,
} from './consumer-protocol.js'
