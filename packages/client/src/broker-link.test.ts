import { subscribe, type TracingChannelSubscribers, tracingChannel, unsubscribe } from 'node:diagnostics_channel'
import { apiVersions, heartbeat, produce } from '@samsa/protocol'
import {
  AuthenticationError,
  eventChannelNames,
  type KafkaError,
  operationChannelNames,
  SeededRandom,
} from '@samsa/runtime'
import { Backoff } from '@samsa/runtime/internal'
import { describe, expect, test } from 'vitest'
import { type LinkSettings, NodeLink } from './broker-link.js'
import { TestPeers } from './test-peers.js'
import type { Address } from './transport.js'

const beat = { groupId: 'g', generationId: 1, memberId: 'm' }

function open(given: Partial<LinkSettings> = {}) {
  const peers = new TestPeers()
  const { clock, transport, resolver } = peers
  const random = new SeededRandom(7)
  const backoff = (initialMs: number, maxMs: number) => new Backoff({ initialMs, maxMs, random, jitter: 0 })
  const settings: LinkSettings = {
    clientId: 'tests',
    clock,
    random,
    transport,
    resolver,
    isTls: false,
    identity: undefined,
    canonicalBootstrapNames: false,
    requestTimeoutMs: 30_000,
    connectionsMaxIdleMs: 540_000,
    maxResponseBytes: 1_000_000,
    reconnectBackoff: backoff(50, 1000),
    setupTimeout: backoff(10_000, 30_000),
    ...given,
  }
  const place: { address: Address | undefined } = { address: { host: 'n1', port: 9092 } }
  const failures: KafkaError[] = []
  const changes = { count: 0 }
  const link = new NodeLink(1, 'produce', settings, {
    addressOf: () => place.address,
    changed: () => void changes.count++,
    failed: (_link, error) => void failures.push(error),
  })
  peers.on(heartbeat, () => ({ errorCode: 0 }))
  return { peers, clock, link, place, failures, changes }
}

async function failure(promise: Promise<unknown>): Promise<unknown> {
  return await promise.then(
    () => new Error('it did not fail'),
    (error: unknown) => error,
  )
}

