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
    key.deserializer=org.apache.kafka.common.serialization.StringDeserializer
    value.deserializer=org.apache.kafka.common.serialization.LongDeserializer
  `)
  expect(options).toMatchObject({
    autoOffsetReset: { byDurationMs: 3_600_000 },
    isolationLevel: 'readCommitted',
    maxPollRecords: 10,
  })
  expect([options.key, options.value]).toEqual([string, int64])
  expect(fromProperties({ 'auto.offset.reset': 'smallest' })).toEqual({ autoOffsetReset: 'earliest' })
  expect(() => fromProperties({ 'auto.offset.reset': 'by_duration:-PT1H' })).toThrow(ConfigError)
})
