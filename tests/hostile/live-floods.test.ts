/**
 * Clients that are slow, dead, or too many, against a live broker: none of them costs more than its part, and a
 * well-behaved client is served all the time.
 */
import { apiVersions, BatchBuilder, decodeResponse, encodeRequest, fetch, metadata, produce } from '@samsa/protocol'
import { afterEach, describe, expect, test } from 'vitest'
import { GoodClient } from './good-client.js'
import { LiveBroker } from './live-broker.js'
import { RawClient } from './raw-client.js'

const MIB = 1024 * 1024
const MOST_CPU_MS_A_TURN = 2000
const PATIENCE_MS = 240_000
/** Makes an answer of Metadata as large as 30 KiB. */
const PARTITIONS = 1000

let brokers: LiveBroker[] = []

afterEach(async () => {
  for (const broker of brokers) await broker.kill()
  brokers = []
})

async function start(properties: Readonly<Record<string, string>> = {}) {
  const topics = { good: { partitions: 1 }, wide: { partitions: PARTITIONS } }
  // Nothing is served by reference: each answer is memory of its own.
  const broker = await LiveBroker.start({ topics, properties, recentBytes: 0 })
  brokers.push(broker)
  const good = await GoodClient.start(broker, 'good')
  await good.served(20)
  const { rss } = await broker.look({ collect: true })
  const open = (count: number, options: Parameters<typeof RawClient.open>[1] = {}): Promise<RawClient[]> =>
    Promise.all(Array.from({ length: count }, () => RawClient.open(broker, options)))
  /** Everyone else is gone, nothing was wrong, nothing took long. */
  const finish = async ({ lines }: { readonly lines: number }): Promise<void> => {
    await good.served(3)
    const { longest } = await broker.until(({ connections }) => connections === 1)
    expect(longest.cpuMs).toBeLessThan(MOST_CPU_MS_A_TURN)
    await good.stop()
    expect(broker.lines.filter(({ level }) => level !== 'warn')).toEqual([])
    expect(broker.lines).toHaveLength(lines)
    await broker.stop()
  }
  return { broker, good, rss, open, finish }
}

function ask(correlationId: number): Buffer {
  const request = { topics: [{ name: 'wide' }] }
  return Buffer.concat(encodeRequest(metadata, request, { version: 9, correlationId, clientId: 'flood' }))
}

/** An answer to it is a megabyte. */
function askForMuch(correlationId: number): Buffer {
  const topics = [{ topic: 'wide', partitions: [{ partition: 0, fetchOffset: 0n, partitionMaxBytes: MIB }] }]
  const request = { maxWaitMs: 0, minBytes: 1, topics, rackId: '' }
  return Buffer.concat(encodeRequest(fetch, request, { version: 12, correlationId, clientId: 'flood' }))
}

const greeting = Buffer.concat(
  encodeRequest(
    apiVersions,
    { clientSoftwareName: 'slow', clientSoftwareVersion: '1' },
    { version: 3, correlationId: 1, clientId: 'slow' },
  ),
)

