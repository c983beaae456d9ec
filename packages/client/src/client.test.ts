import {
  createTopics,
  type Decoded,
  describeCluster,
  findCoordinator,
  heartbeat,
  type MetadataResponse,
  metadata,
} from '@samsa/protocol'
import type { Clock, Timer } from '@samsa/runtime'
import { sleepOn } from '@samsa/runtime/internal'
import { describe, expect, test } from 'vitest'
import { Client } from './client.js'
import type { ClientOptions } from './client-options.js'
import { TestPeers } from './test-peers.js'

const beat = { groupId: 'g', generationId: 1, memberId: 'm' }
const errorCode = (answer: { readonly errorCode: number }): number => answer.errorCode
const nothing = { topics: [], timeoutMs: 1, validateOnly: true }

function open(options: Partial<ClientOptions> = {}) {
  const peers = new TestPeers()
  peers.serve([1, 2, 3])
  peers.on(createTopics, () => ({ topics: [] }))
  peers.on(heartbeat, () => ({ errorCode: 0 }))
  const client = new Client({ ...peers.options, ...options })
  return { peers, client, clock: peers.clock }
}

async function failure(promise: Promise<unknown>): Promise<unknown> {
  return await promise.then(
    () => new Error('it did not fail'),
    (error: unknown) => error,
  )
}

