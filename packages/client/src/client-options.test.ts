import { ConfigError } from '@samsa/runtime'
import { fromProperties, parseOptions } from '@samsa/runtime/internal'
import { describe, expect, test } from 'vitest'
import { type ClientOptions, clientOptionsOf, clientTable } from './client-options.js'

const sasl = { mechanism: 'PLAIN', username: 'u', password: 'secret-word' } as const

function parse(options: Partial<ClientOptions> = {}) {
  return parseOptions(clientTable, { bootstrapServers: 'localhost:9092', ...options })
}

describe('the options of a client', () => {
  test('have the defaults of Kafka', () => {
    expect(parse()).toMatchObject({
      bootstrapServers: ['localhost:9092'],
      requestTimeoutMs: 30_000,
      defaultApiTimeoutMs: 60_000,
      reconnectBackoffMs: 50,
      reconnectBackoffMaxMs: 1000,
      retryBackoffMs: 100,
      retryBackoffMaxMs: 1000,
      connectionsMaxIdleMs: 540_000,
      metadataMaxAgeMs: 300_000,
      metadataRecoveryStrategy: 'rebootstrap',
      securityProtocol: 'PLAINTEXT',
    })
  })

  test.each([
    [[], 'at least one item'],
    ['localhost', 'addresses like localhost:9092'],
    ['::1:9092', 'addresses like'],
    ['a:1,a:1', 'twice'],
  ])('bootstrapServers %j are refused', (bootstrapServers, why) => {
    expect(() => parse({ bootstrapServers })).toThrow(why)
  })

  test('the pause before connecting again does not grow where only its beginning is given', () => {
    expect(parse({ reconnectBackoffMs: 7 }).reconnectBackoffMaxMs).toBe(7)
    expect(parse({ reconnectBackoffMs: 7, reconnectBackoffMaxMs: 9 }).reconnectBackoffMaxMs).toBe(9)
  })

  test('who the client is has to be said where it is asked, and only there', () => {
    expect(() => parse({ securityProtocol: 'SASL_SSL' })).toThrow('SASL_SSL needs sasl')
    expect(() => parse({ sasl })).toThrow('has no effect')
    expect(() => parse({ tls: {} })).toThrow('tls has no effect')
    expect(parse({ securityProtocol: 'SASL_PLAINTEXT', sasl }).sasl).toBe(sasl)
    expect(parse({ securityProtocol: 'SSL', tls: {} }).tls).toEqual({})
  })

  test('a secret appears in no error', () => {
    const wrong = { ...sasl, mechanism: 'MD5' } as unknown as typeof sasl
    const error = (): unknown => parse({ securityProtocol: 'SASL_SSL', sasl: wrong })
    expect(error).toThrow(ConfigError)
    expect(error).not.toThrow('secret-word')
  })

  test('can be read from a configuration of Kafka', () => {
    const text =
      'bootstrap.servers=a:1,b:2\nsecurity.protocol=ssl\nclient.dns.lookup=use_all_dns_ips\nsend.buffer.bytes=1'
    expect(fromProperties(clientTable, text)).toMatchObject({
      bootstrapServers: ['a:1', 'b:2'],
      securityProtocol: 'SSL',
      clientDnsLookup: 'useAllDnsIps',
    })
  })

  test('are what is taken out of larger ones', () => {
    const larger = { ...parse({ clientId: 'shop' }), lingerMs: 5 }
    expect(parseOptions(clientTable, clientOptionsOf(larger))).toEqual(parse({ clientId: 'shop' }))
  })
})
