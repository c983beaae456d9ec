/**
 * SASL and TLS of the client against a real Kafka, which SAMSA_KAFKA_BIN starts: every mechanism with right and wrong
 * credentials, sessions that are renewed and sessions that are not, certificates of both sides.
 */
import { authenticate, Connection, connectTcp, type SaslOptions, tlsTransport } from '@samsa/client/internal'
import { alterUserScramCredentials, errorByCode, metadata } from '@samsa/protocol'
import { saltedPassword } from '@samsa/protocol/internal'
import { AuthenticationError, NetworkError, systemClock, systemRandom } from '@samsa/runtime'
import type { ByteStream } from '@samsa/runtime/internal'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { eventually } from '../behaviour/eventually.js'
import { KafkaProcess } from '../differential/kafka-process.js'
import { isInstalled } from './program.js'

const LAUNCHER = process.env['SAMSA_KAFKA_BIN'] ?? ''
const SESSION_MS = 3_000
const bearerLogin =
  'org.apache.kafka.common.security.oauthbearer.OAuthBearerLoginModule required unsecuredLoginStringClaim_sub="admin";'

const properties = [
  'sasl.enabled.mechanisms=PLAIN,SCRAM-SHA-256,SCRAM-SHA-512,OAUTHBEARER',
  ...['sasl_plaintext', 'sasl_ssl'].map(name => `listener.name.${name}.oauthbearer.sasl.jaas.config=${bearerLogin}`),
  `connections.max.reauth.ms=${SESSION_MS}`,
]

function reasonToSkip(): string | undefined {
  if (LAUNCHER === '') return 'needs SAMSA_KAFKA_BIN'
  return isInstalled('openssl', 'version') ? undefined : 'needs openssl'
}

const encoded = (part: object) => Buffer.from(JSON.stringify(part)).toString('base64url')

/** A token that nobody signed, as a Kafka without an issuer takes it. */
function unsignedToken(subject: string, lifetimeSeconds: number): string {
  const now = Math.floor(systemClock.now() / 1000)
  return `${encoded({ alg: 'none' })}.${encoded({ sub: subject, iat: now, exp: now + lifetimeSeconds })}.`
}

const admin = { username: 'admin', password: 'admin-secret' }
const mechanisms = ['PLAIN', 'SCRAM-SHA-256', 'SCRAM-SHA-512'] as const
const bearer = (value: string): SaslOptions => ({ mechanism: 'OAUTHBEARER', token: () => value })

/** Names and passwords that have to be written with care; the two accents are not the same characters. */
const users = [
  { username: 'a=b,c=2C', password: 'p=a,s' },
  { username: 'zoe', password: 'pässwörd ' },
  { username: 'zoe-2', password: 'pa\u0308sswo\u0308rd ' },
]
/** Kafka keeps a credential for such a name, and then knows nobody by it. */
const accented = { username: 'zoë', password: 'p' }

const connections: Connection[] = []

function over(stream: ByteStream): Connection {
  const connection = new Connection(stream, { clientId: 'tests' })
  connections.push(connection)
  return connection
}

async function nodesSeenBy(connection: Connection): Promise<number> {
  return (await connection.request(metadata, 12, { topics: [] })).brokers.length
}

function login(connection: Connection, sasl: SaslOptions, authenticateVersion = 2) {
  const versions = { handshake: 1, authenticate: authenticateVersion }
  return authenticate(connection, sasl, { versions, random: systemRandom, clock: systemClock })
}

const REASON = reasonToSkip()

