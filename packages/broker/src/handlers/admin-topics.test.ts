import {
  createPartitions,
  createTopics,
  deleteTopics,
  describeTopicPartitions,
  metadata,
  ZERO_UUID,
} from '@samsa/protocol'
import { beforeEach, describe, expect, test } from 'vitest'
import { CLUSTER_ID, type TestAdmin, testAdmin } from './test-admin.js'

const UNKNOWN_ID = 'AAECAwQFBgcICQoLDA0ODw'
let admin: TestAdmin

beforeEach(() => {
  admin = testAdmin()
})

interface NewTopic {
  readonly numPartitions?: number
  readonly replicationFactor?: number
  readonly assignments?: readonly { partitionIndex: number; brokerIds: readonly number[] }[]
  readonly configs?: Readonly<Record<string, string | null>>
}

function newTopic(name: string, { configs = {}, ...rest }: NewTopic = {}) {
  const list = Object.entries(configs).map(([key, value]) => ({ name: key, value }))
  return { name, numPartitions: 1, replicationFactor: 1, assignments: [], ...rest, configs: list }
}

async function create(topics: ReturnType<typeof newTopic>[], validateOnly = false, version = 7) {
  return (await admin.ask(createTopics, { topics, timeoutMs: 1000, validateOnly }, version)).topics
}

/** The code and the sentence that a topic is refused with. */
async function refused(topic: NewTopic, name = 'orders') {
  const [answer] = await create([newTopic(name, topic)])
  return [answer?.errorCode, answer?.errorMessage]
}

/** Partition numbers of every topic in a cluster's image. */
const sizes = () =>
  Object.fromEntries([...admin.log.image.topics()].map(topic => [topic.name, topic.partitions.length]))

