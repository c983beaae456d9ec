/**
 * Connections to Kafka, for those who speak its protocol themselves: one connection to one broker.
 */
export { Connection, type ConnectionOptions, type RequestOptions } from './connection.js'
export { type Address, connectTcp, parseAddress, type TcpOptions } from './transport.js'
