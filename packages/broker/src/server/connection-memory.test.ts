import { type Api, decodeResponse, encodeRequest, FrameSplitter, produce, syncGroup } from '@samsa/protocol'
import { ManualClock, silentLogger } from '@samsa/runtime'
import type { ByteStream } from '@samsa/runtime/internal'
import { afterEach, describe, expect, test } from 'vitest'
import { BrokerServer, defaultServerLimits } from './broker-server.js'
import type { ConnectionInfo, Handler, RequestContext } from './context.js'
import { MemoryListener } from './listener.js'
import { Router } from './router.js'

const MIB = 1024 * 1024
const NEEDED = expect.stringMatching(/needed for others \(queued.max.request.bytes\)/)

class Peer {
  readonly stream: ByteStream
  readonly frames: Uint8Array[] = []
  isOver = false
  readonly #splitter = new FrameSplitter(64 * MIB)

  constructor(stream: ByteStream) {
    this.stream = stream
    const over = (): void => {
      this.isOver = true
    }
    const onData = (chunk: Uint8Array): void => void this.frames.push(...this.#splitter.push(chunk))
    stream.start({ onData, onDrain: () => {}, onEnd: over, onClose: over })
  }

  send<Request>(api: Api<Request>, version: number, request: Request): void {
    this.stream.write(encodeRequest(api, request, { version, correlationId: 1, clientId: 'peer' }))
  }

  /** Announces a request and sends only a part of it. */
  begin(announcedBytes: number, sentBytes: number): void {
    const bytes = Buffer.alloc(4 + sentBytes)
    bytes.writeInt32BE(announcedBytes)
    this.stream.write([bytes])
  }
}

const servers: BrokerServer[] = []

afterEach(async () => {
  for (const server of servers.splice(0)) await server.stop({ deadlineMs: 0 })
})

/** SyncGroup and, overlapping, Produce are answered when the test says so, by group or transactional id. */
async function serve(heldMaxBytes: number) {
  const begun = new Map<string, { readonly connection: ConnectionInfo; readonly resolve: (answer: object) => void }>()
  const wait = ({ connection }: RequestContext, name: string): Promise<object> =>
    new Promise(resolve => begun.set(name, { connection, resolve }))
  const handlers: Handler[] = [
    {
      api: syncGroup,
      versions: { min: 0, max: 5 },
      handle: (context, request) => wait(context, (request as { groupId: string }).groupId),
    },
    {
      api: produce,
      versions: { min: 3, max: 13 },
      overlaps: true,
      handle: (context, request) => wait(context, (request as { transactionalId: string }).transactionalId),
    },
  ]
  const lines: { peer: unknown; apiKey: unknown; reason: unknown }[] = []
  const warn = (fields: object): void => {
    const { peer, apiKey, reason } = fields as Record<string, unknown>
    lines.push({ peer, apiKey, reason })
  }
  const logger = { ...silentLogger, warn }
  const clock = new ManualClock()
  const memory = new MemoryListener()
  const limits = { ...defaultServerLimits, heldMaxBytes }
  const router = new Router(handlers, logger)
  const server = new BrokerServer({ listeners: [memory], router, clock, logger, limits })
  await server.start()
  servers.push(server)
  const settled = async (condition: () => boolean): Promise<void> => {
    for (let turn = 0; turn < 100_000 && !condition(); turn++) await new Promise(resolve => setImmediate(resolve))
    expect(condition()).toBe(true)
  }
  /** Answers a request once it has begun. */
  const answer = async (name: string, response: object): Promise<void> => {
    await settled(() => begun.has(name))
    begun.get(name)?.resolve(response)
  }
  return { open: () => new Peer(memory.connect()), begun, lines, clock, settled, answer }
}

const sync = (groupId: string) => ({ groupId, generationId: 1, memberId: 'm', assignments: [] })
const noAssignment = { memberId: '', assignment: Buffer.alloc(0) }
const large = { errorCode: 0, assignment: Buffer.alloc(MIB) }

describe('the memory of all connections', () => {
  test('is taken from the one whose request has been on its way the longest', async () => {
    const { open, lines, settled, answer, clock } = await serve(3.5 * MIB)
    const slow = [open(), open(), open()]
    for (const peer of slow) peer.begin(2 * MIB, MIB)
    await clock.settle()
    expect(lines).toEqual([])
    const good = open()
    good.send(syncGroup, 3, { ...sync('good'), assignments: [{ ...noAssignment, assignment: Buffer.alloc(MIB) }] })
    await answer('good', { errorCode: 0, assignment: Buffer.alloc(1) })
    await settled(() => good.frames.length === 1)
    expect(slow.map(({ isOver }) => isOver)).toEqual([true, false, false])
    expect(lines).toEqual([{ peer: 'memory:1', apiKey: undefined, reason: NEEDED }])
  })

  test('is taken from readers that do not read, not from one that does', async () => {
    const { open, lines, settled, answer, begun } = await serve(3.5 * MIB)
    const good = open()
    const deaf = [open(), open(), open(), open()]
    for (const [index, peer] of deaf.entries()) {
      peer.stream.pause()
      peer.send(syncGroup, 3, sync(`deaf ${index}`))
      await answer(`deaf ${index}`, large)
      good.send(syncGroup, 3, sync(`good ${index}`))
      await answer(`good ${index}`, large)
      await settled(() => good.frames.length > index)
    }
    expect(good.isOver).toBe(false)
    expect(lines).toEqual(['memory:2', 'memory:3'].map(peer => ({ peer, apiKey: undefined, reason: NEEDED })))
    const closed = ['deaf 0', 'deaf 1', 'deaf 2', 'deaf 3'].map(name => begun.get(name)?.connection.isClosed)
    expect(closed).toEqual([true, true, false, false])
  })

  test('counts what a request becomes as objects', async () => {
    const { open, lines, settled } = await serve(8 * MIB)
    const peer = open()
    peer.send(syncGroup, 3, { ...sync('many'), assignments: Array.from({ length: 40_000 }, () => noAssignment) })
    await settled(() => peer.isOver)
    expect(lines).toEqual([{ peer: 'memory:1', apiKey: undefined, reason: NEEDED }])
  })

  test('counts what is gathered for an answer, until it is given', async () => {
    const { open, settled, answer, begun } = await serve(8 * MIB)
    const peer = open()
    for (const name of ['first', 'second']) {
      peer.send(syncGroup, 3, sync(name))
      await settled(() => begun.has(name))
      begun.get(name)?.connection.hold(5 * MIB)
      expect(begun.get(name)?.connection.isClosed).toBe(false)
      if (name === 'first') await answer(name, large)
    }
    begun.get('second')?.connection.hold(5 * MIB)
    expect(begun.get('second')?.connection.isClosed).toBe(true)
  })

  test('where it is short, requests of a connection come one by one', async () => {
    const { open, begun, settled, clock } = await serve(3 * MIB)
    const slow = open()
    slow.begin(3 * MIB, 2 * MIB)
    const good = open()
    const names = ['a', 'b', 'c']
    for (const transactionalId of names)
      good.send(produce, 12, { transactionalId, acks: -1, timeoutMs: 1, topicData: [] })
    for (const [index, name] of names.entries()) {
      await settled(() => begun.has(name))
      await clock.settle()
      expect(begun.size).toBe(index + 1)
      begun.get(name)?.resolve({ responses: [] })
    }
    await settled(() => good.frames.length === 3)
    expect(decodeResponse(produce, 12, good.frames[2] ?? new Uint8Array(0)).body.responses).toEqual([])
    expect(slow.isOver).toBe(false)
  })
})

test('a request with more elements than allowed is refused', async () => {
  const { open, lines, settled } = await serve(1024 * MIB)
  const peer = open()
  peer.send(syncGroup, 3, { ...sync('huge'), assignments: Array.from({ length: 250_001 }, () => noAssignment) })
  await settled(() => peer.isOver)
  expect(lines).toMatchObject([{ apiKey: 14, reason: expect.stringMatching(/more than the 250000 allowed/) }])
})