describe('a link', () => {
  test('connects when it is woken, negotiates, and then sends', async () => {
    const { peers, clock, link, changes } = open()
    await clock.settle()
    expect(peers.connects).toEqual([])
    expect(await failure(link.request(heartbeat, 4, beat))).toMatchObject({
      code: 'NETWORK_EXCEPTION',
      retriable: true,
    })
    expect(() => link.version(heartbeat)).toThrow('not connected to n1:9092')
    link.wake()
    link.wake()
    await clock.settle()
    expect(link.isReady).toBe(true)
    expect(changes.count).toBeGreaterThan(0)
    expect(peers.connects).toEqual(['n1:9092'])
    expect((await link.request(heartbeat, link.version(heartbeat), beat)).errorCode).toBe(0)
  })

  test.each([
    [3, [4, 3]],
    [1, [4, 1]],
    [0, [4, 0]],
  ])('understands a broker that knows ApiVersions up to %i only', async (newest, expected) => {
    const { peers, link } = open()
    peers.newestApiVersions = newest
    await link.ready()
    expect(peers.asked.map(({ version }) => version)).toEqual(expected)
    expect(link.version(heartbeat)).toBe(4)
  })

  test('does not go on with a broker that refuses every version, or fails', async () => {
    const { peers, link, clock } = open()
    peers.newestApiVersions = -1
    expect(await failure(link.ready())).toMatchObject({ code: 'UNSUPPORTED_VERSION', broker: 'n1:9092' })
    peers.newestApiVersions = 4
    peers.on(apiVersions, () => ({ errorCode: 42, apiKeys: [] }))
    const next = failure(link.ready())
    await clock.advance(100)
    expect(await next).toMatchObject({ code: 'INVALID_REQUEST', api: 'ApiVersions' })
  })

  test('speaks to each broker in the versions that it knows, and says where they do not meet', async () => {
    const { peers, link } = open()
    peers.ranges.set(heartbeat.key, [0, 2]).set(produce.key, [14, 20])
    peers.on(apiVersions, () => ({
      errorCode: 0,
      apiKeys: [
        { apiKey: 12, minVersion: 0, maxVersion: 2 },
        { apiKey: 0, minVersion: 14, maxVersion: 20 },
      ],
      finalizedFeatures: [{ name: 'transaction.version', maxVersionLevel: 2, minVersionLevel: 1 }],
    }))
    await link.ready()
    expect(link.version(heartbeat)).toBe(2)
    expect(link.version(heartbeat, 1)).toBe(1)
    expect(link.feature('transaction.version')).toBe(2)
    expect(link.feature('no.such')).toBe(0)
    expect(() => link.version(produce)).toThrow(/Produce is needed in version 3 to \d+; n1:9092 speaks 14 to 20/)
    expect(() => link.version(apiVersions)).toThrow('n1:9092 does not serve it')
  })

  test('waits longer after each failure in a row, and starts anew once it was ready', async () => {
    const { peers, clock, link, failures } = open()
    peers.refusing.add('n1:9092')
    link.wake()
    await clock.settle()
    for (const [waitMs, count] of [
      [50, 1],
      [100, 2],
      [200, 3],
    ] as const) {
      expect(failures).toHaveLength(count)
      link.wake()
      await clock.advance(waitMs - 1)
      expect(peers.connects).toHaveLength(count)
      if (count === 3) peers.refusing.clear()
      await clock.advance(1)
      expect(peers.connects).toHaveLength(count + 1)
    }
    expect(link.isReady).toBe(true)
    expect(link.failure).toBeUndefined()
    peers.streams[0]?.destroy()
    await clock.settle()
    expect(link.isReady).toBe(false)
    expect(failures).toHaveLength(4)
    link.wake()
    await clock.advance(50)
    expect(link.isReady).toBe(true)
  })

  test('is not made anew unless somebody wants it', async () => {
    const { peers, clock, link, changes } = open()
    await link.ready()
    peers.streams[0]?.destroy()
    await clock.settle()
    const before = changes.count
    await clock.advance(10_000)
    expect(peers.connects).toHaveLength(1)
    expect(changes.count).toBeGreaterThan(before)
    expect(link.state).toBe('idle')
  })

  test('tries every address of a name in turn, and asks DNS anew when a connection is lost', async () => {
    const { peers, clock, link } = open()
    peers.names.set('n1', ['10.0.0.1', '10.0.0.2', '::1'])
    peers.refusing.add('n1:9092')
    const failed = failure(link.ready())
    await failed
    for (const _ of [1, 2, 3]) {
      const next = failure(link.ready())
      await clock.advance(1000)
      await next
    }
    expect(peers.connects).toEqual(['n1:9092 10.0.0.1', 'n1:9092 10.0.0.2', 'n1:9092 ::1', 'n1:9092 10.0.0.1'])
    expect(peers.resolved).toEqual(['n1', 'n1'])
    peers.refusing.clear()
    const ready = link.ready()
    await clock.advance(1000)
    await ready
    peers.names.set('n1', ['10.0.0.9'])
    peers.streams[0]?.destroy()
    await clock.settle()
    const again = link.ready()
    await clock.advance(1000)
    await again
    expect(peers.connects.at(-1)).toBe('n1:9092 10.0.0.9')
  })

  test('gives a connection longer to stand after each that did not', async () => {
    const { peers, clock, link } = open()
    peers.silent.add('n1:9092')
    for (const limitMs of [10_000, 20_000, 30_000, 30_000]) {
      const attempt = failure(link.ready())
      await clock.advance(1000)
      await clock.advance(limitMs)
      expect(await attempt).toMatchObject({ message: expect.stringContaining(`within ${limitMs} ms`) })
    }
  })

  test('closes in peace when nothing was sent for long, and is there again when it is needed', async () => {
    const { peers, clock, link, failures } = open({ connectionsMaxIdleMs: 1000 })
    await link.ready()
    await clock.advance(900)
    await link.request(heartbeat, 4, beat)
    await clock.advance(900)
    expect(link.isReady).toBe(true)
    await clock.advance(100)
    expect(link.state).toBe('idle')
    expect(failures).toEqual([])
    expect(link.failure).toBeUndefined()
    await link.ready()
    expect(peers.connects).toHaveLength(2)
  })

  test('stays open while an answer is waited for, and for ever where that is asked', async () => {
    const { peers, clock, link } = open({ connectionsMaxIdleMs: 1000 })
    await link.ready()
    peers.on(heartbeat, () => undefined)
    void failure(link.request(heartbeat, 4, beat))
    await clock.advance(5000)
    expect(link.isReady).toBe(true)
    const forever = open({ connectionsMaxIdleMs: -1 })
    await forever.link.ready()
    await forever.clock.advance({ days: 10 })
    expect(forever.link.isReady).toBe(true)
  })

  test('tells observers of connecting, and of throttles', async () => {
    const seen: unknown[] = []
    const connecting = tracingChannel<object>(operationChannelNames.connect)
    const handlers = { asyncEnd: (message: object) => void seen.push(message) } as TracingChannelSubscribers<object>
    const onThrottle = (message: unknown): void => void seen.push(message)
    connecting.subscribe(handlers)
    subscribe(eventChannelNames.throttle, onThrottle)
    const { peers, link } = open()
    await link.ready()
    peers.on(heartbeat, () => ({ errorCode: 0, throttleTimeMs: 9 }))
    await link.request(heartbeat, 4, beat)
    connecting.unsubscribe(handlers)
    unsubscribe(eventChannelNames.throttle, onThrottle)
    expect(seen).toMatchObject([
      { clientId: 'tests', host: 'n1', port: 9092, tls: false, saslMechanism: undefined },
      { clientId: 'tests', broker: 'n1:9092', api: 'Heartbeat', throttleTimeMs: 9 },
    ])
  })

  test('leaves a broker alone that asks for it, and never for less than it asked', async () => {
    const { peers, clock, link, changes } = open()
    await link.ready()
    const throttles = [500, 100]
    peers.on(heartbeat, () => ({ errorCode: 0, throttleTimeMs: throttles.shift() ?? 0 }))
    await Promise.all([link.request(heartbeat, 4, beat), link.request(heartbeat, 4, beat)])
    expect(link.isReady).toBe(false)
    const waiting = link.ready()
    await clock.advance(499)
    expect(link.isReady).toBe(false)
    const before = changes.count
    await clock.advance(1)
    expect(link.isReady).toBe(true)
    await waiting
    expect(changes.count).toBeGreaterThan(before)
    expect(peers.connects).toHaveLength(1)
  })

  test('follows a broker to another address', async () => {
    const { peers, clock, link, place } = open()
    await link.ready()
    link.moved()
    expect(link.isReady).toBe(true)
    place.address = { host: 'elsewhere', port: 9093 }
    link.moved()
    expect(link.isReady).toBe(false)
    const ready = link.ready()
    await clock.advance(50)
    await ready
    expect(peers.connects).toEqual(['n1:9092', 'elsewhere:9093'])
    expect(link.broker).toBe('elsewhere:9093')
  })

  test('of a broker that left the cluster ends when nothing waits for an answer', async () => {
    const { peers, clock, link } = open()
    await link.ready()
    peers.on(heartbeat, () => ({ errorCode: 0 }))
    const last = link.request(heartbeat, 4, beat)
    link.retire()
    expect((await last).errorCode).toBe(0)
    expect(link.state).toBe('closed')
    expect(await failure(link.ready())).toMatchObject({ message: expect.stringContaining('left the cluster') })
    expect(clock.pendingTimers).toBe(0)
  })

  test.each(['idle', 'connecting', 'ready', 'backing-off'] as const)(
    'leaves nothing behind when closed while %s',
    async state => {
      const { peers, clock, link } = open()
      if (state === 'connecting') peers.silent.add('n1:9092')
      if (state === 'backing-off') peers.refusing.add('n1:9092')
      if (state !== 'idle') link.wake()
      await clock.settle()
      expect(link.state).toBe(state)
      const waiting = state === 'ready' || state === 'idle' ? undefined : failure(link.ready())
      link.close()
      link.close()
      if (waiting !== undefined) expect(await waiting).toMatchObject({ retriable: true })
      await clock.settle()
      expect(clock.pendingTimers).toBe(0)
      link.wake()
      await clock.advance(10_000)
      expect(peers.connects.length).toBe(state === 'idle' ? 0 : 1)
    },
  )
})

