import { apiVersions, encodeRequest, heartbeat, produce, syncGroup } from '@samsa/protocol'
import { SeededRandom } from '@samsa/runtime/internal'
import { afterEach, describe, expect, test } from 'vitest'
import type { ConnectionInfo, RequestContext } from './context.js'

import { batch, beat, LaggingStream, produced, serve, stopServers, sync } from './test-server.js'

afterEach(stopServers)

describe.each(['memory', 'tcp'] as const)('a connection (%s)', transport => {
  test('pipelined requests are answered in their order, though the first is the slowest', async () => {
    const { controlled, transports, settled } = await serve()
    const peer = await transports[transport]()
    peer.send(syncGroup, 3, sync('slow'))
    for (let generation = 1; generation <= 20; generation++) peer.send(heartbeat, 4, beat(generation))
    await settled(() => controlled.begun.length === 1)
    expect(peer.frames).toHaveLength(0)
    controlled.resolve('slow', { errorCode: 0, assignment: Buffer.from('mine') })
    const first = await peer.answer(syncGroup, 3, 0)
    expect(first.header.correlationId).toBe(1)
    expect(Buffer.from(first.body.assignment).toString()).toBe('mine')
    for (let generation = 1; generation <= 20; generation++) {
      const { header, body } = await peer.answer(heartbeat, 4, generation)
      expect([header.correlationId, body.errorCode]).toEqual([generation + 1, generation])
    }
  })

  test('a request with its bytes in many pieces is answered', async () => {
    const { transports } = await serve()
    const peer = await transports[transport]()
    const bytes = Buffer.concat(
      encodeRequest(heartbeat, beat(7), { version: 4, correlationId: 1, clientId: 'bytewise' }),
    )
    for (const byte of bytes) peer.stream.write([Buffer.from([byte])])
    expect((await peer.answer(heartbeat, 4, 0)).body.errorCode).toBe(7)
  })

  test('a client that has closed its half is answered before the rest is closed', async () => {
    const { controlled, transports, settled, server } = await serve()
    const peer = await transports[transport]()
    peer.send(syncGroup, 3, sync('last'))
    peer.stream.end()
    await settled(() => controlled.begun.length === 1)
    controlled.resolve('last', { errorCode: 0, assignment: Buffer.from('answer') })
    const { body } = await peer.answer(syncGroup, 3, 0)
    expect(Buffer.from(body.assignment).toString()).toBe('answer')
    await peer.until(() => peer.closed)
    await settled(() => server.connectionCount === 0)
  })

  test('a vanished client ends what waits for it', async () => {
    const { controlled, transports, settled, server } = await serve()
    const peer = await transports[transport]()
    peer.send(produce, 12, batch('first'))
    await settled(() => controlled.begun.length === 1)
    let told = 0
    const { connection, signal } = controlled.contexts[0] ?? expect.fail('no context')
    connection.onClose(() => told++)
    peer.stream.destroy()
    controlled.resolve('first', produced)
    await settled(() => server.connectionCount === 0)
    expect([connection.isClosed, signal.aborted, told]).toEqual([true, true, 1])
    connection.onClose(() => told++)
    expect(told).toBe(2)
  })

  test('a reader that does not read stops the requests at the mark and one answer', async () => {
    const answer = { errorCode: 0, assignment: Buffer.alloc(1024 * 1024) }
    const { controlled, transports, settled } = await serve({ highWaterBytes: 2 * 1024 * 1024 })
    const peer = await transports[transport]()
    peer.stream.pause()
    for (let index = 0; index < 100; index++) peer.send(syncGroup, 3, sync(String(index)))
    let answered = 0
    const answerAll = async (): Promise<void> => {
      // The sockets' own buffers take some answers; what the server keeps is what counts.
      for (let quiet = 0; quiet < 200; quiet++) {
        if (controlled.begun.length > answered) {
          controlled.resolve(String(answered++), answer)
          quiet = 0
        }
        await new Promise(resolve => setImmediate(resolve))
      }
    }
    await answerAll()
    expect(answered).toBeLessThan(transport === 'memory' ? 4 : 30)
    peer.stream.resume()
    while (answered < 100) await answerAll()
    await settled(() => peer.frames.length === 100)
    for (let index = 0; index < 100; index++) {
      expect((await peer.answer(syncGroup, 3, index)).header.correlationId).toBe(index + 1)
    }
  })

  test('a graceful stop answers what is under way, then closes; nothing new is let in', async () => {
    const { controlled, transports, settled, server, clock } = await serve()
    const peer = await transports[transport]()
    peer.send(syncGroup, 3, sync('under way'))
    peer.send(heartbeat, 4, beat(1))
    await settled(() => controlled.begun.length === 1)
    let stopped = false
    const stop = server.stop({ deadlineMs: 1000 }).then(() => {
      stopped = true
    })
    await settled(() => controlled.contexts[0]?.signal.aborted === true)
    await clock.settle()
    expect(stopped).toBe(false)
    controlled.resolve('under way', { errorCode: 0, assignment: Buffer.from('done') })
    expect((await peer.answer(syncGroup, 3, 0)).body.errorCode).toBe(0)
    await peer.over()
    await stop
    expect(peer.frames).toHaveLength(1)
    await expect(transports[transport]()).rejects.toThrow()
    expect(clock.pendingTimers).toBe(0)
  })
})

