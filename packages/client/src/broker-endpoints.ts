/**
 * Where to connect next: the addresses behind one broker's name, one for each attempt, asked of DNS anew when all have
 * had their turn or when a connection that stood was lost.
 */
import { NetworkError } from '@samsa/runtime'
import type { Resolver } from './name-resolution.js'
import type { Address } from './transport.js'

/** More than that many addresses of one name are not tried. */
const MOST_ADDRESSES = 64

export class BrokerEndpoints {
  readonly #resolver: Resolver
  readonly #canonical: boolean
  #waiting: Address[] = []
  #resolvedFor: string | undefined

  /** `canonical`: connect under the true name of each address, which Kerberos and some certificates want. */
  constructor(resolver: Resolver, canonical: boolean) {
    this.#resolver = resolver
    this.#canonical = canonical
  }

  async next({ host, port }: Address): Promise<Address> {
    const name = `${host}:${port}`
    if (this.#resolvedFor !== name) this.#waiting = []
    if (this.#waiting.length === 0) this.#waiting = await this.#resolve(host, port)
    this.#resolvedFor = name
    const first = this.#waiting.shift()
    if (first === undefined) throw new NetworkError(`no address is known for ${host}`, { broker: name })
    return first
  }

  /** What DNS said may have changed. */
  forget(): void {
    this.#waiting = []
  }

  async #resolve(host: string, port: number): Promise<Address[]> {
    try {
      const ips = (await this.#resolver.addresses(host)).slice(0, MOST_ADDRESSES)
      return await Promise.all(
        ips.map(async ip => ({ host: this.#canonical ? await this.#resolver.canonicalName(ip) : host, port, ip })),
      )
    } catch (cause) {
      const reason = cause instanceof Error ? cause.message : String(cause)
      throw new NetworkError(`cannot find ${host}: ${reason}`, { broker: `${host}:${port}`, cause })
    }
  }
}
