/**
 * Produce as clients see it, over the codec of every version.
 */
import { deleteTopics, fetch, initProducerId, produce, type Uuid, ZERO_UUID } from '@samsa/protocol'
import { describe, expect, test } from 'vitest'
import { codeOf } from '../cluster/partitions.js'
import { faulty } from '../log/test-log.js'
import { MemoryFileSystem } from '../storage/memory.js'
import { batchOf, NOW_MS, startBroker, type TestClient, valuesIn, versionsOf } from './test-broker.js'

type Topic = { readonly name: string; readonly topicId: Uuid }

async function send(
  client: TestClient,
  { name, topicId }: Topic,
  batches: readonly (Uint8Array | null)[],
  { version = 12, acks = -1 }: { version?: number; acks?: number } = {},
) {
  const by = version >= 13 ? { topicId } : { name }
  const partitionData = batches.map((records, index) => ({ index, records }))
  const request = { acks, timeoutMs: 1000, topicData: [{ ...by, partitionData }] }
  const { responses } = await client.request(produce, version, request)
  return responses[0]?.partitionResponses ?? []
}

async function read(client: TestClient, name: string, partition = 0): Promise<string[]> {
  const partitions = [{ partition, fetchOffset: 0n, partitionMaxBytes: 1_000_000 }]
  const request = { maxWaitMs: 0, minBytes: 0, topics: [{ topic: name, partitions }], rackId: '' }
  const { responses } = await client.request(fetch, 12, request)
  return valuesIn(responses[0]?.partitions[0]?.records ?? null)
}

