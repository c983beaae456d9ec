/**
 * The door for sibling packages.
 */
export * from './index.js'
export { producerSetup } from './producer.js'
export { producerOptions } from './producer-options.js'
export { checkRecord, checkTopicName, writableHeaders } from './record.js'
export { AsIs, serialized } from './serialized-record.js'