describe('CreateTopics', () => {
  test('makes a topic of the numbers asked for, and describes it', async () => {
    const [topic] = await create([newTopic('orders', { numPartitions: 3, configs: { 'retention.ms': '5' } })])
    const image = admin.log.image.topicByName('orders')
    expect(topic).toMatchObject({
      errorCode: 0,
      errorMessage: null,
      numPartitions: 3,
      replicationFactor: 1,
      topicId: image?.id,
    })
    expect(image?.partitions).toHaveLength(3)
    expect(image?.partitions[2]).toMatchObject({
      leader: 1,
      leaderEpoch: 0,
      partitionEpoch: 0,
      replicas: [1],
      isr: [1],
    })
    expect(topic?.configs).toHaveLength(33)
    expect(topic?.configs?.find(config => config.name === 'retention.ms')).toMatchObject({
      value: '5',
      configSource: 1,
    })
    expect(admin.configs.logConfig('orders').retentionMs).toBe(5)
  })

  test('takes the defaults of the broker for numbers that are not given', async () => {
    admin = testAdmin({ 'num.partitions': '4' })
    expect(await create([newTopic('orders', { numPartitions: -1, replicationFactor: -1 })])).toMatchObject([
      { numPartitions: 4, replicationFactor: 1 },
    ])
  })

  test('refuses more replicas than brokers, also when that is the default', async () => {
    admin = testAdmin({ 'default.replication.factor': '3' })
    const [code, text] = await refused({ replicationFactor: -1 })
    expect(code).toBe(38)
    expect(text).toContain(
      'The target replication factor of 3 cannot be reached because only 1 broker(s) are registered',
    )
  })

  test.each([
    [{ numPartitions: 0 }, 37, 'Number of partitions was set to an invalid non-positive value.'],
    [{ numPartitions: -2 }, 37, 'Number of partitions was set to an invalid non-positive value.'],
    [{ replicationFactor: 0 }, 38, 'Replication factor must be larger than 0, or -1 to use the default value.'],
    [
      { numPartitions: 0, replicationFactor: 0 },
      38,
      'Replication factor must be larger than 0, or -1 to use the default value.',
    ],
    [{ numPartitions: 20_000 }, 44, 'Excessively large number of partitions per request.'],
    [{ configs: { nope: 'x' } }, 40, 'Unknown topic config name: nope'],
    [{ configs: { 'retention.ms': null } }, 40, 'Null value not supported for topic configs: retention.ms'],
    [{ configs: { nope: 'x' }, numPartitions: 0 }, 40, 'Unknown topic config name: nope'],
  ])('refuses %j with %i', async (topic, code, text) => {
    expect(await refused(topic)).toEqual([code, text])
    expect(sizes()).toEqual({})
  })

  test.each([
    ['', 17, 'Topic name is invalid: the empty string is not allowed'],
    ['..', 17, "Topic name is invalid: '..' is not allowed"],
    [
      'a b',
      17,
      "Topic name is invalid: 'a b' contains one or more characters other than ASCII alphanumerics, '.', '_' and '-'",
    ],
    [
      'x'.repeat(250),
      17,
      `Topic name is invalid: the length of '${'x'.repeat(250)}' is longer than the max allowed length 249`,
    ],
    ['a_b', 17, "Topic 'a_b' collides with existing topic: a.b"],
    ['a.b', 36, "Topic 'a.b' already exists."],
    ['__cluster_metadata', 42, 'Creation of internal topic __cluster_metadata is prohibited.'],
  ])("refuses the name '%s' with %i", async (name, code, text) => {
    await create([newTopic('a.b')])
    expect(await refused({}, name)).toEqual([code, text])
    expect(sizes()).toEqual({ 'a.b': 1 })
  })

  test.each([
    [
      { assignments: [[0, [1]]] },
      42,
      'A manual partition assignment was specified, but replication factor was not set to -1.',
    ],
    [
      { replicationFactor: -1, assignments: [[0, [1]]] },
      42,
      'A manual partition assignment was specified, but numPartitions was not set to -1.',
    ],
    [
      {
        both: true,
        assignments: [
          [0, [1]],
          [0, [1]],
        ],
      },
      39,
      'Found multiple manual partition assignments for partition 0',
    ],
    [
      {
        both: true,
        assignments: [
          [0, [1]],
          [2, [1]],
        ],
      },
      39,
      'partitions should be a consecutive 0-based integer sequence',
    ],
    [
      { both: true, assignments: [[0, [1, 1]]] },
      39,
      'The manual partition assignment includes the broker 1 more than once.',
    ],
    [
      { both: true, assignments: [[0, [1, 7]]] },
      39,
      'The manual partition assignment includes broker 7, but no such broker is registered.',
    ],
    [{ both: true, assignments: [[0, []]] }, 39, 'The manual partition assignment includes an empty replica list.'],
  ] as const)('refuses the placement %j with %i', async ({ assignments, ...rest }, code, text) => {
    const numbers = 'both' in rest ? { numPartitions: -1, replicationFactor: -1 } : rest
    const placed = assignments.map(([partitionIndex, brokerIds]) => ({ partitionIndex, brokerIds }))
    expect(await refused({ ...numbers, assignments: placed })).toEqual([code, text])
  })

  test('places replicas by hand', async () => {
    const assignments = [1, 0].map(partitionIndex => ({ partitionIndex, brokerIds: [1] }))
    await create([newTopic('orders', { numPartitions: -1, replicationFactor: -1, assignments })])
    expect(sizes()).toEqual({ orders: 2 })
  })

  test('judges each topic on its own, and names that stand twice last', async () => {
    const topics = [newTopic('dup'), newTopic('good'), newTopic('dup'), newTopic('bad name'), newTopic('also-good')]
    expect((await create(topics)).map(topic => [topic.name, topic.errorCode])).toEqual([
      ['good', 0],
      ['bad name', 17],
      ['also-good', 0],
      ['dup', 42],
    ])
    expect(sizes()).toEqual({ good: 1, 'also-good': 1 })
  })

  test('validates without creating', async () => {
    const before = admin.log.endOffset
    const [topic] = await create([newTopic('orders', { numPartitions: 2 })], true)
    expect(topic).toMatchObject({ errorCode: 0, numPartitions: 2 })
    expect([sizes(), admin.log.endOffset]).toEqual([{}, before])
  })

  test.each([2, 3, 4, 5, 6, 7])('answers in version %i', async version => {
    expect(await create([newTopic('orders')], false, version)).toMatchObject([{ name: 'orders', errorCode: 0 }])
  })

  test('answers only when what it tells is durable', async () => {
    let release = () => {}
    const durable = new Promise<void>(resolve => {
      release = resolve
    })
    admin = testAdmin({}, () => durable)
    const order: string[] = []
    const answered = create([newTopic('orders')]).then(() => order.push('answered'))
    await Promise.resolve()
    order.push('durable')
    release()
    await answered
    expect(order).toEqual(['durable', 'answered'])
  })

  test('a topic made again has another id', async () => {
    const [first] = await create([newTopic('orders')])
    await admin.ask(deleteTopics, { topicNames: ['orders'], timeoutMs: 1000 }, 5)
    const [second] = await create([newTopic('orders')])
    expect(second?.errorCode).toBe(0)
    expect(second?.topicId).not.toBe(first?.topicId)
  })
})

