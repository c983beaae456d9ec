import { type TracingChannelSubscribers, tracingChannel } from 'node:diagnostics_channel'
import { apiVersions, encodeResponse, FrameSplitter, heartbeat, openRequest, produce } from '@samsa/protocol'
import { KafkaError, ManualClock, NetworkError, operationChannelNames, TimeoutError } from '@samsa/runtime'
import { type ByteStream, memoryStreamPair } from '@samsa/runtime/internal'
import { describe, expect, test } from 'vitest'
import { Connection, type ConnectionOptions } from './connection.js'

/** The other end: keeps what was asked, answers when and what the test says. */
function open(options: Partial<ConnectionOptions> = {}) {
  const clock = new ManualClock()
  const [client, server] = memoryStreamPair({ host: 'client', port: 1 }, { host: 'broker', port: 9092 })
  const asked: { api: string; version: number; correlationId: number; clientId: string | null }[] = []
  const splitter = new FrameSplitter(1_000_000)
  server.start({
    onData: chunk => {
      for (const frame of splitter.push(chunk)) {
        const { api, header } = openRequest(frame)
        const { apiVersion, correlationId, clientId } = header
        asked.push({ api: api.name, version: apiVersion, correlationId, clientId })
      }
    },
    onDrain: () => {},
    onEnd: () => {},
    onClose: () => {},
  })
  const connection = new Connection(client, { clock, clientId: 'tests', ...options })
  const answer = (correlationId: number, errorCode: number): void =>
    server.write(encodeResponse(heartbeat, { errorCode }, { version: 4, correlationId }))
  return { connection, clock, server, asked, answer }
}

const beat = { groupId: 'g', generationId: 1, memberId: 'm' }

async function failure(promise: Promise<unknown>): Promise<KafkaError> {
  const error = await promise.then(
    () => new Error('it did not fail'),
    (reason: unknown) => reason,
  )
  if (error instanceof KafkaError) return error
  throw error
}

