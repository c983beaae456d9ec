/**
 * The door for sibling packages.
 */
export * from './index.js'
export { producerOptions } from './producer-options.js'
