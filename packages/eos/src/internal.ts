/**
 * The door for sibling packages and for tests.
 */
export { armFailpoint, disarmFailpoint, type FailpointName, failpointNames } from './failpoint.js'
export * from './index.js'