describe('requests that overlap', () => {
  test('an answer has left when its reader has taken it, and those before it', async () => {
    const { controlled, open, settled } = await serve()
    const peer = await open()
    for (const name of ['a', 'b']) peer.send(produce, 12, batch(name))
    await settled(() => controlled.begun.length === 2)
    peer.stream.pause()
    controlled.resolve('b', produced)
    await settled(() => true)
    expect(controlled.sent).toEqual([])
    controlled.resolve('a', produced)
    for (let turn = 0; turn < 10; turn++) await new Promise(resolve => setImmediate(resolve))
    expect(controlled.sent).toEqual([])
    peer.stream.resume()
    await settled(() => controlled.sent.length === 2)
    expect(controlled.sent).toEqual(['a', 'b'])
  })

  test('an answer has left though later ones have not: a reader that is always behind holds what it is behind by', async () => {
    const stream = new LaggingStream(100)
    const { controlled, accept, settled } = await serve()
    accept(stream)
    for (let index = 0; index < 50; index++) {
      stream.request(produce, 12, batch(`${index}`))
      await settled(() => controlled.begun.length === index + 1)
      controlled.resolve(`${index}`, produced)
      await settled(() => stream.writes === index + 1)
    }
    expect(stream.bufferedBytes).toBe(100)
    expect(controlled.sent.length).toBeGreaterThan(40)
    expect(controlled.sent.length).toBeLessThan(50)
  })

  test('behind a waiting Produce others begin, and answers still leave in order', async () => {
    const { controlled, open, settled } = await serve()
    const peer = await open()
    peer.send(produce, 12, batch('a'))
    peer.send(produce, 12, batch('b'))
    peer.send(heartbeat, 4, beat(3))
    await settled(() => controlled.begun.length === 2)
    controlled.resolve('b', produced)
    await settled(() => true)
    expect(peer.frames).toHaveLength(0)
    controlled.resolve('a', produced)
    expect((await peer.answer(produce, 12, 0)).header.correlationId).toBe(1)
    expect((await peer.answer(produce, 12, 1)).header.correlationId).toBe(2)
    expect((await peer.answer(heartbeat, 4, 2)).body.errorCode).toBe(3)
  })

  test('nothing begins behind a waiting request of another kind', async () => {
    const { controlled, open, settled, clock } = await serve()
    const peer = await open()
    peer.send(syncGroup, 3, sync('alone'))
    peer.send(produce, 12, batch('later'))
    await settled(() => controlled.begun.length === 1)
    await clock.settle()
    expect(controlled.begun).toEqual(['alone'])
    controlled.resolve('alone', { errorCode: 0, assignment: Buffer.alloc(0) })
    await settled(() => controlled.begun.length === 2)
  })

  test('no more begin than may be under way', async () => {
    const { controlled, open, settled, clock } = await serve({ maxUnderWay: 4 })
    const peer = await open()
    for (let index = 0; index < 10; index++) peer.send(produce, 12, batch(String(index)))
    await settled(() => controlled.begun.length === 4)
    await clock.settle()
    expect(controlled.begun).toHaveLength(4)
    // The last is ready first, but holds its place until those before it are.
    controlled.resolve('3', produced)
    await clock.settle()
    expect(controlled.begun).toHaveLength(4)
    for (let index = 0; index < 10; index++) {
      await settled(() => controlled.begun.length > index)
      controlled.resolve(String(index), produced)
    }
    await peer.until(() => peer.frames.length === 10)
  })

  test('a request without an answer holds up nothing', async () => {
    const { open } = await serve()
    const peer = await open()
    for (let index = 0; index < 50; index++) peer.send(produce, 12, batch('none', 0))
    const correlationId = peer.send(heartbeat, 4, beat(5))
    const { header } = await peer.answer(heartbeat, 4, 0)
    expect(header.correlationId).toBe(correlationId)
    expect(peer.frames).toHaveLength(1)
  })
})