describe('a connection', () => {
  test('requests under way at the same time each get their own answer', async () => {
    const { connection, clock, asked, answer } = open()
    const answers = [1, 2, 3].map(() => connection.request(heartbeat, 4, beat))
    expect(connection.inFlight).toBe(3)
    await clock.settle()
    expect(asked).toEqual(
      [1, 2, 3].map(correlationId => ({ api: 'Heartbeat', version: 4, correlationId, clientId: 'tests' })),
    )
    for (const id of [1, 2, 3]) answer(id, id * 10)
    expect((await Promise.all(answers)).map(body => body.errorCode)).toEqual([10, 20, 30])
    expect(connection.inFlight).toBe(0)
    expect(clock.pendingTimers).toBe(1)
    await clock.advance(30_000)
    expect(clock.pendingTimers).toBe(0)
    expect(connection.closed).toBeUndefined()
  })

  test('one timer sees to the limits of all requests, the shorter ones first', async () => {
    const { connection, clock, answer } = open({ requestTimeoutMs: 1000 })
    const first = connection.request(heartbeat, 4, beat)
    const shorter = connection.request(heartbeat, 4, beat, { timeoutMs: 300 })
    const longer = failure(connection.request(heartbeat, 4, beat, { timeoutMs: 2000 }))
    expect(clock.pendingTimers).toBe(1)
    await clock.advance(299)
    answer(1, 0)
    answer(2, 0)
    await Promise.all([first, shorter])
    await clock.advance(1700)
    expect(connection.closed).toBeUndefined()
    expect(clock.pendingTimers).toBe(1)
    await clock.advance(1)
    expect((await longer).message).toContain('within 2000 ms')
    expect(clock.pendingTimers).toBe(0)
  })

  test('what is sent in one turn goes out in one write, and counts as buffered until it is taken', async () => {
    const { connection, clock, server, answer } = open()
    server.pause()
    const first = connection.request(heartbeat, 4, beat)
    const second = connection.request(heartbeat, 4, beat)
    const bytes = connection.bufferedBytes
    expect(bytes).toBeGreaterThan(0)
    await clock.settle()
    expect(connection.bufferedBytes).toBe(bytes)
    server.resume()
    await clock.settle()
    expect(connection.bufferedBytes).toBe(0)
    answer(1, 0)
    answer(2, 0)
    await Promise.all([first, second])
  })

  test('a throttled broker has that much longer to answer what is under way', async () => {
    const throttles: [number, string][] = []
    const onThrottle = (ms: number, api: { name: string }): void => void throttles.push([ms, api.name])
    const { connection, clock, server } = open({ requestTimeoutMs: 1000, onThrottle })
    const first = connection.request(heartbeat, 4, beat)
    const second = failure(connection.request(heartbeat, 4, beat))
    const response = { errorCode: 0, throttleTimeMs: 500 }
    server.write(encodeResponse(heartbeat, response, { version: 4, correlationId: 1 }))
    await first
    expect(throttles).toEqual([[500, 'Heartbeat']])
    await clock.advance(1499)
    expect(connection.closed).toBeUndefined()
    await clock.advance(1)
    expect((await second).code).toBe('REQUEST_TIMED_OUT')
  })

  test('ending it lets out what was sent without an answer', async () => {
    const { connection, clock, asked, server } = open()
    connection.send(produce, 12, { acks: 0, timeoutMs: 1000, topicData: [] })
    const ended = connection.end()
    await clock.settle()
    expect(asked.map(({ api }) => api)).toEqual(['Produce'])
    expect(connection.closed).toBeUndefined()
    server.end()
    await ended
    expect(connection.closed).toBeDefined()
    expect(clock.pendingTimers).toBe(0)
  })

  test('ending it takes no longer than it may, and no time where every request was answered', async () => {
    const { connection, clock } = open()
    connection.send(produce, 12, { acks: 0, timeoutMs: 1000, topicData: [] })
    const ended = connection.end(undefined, 300)
    await clock.advance(299)
    expect(connection.closed).toBeUndefined()
    await clock.advance(1)
    await ended
    const other = open()
    await other.connection.end()
    expect(other.connection.closed).toBeDefined()
  })

  test('observers are told of a request, from writing to the answer', async () => {
    const seen: unknown[] = []
    const observed = tracingChannel<object>(operationChannelNames.request)
    const handlers = {
      start: (message: object) => void seen.push(['start', message]),
      asyncEnd: (message: object) => void seen.push(['end', message]),
    }
    observed.subscribe(handlers as TracingChannelSubscribers<object>)
    const { connection, answer } = open({ nodeId: 7 })
    const beating = connection.request(heartbeat, 4, beat)
    answer(1, 0)
    await beating
    observed.unsubscribe(handlers as TracingChannelSubscribers<object>)
    expect(seen.map(entry => (Array.isArray(entry) ? entry[0] : ''))).toEqual(['start', 'end'])
    expect(seen[1]).toMatchObject([
      'end',
      {
        api: 'Heartbeat',
        apiKey: 12,
        apiVersion: 4,
        broker: 'broker:9092',
        nodeId: 7,
        correlationId: 1,
        requestBytes: 30,
      },
    ])
  })

  test('a request without an answer leaves no place in the table', async () => {
    const { connection, clock, asked, answer } = open()
    connection.send(produce, 12, { acks: 0, timeoutMs: 1000, topicData: [] })
    const beating = connection.request(heartbeat, 4, beat)
    expect(connection.inFlight).toBe(1)
    await clock.settle()
    expect(asked.map(({ api, correlationId }) => [api, correlationId])).toEqual([
      ['Produce', 1],
      ['Heartbeat', 2],
    ])
    answer(2, 0)
    await beating
  })

  test('one that is not answered in time ends the connection, and with it the others', async () => {
    const { connection, clock } = open({ requestTimeoutMs: 1000 })
    const reasons: KafkaError[] = []
    connection.onClose(error => reasons.push(error))
    const slow = failure(connection.request(heartbeat, 4, beat, { timeoutMs: 500 }))
    const other = failure(connection.request(heartbeat, 4, beat))
    await clock.advance(499)
    expect(connection.closed).toBeUndefined()
    await clock.advance(1)
    expect(await slow).toBeInstanceOf(TimeoutError)
    expect((await slow).message).toBe('broker:9092 did not answer Heartbeat within 500 ms')
    expect(await other).toBe(await slow)
    expect(reasons).toEqual([connection.closed])
    expect(clock.pendingTimers).toBe(0)
    expect(await failure(connection.request(heartbeat, 4, beat))).toBe(connection.closed)
  })

  test.each([
    [
      'of another request',
      (server: ByteStream) =>
        server.write(encodeResponse(heartbeat, { errorCode: 0 }, { version: 4, correlationId: 77 })),
    ],
    ['that is too large', (server: ByteStream) => server.write([Buffer.from([0x7f, 0, 0, 0])])],
    ['that is cut off', (server: ByteStream) => server.write([Buffer.from([0, 0, 0, 5, 0, 0, 0, 1, 0])])],
    ['that is too short for anything', (server: ByteStream) => server.write([Buffer.from([0, 0, 0, 1, 0])])],
  ])('an answer %s ends the connection', async (_name, write) => {
    const { connection, server } = open()
    const request = failure(connection.request(heartbeat, 4, beat))
    write(server)
    expect(await request).toBeInstanceOf(NetworkError)
    expect((await request).message).toContain('the broker sent what cannot be read')
    expect(connection.closed).toBe(await request)
  })

  test('an answer that nobody asked for ends the connection', async () => {
    const { connection, answer } = open()
    answer(1, 0)
    const error = await new Promise<KafkaError>(resolve => connection.onClose(resolve))
    expect(error.message).toContain('an answer to no request')
  })

  test.each(['end', 'destroy'] as const)('what is under way fails when the broker goes (%s)', async way => {
    const { connection, server, answer } = open()
    const answered = connection.request(heartbeat, 4, beat)
    const lost = failure(connection.request(heartbeat, 4, beat))
    answer(1, 0)
    server[way]()
    expect((await answered).errorCode).toBe(0)
    expect(await lost).toMatchObject({ code: 'NETWORK_EXCEPTION', retriable: true, broker: 'broker:9092' })
  })

  test('closing fails what is under way, once, and later calls', async () => {
    const { connection } = open()
    const request = failure(connection.request(heartbeat, 4, beat))
    connection.close()
    connection.close()
    expect((await request).code).toBe('CONNECTION_CLOSED')
    expect(() => connection.send(produce, 12, { acks: 0, timeoutMs: 1, topicData: [] })).toThrow('closed by its owner')
    let told: KafkaError | undefined
    connection.onClose(error => {
      told = error
    })
    expect(told).toBe(connection.closed)
  })

  test('no more requests are taken than may be under way', async () => {
    const { connection, answer } = open({ maxInFlight: 2 })
    const first = connection.request(heartbeat, 4, beat)
    void connection.request(heartbeat, 4, beat).catch(() => {})
    expect((await failure(connection.request(heartbeat, 4, beat))).code).toBe('TOO_MANY_IN_FLIGHT')
    answer(1, 0)
    await first
    void connection.request(heartbeat, 4, beat).catch(() => {})
    expect(connection.inFlight).toBe(2)
    connection.close()
  })

  test('a request that cannot be encoded harms no other', async () => {
    const { connection, answer } = open()
    expect((await failure(connection.request(heartbeat, 99, beat))).code).toBe('UNSUPPORTED_VERSION')
    const next = connection.request(heartbeat, 4, beat)
    expect(connection.inFlight).toBe(1)
    answer(2, 0)
    await next
  })

  test('a broker too old for the version of ApiVersions is understood', async () => {
    const { connection, server } = open()
    const request = connection.request(apiVersions, 4, { clientSoftwareName: 'a', clientSoftwareVersion: '1' })
    const response = { errorCode: 35, apiKeys: [{ apiKey: 18, minVersion: 0, maxVersion: 2 }] }
    server.write(encodeResponse(apiVersions, response, { version: 0, correlationId: 1 }))
    expect(await request).toMatchObject(response)
  })
})
