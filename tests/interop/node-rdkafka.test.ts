/**
 * node-rdkafka (librdkafka), unmodified, against a broker: its producer with every codec, plain and idempotent, and its
 * consumer on an assigned partition and in a group.
 */
import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { encodedRecord, loadsForeignClient, runClient } from './foreign-client.js'
import { sampleRecords } from './sample-records.js'
import { createTopic, storedIn } from './stored-batches.js'
import { startTarget, type Target } from './target.js'

const CODECS = ['none', 'gzip', 'snappy', 'lz4', 'zstd']

let target: Target

describe.skipIf(!loadsForeignClient('node-rdkafka'))(
  'node-rdkafka (needs scripts/interop-install node-rdkafka under this Node)',
  () => {
    beforeAll(async () => {
      target = await startTarget()
    })

    afterAll(() => target.stop())

    test.each(CODECS)('%s: what it produces lies there as it was sent, and it reads it back', async codec => {
      const topic = await newTopic()
      const records = sampleRecords({ seed: `rdkafka ${codec}`, headers: 'text' }).map(encodedRecord)
      const offsets = await run('produce', topic, { settings: { 'compression.codec': codec }, records })
      expect(offsets).toEqual(records.map((_, index) => index))
      const stored = await storedIn(target.address, topic)
      expect(stored.codecs).toEqual([codec])
      expect(stored.records.map(encodedRecord)).toEqual(records)
      const consumed = await run('consume', topic, { offset: 0 })
      expect(consumed).toEqual(records.map((record, offset) => ({ offset, ...Object(record) })))
    })

    test('its consumers go on in a group where the last one committed', { timeout: 60_000 }, async () => {
      const topic = await newTopic()
      const groupId = `of-${topic}`
      const records = ['one', 'two', 'three'].map(text => ({ key: null, value: base64(text), headers: [] }))
      await run('produce', topic, { settings: {}, records })
      expect(await run('group', topic, { groupId, count: 2 })).toEqual({ values: ['one', 'two'], committed: [2] })
      expect(await run('group', topic, { groupId, count: 1 })).toEqual({ values: ['three'], committed: [3] })
    })

    test('its consumers of the consumer protocol go on where the last one committed', { timeout: 60_000 }, async () => {
      const topic = await newTopic()
      const groupId = `of-${topic}`
      const settings = { 'group.protocol': 'consumer' }
      const records = ['one', 'two', 'three'].map(text => ({ key: null, value: base64(text), headers: [] }))
      await run('produce', topic, { settings: {}, records })
      expect(await run('group', topic, { groupId, count: 2, settings })).toEqual({
        values: ['one', 'two'],
        committed: [2],
      })
      expect(await run('group', topic, { groupId, count: 1, settings })).toEqual({ values: ['three'], committed: [3] })
    })

    test.each([
      ['names its topic', (_topic: string) => undefined],
      ['has a pattern', (topic: string) => `^${topic.slice(0, -1)}.*`],
    ])(
      'a second consumer of the consumer protocol that %s gets its share in a moment',
      { timeout: 60_000 },
      async (_, patternFor) => {
        const topic = `rdkafka-shared-${randomUUID()}`
        await createTopic(target.address, topic, 4)
        const settings = { 'group.protocol': 'consumer' }
        const share = run('share', topic, {
          groupId: `of-${topic}`,
          partitions: 4,
          pattern: patternFor(topic),
          settings,
        })
        expect(await share).toEqual({ sharedMs: expect.toSatisfy((ms: number) => ms < 1500) })
      },
    )

    test('its idempotent producer keeps order over many small batches, and every record is there once', async () => {
      const topic = await newTopic()
      const records = sampleRecords({ seed: 'rdkafka idempotent', headers: 'text' }).map(encodedRecord)
      const settings = { 'enable.idempotence': true, 'batch.num.messages': 7 }
      await run('produce', topic, { settings, records })
      const stored = await storedIn(target.address, topic)
      expect(stored.producerIds).toHaveLength(1)
      expect(stored.records.map(encodedRecord)).toEqual(records)
    })

    test('reading starts in the middle of a batch, and small fetches get there too', async () => {
      const topic = await newTopic()
      const records = sampleRecords({ seed: 'rdkafka middle', headers: 'text' }).map(encodedRecord)
      await run('produce', topic, { settings: { 'compression.codec': 'zstd' }, records })
      const settings = { 'fetch.message.max.bytes': 1000, 'fetch.max.bytes': 1000, 'message.max.bytes': 1000 }
      expect(await run('consume', topic, { offset: 77, settings })).toEqual(
        records.slice(77).map((record, index) => ({ offset: 77 + index, ...Object(record) })),
      )
    })

    async function newTopic(): Promise<string> {
      const topic = `rdkafka-${randomUUID()}`
      await createTopic(target.address, topic)
      return topic
    }

    function run(job: string, topic: string, options: Readonly<Record<string, unknown>>): Promise<unknown> {
      return runClient('node-rdkafka', { job, address: target.address, topic, ...options })
    }
  },
)

function base64(text: string): string {
  return Buffer.from(text).toString('base64')
}
