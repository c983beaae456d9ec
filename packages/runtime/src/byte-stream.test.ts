import { once } from 'node:events'
import { connect, createServer, type Server, type Socket } from 'node:net'
import { describe, expect, test } from 'vitest'
import type { ByteStream, ByteStreamSink } from './byte-stream.js'
import { memoryStreamPair } from './memory-stream.js'
import { DirectReads, socketStream } from './socket-stream.js'

/** Keeps what a stream tells, and lets a test wait for a state of it. */
class Listener implements ByteStreamSink {
  text = ''
  bytes = 0
  drains = 0
  ended = false
  closed: { error: Error | undefined } | undefined
  #waiting: { condition: () => boolean; resolve: () => void }[] = []

  onData(chunk: Uint8Array): void {
    this.bytes += chunk.length
    if (this.text.length < 1000) this.text += Buffer.from(chunk).toString()
    this.#look()
  }
  onDrain(): void {
    this.drains++
    this.#look()
  }
  onEnd(): void {
    this.ended = true
    this.#look()
  }
  onClose(error: Error | undefined): void {
    expect(this.closed).toBeUndefined()
    this.closed = { error }
    this.#look()
  }

  until(condition: () => boolean): Promise<void> {
    if (condition()) return Promise.resolve()
    return new Promise(resolve => this.#waiting.push({ condition, resolve }))
  }

  #look(): void {
    for (const each of this.#waiting) if (each.condition()) each.resolve()
  }
}

type Pair = { left: ByteStream; right: ByteStream; end: () => void }

async function connectedSockets(reads?: DirectReads): Promise<{ client: Socket; accepted: Socket; server: Server }> {
  const server = createServer({ allowHalfOpen: true, pauseOnConnect: true })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  const port = typeof address === 'object' && address !== null ? address.port : 0
  const onread = reads === undefined ? {} : { onread: reads.onread }
  const client = connect({ host: '127.0.0.1', port, allowHalfOpen: true, ...onread })
  const [[accepted]] = await Promise.all([once(server, 'connection'), once(client, 'connect')])
  return { client, accepted, server }
}

const implementations: { name: string; pair: () => Promise<Pair> }[] = [
  {
    name: 'memory',
    pair: async () => {
      const [left, right] = memoryStreamPair({ host: 'memory', port: 1 }, { host: 'memory', port: 2 })
      return { left, right, end: () => {} }
    },
  },
  {
    name: 'socket',
    pair: async () => {
      const { client, accepted, server } = await connectedSockets()
      return { left: socketStream(client), right: socketStream(accepted), end: () => server.close() }
    },
  },
  {
    name: 'socket with direct reads',
    pair: async () => {
      const reads = new DirectReads()
      const { client, accepted, server } = await connectedSockets(reads)
      return { left: socketStream(accepted), right: socketStream(client, reads), end: () => server.close() }
    },
  },
]

describe.each(implementations)('a stream of bytes ($name)', ({ pair }) => {
  async function open(): Promise<Pair & { toLeft: Listener; toRight: Listener }> {
    const both = await pair()
    const toLeft = new Listener()
    const toRight = new Listener()
    both.left.start(toLeft)
    both.right.start(toRight)
    return { ...both, toLeft, toRight }
  }

  test('chunks arrive in order, in both directions, never inside the write', async () => {
    const { left, right, toLeft, toRight, end } = await open()
    left.write([Buffer.from('one '), Buffer.from('two ')])
    left.write([Buffer.from('three')])
    right.write([Buffer.from('back')])
    expect(toRight.text + toLeft.text).toBe('')
    await toRight.until(() => toRight.bytes === 13)
    await toLeft.until(() => toLeft.bytes === 4)
    expect(toRight.text).toBe('one two three')
    expect(toLeft.text).toBe('back')
    left.destroy()
    right.destroy()
    end()
  })

  test('who writes to one that does not read sees it, and is told when it reads again', async () => {
    const { left, right, toLeft, toRight, end } = await open()
    right.pause()
    const chunk = Buffer.alloc(1024 * 1024, 'x')
    for (let count = 0; count < 64; count++) left.write([chunk])
    expect(left.bufferedBytes).toBeGreaterThan(16 * chunk.length)
    const drainsBefore = toLeft.drains
    right.resume()
    await toLeft.until(() => left.bufferedBytes === 0 && toLeft.drains > drainsBefore)
    await toRight.until(() => toRight.bytes === 64 * chunk.length)
    left.destroy()
    right.destroy()
    end()
  })

  test('an ended half can still be answered; when both have ended both are closed', async () => {
    const { left, right, toLeft, toRight, end } = await open()
    left.write([Buffer.from('question')])
    left.end()
    await toRight.until(() => toRight.ended)
    expect(toRight.text).toBe('question')
    expect(toRight.closed).toBeUndefined()
    right.write([Buffer.from('answer')])
    right.end()
    await toLeft.until(() => toLeft.closed !== undefined)
    await toRight.until(() => toRight.closed !== undefined)
    expect(toLeft.text).toBe('answer')
    expect(toLeft.closed?.error).toBeUndefined()
    expect(toRight.closed?.error).toBeUndefined()
    left.write([Buffer.from('too late')])
    end()
  })

  test('a destroyed half closes with its error, and the other one is over as well', async () => {
    const { left, right, toLeft, toRight, end } = await open()
    left.write([Buffer.from('last words')])
    await toRight.until(() => toRight.text === 'last words')
    const error = new Error('enough')
    left.destroy(error)
    expect(toLeft.closed).toBeUndefined()
    await toLeft.until(() => toLeft.closed !== undefined)
    expect(toLeft.closed?.error).toBe(error)
    await toRight.until(() => toRight.ended || toRight.closed !== undefined)
    right.end()
    await toRight.until(() => toRight.closed !== undefined)
    end()
  })

  test('what comes before the start is delivered after it', async () => {
    const { left, right, end } = await pair()
    const toLeft = new Listener()
    left.start(toLeft)
    left.write([Buffer.from('early')])
    left.end()
    const toRight = new Listener()
    right.start(toRight)
    await toRight.until(() => toRight.ended)
    expect(toRight.text).toBe('early')
    right.destroy()
    await toLeft.until(() => toLeft.closed !== undefined)
    end()
  })

  test('what was received is the own of who received it', async () => {
    const { left, right, toRight, end } = await open()
    const written = Buffer.from('batch')
    const received: Uint8Array[] = []
    const onData = toRight.onData.bind(toRight)
    toRight.onData = chunk => {
      received.push(chunk)
      onData(chunk)
    }
    left.write([written])
    await toRight.until(() => toRight.bytes === 5)
    written.fill('x')
    expect(Buffer.concat(received).toString()).toBe('batch')
    received[0]?.fill(0)
    expect(written.toString()).toBe('xxxxx')
    left.destroy()
    right.destroy()
    end()
  })

  test('each end knows the other by its address', async () => {
    const { left, right, end } = await pair()
    expect(left.peer).toBe(`${right.local.host}:${right.local.port}`)
    expect(right.peer).toBe(`${left.local.host}:${left.local.port}`)
    expect(left.peerHost).toBe(right.local.host)
    left.destroy()
    right.destroy()
    end()
  })
})

test('a half in memory that stopped reading learns that its peer is gone, as a writer to a dead socket does', async () => {
  const [left, right] = memoryStreamPair({ host: 'memory', port: 1 }, { host: 'memory', port: 2 })
  const toRight = new Listener()
  left.start(new Listener())
  right.start(toRight)
  right.pause()
  left.pause()
  right.write([Buffer.from('unread')])
  left.destroy()
  await toRight.until(() => toRight.drains > 0)
  expect(right.bufferedBytes).toBe(0)
  right.resume()
  await toRight.until(() => toRight.closed !== undefined)
})

test('a socket with direct reads puts what comes where its sink says', async () => {
  const reads = new DirectReads()
  const { client, accepted, server } = await connectedSockets(reads)
  const memory = Buffer.alloc(1000)
  let filled = 0
  const sink = new Listener()
  const right = socketStream(client, reads)
  right.start({
    room: () => memory.subarray(filled, filled + 300),
    onData: chunk => {
      if (chunk.buffer === memory.buffer) filled += chunk.length
      sink.onData(chunk)
    },
    onDrain: () => {},
    onEnd: () => sink.onEnd(),
    onClose: error => sink.onClose(error),
  })
  const left = socketStream(accepted)
  left.start(new Listener())
  // The memory of the first read was chosen before there was a sink.
  left.write([Buffer.alloc(1, 'x')])
  await sink.until(() => sink.bytes === 1)
  const sent = Buffer.from(Array.from({ length: 900 }, (_, index) => index % 251))
  left.write([sent])
  await sink.until(() => sink.bytes === 901)
  expect(memory.subarray(0, filled)).toEqual(sent)
  left.destroy()
  right.destroy()
  server.close()
})
