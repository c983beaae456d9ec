/**
 * The door for sibling packages.
 */
export * from './connection.js'
export * from './transport.js'
