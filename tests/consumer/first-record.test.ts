/**
 * What a consumer of a new group asks before its first record, against the bundled broker: how often it waits for an
 * answer, and how many connections it makes, is what a start costs where brokers are far away.
 */
import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import { createTestBroker } from '@samsa/broker/testing'
import { Consumer } from '@samsa/consumer'
import { Producer } from '@samsa/producer'
import type { ConnectPayload, RequestPayload } from '@samsa/runtime'
import { expect, test } from 'vitest'

const REQUESTS = 'tracing:samsa:request:start'
const ANSWERS = 'tracing:samsa:request:asyncEnd'
const CONNECTIONS = 'tracing:samsa:connect:start'
const topics = { orders: { partitions: 3 } }
const properties = { 'group.initial.rebalance.delay.ms': '0' }
const CLIENT = 'first'

/** What the client has done until `work` is: `connect`, the name of a request, and `OffsetFetch answered`. */
async function observed(work: () => Promise<void>): Promise<string[]> {
  const all: string[] = []
  const onRequest = (message: unknown): void => {
    const { clientId, api } = message as RequestPayload
    if (clientId === CLIENT) all.push(api)
  }
  const onConnect = (message: unknown): void => {
    if ((message as ConnectPayload).clientId === CLIENT) all.push('connect')
  }
  const onAnswer = (message: unknown): void => {
    const { clientId, api } = message as RequestPayload
    if (clientId === CLIENT && api === 'OffsetFetch') all.push('OffsetFetch answered')
  }
  subscribe(REQUESTS, onRequest)
  subscribe(ANSWERS, onAnswer)
  subscribe(CONNECTIONS, onConnect)
  try {
    await work()
  } finally {
    unsubscribe(REQUESTS, onRequest)
    unsubscribe(ANSWERS, onAnswer)
    unsubscribe(CONNECTIONS, onConnect)
  }
  return all
}

test.each([
  { committed: 'nothing', lookups: ['ListOffsets'] },
  { committed: 'everything before', lookups: [] },
])('a group that has committed $committed is at its first record after one request of each kind', async state => {
  await using kafka = await createTestBroker({ topics, properties })
  const { bootstrapServers } = kafka
  await using producer = new Producer({ bootstrapServers })
  const records = [0, 1, 2].map(partition => ({ topic: 'orders', partition, value: 'first' }))
  await producer.sendAll(records)
  await using consumer = new Consumer({
    bootstrapServers,
    clientId: CLIENT,
    groupId: 'billing',
    autoOffsetReset: 'earliest',
  })
  if (state.lookups.length === 0) {
    const offsets = [0, 1, 2].map(partition => ({ topic: 'orders', partition, offset: 1n }))
    await using earlier = new Consumer({ bootstrapServers, groupId: 'billing' })
    await earlier.commitSync(offsets)
    await producer.sendAll(records)
  }
  consumer.subscribe(['orders'])
  const all = await observed(async () => {
    for (let count = 0; count === 0; ) count = (await consumer.poll()).count
  })
  const toFetch = all.slice(0, all.indexOf('Fetch') + 1)
  // To whoever was named, to the coordinator, and to the leader.
  const connections = ['connect', 'ApiVersions', 'connect', 'ApiVersions', 'connect', 'ApiVersions']
  const group = ['FindCoordinator', 'JoinGroup', 'JoinGroup', 'SyncGroup', 'OffsetFetch', 'OffsetFetch answered']
  const expected = [...connections, 'Metadata', ...group, ...state.lookups, 'Fetch']
  expect(toFetch.toSorted()).toEqual(expected.toSorted())
  // The connection to fetch over is made while what is committed is asked for.
  expect(toFetch.lastIndexOf('connect')).toBeLessThan(toFetch.indexOf('OffsetFetch answered'))
})
