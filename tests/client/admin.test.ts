import { Admin, Client, TopicsError } from '@samsa/client'
import { ZERO_UUID } from '@samsa/protocol'
import { describe, expect, test } from 'vitest'
import { startCluster } from './test-cluster.js'

async function failure(promise: Promise<unknown>): Promise<TopicsError> {
  const error = await promise.then(
    () => new Error('it did not fail'),
    (reason: unknown) => reason,
  )
  if (error instanceof TopicsError) return error
  throw error
}

describe('an admin', () => {
  test('makes topics as they are asked for, and describes them', async () => {
    await using cluster = await startCluster('memory')
    await using admin = new Admin(cluster.options)
    const made = await admin.createTopics([
      { name: 'orders', partitions: 3, configs: { 'retention.ms': '1000' } },
      { name: 'placed', assignments: [[1], [1]] },
    ])
    expect(made).toMatchObject([
      { name: 'orders', partitions: 3, replicationFactor: 1 },
      { name: 'placed', partitions: 2, replicationFactor: 1 },
    ])
    expect(made[0]?.id).not.toBe(ZERO_UUID)
    const described = await admin.describeTopics(['placed', 'orders', 'placed'])
    expect(described.map(({ name, partitions, id }) => [name, partitions.length, id])).toEqual([
      ['placed', 2, made[1]?.id],
      ['orders', 3, made[0]?.id],
    ])
    expect((await admin.listTopics()).map(({ name }) => name).sort()).toEqual(['orders', 'placed'])
  })

  test('only looks whether topics can be made, where that is asked', async () => {
    await using cluster = await startCluster('memory')
    await using admin = new Admin(cluster.options)
    await admin.createTopics([{ name: 'orders' }], { validateOnly: true })
    expect(await admin.listTopics()).toEqual([])
    const wrong = await failure(admin.createTopics([{ name: 'no/such' }], { validateOnly: true }))
    expect(wrong).toMatchObject({ code: 'INVALID_TOPIC_EXCEPTION', topic: 'no/such', retriable: false })
  })

  test('says of each topic what went wrong, and does the others', async () => {
    await using cluster = await startCluster('memory', { topics: { there: { partitions: 1 } } })
    await using admin = new Admin(cluster.options)
    const error = await failure(
      admin.createTopics([{ name: 'there' }, { name: 'fine' }, { name: 'huge', replicationFactor: 9 }]),
    )
    expect([...error.errors].map(([name, each]) => [name, each.code, each.topic])).toEqual([
      ['there', 'TOPIC_ALREADY_EXISTS', 'there'],
      ['huge', 'INVALID_REPLICATION_FACTOR', 'huge'],
    ])
    expect(error).toMatchObject({ code: 'TOPIC_ALREADY_EXISTS', api: 'CreateTopics' })
    expect(error.succeeded).toMatchObject([{ name: 'fine' }])
    expect(error.message).toContain('huge: ')
    expect((await failure(admin.deleteTopics(['fine', 'gone']))).errors.get('gone')?.code).toBe(
      'UNKNOWN_TOPIC_OR_PARTITION',
    )
    expect((await admin.listTopics()).map(({ name }) => name)).toEqual(['there'])
  })

  test('never makes a topic by asking for it', async () => {
    await using cluster = await startCluster('memory', { properties: { 'auto.create.topics.enable': 'true' } })
    await using admin = new Admin(cluster.options)
    const error = await failure(admin.describeTopics(['not-there']))
    expect(error.errors.get('not-there')).toMatchObject({ code: 'UNKNOWN_TOPIC_OR_PARTITION' })
    expect(await admin.listTopics()).toEqual([])
  })

  test('is ended by a signal, and by its time', async () => {
    await using admin = new Admin({ bootstrapServers: '127.0.0.1:1', retryBackoffMs: 1, reconnectBackoffMs: 1 })
    const controller = new AbortController()
    const waiting = admin.listTopics({ signal: controller.signal })
    controller.abort(new Error('enough'))
    await expect(waiting).rejects.toBe(controller.signal.reason)
    const late = admin.describeCluster({ timeoutMs: 50 })
    await expect(late).rejects.toMatchObject({ code: 'REQUEST_TIMED_OUT', retriable: true })
  })

  test('leaves a client open that it was given, and closes its own', async () => {
    await using cluster = await startCluster('memory')
    await using client = new Client(cluster.options)
    const shared = new Admin({ client })
    await shared.close()
    expect(await shared.listTopics()).toEqual([])
    const own = new Admin(cluster.options)
    await own.close()
    await expect(own.listTopics()).rejects.toMatchObject({ code: 'CLIENT_CLOSED' })
  })
})
