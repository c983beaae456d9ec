import { readFileSync } from 'node:fs'
import { type Api, apiByKey, type Decoded, Reader, Writer } from '@samsa/protocol'
import { describe, expect, test } from 'vitest'
import { anonymous, type ConnectionInfo, type Handler, type RequestContext } from '../server/context.js'
import { apiVersionsHandler } from './18-api-versions.js'

const golden = readFileSync(new URL('../../../../tests/golden/api-versions.txt', import.meta.url), 'utf8')

/** Rows below a heading of the recording, split into their columns. */
function rowsBelow(heading: string): string[][] {
  const lines = golden.split('\n')
  const start = lines.findIndex(line => line.startsWith(heading))
  const end = lines.findIndex((line, index) => index > start && line.trim() === '')
  return lines.slice(start + 1, end < 0 ? undefined : end).map(line => line.split('\t'))
}

const served = rowsBelow('key\tapi').map(([key, name, min, max]) => ({
  key: Number(key),
  name: name ?? '',
  min: Number(min),
  max: Number(max),
}))

const supportedFeatures = rowsBelow('feature\tmin\tmax').map(([name, min, max]) => ({
  name: name ?? '',
  minVersion: Number(min),
  maxVersion: Number(max),
}))

const finalized = rowsBelow('feature\tmin level').map(([name, , max]) => [name ?? '', Number(max)] as const)

/** Every API that a real broker serves, with handlers that serve what it does: Produce from 3. */
function handlers(): Pick<Handler, 'api' | 'versions'>[] {
  return served
    .filter(({ key }) => key !== 18)
    .reverse()
    .map(({ key, min, max }) => {
      const api: Api | undefined = apiByKey(key)
      if (api === undefined) throw new Error(`no API ${key}`)
      return { api, versions: { min: key === 0 ? 3 : min, max } }
    })
}

const handler = apiVersionsHandler({
  handlers: handlers(),
  supportedFeatures,
  finalizedFeatures: () => ({ epoch: 145n, levels: new Map(finalized) }),
})

function ask(version: number, clientSoftwareName = 'a', clientSoftwareVersion = '1') {
  const connection: ConnectionInfo = {
    id: '1',
    peer: 'memory:1',
    peerHost: 'memory',
    listenerName: 'MEMORY',
    clientSoftware: { name: 'unknown', version: 'unknown' },
    clientId: null,
    isClosed: false,
    hold: () => {},
    onClose: () => {},
  }
  const context: RequestContext = {
    header: { apiKey: 18, apiVersion: version, correlationId: 1, clientId: null },
    api: handler.api,
    version,
    connection,
    principal: anonymous,
    signal: new AbortController().signal,
    onSent: () => {},
  }
  const request: Decoded<object> = { clientSoftwareName, clientSoftwareVersion, unknownTags: undefined }
  const outcome = handler.handle(context, request as Parameters<typeof handler.handle>[1])
  if (outcome instanceof Promise || typeof outcome === 'symbol') throw new Error('not answered at once')
  const writer = new Writer()
  handler.api.response.encode(writer, outcome, version)
  return { response: handler.api.response.decode(new Reader(writer.toBytes()), version), connection }
}

describe('ApiVersions', () => {
  test('a broker that serves all of Kafka reports what a real one does, in its order', () => {
    const { response } = ask(4)
    expect(served).toHaveLength(75)
    expect(response.apiKeys.map(({ apiKey, minVersion, maxVersion }) => [apiKey, minVersion, maxVersion])).toEqual(
      served.map(({ key, min, max }) => [key, min, max]),
    )
    expect(
      response.supportedFeatures.map(({ name, minVersion, maxVersion }) => ({ name, minVersion, maxVersion })),
    ).toEqual(supportedFeatures)
    expect(
      response.finalizedFeatures.map(({ name, minVersionLevel, maxVersionLevel }) => [
        name,
        minVersionLevel,
        maxVersionLevel,
      ]),
    ).toEqual(rowsBelow('feature\tmin level').map(([name, min, max]) => [name, Number(min), Number(max)]))
    expect(response.finalizedFeaturesEpoch).toBe(145n)
    expect(response.zkMigrationReady).toBe(false)
    expect([response.errorCode, response.throttleTimeMs]).toEqual([0, 0])
  })

  test('only what has a handler is reported', () => {
    const [produceHandler] = handlers().slice(-1)
    const few = apiVersionsHandler({
      handlers: produceHandler === undefined ? [] : [produceHandler],
      supportedFeatures: [],
      finalizedFeatures: () => ({ epoch: -1n, levels: new Map() }),
    })
    const outcome = few.handle({ version: 0 } as RequestContext, {} as Parameters<typeof few.handle>[1])
    expect(outcome).toMatchObject({
      apiKeys: [
        { apiKey: 0, minVersion: 0, maxVersion: 13 },
        { apiKey: 18, minVersion: 0, maxVersion: 4 },
      ],
    })
  })

  test('version 3 leaves out supported features that start at 0, and no levels', () => {
    const { response } = ask(3)
    expect(response.supportedFeatures.map(({ name }) => name)).toEqual(['metadata.version'])
    expect(response.finalizedFeatures).toHaveLength(finalized.length)
  })

  test.each([0, 1, 2])('version %d has rows and no features', version => {
    const { response } = ask(version, '', '')
    expect(response.apiKeys).toHaveLength(75)
    expect(response.supportedFeatures).toEqual([])
    expect(response.finalizedFeatures).toEqual([])
  })

  test.each([
    ['bad name!', '1'],
    ['', ''],
    ['-a', '1'],
    ['a.', '1'],
    ['a', 'v 1'],
    ['a\n', '1'],
    ['é', '1'],
  ])('a client that calls itself %j %j is refused', (name, version) => {
    for (const apiVersion of [3, 4]) {
      const { response, connection } = ask(apiVersion, name, version)
      expect(response).toMatchObject({ errorCode: 42, apiKeys: [] })
      expect(connection.clientSoftware.name).toBe('unknown')
    }
  })

  test.each([
    ['a', '1'],
    ['apache-kafka-java', '4.3.1'],
    ['librdkafka', '2.11.1-RC1'],
  ])('a client that calls itself %s %s is known by it', (name, version) => {
    const { response, connection } = ask(3, name, version)
    expect(response.errorCode).toBe(0)
    expect(connection.clientSoftware).toEqual({ name, version })
  })
})
