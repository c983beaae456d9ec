/**
 * From the name of a host to the addresses behind it: what the client asks of DNS, and the system's answer.
 */
import { lookup, reverse } from 'node:dns/promises'
import { isIP } from 'node:net'

export interface Resolver {
  /** Every address of the name, in the order in which they are to be tried. */
  addresses(host: string): Promise<readonly string[]>
  /** The one true name of an address; the address itself where it has none. */
  canonicalName(address: string): Promise<string>
}

export const systemResolver: Resolver = {
  addresses: async host => {
    if (isIP(host) !== 0) return [host]
    const found = await lookup(host, { all: true })
    return found.map(({ address }) => address)
  },
  canonicalName: async address => {
    const names = await reverse(address).catch(() => [])
    return names[0] ?? address
  },
}

/** For transports that know names themselves, as one in memory does. */
export const noResolver: Resolver = {
  addresses: host => Promise.resolve([host]),
  canonicalName: address => Promise.resolve(address),
}
