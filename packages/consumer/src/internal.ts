/**
 * The door for sibling packages.
 */
export { consumerOptions } from './consumer-options.js'
export * from './index.js'
export { runOptions } from './run/run-options.js'