describe('DeleteTopics', () => {
  const remove = async (topics: readonly { name: string | null; topicId: string }[]) =>
    (await admin.ask(deleteTopics, { topics, timeoutMs: 1000 }, 6)).responses

  test.each([1, 2, 3, 4, 5])('takes names in version %i', async version => {
    await create([newTopic('a'), newTopic('b')])
    const request = { topicNames: ['b', 'nope'], timeoutMs: 1000 }
    const { responses } = await admin.ask(deleteTopics, request, version)
    expect(responses.map(each => [each.name, each.errorCode])).toEqual([
      ['b', 0],
      ['nope', 3],
    ])
    expect(sizes()).toEqual({ a: 1 })
  })

  test('takes names and ids, and refuses what contradicts itself', async () => {
    const [a, b, c] = await create([newTopic('a'), newTopic('b'), newTopic('c')])
    const [idA = '', idB = '', idC = ''] = [a?.topicId, b?.topicId, c?.topicId]
    const responses = await remove([
      { name: null, topicId: idA },
      { name: 'b', topicId: ZERO_UUID },
      { name: null, topicId: idB },
      { name: null, topicId: UNKNOWN_ID },
      { name: 'x', topicId: UNKNOWN_ID },
      { name: null, topicId: ZERO_UUID },
      { name: null, topicId: idC },
      { name: null, topicId: idC },
    ])
    expect(
      responses.map(({ name, topicId, errorCode, errorMessage }) => [name, topicId, errorCode, errorMessage]),
    ).toEqual([
      ['a', idA, 0, null],
      ['b', idB, 42, 'The provided topic name maps to an ID that was already supplied.'],
      [null, UNKNOWN_ID, 100, 'This server does not host this topic ID.'],
      ['x', UNKNOWN_ID, 42, 'You may not specify both topic name and topic id.'],
      [null, ZERO_UUID, 42, 'Neither topic name nor id were specified.'],
      [null, idC, 42, 'Duplicate topic id.'],
    ])
    expect(sizes()).toEqual({ b: 1, c: 1 })
  })

  test('a name that counts for nothing does not stand in the way of an id, nor the other way round', async () => {
    const [a, b, c] = await create([newTopic('a'), newTopic('b'), newTopic('c')])
    const [idA = '', idB = '', idC = ''] = [a?.topicId, b?.topicId, c?.topicId]
    const named = (name: string) => ({ name, topicId: ZERO_UUID })
    const byId = (topicId: string) => ({ name: null, topicId })
    const told = (responses: Awaited<ReturnType<typeof remove>>) =>
      responses.map(({ name, topicId, errorCode }) => [name, topicId, errorCode])
    const contradiction = { name: 'a', topicId: idA }
    expect(told(await remove([named('a'), contradiction, byId(idA), named('a')]))).toEqual([
      ['a', ZERO_UUID, 42],
      ['a', idA, 42],
      ['a', idA, 0],
    ])
    const both = { name: 'b', topicId: idB }
    expect(told(await remove([both, both, named('b')]))).toEqual([
      ['b', idB, 42],
      ['b', idB, 42],
      ['b', idB, 0],
    ])
    expect(told(await remove([byId(ZERO_UUID), named('')]))).toEqual([
      [null, ZERO_UUID, 42],
      ['', ZERO_UUID, 3],
    ])
    expect(told(await remove([byId(idC), named('c'), byId(idC)]))).toEqual([
      [null, idC, 42],
      ['c', idC, 42],
    ])
  })

  test('is refused where it is turned off, in words that the version knows', async () => {
    admin = testAdmin({ 'delete.topic.enable': 'false' })
    await create([newTopic('a')])
    const codeIn = async (version: number) =>
      (await admin.ask(deleteTopics, { topicNames: ['a'], timeoutMs: 1000 }, version)).responses[0]?.errorCode
    expect([await codeIn(2), await codeIn(3)]).toEqual([42, 73])
    expect(sizes()).toEqual({ a: 1 })
  })
})

