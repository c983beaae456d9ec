/**
 * The door for sibling packages.
 */
export { type ConsumerInsight, consumerInsight } from './consumer.js'
export { consumerOptions } from './consumer-options.js'
export { ConsumerRecord, type RecordOrigin, recordFrom } from './consumer-record.js'
export * from './index.js'
export { type Burial, deadLetterOf, errorIn, isDeadLetterOptions } from './run/dead-letter.js'
export { FailurePolicy, retryComplaint } from './run/failure-policy.js'
export { restGivenUp } from './run/handler-rests.js'
export { runOptions } from './run/run-options.js'
