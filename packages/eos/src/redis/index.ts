/**
 * Claims in Redis. Start with `redisStore`.
 */
export type { IoRedisClient, NodeRedisClient, RedisClient, RedisDriver } from './redis-client.js'
export { type RedisStore, type RedisStoreOptions, redisStore } from './redis-store.js'