describe('CreatePartitions', () => {
  const grow = async (
    name: string,
    count: number,
    assignments: readonly number[][] | null = null,
    validateOnly = false,
  ) => {
    const topics = [{ name, count, assignments: assignments?.map(brokerIds => ({ brokerIds })) ?? null }]
    const { results } = await admin.ask(createPartitions, { topics, timeoutMs: 1000, validateOnly }, 3)
    return [results[0]?.errorCode, results[0]?.errorMessage]
  }

  test.each([0, 1, 2, 3])('adds partitions behind those that are there, in version %i', async version => {
    await create([newTopic('a')])
    const request = { topics: [{ name: 'a', count: 3, assignments: null }], timeoutMs: 1000, validateOnly: false }
    const { results } = await admin.ask(createPartitions, request, version)
    expect(results).toMatchObject([{ name: 'a', errorCode: 0 }])
    expect(admin.log.image.topicByName('a')?.partitions.map(partition => partition.index)).toEqual([0, 1, 2])
  })

  test.each([
    ['zzz', 5, null, 3, null],
    ['a', 2, null, 37, 'Topic already has 2 partition(s).'],
    ['a', 1, null, 37, 'The topic a currently has 2 partition(s); 1 would not be an increase.'],
    ['a', 4, [[1]], 39, 'Attempted to add 2 additional partition(s), but only 1 assignment(s) were specified.'],
    ['a', 3, [[7]], 39, 'The manual partition assignment includes broker 7, but no such broker is registered.'],
    ['a', 3, [[1, 1]], 39, 'The manual partition assignment includes the broker 1 more than once.'],
    ['a', 20_000, null, 44, 'Excessively large number of partitions per request.'],
  ])('refuses %s to %i partitions placed %j with %i', async (name, count, assignments, code, text) => {
    await create([newTopic('a', { numPartitions: 2 })])
    expect(await grow(name, count, assignments)).toEqual([code, text])
    expect(sizes()).toEqual({ a: 2 })
  })

  test('validates without adding', async () => {
    await create([newTopic('a')])
    expect(await grow('a', 2, [[1]], true)).toEqual([0, null])
    expect(sizes()).toEqual({ a: 1 })
    await grow('a', 2, [[1]])
    expect(sizes()).toEqual({ a: 2 })
  })
})

describe('Metadata', () => {
  const named = (...names: string[]) => names.map(name => ({ name }))

  test.each([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13])(
    'tells brokers and partitions in version %i',
    async version => {
      const [made] = await create([newTopic('a', { numPartitions: 2 })])
      const answer = await admin.ask(metadata, { topics: named('a') }, version)
      expect(answer.brokers).toMatchObject([{ nodeId: 1, host: '127.0.0.1', port: 9092, rack: null }])
      expect(answer.controllerId).toBe(version === 0 ? -1 : 1)
      expect(answer.clusterId).toBe(version < 2 ? null : CLUSTER_ID)
      expect(answer.topics).toHaveLength(1)
      expect(answer.topics[0]).toMatchObject({
        errorCode: 0,
        name: 'a',
        topicId: version < 10 ? ZERO_UUID : made?.topicId,
      })
      expect(answer.topics[0]?.partitions[1]).toMatchObject({
        partitionIndex: 1,
        leaderId: 1,
        leaderEpoch: version < 7 ? -1 : 0,
        isrNodes: [1],
      })
    },
  )

  test('null is all topics, none is none, and in version 0 none is all', async () => {
    await create([newTopic('a'), newTopic('b')])
    const names = async (topics: readonly { name: string }[] | null, version: number) =>
      (await admin.ask(metadata, { topics }, version)).topics.map(topic => topic.name)
    expect([await names(null, 1), await names(null, 13), await names([], 13), await names([], 0)]).toEqual([
      ['a', 'b'],
      ['a', 'b'],
      [],
      ['a', 'b'],
    ])
  })

  test('names what is unknown, impossible or internal', async () => {
    const asked = named('zzz', 'bad name', '', '__consumer_offsets', 'zzz')
    const { topics } = await admin.ask(metadata, { topics: asked, allowAutoTopicCreation: false }, 9)
    expect(topics.map(({ name, errorCode, isInternal }) => [name, errorCode, isInternal])).toEqual([
      ['zzz', 3, false],
      ['bad name', 17, false],
      ['', 17, false],
      ['__consumer_offsets', 3, true],
    ])
  })

  test('finds topics by id from version 12 on, and then by id alone', async () => {
    const [made] = await create([newTopic('a'), newTopic('b')])
    const topics = [{ name: null, topicId: made?.topicId ?? '' }, { name: null, topicId: UNKNOWN_ID }, { name: 'b' }]
    const answer = await admin.ask(metadata, { topics }, 12)
    expect(answer.topics.map(({ name, topicId, errorCode }) => [name, topicId, errorCode])).toEqual([
      ['a', made?.topicId, 0],
      [null, UNKNOWN_ID, 100],
    ])
    const early = await admin.ask(metadata, { topics: [{ name: 'a', topicId: UNKNOWN_ID }] }, 10)
    expect(early).toMatchObject({
      brokers: [],
      clusterId: null,
      controllerId: -1,
      topics: [{ errorCode: 42, topicId: UNKNOWN_ID }],
    })
  })

  test('tells what the caller may do only when asked', async () => {
    await create([newTopic('a')])
    const asked = {
      topics: named('a'),
      includeTopicAuthorizedOperations: true,
      includeClusterAuthorizedOperations: true,
    }
    expect(await admin.ask(metadata, asked, 8)).toMatchObject({
      clusterAuthorizedOperations: 8096,
      topics: [{ topicAuthorizedOperations: 3576 }],
    })
    expect(await admin.ask(metadata, { topics: named('a') }, 8)).toMatchObject({
      clusterAuthorizedOperations: -2147483648,
      topics: [{ topicAuthorizedOperations: -2147483648 }],
    })
  })

  describe('of a topic that is not there', () => {
    const codes = async (names: string[], allowAutoTopicCreation = true) =>
      (await admin.ask(metadata, { topics: named(...names), allowAutoTopicCreation }, 9)).topics.map(
        topic => topic.errorCode,
      )

    test('creates it, and says so the second time', async () => {
      admin = testAdmin({ 'num.partitions': '2' })
      expect(await codes(['auto'])).toEqual([3])
      expect(sizes()).toEqual({ auto: 2 })
      expect(await codes(['auto'])).toEqual([0])
    })

    test('creates it for a client too old to say', async () => {
      await admin.ask(metadata, { topics: named('auto') }, 3)
      expect(sizes()).toEqual({ auto: 1 })
    })

    test('creates nothing when client or broker say no, nor names that cannot be, nor internal topics', async () => {
      expect(await codes(['auto'], false)).toEqual([3])
      await create([newTopic('a.b')])
      expect(await codes(['a_b', 'bad name', '__transaction_state'])).toEqual([3, 17, 3])
      expect(sizes()).toEqual({ 'a.b': 1 })
      admin = testAdmin({ 'auto.create.topics.enable': 'false' })
      expect(await codes(['auto'])).toEqual([3])
      expect(sizes()).toEqual({})
    })
  })
})

