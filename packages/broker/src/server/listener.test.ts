import { hostname } from 'node:os'
import { describe, expect, test } from 'vitest'
import { MemoryListener, TcpListener } from './listener.js'

const ignore = (): void => {}

describe('a TCP listener', () => {
  test('gets a port from the system and tells clients its address, or the one it was given', async () => {
    const plain = new TcpListener({ host: '127.0.0.1', port: 0 })
    const address = await plain.listen(ignore, ignore)
    expect(address.host).toBe('127.0.0.1')
    expect(address.port).toBeGreaterThan(0)
    const all = new TcpListener({ host: '0.0.0.0', port: 0 })
    expect((await all.listen(ignore, ignore)).host).toBe(hostname())
    const behind = new TcpListener({ host: '127.0.0.1', port: 0, advertisedHost: 'kafka.example', advertisedPort: 443 })
    expect(await behind.listen(ignore, ignore)).toEqual({ host: 'kafka.example', port: 443 })
    for (const listener of [plain, all, behind]) await listener.close()
  })

  test('says what to do when the port is in use, and takes it when it is free again', async () => {
    const first = new TcpListener({ host: '127.0.0.1', port: 0 })
    const { port } = await first.listen(ignore, ignore)
    const second = new TcpListener({ host: '127.0.0.1', port })
    await expect(second.listen(ignore, ignore)).rejects.toMatchObject({
      code: 'ADDRESS_IN_USE',
      message: `cannot listen on 127.0.0.1:${port}: another program uses that port; stop it, or choose another port`,
    })
    await second.close()
    await first.close()
    expect((await second.listen(ignore, ignore)).port).toBe(port)
    await second.close()
    await second.close()
  })

  test('an address of another machine is refused with a sentence', async () => {
    const listener = new TcpListener({ host: '192.0.2.1', port: 0 })
    await expect(listener.listen(ignore, ignore)).rejects.toMatchObject({ code: 'ADDRESS_NOT_AVAILABLE' })
  })
})

describe('a listener in memory', () => {
  test('connects while it listens, and says so when it does not', async () => {
    const listener = new MemoryListener()
    expect(() => listener.connect()).toThrow('nothing listens in memory')
    const peers: string[] = []
    expect(await listener.listen(stream => peers.push(stream.peer))).toEqual({ host: 'memory', port: 1 })
    listener.connect()
    listener.connect('10.0.0.1')
    expect(peers).toEqual(['memory:1', '10.0.0.1:2'])
    await listener.close()
    expect(() => listener.connect()).toThrow(expect.objectContaining({ code: 'CONNECTION_REFUSED', retriable: true }))
  })
})
