/**
 * What a Redis says about itself: whether it forgets what it was told to keep, and what its answers survive; pure, but for the
 * questions.
 */
import { ConfigError } from '@samsa/runtime'
import type { Durability } from '../store/lease-store.js'
import type { RedisCommand } from './redis-client.js'

export interface RedisSettings {
  readonly evictionPolicy: string | undefined
  readonly isAppended: boolean
  /** `always`, `everysec` or `no`; undefined when the server does not tell. */
  readonly appendSync: string | undefined
  readonly replicas: number
}

/** `INFO` is allowed nearly everywhere; `CONFIG` is often not, and only it tells how often the log is synced. */
export async function readSettings(command: RedisCommand): Promise<RedisSettings> {
  const info = new Map<string, string>()
  for (const section of ['memory', 'persistence', 'replication']) {
    const text = await command('INFO', section)
    for (const line of String(text).split('\r\n')) {
      const [name = '', value = ''] = line.split(':')
      info.set(name, value)
    }
  }
  const config: unknown = await command('CONFIG', 'GET', 'appendfsync').catch(() => undefined)
  const pairs: readonly unknown[] = Array.isArray(config) ? config : Object.entries(config ?? {}).flat()
  const appendSync = pairs[pairs.indexOf('appendfsync') + 1]
  return {
    evictionPolicy: info.get('maxmemory_policy'),
    isAppended: info.get('aof_enabled') === '1',
    appendSync: typeof appendSync === 'string' && appendSync !== 'appendfsync' ? appendSync : undefined,
    replicas: Number(info.get('connected_slaves') ?? 0),
  }
}

/** A failover may lose what was not replicated yet, however well it was written down. */
export function durabilityOf({ isAppended, appendSync, replicas }: RedisSettings): Durability {
  if (replicas > 0) return 'async-replicated'
  return isAppended && appendSync === 'always' ? 'disk' : 'process'
}

/** An id that was evicted would be handled again. */
export function refuseEviction({ evictionPolicy }: RedisSettings): void {
  if (evictionPolicy === 'noeviction') return
  const found = evictionPolicy === undefined ? 'it does not tell its own' : `it has ${evictionPolicy}`
  throw new ConfigError(
    `redisStore needs a Redis with maxmemory-policy noeviction, and ${found}: it would forget ids when its memory is full, and their records would be handled again.`,
  )
}