describe('DescribeTopicPartitions', () => {
  const page = async (
    names: string[],
    limit: number,
    cursor: { topicName: string; partitionIndex: number } | null = null,
  ) => {
    const topics = names.map(name => ({ name }))
    const answer = await admin.ask(describeTopicPartitions, { topics, responsePartitionLimit: limit, cursor }, 0)
    const next = answer.nextCursor
    const told = answer.topics.map(({ name, errorCode, partitions }) =>
      errorCode === 0 ? `${name}:${partitions.map(each => each.partitionIndex)}` : `${name}!${errorCode}`,
    )
    return [told, next === null ? null : `${next.topicName}:${next.partitionIndex}`]
  }

  beforeEach(async () => {
    await create([newTopic('b', { numPartitions: 2 }), newTopic('a', { numPartitions: 3 })])
  })

  test('tells topics by name, each once', async () => {
    expect(await page(['b', 'zzz', 'a', 'b', 'bad name'], 2000)).toEqual([
      ['a:0,1,2', 'b:0,1', 'bad name!17', 'zzz!3'],
      null,
    ])
    expect(await page([], 2000)).toEqual([['a:0,1,2', 'b:0,1'], null])
  })

  test('goes on page by page', async () => {
    expect(await page([], 2)).toEqual([['a:0,1'], 'a:2'])
    expect(await page([], 2, { topicName: 'a', partitionIndex: 2 })).toEqual([['a:2', 'b:0'], 'b:1'])
    expect(await page([], 2, { topicName: 'b', partitionIndex: 1 })).toEqual([['b:1'], null])
    expect(await page(['a', 'b', 'zzz'], 3)).toEqual([['a:0,1,2'], 'b:0'])
    expect(await page(['a'], 0)).toEqual([['a:0'], 'a:1'])
  })

  test('never tells more than the broker allows', async () => {
    admin = testAdmin({ 'max.request.partition.size.limit': '1' })
    await create([newTopic('a', { numPartitions: 3 })])
    expect(await page([], 2000)).toEqual([['a:0'], 'a:1'])
  })

  test('refuses a cursor that is not among the topics, or before all partitions', async () => {
    expect(await page(['a', 'b'], 5, { topicName: 'aa', partitionIndex: 0 })).toEqual([['a!42', 'b!42'], null])
    expect(await page(['a', 'a'], 5, { topicName: 'a', partitionIndex: -1 })).toEqual([['a!42', 'a!42'], null])
    expect(await page(['a', 'b'], 5, { topicName: 'a', partitionIndex: 9 })).toEqual([['a:', 'b:0,1'], null])
  })
})
