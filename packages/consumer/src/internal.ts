/**
 * The door for sibling packages.
 */
export { type ConsumerInsight, consumerInsight } from './consumer.js'
export { consumerOptions } from './consumer-options.js'
export * from './index.js'
export { deadLetterOf } from './run/dead-letter.js'
export { runOptions } from './run/run-options.js'
