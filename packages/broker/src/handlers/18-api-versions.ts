/**
 * ApiVersions (key 18), versions 0-4: which APIs are served in which versions, and which features the cluster has.
 *
 * - Lists what has a handler, by key, in the versions of the handler; Produce from 0 on, though 0-2 are refused.
 * - From version 3 on the client names its software. A name or version with other characters than Kafka takes is
 *   INVALID_REQUEST, with an empty list.
 * - Before version 4 a supported feature whose lowest level is 0 is left out: clients could not read it.
 * - A version that is not served is answered with UNSUPPORTED_VERSION in the form of version 0, with the one row that
 *   the client needs to ask again: that of ApiVersions.
 *
 * Left out: ZkMigrationReady, which is false since there is no ZooKeeper.
 */
import { type ApiVersionsRequest, type ApiVersionsResponse, apiVersions, encodeResponse } from '@samsa/protocol'
import type { Handler } from '../server/context.js'
import { ServedVersions } from '../server/served-versions.js'

export const API_VERSIONS_KEY: number = apiVersions.key

const FIRST_WITH_ROW = 3
const UNSUPPORTED_VERSION = 35
const INVALID_REQUEST = 42

export interface SupportedFeature {
  readonly name: string
  readonly minVersion: number
  readonly maxVersion: number
}

export interface ApiVersionsDependencies {
  /** Every other handler that is served. */
  readonly handlers: readonly Pick<Handler, 'api' | 'versions'>[]
  /** Narrows what is served and reported of this API. */
  readonly served?: ServedVersions
  readonly supportedFeatures: readonly SupportedFeature[]
  /** Levels in force, by the feature's name, and the epoch under which they are: the metadata log's offset. */
  finalizedFeatures(): { readonly epoch: bigint; readonly levels: ReadonlyMap<string, number> }
}

export function apiVersionsHandler(
  dependencies: ApiVersionsDependencies,
): Handler<ApiVersionsRequest, ApiVersionsResponse> {
  const { served = new ServedVersions() } = dependencies
  const all = { min: 0, max: 4 }
  const handler: Handler<ApiVersionsRequest, ApiVersionsResponse> = {
    api: apiVersions,
    versions: served.of({ api: apiVersions, versions: all }) ?? all,
    handle({ connection, version }, request) {
      const { clientSoftwareName: name, clientSoftwareVersion: softwareVersion } = request
      if (version >= 3) {
        if (!isSoftware(name) || !isSoftware(softwareVersion)) return { errorCode: INVALID_REQUEST, apiKeys: [] }
        connection.clientSoftware = { name, version: softwareVersion }
      }
      const { epoch, levels } = dependencies.finalizedFeatures()
      return {
        errorCode: 0,
        apiKeys,
        supportedFeatures: dependencies.supportedFeatures.filter(({ minVersion }) => version >= 4 || minVersion > 0),
        finalizedFeaturesEpoch: epoch,
        finalizedFeatures: Array.from(levels, ([name, level]) => ({
          name,
          minVersionLevel: level,
          maxVersionLevel: level,
        })),
      }
    },
  }
  const apiKeys = [...dependencies.handlers, handler]
    .map(({ api, versions }) => ({
      apiKey: api.key,
      minVersion: Math.max(advertisedMin.get(api.key) ?? versions.min, served.lowestReported(api.name)),
      maxVersion: versions.max,
    }))
    .sort((a, b) => a.apiKey - b.apiKey)
  return handler
}

/**
 * The answer to a version that is not served: readable for every client, since its form is the oldest. Brokers that know no
 * version 3 have it without a row (KIP-511).
 */
export function unsupportedVersionFrame(
  correlationId: number,
  served: { readonly min: number; readonly max: number },
): Uint8Array[] {
  const row = { apiKey: API_VERSIONS_KEY, minVersion: served.min, maxVersion: served.max }
  const apiKeys = served.max < FIRST_WITH_ROW ? [] : [row]
  return encodeResponse(apiVersions, { errorCode: UNSUPPORTED_VERSION, apiKeys }, { version: 0, correlationId })
}

/** librdkafka before 2.11.1 no longer compresses when the lowest version of Produce is above 0. */
const advertisedMin: ReadonlyMap<number, number> = new Map([[0, 0]])

/** A letter or digit at both ends; dots and dashes between them. */
function isSoftware(text: string): boolean {
  return /^[a-zA-Z0-9](?:[a-zA-Z0-9.-]*[a-zA-Z0-9])?$/.test(text)
}