describe('a call', () => {
  test('to the controller goes to whom metadata names', async () => {
    const { peers, client } = open()
    await client.call(createTopics, nothing)
    expect(peers.calls).toEqual(['Metadata@boot:1', 'CreateTopics@n3:9092'])
    expect(peers.connects).toEqual(['boot:1', 'n3:9092'])
  })

  test('to a broker of a number goes there, on the link that it is for', async () => {
    const { peers, client } = open()
    await client.call(heartbeat, beat, { to: 2 })
    await client.call(heartbeat, beat, { to: 2, use: 'fetch' })
    await client.call(heartbeat, beat, { to: 2 })
    expect(peers.calls.slice(1)).toEqual(Array(3).fill('Heartbeat@n2:9092'))
    expect(peers.connects).toEqual(['boot:1', 'n2:9092', 'n2:9092'])
  })

  test.each([
    [6, 'key', 'coordinatorKeys'],
    [3, 'coordinatorKeys', 'key'],
  ])('to a coordinator looks for it once (FindCoordinator up to %i)', async (newest, absent, present) => {
    const { peers, client } = open()
    peers.ranges.set(findCoordinator.key, [0, newest])
    const asked: object[] = []
    peers.on(findCoordinator, request => {
      asked.push(request)
      const found = { nodeId: 2, host: 'n2', port: 9092, errorCode: 0 }
      return newest >= 4 ? { coordinators: [{ key: 'g', ...found }] } : found
    })
    const to = { group: 'g' }
    await Promise.all([client.call(heartbeat, beat, { to }), client.call(heartbeat, beat, { to })])
    expect(asked).toHaveLength(1)
    expect(asked[0]).toMatchObject({ [present]: newest >= 4 ? ['g'] : 'g', keyType: 0 })
    expect(asked[0]).toMatchObject({ [absent]: newest >= 4 ? '' : [] })
    expect(peers.calls.filter(call => call.startsWith('Heartbeat'))).toEqual(Array(2).fill('Heartbeat@n2:9092'))
  })

  test('looks for its coordinator again when that moved, or is gone', async () => {
    const { peers, client, clock } = open()
    let coordinator = 1
    peers.on(findCoordinator, () => ({
      coordinators: [{ key: 'g', nodeId: coordinator, host: `n${coordinator}`, port: 9092, errorCode: 0 }],
    }))
    peers.on(heartbeat, (_request, { at }) => {
      if (at === `n${coordinator}:9092`) return { errorCode: 0 }
      return { errorCode: 16 }
    })
    const beatOnce = () => client.call(heartbeat, beat, { to: { group: 'g' }, errorCode })
    await beatOnce()
    coordinator = 2
    const moved = beatOnce()
    await clock.advance(1000)
    await moved
    peers.refusing.add('n2:9092')
    for (const stream of peers.streams) stream.destroy()
    await clock.settle()
    coordinator = 3
    const gone = beatOnce()
    await clock.advance(2000)
    await gone
    expect(peers.calls.filter(call => call.startsWith('Heartbeat')).at(-1)).toBe('Heartbeat@n3:9092')
  })

  test('is tried again with growing pauses until its time is over, and then says why', async () => {
    const { peers, client, clock } = open({ retryBackoffMs: 100, retryBackoffMaxMs: 1000 })
    const at: number[] = []
    peers.on(heartbeat, () => {
      at.push(clock.monotonic())
      return { errorCode: 14 }
    })
    const call = failure(client.call(heartbeat, beat, { to: 1, errorCode, timeoutMs: 1000 }))
    await clock.advance(2000)
    expect(await call).toMatchObject({ code: 'REQUEST_TIMED_OUT', cause: { code: 'COORDINATOR_LOAD_IN_PROGRESS' } })
    expect(at.length).toBeGreaterThanOrEqual(3)
    expect(at.length).toBeLessThanOrEqual(5)
  })

  test('is tried as often as its caller wants, and then fails with what came last', async () => {
    const { peers, client, clock } = open()
    let count = 0
    peers.on(heartbeat, () => {
      count++
      return { errorCode: 14 }
    })
    const call = failure(client.call(heartbeat, beat, { to: 1, errorCode, attempts: 2 }))
    await clock.advance(2000)
    expect(await call).toMatchObject({ code: 'COORDINATOR_LOAD_IN_PROGRESS' })
    expect(count).toBe(2)
  })

  test('that cannot succeed fails at once, with the words of the broker', async () => {
    const { peers, client, clock } = open()
    peers.on(describeCluster, () => ({
      throttleTimeMs: 0,
      errorCode: 31,
      errorMessage: 'not for you',
      clusterId: 'c',
      brokers: [],
    }))
    const call = client.call(
      describeCluster,
      { includeClusterAuthorizedOperations: false },
      { errorCode: ({ errorCode: code, errorMessage }) => ({ code, message: errorMessage }) },
    )
    expect(await failure(call)).toMatchObject({
      code: 'CLUSTER_AUTHORIZATION_FAILED',
      api: 'DescribeCluster',
      message: expect.stringContaining('not for you'),
    })
    expect(clock.monotonic()).toBe(0)
  })

  test('that its caller gives up leaves the connection to the others', async () => {
    const { peers, client, clock } = open()
    peers.on(heartbeat, () => undefined)
    const controller = new AbortController()
    const given = failure(client.call(heartbeat, beat, { to: 1, signal: controller.signal }))
    const late = failure(client.call(heartbeat, beat, { to: 1, timeoutMs: 500 }))
    await clock.advance(100)
    controller.abort(new Error('enough'))
    expect(await given).toBe(controller.signal.reason)
    await clock.advance(500)
    expect(await late).toMatchObject({ code: 'REQUEST_TIMED_OUT' })
    expect(client.link(1, 'other').isReady).toBe(true)
    expect(client.link(1, 'other').inFlight).toBe(2)
  })

  test('in no common version fails, and is not tried again', async () => {
    const { peers, client } = open()
    peers.ranges.set(heartbeat.key, [90, 99])
    expect(await failure(client.call(heartbeat, beat, { to: 1 }))).toMatchObject({
      code: 'UNSUPPORTED_VERSION',
      api: 'Heartbeat',
      retriable: false,
    })
    expect(await failure(client.call(heartbeat, beat, { to: 2, maxVersion: -1 }))).toMatchObject({
      code: 'UNSUPPORTED_VERSION',
    })
  })
})

