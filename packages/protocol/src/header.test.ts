import { describe, expect, test } from 'vitest'
import {
  decodeRequestHeader,
  decodeResponseHeader,
  encodeRequestHeader,
  encodeResponseHeader,
  isFlexible,
  requestHeaderVersion,
  responseHeaderVersion,
} from './header.js'
import { apis, apiVersions, fetch, heartbeat, offsetDelete, saslHandshake } from './messages/index.js'
import { ProtocolError } from './protocol-error.js'
import { Reader } from './wire/reader.js'
import { Writer } from './wire/writer.js'

function written(write: (to: Writer) => void): string {
  const writer = new Writer('header')
  write(writer)
  return Buffer.from(writer.toBytes()).toString('hex')
}

describe('the version of a header', () => {
  test('follows from whether the message is flexible', () => {
    expect([isFlexible(fetch, 11), isFlexible(fetch, 12)]).toEqual([false, true])
    expect([requestHeaderVersion(fetch, 11), responseHeaderVersion(fetch, 11)]).toEqual([1, 0])
    expect([requestHeaderVersion(fetch, 12), responseHeaderVersion(fetch, 12)]).toEqual([2, 1])
    expect([requestHeaderVersion(heartbeat, 4), responseHeaderVersion(heartbeat, 4)]).toEqual([2, 1])
  })

  test('is the oldest for every response to ApiVersions, whose request is like any other', () => {
    expect([requestHeaderVersion(apiVersions, 2), responseHeaderVersion(apiVersions, 2)]).toEqual([1, 0])
    expect([requestHeaderVersion(apiVersions, 3), responseHeaderVersion(apiVersions, 3)]).toEqual([2, 0])
    expect([requestHeaderVersion(apiVersions, 4), responseHeaderVersion(apiVersions, 4)]).toEqual([2, 0])
  })

  test('is the older one where no version is flexible', () => {
    for (const api of [saslHandshake, offsetDelete]) {
      expect(api.flexibleFrom).toBe(-1)
      expect([requestHeaderVersion(api, api.versions.max), responseHeaderVersion(api, api.versions.max)]).toEqual([
        1, 0,
      ])
    }
  })

  test('makes an exception for no other API', () => {
    for (const api of apis.filter(({ key }) => key !== 18)) {
      for (let version = api.versions.min; version <= api.versions.max; version++) {
        expect(requestHeaderVersion(api, version) - 1, `${api.name} v${version}`).toBe(
          responseHeaderVersion(api, version),
        )
      }
    }
  })
})

describe('request headers', () => {
  const header = { apiKey: 18, apiVersion: 3, correlationId: 0x01020304, clientId: 'admin' }

  test('have a client id in the old encoding in either version', () => {
    expect(written(to => encodeRequestHeader(to, header, 1))).toBe('0012000301020304000561646d696e')
    expect(written(to => encodeRequestHeader(to, header, 2))).toBe('0012000301020304000561646d696e00')
    expect(written(to => encodeRequestHeader(to, { ...header, clientId: null }, 2))).toBe('0012000301020304ffff00')
  })

  test('come back as they were, unknown tags included', () => {
    const unknownTags = [{ tag: 3, data: Buffer.of(1, 2) }]
    for (const clientId of ['admin', '', null]) {
      const bytes = Buffer.from(
        written(to => encodeRequestHeader(to, { ...header, clientId, unknownTags }, 2)),
        'hex',
      )
      const reader = new Reader(bytes)
      expect(decodeRequestHeader(reader, 2)).toEqual({ ...header, clientId, unknownTags })
      expect(reader.remaining).toBe(0)
    }
  })

  test('are refused when they end early', () => {
    const bytes = Buffer.from(
      written(to => encodeRequestHeader(to, header, 2)),
      'hex',
    )
    for (let end = 0; end < bytes.length; end++) {
      expect(() => decodeRequestHeader(new Reader(bytes.subarray(0, end)), 2)).toThrow(ProtocolError)
    }
  })
})

describe('response headers', () => {
  test('are the correlation id, and tags in the newer version', () => {
    expect(written(to => encodeResponseHeader(to, { correlationId: -2 }, 0))).toBe('fffffffe')
    expect(written(to => encodeResponseHeader(to, { correlationId: -2 }, 1))).toBe('fffffffe00')
    const tagged = Buffer.from('fffffffe0103020102', 'hex')
    const header = decodeResponseHeader(new Reader(tagged), 1)
    expect(header).toEqual({ correlationId: -2, unknownTags: [{ tag: 3, data: Buffer.of(1, 2) }] })
    expect(written(to => encodeResponseHeader(to, header, 1))).toBe(tagged.toString('hex'))
  })
})
