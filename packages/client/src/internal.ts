/**
 * The door for sibling packages.
 */
export { listTopics } from './admin/topics.js'
export * from './client.js'
export * from './client-options.js'
export * from './connection.js'
export * from './index.js'
export * from './interceptor-list.js'
export * from './kafka-properties.js'
export { type Addressee, type NextStep, nextStep } from './retry.js'
export * from './sasl-authentication.js'
export * from './serde.js'
export * from './serde-row.js'
export * from './transport.js'
