import { AuthenticationError, type Random, SeededRandom } from '@samsa/runtime'
import { describe, expect, test } from 'vitest'
import { ProtocolError } from '../protocol-error.js'
import { ScramClient, type ScramMechanism, ScramServer, scramHash } from './scram.js'
import {
  clientProof,
  isClientProof,
  saltedPassword,
  scramCredential,
  serverKey,
  serverSignature,
} from './scram-keys.js'

const utf8 = (text: string) => Buffer.from(text, 'utf8')
const text = (bytes: Uint8Array | undefined) => Buffer.from(bytes ?? []).toString('utf8')
const base64 = (bytes: Uint8Array) => Buffer.from(bytes).toString('base64')

/** The examples of the RFCs: both are of the user `user` with the password `pencil`. */
const vectors = [
  {
    rfc: 'RFC 5802',
    hash: 'sha1',
    clientNonce: 'fyko+d2lbbFgONRv9qkxdawL',
    nonce: 'fyko+d2lbbFgONRv9qkxdawL3rfcNHYJY1ZVvWVs7j',
    salt: 'QSXCR+Q6sek8bf92',
    proof: 'v0X8v3Bz2T0CJGbJQyF0X+HI4Ts=',
    signature: 'rmF9pqV8S7suAoZWja4dJRkFsKQ=',
  },
  {
    rfc: 'RFC 7677',
    hash: 'sha256',
    clientNonce: 'rOprNGfwEbeRWgbNEkqO',
    nonce: 'rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0',
    salt: 'W22ZaJ0SNY7soEsUEjb6gQ==',
    proof: 'dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=',
    signature: '6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=',
  },
] as const

describe.each(vectors)('the example of $rfc', vector => {
  const { hash, clientNonce, nonce } = vector
  const salt = Buffer.from(vector.salt, 'base64')
  const authMessage = `n=user,r=${clientNonce},r=${nonce},s=${vector.salt},i=4096,c=biws,r=${nonce}`

  test('has the same proof and the same signature here', async () => {
    const salted = await saltedPassword(hash, 'pencil', salt, 4096)
    expect(base64(clientProof(hash, salted, authMessage))).toBe(vector.proof)
    expect(base64(serverSignature(hash, serverKey(hash, salted), authMessage))).toBe(vector.signature)
  })

  test('convinces a server that stores keys only', async () => {
    const { storedKey } = await scramCredential(hash, 'pencil', salt, 4096)
    const proof = Buffer.from(vector.proof, 'base64')
    expect(isClientProof(hash, storedKey, authMessage, proof)).toBe(true)
    expect(isClientProof(hash, storedKey, `${authMessage}0`, proof)).toBe(false)
    expect(isClientProof(hash, storedKey, authMessage, proof.subarray(1))).toBe(false)
    proof[0] = (proof[0] ?? 0) ^ 1
    expect(isClientProof(hash, storedKey, authMessage, proof)).toBe(false)
  })
})

/** Gives the bytes whose base64 is the nonce of the example. */
const fixedNonce = (nonce: string): Random => ({
  ...new SeededRandom('unused'),
  next: () => 0,
  integer: min => min,
  bytes: () => Buffer.from(nonce, 'base64'),
  fork: () => fixedNonce(nonce),
})

test('a client speaks RFC 7677 message by message', async () => {
  const client = new ScramClient(
    'SCRAM-SHA-256',
    { username: 'user', password: 'pencil' },
    fixedNonce('rOprNGfwEbeRWgbNEkqO'),
  )
  expect(text(client.first())).toBe('n,,n=user,r=rOprNGfwEbeRWgbNEkqO')
  const nonce = 'rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0'
  expect(text(await client.next(utf8(`r=${nonce},s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096`)))).toBe(
    `c=biws,r=${nonce},p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=`,
  )
  expect(await client.next(utf8('v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4='))).toBeUndefined()
})

const decoySecret = new Uint8Array(32).fill(9)

/** Both ends, from one seed. */
async function meet(mechanism: ScramMechanism, seed: string, user = 'anna', password = 'wonderful') {
  const random = new SeededRandom(seed)
  const hash = scramHash(mechanism)
  const credential = await scramCredential(hash, password, random.bytes(random.integer(1, 64)), 4096)
  const server = new ScramServer(mechanism, {
    credentialOf: name => (name === user ? credential : undefined),
    decoySecret,
    random: random.fork('server'),
  })
  const client = (username = user, given = password) =>
    new ScramClient(mechanism, { username, password: given }, random.fork('client'))
  return { server, client }
}

