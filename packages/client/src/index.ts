/**
 * A client of Kafka: connections, metadata and calls that find their broker, and what an administrator asks of a
 * cluster. For those who speak the protocol themselves there is one raw connection too.
 */

export { Admin } from './admin/admin.js'
export type { ClusterDescription } from './admin/cluster.js'
export type { CreatedTopic, CreateTopicsOptions, ListTopicsOptions, NewTopic, TopicListing } from './admin/topics.js'
export { TopicsError } from './admin/topics-error.js'
export type { BrokerLink, LinkUse } from './broker-link.js'
export { Client } from './client.js'
export type { ClientOptions } from './client-options.js'
export { Connection, type ConnectionOptions, type RequestOptions } from './connection.js'
export type { ClusterMetadata, LeaderHint, NodeInfo } from './metadata.js'
export type { Resolver } from './name-resolution.js'
export type { CallOptions, Destination, ResponseError } from './router.js'
export type { OAuthToken, SaslOptions } from './sasl-authentication.js'
export {
  buffer,
  int32,
  int64,
  json,
  type Serde,
  type SerdeContext,
  type StandardSchema,
  standard,
  string,
  uuid,
} from './serde.js'
export type { PartitionInfo, TopicInfo } from './topic-info.js'
export { type Address, connectTcp, parseAddress, type TcpOptions, type Transport } from './transport.js'
