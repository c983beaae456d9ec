/**
 * A Kafka broker inside a Node process: `createBroker()`.
 */
export { Broker, createBroker } from './broker.js'
export type { BrokerOptions, InitialTopics } from './options.js'
export { type Endpoint, type Listener, MemoryListener, TcpListener } from './server/listener.js'
export type { FileHandle, FileSystem } from './storage/file-system.js'
export { MemoryFileSystem } from './storage/memory.js'
