import {
  encodeResponse,
  errorByCode,
  FrameSplitter,
  openRequest,
  type SaslAuthenticateResponse,
  saslAuthenticate,
  saslHandshake,
} from '@samsa/protocol'
import { OAuthBearerServer, PlainServer, type SaslServer, ScramServer, scramCredential } from '@samsa/protocol/internal'
import { AuthenticationError, KafkaError, ManualClock, SeededRandom } from '@samsa/runtime'
import { memoryStreamPair } from '@samsa/runtime/internal'
import { describe, expect, test } from 'vitest'
import { Connection } from './connection.js'
import { authenticate, type SaslOptions } from './sasl-authentication.js'

type Answer = Partial<SaslAuthenticateResponse>

/** A broker's end: shakes hands for what it offers, and answers each message with what the test says. */
interface Peer {
  readonly offers: readonly string[]
  readonly handshakeError?: number
  readonly onMessage: (message: Uint8Array) => Promise<Answer> | Answer
}

const UNSUPPORTED_MECHANISM = 33
const AUTHENTICATION_FAILED = 58

function open(peer: Peer, authenticateVersion = 2) {
  const clock = new ManualClock()
  const [client, server] = memoryStreamPair({ host: 'client', port: 1 }, { host: 'broker', port: 9092 })
  const asked: string[] = []
  const splitter = new FrameSplitter(1_000_000)
  const answer = async (frame: Uint8Array): Promise<void> => {
    const { api, header, body } = openRequest(frame)
    const { correlationId, apiVersion: version } = header
    asked.push(`${api.name} ${version}`)
    if (api.key === saslHandshake.key) {
      const { mechanism } = saslHandshake.request.decode(body, version)
      const errorCode = peer.handshakeError ?? (peer.offers.includes(mechanism) ? 0 : UNSUPPORTED_MECHANISM)
      server.write(encodeResponse(saslHandshake, { errorCode, mechanisms: peer.offers }, { version, correlationId }))
      return
    }
    const { authBytes } = saslAuthenticate.request.decode(body, version)
    const given = await peer.onMessage(authBytes)
    const response = { errorCode: 0, errorMessage: null, authBytes: new Uint8Array(0), ...given }
    server.write(encodeResponse(saslAuthenticate, response, { version, correlationId }))
  }
  server.start({
    onData: chunk => {
      for (const frame of splitter.push(chunk)) void answer(frame)
    },
    onDrain: () => {},
    onEnd: () => {},
    onClose: () => {},
  })
  const connection = new Connection(client, { clock, clientId: 'tests' })
  const login = (sasl: SaslOptions, handshake = 1) =>
    authenticate(connection, sasl, {
      versions: { handshake, authenticate: authenticateVersion },
      random: new SeededRandom('login'),
      clock,
    })
  return { clock, asked, connection, login }
}

/** A broker whose judgement is one of our own server halves. */
function serving(mechanism: string, make: () => SaslServer, sessionLifetimeMs = 0n): Peer {
  let server = make()
  return {
    offers: [mechanism],
    onMessage: async message => {
      try {
        const { message: authBytes, principal } = await server.next(message)
        if (principal === undefined) return { authBytes }
        server = make()
        return { authBytes, sessionLifetimeMs }
      } catch (error) {
        server = make()
        return { errorCode: AUTHENTICATION_FAILED, errorMessage: error instanceof Error ? error.message : '' }
      }
    },
  }
}

async function failure(promise: Promise<unknown>): Promise<KafkaError> {
  const error = await promise.then(
    () => new Error('it did not fail'),
    (reason: unknown) => reason,
  )
  if (error instanceof KafkaError) return error
  throw error
}

/** All that anyone prints of an error. */
function printed(error: Error): string {
  return `${error.stack} ${JSON.stringify(error)} ${String(error.cause)}`
}

const plainPeer = (sessionLifetimeMs = 0n) =>
  serving('PLAIN', () => new PlainServer(name => (name === 'anna' ? 'wonderful' : undefined)), sessionLifetimeMs)
const anna = { mechanism: 'PLAIN', username: 'anna', password: 'wonderful' } as const

