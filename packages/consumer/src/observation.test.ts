/**
 * What a consumer tells observers of its fetches and its lag, and what nobody pays for who does not look.
 */
import { channel, tracingChannel } from 'node:diagnostics_channel'
import type { Serde } from '@samsa/client'
import { eventChannelNames, operationChannelNames } from '@samsa/runtime'
import { expect, onTestFinished, test } from 'vitest'
import { batchOf, TestCluster } from './test-cluster.js'
import { answer, place, setUp } from './test-scene.js'

test('key and value are read when they are first asked for, and once', async () => {
  const read: string[] = []
  const noting = (what: string): Serde<string> => ({
    serialize: text => Buffer.from(text),
    deserialize(bytes) {
      const text = Buffer.from(bytes).toString()
      read.push(`${what} ${text}`)
      return text
    },
  })
  const cluster = new TestCluster()
  const consumer = cluster.consumer({ key: noting('key'), value: noting('value') })
  consumer.assign([place(0)])
  consumer.seek(place(0), 0n)
  await consumer.poll(0)
  await cluster.settle()
  cluster.next().answer({ 0: { records: batchOf(0, ['a', 'b', 'c']) } })
  await cluster.settle()
  const records = [...(await consumer.poll(0))]
  expect([records.length, read]).toEqual([3, []])
  expect([records[1]?.value, records[1]?.value, records[1]?.valueBytes?.length]).toEqual(['b', 'b', 1])
  expect(read).toEqual(['value b'])
  await consumer.close()
})

test('a fetch is told of with its broker, partitions, bytes and records, and then the lag of each partition', async () => {
  const told: unknown[] = []
  const fetches = tracingChannel(operationChannelNames.fetch)
  const onFetch = { asyncEnd: (payload: object) => void told.push(payload) }
  fetches.subscribe(onFetch as Parameters<typeof fetches.subscribe>[0])
  const onLag = (payload: unknown): void => void told.push(payload)
  channel(eventChannelNames.lag).subscribe(onLag)
  onTestFinished(() => {
    fetches.unsubscribe(onFetch as Parameters<typeof fetches.subscribe>[0])
    channel(eventChannelNames.lag).unsubscribe(onLag)
  })
  const { cluster, consumer } = await setUp([1], { groupId: 'g' })
  cluster.next().answer({ 0: { ...answer(0, 'a', 'b'), highWatermark: 10n } })
  await cluster.settle()
  expect(told).toContainEqual(
    expect.objectContaining({ groupId: 'g', broker: 'broker-1:9092', partitions: 1, bytes: expect.any(Number) }),
  )
  expect(told).toContainEqual(expect.objectContaining({ topic: 't', partition: 0, endOffset: 10n, lag: 10 }))
  await consumer.close()
})