describe('a live broker', () => {
  test('takes requests that come byte by byte, and a large one that never ends', { timeout: PATIENCE_MS }, async () => {
    const { open, good, finish } = await start()
    const whole = await open(20)
    const endless = await open(20)
    const beginning = Buffer.alloc(greeting.length)
    beginning.writeInt32BE(100 * MIB)
    for (let at = 0; at < greeting.length; at++) {
      await Promise.all([
        ...whole.map(client => client.write(greeting.subarray(at, at + 1))),
        ...endless.map(client => client.write(beginning.subarray(at, at + 1))),
      ])
      await good.served(1)
    }
    for (const client of whole) {
      await client.until(() => client.frames.length === 1)
      expect(decodeResponse(apiVersions, 3, client.frames[0] ?? new Uint8Array(0)).body.errorCode).toBe(0)
    }
    expect(endless.some(({ wasClosed }) => wasClosed)).toBe(false)
    for (const client of [...whole, ...endless]) client.end()
    await finish({ lines: 0 })
  })

  test('holds back for readers that do not read, and answers when they do', { timeout: PATIENCE_MS }, async () => {
    const { broker, open, good, rss, finish } = await start()
    const REQUESTS = 30
    const [writer] = await open(1)
    const builder = new BatchBuilder()
    builder.append(Date.now(), null, Buffer.alloc(MIB - 1000, 'x'))
    const topicData = [{ name: 'wide', partitionData: [{ index: 0, records: builder.close() }] }]
    await writer?.send(produce, 12, { acks: -1, timeoutMs: 1000, topicData })
    await writer?.until(() => writer.frames.length === 1)
    writer?.reset()
    const deaf = await open(10, { paused: true })
    const flood = Buffer.concat(Array.from({ length: REQUESTS }, (_, index) => askForMuch(index + 1)))
    for (const client of deaf) await client.write(flood)
    await good.served(20)
    // 300 MB of answers were asked for; a connection keeps a quarter of a megabyte and one answer, in front of its socket.
    expect((await broker.look({ collect: true })).rss - rss).toBeLessThan(100 * MIB)
    await Promise.all(
      deaf.map(async client => {
        client.resume()
        while (client.frames.length < REQUESTS && !client.wasClosed) {
          const seen = client.frames.length
          await client.until(() => client.frames.length >= Math.min(seen + 10, REQUESTS))
          // As a slow one does: now and then.
          client.pause()
          await good.served(1)
          client.resume()
        }
      }),
    )
    for (const client of deaf) {
      const ids = client.frames.map(frame => Buffer.from(frame).readInt32BE(0))
      expect(ids).toEqual(Array.from({ length: REQUESTS }, (_, index) => index + 1))
      client.reset()
    }
    await finish({ lines: 0 })
  })

  test('is not moved by clients that vanish in a request or in an answer', { timeout: PATIENCE_MS }, async () => {
    const { open, good, finish } = await start()
    for (let round = 0; round < 5; round++) {
      const inRequest = await open(20)
      const inAnswer = await open(20)
      await Promise.all(inRequest.map(client => client.write(ask(1).subarray(0, 7 + round))))
      for (const client of inRequest) client.reset()
      await Promise.all(
        inAnswer.map(async client => {
          await client.write(Buffer.concat([ask(1), ask(2), ask(3)]))
          await client.until(() => client.bytesRead > 0)
          client.reset()
        }),
      )
      await good.served(1)
    }
    await finish({ lines: 0 })
  })

  test('is not moved by thousands that connect and go', { timeout: PATIENCE_MS }, async () => {
    const { open, good, finish } = await start()
    for (let round = 0; round < 20; round++) {
      const some = await open(50)
      some.forEach((client, index) => {
        if (index % 2 === 0) client.reset()
        else client.end()
      })
      await Promise.all(some.map(client => client.closed))
      await good.served(1)
    }
    await finish({ lines: 0 })
  })

  test('closes connections that went silent, whatever they have begun', { timeout: PATIENCE_MS }, async () => {
    const { broker, good, open } = await start({ 'connections.max.idle.ms': '3000' })
    // From here on the test only waits, and so does this client: it would be closed as well.
    await good.stop()
    const silent = await open(50)
    for (const [index, client] of silent.entries()) await client.write(greeting.subarray(0, index % 8))
    const unread = await open(10, { paused: true })
    for (const client of unread) await client.write(Buffer.concat(Array.from({ length: 200 }, () => ask(1))))
    await Promise.all(silent.map(client => client.closed))
    await broker.until(({ connections }) => connections === 0)
    for (const client of unread) client.reset()
    expect(broker.lines).toEqual([])
    await broker.stop()
  })

  test('lets no more in than it may, and others when they are gone', { timeout: PATIENCE_MS }, async () => {
    const { broker, open, good } = await start({ 'max.connections': '50' })
    const many = await open(300)
    // The well-behaved client has one of the fifty.
    await broker.until(() => many.filter(({ wasClosed }) => wasClosed).length === 251)
    await broker.until(() => broker.lines.length === 251)
    expect(broker.lines.every(({ reason }) => reason?.includes('max.connections') === true)).toBe(true)
    for (const client of many) client.reset()
    await broker.until(({ connections }) => connections === 1)
    const [late] = await open(1)
    await late?.write(greeting)
    await late?.until(() => late.frames.length === 1)
    expect(late?.frames).toHaveLength(1)
    late?.reset()
    await good.stop()
    await broker.stop()
  })
})
