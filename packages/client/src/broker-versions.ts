/**
 * What one connection's broker said that it can do: the versions of every API and the features that the cluster has
 * switched on. Holds for that connection only; the next may meet another release under the same address.
 */
import { type ApiInfo, type ApiVersionsResponse, type Decoded, highestCommonVersion } from '@samsa/protocol'
import { KafkaError } from '@samsa/runtime'

export class BrokerVersions {
  readonly #broker: string
  readonly #ranges: ReadonlyMap<number, { readonly minVersion: number; readonly maxVersion: number }>
  readonly #features: ReadonlyMap<string, number>

  constructor(broker: string, answer: Decoded<ApiVersionsResponse>) {
    this.#broker = broker
    this.#ranges = new Map(answer.apiKeys.map(range => [range.apiKey, range]))
    this.#features = new Map(answer.finalizedFeatures.map(({ name, maxVersionLevel }) => [name, maxVersionLevel]))
  }

  /** The highest version that both sides speak and that the caller can use. */
  version(api: ApiInfo, atMost: number = Infinity): number {
    const { min, latestStable } = api.versions
    const ours = { ...api.versions, latestStable: Math.min(latestStable, atMost) }
    const theirs = this.#ranges.get(api.key)
    const version = theirs === undefined ? undefined : highestCommonVersion(ours, theirs)
    if (version !== undefined) return version
    const speaks = theirs === undefined ? 'does not serve it' : `speaks ${theirs.minVersion} to ${theirs.maxVersion}`
    const message = `${api.name} is needed in version ${min} to ${ours.latestStable}; ${this.#broker} ${speaks}`
    throw new KafkaError(message, { code: 'UNSUPPORTED_VERSION', api: api.name, broker: this.#broker })
  }

  /** The level in force of a feature; 0 when the broker did not name it. */
  feature(name: string): number {
    return this.#features.get(name) ?? 0
  }
}
