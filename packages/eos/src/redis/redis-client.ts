/**
 * Two clients of Redis as one: `ioredis`, also over a cluster, and `redis`. What is used of each is a type of ours, so that
 * neither has to be installed.
 */
import { ConfigError } from '@samsa/runtime'
import { hasMethods } from '@samsa/runtime/internal'

export type RedisDriver = 'ioredis' | 'redis'

/** What is used of a client of `ioredis`. */
export interface IoRedisClient {
  call(command: string, ...args: string[]): Promise<unknown>
}

/** What is used of a client of `redis`. */
export interface NodeRedisClient {
  sendCommand(args: string[]): Promise<unknown>
}

export type RedisClient = IoRedisClient | NodeRedisClient

export type RedisCommand = (name: string, ...args: readonly string[]) => Promise<unknown>

export function commandOf(client: RedisClient): RedisCommand {
  if (hasMethods(client, 'call')) return (name, ...args) => (client as IoRedisClient).call(name, ...args)
  if (hasMethods(client, 'sendCommand')) return (...args) => (client as NodeRedisClient).sendCommand([...args])
  throw new ConfigError('redisStore needs a client of ioredis, or a connected client of redis.')
}
