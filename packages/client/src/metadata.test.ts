import type { Decoded, MetadataRequest, MetadataResponse } from '@samsa/protocol'
import { AuthenticationError, KafkaError, ManualClock, NetworkError, SeededRandom, silentLogger } from '@samsa/runtime'
import { Backoff } from '@samsa/runtime/internal'
import { describe, expect, test } from 'vitest'
import { ClusterMetadata, type MetadataSettings, noBrokerError } from './metadata.js'

type Topics = Readonly<Record<string, readonly (readonly [leader: number, epoch: number])[] | number>>

/** Brokers 1 to n; a number in place of partitions is an error code. */
function answerOf(
  topics: Topics,
  brokers = 2,
  asked: readonly string[] = Object.keys(topics),
): Decoded<MetadataResponse> {
  return {
    throttleTimeMs: 0,
    brokers: Array.from({ length: brokers }, (_, index) => ({
      nodeId: index + 1,
      host: `n${index + 1}`,
      port: 9092,
      rack: null,
      unknownTags: undefined,
    })),
    clusterId: 'cluster',
    controllerId: 1,
    clusterAuthorizedOperations: 0,
    errorCode: 0,
    unknownTags: undefined,
    topics: asked.map(name => {
      const said = topics[name] ?? 3
      return {
        errorCode: typeof said === 'number' ? said : 0,
        name,
        topicId: 'AAAAAAAAAAAAAAAAAAAAAQ',
        isInternal: false,
        topicAuthorizedOperations: 0,
        unknownTags: undefined,
        partitions: (typeof said === 'number' ? [] : said).map(([leaderId, leaderEpoch], partitionIndex) => ({
          errorCode: leaderId < 0 ? 5 : 0,
          partitionIndex,
          leaderId,
          leaderEpoch,
          replicaNodes: [1, 2],
          isrNodes: [1, 2],
          offlineReplicas: [],
          unknownTags: undefined,
        })),
      }
    }),
  }
}

function open(given: Partial<MetadataSettings> = {}) {
  const clock = new ManualClock()
  const asked: { at: number; topics: readonly string[]; request: MetadataRequest }[] = []
  const events: string[] = []
  const world: { topics: Topics; brokers: number; error: unknown; hold: Promise<void> | undefined; code: number } = {
    topics: {},
    brokers: 2,
    error: undefined,
    hold: undefined,
    code: 0,
  }
  const metadata = new ClusterMetadata({
    clock,
    logger: silentLogger,
    retryBackoff: new Backoff({ initialMs: 100, maxMs: 1000, jitter: 0, random: new SeededRandom(1) }),
    retryBackoffMaxMs: 1000,
    maxAgeMs: 300_000,
    maxIdleMs: 300_000,
    defaultTimeoutMs: 60_000,
    rebootstrapAfterMs: 300_000,
    mayRebootstrap: true,
    allowAutoTopicCreation: true,
    ask: async makeRequest => {
      const request = makeRequest(12)
      const topics = (request.topics ?? []).map(({ name }) => name ?? '')
      asked.push({ at: clock.monotonic(), topics, request })
      await world.hold
      if (world.error !== undefined) throw world.error
      return { ...answerOf(world.topics, world.brokers, topics), errorCode: world.code }
    },
    onChange: () => void events.push('change'),
    onRebootstrap: () => void events.push('rebootstrap'),
    ...given,
  })
  return { metadata, clock, asked, events, world }
}

async function failure(promise: Promise<unknown>): Promise<unknown> {
  return await promise.then(
    () => new Error('it did not fail'),
    (error: unknown) => error,
  )
}

