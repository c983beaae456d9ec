/**
 * SASL: what client and broker say to each other inside SaslAuthenticate, by mechanism.
 */
export * from './exchange.js'
export * from './oauthbearer.js'
export * from './plain.js'
export * from './scram.js'
export {
  MAX_SCRAM_ITERATIONS,
  MIN_SCRAM_ITERATIONS,
  type ScramCredential,
  type ScramHash,
  saltedPassword,
  scramCredential,
} from './scram-keys.js'