describe('a login by PLAIN', () => {
  test.each([0, 1, 2])('succeeds with SaslAuthenticate %i, and tells how long the session lasts', async version => {
    const { login, asked } = open(plainPeer(3_600_000n), version)
    expect(await login(anna)).toEqual({ sessionLifetimeMs: version === 0 ? 0 : 3_600_000 })
    expect(asked).toEqual(['SaslHandshake 1', `SaslAuthenticate ${version}`])
  })

  test('is done again on the same connection', async () => {
    const { login, asked, connection } = open(plainPeer())
    await login(anna)
    await login(anna)
    expect(asked).toHaveLength(4)
    expect(connection.closed).toBeUndefined()
  })

  test('fails for a wrong password with the broker’s words, and without the password', async () => {
    const { login } = open(plainPeer())
    const error = await failure(login({ ...anna, password: 'wondrous' }))
    expect(error).toBeInstanceOf(AuthenticationError)
    expect(error).toMatchObject({
      code: 'SASL_AUTHENTICATION_FAILED',
      fatal: true,
      retriable: false,
      broker: 'broker:9092',
      api: 'SaslAuthenticate',
      message: expect.stringContaining('The username or the password is not right.'),
    })
    expect(printed(error)).not.toContain('wondrous')
  })

  test('does not repeat a password that the broker quotes, nor more of its text than is readable', async () => {
    const errorMessage = `'wonderful' is wrong\u001b[2J ${'for ever '.repeat(1000)}`
    const { login } = open({ ...plainPeer(), onMessage: () => ({ errorCode: AUTHENTICATION_FAILED, errorMessage }) })
    const error = await failure(login(anna))
    expect(error.message).toContain("'***' is wrong [2J")
    expect(error.message.length).toBeLessThan(500)
    expect(printed(error)).not.toContain('wonderful')
  })

  test.each([
    ['username', { ...anna, username: '' }],
    ['password', { ...anna, password: 'won\0derful' }],
  ])('refuses a %s that cannot be sent before anything is', async (name, sasl) => {
    const { login, asked } = open(plainPeer())
    const error = await failure(login(sasl))
    expect(error).toBeInstanceOf(AuthenticationError)
    expect(error.message).toContain(name)
    expect(printed(error)).not.toContain('derful')
    expect(asked).toEqual([])
  })
})

describe('the handshake', () => {
  test('names what the broker offers in place of what was asked', async () => {
    const { login } = open({ offers: ['SCRAM-SHA-512', 'OAUTHBEARER'], onMessage: () => ({}) })
    expect(await failure(login(anna))).toMatchObject({
      name: 'AuthenticationError',
      code: 'UNSUPPORTED_SASL_MECHANISM',
      message: 'broker:9092 does not offer PLAIN; what it offers: SCRAM-SHA-512, OAUTHBEARER',
    })
  })

  test('says that a listener may have no SASL at all', async () => {
    const { login } = open({ offers: [], handshakeError: 34, onMessage: () => ({}) })
    expect(await failure(login(anna))).toMatchObject({
      name: 'AuthenticationError',
      code: 'ILLEGAL_SASL_STATE',
      message: expect.stringContaining('without SASL'),
    })
  })

  test('passes on any other error as what it is', async () => {
    const { login } = open({ offers: [], handshakeError: 15, onMessage: () => ({}) })
    expect(await failure(login(anna))).toMatchObject({ code: errorByCode(15).name, api: 'SaslHandshake' })
  })

  test('is refused in version 0 before anything is sent', async () => {
    const { login, asked } = open(plainPeer())
    expect(await failure(login(anna, 0))).toMatchObject({
      code: 'UNSUPPORTED_VERSION',
      message: expect.stringContaining('SaslHandshake 0'),
    })
    expect(asked).toEqual([])
  })
})

describe.each([
  ['SCRAM-SHA-256', 'sha256'],
  ['SCRAM-SHA-512', 'sha512'],
] as const)('a login by %s', (mechanism, hash) => {
  async function peer(): Promise<Peer> {
    const credential = await scramCredential(hash, 'wonderful', new Uint8Array(16).fill(7), 4096)
    const random = new SeededRandom('server')
    return serving(
      mechanism,
      () =>
        new ScramServer(mechanism, {
          credentialOf: name => (name === 'anna' ? credential : undefined),
          decoySecret: new Uint8Array(32),
          random,
        }),
    )
  }

  test('succeeds in two rounds', async () => {
    const { login, asked } = open(await peer())
    expect(await login({ ...anna, mechanism })).toEqual({ sessionLifetimeMs: 0 })
    expect(asked).toEqual(['SaslHandshake 1', 'SaslAuthenticate 2', 'SaslAuthenticate 2'])
  })

  test.each([
    ['password', { ...anna, password: 'wondrous' }],
    ['user', { ...anna, username: 'nobody' }],
  ])('fails for a wrong %s', async (_, sasl) => {
    const { login } = open(await peer())
    const error = await failure(login({ ...sasl, mechanism }))
    expect(error).toBeInstanceOf(AuthenticationError)
    expect(error.code).toBe('SASL_AUTHENTICATION_FAILED')
    expect(printed(error)).not.toContain('wond')
  })

  test('says of a refused name with an accent that Kafka would know nobody by it', async () => {
    const [accented, plain] = await Promise.all(
      ['zoë', 'zoe'].map(async username => failure(open(await peer()).login({ ...anna, mechanism, username }))),
    )
    expect(accented?.message).toContain('only names in ASCII')
    expect(plain?.message).not.toContain('ASCII')
  })

  test('fails when the broker accepts us without a proof of its own', async () => {
    const honest = await peer()
    let messages = 0
    const { login } = open({
      ...honest,
      onMessage: message => (++messages === 1 ? honest.onMessage(message) : { authBytes: Buffer.from('v=AAAA') }),
    })
    const error = await failure(login({ ...anna, mechanism }))
    expect(error).toBeInstanceOf(AuthenticationError)
    expect(error.message).toContain('did not prove')
  })

  test('fails when what the broker sends is no such message', async () => {
    const { login } = open({ offers: [mechanism], onMessage: () => ({ authBytes: Uint8Array.of(0xff) }) })
    const error = await failure(login({ ...anna, mechanism }))
    expect(error).toBeInstanceOf(AuthenticationError)
    expect(error.message).toContain('not UTF-8')
  })
})

