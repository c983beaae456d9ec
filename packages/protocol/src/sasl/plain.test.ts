import { AuthenticationError } from '@samsa/runtime'
import { describe, expect, test } from 'vitest'
import { ProtocolError } from '../protocol-error.js'
import { PlainClient, PlainServer, plainMessage, readPlainMessage } from './plain.js'

const server = () => new PlainServer(name => ({ tim: 'tanstaaftanstaaf', zoë: 'pässwörd\uFEFF' })[name])
const utf8 = (text: string) => Buffer.from(text, 'utf8')

describe('PLAIN', () => {
  test('has the bytes of RFC 4616', () => {
    expect(Buffer.from(plainMessage({ username: 'tim', password: 'tanstaaftanstaaf' })).toString('hex')).toBe(
      utf8('\0tim\0tanstaaftanstaaf').toString('hex'),
    )
    expect(readPlainMessage(utf8('Ursel\0Kurt\0xipj3plmq'))).toEqual({
      authorizationId: 'Ursel',
      username: 'Kurt',
      password: 'xipj3plmq',
    })
  })

  test.each([
    ['tim', 'tanstaaftanstaaf'],
    ['zoë', 'pässwörd\uFEFF'],
  ])('%s is known by the password', async (username, password) => {
    const client = new PlainClient({ username, password })
    expect(await server().next(client.first())).toEqual({ message: new Uint8Array(0), principal: username })
    expect(await client.next()).toBeUndefined()
  })

  test.each([
    ['a wrong password', 'tim', 'tanstaaf'],
    ['an unknown user', 'tom', 'tanstaaftanstaaf'],
    ['an accent written as two characters', 'zoë', 'pa\u0308sswo\u0308rd\uFEFF'],
    ['a lost byte order mark', 'zoë', 'pässwörd'],
  ])('%s is refused, and all refusals sound alike', async (_, username, password) => {
    const error = await server()
      .next(plainMessage({ username, password }))
      .catch(reason => reason)
    expect(error).toBeInstanceOf(AuthenticationError)
    expect(error.message).toBe('The username or the password is not right.')
  })

  test('acting for oneself by name is taken, for somebody else not', async () => {
    expect((await server().next(utf8('tim\0tim\0tanstaaftanstaaf'))).principal).toBe('tim')
    await expect(server().next(utf8('zoë\0tim\0tanstaaftanstaaf'))).rejects.toBeInstanceOf(AuthenticationError)
  })

  test.each([
    ['nothing', ''],
    ['no zero byte', 'tim'],
    ['one', '\0tim'],
    ['three', '\0tim\0secret\0'],
    ['no user', '\0\0secret'],
    ['no password', '\0tim\0'],
  ])('a message with %s is refused without being quoted', async (_, text) => {
    const error = await server()
      .next(utf8(text))
      .catch(reason => reason)
    expect(error).toBeInstanceOf(ProtocolError)
    expect(error.message).not.toContain('secret')
  })

  test('what is no UTF-8, or too long, is refused', async () => {
    await expect(server().next(Uint8Array.of(0, 0xff, 0, 0xfe))).rejects.toThrow('not UTF-8')
    await expect(server().next(new Uint8Array(600_000))).rejects.toThrow('too many')
  })

  test.each(['', 'a\0b', 'half \ud800'])('a password %j cannot be sent', password => {
    expect(() => plainMessage({ username: 'tim', password })).toThrow(ProtocolError)
  })
})
