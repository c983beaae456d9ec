import { once } from 'node:events'
import { createServer } from 'node:net'
import { ManualClock, NetworkError } from '@samsa/runtime'
import { describe, expect, test } from 'vitest'
import { connectTcp, parseAddress } from './transport.js'

async function listen() {
  const server = createServer(socket => socket.end('hello'))
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  if (typeof address !== 'object' || address === null) throw new Error('no port')
  return { server, address: { host: '127.0.0.1', port: address.port } }
}

describe('an address', () => {
  test.each([
    ['localhost:9092', 'localhost', 9092],
    ['127.0.0.1:1', '127.0.0.1', 1],
    ['[::1]:9092', '::1', 9092],
  ])('%s is read', (text, host, port) => {
    expect(parseAddress(text)).toEqual({ host, port })
  })

  test.each(['localhost', ':9092', '::1:9092', 'host:99999', 'host:', 'host:port', ''])('%j is refused', text => {
    expect(() => parseAddress(text)).toThrow(expect.objectContaining({ code: 'INVALID_ADDRESS' }))
  })
})

describe('a connection over TCP', () => {
  test('stands, and gives bytes', async () => {
    const { server, address } = await listen()
    const stream = await connectTcp(address)
    const text = await new Promise<string>(resolve => {
      let received = ''
      stream.start({
        onData: chunk => {
          received += Buffer.from(chunk).toString()
        },
        onDrain: () => {},
        onEnd: () => resolve(received),
        onClose: () => {},
      })
    })
    expect(text).toBe('hello')
    stream.destroy()
    server.close()
  })

  test('fails with the address where nobody listens', async () => {
    const { server, address } = await listen()
    server.close()
    await once(server, 'close')
    const error: unknown = await connectTcp(address).catch(reason => reason)
    expect(error).toBeInstanceOf(NetworkError)
    expect(error).toMatchObject({
      broker: `127.0.0.1:${address.port}`,
      message: expect.stringContaining('ECONNREFUSED'),
    })
  })

  test('is given up when its time is over or its signal is aborted', async () => {
    const { server, address } = await listen()
    const clock = new ManualClock({ settleTurns: 0 })
    const late = connectTcp(address, { clock, connectTimeoutMs: 0 }).catch(reason => reason)
    await clock.advance(0)
    expect(await late).toMatchObject({ message: expect.stringContaining('within 0 ms') })
    const controller = new AbortController()
    const aborted = connectTcp(address, { signal: controller.signal }).catch(reason => reason)
    controller.abort(new Error('no longer'))
    expect(await aborted).toBe(controller.signal.reason)
    expect(await connectTcp(address, { signal: controller.signal }).catch(reason => reason)).toBe(
      controller.signal.reason,
    )
    server.close()
  })
})