describe('bad requests', () => {
  type Case = [name: string, bytes: Buffer, reason: RegExp, request?: { apiKey: number; apiVersion: number }]
  const cases: Case[] = [
    ['a frame larger than allowed', int32(101 * 1024 * 1024), /more than the 104857600/],
    ['a negative length', int32(-1), /a frame of -1 bytes/],
    ['an empty frame', int32(0), /request header/],
    ['what is no Kafka at all', Buffer.from('GET / HTTP/1.1\r\n\r\n'), /more than/],
    ['an unknown key', frame(200, 0), /no API has the key 200/, { apiKey: 200, apiVersion: 0 }],
    ['a key that is not served', frame(3, 1), /not served/, { apiKey: 3, apiVersion: 1 }],
    ['a version that is not served', frame(0, 2), /version is not served/, { apiKey: 0, apiVersion: 2 }],
    ['a body that is cut off', frame(12, 0, [0, 9]), /HeartbeatRequest/, { apiKey: 12, apiVersion: 0 }],
    ['a broken header of the future', frame(18, 99, [1]), /ApiVersionsRequest/, { apiKey: 18, apiVersion: 99 }],
  ]

  test.each(cases)('%s closes the connection with one line in the log', async (_name, bytes, why, request) => {
    const { open, lines, server } = await serve()
    const peer = await open()
    const bystander = await open()
    peer.stream.write([bytes])
    await peer.over()
    const fields = { ...request, peer: 'memory:1', listener: 'MEMORY', reason: expect.stringMatching(why) }
    expect(lines).toMatchObject([{ level: 'warn', message: 'a connection is closed', fields }])
    bystander.send(heartbeat, 4, beat(9))
    expect((await bystander.answer(heartbeat, 4, 0)).body.errorCode).toBe(9)
    expect(server.connectionCount).toBe(1)
  })

  test('bytes behind a complete body are no mistake', async () => {
    const { open } = await serve()
    const peer = await open()
    peer.stream.write([frame(18, 0, [1, 2, 3])])
    expect((await peer.answer(apiVersions, 0, 0)).body.errorCode).toBe(0)
  })

  test.each([99, -1])('ApiVersions %d is answered in the oldest form with the row to ask again with', async version => {
    const { open } = await serve()
    const peer = await open()
    peer.stream.write([frame(18, version, version > 0 ? [0] : [])])
    const { header, body } = await peer.answer(apiVersions, 0, 0)
    expect(header.correlationId).toBe(7)
    expect(body).toMatchObject({ errorCode: 35, apiKeys: [{ apiKey: 18, minVersion: 0, maxVersion: 4 }] })
    peer.send(heartbeat, 4, beat(1))
    expect((await peer.answer(heartbeat, 4, 1)).body.errorCode).toBe(1)
  })

  test('an error with an answer of its own is answered', async () => {
    const { open, lines } = await serve()
    const peer = await open()
    peer.send(heartbeat, 4, beat(1, 'refused'))
    expect((await peer.answer(heartbeat, 4, 0)).body.errorCode).toBe(69)
    expect(lines).toEqual([])
  })

  test.each(['bug', 'unencodable'])('an error without one closes the connection and is logged (%s)', async group => {
    const { open, lines } = await serve()
    const peer = await open()
    peer.send(heartbeat, 4, beat(1, group))
    await peer.over()
    expect(lines.at(-1)).toMatchObject({
      level: 'warn',
      fields: { apiKey: 12, apiVersion: 4, reason: expect.stringContaining('the request failed') },
    })
    expect(lines.some(line => line.level === 'error' && line.fields['err'] instanceof Error)).toBe(true)
  })

  test('a rejected request closes the connection once those before it are answered; those behind it are not', async () => {
    const { open, controlled, settled, lines } = await serve()
    const peer = await open()
    for (const name of ['waits', 'fails', 'behind']) peer.send(produce, 12, batch(name))
    await settled(() => controlled.begun.length === 3)
    controlled.reject('fails', new Error('disk gone'))
    await settled(() => lines.length === 2)
    expect(lines.map(line => line.level)).toEqual(['error', 'warn'])
    controlled.resolve('behind', produced)
    peer.send(produce, 12, batch('too late'))
    controlled.resolve('waits', produced)
    await peer.over()
    expect(peer.frames).toHaveLength(1)
    expect((await peer.answer(produce, 12, 0)).header.correlationId).toBe(1)
    expect(controlled.begun).not.toContain('too late')
  })

  test('what was asked before something that is no request is answered before the connection is closed', async () => {
    const { open, controlled, settled, lines } = await serve()
    const peer = await open()
    peer.send(produce, 12, batch('waits'))
    await settled(() => controlled.begun.length === 1)
    peer.stream.write([Buffer.from([0x7f, 0xff, 0xff, 0xff])])
    await settled(() => lines.length === 1)
    controlled.resolve('waits', produced)
    await peer.over()
    expect((await peer.answer(produce, 12, 0)).header.correlationId).toBe(1)
  })
})

