/**
 * The door for sibling packages.
 */
export { consumerOptions } from './consumer-options.js'
export * from './index.js'
