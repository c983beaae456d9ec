/**
 * Claims in a real Redis, over each client.
 */
import { redisStore } from '@samsa/eos/redis'
import { leaseCases } from '@samsa/eos/store-tests'
import { Redis } from 'ioredis'
import { createClient } from 'redis'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { reasonAgainstRedis, startRedis } from './redis-server.js'
import type { ServerAddress, ServerProcess } from './server-process.js'

let server: ServerProcess
let connection: ServerAddress
let admin: Redis
const ends: (() => unknown)[] = []

beforeAll(async () => {
  if (reasonAgainstRedis !== undefined) return
  const started = await startRedis()
  server = started.server
  connection = started.connection
  ends.push(() => server.stop())
  admin = ioredis()
}, 60_000)

afterAll(async () => {
  for (const end of ends.toReversed()) await end()
})

function ioredis(more: object = {}): Redis {
  const client = new Redis({ ...connection, ...more })
  client.on('error', () => {})
  ends.push(() => client.disconnect())
  return client
}

async function nodeRedis() {
  const client = createClient({ socket: connection })
  client.on('error', () => {})
  await client.connect()
  ends.push(() => client.destroy())
  return client
}

/** Everything that is stored is older by so much. */
const AGE = `
for _, key in ipairs(redis.call('KEYS', '*')) do
  for _, field in ipairs({'lease_until', 'expires_at'}) do
    redis.call('HSET', key, field, string.format('%.0f', redis.call('HGET', key, field) - ARGV[1]))
  end
  redis.call('PEXPIREAT', key, string.format('%.0f', redis.call('PEXPIRETIME', key) - ARGV[1]))
end`

const clients = [
  { name: 'ioredis', open: async () => redisStore(ioredis()) },
  { name: 'redis', open: async () => redisStore(await nodeRedis()) },
]

describe.each(clients)('$name', ({ open }) => {
  let store: ReturnType<typeof redisStore>
  beforeAll(async () => {
    if (reasonAgainstRedis === undefined) store = await open()
  })

  test.for(leaseCases)('$name', async ({ run }, context) => {
    if (reasonAgainstRedis !== undefined) context.skip(reasonAgainstRedis)
    await admin.flushall()
    const passMs = async (ms: number): Promise<void> => void (await admin.eval(AGE, 0, String(ms)))
    await run({ store, passMs, forgetsByItself: true })
  })
})

const reason = reasonAgainstRedis === undefined ? '' : ` (${reasonAgainstRedis})`

describe.skipIf(reasonAgainstRedis !== undefined)(`what is particular to Redis${reason}`, () => {
  test('it is said what its answers survive', async () => {
    const said = async (): Promise<string> => {
      const store = redisStore(admin)
      await store.setup()
      return store.durability
    }
    expect(await said()).toBe('disk')
    await admin.config('SET', 'appendfsync', 'everysec')
    expect(await said()).toBe('process')
    await admin.config('SET', 'appendfsync', 'always')
  })

  test('one that may evict ids is refused, and may be mended', async () => {
    await admin.config('SET', 'maxmemory-policy', 'allkeys-lru')
    const store = redisStore(admin)
    const claim = store.claim({ scope: 's', key: 'k', owner: 'o', leaseMs: 1000, ttlMs: 1000 })
    await expect(claim).rejects.toThrow('needs a Redis with maxmemory-policy noeviction, and it has allkeys-lru')
    await admin.config('SET', 'maxmemory-policy', 'noeviction')
    await store.setup()
  })
})
