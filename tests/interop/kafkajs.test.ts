/**
 * kafkajs, unmodified, against a broker: its producer with every codec, its admin client,
 * and its consumers in a group.
 */
import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { encodedRecord, loadsForeignClient, runClient } from './foreign-client.js'
import { sampleRecords } from './sample-records.js'
import { createTopic, storedIn } from './stored-batches.js'
import { startTarget, type Target } from './target.js'

const CODECS = { None: 'none', GZIP: 'gzip', Snappy: 'snappy', LZ4: 'lz4', ZSTD: 'zstd' }

const ONE = [{ key: null, value: 'QQ==', headers: [] }]

let target: Target

describe.skipIf(!loadsForeignClient('kafkajs'))('kafkajs (needs scripts/interop-install kafkajs)', () => {
  beforeAll(async () => {
    target = await startTarget()
  })

  afterAll(() => target.stop())

  async function produce(options: Readonly<Record<string, unknown>>): Promise<string> {
    const topic = `kafkajs-${randomUUID()}`
    await createTopic(target.address, topic)
    await runClient('kafkajs', { job: 'produce', address: target.address, topic, ...options })
    return topic
  }

  test.each(Object.entries(CODECS))('%s: what its producer sends lies there byte for byte', async (codec, name) => {
    const records = sampleRecords({ seed: `kafkajs ${codec}`, headers: 'bytes' })
    const topic = await produce({ codec, acks: -1, records: records.map(encodedRecord) })
    const stored = await storedIn(target.address, topic)
    expect(stored.codecs).toEqual([name])
    expect(stored.records.map(encodedRecord)).toEqual(records.map(encodedRecord))
  })

  test('its idempotent producer is given an id', async () => {
    const records = sampleRecords({ seed: 'kafkajs idempotent', headers: 'bytes' })
    const topic = await produce({ codec: 'None', acks: -1, idempotent: true, records: records.map(encodedRecord) })
    const stored = await storedIn(target.address, topic)
    expect(stored.producerIds).toHaveLength(1)
    expect(stored.records.map(encodedRecord)).toEqual(records.map(encodedRecord))
  })

  test.each([0, 1])('acks %d: the record arrives', async acks => {
    const topic = await produce({ codec: 'None', acks, records: [{ key: null, value: 'QQ==', headers: [] }] })
    await expect.poll(async () => (await storedIn(target.address, topic)).records.length, { timeout: 20_000 }).toBe(1)
  })

  test('its admin client sees a topic from creation to deletion', async () => {
    const topic = `kafkajs-admin-${randomUUID()}`
    const [host, port] = target.address.split(':')
    expect(await runClient('kafkajs', { job: 'admin', address: target.address, topic })).toEqual({
      created: true,
      createdAgain: false,
      isListed: true,
      cluster: expect.objectContaining({ brokers: [{ nodeId: expect.any(Number), host, port: Number(port) }] }),
      partitions: [0, 1],
      morePartitions: [0, 1, 2],
      offsets: [
        { partition: 0, offset: '3', high: '3', low: '0' },
        { partition: 1, offset: '0', high: '0', low: '0' },
        { partition: 2, offset: '0', high: '0', low: '0' },
      ],
      offsetsByTime: [
        { partition: 0, offset: '1' },
        { partition: 1, offset: '0' },
        { partition: 2, offset: '0' },
      ],
      offsetsAfterDelete: [
        { partition: 0, offset: '3', high: '3', low: '2' },
        { partition: 1, offset: '0', high: '0', low: '0' },
        { partition: 2, offset: '0', high: '0', low: '0' },
      ],
      retention: [['retention.ms', '3600000']],
      alteredRetention: [['retention.ms', '7200000']],
      isListedAfterDelete: false,
    })
  })

  test('its consumers share a topic in a group, commit, and go on where they were', { timeout: 60_000 }, async () => {
    const topic = `kafkajs-group-${randomUUID()}`
    await createTopic(target.address, topic, 2)
    await runClient('kafkajs', {
      job: 'produce',
      address: target.address,
      topic,
      codec: 'None',
      acks: -1,
      records: ONE,
    })
    expect(
      await runClient('kafkajs', {
        job: 'group',
        address: target.address,
        topic,
        groupId: `group-${topic}`,
        count: 40,
      }),
    ).toEqual({
      state: 'Stable',
      protocolType: 'consumer',
      members: 2,
      shared: [true, true],
      read: 41,
      committed: 41,
      afterwards: ['last'],
      left: 0,
    })
  })

  test('it consumes, transforms and produces in transactions', { timeout: 60_000 }, async () => {
    const values = ['one', 'two', 'three']
    const records = values.map(value => ({ key: null, value: Buffer.from(value).toString('base64'), headers: [] }))
    const topic = await produce({ codec: 'None', acks: -1, records })
    const output = `${topic}-out`
    await createTopic(target.address, output)
    const job = { job: 'transform', address: target.address, topic, output, groupId: topic, count: values.length }
    expect(await runClient('kafkajs', job)).toEqual({ values: ['one!', 'two!', 'three!'], committed: [values.length] })
  })
})
