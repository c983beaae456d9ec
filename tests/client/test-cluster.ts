/**
 * A bundled broker to test clients against, in memory or over TCP, and the options with which a client finds it.
 */
import { type Broker, type BrokerOptions, createBroker, MemoryListener } from '@samsa/broker'
import type { ClientOptions } from '@samsa/client'

export interface TestCluster extends AsyncDisposable {
  readonly broker: Broker
  readonly options: ClientOptions
}

export type Way = 'memory' | 'tcp'

export async function startCluster(way: Way, options: BrokerOptions = {}): Promise<TestCluster> {
  const listener = new MemoryListener()
  const broker = await createBroker(way === 'memory' ? { ...options, listener } : { ...options, port: 0 })
  const base: ClientOptions = { bootstrapServers: broker.bootstrapServers, clientId: 'tests' }
  return {
    broker,
    options: way === 'tcp' ? base : { ...base, transport: async () => listener.connect() },
    [Symbol.asyncDispose]: () => broker.close(),
  }
}