const names = ['anna', 'a=b,c', '=2C', 'zoë', '名前', 'with space', ',', '=']
const passwords = ['wonderful', 'pässwörd', 'a,b=c', '🔑', 'x'.repeat(1000)]

describe.each(['SCRAM-SHA-256', 'SCRAM-SHA-512'] as const)('both ends of %s', mechanism => {
  test('come to an agreement, whatever the user is called', async () => {
    for (const [index, name] of names.entries()) {
      const password = passwords[index % passwords.length] ?? ''
      const { server, client: make } = await meet(mechanism, `agree ${index}`, name, password)
      const client = make()
      const challenge = await server.next(client.first())
      expect(challenge.principal).toBeUndefined()
      const proof = await client.next(challenge.message)
      const end = await server.next(proof ?? new Uint8Array(0))
      expect(end.principal).toBe(name)
      expect(await client.next(end.message)).toBeUndefined()
    }
  })

  test('do not for another password or an unknown user, and both refusals sound alike', async () => {
    for (const [user, password] of [
      ['anna', 'wondrous'],
      ['anne', 'wonderful'],
    ] as const) {
      const { server, client: make } = await meet(mechanism, 'refuse')
      const client = make(user, password)
      const proof = await client.next((await server.next(client.first())).message)
      await expect(server.next(proof ?? new Uint8Array(0))).rejects.toThrow(
        new AuthenticationError('The username or the password is not right.'),
      )
    }
  })

  test('end at once when a byte is changed on the way, in either direction', async () => {
    const random = new SeededRandom('spoil')
    const spoil = (bytes: Uint8Array): Uint8Array => {
      const copy = Uint8Array.from(bytes)
      const at = random.integer(0, copy.length)
      copy[at] = (copy[at] ?? 0) ^ (1 << random.integer(0, 7))
      return copy
    }
    for (let round = 0; round < 60; round++) {
      const { server, client: make } = await meet(mechanism, `spoil ${round}`)
      const client = make()
      const spoilt = round % 4
      const exchange = async (): Promise<void> => {
        const messages = [client.first()]
        const pass = (bytes: Uint8Array, index: number): Uint8Array => (index === spoilt ? spoil(bytes) : bytes)
        const challenge = await server.next(pass(messages[0] ?? new Uint8Array(0), 0))
        const proof = await client.next(pass(challenge.message, 1))
        const end = await server.next(pass(proof ?? new Uint8Array(0), 2))
        await client.next(pass(end.message, 3))
      }
      const error = await exchange().then(
        () => undefined,
        reason => reason,
      )
      expect(error instanceof AuthenticationError || error instanceof ProtocolError, `round ${round}: ${error}`).toBe(
        true,
      )
      expect(error.message).not.toContain('wonderful')
    }
  })
})

describe('a client', () => {
  const make = () =>
    new ScramClient('SCRAM-SHA-256', { username: 'anna', password: 'wonderful' }, new SeededRandom('client'))
  const nonceOf = (client: ScramClient) => text(client.first()).split('r=')[1] ?? ''

  test.each([
    ['too few', 4095],
    ['too many', 250_001],
    ['far too many', 9_999_999_999],
  ])('does not work for a server that asks for %s iterations', async (_, iterations) => {
    const client = make()
    await expect(client.next(utf8(`r=${nonceOf(client)}x,s=QUJD,i=${iterations}`))).rejects.toThrow(
      new AuthenticationError(`the server asks for ${iterations} iterations; 4096 to 250000 are taken`),
    )
  })

  test.each([
    ['our nonce and no more', (nonce: string) => `r=${nonce},s=QUJD,i=4096`],
    ['another nonce', () => 'r=abcdef,s=QUJD,i=4096'],
  ])('does not answer to %s', async (_, say) => {
    const client = make()
    await expect(client.next(utf8(say(nonceOf(client))))).rejects.toThrow('did not add to our nonce')
  })

  test.each([
    ['nothing', ''],
    ['no salt', 'r=NONCE'],
    ['an empty salt', 'r=NONCE,s=,i=4096'],
    ['a salt that is no base64', 'r=NONCE,s=QUJ,i=4096'],
    ['iterations that are no number', 'r=NONCE,s=QUJD,i=4e9'],
    ['negative ones', 'r=NONCE,s=QUJD,i=-1'],
    ['ones that no number holds', 'r=NONCE,s=QUJD,i=99999999999999999999'],
    ['another order', 's=QUJD,r=NONCE,i=4096'],
    ['a mandatory extension', 'm=x,r=NONCE,s=QUJD,i=4096'],
    ['very many extensions', `r=NONCE,s=QUJD,i=4096${',x=y'.repeat(17)}`],
    ['an end where a beginning belongs', 'v=QUJD'],
  ])('refuses a first message with %s', async (_, message) => {
    const client = make()
    const said = message.replace('NONCE', `${nonceOf(client)}x`)
    await expect(client.next(utf8(said))).rejects.toBeInstanceOf(ProtocolError)
  })

  test.each([
    ['another signature', 'v=QUJD', AuthenticationError],
    ['an error', 'e=other-error', AuthenticationError],
    ['nothing', '', ProtocolError],
    ['a signature that is no base64', 'v=!', ProtocolError],
  ])('does not believe an end with %s', async (_, end, errorClass) => {
    const client = make()
    await client.next(utf8(`r=${nonceOf(client)}x,s=QUJD,i=4096,x=an optional extension`))
    await expect(client.next(utf8(end))).rejects.toBeInstanceOf(errorClass)
  })

  test('has no empty user or password', () => {
    for (const credentials of [
      { username: '', password: 'x' },
      { username: 'x', password: '' },
    ]) {
      expect(() => new ScramClient('SCRAM-SHA-256', credentials, new SeededRandom('x'))).toThrow(ProtocolError)
    }
  })
})

