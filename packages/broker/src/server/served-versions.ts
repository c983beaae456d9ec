/**
 * ServedVersions: which APIs a broker serves, in which versions, where it shall stand for an older or a partial one. Versions
 * are only ever taken away: what no handler serves cannot be asked for.
 */
import { apis } from '@samsa/protocol'
import { ConfigError } from '@samsa/runtime'
import { nearestName } from '@samsa/runtime/internal'
import type { Handler } from './context.js'
import { type ReleaseFeature, type ReleaseName, releaseFeatures, releaseVersions } from './releases.js'

/** Lowest and highest version by Kafka's name of an API; null for one that is not served at all. */
export type ApiVersionRanges = Readonly<Record<string, readonly [min: number, max: number] | null>>

type Versions = Handler['versions']

export class ServedVersions {
  /** What the release reports; undefined where the broker speaks for itself. */
  readonly features: readonly ReleaseFeature[] | undefined
  readonly #ranges: ReadonlyMap<string, readonly [min: number, max: number] | null>
  readonly #release: ReadonlyMap<string, number> | undefined

  constructor(options: { readonly apiVersions?: ApiVersionRanges; readonly release?: ReleaseName | undefined } = {}) {
    const { apiVersions = {}, release } = options
    for (const name of Object.keys(apiVersions)) checkName(name)
    if (apiVersions['ApiVersions'] === null) throw new ConfigError("apiVersions: 'ApiVersions' has to be served")
    this.#ranges = new Map(Object.entries(apiVersions))
    this.#release = release && releaseVersions(release)
    this.features = release && releaseFeatures(release)
  }

  /** Of what a handler can do, what is served; undefined where that is nothing. */
  of({ api, versions }: Pick<Handler, 'api' | 'versions'>): Versions | undefined {
    const range = this.#ranges.get(api.name)
    if (range === null) return undefined
    if (range !== undefined) {
      const narrowed = { min: Math.max(versions.min, range[0]), max: Math.min(versions.max, range[1]) }
      if (narrowed.min <= narrowed.max) return narrowed
      throw new ConfigError(`apiVersions: '${api.name}' is served in ${versions.min} to ${versions.max} only`)
    }
    const max = this.#release === undefined ? versions.max : (this.#release.get(api.name) ?? -1)
    return max < versions.min ? undefined : { min: versions.min, max: Math.min(versions.max, max) }
  }

  /** The lowest version that may be reported, served or not. */
  lowestReported(apiName: string): number {
    return this.#ranges.get(apiName)?.[0] ?? 0
  }

  narrow(handlers: readonly Handler[]): Handler[] {
    return handlers.flatMap(handler => {
      const versions = this.of(handler)
      return versions === undefined ? [] : [{ ...handler, versions }]
    })
  }
}

function checkName(name: string): void {
  if (apis.some(api => api.name === name)) return
  const meant = nearestName(
    name,
    apis.map(api => api.name),
  )
  throw new ConfigError(
    `apiVersions: '${name}' is no API of Kafka's${meant === undefined ? '' : `, did you mean ${meant}?`}`,
  )
}