describe('metadata of a topic', () => {
  test('is asked for once, however many wait for it, and given at once from then on', async () => {
    const { metadata, asked, world, events } = open()
    world.topics = {
      orders: [
        [1, 0],
        [2, 0],
      ],
    }
    expect(metadata.topic('orders')).toBeUndefined()
    const [one, other] = await Promise.all([metadata.topicOf('orders'), metadata.topicOf('orders')])
    expect(one).toBe(other)
    expect(await metadata.topicOf('orders')).toBe(one)
    expect(asked).toHaveLength(1)
    expect(asked[0]?.request).toEqual({ topics: [{ name: 'orders' }], allowAutoTopicCreation: true })
    expect(metadata.nodes.map(({ id, host }) => [id, host])).toEqual([
      [1, 'n1'],
      [2, 'n2'],
    ])
    expect(metadata).toMatchObject({ controllerId: 1, clusterId: 'cluster', updates: 1 })
    expect(events).toEqual(['change'])
  })

  test('that is new is asked for alone, without waiting for what failed before', async () => {
    const { metadata, asked, clock, world } = open()
    world.topics = { a: [[1, 0]], b: [[1, 0]], missing: 3 }
    await metadata.topicOf('a')
    const never = failure(metadata.topicOf('missing', { timeoutMs: 1000 }))
    await clock.settle()
    const before = clock.monotonic()
    await metadata.topicOf('b')
    expect(clock.monotonic()).toBe(before)
    expect(asked.map(({ topics }) => topics)).toEqual([['a'], ['missing'], ['b']])
    await clock.advance(1000)
    expect(await never).toMatchObject({ code: 'REQUEST_TIMED_OUT', topic: 'missing' })
  })

  test('asked for in vain is asked for again, farther and farther apart, until nobody waits', async () => {
    const { metadata, asked, clock, world } = open()
    world.topics = { missing: 3 }
    const never = failure(metadata.topicOf('missing', { timeoutMs: 2000 }))
    await clock.advance(5000)
    expect(await never).toMatchObject({ cause: { code: 'UNKNOWN_TOPIC_OR_PARTITION', topic: 'missing' } })
    expect(asked.map(({ at }) => at)).toEqual([0, 100, 300, 700, 1500])
  })

  test.each([
    [17, 'INVALID_TOPIC_EXCEPTION'],
    [29, 'TOPIC_AUTHORIZATION_FAILED'],
  ])('that can never be had (code %i) fails at once', async (code, name) => {
    const { metadata, asked, clock, world } = open()
    world.topics = { bad: code }
    expect(await failure(metadata.topicOf('bad'))).toMatchObject({ code: name, topic: 'bad', retriable: false })
    expect(metadata.topicError('bad')).toMatchObject({ code: name })
    await clock.advance(10_000)
    expect(asked).toHaveLength(1)
  })

  test('appears when the topic is made while somebody waits', async () => {
    const { metadata, clock, world } = open()
    world.topics = { soon: 3 }
    const topic = metadata.topicOf('soon')
    await clock.advance(150)
    world.topics = { soon: [[2, 0]] }
    await clock.advance(1000)
    expect((await topic).partitions).toHaveLength(1)
    expect(metadata.topicError('soon')).toBeUndefined()
  })

  test('is no longer waited for when the signal says so', async () => {
    const { metadata, clock, world, asked } = open()
    world.topics = { missing: 3 }
    const controller = new AbortController()
    const waiting = failure(metadata.topicOf('missing', { signal: controller.signal }))
    await clock.settle()
    controller.abort(new Error('enough'))
    expect(await waiting).toBe(controller.signal.reason)
    await clock.advance(60_000)
    expect(asked).toHaveLength(1)
  })

  test('is not asked for when too many are in use', async () => {
    const { metadata, world } = open({ maxTopics: 2 })
    world.topics = { a: [[1, 0]], b: [[1, 0]], c: [[1, 0]] }
    await Promise.all([metadata.topicOf('a'), metadata.topicOf('b')])
    expect(await failure(metadata.topicOf('c'))).toMatchObject({ code: 'TOO_MANY_TOPICS', topic: 'c' })
  })

  test('that nobody used for long is dropped', async () => {
    const { metadata, clock, world, asked } = open({ maxIdleMs: 10_000, maxAgeMs: 6000 })
    world.topics = { used: [[1, 0]], idle: [[1, 0]] }
    await Promise.all([metadata.topicOf('used'), metadata.topicOf('idle')])
    for (let time = 0; time < 4; time++) {
      await clock.advance(6000)
      metadata.topic('used')
    }
    expect(asked.at(-1)?.topics).toEqual(['used'])
    expect(metadata.topic('idle')).toBeUndefined()
  })

  test.each([
    ['that may pass', 5],
    ['that does not pass by itself', 29],
  ])('with an error %s (code %i) stays in use, and is asked for again', async (_what, code) => {
    const { metadata, clock, world, asked } = open()
    world.topics = { orders: [[1, 3]] }
    await metadata.topicOf('orders')
    world.topics = { orders: code }
    metadata.refresh('a test')
    await clock.advance(0)
    expect(metadata.topic('orders')).toBeUndefined()
    expect(metadata.topicError('orders')).toMatchObject({ retriable: code === 5 })
    world.topics = { orders: [[2, 4]] }
    if (code !== 5) {
      const before = asked.length
      await clock.advance(5000)
      expect(asked).toHaveLength(before)
      metadata.refresh('a test')
    }
    await clock.advance(1000)
    expect(asked.at(-1)?.topics).toEqual(['orders'])
    expect(metadata.topic('orders')?.partitions[0]?.leader).toBe(2)
    expect(metadata.topicError('orders')).toBeUndefined()
  })

  test('without a leader is asked for again until it has one', async () => {
    const { metadata, clock, world, asked, events } = open()
    world.topics = {
      orders: [
        [-1, 3],
        [1, 3],
      ],
    }
    const topic = await metadata.topicOf('orders')
    expect(topic.partitions.map(({ leader }) => leader)).toEqual([-1, 1])
    await clock.advance(250)
    const before = asked.length
    expect(before).toBeGreaterThan(1)
    world.topics = {
      orders: [
        [2, 4],
        [1, 3],
      ],
    }
    await clock.advance(1000)
    expect(metadata.topic('orders')?.partitions[0]?.leader).toBe(2)
    expect(events).toEqual(['change', 'change'])
    const settled = asked.length
    await clock.advance(10_000)
    expect(asked).toHaveLength(settled)
  })
})

