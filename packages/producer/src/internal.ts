/**
 * The door for sibling packages.
 */
export * from './index.js'
export { producerOptions } from './producer-options.js'
export { checkRecord, checkTopicName, writableHeaders } from './record.js'
export { serialized } from './serialized-record.js'
