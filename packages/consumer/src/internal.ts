/**
 * The door for sibling packages.
 */
export { consumerSetup } from './consumer.js'
export { consumerOptions } from './consumer-options.js'
export * from './index.js'
export { deadLetterOf } from './run/dead-letter.js'
export { FailurePolicy, type FailureStep, retryComplaint } from './run/failure-policy.js'
export { runOptions } from './run/run-options.js'
