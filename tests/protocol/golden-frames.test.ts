import { apis, decodeRequest, decodeResponse, encodeRequest, encodeResponse, openRequest } from '@samsa/protocol'
import { describe, expect, test } from 'vitest'
import { apiOf, derivedMessages, type Exchange, exchanges, goldenText } from './golden-data.js'

const LENGTH_BYTES = 4

function framed(chunks: readonly Uint8Array[]): string {
  return Buffer.concat(chunks).toString('hex')
}

function withLength(frame: Buffer): string {
  const length = Buffer.alloc(LENGTH_BYTES)
  length.writeInt32BE(frame.length)
  return Buffer.concat([length, frame]).toString('hex')
}

function byApiAndVersion(): [string, Exchange[]][] {
  const groups = new Map<string, Exchange[]>()
  for (const exchange of exchanges) {
    const name = `${exchange.api} v${exchange.apiVersion}`
    const group = groups.get(name)
    if (group === undefined) groups.set(name, [exchange])
    else group.push(exchange)
  }
  return [...groups]
}

describe('frames recorded from a real Kafka decode and encode to the same bytes', () => {
  test('there are as many as the notes on them say', () => {
    expect(exchanges).toHaveLength(449)
    expect(byApiAndVersion()).toHaveLength(136)
  })

  test.each(byApiAndVersion())('%s', (_, group) => {
    for (const exchange of group) {
      const { apiKey, apiVersion: version, correlationId, clientId } = exchange
      const { api, header, body } = openRequest(exchange.request)
      expect(api).toBe(apiOf(apiKey))
      expect(api.name).toBe(exchange.api)
      expect(header).toEqual({ apiKey, apiVersion: version, correlationId, clientId })
      const request = decodeRequest(api, version, body)
      expect(framed(encodeRequest(api, request, { version, correlationId, clientId }))).toBe(
        withLength(exchange.request),
      )

      const response = decodeResponse(api, version, exchange.response)
      expect(response.header.correlationId).toBe(correlationId)
      expect(framed(encodeResponse(api, response.body, { version, correlationId }))).toBe(withLength(exchange.response))
    }
  })
})

describe("a real broker's table of APIs", () => {
  const table = goldenText('api-versions.txt')
  const rows = [...table.matchAll(/^(\d+)\t(\w+)\t(\d+)\t(\d+)$/gm)].map(([, key, name, min, max]) => ({
    key: Number(key),
    name,
    min: Number(min),
    max: Number(max),
  }))
  // A broker offers telemetry only where a plugin receives it, and this one had none.
  const ofPlugins = ['GetTelemetrySubscriptions', 'PushTelemetry']
  const ofBroker = apis.filter(api => api.listeners.includes('broker') && !ofPlugins.includes(api.name))

  test('is ours, but for the versions of Produce that it claims', () => {
    const ours = ofBroker.map(({ key, name, versions }) => ({
      key,
      name,
      min: versions.min,
      max: versions.latestStable,
    }))
    // Brokers claim Produce from version 0, since librdkafka would not compress otherwise, and refuse all below 3.
    const expected = rows.map(row => (row.name === 'Produce' ? { ...row, min: 3 } : row))
    expect(rows[0]).toEqual({ key: 0, name: 'Produce', min: 0, max: 13 })
    expect(ours).toEqual(expected)
  })

  test('leaves out versions that are not final', () => {
    const unstable = ofBroker.filter(({ versions }) => versions.latestStable < versions.max)
    expect(unstable.map(api => api.name)).toEqual(['InitProducerId'])
    for (const api of unstable) expect(rows.find(row => row.key === api.key)?.max).toBe(api.versions.max - 1)
  })

  test('is sent in the order of our table', () => {
    const order = /keys were sent: ([\d ]+)$/m.exec(table)?.[1]
    expect(ofBroker.map(api => api.key).join(' ')).toBe(order)
  })
})

describe('every API', () => {
  test('has golden bytes in both directions and every version, whether recorded or derived', () => {
    const golden = new Set(derivedMessages.map(({ message, version }) => `${message} v${version}`))
    for (const api of apis) {
      for (let version = api.versions.min; version <= api.versions.max; version++) {
        expect(golden).toContain(`${api.request.name} v${version}`)
        expect(golden).toContain(`${api.response.name} v${version}`)
      }
    }
  })

  test("that Kafka's classes know is in our table, with the same versions", () => {
    const requests = derivedMessages.filter(({ message }) => message.endsWith('Request'))
    const versions = new Map<number, number[]>()
    for (const { id, version } of requests) versions.set(id, [...(versions.get(id) ?? []), version])
    expect([...versions.keys()].sort((a, b) => a - b)).toEqual(apis.map(api => api.key))
    for (const [key, known] of versions) {
      expect([Math.min(...known), Math.max(...known)]).toEqual([apiOf(key).versions.min, apiOf(key).versions.max])
    }
  })
})
