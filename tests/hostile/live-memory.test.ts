/**
 * Clients that try to take a live broker's memory: with what they send, with what it becomes, and with what they do not
 * read. The broker has a small heap and says itself what it costs. A well-behaved client goes on all the time.
 */
import { Connection, connectTcp } from '@samsa/client'
import { BatchBuilder, encodeRequest, fetch, produce } from '@samsa/protocol'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { type TemporaryFolder, temporaryFolder } from '../interop/temporary-folder.js'
import { GoodClient } from './good-client.js'
import { LiveBroker, type LogLine } from './live-broker.js'
import { RawClient } from './raw-client.js'

const MIB = 1024 * 1024
const REQUEST_MAX_BYTES = 100 * MIB
/** Of the broker under test: a third of what it would allow itself on its heap is what these tests fill many times over. */
const HELD_MAX_BYTES = 256 * MIB
/**
 * What is held, a request that is being gathered into a buffer of twice its size, and what the collector has not yet come
 * to. What is defended against would be gigabytes.
 */
const MOST_GROWTH_BYTES = HELD_MAX_BYTES + 2 * REQUEST_MAX_BYTES + 450 * MIB
/** With all threads of the collector; measured: 400 ms at most. A loop that decodes 100 MiB of structs uses ten times more. */
const MOST_CPU_MS_A_TURN = 2000
/** Of sixty readers: five of their answers are more than the broker holds. */
const LEAST_CLOSED = 30
const LARGE_PARTITIONS = 12
const PATIENCE_MS = 240_000

let folder: TemporaryFolder
let broker: LiveBroker
let good: GoodClient
let clients: RawClient[] = []

beforeEach(async () => {
  folder = temporaryFolder()
  broker = await LiveBroker.start({
    dataDir: folder.path,
    nodeArgs: ['--max-old-space-size=768'],
    topics: { good: { partitions: 1 }, large: { partitions: LARGE_PARTITIONS } },
    properties: { 'queued.max.request.bytes': String(HELD_MAX_BYTES) },
  })
  good = await GoodClient.start(broker, 'good')
  await good.served(20)
})

afterEach(async () => {
  for (const client of clients) client.reset()
  clients = []
  await broker.kill()
  folder.remove()
})

async function open(count: number, options: Parameters<typeof RawClient.open>[1] = {}): Promise<RawClient[]> {
  for (let left = count; left > 0; left--) clients.push(await RawClient.open(broker, { keep: false, ...options }))
  return clients
}

/** Runs the attack; gives what the broker grew by at the most, its lines, and the longest turn of its loop. */
async function under(attack: () => Promise<void>): Promise<{ grown: number; lines: LogLine[]; cpuMs: number }> {
  const before = await broker.look({ collect: true })
  let most = before.rss
  let cpuMs = 0
  let isOver = false
  const watching = (async () => {
    while (!isOver) {
      const look = await broker.look()
      most = Math.max(most, look.rss)
      cpuMs = Math.max(cpuMs, look.longest.cpuMs)
      await new Promise(resolve => setImmediate(resolve))
    }
  })()
  const roundsBefore = good.rounds
  try {
    await attack()
    // Served in the middle of it, not only when it is over.
    await good.served(3)
  } finally {
    isOver = true
    await watching
  }
  expect(good.rounds).toBeGreaterThan(roundsBefore)
  return { grown: most - before.rss, lines: broker.lines, cpuMs }
}

/** All is given back: connections at once, memory when it was collected. */
async function released(before: number): Promise<void> {
  for (const client of clients) client.reset()
  await broker.until(({ connections }) => connections <= 1)
  await broker.until(({ heapUsed }) => heapUsed < before + 40 * MIB, { collect: true })
  await good.served(3)
  await good.stop()
  await broker.stop()
}

/** A request of so many bytes with nothing but its length and the beginning of a Produce in it. */
function announced(bytes: number, sent: number): Buffer {
  const request = Buffer.alloc(4 + sent)
  request.writeInt32BE(bytes)
  request.writeInt16BE(produce.key, 4)
  request.writeInt16BE(12, 6)
  return request
}

/** The largest request there may be, full of topics of three bytes each: 35 million objects, if it were believed. */
function bomb(): Buffer {
  const head = Buffer.concat(encodeRequest(produce, { acks: 1, timeoutMs: 1, topicData: [] }, named(9)))
  const bytes = Buffer.alloc(REQUEST_MAX_BYTES, 1)
  // Ends with the count of topics and the tags of the body.
  head.copy(bytes, 0, 0, head.length - 2)
  bytes.writeInt32BE(REQUEST_MAX_BYTES - 4)
  const elements = Math.floor((REQUEST_MAX_BYTES - head.length - 10) / 3)
  writeVarint(bytes, head.length - 2, elements + 1)
  return bytes
}

