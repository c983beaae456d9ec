/**
 * Claims in a real Redis, over each client.
 */
import { redisStore } from '@samsa/eos/redis'
import { leaseCases } from '@samsa/eos/store-tests'
import { TimeoutError } from '@samsa/runtime'
import { Redis } from 'ioredis'
import { createClient } from 'redis'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { eventually } from '../behaviour/eventually.js'
import { freePort } from '../differential/free-port.js'
import { CutLink } from './cut-link.js'
import { reasonAgainstRedis, startRedis } from './redis-server.js'
import type { ServerAddress, ServerProcess } from './server-process.js'
import { asTheModel, MODEL_TIMEOUT_MS } from './store-kit.js'
import { stretched } from './stretched-store.js'

const CLAIM = { scope: 's', key: 'k', owner: 'one', leaseMs: 600_000, ttlMs: 600_000 }

let server: ServerProcess
let connection: ServerAddress
let admin: Redis
const ends: (() => unknown)[] = []

beforeAll(async () => {
  if (reasonAgainstRedis !== undefined) return
  const started = await startRedis('--repl-diskless-sync-delay', '0')
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
    await run({ ...stretched(store, passMs), forgetsByItself: true })
  })

  test('a lease outlives the server, and is still its owner’s alone', async context => {
    if (reasonAgainstRedis !== undefined) context.skip(reasonAgainstRedis)
    await admin.flushall()
    await store.claim({ ...CLAIM, owner: 'one' })
    await server.killAndRestart()
    const claim = { scope: 's', key: 'k', owner: 'one', epoch: 1 }
    expect(await store.claim({ ...CLAIM, owner: 'two' })).toMatchObject({ status: 'busy' })
    expect([await store.renew(claim, 1_000), await store.complete(claim, 60_000)]).toEqual([true, true])
    await server.killAndRestart()
    expect(await store.claim({ ...CLAIM, owner: 'two' })).toMatchObject({ status: 'done' })
  })

  test('it says what the model says, whatever workers do', { timeout: MODEL_TIMEOUT_MS }, async context => {
    if (reasonAgainstRedis !== undefined) context.skip(reasonAgainstRedis)
    const passMs = async (ms: number): Promise<void> => void (await admin.eval(AGE, 0, String(ms)))
    const open = async () => {
      await admin.flushall()
      return { store, passMs, forgetsByItself: true }
    }
    await asTheModel(open, ['leases'])
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

  test('it is also said by who knows better', () => {
    expect(redisStore(admin, { durability: 'sync-replicated' }).durability).toBe('sync-replicated')
  })

  test('with a replica, a failover may lose what was answered; and a replica takes no changes', async () => {
    await admin.flushall()
    const replica = await startRedis('--replicaof', `127.0.0.1 ${connection.port}`)
    const client = new Redis(replica.connection)
    try {
      const isJoined = async (): Promise<true | undefined> =>
        String(await admin.info('replication')).includes('state=online') ? true : undefined
      await eventually(isJoined)
      const store = redisStore(admin)
      await store.setup()
      expect(store.durability).toBe('async-replicated')
      await expect(redisStore(client).claim(CLAIM)).rejects.toMatchObject({ code: 'STORE_READ_ONLY', retriable: true })
    } finally {
      client.disconnect()
      await replica.server.stop()
    }
  })

  test('an answer that is lost does no harm: the same owner gets its claim again', async () => {
    await admin.flushall()
    const link = await CutLink.to(connection)
    const client = ioredis({ port: link.port, maxRetriesPerRequest: 0 })
    const store = redisStore(client)
    await store.setup()
    link.arm(/EVALSHA/i, 'before the answer')
    await expect(store.claim(CLAIM)).rejects.toMatchObject({ code: 'STORE_FAILED', retriable: true })
    expect(await store.claim(CLAIM)).toMatchObject({ status: 'claimed', epoch: 2, attempts: 2 })
    client.disconnect()
    await link.close()
  })

  test('one that is not there, or does not answer, is not waited for for ever', async () => {
    const nowhere = redisStore(ioredis({ port: await freePort(), retryStrategy: () => null }))
    await expect(nowhere.setup()).rejects.toMatchObject({ code: 'STORE_FAILED', retriable: true })
    const link = await CutLink.to(connection)
    const client = ioredis({ port: link.port })
    // A busy machine takes its time to connect, and to answer.
    await client.ping()
    const store = redisStore(client, { commandTimeoutMs: 1_000 })
    await store.setup()
    link.arm(/EVALSHA/i, 'answers are held back')
    await expect(store.claim(CLAIM)).rejects.toThrow(TimeoutError)
    client.disconnect()
    await link.close()
  })

  test('one whose memory is full says so, and forgets nothing', async () => {
    await admin.flushall()
    const store = redisStore(admin)
    await store.claim({ ...CLAIM, key: 'before' })
    await admin.config('SET', 'maxmemory', '1')
    await expect(store.claim(CLAIM)).rejects.toMatchObject({ code: 'STORE_FULL', retriable: true })
    await admin.config('SET', 'maxmemory', '0')
    expect(await store.claim({ ...CLAIM, key: 'before', owner: 'two' })).toMatchObject({ status: 'busy' })
  })

  test('ids go by themselves when their time is over', async () => {
    await admin.flushall()
    await redisStore(admin, { keyPrefix: 'shop:' }).claim({ ...CLAIM, leaseMs: 600_000, ttlMs: 100 })
    const [key = ''] = await admin.keys('shop:*')
    expect(await admin.pttl(key)).toBeGreaterThan(500_000)
  })

  test('a closed store takes nothing, and the client is the application’s', async () => {
    const store = redisStore(admin)
    await store.close()
    await expect(store.claim(CLAIM)).rejects.toMatchObject({ code: 'STORE_CLOSED' })
    expect(await admin.ping()).toBe('PONG')
    expect(() => redisStore({} as never)).toThrow('redisStore needs a client of ioredis')
  })
})