describe('a refresh', () => {
  test('is one at a time; what is asked meanwhile is one more', async () => {
    const { metadata, clock, asked, world } = open()
    let release = (): void => {}
    world.hold = new Promise(resolve => {
      release = resolve
    })
    metadata.refresh('a test')
    await clock.settle()
    metadata.refresh('a test')
    metadata.refresh('a test')
    await clock.advance(1000)
    expect(asked).toHaveLength(1)
    release()
    await clock.advance(1000)
    expect(asked).toHaveLength(2)
  })

  test('comes by itself when the last success is old', async () => {
    const { metadata, clock, asked } = open({ maxAgeMs: 5000 })
    metadata.refresh('a test')
    await clock.advance(4999)
    expect(asked).toHaveLength(1)
    await clock.advance(1)
    expect(asked).toHaveLength(2)
  })

  test('that brings nothing new makes the next ones wait longer', async () => {
    const { metadata, clock, asked } = open()
    for (let time = 0; time < 40; time++) {
      metadata.refresh('a test')
      await clock.advance(50)
    }
    expect(asked.length).toBeLessThan(8)
    await clock.advance(10_000)
    const before = asked.length
    metadata.refresh('a test')
    await clock.advance(0)
    expect(asked).toHaveLength(before + 1)
  })

  test('is tried again when it fails, with pauses that grow', async () => {
    const { metadata, clock, asked, world } = open()
    world.error = new NetworkError('down')
    metadata.refresh('a test')
    await clock.advance(3600)
    expect(asked.map(({ at }) => at)).toEqual([0, 100, 300, 700, 1500, 2500, 3500])
  })

  test('counts as failed when it names no brokers', async () => {
    const { metadata, clock, world, asked } = open()
    world.brokers = 0
    metadata.refresh('a test')
    await clock.advance(150)
    expect(asked.length).toBeGreaterThan(1)
    expect(metadata.updates).toBe(0)
  })

  test('that is refused to who the client says it is tells everybody who waits, and ends', async () => {
    const { metadata, clock, world, asked } = open()
    world.error = new AuthenticationError('who?')
    const waits = [failure(metadata.topicOf('orders')), failure(metadata.known())]
    await clock.advance(60_000)
    expect(await Promise.all(waits)).toEqual([world.error, world.error])
    expect(asked.length).toBeLessThan(3)
  })
})

