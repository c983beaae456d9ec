/**
 * The door for sibling packages.
 */
export * from './index.js'
export { producerSetup } from './producer.js'
export { producerOptions } from './producer-options.js'
export { AsIs } from './serialized-record.js'
