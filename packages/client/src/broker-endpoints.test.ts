import { describe, expect, test } from 'vitest'
import { BrokerEndpoints } from './broker-endpoints.js'

describe('where to connect', () => {
  test('is one address after another, of no more than a number of them', async () => {
    const ips = Array.from({ length: 100 }, (_, index) => `10.0.0.${index}`)
    let resolved = 0
    const resolver = {
      addresses: async () => {
        resolved++
        return ips
      },
      canonicalName: async (ip: string) => ip,
    }
    const endpoints = new BrokerEndpoints(resolver, false)
    const tried = new Set<string>()
    for (let attempt = 0; attempt < 64; attempt++) tried.add((await endpoints.next({ host: 'n', port: 1 })).ip ?? '')
    expect(tried.size).toBe(64)
    expect(resolved).toBe(1)
    expect((await endpoints.next({ host: 'n', port: 1 })).ip).toBe('10.0.0.0')
    expect(resolved).toBe(2)
  })

  test('is asked for anew when the name is another, or what was known is forgotten', async () => {
    const names: string[] = []
    const resolver = {
      addresses: async (host: string) => {
        names.push(host)
        return [`${host}-1`, `${host}-2`]
      },
      canonicalName: async (ip: string) => ip,
    }
    const endpoints = new BrokerEndpoints(resolver, false)
    expect(await endpoints.next({ host: 'a', port: 1 })).toEqual({ host: 'a', port: 1, ip: 'a-1' })
    expect((await endpoints.next({ host: 'b', port: 1 })).ip).toBe('b-1')
    endpoints.forget()
    expect((await endpoints.next({ host: 'b', port: 1 })).ip).toBe('b-1')
    expect(names).toEqual(['a', 'b', 'b'])
  })

  test('is nowhere, with the reason, when the name is unknown or has no address', async () => {
    const unknown = { addresses: () => Promise.reject(new Error('ENOTFOUND')), canonicalName: async (ip: string) => ip }
    const next = new BrokerEndpoints(unknown, false).next({ host: 'n', port: 1 })
    await expect(next).rejects.toMatchObject({ code: 'NETWORK_EXCEPTION', message: 'cannot find n: ENOTFOUND' })
    const empty = { addresses: async () => [], canonicalName: async (ip: string) => ip }
    await expect(new BrokerEndpoints(empty, false).next({ host: 'n', port: 1 })).rejects.toThrow('no address is known')
  })
})
