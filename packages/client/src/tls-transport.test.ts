import { execFileSync, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { type AddressInfo, createServer, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createServer as createTlsServer, type TLSSocket, type TlsOptions } from 'node:tls'
import { AuthenticationError, ConfigError, ManualClock, NetworkError } from '@samsa/runtime'
import type { ByteStream } from '@samsa/runtime/internal'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { connectTcp, tlsTransport } from './transport.js'

const REASON = spawnSync('openssl', ['version']).error === undefined ? undefined : 'needs openssl'

interface Certificate {
  readonly key: Buffer
  readonly cert: Buffer
}

const folder = mkdtempSync(join(tmpdir(), 'samsa-tls-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const file = (name: string) => join(folder, name)
const openssl = (...args: readonly string[]) => execFileSync('openssl', args, { stdio: 'pipe', cwd: folder })
const readPair = (name: string): Certificate => ({
  key: readFileSync(file(`${name}.key`)),
  cert: readFileSync(file(`${name}.crt`)),
})
const newKey = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'] as const

function selfSigned(name: string): Certificate {
  const subject = ['-subj', `/CN=${name}`, '-addext', 'subjectAltName=DNS:localhost,IP:127.0.0.1']
  openssl('req', '-x509', ...newKey, '-days', '2', ...subject, '-keyout', `${name}.key`, '-out', `${name}.crt`)
  return readPair(name)
}

/** By the authority of the tests. */
function signed(name: string, alternativeNames: string, ...validity: readonly string[]): Certificate {
  openssl('req', ...newKey, '-subj', `/CN=${name}`, '-keyout', `${name}.key`, '-out', `${name}.csr`)
  writeFileSync(file(`${name}.ext`), `subjectAltName=${alternativeNames}`)
  const authority = ['-CA', 'authority.crt', '-CAkey', 'authority.key', '-CAcreateserial', '-extfile', `${name}.ext`]
  openssl('x509', '-req', '-in', `${name}.csr`, ...authority, ...validity, '-out', `${name}.crt`)
  return readPair(name)
}

const open: { close(): void }[] = []
afterEach(() => {
  for (const each of open.splice(0)) each.close()
})

function closing<S extends Socket>(accept: (socket: S) => void): (socket: S) => void {
  return socket => {
    socket.on('error', () => {})
    open.push({ close: () => socket.destroy() })
    accept(socket)
  }
}

async function listenTls(options: TlsOptions, accept: (socket: TLSSocket) => void = () => {}): Promise<number> {
  const server = createTlsServer({ allowHalfOpen: true, ...options }, closing(accept))
  server.on('tlsClientError', () => {})
  return listening(server)
}

async function listenPlain(accept: (socket: Socket) => void): Promise<number> {
  return listening(createServer(closing(accept)))
}

async function listening(server: ReturnType<typeof createServer>): Promise<number> {
  open.push({ close: () => server.close() })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return (server.address() as AddressInfo).port
}

function failure(promise: Promise<unknown>): Promise<unknown> {
  return promise.then(
    () => new Error('it did not fail'),
    reason => reason,
  )
}

interface Heard {
  readonly text: string
  readonly closed: Error | undefined
}

/** A server that takes a connection and says nothing; `greeted` is its socket once something has come. */
async function listenSilently(): Promise<{ port: number; greeted: Promise<Socket> }> {
  let greet: (socket: Socket) => void
  const greeted = new Promise<Socket>(resolve => {
    greet = resolve
  })
  const port = await listenPlain(socket => socket.once('data', () => greet(socket)))
  return { port, greeted }
}

/** All that comes, until the other end has ended or the stream has broken; asks first where there is something to ask. */
function hear(stream: ByteStream, ask = ''): Promise<Heard> {
  open.push({ close: () => stream.destroy() })
  return new Promise(resolve => {
    const chunks: Uint8Array[] = []
    const done = (closed: Error | undefined): void => resolve({ text: Buffer.concat(chunks).toString('utf8'), closed })
    stream.start({
      onData: chunk => chunks.push(chunk),
      onDrain: () => {},
      onEnd: () => done(undefined),
      onClose: done,
    })
    if (ask !== '') stream.write([Buffer.from(ask)])
  })
}

let ca: Buffer
let broker: Certificate

describe.skipIf(REASON !== undefined)(`TLS${REASON === undefined ? '' : ` (${REASON})`}`, () => {
  beforeAll(() => {
    ca = selfSigned('authority').cert
    broker = signed('broker', 'DNS:localhost,DNS:kafka.example,IP:127.0.0.1')
  })

  test('carries bytes in order and whole, and one direction ends before the other', async () => {
    const port = await listenTls(broker, socket => {
      socket.on('data', chunk => socket.write(chunk))
      socket.on('end', () => socket.end(' end'))
    })
    const stream = await tlsTransport({ ca })({ host: '127.0.0.1', port }, {})
    expect(stream.peer).toBe(`127.0.0.1:${port}`)
    const heard = hear(stream, 'one ')
    stream.write([Buffer.from('two '), Buffer.alloc(3_000_000, 'x'), Buffer.from(' three')])
    expect(stream.bufferedBytes).toBeGreaterThan(0)
    stream.end()
    const { text, closed } = await heard
    expect(closed).toBeUndefined()
    expect(text === `one two ${'x'.repeat(3_000_000)} three end`).toBe(true)
  })

  test('tells the broker a name that it was asked by, and no address', async () => {
    const names: unknown[] = []
    const port = await listenTls(broker, socket => names.push(socket.servername))
    const ip = '127.0.0.1'
    for (const [address, options] of [
      [{ host: 'localhost', port }, { ca }],
      [{ host: ip, port }, { ca }],
      [
        { host: ip, port },
        { ca, servername: 'kafka.example' },
      ],
      [{ host: 'kafka.example', ip, port }, { ca }],
    ] as const) {
      const stream = await tlsTransport(options)(address, {})
      open.push({ close: () => stream.destroy() })
    }
    await expect.poll(() => names).toEqual(['localhost', false, 'kafka.example', 'kafka.example'])
  })

  test('holds the broker to its name, whichever address was found for that', async () => {
    const port = await listenTls(broker)
    const address = { host: 'kafka.elsewhere', ip: '127.0.0.1', port }
    expect(await failure(tlsTransport({ ca })(address, {}))).toBeInstanceOf(AuthenticationError)
  })

  test('takes where to connect from the address, whatever the options say', async () => {
    const port = await listenTls(broker)
    const options = { ca, host: 'nowhere.example', port: 1, path: '/nowhere' }
    const stream = await tlsTransport(options)({ host: '127.0.0.1', port }, {})
    stream.destroy()
  })

  describe('a certificate', () => {
    async function refusal(certificate: Certificate, host = 'localhost', options = {}): Promise<unknown> {
      const port = await listenTls(certificate)
      return failure(tlsTransport(options)({ host, port }, {}))
    }

    test.each([
      ['that is self-signed', () => refusal(selfSigned('lonely')), "self-signed; give that certificate as 'ca'"],
      ['of an authority that is not known', () => refusal(broker), "give the authority's certificate as 'ca'"],
      ['for another name', () => refusal(signed('other', 'DNS:other.example'), 'localhost', { ca }), 'other.example'],
      ['for another address', () => refusal(signed('far', 'IP:10.0.0.1'), '127.0.0.1', { ca }), "as 'servername'"],
    ])('%s is refused with what to do', async (_, refuse, sentence) => {
      const error = await refuse()
      expect(error).toBeInstanceOf(AuthenticationError)
      expect(error).toMatchObject({
        code: 'SSL_AUTHENTICATION_FAILED',
        retriable: false,
        broker: expect.stringMatching(/^(?:localhost|127\.0\.0\.1):\d+$/),
        message: expect.stringContaining(sentence),
        cause: expect.any(Error),
      })
    })

    test('that has expired is refused as such', async context => {
      let old: Certificate
      try {
        old = signed('old', 'DNS:localhost', '-days', '-1')
      } catch {
        return context.skip('this openssl makes no certificate that has expired')
      }
      expect(await refusal(old, 'localhost', { ca })).toMatchObject({
        code: 'SSL_AUTHENTICATION_FAILED',
        message: expect.stringContaining('has expired'),
      })
    })

    test.each(['TLSv1.2', 'TLSv1.3'] as const)('that we should have is missed with %s', async version => {
      const options = { ...broker, ca, requestCert: true, rejectUnauthorized: true }
      const port = await listenTls({ ...options, minVersion: version, maxVersion: version })
      const connecting = tlsTransport({ ca })({ host: 'localhost', port }, {})
      // The newer one has us connected before it looks at what we show.
      const error = await connecting.then(
        stream => hear(stream, 'anything').then(({ closed }) => closed),
        reason => reason,
      )
      expect(error).toBeInstanceOf(AuthenticationError)
      expect(error).toMatchObject({ code: 'SSL_AUTHENTICATION_FAILED' })
      expect(error.message).toContain('certificate')
    })

    test('of ours is taken by a broker that asks for one', async () => {
      const subjects: unknown[] = []
      const options = { ...broker, ca, requestCert: true, rejectUnauthorized: true }
      const port = await listenTls(options, socket => subjects.push(socket.getPeerCertificate().subject.CN))
      const stream = await tlsTransport({ ca, ...signed('anna', 'DNS:anna') })({ host: 'localhost', port }, {})
      await expect.poll(() => subjects).toEqual(['anna'])
      stream.destroy()
    })

    test('that is none is refused before anything is connected', () => {
      expect(() => tlsTransport({ cert: 'not a certificate', key: broker.key })).toThrow(ConfigError)
      expect(() => tlsTransport({ ...signed('mine', 'DNS:mine'), key: broker.key })).toThrow(ConfigError)
    })
  })

  test('a peer that knows no version of it that we allow is named as such', async () => {
    const port = await listenTls({ ...broker, minVersion: 'TLSv1.2', maxVersion: 'TLSv1.2' })
    const error = await failure(tlsTransport({ ca, minVersion: 'TLSv1.3' })({ host: 'localhost', port }, {}))
    expect(error).toBeInstanceOf(AuthenticationError)
    expect(error).toMatchObject({ message: expect.stringContaining('no version of TLS') })
  })

  test('a broker that answers without it is named as such', async () => {
    const port = await listenPlain(socket => socket.once('data', () => socket.end('no TLS here, not at all')))
    const error = await failure(tlsTransport({ ca })({ host: '127.0.0.1', port }, {}))
    expect(error).toBeInstanceOf(AuthenticationError)
    expect(error).toMatchObject({ message: expect.stringContaining('a listener without TLS') })
  })

  test('a broker that hangs up on it may be one without it, or one that has no time', async () => {
    const port = await listenPlain(socket => socket.once('data', () => socket.destroy()))
    const error = await failure(tlsTransport({ ca })({ host: '127.0.0.1', port }, {}))
    expect(error).toBeInstanceOf(NetworkError)
    expect(error).toMatchObject({
      retriable: true,
      message: expect.stringContaining('a broker that has no TLS on this port does that'),
    })
  })

  test('is given up with the connection when its time is over, though TCP stands', async () => {
    const { port, greeted } = await listenSilently()
    const clock = new ManualClock()
    const late = failure(tlsTransport({ ca })({ host: '127.0.0.1', port }, { clock, connectTimeoutMs: 5_000 }))
    const socket = await greeted
    await clock.advance(5_000)
    expect(await late).toMatchObject({ name: 'NetworkError', message: expect.stringContaining('within 5000 ms') })
    expect(clock.pendingTimers).toBe(0)
    await expect.poll(() => socket.destroyed).toBe(true)
  })

  test('is given up when the signal is aborted', async () => {
    const { port, greeted } = await listenSilently()
    const controller = new AbortController()
    const aborted = failure(tlsTransport({ ca })({ host: '127.0.0.1', port }, { signal: controller.signal }))
    await greeted
    controller.abort(new Error('no longer'))
    expect(await aborted).toBe(controller.signal.reason)
  })
})

describe('a plain connection', () => {
  test('that is answered with an alert has met TLS', async () => {
    const alert = Uint8Array.of(0x15, 0x03, 0x03, 0x00, 0x02, 0x02, 0x50)
    const port = await listenPlain(socket => socket.once('data', () => socket.end(alert)))
    const { closed } = await hear(await connectTcp({ host: '127.0.0.1', port }), 'ask')
    expect(closed).toBeInstanceOf(NetworkError)
    expect(closed?.message).toContain('speaks TLS on this port')
  })

  test.each([
    ['ends', (socket: Socket) => socket.end()],
    ['breaks', (socket: Socket) => socket.resetAndDestroy()],
  ])('that %s before any answer may have needed TLS', async (_, finish) => {
    const port = await listenPlain(socket => socket.once('data', () => finish(socket)))
    const { closed } = await hear(await connectTcp({ host: '127.0.0.1', port }), 'ask')
    expect(closed).toBeInstanceOf(NetworkError)
    expect(closed?.message).toContain('expects TLS')
  })

  test.each([
    ['was asked nothing', ''],
    ['has answered', 'ask'],
  ])('is only ended by a broker that %s', async (_, ask) => {
    const port = await listenPlain(socket =>
      ask === '' ? socket.end() : socket.once('data', () => socket.end('answer')),
    )
    expect(await hear(await connectTcp({ host: '127.0.0.1', port }), ask)).toEqual({
      text: ask === '' ? '' : 'answer',
      closed: undefined,
    })
  })
})