describe('produce', () => {
  test.each(versionsOf(3, 13))('version %d: what is taken and what is refused have an answer', async version => {
    const { client, createTopic, broker } = await startBroker()
    const topic = { name: 'events', topicId: await createTopic('events', 2) }
    expect(await send(client, topic, [batchOf(['a', 'b'])], { version })).toMatchObject([
      { index: 0, errorCode: 0, baseOffset: 0n, logAppendTimeMs: -1n },
    ])
    const damaged = batchOf(['c'])
    damaged.writeUInt8(damaged.readUInt8(30) ^ 1, 30)
    const answers = await send(client, topic, [damaged, null, batchOf(['d'])], { version })
    expect(answers.map(each => each.errorCode)).toEqual([
      codeOf('CORRUPT_MESSAGE'),
      codeOf('INVALID_RECORD'),
      codeOf('UNKNOWN_TOPIC_OR_PARTITION'),
    ])
    const unknown = { name: 'nobody', topicId: ZERO_UUID }
    const code = version >= 13 ? 'UNKNOWN_TOPIC_ID' : 'UNKNOWN_TOPIC_OR_PARTITION'
    expect(await send(client, unknown, [batchOf(['e'])], { version })).toMatchObject([{ errorCode: codeOf(code) }])
    expect(await read(client, 'events')).toEqual(['0=a', '1=b'])
    await broker.close()
  })

  test.each(versionsOf(3, 13))('version %d: a log that stamps its records says when', async version => {
    const { client, createTopic, clock, broker } = await startBroker()
    const configs = { 'message.timestamp.type': 'LogAppendTime' }
    const topic = { name: 'stamped', topicId: await createTopic('stamped', 1, configs) }
    await clock.advance(1234)
    const answers = await send(client, topic, [batchOf(['a'])], { version })
    expect(answers).toMatchObject([{ errorCode: 0, logAppendTimeMs: BigInt(NOW_MS + 1234) }])
    await broker.close()
  })

  test('acks that mean nothing are refused', async () => {
    const { client, createTopic, broker } = await startBroker()
    const topic = { name: 'events', topicId: await createTopic('events') }
    for (const acks of [-2, 2]) {
      const [answer] = await send(client, topic, [batchOf(['a'])], { acks })
      expect(answer?.errorCode).toBe(codeOf('INVALID_REQUIRED_ACKS'))
    }
    expect(await read(client, 'events')).toEqual([])
    await broker.close()
  })

  test('what is wrong with topic and batch is told before acks that mean nothing', async () => {
    const { client, createTopic, broker } = await startBroker()
    const topic = { name: 'events', topicId: await createTopic('events') }
    const twoBatches = Buffer.concat([batchOf(['a']), batchOf(['b'])])
    const noCodec = batchOf(['d'])
    noCodec.writeInt16BE(7, 21)
    const [answer] = await send(client, topic, [noCodec], { acks: 2 })
    expect(answer?.errorCode).toBe(codeOf('INVALID_REQUIRED_ACKS'))
    const answers = await send(client, topic, [twoBatches, batchOf(['c'])], { acks: 2 })
    expect(answers.map(each => each.errorCode)).toEqual([
      codeOf('INVALID_RECORD'),
      codeOf('UNKNOWN_TOPIC_OR_PARTITION'),
    ])
    await broker.close()
  })

  test('a batch whose length cannot be spoils the whole request', async () => {
    const { client, createTopic, broker } = await startBroker()
    const topic = { name: 'events', topicId: await createTopic('events', 2) }
    const broken = batchOf(['a'])
    broken.writeInt32BE(10, 8)
    const answers = await send(client, topic, [batchOf(['b']), broken])
    expect(answers.map(each => each.errorCode)).toEqual([codeOf('CORRUPT_MESSAGE'), codeOf('CORRUPT_MESSAGE')])
    expect(await read(client, 'events')).toEqual([])
    await broker.close()
  })

  test('where the log starts is told of what the log refused, not of what never came to it', async () => {
    const { client, createTopic, broker } = await startBroker()
    const topic = { name: 'events', topicId: await createTopic('events', 4, { 'max.message.bytes': '200' }) }
    const damaged = batchOf(['a'])
    damaged.writeUInt8(damaged.readUInt8(30) ^ 1, 30)
    const gap = { producer: { producerId: 5, producerEpoch: 0, baseSequence: 3 } }
    await send(client, topic, [batchOf(['a'], { producer: { ...gap.producer, baseSequence: 0 } })])
    const sent = [
      batchOf(['b'], gap),
      damaged,
      batchOf(['x'.repeat(300)]),
      Buffer.concat([batchOf(['a']), batchOf(['b'])]),
    ]
    expect((await send(client, topic, sent)).map(each => [each.errorCode, each.logStartOffset])).toEqual([
      [codeOf('OUT_OF_ORDER_SEQUENCE_NUMBER'), 0n],
      [codeOf('CORRUPT_MESSAGE'), -1n],
      [codeOf('MESSAGE_TOO_LARGE'), -1n],
      [codeOf('INVALID_RECORD'), -1n],
    ])
    await broker.close()
  })

  test('a topic without a name is unknown by its name, where there are no ids', async () => {
    const { client, broker } = await startBroker()
    const topic = { name: '', topicId: ZERO_UUID }
    const codes = [12, 13].map(
      async version => (await send(client, topic, [batchOf(['a'])], { version }))[0]?.errorCode,
    )
    expect(await Promise.all(codes)).toEqual([codeOf('UNKNOWN_TOPIC_OR_PARTITION'), codeOf('UNKNOWN_TOPIC_ID')])
    await broker.close()
  })

  test('acks 0 has no answer and does not hold up the next; when it fails, the connection is closed', async () => {
    const { client, createTopic, connect, broker } = await startBroker()
    const topic = { name: 'events', topicId: await createTopic('events') }
    const silent = (name: string): void =>
      client.send(produce, 12, {
        acks: 0,
        timeoutMs: 0,
        topicData: [{ name, partitionData: [{ index: 0, records: batchOf(['silent']) }] }],
      })
    silent('events')
    expect(await send(client, topic, [batchOf(['loud'])])).toMatchObject([{ errorCode: 0, baseOffset: 1n }])
    silent('nobody')
    await expect(send(client, topic, [batchOf(['late'])])).rejects.toThrow('closed the connection')
    expect(await read(connect(), 'events')).toEqual(['0=silent', '1=loud'])
    await broker.close()
  })

  test('requests that wait for the disk are written in their order and answered in it', async () => {
    const { client, createTopic, broker } = await startBroker({ flush: 'always' })
    const topic = { name: 'events', topicId: await createTopic('events') }
    const values = ['a', 'b', 'c', 'd']
    const answers = await Promise.all(values.map(value => send(client, topic, [batchOf([value])])))
    expect(answers.map(([each]) => each?.baseOffset)).toEqual([0n, 1n, 2n, 3n])
    expect(await read(client, 'events')).toEqual(['0=a', '1=b', '2=c', '3=d'])
    await broker.close()
  })

  test('a disk that fails under one partition fails only its answer', async () => {
    let isBroken = false
    const fault = (operation: string, path: string): boolean =>
      isBroken && operation === 'sync' && path.includes('/events-1/')
    const fileSystem = faulty(new MemoryFileSystem(), fault)
    const { client, createTopic, broker } = await startBroker({ fileSystem, flush: 'always' })
    const topic = { name: 'events', topicId: await createTopic('events', 3) }
    isBroken = true
    const batches = [batchOf(['a']), batchOf(['b']), batchOf(['c'])]
    expect(await send(client, topic, batches)).toMatchObject([
      { index: 0, errorCode: 0, baseOffset: 0n },
      { index: 1, errorCode: codeOf('KAFKA_STORAGE_ERROR'), baseOffset: -1n },
      { index: 2, errorCode: 0, baseOffset: 0n },
    ])
    expect(await send(client, topic, [null, batchOf(['d'])])).toMatchObject([
      {},
      { errorCode: codeOf('KAFKA_STORAGE_ERROR') },
    ])
    await broker.close()
  })

  test('a topic that is deleted while its batch waits for the disk leaves no one waiting', async () => {
    const { client, createTopic, connect, broker } = await startBroker({ flush: 'always' })
    const topic = { name: 'events', topicId: await createTopic('events') }
    const sent = send(client, topic, [batchOf(['a'])])
    const deleted = connect().request(deleteTopics, 6, {
      topics: [{ name: 'events', topicId: ZERO_UUID }],
      timeoutMs: 1000,
    })
    expect((await deleted).responses[0]?.errorCode).toBe(0)
    expect([0, codeOf('KAFKA_STORAGE_ERROR')]).toContain((await sent)[0]?.errorCode)
    expect((await send(client, topic, [batchOf(['b'])]))[0]?.errorCode).toBe(codeOf('UNKNOWN_TOPIC_OR_PARTITION'))
    await broker.close()
  })

  test('a batch of a transaction that nobody coordinates is refused: nothing could end it', async () => {
    const { client, createTopic, broker } = await startBroker()
    const topic = { name: 'events', topicId: await createTopic('events') }
    const producer = { producerId: 1, producerEpoch: 0, baseSequence: 0 }
    const records = batchOf(['a'], { producer, isTransactional: true })
    const topicData = [{ name: 'events', partitionData: [{ index: 0, records }] }]
    const request = { transactionalId: 'payments', acks: -1, timeoutMs: 1000, topicData }
    const { responses } = await client.request(produce, 12, request)
    expect(responses[0]?.partitionResponses[0]?.errorCode).toBe(codeOf('NOT_ENOUGH_REPLICAS'))
    const unnamed = await send(client, topic, [records, batchOf(['b'])])
    const refused = codeOf('TRANSACTIONAL_ID_AUTHORIZATION_FAILED')
    expect(unnamed.map(each => each.errorCode)).toEqual([refused, refused])
    expect(await read(client, 'events')).toEqual([])
    await broker.close()
  })

  test('a batch that came before gets its first offset; one that is ahead is refused', async () => {
    const { client, createTopic, broker } = await startBroker()
    const topic = { name: 'events', topicId: await createTopic('events') }
    const { producerId, producerEpoch } = await client.request(initProducerId, 5, {
      transactionalId: null,
      transactionTimeoutMs: 0,
    })
    const batch = (baseSequence: number, value: string): Buffer =>
      batchOf([value], { producer: { producerId: Number(producerId), producerEpoch, baseSequence } })
    expect(await send(client, topic, [batch(0, 'a')])).toMatchObject([{ errorCode: 0, baseOffset: 0n }])
    expect(await send(client, topic, [batch(1, 'b')])).toMatchObject([{ errorCode: 0, baseOffset: 1n }])
    expect(await send(client, topic, [batch(0, 'a')])).toMatchObject([{ errorCode: 0, baseOffset: 0n }])
    expect((await send(client, topic, [batch(5, 'f')]))[0]?.errorCode).toBe(codeOf('OUT_OF_ORDER_SEQUENCE_NUMBER'))
    expect(await read(client, 'events')).toEqual(['0=a', '1=b'])
    await broker.close()
  })
})