test('300 connections of seeded garbage leave the server as it was', async () => {
  const random = new SeededRandom(18)
  const { open, server, lines, settled } = await serve()
  const bystander = await open()
  const good = Buffer.concat(encodeRequest(heartbeat, beat(4), { version: 4, correlationId: 1, clientId: 'peer' }))
  for (let round = 0; round < 300; round++) {
    const peer = await open()
    const bytes = Buffer.concat([
      good,
      random.integer(0, 2) === 0 ? good : Buffer.from(random.bytes(random.integer(1, 200))),
    ])
    for (let flips = random.integer(0, 4); flips > 0; flips--)
      bytes[random.integer(0, bytes.length)] = random.integer(0, 256)
    peer.stream.write([bytes.subarray(0, 7), bytes.subarray(7)])
    peer.stream.end()
    await peer.until(() => peer.closed)
  }
  await settled(() => server.connectionCount === 1)
  bystander.send(heartbeat, 4, beat(9))
  expect((await bystander.answer(heartbeat, 4, 0)).body.errorCode).toBe(9)
  expect(lines.length).toBeGreaterThan(100)
  expect(lines.every(line => line.level === 'warn' && line.message === 'a connection is closed')).toBe(true)
})

describe('limits', () => {
  test('one connection more than allowed is closed, and room is made by one that goes', async () => {
    const { open, server, settled, lines } = await serve({ maxConnections: 2 })
    const first = await open()
    await open()
    const third = await open()
    await third.over()
    expect(lines).toMatchObject([{ message: 'a connection is refused', fields: { reason: /max.connections/ } }])
    first.stream.destroy()
    await settled(() => server.connectionCount === 1)
    const fourth = await open()
    fourth.send(heartbeat, 4, beat(2))
    expect((await fourth.answer(heartbeat, 4, 0)).body.errorCode).toBe(2)
  })

  test('one address has only so many connections, another its own', async () => {
    const { open, server, settled } = await serve({ maxConnectionsPerIp: 1 })
    const first = await open('10.0.0.1')
    await (await open('10.0.0.1')).over()
    const other = await open('10.0.0.2')
    other.send(heartbeat, 4, beat(2))
    expect((await other.answer(heartbeat, 4, 0)).body.errorCode).toBe(2)
    first.stream.destroy()
    await settled(() => server.connectionCount === 1)
    const again = await open('10.0.0.1')
    again.send(heartbeat, 4, beat(3))
    expect((await again.answer(heartbeat, 4, 0)).body.errorCode).toBe(3)
  })

  test('a connection on which nothing moves is closed; one that waits for us is not', async () => {
    const { open, controlled, clock, settled, server } = await serve({ maxIdleMs: 1000 })
    const idle = await open()
    const busy = await open()
    const waiting = await open()
    waiting.send(syncGroup, 3, sync('long poll'))
    await clock.advance(900)
    busy.send(heartbeat, 4, beat(1))
    await clock.advance(900)
    await idle.over()
    expect(server.connectionCount).toBe(2)
    expect((await busy.answer(heartbeat, 4, 0)).body.errorCode).toBe(1)
    await clock.advance(10_000)
    expect(controlled.begun).toEqual(['long poll'])
    expect(server.connectionCount).toBe(1)
    controlled.resolve('long poll', { errorCode: 0, assignment: Buffer.alloc(0) })
    await waiting.answer(syncGroup, 3, 0)
    await clock.advance(1000)
    await settled(() => server.connectionCount === 0)
  })

  test('a reader that has stopped for good is closed when the idle time is over', async () => {
    const { open, controlled, clock, settled, server } = await serve({ maxIdleMs: 1000 })
    const dead = await open()
    dead.stream.pause()
    dead.send(syncGroup, 3, sync('unread'))
    await settled(() => controlled.begun.length === 1)
    controlled.resolve('unread', { errorCode: 0, assignment: Buffer.alloc(1_000_000) })
    await clock.advance(3000)
    expect(server.connectionCount).toBe(0)
  })

  test('a stop cuts off what is not done at its deadline', async () => {
    const { open, controlled, clock, settled, server } = await serve()
    const peer = await open()
    peer.send(syncGroup, 3, sync('never'))
    await settled(() => controlled.begun.length === 1)
    const stop = server.stop({ deadlineMs: 500 })
    await clock.advance(499)
    expect(server.connectionCount).toBe(1)
    await clock.advance(1)
    await stop
    await peer.over()
    expect(peer.frames).toHaveLength(0)
  })
})