describe('a client', () => {
  test('tries every bootstrap server until one answers', async () => {
    const { peers, client, clock } = open({ bootstrapServers: 'a:1,b:2,[::1]:3' })
    peers.refusing.add('a:1').add('b:2')
    const known = client.metadata.known()
    await clock.advance(5000)
    await known
    expect(peers.calls).toEqual(['Metadata@::1:3'])
  })

  test('starts again from the bootstrap servers when no broker that it knows answers for long', async () => {
    const { peers, client, clock } = open({ metadataRecoveryRebootstrapTriggerMs: 3000 })
    await client.call(createTopics, nothing)
    for (const id of [1, 2, 3]) peers.refusing.add(`n${id}:9092`)
    for (const stream of peers.streams) stream.destroy()
    peers.serve([7])
    await clock.advance(5000)
    expect(client.metadata.nodes.map(({ id }) => id)).toEqual([7])
    expect(peers.calls.at(-1)).toBe('Metadata@boot:1')
  })

  test('connects to bootstrap servers under their canonical names where that is asked', async () => {
    const { peers, client } = open({ clientDnsLookup: 'resolveCanonicalBootstrapServersOnly' })
    peers.names.set('boot', ['10.0.0.1'])
    await client.metadata.known()
    expect(peers.connects).toEqual(['canonical-10.0.0.1:1 10.0.0.1'])
  })

  test('tells of changes, many at once, until that is ended', async () => {
    const { client, clock } = open()
    let told = 0
    const stop = client.onChange(() => told++)
    await client.metadata.known()
    await clock.settle()
    expect(told).toBeGreaterThan(0)
    stop()
    const before = told
    client.link(1, 'produce').wake()
    await clock.settle()
    expect(told).toBe(before)
  })

  test('leaves nothing behind when it is closed, whatever is under way', async () => {
    const { peers, client, clock } = open()
    peers.serve([1, 2, 3], { orders: 1 })
    await client.metadata.topicOf('orders')
    peers.on(heartbeat, () => undefined)
    peers.silent.add('n2:9092')
    const waits = [
      // What is answered behind it breaks the connection: this call is between two attempts.
      client.call(heartbeat, beat, { to: 1 }),
      client.call(heartbeat, beat, { to: 3, use: 'fetch' }),
      client.call(heartbeat, beat, { to: 2 }),
      client.metadata.topicOf('missing'),
    ].map(failure)
    await clock.settle()
    await client.close()
    await client.close()
    for (const error of await Promise.all(waits)) expect(error).toMatchObject({ code: 'CLIENT_CLOSED', fatal: true })
    await clock.settle()
    expect(clock.pendingTimers).toBe(0)
    expect(() => client.link(1, 'produce')).toThrow('the client is closed')
  })

  test('keeps no process alive by its timers, unless somebody waits', async () => {
    const armed: { timer: Timer; isHousekeeping: boolean }[] = []
    const peers = new TestPeers()
    const { clock } = peers
    const watched: Clock = {
      now: () => clock.now(),
      monotonic: () => clock.monotonic(),
      sleep: (delayMs, options) => sleepOn(watched, delayMs, options),
      timer: (delayMs, callback, options) => {
        const timer = clock.timer(delayMs, callback, options)
        armed.push({ timer, isHousekeeping: options?.unref === true })
        return timer
      },
    }
    peers.serve([1], { orders: 1 })
    peers.on(heartbeat, () => ({ errorCode: 0 }))
    await using client = new Client({ ...peers.options, clock: watched })
    const keepAlive = () => armed.filter(({ timer, isHousekeeping }) => timer.active && !isHousekeeping).length
    await client.metadata.topicOf('orders')
    await client.call(heartbeat, beat, { to: 1 })
    await clock.settle()
    expect(armed.filter(({ timer }) => timer.active).length).toBeGreaterThan(0)
    expect(keepAlive()).toBe(0)
    peers.on(heartbeat, () => ({ errorCode: 14 }))
    const call = failure(client.call(heartbeat, beat, { to: 1, errorCode }))
    const topic = failure(client.metadata.topicOf('missing'))
    await clock.settle()
    expect(keepAlive()).toBe(2)
    await client.close()
    await Promise.all([call, topic])
    expect(keepAlive()).toBe(0)
  })

  test('survives brokers that answer nonsense', async () => {
    const { peers, client, clock } = open()
    const gaps: Decoded<MetadataResponse>['topics'][number]['partitions'] = []
    peers.on(metadata, () => ({ brokers: [], topics: [{ errorCode: 0, name: null, partitions: gaps }] }))
    const call = failure(client.call(createTopics, nothing, { timeoutMs: 3000 }))
    await clock.advance(4000)
    expect(await call).toMatchObject({ code: 'REQUEST_TIMED_OUT' })
    peers.serve([1])
    await client.close()
  })
})
