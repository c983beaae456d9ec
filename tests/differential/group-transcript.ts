/**
 * What a broker answered to requests of groups, in a form in which two brokers can be compared: ids by the order in which
 * they are first seen, lists in an order of their own.
 */
import type { Api, Decoded } from '@samsa/protocol'
import type { Peer } from './peer.js'

export const UNKNOWN_ID = 'AAAAAAAAAAAAAAAAAAAAZQ'

export type Ask = <Request extends object, Response extends object>(
  api: Api<Request, Response>,
  version: number,
  request: Request,
) => Promise<Decoded<Response>>

/** Everything that was asked, as it was answered. */
export class Transcript {
  readonly lines: string[] = []
  readonly #peer: Peer
  readonly #names = new Map<string, string>()

  constructor(peer: Peer) {
    this.#peer = peer
  }

  readonly ask: Ask = async (api, version, request) => {
    const answer = await this.#peer.ask(api, version, request)
    this.lines.push(`${this.lines.length} ${api.name} ${version} ${JSON.stringify(this.#normalised(answer))}`)
    return answer
  }

  /** Ids of members and topics by the order in which they are first seen. */
  #normalised(value: unknown): unknown {
    if (typeof value === 'bigint') return `${value}n`
    if (value instanceof Uint8Array) return Buffer.from(value).toString('hex')
    if (typeof value === 'string')
      return value.replace(/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/g, id => this.#name(id))
    if (Array.isArray(value)) {
      const items = value.map(each => this.#normalised(each))
      return items.sort((one, other) => (JSON.stringify(one) < JSON.stringify(other) ? -1 : 1))
    }
    if (typeof value !== 'object' || value === null) return value
    return Object.fromEntries(
      Object.entries(value).map(([name, field]) => [
        name,
        name === 'topicId' && field !== UNKNOWN_ID
          ? this.#name(String(field))
          : this.#normalised(this.#own(name, field)),
      ]),
    )
  }

  /** How soon members come again is each broker's business, and so is how it puts a refusal into words. */
  #own(name: string, field: unknown): unknown {
    if (name === 'heartbeatIntervalMs' && field !== 0) return 'some'
    return name === 'errorMessage' && field !== null ? 'a message' : field
  }

  #name(id: string): string {
    const name = this.#names.get(id) ?? `#${this.#names.size + 1}`
    this.#names.set(id, name)
    return name
  }
}
