import { int64, string } from '@samsa/client'
import { ConfigError } from '@samsa/runtime'
import { parseOptions } from '@samsa/runtime/internal'
import { describe, expect, test } from 'vitest'
import { consumerOptions } from './consumer-options.js'
import { fromProperties } from './consumer-properties.js'

describe('the options of a consumer', () => {
  test("have Kafka's defaults", () => {
    expect(parseOptions(consumerOptions, { bootstrapServers: 'a:1' })).toMatchObject({
      autoOffsetReset: 'latest',
      isolationLevel: 'readUncommitted',
      maxPollRecords: 500,
      groupProtocol: 'classic',
      partitionAssignmentStrategy: ['range', 'cooperativeSticky'],
      sessionTimeoutMs: 45_000,
      heartbeatIntervalMs: 3000,
      maxPollIntervalMs: 300_000,
      autoCommitIntervalMs: 5000,
      enableAutoCommit: false,
      fetchMinBytes: 1,
      fetchMaxWaitMs: 500,
      fetchMaxBytes: 52_428_800,
      maxPartitionFetchBytes: 1_048_576,
      checkCrcs: true,
    })
  })

  test.each([
    [{ autoOffsetReset: 'newest' }, 'autoOffsetReset'],
    [{ autoOffsetReset: { byDurationMs: -1 } }, 'autoOffsetReset'],
    [{ maxPollRecords: 0 }, 'maxPollRecords'],
    [{ maxpollrecords: 5 }, 'did you mean maxPollRecords'],
    [{ fetchMaxBytes: 2_000_000_000 }, 'must be below maxResponseBytes'],
    [{ value: {} }, 'serde'],
    [{ enableAutoCommit: true }, 'needs a groupId'],
    [{ groupInstanceId: 'a' }, 'needs a groupId'],
    [{ groupId: 'g', groupInstanceId: 'a b' }, 'groupInstanceId'],
    [{ groupId: 'g', heartbeatIntervalMs: 45_000 }, 'must be below sessionTimeoutMs'],
    [{ groupId: 'g', groupRemoteAssignor: 'uniform' }, "needs groupProtocol: 'consumer'"],
    [{ groupId: 'g', groupProtocol: 'consumer', sessionTimeoutMs: 9000 }, 'the broker decides it'],
    [{ groupId: 'g', partitionAssignmentStrategy: [{ name: 'x' }] }, 'partitionAssignmentStrategy'],
  ])('%o are refused', (options, why) => {
    const parse = (): unknown => parseOptions(consumerOptions, { bootstrapServers: 'a:1', ...options } as never)
    expect(parse).toThrow(ConfigError)
    expect(parse).toThrow(why)
  })
})

test("Kafka's own configuration is taken", () => {
  const options = fromProperties(`
    bootstrap.servers=a:1,b:2
    auto.offset.reset=by_duration:PT1H
    isolation.level=read_committed
    max.poll.records=10
    group.id=billing
    group.protocol=CLASSIC
    partition.assignment.strategy=org.apache.kafka.clients.consumer.CooperativeStickyAssignor,roundrobin
    key.deserializer=org.apache.kafka.common.serialization.StringDeserializer
    value.deserializer=org.apache.kafka.common.serialization.LongDeserializer
  `)
  expect(options).toMatchObject({
    autoOffsetReset: { byDurationMs: 3_600_000 },
    isolationLevel: 'readCommitted',
    maxPollRecords: 10,
    groupId: 'billing',
    groupProtocol: 'classic',
    partitionAssignmentStrategy: ['cooperativeSticky', 'roundRobin'],
  })
  expect([options.key, options.value]).toEqual([string, int64])
  expect(fromProperties({ 'auto.offset.reset': 'smallest' })).toEqual({ autoOffsetReset: 'earliest' })
  expect(() => fromProperties({ 'auto.offset.reset': 'by_duration:-PT1H' })).toThrow(ConfigError)
})