describe.skipIf(REASON !== undefined)(`a real Kafka${REASON === undefined ? '' : ` (${REASON})`}`, () => {
  let kafka: KafkaProcess
  const toSasl = async () => over(await connectTcp(kafka.listener('sasl')))
  const trusting = (more: object = {}) => tlsTransport({ ca: kafka.certificate('ca.pem'), ...more })

  beforeAll(async () => {
    kafka = await KafkaProcess.start(LAUNCHER, properties, { sasl: true, tls: true })
  }, 120_000)
  afterEach(() => {
    for (const connection of connections.splice(0)) connection.close()
  })
  afterAll(() => kafka?.stop())

  describe.each(mechanisms)('with %s', mechanism => {
    test('takes the right password, and serves', async () => {
      const connection = await toSasl()
      expect(await login(connection, { mechanism, ...admin })).toEqual({ sessionLifetimeMs: SESSION_MS })
      expect(await nodesSeenBy(connection)).toBe(1)
    })

    test('takes it inside TLS', async () => {
      const connection = over(await trusting()(kafka.listener('saslOverTls'), {}))
      await login(connection, { mechanism, ...admin })
      expect(await nodesSeenBy(connection)).toBe(1)
    })

    test.each([
      ['password', { ...admin, password: 'guessed-it' }],
      ['user', { ...admin, username: 'nobody' }],
    ])('says no to a wrong %s, and we repeat its words', async (_, credentials) => {
      const error = await login(await toSasl(), { mechanism, ...credentials }).catch(reason => reason)
      expect(error).toBeInstanceOf(AuthenticationError)
      expect(error).toMatchObject({ code: 'SASL_AUTHENTICATION_FAILED', message: expect.stringMatching(/invalid/i) })
      expect(`${error.stack} ${JSON.stringify(error)}`).not.toContain(credentials.password)
    })
  })

  test.each([0, 1, 2])('takes SaslAuthenticate %i', async version => {
    const connection = await toSasl()
    const sessionLifetimeMs = version === 0 ? 0 : SESSION_MS
    expect(await login(connection, { mechanism: 'SCRAM-SHA-256', ...admin }, version)).toEqual({ sessionLifetimeMs })
  })

  test('knows by SCRAM who has commas in the name or accents in the password, as they are written', async () => {
    const own = over(await connectTcp(kafka.listener('plain')))
    const salt = systemRandom.bytes(24)
    const upsertions = await Promise.all(
      [accented, ...users].map(async ({ username, password }) => ({
        name: username,
        mechanism: 1,
        iterations: 8192,
        salt,
        saltedPassword: await saltedPassword('sha256', password, salt, 8192),
      })),
    )
    const { results } = await own.request(alterUserScramCredentials, 0, { deletions: [], upsertions })
    expect(results.map(({ errorCode }) => errorByCode(errorCode).name)).toEqual(upsertions.map(() => 'NONE'))
    for (const user of users) {
      await eventually(async () => {
        const connection = await toSasl()
        // Kafka applies what it has taken a moment later.
        const session = await login(connection, { mechanism: 'SCRAM-SHA-256', ...user }).catch(() => undefined)
        return session && (await nodesSeenBy(connection))
      })
    }
    const [, composed, decomposed] = users
    const mixed = { ...admin, ...composed, password: decomposed?.password ?? '' }
    await expect(login(await toSasl(), { mechanism: 'SCRAM-SHA-256', ...mixed })).rejects.toThrow('invalid credentials')
    const refused = login(await toSasl(), { mechanism: 'SCRAM-SHA-256', ...accented })
    await expect(refused).rejects.toThrow('only names in ASCII')
  })

  test('takes a token, with extensions or without', async () => {
    const connection = await toSasl()
    expect(await login(connection, bearer(unsignedToken('admin', 3600)))).toEqual({ sessionLifetimeMs: SESSION_MS })
    expect(await nodesSeenBy(connection)).toBe(1)
    const token = () => ({ value: unsignedToken('admin', 3600), extensions: { tenant: 'one two' } })
    await login(await toSasl(), { mechanism: 'OAUTHBEARER', token })
  })

  test('says what is wrong with a token', async () => {
    for (const token of ['no-token', unsignedToken('admin', -3600)]) {
      const error = await login(await toSasl(), bearer(token)).catch(reason => reason)
      expect(error).toBeInstanceOf(AuthenticationError)
      expect(error.message).toContain('invalid_token')
      expect(error.message).not.toContain(token)
    }
  })

  test('names its mechanisms where SASL is wrong, and refuses it where there is none', async () => {
    const foreign = { mechanism: 'SCRAM-SHA-1' as 'PLAIN', ...admin }
    const error = await login(await toSasl(), foreign).catch(reason => reason)
    expect(error).toMatchObject({ name: 'AuthenticationError', code: 'UNSUPPORTED_SASL_MECHANISM' })
    for (const mechanism of [...mechanisms, 'OAUTHBEARER']) expect(error.message).toContain(mechanism)
    const plain = over(await connectTcp(kafka.listener('plain')))
    await expect(login(plain, { mechanism: 'PLAIN', ...admin })).rejects.toMatchObject({ code: 'ILLEGAL_SASL_STATE' })
  })

  test('keeps a session that is renewed beyond its first end, and no other', async () => {
    const sasl = { mechanism: 'SCRAM-SHA-512', ...admin } as const
    const [renewed, forgotten] = [await toSasl(), await toSasl()]
    await Promise.all([login(renewed, sasl), login(forgotten, sasl)])
    const from = systemClock.monotonic()
    let renewedAt = from
    await eventually(async () => {
      if (systemClock.monotonic() - renewedAt > SESSION_MS / 2) {
        renewedAt = systemClock.monotonic()
        expect(await login(renewed, sasl)).toEqual({ sessionLifetimeMs: SESSION_MS })
      }
      expect(await nodesSeenBy(renewed)).toBe(1)
      const error = await nodesSeenBy(forgotten).then(
        () => undefined,
        reason => reason,
      )
      if (error === undefined) return undefined
      expect(error).toBeInstanceOf(NetworkError)
      return error
    })
    expect(renewedAt).toBeGreaterThan(from)
    expect(await nodesSeenBy(renewed)).toBe(1)
  })

  test('hangs up on a login by another mechanism than the first on its connection', async () => {
    const connection = await toSasl()
    await login(connection, { mechanism: 'SCRAM-SHA-512', ...admin })
    await expect(login(connection, { mechanism: 'PLAIN', ...admin })).rejects.toBeInstanceOf(NetworkError)
  })

  test('serves over TLS, with a certificate of ours or without', async () => {
    const address = kafka.listener('tls')
    const shown = { cert: kafka.certificate('client.crt'), key: kafka.certificate('client.key') }
    for (const options of [{}, shown]) {
      for (const host of [address.host, 'localhost']) {
        const stream = await trusting(options)({ host, port: address.port }, {})
        expect(await nodesSeenBy(over(stream))).toBe(1)
      }
    }
  })

  test('is not trusted without its authority', async () => {
    await expect(tlsTransport({})(kafka.listener('tls'), {})).rejects.toMatchObject({
      name: 'AuthenticationError',
      code: 'SSL_AUTHENTICATION_FAILED',
      message: expect.stringContaining("as 'ca'"),
    })
  })

  test('is recognised by either side when TLS is where it should not be, or is not where it should', async () => {
    const withoutTls = over(await connectTcp(kafka.listener('tls')))
    await expect(nodesSeenBy(withoutTls)).rejects.toThrow('TLS')
    await expect(trusting()(kafka.listener('plain'), {})).rejects.toThrow('has no TLS on this port')
  })
})