describe('a link that has to say who it is', () => {
  const sasl = { mechanism: 'PLAIN', username: 'u', password: 'p' } as const

  function openWith(authenticate: () => Promise<{ sessionLifetimeMs: number }>) {
    return open({ identity: { sasl, authenticate } })
  }

  test('asks for versions in the oldest form first, and in the newest after', async () => {
    let seen: readonly number[] = []
    const { peers, link } = openWith(async () => {
      seen = peers.asked.map(({ version }) => version)
      return { sessionLifetimeMs: 0 }
    })
    await link.ready()
    expect(seen).toEqual([0])
    expect(peers.asked.map(({ version }) => version)).toEqual([0, 4])
  })

  test('does so again before its session ends, and sends nothing else meanwhile', async () => {
    let finish = (_session: { sessionLifetimeMs: number }): void => {}
    let times = 0
    const { clock, link } = openWith(() => {
      times++
      if (times === 1) return Promise.resolve({ sessionLifetimeMs: 10_000 })
      return new Promise(resolve => {
        finish = resolve
      })
    })
    await link.ready()
    await clock.advance(8499)
    expect(times).toBe(1)
    await clock.advance(1001)
    expect(times).toBe(2)
    expect(link.isReady).toBe(false)
    expect(await failure(link.request(heartbeat, 4, beat))).toMatchObject({ retriable: true })
    const waiting = link.ready()
    finish({ sessionLifetimeMs: 10_000 })
    await waiting
    expect(link.isReady).toBe(true)
    await clock.advance(9500)
    expect(times).toBe(3)
  })

  test('is not tried again by itself when it is refused', async () => {
    const refused = new AuthenticationError('wrong password')
    const { peers, clock, link, failures } = openWith(() => Promise.reject(refused))
    expect(await failure(link.ready())).toBe(refused)
    expect(failures).toEqual([refused])
    expect(link.failure).toBe(refused)
    await clock.advance({ hours: 1 })
    expect(peers.connects).toHaveLength(1)
  })

  test('ends when it is refused later', async () => {
    const refused = new AuthenticationError('expired')
    let times = 0
    const { clock, link, failures } = openWith(async () => {
      if (++times > 1) throw refused
      return { sessionLifetimeMs: 1000 }
    })
    await link.ready()
    await clock.advance(1000)
    expect(link.isReady).toBe(false)
    expect(failures).toEqual([refused])
  })
})
