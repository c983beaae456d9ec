import { AuthenticationError } from '@samsa/runtime'
import { describe, expect, test } from 'vitest'
import { ProtocolError } from '../protocol-error.js'
import { bearerMessage, OAuthBearerClient, OAuthBearerServer, readBearerMessage } from './oauthbearer.js'

const utf8 = (text: string) => Buffer.from(text, 'utf8')
const text = (bytes: Uint8Array | undefined) => Buffer.from(bytes ?? []).toString('utf8')

const server = () =>
  new OAuthBearerServer(async ({ token }) =>
    token === 'good'
      ? { principal: 'anna', expiresAtMs: 1_800_000_000_000 }
      : { status: 'invalid_token', openidConfiguration: 'https://issuer.example/' },
  )

describe('OAUTHBEARER', () => {
  test('has the form of RFC 7628 with extensions behind the token', () => {
    expect(text(bearerMessage('vF9dft4qmT'))).toBe('n,,\x01auth=Bearer vF9dft4qmT\x01\x01')
    expect(text(bearerMessage('vF9dft4qmT', { traceId: '1 2', tenant: 'x' }))).toBe(
      'n,,\x01auth=Bearer vF9dft4qmT\x01traceId=1 2\x01tenant=x\x01\x01',
    )
  })

  test('the example of RFC 7628 is read', () => {
    const message =
      'n,a=user@example.com,\x01host=server.example.com\x01port=143\x01auth=Bearer vF9dft4qmTc2Nvb3RlckBhbHRhdmlzdGEuY29tCg==\x01\x01'
    expect(readBearerMessage(utf8(message))).toEqual({
      token: 'vF9dft4qmTc2Nvb3RlckBhbHRhdmlzdGEuY29tCg==',
      authorizationId: 'user@example.com',
      extensions: new Map([
        ['host', 'server.example.com'],
        ['port', '143'],
      ]),
    })
  })

  test('a good token says who it is and until when', async () => {
    const client = new OAuthBearerClient({ value: 'good', extensions: { a: 'b' } })
    const step = await server().next(client.first())
    expect(step).toEqual({ message: new Uint8Array(0), principal: 'anna', expiresAtMs: 1_800_000_000_000 })
    expect(await client.next(step.message)).toBeUndefined()
    expect(client.refusal).toBeUndefined()
  })

  test('a bad one is refused in two steps: the reason, and the end once that is acknowledged', async () => {
    const end = server()
    const client = new OAuthBearerClient({ value: 'spoilt' })
    const step = await end.next(client.first())
    expect(step.principal).toBeUndefined()
    expect(JSON.parse(text(step.message))).toEqual({
      status: 'invalid_token',
      'openid-configuration': 'https://issuer.example/',
    })
    const acknowledgement = await client.next(step.message)
    expect(acknowledgement).toEqual(Uint8Array.of(1))
    expect(client.refusal).toBe('status invalid_token, openid-configuration https://issuer.example/')
    await expect(end.next(Uint8Array.of(1))).rejects.toThrow(
      new AuthenticationError('The token was refused: invalid_token.'),
    )
    await expect(end.next(bearerMessage('good'))).rejects.toBeInstanceOf(ProtocolError)
    await expect(client.next(new Uint8Array(0))).rejects.toBeInstanceOf(AuthenticationError)
  })

  test('a good token after a bad one does not help within one exchange', async () => {
    const end = server()
    await end.next(bearerMessage('spoilt'))
    await expect(end.next(bearerMessage('good'))).rejects.toBeInstanceOf(AuthenticationError)
  })

  test.each(['no JSON', '[]', '7', '{}', '{"status":5}'])('a refusal that says %j is one all the same', async said => {
    const client = new OAuthBearerClient({ value: 'good' })
    expect(await client.next(utf8(said))).toEqual(Uint8Array.of(1))
    expect(client.refusal).toBe(said)
  })

  test('nobody acts for somebody else', async () => {
    expect((await server().next(utf8('n,a=anna,\x01auth=Bearer good\x01\x01'))).principal).toBe('anna')
    await expect(server().next(utf8('n,a=zoe,\x01auth=Bearer good\x01\x01'))).rejects.toBeInstanceOf(
      AuthenticationError,
    )
  })

  test.each([
    ['nothing', ''],
    ['no header', '\x01auth=Bearer secret\x01\x01'],
    ['a binding to the channel', 'p=x,,\x01auth=Bearer secret\x01\x01'],
    ['no token', 'n,,\x01a=b\x01\x01'],
    ['nothing but its frame', 'n,,\x01\x01'],
    ['another scheme', 'n,,\x01auth=Basic secret\x01\x01'],
    ['two tokens', 'n,,\x01auth=Bearer secret\x01auth=Bearer good\x01\x01'],
    ['a token in two words', 'n,,\x01auth=Bearer secret good\x01\x01'],
    ['no end', 'n,,\x01auth=Bearer secret\x01'],
    ['an extension without a value', 'n,,\x01auth=Bearer secret\x01a\x01\x01'],
    ['an extension with a strange name', 'n,,\x01auth=Bearer secret\x01a1=b\x01\x01'],
    ['very many extensions', `n,,\x01auth=Bearer secret\x01${'a=b\x01'.repeat(65)}\x01`],
  ])('a message with %s is refused without being quoted', async (_, said) => {
    const error = await server()
      .next(utf8(said))
      .catch(reason => reason)
    expect(error).toBeInstanceOf(ProtocolError)
    expect(error.message).not.toContain('secret')
  })

  test.each([
    ['', {}],
    ['two words', {}],
    ['line\nbreak', {}],
    ['tökén', {}],
    ['\x01auth=Bearer other', {}],
    ['good', { auth: 'x' }],
    ['good', { 'a-b': 'x' }],
    ['good', { a: '' }],
    ['good', { a: 'x\x01y=z' }],
    ['x'.repeat(600_000), {}],
  ])('%.20j with %j cannot be sent', (token, extensions) => {
    expect(() => bearerMessage(token, extensions)).toThrow(ProtocolError)
  })
})
