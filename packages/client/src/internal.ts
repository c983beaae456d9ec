/**
 * The door for sibling packages.
 */
export * from './connection.js'
export * from './sasl-authentication.js'
export * from './transport.js'