function named(version: number) {
  return { version, correlationId: 1, clientId: 'bomb' }
}

function writeVarint(bytes: Buffer, at: number, value: number): void {
  let left = value
  let index = at
  for (; left >= 0x80; left = Math.floor(left / 128)) bytes[index++] = (left & 0x7f) | 0x80
  bytes[index] = left
}

/** Four megabytes in each partition of the topic. */
async function fill(): Promise<void> {
  const connection = new Connection(await connectTcp(broker), { requestTimeoutMs: PATIENCE_MS })
  const builder = new BatchBuilder()
  builder.append(Date.now(), null, Buffer.alloc(1_000_000, 'x'))
  const records = builder.close()
  for (let index = 0; index < LARGE_PARTITIONS; index++) {
    for (let left = 4; left > 0; left--) {
      const topicData = [{ name: 'large', partitionData: [{ index, records }] }]
      const { responses } = await connection.request(produce, 12, { acks: -1, timeoutMs: 1000, topicData })
      expect(responses[0]?.partitionResponses[0]?.errorCode).toBe(0)
    }
  }
  connection.close()
}

const everything = {
  maxWaitMs: 0,
  minBytes: 1,
  rackId: '',
  topics: [
    {
      topic: 'large',
      partitions: Array.from({ length: LARGE_PARTITIONS }, (_, partition) => ({
        partition,
        fetchOffset: 0n,
        partitionMaxBytes: 50 * MIB,
      })),
    },
  ],
}

describe('a live broker', () => {
  test('outlives requests of 100 MiB that would become millions of objects', { timeout: PATIENCE_MS }, async () => {
    const { heapUsed } = await broker.look({ collect: true })
    const bytes = bomb()
    const { grown, lines, cpuMs } = await under(async () => {
      const attackers = await open(4)
      await Promise.all(attackers.map(client => client.write(bytes)))
      await Promise.all(attackers.map(client => client.closed))
    })
    expect(lines).toHaveLength(4)
    for (const { reason } of lines) expect(reason).toMatch(/elements, more than the 250000 allowed|needed for others/)
    expect(lines.some(({ reason }) => reason?.includes('elements'))).toBe(true)
    expect(grown).toBeLessThan(MOST_GROWTH_BYTES)
    expect(cpuMs).toBeLessThan(MOST_CPU_MS_A_TURN)
    await released(heapUsed)
  })

  test('keeps of requests that never end no more than its limit', { timeout: PATIENCE_MS }, async () => {
    const { heapUsed } = await broker.look({ collect: true })
    const { grown, lines, cpuMs } = await under(async () => {
      for (const client of await open(40)) await client.write(announced(REQUEST_MAX_BYTES, 10 * MIB))
    })
    // 400 MiB were sent: those that came first had to go.
    expect(lines.length).toBeGreaterThan(10)
    for (const { reason } of lines) expect(reason).toContain('needed for others')
    expect(grown).toBeLessThan(MOST_GROWTH_BYTES)
    expect(cpuMs).toBeLessThan(MOST_CPU_MS_A_TURN)
    await released(heapUsed)
  })

  test('pays for a thousand beginnings of large requests what was sent of them', { timeout: PATIENCE_MS }, async () => {
    const { heapUsed } = await broker.look({ collect: true })
    const beginning = announced(REQUEST_MAX_BYTES, 60_000)
    const { grown, lines } = await under(async () => {
      const attackers = await open(1000)
      for (const client of attackers) await client.write(beginning)
    })
    expect(lines).toEqual([])
    // 60 MB were sent; 100 GB were announced.
    expect(grown).toBeLessThan(250 * MIB)
    await released(heapUsed)
  })

  test('pays for readers of large answers that do not read no more than its limit', {
    timeout: PATIENCE_MS,
  }, async () => {
    await fill()
    const { heapUsed } = await broker.look({ collect: true })
    const { grown, lines, cpuMs } = await under(async () => {
      for (const client of await open(60, { paused: true })) await client.send(fetch, 12, everything)
      await broker.until(() => broker.lines.length >= LEAST_CLOSED)
    })
    // Sixty answers of 48 MB are almost three gigabytes.
    for (const { reason } of lines) expect(reason).toContain('needed for others')
    expect(grown).toBeLessThan(MOST_GROWTH_BYTES)
    expect(cpuMs).toBeLessThan(MOST_CPU_MS_A_TURN)
    await released(heapUsed)
  })
})