describe('a login by OAUTHBEARER', () => {
  const bearerPeer = (seen: Record<string, string>[] = []) =>
    serving(
      'OAUTHBEARER',
      () =>
        new OAuthBearerServer(async ({ token, extensions }) => {
          seen.push(Object.fromEntries(extensions))
          return token === 'good' ? { principal: 'anna' } : { status: 'invalid_token', scope: 'kafka' }
        }),
    )

  test.each([
    ['a text', () => 'good'],
    ['a promise of one', async () => 'good'],
    ['a token', () => ({ value: 'good', lifetimeMs: 2 ** 50 })],
  ])('takes %s from the token function', async (_, token) => {
    const { login } = open(bearerPeer())
    expect(await login({ mechanism: 'OAUTHBEARER', token })).toEqual({ sessionLifetimeMs: 0 })
  })

  test('sends extensions along', async () => {
    const seen: Record<string, string>[] = []
    const { login } = open(bearerPeer(seen))
    await login({
      mechanism: 'OAUTHBEARER',
      token: () => ({ value: 'good', extensions: { logicalCluster: 'lkc-1' } }),
    })
    expect(seen).toEqual([{ logicalCluster: 'lkc-1' }])
  })

  test('fails with what the broker said of the token, and without the token', async () => {
    const { login, asked } = open(bearerPeer())
    const error = await failure(login({ mechanism: 'OAUTHBEARER', token: () => 'spoilt' }))
    expect(error).toBeInstanceOf(AuthenticationError)
    expect(error.message).toContain('status invalid_token, scope kafka')
    expect(printed(error)).not.toContain('spoilt')
    expect(asked).toHaveLength(3)
  })

  test('fails where the broker tells an error and then accepts', async () => {
    const { login } = open({
      offers: ['OAUTHBEARER'],
      onMessage: message => (message.length > 1 ? { authBytes: Buffer.from('{"status":"invalid_token"}') } : {}),
    })
    expect(await failure(login({ mechanism: 'OAUTHBEARER', token: () => 'good' }))).toBeInstanceOf(AuthenticationError)
  })

  test.each([
    [
      'throws',
      () => {
        throw new Error('no network')
      },
    ],
    ['rejects', () => Promise.reject(new Error('no network'))],
  ])('fails before anything is sent when the token function %s, with the cause', async (_, token) => {
    const { login, asked } = open(bearerPeer())
    const error = await failure(login({ mechanism: 'OAUTHBEARER', token }))
    expect(error).toMatchObject({
      name: 'AuthenticationError',
      cause: expect.objectContaining({ message: 'no network' }),
    })
    expect(asked).toEqual([])
  })

  test('does not wait for a token for ever, nor sends one that has ended', async () => {
    const { login, clock, asked } = open(bearerPeer())
    const waiting = failure(login({ mechanism: 'OAUTHBEARER', token: () => new Promise(() => {}) }))
    await clock.advance(30_000)
    expect((await waiting).message).toContain('30000 ms')
    const ended = await failure(
      login({ mechanism: 'OAUTHBEARER', token: () => ({ value: 'good', lifetimeMs: 3_600 }) }),
    )
    expect(ended).toBeInstanceOf(AuthenticationError)
    expect(ended.message).toContain('1970')
    expect(asked).toEqual([])
  })
})

test.each([anna, { ...anna, mechanism: 'SCRAM-SHA-512' }, { mechanism: 'OAUTHBEARER', token: () => 'good' }] as const)(
  'a broker that never comes to an end gets two rounds of $mechanism at most',
  async sasl => {
    const { login, asked } = open({
      offers: [sasl.mechanism],
      // To SCRAM each of these is a beginning, to the others something more to answer.
      onMessage: message => {
        const nonce = /r=([^,]+)/.exec(Buffer.from(message).toString('utf8'))?.[1] ?? ''
        return { authBytes: Buffer.from(`r=${nonce}x,s=QUJD,i=4096`) }
      },
    })
    const outcome = await login(sasl).catch(reason => reason)
    if (sasl.mechanism !== 'PLAIN') expect(outcome).toBeInstanceOf(AuthenticationError)
    expect(asked.length).toBeLessThanOrEqual(3)
  },
)

test('a connection that ends during a login is what it is: no failure of the credentials', async () => {
  const { login, connection } = open({ ...plainPeer(), onMessage: () => new Promise(() => {}) })
  const error = failure(login(anna))
  connection.close()
  expect(await error).toMatchObject({ code: 'CONNECTION_CLOSED' })
})
