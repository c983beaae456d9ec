/**
 * Older and partial brokers, as their clients see them.
 */
import { type ApiVersionsResponse, apis, apiVersions, type Decoded, describeCluster, metadata } from '@samsa/protocol'
import { describe, expect, test } from 'vitest'
import { startBroker, type TestClient } from '../handlers/test-broker.js'
import { type ReleaseName, releaseNames, releaseVersions } from './releases.js'

async function reported(client: TestClient, version = 3): Promise<Decoded<ApiVersionsResponse>> {
  return client.request(apiVersions, version, { clientSoftwareName: 'a', clientSoftwareVersion: '1' })
}

function rangesOf(answer: Decoded<ApiVersionsResponse>): Record<string, [number, number]> {
  return Object.fromEntries(
    answer.apiKeys.map(({ apiKey, minVersion, maxVersion }) => [
      apis.find(api => api.key === apiKey)?.name ?? String(apiKey),
      [minVersion, maxVersion],
    ]),
  )
}

function fetchMetadata(client: TestClient, version: number): Promise<unknown> {
  return client.request(metadata, version, { topics: [], allowAutoTopicCreation: false })
}

describe('a release', () => {
  test.each<[ReleaseName, Record<string, [number, number]>, readonly string[]]>([
    [
      '2.1',
      { Produce: [0, 7], Fetch: [4, 10], Metadata: [0, 7], ApiVersions: [0, 2] },
      ['DescribeCluster', 'ElectLeaders'],
    ],
    [
      '2.8',
      { Produce: [0, 9], Fetch: [4, 12], Metadata: [0, 11], DescribeCluster: [0, 0] },
      ['DescribeTopicPartitions'],
    ],
    ['3.0', { ListOffsets: [1, 7], FindCoordinator: [0, 4], ApiVersions: [0, 3] }, ['DescribeTopicPartitions']],
    ['3.9', { Produce: [0, 11], Fetch: [4, 17], Metadata: [0, 12], DescribeTopicPartitions: [0, 0] }, []],
    ['4.0', { Produce: [0, 12], ListOffsets: [1, 10], Metadata: [0, 13] }, []],
  ])('%s has its versions', async (release, ranges, missing) => {
    const { client, broker } = await startBroker({ release })
    const found = rangesOf(await reported(client, 0))
    expect(found).toMatchObject(ranges)
    for (const name of missing) expect(found).not.toHaveProperty(name)
    await broker.close()
  })

  test('has versions that there are, and never fewer than the release before', () => {
    const before = new Map<string, number>()
    for (const release of releaseNames) {
      const versions = releaseVersions(release)
      for (const [name, max] of before)
        expect(versions.get(name) ?? -1, `${name} in ${release}`).toBeGreaterThanOrEqual(max)
      for (const [name, max] of versions) {
        const { min = 0, latestStable = -1 } = apis.find(api => api.name === name)?.versions ?? {}
        expect(max, `${name} in ${release}`).toBeGreaterThanOrEqual(min)
        expect(max, `${name} in ${release}`).toBeLessThanOrEqual(latestStable)
        before.set(name, max)
      }
    }
  })

  test('refuses what it does not have as that release would', async () => {
    const { client, broker, connect } = await startBroker({ release: '2.8' })
    await fetchMetadata(client, 11)
    await expect(fetchMetadata(client, 12)).rejects.toThrow('closed the connection')
    const second = connect()
    await expect(second.request(describeCluster, 1, { includeClusterAuthorizedOperations: false })).rejects.toThrow()
    await broker.close()
  })

  test.each<[ReleaseName, number, readonly unknown[]]>([
    ['2.1', 3, []],
    ['2.8', 4, [{ apiKey: 18, minVersion: 0, maxVersion: 3 }]],
  ])('%s answers version %d of ApiVersions in the oldest form', async (release, version, rows) => {
    const { client, broker } = await startBroker({ release })
    const answer = await client.request(
      {
        ...apiVersions,
        response: { ...apiVersions.response, decode: reader => apiVersions.response.decode(reader, 0) },
      },
      version,
      { clientSoftwareName: 'a', clientSoftwareVersion: '1' },
    )
    expect(answer).toMatchObject({ errorCode: 35, apiKeys: rows })
    await broker.close()
  })

  test.each<[ReleaseName, number, Record<string, number>]>([
    ['2.8', 3, {}],
    ['3.9', 4, { 'metadata.version': 21 }],
    ['4.0', 4, { 'metadata.version': 25, 'group.version': 1, 'transaction.version': 2 }],
  ])('%s reports its features', async (release, version, levels) => {
    const { client, broker } = await startBroker({ release })
    const { supportedFeatures, finalizedFeatures } = await reported(client, version)
    const max = Object.fromEntries(finalizedFeatures.map(each => [each.name, each.maxVersionLevel]))
    expect(max).toEqual(levels)
    expect(supportedFeatures.map(each => each.name)).toEqual(Object.keys(levels))
    await broker.close()
  })
})

describe('a range of versions', () => {
  test('is what is served and reported, and wins over a release', async () => {
    const { client, broker, connect } = await startBroker({
      release: '3.9',
      apiVersions: { Produce: [3, 7], Metadata: [9, 13], DescribeCluster: null, Fetch: [0, 99] },
    })
    const found = rangesOf(await reported(client))
    expect(found).toMatchObject({ Produce: [3, 7], Metadata: [9, 13], Fetch: [4, 18], CreateTopics: [2, 7] })
    expect(found).not.toHaveProperty('DescribeCluster')
    await fetchMetadata(client, 13)
    await expect(fetchMetadata(connect(), 8)).rejects.toThrow('closed the connection')
    await broker.close()
  })

  test.each([
    [{ Prodcue: [3, 7] }, "'Prodcue' is no API of Kafka's, did you mean Produce?"],
    [{ ApiVersions: null }, "'ApiVersions' has to be served"],
    [{ Produce: [0, 2] }, "'Produce' is served in 3 to 13 only"],
    [{ Produce: [7, 3] }, 'apiVersions'],
    [{ Produce: 7 }, 'apiVersions'],
  ])('that cannot be is refused: %j', async (ranges, message) => {
    await expect(startBroker({ apiVersions: ranges as never })).rejects.toThrow(message)
  })

  test('of a release that is not known is refused', async () => {
    await expect(startBroker({ release: '1.0' as never })).rejects.toThrow("'2.1'")
  })
})