test('what a client calls itself is kept with the connection', async () => {
  const { open, controlled, settled } = await serve()
  const peer = await open()
  peer.send(apiVersions, 3, { clientSoftwareName: 'test-client', clientSoftwareVersion: '1.2.3' })
  peer.send(syncGroup, 3, sync('who'))
  await settled(() => controlled.begun.length === 1)
  const { connection, header, principal, version, api }: RequestContext = controlled.contexts[0] ?? expect.fail()
  const known: ConnectionInfo = connection
  expect(known.clientSoftware).toEqual({ name: 'test-client', version: '1.2.3' })
  expect(known.peerHost).toBe('memory')
  expect(header).toMatchObject({ clientId: 'peer', correlationId: 2 })
  expect([principal.name, version, api.name]).toEqual(['ANONYMOUS', 3, 'SyncGroup'])
})

function int32(value: number): Buffer {
  const bytes = Buffer.alloc(4)
  bytes.writeInt32BE(value)
  return bytes
}

/** A request with the oldest header that a client id has; what follows is up to the caller. */
function frame(key: number, version: number, rest: number[] = []): Buffer {
  const header = Buffer.alloc(11)
  header.writeInt16BE(key, 0)
  header.writeInt16BE(version, 2)
  header.writeInt32BE(7, 4)
  header.writeInt16BE(1, 8)
  header.write('x', 10)
  return Buffer.concat([int32(header.length + rest.length), header, Buffer.from(rest)])
}