describe('a server', () => {
  test.each([
    ['a binding to the channel', 'p=tls-unique,,n=anna,r=abc', ProtocolError],
    ['a mandatory extension', 'n,,m=x,n=anna,r=abc', ProtocolError],
    ['no header', 'n=anna,r=abc', ProtocolError],
    ['no nonce', 'n,,n=anna', ProtocolError],
    ['a nonce with a space', 'n,,n=anna,r=a c', ProtocolError],
    ['an endless nonce', `n,,n=anna,r=${'a'.repeat(1025)}`, ProtocolError],
    ['a name that is badly escaped', 'n,,n=an=na,r=abc', ProtocolError],
    ['a delegation token', 'n,,n=anna,r=abc,tokenauth=true', AuthenticationError],
    ['somebody else’s name', 'n,a=zoe,n=anna,r=abc', AuthenticationError],
  ])('refuses a beginning with %s', async (_, message, errorClass) => {
    const { server } = await meet('SCRAM-SHA-256', 'server')
    await expect(server.next(utf8(message))).rejects.toBeInstanceOf(errorClass)
    await expect(server.next(utf8('n,,n=anna,r=abc'))).rejects.toThrow('the exchange is over')
  })

  test.each(['n,,', 'y,,', 'n,a=anna,'])('takes the header %s, and the same one at the end only', async header => {
    const { server } = await meet('SCRAM-SHA-256', 'server')
    const challenge = text((await server.next(utf8(`${header}n=anna,r=abc,x=optional`))).message)
    expect(challenge).toMatch(/^r=abc[^,]+,s=[^,]+,i=4096$/)
    const nonce = challenge.slice(2, challenge.indexOf(','))
    await expect(server.next(utf8(`c=eCws,r=${nonce},p=QUJD`))).rejects.toThrow('The channel binding has changed.')
  })

  test('gives an unknown user a salt that is the same each time and another one than the next', async () => {
    const saltFor = async (user: string, seed: string): Promise<string> => {
      const { server } = await meet('SCRAM-SHA-256', seed)
      return /s=([^,]+)/.exec(text((await server.next(utf8(`n,,n=${user},r=abc`))).message))?.[1] ?? ''
    }
    expect(await saltFor('nobody', 'one')).toBe(await saltFor('nobody', 'two'))
    expect(await saltFor('nobody', 'one')).not.toBe(await saltFor('noone', 'one'))
  })

  test('refuses an end of another exchange, be its proof right or not', async () => {
    const { server } = await meet('SCRAM-SHA-256', 'server')
    await server.next(utf8('n,,n=anna,r=abc'))
    await expect(server.next(utf8('c=biws,r=abc,p=QUJD'))).rejects.toThrow('The nonce is not the one')
  })

  test.each([
    ['no proof', 'c=biws,r=abc'],
    ['nothing', ''],
  ])('refuses an end with %s', async (_, message) => {
    const { server } = await meet('SCRAM-SHA-256', 'server')
    await server.next(utf8('n,,n=anna,r=abc'))
    await expect(server.next(utf8(message))).rejects.toBeInstanceOf(ProtocolError)
  })
})