describe('starting again from the bootstrap servers', () => {
  test('happens at once when no known broker can be reached', async () => {
    const { metadata, clock, world, events } = open()
    await metadata.known()
    world.error = noBrokerError(undefined)
    metadata.refresh('a test')
    await clock.settle()
    expect(events).toContain('rebootstrap')
    expect(metadata.nodes).toEqual([])
    expect(metadata.controllerId).toBe(-1)
    world.error = undefined
    await clock.advance(1000)
    expect(metadata.nodes).toHaveLength(2)
  })

  test('happens when metadata fails for too long, counted from the first failure', async () => {
    const { metadata, clock, world, events } = open({ rebootstrapAfterMs: 10_000 })
    await metadata.known()
    world.error = new NetworkError('down')
    metadata.refresh('a test')
    await clock.advance(9000)
    expect(events).not.toContain('rebootstrap')
    await clock.advance(2000)
    expect(events).toContain('rebootstrap')
  })

  test('happens when the broker demands it', async () => {
    const { metadata, clock, world, events } = open()
    await metadata.known()
    world.code = 129
    metadata.refresh('a test')
    await clock.settle()
    expect(events).toContain('rebootstrap')
  })

  test('does not happen where it is not wanted', async () => {
    const { metadata, clock, world, events } = open({ mayRebootstrap: false, rebootstrapAfterMs: 0 })
    await metadata.known()
    world.error = noBrokerError(undefined)
    metadata.refresh('a test')
    await clock.advance(60_000)
    expect(events).not.toContain('rebootstrap')
    expect(metadata.nodes).toHaveLength(2)
  })
})

describe('a hint of a leader', () => {
  async function known() {
    const all = open()
    all.world.topics = { orders: [[1, 5]] }
    await all.metadata.topicOf('orders')
    return all
  }

  test('counts when it is newer and the broker is known, or comes with its address', async () => {
    const { metadata } = await known()
    metadata.applyLeader('orders', 0, { leaderId: 2, leaderEpoch: 6 })
    expect(metadata.topic('orders')?.partitions[0]).toMatchObject({ leader: 2, leaderEpoch: 6 })
    metadata.applyLeader('orders', 0, { leaderId: 9, leaderEpoch: 7, endpoint: { host: 'n9', port: 1 } })
    expect(metadata.topic('orders')?.partitions[0]?.leader).toBe(9)
    expect(metadata.nodes.find(({ id }) => id === 9)).toMatchObject({ host: 'n9', port: 1 })
  })

  test('to an unknown broker only makes metadata be asked for', async () => {
    const { metadata, clock, asked } = await known()
    metadata.applyLeader('orders', 0, { leaderId: 9, leaderEpoch: 7 })
    expect(metadata.topic('orders')?.partitions[0]?.leader).toBe(1)
    await clock.advance(1000)
    expect(asked).toHaveLength(2)
  })

  test('that is old, or of a topic that is not known, is left out', async () => {
    const { metadata } = await known()
    const before = metadata.updates
    metadata.applyLeader('orders', 0, { leaderId: 2, leaderEpoch: 5 })
    metadata.applyLeader('others', 0, { leaderId: 2, leaderEpoch: 6 })
    expect(metadata.updates).toBe(before)
  })
})

describe('closing', () => {
  test('ends every wait and every timer, and refuses what comes later', async () => {
    const { metadata, clock, world } = open()
    await metadata.known()
    world.topics = { missing: 3 }
    const waits = [failure(metadata.topicOf('missing'))]
    await clock.settle()
    metadata.close()
    metadata.close()
    for (const error of await Promise.all(waits)) expect(error).toMatchObject({ code: 'CLIENT_CLOSED' })
    expect(await failure(metadata.topicOf('late'))).toBeInstanceOf(KafkaError)
    metadata.refresh('late')
    await clock.settle()
    expect(clock.pendingTimers).toBe(0)
  })
})
